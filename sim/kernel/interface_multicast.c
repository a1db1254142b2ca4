/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Multicast memberships (kpi-ifnet.md section 18).
 */

#include <interface_internal.h>

#include <kext.h>
#include <panic.h>
#include <protocol.h>

#include <net/if_dl.h>
#include <sys/sockio.h>

#define LINK_HEADER_BYTES 8
#define UNSPEC_ADDRESS_BYTES 6
#define ADDRESS_BYTES_MAX 128

union multicast_address {
    struct sockaddr sa;
    struct sockaddr_dl link;
    unsigned char bytes[ADDRESS_BYTES_MAX];
};

/* AF_LINK and AF_UNSPEC become a minimal sockaddr_dl; others are copied. False: bad lengths. */
static bool
address_normalize(const struct sockaddr *from, union multicast_address *to)
{
    const struct sockaddr_dl *link = (const struct sockaddr_dl *)(const void *)from;
    const unsigned char *bytes;
    size_t count;

    machine_fill(to, 0, sizeof(*to));
    if (from->sa_family != AF_LINK && from->sa_family != AF_UNSPEC) {
        if (from->sa_len < 2 || from->sa_len > sizeof(*to))
            return false;
        machine_copy(to, from, from->sa_len);
        return true;
    }
    if (from->sa_family == AF_LINK) {
        count = link->sdl_alen;
        bytes = (const unsigned char *)link->sdl_data + link->sdl_nlen;
        if (count == 0 ||
            link->sdl_nlen + count + link->sdl_slen + LINK_HEADER_BYTES > link->sdl_len)
            return false;
    } else {
        count = UNSPEC_ADDRESS_BYTES;
        bytes = (const unsigned char *)from->sa_data;
        if (from->sa_len < 2 + UNSPEC_ADDRESS_BYTES)
            return false;
    }
    if (LINK_HEADER_BYTES + count > sizeof(*to))
        return false;
    to->link.sdl_len = (unsigned char)(LINK_HEADER_BYTES + count);
    to->link.sdl_family = AF_LINK;
    to->link.sdl_alen = (unsigned char)count;
    machine_copy(to->link.sdl_data, bytes, count);
    return true;
}

static struct __ifmultiaddr *
membership_find(ifnet_t interface, const struct sockaddr *address)
{
    struct __ifmultiaddr *each;

    for (each = interface->multicasts; each != NULL; each = each->next) {
        if (each->address.sa.sa_len == address->sa_len &&
            machine_compare(&each->address, address, address->sa_len) == 0)
            return each;
    }
    return NULL;
}

/* A handle is looked for before it is followed: one release too many finds nothing. */
static void
membership_drop(struct __ifmultiaddr *membership)
{
    struct __ifmultiaddr **each = &ksim_interfaces()->memberships;

    while (*each != NULL && *each != membership)
        each = &(*each)->next_known;
    if (*each == NULL)
        ksim_panic("ifma_remref: negative refcnt for ifma=%p", (void *)membership);
    if (--membership->references == 0) {
        *each = membership->next_known;
        machine_free(membership);
    }
}

/* References that the kernel itself holds: the list's, and one for each record that points here. */
static uint32_t
membership_own_references(const struct interface_system *system,
                          const struct __ifmultiaddr *membership)
{
    const struct __ifmultiaddr *each;
    uint32_t count = membership->linked ? 1 : 0;

    for (each = system->memberships; each != NULL; each = each->next_known)
        count += each->link == membership ? 1 : 0;
    return count;
}

void
ksim_interface_multicasts_audit(const struct interface_system *system)
{
    const struct __ifmultiaddr *each;
    uint32_t own;

    for (each = system->memberships; each != NULL; each = each->next_known) {
        own = membership_own_references(system, each);
        if (each->references > own)
            machine_finding(MACHINE_LEAK,
                            "multicast membership of %s: %u references were never released",
                            each->interface != NULL ? each->interface->xname : "no interface",
                            each->references - own);
    }
}

