/* SPDX-License-Identifier: BSD-2-Clause */

#include <interface_internal.h>

#include <panic.h>
#include <protocol.h>
#include <thread.h>

#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/net_kev.h>
#include <sys/kern_event.h>

#define LINK_NAME_BYTES 12 /* of the name, as many as sdl_data of the plain struct holds */

static void
link_address_fill(ifnet_t interface, struct sockaddr_dl *link, size_t name_bytes, size_t bytes)
{
    const size_t least = sizeof(struct sockaddr_dl);
    size_t total = __builtin_offsetof(struct sockaddr_dl, sdl_data) + name_bytes + bytes;

    machine_fill(link, 0, INTERFACE_LINK_ADDRESS_BYTES);
    total = total < least ? least : total;
    link->sdl_len = (unsigned char)((total + 3) & ~(size_t)3);
    link->sdl_family = AF_LINK;
    link->sdl_index = (unsigned short)interface->index;
    link->sdl_type = interface->type;
    link->sdl_nlen = (unsigned char)name_bytes;
}

void
ksim_interface_link_address_build(ifnet_t interface, const struct sockaddr_dl *address)
{
    struct interface_link_address *storage = &interface->link_storage;
    struct sockaddr_dl *link = (struct sockaddr_dl *)&storage->address.sa;
    struct sockaddr_dl *mask = (struct sockaddr_dl *)&storage->netmask.sa;
    size_t name_bytes = ksim_text_bytes(interface->xname);
    size_t bytes = address != NULL ? address->sdl_alen : interface->address_bytes;

    if (name_bytes > LINK_NAME_BYTES)
        name_bytes = LINK_NAME_BYTES;
    link_address_fill(interface, link, name_bytes, bytes);
    machine_copy(link->sdl_data, interface->xname, name_bytes);
    if (address != NULL) {
        link->sdl_alen = address->sdl_alen;
        machine_copy(link->sdl_data + name_bytes, address->sdl_data + address->sdl_nlen,
                     address->sdl_alen);
    }
    link_address_fill(interface, mask, 0, name_bytes);
    mask->sdl_family = 0;
    mask->sdl_type = 0;
    mask->sdl_index = 0;
    mask->sdl_len = (unsigned char)(link->sdl_len);
    machine_fill(mask->sdl_data, 0xff, name_bytes);

    ksim_interface_address_initialize(&storage->head, interface, AF_LINK, NULL);
    storage->head.address = &storage->address.sa;
    storage->head.netmask = &storage->netmask.sa;
    storage->head.linked = true;
    storage->head.next = interface->addresses;
    interface->addresses = &storage->head;
    interface->link_address = &storage->head;
}

void
ksim_interface_list_insert(ifnet_t interface)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet **tail = &system->attached;

    if (interface->index == 0)
        interface->index = ++system->next_index;
    interface->next_attached = NULL;
    while (*tail != NULL)
        tail = &(*tail)->next_attached;
    *tail = interface;
}

static bool
list_has(const struct interface_system *system, ifnet_t interface)
{
    const struct __ifnet *each;

    for (each = system->attached; each != NULL; each = each->next_attached) {
        if (each == interface)
            return true;
    }
    return false;
}

/* What attach refuses, in the order of XNU. dlil_lock and head_lock are held. */
static errno_t
attach_check(const struct interface_system *system, ifnet_t interface,
             const struct sockaddr_dl *address)
{
    const struct ksim_profile *profile = ksim_interface_profile();

    if (list_has(system, interface))
        return EEXIST;
    if (profile->generation == KSIM_GENERATION_C &&
        (interface->state & INTERFACE_EMBRYONIC) == 0)
        ksim_panic("ifnet_attach: flags mismatch (embryonic not set) ifp=%p", (void *)interface);
    if (profile->generation == KSIM_GENERATION_B && (interface->state & INTERFACE_ATTACHED) != 0)
        ksim_panic("ifnet_attach: flags mismatch (attached set) ifp=%p", (void *)interface);
    if (address != NULL && interface->address_bytes != 0 &&
        address->sdl_alen != interface->address_bytes)
        return EINVAL;
    if (interface->callbacks.add_proto == NULL || interface->callbacks.del_proto == NULL)
        return ENODEV;
    if (profile->generation != KSIM_GENERATION_A)
        ksim_verify(!interface->protocols_ready);
    /* There may be no memory for the table of protocols; or only later, and then the table stays. */
    if (machine_fault("ifnet_attach"))
        return ENOBUFS;
    interface->protocols_ready = true;
    if (machine_fault("ifnet_attach late"))
        return ENOBUFS;
    return 0;
}

