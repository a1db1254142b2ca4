/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses of interfaces and the link-level one (kpi-ifnet.md sections 7 and 10).
 */

#include <interface_internal.h>

#include <panic.h>

#include <net/if_dl.h>
#include <net/net_kev.h>

void
ksim_interface_address_initialize(ifaddr_t address, ifnet_t interface, sa_family_t family,
                                  void (*destroy)(ifaddr_t))
{
    machine_fill(address, 0, sizeof(*address));
    address->interface = interface;
    address->family = family;
    address->destroy = destroy;
    address->references = 1;
}

void
ksim_interface_address_link(ifaddr_t address)
{
    ifnet_t interface = address->interface;
    struct __ifaddr **tail;

    ksim_interface_lock_exclusive(interface);
    for (tail = &interface->addresses; *tail != NULL; tail = &(*tail)->next)
        ;
    address->next = NULL;
    *tail = address;
    address->linked = true;
    address->references++;
    ksim_interface_unlock(interface);
}

static void
address_drop(ifaddr_t address)
{
    if (address->references == 0)
        ksim_panic("ifa_remref: negative refcnt for ifa=%p", (void *)address);
    address->references--;
    if (address->references == 0 && address->destroy != NULL)
        address->destroy(address);
}

bool
ksim_interface_address_unlink(ifaddr_t address)
{
    ifnet_t interface = address->interface;
    struct __ifaddr **each;
    bool found = false;

    ksim_interface_lock_exclusive(interface);
    for (each = &interface->addresses; *each != NULL; each = &(*each)->next) {
        if (*each == address) {
            *each = address->next;
            address->linked = false;
            found = true;
            break;
        }
    }
    ksim_interface_unlock(interface);
    if (found)
        address_drop(address);
    return found;
}

/* --- lists ---------------------------------------------------------------------------------------*/

struct address_list {
    ifaddr_t *entries; /* NULL: only count */
    size_t count;
    sa_family_t family;
};

static void
list_add_interface(struct address_list *list, ifnet_t interface)
{
    struct __ifaddr *address;

    ksim_interface_lock_shared(interface);
    for (address = interface->addresses; address != NULL; address = address->next) {
        if (list->family != 0 && address->family != list->family)
            continue;
        if (list->entries != NULL) {
            address->references++;
            list->entries[list->count] = address;
        }
        list->count++;
    }
    ksim_interface_unlock(interface);
}

/* head_lock is held shared, so the list of interfaces does not change between the two rounds. */
static bool
list_collect(struct address_list *list, ifnet_t wanted)
{
    struct __ifnet *each;
    bool found = false;

    for (each = ksim_interfaces()->attached; each != NULL; each = each->next_attached) {
        if (wanted != NULL && each != wanted)
            continue;
        found = true;
        list_add_interface(list, each);
    }
    return found;
}

errno_t
ifnet_get_address_list_family(ifnet_t interface, ifaddr_t **addresses, sa_family_t family)
{
    struct interface_system *system = ksim_interfaces();
    struct address_list list = {.family = family};
    bool old = ksim_interface_profile()->generation == KSIM_GENERATION_A;
    errno_t error = 0;

    ksim_kpi_enter("ifnet_get_address_list_family", KPI_MAY_BLOCK);
    if (addresses == NULL)
        return EINVAL;
    *addresses = NULL;
    lck_rw_lock_shared(system->head_lock);
    list_collect(&list, interface);
    if (old && interface != NULL && (interface->state & INTERFACE_DETACHING) != 0)
        error = ENXIO;
    else if (!old && list.count == 0)
        error = ENXIO;
    else if (machine_fault("ifnet_get_address_list"))
        error = ENOMEM;
    if (error == 0) {
        /* Room for those that appear between the rounds: a list never shrinks below its count. */
        list.entries = ksim_interface_zalloc((list.count + 16) * sizeof(ifaddr_t), "address list");
        list.count = 0;
        list_collect(&list, interface);
        *addresses = list.entries;
    }
    lck_rw_unlock_shared(system->head_lock);
    return error;
}

errno_t
ifnet_get_address_list(ifnet_t interface, ifaddr_t **addresses)
{
    return ifnet_get_address_list_family(interface, addresses, 0);
}

void
ifnet_free_address_list(ifaddr_t *addresses)
{
    size_t i;

    ksim_kpi_enter("ifnet_free_address_list", KPI_ANY_CONTEXT);
    if (addresses == NULL)
        return;
    for (i = 0; addresses[i] != NULL; i++)
        address_drop(addresses[i]);
    machine_free(addresses);
}

/* --- one address ---------------------------------------------------------------------------------*/

void
ksim_interface_address_hold(ifaddr_t address)
{
    address->references++;
}

errno_t
ifaddr_reference(ifaddr_t address)
{
    ksim_kpi_enter("ifaddr_reference", KPI_ANY_CONTEXT);
    if (address == NULL)
        return EINVAL;
    address->references++;
    return 0;
}