/* One more membership of `address`: true when the record is new. The interface lock is exclusive. */
static bool
membership_add(ifnet_t interface, const union multicast_address *address,
               struct __ifmultiaddr **out)
{
    struct __ifmultiaddr *membership = membership_find(interface, &address->sa);

    *out = membership;
    if (membership != NULL) {
        membership->memberships++;
        return false;
    }
    membership = ksim_interface_zalloc(sizeof(*membership), "multicast membership");
    machine_copy(&membership->address, address, sizeof(*address));
    membership->interface = interface;
    membership->references = 1;
    membership->memberships = 1;
    membership->linked = true;
    membership->next_known = ksim_interfaces()->memberships;
    ksim_interfaces()->memberships = membership;
    membership->next = interface->multicasts;
    interface->multicasts = membership;
    *out = membership;
    return true;
}

/* True when that was the last membership and the record left the list. Lock exclusive. */
static bool
membership_remove(ifnet_t interface, struct __ifmultiaddr *membership)
{
    struct __ifmultiaddr **each;

    if (--membership->memberships != 0)
        return false;
    for (each = &interface->multicasts; *each != NULL; each = &(*each)->next) {
        if (*each == membership) {
            *each = membership->next;
            break;
        }
    }
    membership->linked = false;
    return true;
}

static errno_t
resolve_by_protocol(ifnet_t interface, const struct sockaddr *address, struct sockaddr *link,
                    size_t bytes)
{
    struct interface_protocol *protocol = ksim_protocol_find(interface, address->sa_family);
    const char *previous;
    errno_t error = EOPNOTSUPP;

    if (protocol == NULL)
        return EOPNOTSUPP;
    if (protocol->resolve != NULL) {
        previous = ksim_kext_call_begin(protocol->owner, "resolve");
        error = protocol->resolve(interface, address, (struct sockaddr_dl *)(void *)link, bytes);
        ksim_kext_call_end(previous);
    }
    ksim_protocol_release(protocol);
    return error;
}

errno_t
ksim_interface_resolve_multicast(ifnet_t interface, const struct sockaddr *address,
                                 struct sockaddr *link, size_t bytes)
{
    const struct sockaddr *verify;
    errno_t error;

    if (!ksim_interface_io_begin(interface))
        return EOPNOTSUPP;
    machine_fill(link, 0, bytes);
    error = resolve_by_protocol(interface, address, link, bytes);
    if ((error == 0 || error == EOPNOTSUPP) && interface->callbacks.check_multi != NULL) {
        verify = error == 0 ? link : address;
        error = ksim_callback_check_multi(interface, verify);
    }
    ksim_interface_io_end(interface);
    return error;
}

errno_t
ifnet_resolve_multicast(ifnet_t interface, const struct sockaddr *address, struct sockaddr *link,
                        size_t bytes)
{
    ksim_kpi_enter("ifnet_resolve_multicast", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || address == NULL || link == NULL)
        return EINVAL;
    return ksim_interface_resolve_multicast(interface, address, link, bytes);
}

/* Both records of a new join go in together. True when the driver must look at its list. */
static bool
join_insert(ifnet_t interface, const union multicast_address *address,
            const union multicast_address *link, ifmultiaddr_t *out)
{
    struct __ifmultiaddr *membership, *lower;
    bool announce = false, created;

    ksim_interface_lock_exclusive(interface);
    created = membership_add(interface, address, &membership);
    if (created && link->sa.sa_len != 0) {
        announce = membership_add(interface, link, &lower);
        membership->link = lower;
        lower->references++;
    } else if (created) {
        announce = address->sa.sa_family == AF_LINK ||
                   ksim_interface_profile()->generation == KSIM_GENERATION_A;
    }
    if (out != NULL) {
        membership->references++;
        *out = membership;
    }
    ksim_interface_unlock(interface);
    return announce;
}

/* An existing membership only counts up. */
static bool
join_again(ifnet_t interface, const union multicast_address *address, ifmultiaddr_t *out)
{
    struct __ifmultiaddr *membership;

    ksim_interface_lock_exclusive(interface);
    membership = membership_find(interface, &address->sa);
    if (membership != NULL) {
        membership->memberships++;
        if (out != NULL) {
            membership->references++;
            *out = membership;
        }
    }
    ksim_interface_unlock(interface);
    return membership != NULL;
}

