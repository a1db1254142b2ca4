/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs read with sysctl and the routing socket: lists of interfaces, addresses, neighbours,
 * routes and mbufs. Each call copies one row at a position, so that nothing stays held between rows.
 */
#include "system.h"

#include <inet_address.h>
#include <inet_neighbour.h>
#include <interface_internal.h>
#include <ip.h>
#include <ip6.h>
#include <mbuf.h>

/* --- interfaces -------------------------------------------------------------------------------- */

struct interface_search {
    unsigned position;
    struct ksim_interface_status *status;
};

static void
interface_copy(ifnet_t interface, struct ksim_interface_status *status)
{
    const struct ifnet_stats_param *counters = &interface->statistics;

    machine_fill(status, 0, sizeof(*status));
    machine_format(status->name, sizeof(status->name), "%s", interface->xname);
    status->index = interface->index;
    status->flags = interface->flags;
    status->mtu = interface->mtu;
    status->type = interface->type;
    status->has_link_address = inet_link_address(interface, status->link_address);
    status->packets_in = counters->packets_in;
    status->errors_in = counters->errors_in;
    status->bytes_in = counters->bytes_in;
    status->packets_out = counters->packets_out;
    status->errors_out = counters->errors_out;
    status->bytes_out = counters->bytes_out;
    status->collisions = counters->collisions;
    status->dropped = counters->dropped;
}

static int
interface_visit(ifnet_t interface, void *context)
{
    struct interface_search *search = context;

    if (search->position-- > 0) {
        return 0;
    }
    interface_copy(interface, search->status);
    return 1;
}

bool
ksim_system_interface(unsigned position, struct ksim_interface_status *status)
{
    struct interface_search search = {position, status};

    return ksim_interfaces_each(interface_visit, &search) != 0;
}

static void
address4_copy(const struct inet4_address *from, struct ksim_address_status *status)
{
    status->family = 4;
    machine_copy(status->address, &from->address.sin_addr, 4);
    machine_copy(status->netmask, &from->netmask.sin_addr, 4);
    status->has_destination = from->destination.sin_len != 0;
    machine_copy(status->destination, &from->destination.sin_addr, 4);
}

