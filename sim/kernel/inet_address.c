/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_address.h>

#include <inet_fragment.h>
#include <inet_neighbour.h>
#include <net/net_kev.h>
#include <protocol.h>
#include <sys/sockio.h>

static const uint8_t all_hosts[4] = {224, 0, 0, 1};

/* xnu: struct kev_in_data */
struct address_event {
    struct net_event_data link_data;
    uint32_t address;
    uint32_t net;
    uint32_t net_mask;
    uint32_t subnet;
    uint32_t subnet_mask;
    uint32_t net_broadcast;
    uint32_t destination;
};

errno_t
inet_tell_driver(ifnet_t interface, protocol_family_t family, unsigned long command,
                 void *argument)
{
    errno_t error = ifnet_ioctl(interface, family, command, argument);

    return error == EOPNOTSUPP || error == ENOTSUP ? 0 : error;
}

void
inet4_address_post(const struct inet4_address *address, uint32_t code)
{
    const uint32_t own = inet4_address_value(address);
    struct address_event event;

    machine_fill(&event, 0, sizeof(event));
    event.address = address->address.sin_addr.s_addr;
    event.net = own & address->net_mask;
    event.net_mask = address->net_mask;
    event.subnet = own & address->subnet_mask;
    event.subnet_mask = address->subnet_mask;
    event.net_broadcast = wire_swap32(own | ~address->net_mask);
    event.destination = address->destination.sin_addr.s_addr;
    ksim_interface_post(address->head.interface, KEV_INET_SUBCLASS, code, &event.link_data,
                        sizeof(event));
}

static void
address_destroy(ifaddr_t address)
{
    machine_free(address);
}

struct inet4_address *
inet4_address_create(ifnet_t interface)
{
    struct inet4_address *made, **link;

    if (machine_fault("inet address")) {
        return NULL;
    }
    made = machine_allocate(sizeof(*made), "inet address");
    machine_fill(made, 0, sizeof(*made));
    ksim_interface_address_initialize(&made->head, interface, AF_INET, address_destroy);
    made->head.address = (struct sockaddr *)&made->address;
    made->head.destination = (struct sockaddr *)&made->destination;
    made->head.netmask = (struct sockaddr *)&made->netmask;
    made->netmask.sin_len = 8;
    if ((interface->flags & IFF_BROADCAST) != 0) {
        made->destination.sin_len = sizeof(made->destination);
        made->destination.sin_family = AF_INET;
    }
    /* From here on others find it, and may delete it. */
    ksim_interface_address_hold(&made->head);
    for (link = &inet_current()->addresses4; *link != NULL; link = &(*link)->next) {
    }
    *link = made;
    ksim_interface_address_link(&made->head);
    (void)ksim_protocol_plumb(PF_INET, interface);
    return made;
}

static uint32_t
class_mask(uint32_t address)
{
    if ((address & 0x80000000U) == 0) {
        return 0xff000000U;
    }
    return (address & 0x40000000U) == 0 ? 0xffff0000U : 0xffffff00U;
}

/* in_socktrim: the length says where the last byte that is not zero stands. */
static void
mask_trim(struct sockaddr_in *mask)
{
    uint8_t bytes[8];
    uint8_t length = 8;

    machine_copy(bytes, mask, sizeof(bytes));
    while (length > 4 && bytes[length - 1] == 0) {
        length--;
    }
    mask->sin_len = length > 4 ? length : 0;
}

/* The first of the interface is asked for by SIOCSIFADDR; an alias makes the driver hear of both. */
static errno_t
address_announce(struct inet4_address *address)
{
    ifnet_t interface = address->head.interface;
    struct inet4_address *primary = inet4_address_first(interface);
    errno_t error;

    if (primary == NULL || primary == address) {
        return inet_tell_driver(interface, PF_INET, SIOCSIFADDR, address);
    }
    ksim_interface_address_hold(&primary->head);
    error = inet_tell_driver(interface, PF_INET, SIOCAIFADDR, address);
    if (error == 0) {
        error = inet_tell_driver(interface, PF_INET, SIOCSIFADDR, primary);
    }
    (void)ifaddr_release(&primary->head);
    return error;
}

