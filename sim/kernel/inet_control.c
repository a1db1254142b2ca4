/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_address.h>

#include <ioctl.h>
#include <net/net_kev.h>
#include <protocol.h>
#include <sys/sockio.h>

static struct sockaddr_in
read_sockaddr(const struct sockaddr *from)
{
    struct sockaddr_in address;

    machine_copy(&address, from, sizeof(address));
    return address;
}

/* The record that holds `value` on the interface; on any list: a stale one counts (17.2). */
static struct inet4_address *
find_on(ifnet_t interface, const struct sockaddr_in *value)
{
    struct inet4_address *at = inet_current()->addresses4;

    while (at != NULL && (at->head.interface != interface ||
                          at->address.sin_addr.s_addr != value->sin_addr.s_addr)) {
        at = at->next;
    }
    return at;
}

/* The first IPv4 address that hangs on the interface, its value set or not. */
static struct inet4_address *
first_on(ifnet_t interface)
{
    struct inet4_address *at = inet_current()->addresses4;

    while (at != NULL && (at->head.interface != interface || !at->head.linked)) {
        at = at->next;
    }
    return at;
}

static errno_t
destination_set(struct inet4_address *address, const struct ifreq *request)
{
    const struct sockaddr_in old = address->destination;
    ifnet_t interface = address->head.interface;
    errno_t error;

    if ((interface->flags & IFF_POINTOPOINT) == 0) {
        return EINVAL;
    }
    address->destination = read_sockaddr(&request->ifr_dstaddr);
    if (address->destination.sin_family == AF_INET) {
        address->destination.sin_len = sizeof(address->destination);
    }
    error = inet_tell_driver(interface, PF_INET, SIOCSIFDSTADDR, address);
    if (error != 0) {
        address->destination = old;
        return error;
    }
    if (address->destination.sin_family == AF_INET && inet4_address_value(address) != 0) {
        address->routed = true;
    }
    inet4_address_post(address, KEV_INET_SIFDSTADDR);
    return 0;
}

static errno_t
broadcast_set(struct inet4_address *address, const struct ifreq *request)
{
    if ((address->head.interface->flags & IFF_BROADCAST) == 0) {
        return EINVAL;
    }
    address->destination = read_sockaddr(&request->ifr_broadaddr);
    inet4_address_post(address, KEV_INET_SIFBRDADDR);
    return 0;
}

static errno_t
mask_set(struct inet4_address *address, const struct ifreq *request)
{
    const struct sockaddr_in mask = read_sockaddr(&request->ifr_addr);

    address->netmask.sin_addr = mask.sin_addr;
    address->subnet_mask = wire_swap32(mask.sin_addr.s_addr);
    inet4_address_post(address, KEV_INET_SIFNETMASK);
    return 0;
}

/* SIOCAIFADDR on a record that is there by now. */
static errno_t
alias_apply(struct inet4_address *address, const struct ifaliasreq *request)
{
    ifnet_t interface = address->head.interface;
    struct sockaddr_in value = read_sockaddr(&request->ifra_addr);
    const struct sockaddr_in mask = read_sockaddr(&request->ifra_mask);
    const struct sockaddr_in far = read_sockaddr(&request->ifra_broadaddr);
    bool host_is_new = true, mask_is_new = false;
    errno_t error = 0;

    if (address->address.sin_family == AF_INET) {
        if (value.sin_len == 0) {
            value = address->address;
        }
        host_is_new = value.sin_addr.s_addr != address->address.sin_addr.s_addr;
    }
    if (mask.sin_len != 0) {
        address->netmask = mask;
        address->subnet_mask = wire_swap32(mask.sin_addr.s_addr);
        mask_is_new = true;
    }
    if ((interface->flags & IFF_POINTOPOINT) != 0 && far.sin_family == AF_INET) {
        address->destination = far;
        address->destination.sin_len = sizeof(far);
        mask_is_new = true;
    }
    if (value.sin_family == AF_INET && (host_is_new || mask_is_new)) {
        error = inet4_address_initialize(address, &value);
    }
    if (error == 0 && (interface->flags & IFF_BROADCAST) != 0 && far.sin_family == AF_INET) {
        address->destination = far;
    }
    if (error == 0) {
        inet4_address_post(address, host_is_new ? KEV_INET_NEW_ADDR : KEV_INET_CHANGED_ADDR);
    }
    return error;
}

