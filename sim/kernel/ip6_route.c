/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip6.h>

static int
address_match(const struct inet6_address *address, const uint8_t *destination, ifnet_t hint)
{
    ifnet_t interface = address->head.interface;

    if (!address->routed || address->duplicated) {
        return -1;
    }
    if (inet6_is_link_local(destination) && hint != NULL && hint != interface) {
        return -1;
    }
    if (wire_same(address->bytes, destination, 16)) {
        return 129;
    }
    if (address->has_peer && wire_same(address->peer, destination, 16)) {
        return 128;
    }
    if (wire_same_prefix(address->bytes, destination, address->prefix_bits)) {
        return (int)address->prefix_bits;
    }
    return -1;
}

static const struct inet6_address *
best_address(const uint8_t *destination, ifnet_t hint, int *bits)
{
    const struct inet6_address *at, *best = NULL;
    int match;

    *bits = -1;
    for (at = inet_current()->addresses6; at != NULL; at = at->next) {
        match = address_match(at, destination, hint);
        if (match > *bits) {
            *bits = match;
            best = at;
        }
    }
    return best;
}

static void
choose_source(struct ip6_route *route, const uint8_t *destination)
{
    const struct inet6_address *source = inet6_address_source(route->interface, destination);

    if (source != NULL) {
        machine_copy(route->source, source->bytes, 16);
    }
}

static errno_t
route_group(const uint8_t *destination, ifnet_t hint, struct ip6_route *route)
{
    const struct inet6_address *at;

    for (at = inet_current()->addresses6; hint == NULL && at != NULL; at = at->next) {
        if ((at->head.interface->flags & IFF_MULTICAST) != 0) {
            hint = at->head.interface;
        }
    }
    if (hint == NULL) {
        return EHOSTUNREACH;
    }
    route->interface = hint;
    route->multicast = true;
    choose_source(route, destination);
    return 0;
}

/* A link-local neighbour is reachable through any interface that was named. */
static errno_t
route_elsewhere(const uint8_t *destination, ifnet_t hint, struct ip6_route *route)
{
    if (!inet6_is_link_local(destination) || hint == NULL ||
        inet6_address_source(hint, destination) == NULL) {
        return EHOSTUNREACH;
    }
    route->interface = hint;
    choose_source(route, destination);
    return 0;
}

errno_t
ksim_ip6_route(const uint8_t *destination, ifnet_t hint, struct ip6_route *route)
{
    const struct inet6_address *best;
    const struct inet_route *fixed;
    int bits;

    machine_fill(route, 0, sizeof(*route));
    machine_copy(route->next_hop, destination, 16);
    if (inet6_is_multicast(destination)) {
        return route_group(destination, hint, route);
    }
    if (inet6_is_unspecified(destination)) {
        return EHOSTUNREACH;
    }
    best = best_address(destination, hint, &bits);
    fixed = inet6_is_link_local(destination) ? NULL : inet_route_find(6, destination);
    if (fixed != NULL && (int)fixed->prefix_bits > bits) {
        route->interface = fixed->interface;
        if (fixed->has_gateway) {
            machine_copy(route->next_hop, fixed->gateway, 16);
        }
        choose_source(route, destination);
        return 0;
    }
    if (best == NULL) {
        return route_elsewhere(destination, hint, route);
    }
    route->interface = best->head.interface;
    route->local = bits == 129;
    if (route->local) {
        machine_copy(route->source, best->bytes, 16);
    } else {
        choose_source(route, destination);
    }
    return 0;
}