static void
masks_make(struct inet4_address *address)
{
    const uint32_t own = inet4_address_value(address);
    ifnet_t interface = address->head.interface;

    address->net_mask = class_mask(own);
    if (address->subnet_mask == 0) {
        address->subnet_mask = address->net_mask;
        address->netmask.sin_addr.s_addr = wire_swap32(address->subnet_mask);
    } else {
        address->net_mask &= address->subnet_mask;
    }
    mask_trim(&address->netmask);
    if ((interface->flags & IFF_BROADCAST) != 0) {
        inet4_sockaddr(&address->destination, own | ~address->subnet_mask);
    } else if ((interface->flags & IFF_LOOPBACK) != 0) {
        address->head.destination = address->head.address;
    } else if (address->destination.sin_family == AF_INET) {
        address->destination.sin_len = sizeof(address->destination);
    }
}

errno_t
inet4_address_initialize(struct inet4_address *address, const struct sockaddr_in *value)
{
    const struct sockaddr_in old = address->address;
    ifnet_t interface = address->head.interface;
    errno_t error;

    address->address = *value;
    address->address.sin_len = sizeof(address->address);
    address->address.sin_family = AF_INET;
    error = address_announce(address);
    if (error != 0) {
        address->address = old;
        return error;
    }
    masks_make(address);
    if ((interface->flags & (IFF_BROADCAST | IFF_LOOPBACK)) == 0 &&
        (interface->flags & IFF_POINTOPOINT) != 0 &&
        address->destination.sin_family != AF_INET) {
        return 0;
    }
    address->routed = true;
    if ((interface->flags & IFF_MULTICAST) != 0 && !address->all_hosts_joined) {
        address->all_hosts_joined = inet_group_join(interface, 4, all_hosts) == 0;
    }
    return 0;
}

static bool
address_unlink(struct inet4_address *address)
{
    struct inet4_address **link = &inet_current()->addresses4;

    while (*link != NULL && *link != address) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        return false;
    }
    *link = address->next;
    address->routed = false;
    (void)ksim_interface_address_unlink(&address->head);
    return true;
}

errno_t
inet4_address_delete(struct inet4_address *address)
{
    ifnet_t interface = address->head.interface;
    struct inet4_address *primary;
    errno_t error;

    ksim_interface_address_hold(&address->head);
    error = inet_tell_driver(interface, PF_INET, SIOCDIFADDR, address);
    if (error != 0 && ksim_interface_is_attached(interface)) {
        goto release_address;
    }
    error = 0;
    if (!address_unlink(address)) {
        error = EADDRNOTAVAIL;
        goto release_address;
    }
    if (address->all_hosts_joined) {
        inet_group_leave(interface, 4, all_hosts);
    }
    primary = inet4_address_first(interface);
    if (primary != NULL) {
        ksim_interface_address_hold(&primary->head);
        error = inet_tell_driver(interface, PF_INET, SIOCSIFADDR, primary);
        (void)ifaddr_release(&primary->head);
    } else {
        inet_routes_remove(interface, 4);
    }
    inet4_address_post(address, KEV_INET_ADDR_DELETED);
    (void)ifaddr_release(&address->head);

release_address:
    (void)ifaddr_release(&address->head);
    return error;
}

static struct inet4_address *
address_of(ifnet_t interface)
{
    struct inet4_address *at = inet_current()->addresses4;

    while (at != NULL && at->head.interface != interface) {
        at = at->next;
    }
    return at;
}

void
in_purgeaddrs(ifnet_t ifp)
{
    struct inet4_address *address;

    while ((address = address_of(ifp)) != NULL) {
        (void)inet4_address_delete(address);
    }
    inet_groups_forget(ifp, 4);
    inet_routes_remove(ifp, 4);
    inet_neighbours_forget(ifp, 4);
    inet_fragments_forget(ifp, 4);
}

void
in_ifupdown(ifnet_t ifp, bool up)
{
    struct inet4_address *at;

    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        if (at->head.interface == ifp) {
            at->routed = up && inet4_address_value(at) != 0;
        }
    }
    if (!up) {
        inet_routes_remove(ifp, 4);
        inet_neighbours_forget(ifp, 4);
    }
}
