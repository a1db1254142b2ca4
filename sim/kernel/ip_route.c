/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip.h>

static unsigned
mask_bits(uint32_t mask)
{
    unsigned bits = 0;

    while ((mask & 0x80000000U) != 0) {
        bits++;
        mask <<= 1;
    }
    return bits;
}

static bool
is_point_to_point(const struct inet4_address *address)
{
    return (address->head.interface->flags & IFF_POINTOPOINT) != 0;
}

/* How good an interface address is for a destination: -1 not at all, else bits that match. */
static int
address_match(const struct inet4_address *address, uint32_t destination)
{
    const uint32_t own = inet4_address_value(address);

    if (!address->routed || own == 0) {
        return -1;
    }
    if (is_point_to_point(address)) {
        return address->destination.sin_len != 0 &&
                       wire_swap32(address->destination.sin_addr.s_addr) == destination
                   ? 32
                   : -1;
    }
    if (own == destination || (address->head.interface->flags & IFF_LOOPBACK) != 0) {
        return own == destination ? 33 : -1;
    }
    if (((own ^ destination) & address->subnet_mask) == 0) {
        return (int)mask_bits(address->subnet_mask);
    }
    return -1;
}

static const struct inet4_address *
best_address(uint32_t destination, int *bits)
{
    const struct inet4_address *at, *best = NULL;
    int match;

    *bits = -1;
    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        match = address_match(at, destination);
        if (match > *bits) {
            *bits = match;
            best = at;
        }
    }
    return best;
}

/* 255.255.255.255 and groups go where the hint says, else to the first interface that can. */
static errno_t
route_group(uint32_t destination, ifnet_t hint, struct ip_route *route)
{
    const struct inet4_address *at = hint == NULL ? NULL : inet4_address_first(hint);
    const bool broadcast = destination == 0xffffffffU;
    const unsigned needed = broadcast ? IFF_BROADCAST : IFF_MULTICAST;

    if (hint == NULL) {
        for (at = inet_current()->addresses4; at != NULL; at = at->next) {
            if ((at->head.interface->flags & needed) != 0) {
                break;
            }
        }
        if (at == NULL) {
            return EHOSTUNREACH;
        }
        hint = at->head.interface;
    }
    route->interface = hint;
    route->next_hop = destination;
    route->source = at == NULL ? 0 : inet4_address_value(at);
    route->broadcast = broadcast;
    route->multicast = !broadcast;
    return 0;
}

static errno_t
route_static(uint32_t destination, int at_least, struct ip_route *route)
{
    const struct inet4_address *own;
    const struct inet_route *found;
    uint8_t address[16] = {0};

    wire_store32(address, destination);
    found = inet_route_find(4, address);
    if (found == NULL || (int)found->prefix_bits <= at_least) {
        return EHOSTUNREACH;
    }
    own = inet4_address_first(found->interface);
    route->interface = found->interface;
    route->next_hop = found->has_gateway ? wire_load32(found->gateway) : destination;
    route->source = own == NULL ? 0 : inet4_address_value(own);
    return 0;
}

errno_t
ksim_ip_route(uint32_t destination, ifnet_t hint, struct ip_route *route)
{
    const struct inet4_address *best;
    int bits;

    machine_fill(route, 0, sizeof(*route));
    if (destination == 0xffffffffU || destination >> 28 == 14) {
        return route_group(destination, hint, route);
    }
    if (destination == 0) {
        return EHOSTUNREACH;
    }
    best = best_address(destination, &bits);
    if (route_static(destination, bits, route) == 0) {
        return 0;
    }
    if (best == NULL) {
        return EHOSTUNREACH;
    }
    route->interface = best->head.interface;
    route->next_hop = destination;
    route->source = inet4_address_value(best);
    route->local = bits == 33;
    route->broadcast = !route->local && !is_point_to_point(best) &&
                       inet4_is_broadcast(best->head.interface, destination);
    return 0;
}
