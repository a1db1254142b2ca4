/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_stack.h>

static size_t
address_bytes(uint8_t family)
{
    return family == 4 ? 4 : 16;
}

const struct inet_route *
inet_route_find(uint8_t family, const uint8_t *address)
{
    const struct inet_route *at, *best = NULL;

    for (at = inet_current()->routes; at != NULL; at = at->next) {
        if (at->family == family && wire_same_prefix(at->network, address, at->prefix_bits) &&
            (best == NULL || at->prefix_bits > best->prefix_bits)) {
            best = at;
        }
    }
    return best;
}

static struct inet_route **
route_find_exact(struct inet_system *inet, uint8_t family, const uint8_t *network,
                 unsigned prefix_bits)
{
    struct inet_route **link = &inet->routes;

    while (*link != NULL && ((*link)->family != family || (*link)->prefix_bits != prefix_bits ||
                             !wire_same_prefix((*link)->network, network, prefix_bits))) {
        link = &(*link)->next;
    }
    return link;
}

static unsigned
route_count(const struct inet_system *inet)
{
    const struct inet_route *at;
    unsigned count = 0;

    for (at = inet->routes; at != NULL; at = at->next) {
        count++;
    }
    return count;
}

int
ksim_route_add(struct ksim *ksim, const struct ksim_inet_address *network, unsigned prefix_bits,
               const struct ksim_inet_address *gateway, const char *interface_name)
{
    const ifnet_t interface = ksim_interface_peek(interface_name);
    struct inet_route **link, *made;

    if ((network->family != 4 && network->family != 6) ||
        prefix_bits > address_bytes(network->family) * 8 ||
        (gateway != NULL && gateway->family != 0 && gateway->family != network->family)) {
        return EINVAL;
    }
    if (interface == NULL) {
        return ENXIO;
    }
    link = route_find_exact(ksim->inet, network->family, network->bytes, prefix_bits);
    if (*link != NULL) {
        return EEXIST;
    }
    if (route_count(ksim->inet) >= INET_ROUTE_LIMIT) {
        return ENOBUFS;
    }
    made = machine_allocate(sizeof(*made), "inet route");
    machine_fill(made, 0, sizeof(*made));
    made->interface = interface;
    made->family = network->family;
    made->prefix_bits = prefix_bits;
    machine_copy(made->network, network->bytes, address_bytes(network->family));
    if (gateway != NULL && gateway->family != 0) {
        made->has_gateway = true;
        machine_copy(made->gateway, gateway->bytes, address_bytes(gateway->family));
    }
    *link = made;
    return 0;
}

int
ksim_route_delete(struct ksim *ksim, const struct ksim_inet_address *network, unsigned prefix_bits)
{
    struct inet_route **link, *gone;

    if (prefix_bits > address_bytes(network->family) * 8) {
        return EINVAL;
    }
    link = route_find_exact(ksim->inet, network->family, network->bytes, prefix_bits);
    gone = *link;
    if (gone == NULL) {
        return ESRCH;
    }
    *link = gone->next;
    machine_free(gone);
    return 0;
}

void
inet_routes_remove(ifnet_t interface, uint8_t family)
{
    struct inet_route **link = &inet_current()->routes, *at;

    while ((at = *link) != NULL) {
        if (at->interface == interface && at->family == family) {
            *link = at->next;
            machine_free(at);
        } else {
            link = &at->next;
        }
    }
}
