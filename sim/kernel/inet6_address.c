/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_address.h>
#include <inet6_address.h>

#include <inet_fragment.h>
#include <inet_neighbour.h>
#include <nd6.h>
#include <net/net_kev.h>
#include <netinet6/in6_var.h>
#include <sys/sockio.h>

static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t own_nodes[16] = {0xff, 0x01, [15] = 1};

/* xnu: struct kev_in6_data */
struct address6_event {
    struct net_event_data link_data;
    struct sockaddr_in6 address, net, destination, prefix_mask;
    uint32_t prefix_bits;
    uint32_t flags;
    uint32_t lifetime[4];
    uint8_t link[6];
};

void
inet6_address_post(const struct inet6_address *address, uint32_t code)
{
    struct address6_event event;

    machine_fill(&event, 0, sizeof(event));
    inet6_sockaddr(&event.address, address->bytes, NULL);
    event.destination = address->destination;
    event.prefix_mask = address->netmask;
    event.prefix_bits = address->prefix_bits;
    event.flags = (uint32_t)address->flags;
    (void)inet_link_address(address->head.interface, event.link);
    ksim_interface_post(address->head.interface, KEV_INET6_SUBCLASS, code, &event.link_data,
                        sizeof(event));
}

static void
address_destroy(ifaddr_t address)
{
    machine_free(address);
}

struct inet6_address *
inet6_address_on(ifnet_t interface, const uint8_t *bytes)
{
    struct inet6_address *at = inet_current()->addresses6;

    while (at != NULL && (at->head.interface != interface ||
                          (bytes != NULL && !wire_same(at->bytes, bytes, 16)))) {
        at = at->next;
    }
    return at;
}

static struct inet6_address *
address_create(ifnet_t interface, const uint8_t *bytes)
{
    struct inet6_address *made, **link;

    if (machine_fault("inet6 address")) {
        return NULL;
    }
    made = machine_allocate(sizeof(*made), "inet6 address");
    machine_fill(made, 0, sizeof(*made));
    ksim_interface_address_initialize(&made->head, interface, AF_INET6, address_destroy);
    made->head.address = (struct sockaddr *)&made->address;
    made->head.destination =
        (interface->flags & IFF_POINTOPOINT) != 0 ? (struct sockaddr *)&made->destination : NULL;
    made->head.netmask = (struct sockaddr *)&made->netmask;
    machine_copy(made->bytes, bytes, 16);
    inet6_sockaddr(&made->address, bytes, interface);
    /* From here on others find it, and may delete it: the caller's. */
    ksim_interface_address_hold(&made->head);
    for (link = &inet_current()->addresses6; *link != NULL; link = &(*link)->next) {
    }
    *link = made;
    ksim_interface_address_link(&made->head);
    return made;
}

static unsigned
mask_bits(const struct sockaddr_in6 *mask)
{
    uint8_t bytes[16], ones[16];
    unsigned bits = 0;

    machine_copy(bytes, &mask->sin6_addr, 16);
    machine_fill(ones, 0xff, 16);
    while (bits < 128 && wire_same_prefix(bytes, ones, bits + 1)) {
        bits++;
    }
    return bits;
}

void
inet6_mask(struct sockaddr_in6 *mask, unsigned bits)
{
    uint8_t bytes[16] = {0};
    unsigned at;

    for (at = 0; at < bits; at++) {
        bytes[at / 8] |= (uint8_t)(0x80 >> (at % 8));
    }
    inet6_sockaddr(mask, bytes, NULL);
}

static void
address_update(struct inet6_address *address, const struct in6_aliasreq *request)
{
    if (request->ifra_prefixmask.sin6_len != 0) {
        address->netmask = request->ifra_prefixmask;
        address->prefix_bits = mask_bits(&address->netmask);
    } else if (address->netmask.sin6_len == 0) {
        address->prefix_bits = 64;
        inet6_mask(&address->netmask, 64);
    }
    if (request->ifra_dstaddr.sin6_family == AF_INET6) {
        inet6_sockaddr_bytes(&request->ifra_dstaddr, address->peer);
        inet6_sockaddr(&address->destination, address->peer, address->head.interface);
        address->has_peer = true;
    }
    address->flags = request->ifra_flags;
}

static void
groups_join(struct inet6_address *address)
{
    uint8_t group[16];

    inet6_solicited_node(address->bytes, group);
    (void)inet_group_join(address->head.interface, 6, group);
    (void)inet_group_join(address->head.interface, 6, all_nodes);
    (void)inet_group_join(address->head.interface, 6, own_nodes);
}