static void
address6_copy(const struct inet6_address *from, struct ksim_address_status *status)
{
    status->family = 6;
    machine_copy(status->address, from->bytes, 16);
    for (unsigned bit = 0; bit < from->prefix_bits; bit++) {
        status->netmask[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
    }
    status->has_destination = from->has_peer;
    machine_copy(status->destination, from->peer, 16);
    status->scope = inet6_is_scoped(from->bytes) ? from->head.interface->index : 0;
    status->flags = (unsigned)from->flags;
    status->duplicated = from->duplicated;
}

bool
ksim_system_interface_address(const char *name, unsigned position,
                              struct ksim_address_status *status)
{
    const struct __ifaddr *at;
    ifnet_t interface = ksim_interface_peek(name);

    machine_fill(status, 0, sizeof(*status));
    for (at = interface == NULL ? NULL : interface->addresses; at != NULL; at = at->next) {
        if ((at->family != AF_INET && at->family != AF_INET6) ||
            (at->family == AF_INET &&
             inet4_address_value((const struct inet4_address *)(const void *)at) == 0) ||
            position-- > 0) {
            continue;
        }
        if (at->family == AF_INET) {
            address4_copy((const struct inet4_address *)(const void *)at, status);
        } else {
            address6_copy((const struct inet6_address *)(const void *)at, status);
        }
        return true;
    }
    return false;
}

/* --- neighbours -------------------------------------------------------------------------------- */

bool
ksim_system_neighbour(unsigned position, struct ksim_neighbour_status *status)
{
    return inet_neighbour_row(position, status);
}

int
ksim_system_neighbour_delete(struct process *process, uint8_t family, const uint8_t *address)
{
    if (ksim_process_uid(process) != 0) {
        return -KSIM_EPERM;
    }
    return inet_neighbour_delete(family, address) ? 0 : -KSIM_ESRCH;
}

/* --- routes ------------------------------------------------------------------------------------ */

bool
ksim_system_route(unsigned position, struct ksim_route_status *status)
{
    const struct inet_route *route = inet_current()->routes;

    while (route != NULL && position-- > 0) {
        route = route->next;
    }
    if (route == NULL) {
        return false;
    }
    machine_fill(status, 0, sizeof(*status));
    status->family = route->family;
    machine_copy(status->network, route->network, 16);
    status->prefix_bits = route->prefix_bits;
    status->has_gateway = route->has_gateway;
    machine_copy(status->gateway, route->gateway, 16);
    machine_format(status->interface, sizeof(status->interface), "%s", route->interface->xname);
    return true;
}

static void
way_interface(struct ksim_route_way *way, ifnet_t interface)
{
    machine_format(way->interface, sizeof(way->interface), "%s", interface->xname);
    way->mtu = interface->mtu;
}

static errno_t
way4(const uint8_t *address, struct ksim_route_way *way, uint8_t hop[16])
{
    struct ip_route route;
    errno_t error = ksim_ip_route(wire_load32(address), NULL, &route);

    if (error == 0) {
        wire_store32(hop, route.next_hop);
        wire_store32(way->source, route.source);
        way->local = route.local;
        way_interface(way, route.interface);
    }
    return error;
}

static errno_t
way6(const uint8_t *address, ifnet_t scope, struct ksim_route_way *way, uint8_t hop[16])
{
    struct ip6_route route;
    errno_t error = ksim_ip6_route(address, scope, &route);

    if (error == 0) {
        machine_copy(hop, route.next_hop, 16);
        machine_copy(way->source, route.source, 16);
        way->local = route.local;
        way_interface(way, route.interface);
    }
    return error;
}

int
ksim_system_route_way(uint8_t family, const uint8_t *address, unsigned scope,
                      struct ksim_route_way *way)
{
    ifnet_t interface = scope == 0 ? NULL : ksim_interface_find_index(scope);
    uint8_t hop[16] = {0};
    errno_t error;

    if (scope != 0 && interface == NULL) {
        return -ENXIO;
    }
    machine_fill(way, 0, sizeof(*way));
    error = family == 4 ? way4(address, way, hop) : way6(address, interface, way, hop);
    if (interface != NULL) {
        ksim_interface_io_end(interface);
    }
    if (error != 0) {
        return -error;
    }
    way->has_gateway = !wire_same(hop, address, family == 4 ? 4 : 16);
    machine_copy(way->gateway, hop, 16);
    return 0;
}

/* --- mbufs ------------------------------------------------------------------------------------- */

void
ksim_system_mbufs(struct ksim *kernel, struct ksim_mbuf_status *status)
{
    const struct mbuf_system *system = kernel->mbufs;
    const struct mbuf_slab *slab;

    machine_fill(status, 0, sizeof(*status));
    status->mbufs_used = system->live.mbufs;
    status->failures = system->failures;
    for (slab = system->slabs; slab != NULL; slab = slab->next) {
        status->mbufs += slab->count;
        for (uint32_t i = 0; i < slab->count; i++) {
            const struct __mbuf *m =
                (const struct __mbuf *)(const void *)(slab->first + i * slab->stride_bytes);

            if (m->state == MBUF_LIVE && m->type < KSIM_MBUF_TYPES) {
                status->of_type[m->type]++;
            }
        }
    }
    for (int class = MBUF_CLASS_2K; class <= MBUF_CLASS_16K; class++) {
        status->clusters_used[class] = system->live.clusters[class];
        for (slab = system->cluster_slabs; slab != NULL; slab = slab->next) {
            status->clusters[class] += slab->class == (enum mbuf_class)class ? slab->count : 0;
        }
    }
}
