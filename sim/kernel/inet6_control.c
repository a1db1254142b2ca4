/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet6_address.h>

#include <ioctl.h>
#include <profile.h>
#include <protocol.h>

/*
 * Plumbs PF_INET6 and checks that the interface can do multicast (16.3): from 10.9 on one that
 * cannot is unplumbed again. EEXIST means that it was plumbed before and is passed on.
 */
static errno_t
protocol_attach(ifnet_t interface)
{
    errno_t error = ksim_protocol_plumb(PF_INET6, interface);

    if (error == 0 && ksim_current()->profile->inet6_needs_multicast &&
        (interface->flags & IFF_MULTICAST) == 0) {
        (void)ksim_protocol_unplumb(PF_INET6, interface);
        return EINVAL;
    }
    return error;
}

/*
 * The machine has no configd, which gives an Ethernet interface its link-local address on a Mac: it comes
 * with the first address that is asked for.
 */
static errno_t
add(ifnet_t interface, const struct in6_aliasreq *request)
{
    errno_t error = protocol_attach(interface);

    if (error != 0 && error != EEXIST) {
        return error;
    }
    error = inet6_address_add(interface, request);
    if (error == 0 && inet_has_neighbours(interface)) {
        (void)inet6_address_add_link_local(interface);
    }
    return error;
}

static errno_t
link_local_start(ifnet_t interface)
{
    errno_t error = protocol_attach(interface);

    if (error != 0 && error != EEXIST) {
        return error;
    }
    return inet6_address_add_link_local(interface);
}

static struct inet6_address *
find_wanted(ifnet_t interface, const struct in6_ifreq *request)
{
    uint8_t bytes[16];

    inet6_sockaddr_bytes(&request->ifr_ifru.ifru_addr, bytes);
    return inet6_address_on(interface, bytes);
}

static errno_t
answer(ifnet_t interface, unsigned long command, struct in6_ifreq *request)
{
    const struct inet6_address *address = find_wanted(interface, request);

    if (address == NULL && command == SIOCGIFADDR_IN6) {
        address = inet6_address_on(interface, NULL);
    }
    if (address == NULL) {
        return EADDRNOTAVAIL;
    }
    switch (command) {
    case SIOCGIFADDR_IN6:
        inet6_sockaddr(&request->ifr_ifru.ifru_addr, address->bytes, NULL);
        if (inet6_is_scoped(address->bytes)) {
            request->ifr_ifru.ifru_addr.sin6_scope_id = interface->index;
        }
        return 0;
    case SIOCGIFNETMASK_IN6:
        request->ifr_ifru.ifru_addr = address->netmask;
        return 0;
    case SIOCGIFAFLAG_IN6:
        request->ifr_ifru.ifru_flags6 =
            address->flags | (address->duplicated ? IN6_IFF_DUPLICATED : 0);
        return 0;
    default:
        if ((interface->flags & IFF_POINTOPOINT) == 0) {
            return EINVAL;
        }
        request->ifr_ifru.ifru_dstaddr = address->destination;
        return 0;
    }
}

static errno_t
delete(ifnet_t interface, const struct in6_ifreq *request)
{
    struct inet6_address *address = find_wanted(interface, request);

    return address == NULL ? EADDRNOTAVAIL : inet6_address_delete(address);
}

static errno_t
change(ifnet_t interface, unsigned long command, void *data)
{
    switch (command) {
    case SIOCAIFADDR_IN6:
        return add(interface, data);
    case SIOCDIFADDR_IN6:
        return delete (interface, data);
    case KSIM_SIOCPROTOATTACH_IN6:
        return protocol_attach(interface);
    case KSIM_SIOCPROTODETACH_IN6:
        in6_purgeaddrs(interface);
        return ksim_protocol_unplumb(PF_INET6, interface);
    default:
        return link_local_start(interface);
    }
}

int
in6_control(struct process *caller, unsigned long command, void *kernel_data, ifnet_t ifp)
{
    switch (command) {
    case SIOCGIFADDR_IN6:
    case SIOCGIFNETMASK_IN6:
    case SIOCGIFAFLAG_IN6:
    case KSIM_SIOCGIFDSTADDR_IN6:
        return ifp == NULL ? EADDRNOTAVAIL : answer(ifp, command, kernel_data);
    case SIOCAIFADDR_IN6:
    case SIOCDIFADDR_IN6:
    case KSIM_SIOCPROTOATTACH_IN6:
    case KSIM_SIOCPROTODETACH_IN6:
    case KSIM_SIOCLL_START:
        if (!ksim_ioctl_privileged(caller)) {
            return EPERM;
        }
        return ifp == NULL ? EADDRNOTAVAIL : change(ifp, command, kernel_data);
    default:
        return EOPNOTSUPP;
    }
}
