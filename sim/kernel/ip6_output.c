/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip6.h>

enum { ALERT_BYTES = 8 };

static const uint8_t router_alert[ALERT_BYTES] = {0, 0, 5, 2, 0, 0, 1, 0};

static errno_t
emit(const struct ip6_route *route, const uint8_t *bytes, size_t length)
{
    struct sockaddr_in6 next_hop;
    mbuf_t packet = inet_mbuf_make(bytes, length);

    if (packet == NULL) {
        return ENOBUFS;
    }
    if (route->multicast) {
        (void)mbuf_setflags_mask(packet, MBUF_MCAST, MBUF_MCAST);
    }
    inet6_sockaddr(&next_hop, route->next_hop, route->interface);
    return ifnet_output(route->interface, PF_INET6, packet, NULL, (struct sockaddr *)&next_hop);
}

static void
build_header(uint8_t *header, const struct ip6_send *send, const struct ip6_route *route,
             size_t payload_bytes)
{
    uint8_t hop_limit = send->hop_limit;

    if (hop_limit == 0) {
        hop_limit = route->multicast ? 1 : (uint8_t)inet_current()->settings.hop_limit6;
    }
    wire_store32(header, 0x60000000U);
    wire_store16(header + 4, (uint32_t)payload_bytes);
    header[6] = send->protocol;
    header[7] = hop_limit;
    machine_fill(header + 8, 0, 16);
    if (!send->source_unspecified) {
        machine_copy(header + 8,
                     inet6_is_unspecified(send->source) ? route->source : send->source, 16);
    }
    machine_copy(header + 24, send->destination, 16);
    if (send->router_alert) {
        header[6] = WIRE_HOP_BY_HOP;
        machine_copy(header + WIRE_IP6_BYTES, router_alert, ALERT_BYTES);
        header[WIRE_IP6_BYTES] = send->protocol;
    }
}

/* Only packets without a router alert are ever that long: the header in front is the plain one. */
static errno_t
emit_fragments(const struct ip6_route *route, const uint8_t *datagram, size_t total)
{
    const size_t head = WIRE_IP6_BYTES + WIRE_IP6_FRAGMENT_BYTES, mtu = route->interface->mtu;
    const uint32_t identification = ++inet_current()->next_fragment_id;
    size_t piece, at = WIRE_IP6_BYTES, length;
    uint8_t *fragment;
    errno_t error = 0;

    if (mtu < head + 8) {
        return EMSGSIZE;
    }
    if (machine_fault("ip6 fragment")) {
        return ENOBUFS;
    }
    piece = (mtu - head) & ~(size_t)7;
    fragment = machine_allocate(head + piece, "ip6 fragment");
    while (at < total && error == 0) {
        length = total - at < piece ? total - at : piece;
        machine_copy(fragment, datagram, WIRE_IP6_BYTES);
        wire_store16(fragment + 4, (uint32_t)(WIRE_IP6_FRAGMENT_BYTES + length));
        fragment[6] = WIRE_FRAGMENT;
        fragment[WIRE_IP6_BYTES] = datagram[6];
        fragment[WIRE_IP6_BYTES + 1] = 0;
        wire_store16(fragment + WIRE_IP6_BYTES + 2,
                     (uint32_t)(at - WIRE_IP6_BYTES) | (at + length < total));
        wire_store32(fragment + WIRE_IP6_BYTES + 4, identification);
        machine_copy(fragment + head, datagram + at, length);
        error = emit(route, fragment, head + length);
        inet_count_many(INET_COUNT_FRAGMENTS_SENT, error == 0);
        at += length;
    }
    machine_free(fragment);
    return error;
}

static errno_t
send_datagram(const struct ip6_send *send, const struct ip6_route *route, const uint8_t *datagram,
              size_t total)
{
    if (route->local) {
        return inet_loop(PF_INET6, route->interface, datagram, total);
    }
    if (route->multicast && !send->no_loop &&
        inet_group_member(route->interface, 6, send->destination)) {
        (void)inet_loop(PF_INET6, route->interface, datagram, total);
    }
    if (inet6_is_interface_group(send->destination)) {
        return 0;
    }
    if (total > route->interface->mtu) {
        return send->router_alert ? EMSGSIZE : emit_fragments(route, datagram, total);
    }
    return emit(route, datagram, total);
}

static errno_t
send_routed(const struct ip6_send *send, const struct ip6_route *route, const uint8_t *payload,
            size_t bytes)
{
    const size_t extension = send->router_alert ? ALERT_BYTES : 0;
    const size_t head = WIRE_IP6_BYTES + extension;
    uint8_t *datagram;
    errno_t error;

    if (extension + bytes > 65535) {
        return EMSGSIZE;
    }
    if (route->multicast && (route->interface->flags & IFF_MULTICAST) == 0) {
        return ENETUNREACH;
    }
    if (!send->source_unspecified && inet6_is_unspecified(send->source) &&
        inet6_is_unspecified(route->source)) {
        return EADDRNOTAVAIL;
    }
    if (machine_fault("ip6 datagram")) {
        return ENOBUFS;
    }
    datagram = machine_allocate(head + bytes, "ip6 datagram");
    build_header(datagram, send, route, extension + bytes);
    machine_copy(datagram + head, payload, bytes);
    error = send_datagram(send, route, datagram, head + bytes);
    machine_free(datagram);
    return error;
}

errno_t
ksim_ip6_send(const struct ip6_send *send, const uint8_t *payload, size_t bytes,
              enum ksim_inet_counter sent)
{
    struct ip6_route route;
    errno_t error = ksim_ip6_route(send->destination, send->interface, &route);

    if (error == 0) {
        error = send_routed(send, &route, payload, bytes);
    }
    if (error == 0) {
        inet_count(sent);
    }
    return inet_count_unsent(error);
}
