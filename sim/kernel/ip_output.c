/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip.h>

#include <ip_nat.h>
#include <panic.h>
#include <profile.h>

enum { ROUTER_ALERT_BYTES = 4, ROUTER_ALERT = 0x94040000 };

void
ksim_ip_mtu_verify(ifnet_t interface)
{
    if (interface->mtu == 0 && ksim_current()->profile->output_zero_mtu_asserts) {
        ksim_panic("assertion failed: interface_mtu != 0, file: ip_output.c");
    }
}

static errno_t
check_route(const struct ip_route *route, const struct ip_send *send, size_t total)
{
    const unsigned flags = route->interface->flags;

    if (route->local) {
        return 0;
    }
    if (route->multicast && (flags & IFF_MULTICAST) == 0) {
        return ENETUNREACH;
    }
    if (route->broadcast && (flags & IFF_BROADCAST) == 0) {
        return EADDRNOTAVAIL;
    }
    if (total > route->interface->mtu && route->broadcast) {
        return EMSGSIZE;
    }
    ksim_ip_mtu_verify(route->interface);
    return total > route->interface->mtu && send->dont_fragment ? EMSGSIZE : 0;
}

static size_t
build_header(uint8_t *header, const struct ip_send *send, const struct ip_route *route,
             size_t payload_bytes)
{
    const size_t bytes = WIRE_IP4_BYTES + (send->router_alert ? ROUTER_ALERT_BYTES : 0);
    uint8_t hop_limit = send->hop_limit;

    if (hop_limit == 0) {
        hop_limit = route->multicast ? 1 : (uint8_t)inet_current()->settings.hop_limit4;
    }
    machine_fill(header, 0, bytes);
    header[0] = (uint8_t)(0x40 | bytes / 4);
    header[1] = send->service;
    wire_store16(header + 2, (uint32_t)(bytes + payload_bytes));
    wire_store16(header + 4, ++inet_current()->next_fragment_id);
    wire_store16(header + 6, send->dont_fragment ? WIRE_IP4_DONT_FRAGMENT : 0);
    header[8] = hop_limit;
    header[9] = send->protocol;
    wire_store32(header + 12, send->source != 0 ? send->source : route->source);
    wire_store32(header + 16, send->destination);
    if (send->router_alert) {
        wire_store32(header + WIRE_IP4_BYTES, ROUTER_ALERT);
    }
    wire_store16(header + 10, wire_finish(wire_sum(0, header, bytes)));
    return bytes;
}

static errno_t
emit(const struct ip_route *route, const uint8_t *bytes, size_t length)
{
    struct sockaddr_in next_hop;
    mbuf_t packet;

    packet = inet_mbuf_make(bytes, length);
    if (packet == NULL) {
        return ENOBUFS;
    }
    if (route->broadcast) {
        (void)mbuf_setflags_mask(packet, MBUF_BCAST, MBUF_BCAST);
    }
    if (route->multicast) {
        (void)mbuf_setflags_mask(packet, MBUF_MCAST, MBUF_MCAST);
    }
    inet4_sockaddr(&next_hop, route->next_hop);
    return ifnet_output(route->interface, PF_INET, packet, NULL, (struct sockaddr *)&next_hop);
}

/* Pieces of the datagram, each but the last a multiple of 8 bytes. The router alert is copied. */
static errno_t
emit_fragments(const struct ip_route *route, const uint8_t *datagram, size_t header_bytes,
               size_t total)
{
    const size_t piece = (route->interface->mtu - header_bytes) & ~(size_t)7;
    uint8_t *fragment;
    size_t at = header_bytes, length;
    errno_t error = 0;

    if (route->interface->mtu < header_bytes + 8 || machine_fault("ip fragment")) {
        return route->interface->mtu < header_bytes + 8 ? EMSGSIZE : ENOBUFS;
    }
    fragment = machine_allocate(header_bytes + piece, "ip fragment");
    while (at < total && error == 0) {
        length = total - at < piece ? total - at : piece;
        machine_copy(fragment, datagram, header_bytes);
        machine_copy(fragment + header_bytes, datagram + at, length);
        wire_store16(fragment + 2, (uint32_t)(header_bytes + length));
        wire_store16(fragment + 6, (uint32_t)((at - header_bytes) / 8) |
                                       (at + length < total ? WIRE_IP4_MORE : 0));
        wire_store16(fragment + 10, 0);
        wire_store16(fragment + 10, wire_finish(wire_sum(0, fragment, header_bytes)));
        error = emit(route, fragment, header_bytes + length);
        inet_count_many(INET_COUNT_FRAGMENTS_SENT, error == 0);
        at += length;
    }
    machine_free(fragment);
    return error;
}

static errno_t
send_datagram(const struct ip_send *send, const struct ip_route *route, uint8_t *datagram,
              size_t header_bytes, size_t total)
{
    uint8_t group[4];

    if (route->local) {
        return inet_loop(PF_INET, ksim_interface_loopback(), datagram, total);
    }
    wire_store32(group, send->destination);
    if (route->multicast && !send->no_loop && inet_group_member(route->interface, 4, group)) {
        (void)inet_loop(PF_INET, route->interface, datagram, total);
    }
    if (ksim_nat_output(route->interface, datagram, total) == NAT_REFUSED) {
        return ENOBUFS;
    }
    if (total > route->interface->mtu) {
        return emit_fragments(route, datagram, header_bytes, total);
    }
    return emit(route, datagram, total);
}

static errno_t
send_routed(const struct ip_send *send, const struct ip_route *route, const uint8_t *payload,
            size_t bytes)
{
    const size_t room = WIRE_IP4_BYTES + (send->router_alert ? ROUTER_ALERT_BYTES : 0) + bytes;
    uint8_t *datagram;
    size_t header_bytes;
    errno_t error;

    if (room > WIRE_IP4_MAXIMUM) {
        return EMSGSIZE;
    }
    if (send->source == 0 && route->source == 0) {
        return EADDRNOTAVAIL;
    }
    if (machine_fault("ip datagram")) {
        return ENOBUFS;
    }
    datagram = machine_allocate(room, "ip datagram");
    header_bytes = build_header(datagram, send, route, bytes);
    machine_copy(datagram + header_bytes, payload, bytes);
    error = check_route(route, send, header_bytes + bytes);
    if (error == 0) {
        error = send_datagram(send, route, datagram, header_bytes, header_bytes + bytes);
    }
    machine_free(datagram);
    return error;
}

errno_t
ksim_ip_send(const struct ip_send *send, const uint8_t *payload, size_t bytes,
             enum ksim_inet_counter sent)
{
    struct ip_route route;
    errno_t error = ksim_ip_route(send->destination, send->interface, &route);

    if (error == 0) {
        error = send_routed(send, &route, payload, bytes);
    }
    if (error == 0) {
        inet_count(sent);
    }
    return inet_count_unsent(error);
}