/* The record a command is about, made when the command may make one. The caller releases it. */
static errno_t
address_select(ifnet_t interface, unsigned long command, void *data, struct inet4_address **out)
{
    const bool alias = command == SIOCAIFADDR, removal = command == SIOCDIFADDR;
    const struct ifaliasreq *request = data;
    struct sockaddr_in value = read_sockaddr(&((struct ifreq *)data)->ifr_addr), far;
    struct inet4_address *address = NULL;

    if (alias || removal) {
        if (value.sin_family == AF_INET) {
            address = find_on(interface, &value);
        } else if (alias) {
            return EINVAL;
        } else {
            address = first_on(interface);
        }
        if (alias && (interface->flags & IFF_POINTOPOINT) != 0) {
            far = read_sockaddr(&request->ifra_broadaddr);
            if (far.sin_addr.s_addr == 0) {
                return EDESTADDRREQ;
            }
        }
    } else {
        address = first_on(interface);
        if (command == SIOCSIFADDR && value.sin_family != AF_INET) {
            return EINVAL;
        }
    }
    if (address == NULL) {
        if (removal || command == SIOCSIFBRDADDR) {
            return EADDRNOTAVAIL;
        }
        address = inet4_address_create(interface);
    } else {
        ksim_interface_address_hold(&address->head);
    }
    *out = address;
    return address == NULL ? ENOBUFS : 0;
}

static errno_t
change(ifnet_t interface, unsigned long command, void *data)
{
    struct inet4_address *address;
    struct sockaddr_in value;
    errno_t error = address_select(interface, command, data, &address);

    if (error != 0) {
        return error;
    }
    switch (command) {
    case SIOCSIFADDR:
        value = read_sockaddr(&((struct ifreq *)data)->ifr_addr);
        error = inet4_address_initialize(address, &value);
        if (error == 0) {
            inet4_address_post(address, KEV_INET_NEW_ADDR);
        }
        break;
    case SIOCAIFADDR:
        error = alias_apply(address, data);
        break;
    case SIOCDIFADDR:
        error = inet4_address_delete(address);
        break;
    case SIOCSIFDSTADDR:
        error = destination_set(address, data);
        break;
    case SIOCSIFBRDADDR:
        error = broadcast_set(address, data);
        break;
    default:
        error = mask_set(address, data);
        break;
    }
    (void)ifaddr_release(&address->head);
    return error;
}

static errno_t
answer(ifnet_t interface, unsigned long command, struct ifreq *request)
{
    const struct sockaddr_in wanted = read_sockaddr(&request->ifr_addr);
    const struct inet4_address *address = NULL;
    const unsigned flags = interface->flags;
    const struct sockaddr_in *from;

    if (wanted.sin_family == AF_INET && wanted.sin_addr.s_addr != 0) {
        address = find_on(interface, &wanted);
    }
    if (address == NULL) {
        address = first_on(interface);
    }
    if (address == NULL) {
        return EADDRNOTAVAIL;
    }
    if ((command == SIOCGIFDSTADDR && (flags & IFF_POINTOPOINT) == 0) ||
        (command == SIOCGIFBRDADDR && (flags & IFF_BROADCAST) == 0)) {
        return EINVAL;
    }
    from = command == SIOCGIFADDR      ? &address->address
           : command == SIOCGIFNETMASK ? &address->netmask
                                       : &address->destination;
    machine_copy(&request->ifr_addr, from, sizeof(*from));
    return 0;
}

/* 16.2: a protocol with addresses is not taken away. */
static errno_t
protocol_detach(ifnet_t interface)
{
    return first_on(interface) != NULL ? EBUSY : ksim_protocol_unplumb(PF_INET, interface);
}

int
in_control(struct process *caller, unsigned long command, void *kernel_data, ifnet_t ifp)
{
    const bool privileged = ksim_ioctl_privileged(caller);

    switch (command) {
    case SIOCGIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCGIFNETMASK:
        return ifp == NULL ? EADDRNOTAVAIL : answer(ifp, command, kernel_data);
    case SIOCSIFADDR:
    case SIOCAIFADDR:
    case SIOCDIFADDR:
    case SIOCSIFDSTADDR:
    case SIOCSIFBRDADDR:
    case SIOCSIFNETMASK:
        if (!privileged) {
            return EPERM;
        }
        return ifp == NULL ? EADDRNOTAVAIL : change(ifp, command, kernel_data);
    case KSIM_SIOCPROTOATTACH:
    case KSIM_SIOCPROTODETACH:
        if (!privileged) {
            return EPERM;
        }
        if (ifp == NULL) {
            return EINVAL;
        }
        return command == KSIM_SIOCPROTOATTACH ? ksim_protocol_plumb(PF_INET, ifp)
                                               : protocol_detach(ifp);
    default:
        return EOPNOTSUPP;
    }
}