/* 10.6 forgets what addresses its last user left, the stack does not: they haunt the stack's own list (17). */
static void
addresses_reset(ifnet_t interface)
{
    struct __ifaddr *address;

    if (!ksim_interface_profile()->detach_no_address_purge)
        ksim_verify(interface->addresses == NULL);
    while ((address = interface->addresses) != NULL) {
        interface->addresses = address->next;
        address->linked = false;
        ifaddr_release(address);
    }
}

/* The record becomes a fresh interface; what recycling keeps is left alone (section 2.1). */
static void
attach_reset(ifnet_t interface, const struct sockaddr_dl *address)
{
    struct __ifmultiaddr *membership;

    if (address != NULL && interface->address_bytes == 0)
        interface->address_bytes = address->sdl_alen;
    addresses_reset(interface);
    ksim_verify(interface->filters == NULL);
    ksim_interface_list_insert(interface);
    ksim_interface_link_address_build(interface, address);
    if (!ksim_interface_profile()->recycle_counters_kept)
        machine_fill(&interface->statistics, 0, sizeof(interface->statistics));
    interface->multicasts_to_announce = 0;
    for (membership = interface->multicasts; membership != NULL; membership = membership->next) {
        if (interface->reused && membership->address.sa.sa_family == AF_LINK)
            interface->multicasts_to_announce++;
    }
    interface->last_change_ns = machine_now_ns();
}

static bool
input_thread_wanted(const struct __ifnet *interface)
{
    const struct ksim_profile *profile = ksim_interface_profile();

    if (profile->input_thread_for_all)
        return interface->family != IFNET_FAMILY_LOOPBACK;
    return profile->input_thread_for_ethernet && interface->type == IFT_ETHER;
}

static void
attach_tell_domain(const struct protocol_domain *domain, void *context)
{
    if (domain->interface_attached != NULL)
        domain->interface_attached(context);
}

/* The state change, once everything is in place; dlil_lock held. */
static void
attach_finish(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    interface->state = INTERFACE_ATTACHED | INTERFACE_READY;
    lck_mtx_unlock(interface->reference_lock);
}

errno_t
ifnet_attach(ifnet_t interface, const struct sockaddr_dl *address)
{
    struct interface_system *system = ksim_interfaces();
    const struct ksim_profile *profile = ksim_interface_profile();
    const char *owner;
    errno_t error;

    if (interface != NULL && interface->callbacks.event != NULL)
        ksim_kpi_enter("ifnet_attach", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    else
        ksim_kpi_enter("ifnet_attach", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    owner = ksim_thread_set_owner(NULL);
    lck_mtx_lock(system->dlil_lock);
    lck_rw_lock_exclusive(system->head_lock);
    error = attach_check(system, interface, address);
    if (error != 0) {
        lck_rw_unlock_exclusive(system->head_lock);
        goto unlock;
    }
    lck_rw_lock_exclusive(interface->lock);
    attach_reset(interface, address);
    lck_rw_unlock_exclusive(interface->lock);
    lck_rw_unlock_exclusive(system->head_lock);
    if (profile->generation != KSIM_GENERATION_A)
        ksim_interface_retain(interface);
    if (input_thread_wanted(interface))
        interface->input = ksim_interface_input_start(interface, profile->attach_waits_for_threads);
    attach_finish(interface);
unlock:
    lck_mtx_unlock(system->dlil_lock);
    if (error == 0) {
        ksim_protocol_domains_each(attach_tell_domain, interface);
        ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_IF_ATTACHED, NULL, 0);
    }
    ksim_thread_set_owner(owner);
    return error;
}
