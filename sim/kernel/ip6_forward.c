/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip6.h>

#include <icmp6.h>

static errno_t
emit(const struct ip6_route *route, const struct inet_packet *packet)
{
    struct sockaddr_in6 next_hop;
    mbuf_t copy = inet_mbuf_make(packet->bytes, packet->length);

    if (copy == NULL) {
        return ENOBUFS;
    }
    (void)mbuf_pkthdr_setrcvif(copy, packet->interface);
    inet6_sockaddr(&next_hop, route->next_hop, route->interface);
    return ifnet_output(route->interface, PF_INET6, copy, NULL, (struct sockaddr *)&next_hop);
}

static enum ksim_inet_counter
send_on(struct inet_packet *packet, const struct ip6_route *route)
{
    errno_t error;

    packet->bytes[7]--;
    error = emit(route, packet);
    packet->bytes[7]++;
    switch (error) {
    case 0:
        return INET_COUNT_IP6_FORWARDED;
    case ENOBUFS:
    case ENOMEM:
        return INET_COUNT_NO_MEMORY;
    default:
        ksim_icmp6_error(packet, ICMP6_TYPE_UNREACHABLE, ICMP6_CODE_ADDRESS, 0);
        return INET_COUNT_IP6_FORWARD_REFUSED;
    }
}

enum ksim_inet_counter
ksim_ip6_forward(struct inet_packet *packet)
{
    const uint8_t *source = packet->bytes + 8, *destination = packet->bytes + 24;
    struct ip6_route route;

    if (packet->group || inet6_is_multicast(destination) || inet6_is_link_local(destination) ||
        inet6_is_unspecified(source)) {
        return INET_COUNT_IP6_CANNOT_FORWARD;
    }
    if (packet->bytes[7] <= 1) {
        ksim_icmp6_error(packet, ICMP6_TYPE_TIME_EXCEEDED, ICMP6_CODE_TRANSIT, 0);
        return INET_COUNT_IP6_EXPIRED;
    }
    if (ksim_ip6_route(destination, NULL, &route) != 0) {
        ksim_icmp6_error(packet, ICMP6_TYPE_UNREACHABLE, ICMP6_CODE_NO_ROUTE, 0);
        return INET_COUNT_IP6_FORWARD_NO_ROUTE;
    }
    if (inet6_is_link_local(source) && route.interface != packet->interface) {
        ksim_icmp6_error(packet, ICMP6_TYPE_UNREACHABLE, ICMP6_CODE_BEYOND_SCOPE, 0);
        return INET_COUNT_IP6_CANNOT_FORWARD;
    }
    if (packet->length > route.interface->mtu) {
        ksim_icmp6_error(packet, ICMP6_TYPE_TOO_BIG, 0, route.interface->mtu);
        return INET_COUNT_IP6_FORWARD_TOO_BIG;
    }
    return send_on(packet, &route);
}