static void
groups_leave(const struct inet6_address *address)
{
    uint8_t group[16];

    inet6_solicited_node(address->bytes, group);
    inet_group_leave(address->head.interface, 6, group);
    inet_group_leave(address->head.interface, 6, all_nodes);
    inet_group_leave(address->head.interface, 6, own_nodes);
}

static bool
address_unlink(struct inet6_address *address)
{
    struct inet6_address **link = &inet_current()->addresses6;

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

/* The driver hears of the interface's first IPv6 address only. */
static errno_t
address_start(struct inet6_address *address)
{
    ifnet_t interface = address->head.interface;
    errno_t error = 0;

    if (inet6_address_on(interface, NULL) == address) {
        error = inet_tell_driver(interface, PF_INET6, SIOCSIFADDR, address);
    }
    if (error != 0) {
        return error;
    }
    address->routed = true;
    groups_join(address);
    if (inet_has_neighbours(interface) && (address->flags & IN6_IFF_NODAD) == 0) {
        ksim_nd6_detect(interface, address->bytes);
    }
    return 0;
}

errno_t
inet6_address_add(ifnet_t interface, const struct in6_aliasreq *request)
{
    struct inet6_address *address;
    uint8_t bytes[16];
    bool is_new;
    errno_t error = 0;

    inet6_sockaddr_bytes(&request->ifra_addr, bytes);
    if (request->ifra_addr.sin6_family != AF_INET6 || inet6_is_multicast(bytes) ||
        inet6_is_unspecified(bytes)) {
        return EINVAL;
    }
    address = inet6_address_on(interface, bytes);
    is_new = address == NULL;
    if (is_new) {
        address = address_create(interface, bytes);
        if (address == NULL) {
            return ENOBUFS;
        }
    } else {
        ksim_interface_address_hold(&address->head);
    }
    address_update(address, request);
    if (is_new) {
        error = address_start(address);
    }
    if (error == 0) {
        inet6_address_post(address, !is_new ? KEV_INET6_CHANGED_ADDR
                                    : inet6_is_link_local(bytes) ? KEV_INET6_NEW_LL_ADDR
                                                                 : KEV_INET6_NEW_USER_ADDR);
    } else if (address_unlink(address)) {
        (void)ifaddr_release(&address->head);
    }
    (void)ifaddr_release(&address->head);
    return error;
}

errno_t
inet6_address_add_link_local(ifnet_t interface)
{
    struct in6_aliasreq request;
    uint8_t bytes[16] = {0xfe, 0x80, [11] = 0xff, [12] = 0xfe}, link[WIRE_LINK_BYTES];

    if (inet6_address_link_local(interface) != NULL) {
        return 0;
    }
    if (!inet_link_address(interface, link)) {
        return EADDRNOTAVAIL;
    }
    /* Modified EUI-64 (RFC 2464, section 4). */
    machine_copy(bytes + 8, link, 3);
    machine_copy(bytes + 13, link + 3, 3);
    bytes[8] ^= 2;
    machine_fill(&request, 0, sizeof(request));
    inet6_sockaddr(&request.ifra_addr, bytes, interface);
    inet6_mask(&request.ifra_prefixmask, 64);
    return inet6_address_add(interface, &request);
}

errno_t
inet6_address_delete(struct inet6_address *address)
{
    ifnet_t interface = address->head.interface;

    if (!address_unlink(address)) {
        return EADDRNOTAVAIL;
    }
    groups_leave(address);
    if (inet6_address_on(interface, NULL) == NULL) {
        inet_routes_remove(interface, 6);
    }
    inet6_address_post(address, KEV_INET6_ADDR_DELETED);
    (void)ifaddr_release(&address->head);
    return 0;
}

void
in6_purgeaddrs(ifnet_t ifp)
{
    struct inet6_address *address;

    while ((address = inet6_address_on(ifp, NULL)) != NULL) {
        (void)inet6_address_delete(address);
    }
    inet_groups_forget(ifp, 6);
    inet_routes_remove(ifp, 6);
    inet_neighbours_forget(ifp, 6);
    inet_fragments_forget(ifp, 6);
}

void
in6_ifupdown(ifnet_t ifp, bool up)
{
    struct inet6_address *at;

    for (at = inet_current()->addresses6; at != NULL; at = at->next) {
        if (at->head.interface == ifp) {
            at->routed = up;
        }
    }
    if (!up) {
        inet_routes_remove(ifp, 6);
        inet_neighbours_forget(ifp, 6);
    }
}