errno_t
ksim_interface_multicast_join(ifnet_t interface, const struct sockaddr *address,
                              ifmultiaddr_t *out)
{
    union multicast_address normal, resolved, link;
    errno_t error;

    if (ksim_interface_profile()->generation != KSIM_GENERATION_A &&
        (interface->flags & IFF_MULTICAST) == 0)
        return EADDRNOTAVAIL;
    if (!address_normalize(address, &normal))
        return ENOMEM;
    if (join_again(interface, &normal, out))
        return 0;
    error = ksim_interface_resolve_multicast(interface, &normal.sa, &resolved.sa, sizeof(resolved));
    if (error != 0 && error != EOPNOTSUPP)
        return error;
    if (error != 0 || resolved.sa.sa_len == 0)
        link.sa.sa_len = 0;
    else if (!address_normalize(&resolved.sa, &link))
        return ENOMEM;
    if (join_insert(interface, &normal, &link, out))
        ksim_interface_ioctl(interface, 0, SIOCADDMULTI, NULL);
    return 0;
}

/* Drops one membership of `membership`, which the caller keeps a reference on. */
static void
leave(ifnet_t interface, struct __ifmultiaddr *membership)
{
    struct __ifmultiaddr *lower = NULL;
    bool gone, lower_gone = false, announce;

    ksim_interface_lock_exclusive(interface);
    gone = membership_remove(interface, membership);
    if (gone) {
        lower = membership->link;
        membership->link = NULL;
    }
    if (lower != NULL)
        lower_gone = membership_remove(interface, lower);
    ksim_interface_unlock(interface);
    announce = lower_gone || (gone && membership->address.sa.sa_family == AF_LINK);
    if (lower_gone)
        membership_drop(lower);
    if (lower != NULL)
        membership_drop(lower);
    if (announce)
        ksim_interface_ioctl(interface, 0, SIOCDELMULTI, NULL);
    if (gone)
        membership_drop(membership);
}

errno_t
ksim_interface_multicast_leave(ifnet_t interface, const struct sockaddr *address)
{
    union multicast_address normal;
    struct __ifmultiaddr *membership;

    if (!address_normalize(address, &normal))
        return ENOMEM;
    ksim_interface_lock_shared(interface);
    membership = membership_find(interface, &normal.sa);
    if (membership != NULL)
        membership->references++;
    ksim_interface_unlock(interface);
    if (membership == NULL)
        return ENOENT;
    leave(interface, membership);
    membership_drop(membership);
    return 0;
}

bool
ksim_interface_multicast_member(ifnet_t interface, const struct sockaddr *address)
{
    union multicast_address normal;

    return address_normalize(address, &normal) && membership_find(interface, &normal.sa) != NULL;
}

void
ksim_interface_multicast_announce(ifnet_t interface)
{
    uint32_t pending = interface->multicasts_to_announce;
    errno_t error;

    if (pending == 0)
        return;
    interface->multicasts_to_announce = 0;
    error = ksim_interface_ioctl(interface, 0, SIOCADDMULTI, NULL);
    if (error == EAFNOSUPPORT)
        error = 0;
    machine_console("%s: %s %u suspended link-layer multicast membership(s) (err=%d)",
                    interface->xname, error == 0 ? "successfully restored" : "failed to restore",
                    pending, error);
}

void
ksim_interface_multicasts_forget(ifnet_t interface)
{
    struct __ifmultiaddr *membership, *lower;

    ksim_interface_lock_exclusive(interface);
    while ((membership = interface->multicasts) != NULL) {
        interface->multicasts = membership->next;
        membership->linked = false;
        membership->interface = NULL;
        lower = membership->link;
        membership->link = NULL;
        if (lower != NULL)
            membership_drop(lower);
        membership_drop(membership);
    }
    ksim_interface_unlock(interface);
}

/* --- KPI -----------------------------------------------------------------------------------------*/