errno_t
ifaddr_release(ifaddr_t address)
{
    ksim_kpi_enter("ifaddr_release", KPI_ANY_CONTEXT);
    if (address == NULL)
        return EINVAL;
    address_drop(address);
    return 0;
}

sa_family_t
ifaddr_address_family(ifaddr_t address)
{
    ksim_kpi_enter("ifaddr_address_family", KPI_ANY_CONTEXT);
    return address == NULL || address->address == NULL ? 0 : address->address->sa_family;
}

/* What is beyond sa_len in the caller's buffer stays as it was; too long is cut and EMSGSIZE. */
static errno_t
sockaddr_copy(const struct sockaddr *from, struct sockaddr *out, u_int32_t size)
{
    if (from == NULL)
        return ENOTSUP;
    machine_copy(out, from, from->sa_len < size ? from->sa_len : size);
    return from->sa_len > size ? EMSGSIZE : 0;
}

errno_t
ifaddr_address(ifaddr_t address, struct sockaddr *out, u_int32_t size)
{
    ksim_kpi_enter("ifaddr_address", KPI_ANY_CONTEXT);
    if (address == NULL || out == NULL)
        return EINVAL;
    return sockaddr_copy(address->address, out, size);
}

errno_t
ifaddr_dstaddress(ifaddr_t address, struct sockaddr *out, u_int32_t size)
{
    ksim_kpi_enter("ifaddr_dstaddress", KPI_ANY_CONTEXT);
    if (address == NULL || out == NULL)
        return EINVAL;
    return sockaddr_copy(address->destination, out, size);
}

errno_t
ifaddr_netmask(ifaddr_t address, struct sockaddr *out, u_int32_t size)
{
    ksim_kpi_enter("ifaddr_netmask", KPI_ANY_CONTEXT);
    if (address == NULL || out == NULL)
        return EINVAL;
    return sockaddr_copy(address->netmask, out, size);
}

ifnet_t
ifaddr_ifnet(ifaddr_t address)
{
    ksim_kpi_enter("ifaddr_ifnet", KPI_ANY_CONTEXT);
    return address == NULL ? NULL : address->interface;
}

/* --- link-level address --------------------------------------------------------------------------*/

static struct sockaddr_dl *
link_sockaddr(ifnet_t interface, const char *what)
{
    if (interface->link_address == NULL)
        ksim_panic_fault(0, what);
    return (struct sockaddr_dl *)interface->link_address->address;
}

errno_t
ifnet_lladdr_copy_bytes(ifnet_t interface, void *bytes, size_t size)
{
    struct sockaddr_dl *link;
    errno_t error = 0;

    ksim_kpi_enter("ifnet_lladdr_copy_bytes", KPI_ANY_CONTEXT);
    if (interface == NULL || bytes == NULL)
        return EINVAL;
    link = link_sockaddr(interface, "reading the link address of an interface never attached");
    lck_mtx_lock(interface->address_lock);
    if (size != link->sdl_alen) {
        machine_fill(bytes, 0, size);
        error = EMSGSIZE;
    } else {
        machine_copy(bytes, LLADDR(link), size);
    }
    lck_mtx_unlock(interface->address_lock);
    return error;
}

errno_t
ifnet_set_lladdr(ifnet_t interface, const void *bytes, size_t size)
{
    struct interface_system *system = ksim_interfaces();
    struct sockaddr_dl *link;
    errno_t error = 0;

    ksim_kpi_enter("ifnet_set_lladdr", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || (size != 0 && (size != interface->address_bytes || bytes == NULL)))
        return EINVAL;
    if (ksim_interface_profile()->lladdr_embryonic_enxio &&
        (interface->state & INTERFACE_EMBRYONIC) != 0)
        return ENXIO;
    lck_rw_lock_shared(system->head_lock);
    ksim_interface_lock_exclusive(interface);
    link = link_sockaddr(interface, "setting the link address of an interface never attached");
    if (!interface->link_address->linked) {
        error = ENXIO;
    } else {
        lck_mtx_lock(interface->address_lock);
        if (size != 0)
            machine_copy(LLADDR(link), bytes, size);
        else
            machine_fill(LLADDR(link), 0, interface->address_bytes);
        link->sdl_alen = (unsigned char)size;
        lck_mtx_unlock(interface->address_lock);
    }
    ksim_interface_unlock(interface);
    lck_rw_unlock_shared(system->head_lock);
    if (error == 0)
        ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_LINK_ADDRESS_CHANGED, NULL, 0);
    return error;
}

errno_t
ifnet_llbroadcast_copy_bytes(ifnet_t interface, void *bytes, size_t size, size_t *out_bytes)
{
    ksim_kpi_enter("ifnet_llbroadcast_copy_bytes", KPI_ANY_CONTEXT);
    if (interface == NULL || bytes == NULL || out_bytes == NULL)
        return EINVAL;
    *out_bytes = interface->broadcast_bytes;
    if (size < interface->broadcast_bytes)
        return EMSGSIZE;
    if (interface->broadcast_bytes == 0)
        return ENXIO;
    machine_copy(bytes, interface->broadcast, interface->broadcast_bytes);
    return 0;
}