errno_t
ifnet_add_multicast(ifnet_t interface, const struct sockaddr *address, ifmultiaddr_t *out)
{
    const struct sockaddr_dl *link = (const struct sockaddr_dl *)(const void *)address;

    ksim_kpi_enter("ifnet_add_multicast", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || address == NULL)
        return EINVAL;
    if (address->sa_family == AF_LINK) {
        if (link->sdl_len < sizeof(*link) ||
            link->sdl_nlen + link->sdl_alen + link->sdl_slen + LINK_HEADER_BYTES > link->sdl_len)
            return EINVAL;
    } else if (address->sa_family != AF_UNSPEC || address->sa_len < 2 + UNSPEC_ADDRESS_BYTES) {
        return EINVAL;
    }
    return ksim_interface_multicast_join(interface, address, out);
}

errno_t
ifnet_remove_multicast(ifmultiaddr_t membership)
{
    ksim_kpi_enter("ifnet_remove_multicast", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (membership == NULL)
        return EINVAL;
    if (!membership->linked)
        return ENXIO;
    leave(membership->interface, membership);
    return 0;
}

errno_t
ifnet_get_multicast_list(ifnet_t interface, ifmultiaddr_t **memberships)
{
    struct __ifmultiaddr *each;
    ifmultiaddr_t *list;
    size_t count = 0;

    ksim_kpi_enter("ifnet_get_multicast_list", KPI_MAY_BLOCK);
    if (interface == NULL || memberships == NULL)
        return EINVAL;
    if (machine_fault("ifnet_get_multicast_list"))
        return ENOMEM;
    ksim_interface_lock_shared(interface);
    for (each = interface->multicasts; each != NULL; each = each->next)
        count++;
    list = ksim_interface_zalloc((count + 1) * sizeof(*list), "multicast list");
    count = 0;
    for (each = interface->multicasts; each != NULL; each = each->next) {
        each->references++;
        list[count++] = each;
    }
    ksim_interface_unlock(interface);
    *memberships = list;
    return 0;
}

void
ifnet_free_multicast_list(ifmultiaddr_t *memberships)
{
    size_t i;

    ksim_kpi_enter("ifnet_free_multicast_list", KPI_ANY_CONTEXT);
    if (memberships == NULL)
        return;
    for (i = 0; memberships[i] != NULL; i++)
        membership_drop(memberships[i]);
    machine_free(memberships);
}

errno_t
ifmaddr_reference(ifmultiaddr_t membership)
{
    ksim_kpi_enter("ifmaddr_reference", KPI_ANY_CONTEXT);
    if (membership == NULL)
        return EINVAL;
    membership->references++;
    return 0;
}

errno_t
ifmaddr_release(ifmultiaddr_t membership)
{
    ksim_kpi_enter("ifmaddr_release", KPI_ANY_CONTEXT);
    if (membership == NULL)
        return EINVAL;
    membership_drop(membership);
    return 0;
}

static errno_t
membership_copy(const struct __ifmultiaddr *membership, struct sockaddr *out, u_int32_t size)
{
    size_t bytes = membership->address.sa.sa_len;

    machine_copy(out, &membership->address, bytes < size ? bytes : size);
    return bytes > size ? EMSGSIZE : 0;
}

errno_t
ifmaddr_address(ifmultiaddr_t membership, struct sockaddr *out, u_int32_t size)
{
    ksim_kpi_enter("ifmaddr_address", KPI_ANY_CONTEXT);
    if (membership == NULL || out == NULL)
        return EINVAL;
    return membership_copy(membership, out, size);
}

errno_t
ifmaddr_lladdress(ifmultiaddr_t membership, struct sockaddr *out, u_int32_t size)
{
    ksim_kpi_enter("ifmaddr_lladdress", KPI_ANY_CONTEXT);
    if (membership == NULL || out == NULL)
        return EINVAL;
    if (membership->link == NULL)
        return ENOTSUP;
    return membership_copy(membership->link, out, size);
}

ifnet_t
ifmaddr_ifnet(ifmultiaddr_t membership)
{
    ksim_kpi_enter("ifmaddr_ifnet", KPI_ANY_CONTEXT);
    return membership == NULL ? NULL : membership->interface;
}
