/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip.h>

#include <icmp.h>
#include <ip_nat.h>

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_COPIED = 0x80, HEADER_MOST_BYTES = 60,
       QUOTED_BYTES = 8 };

static bool
is_link_local(uint32_t address)
{
    return address >> 16 == 0xa9fe;
}

static bool
may_forward(const struct inet_packet *packet, const struct ip_header *header)
{
    const uint32_t network = header->destination >> 24;

    return !packet->group && header->destination >> 28 < 14 && network != 0 && network != 127 &&
           !is_link_local(header->destination) && !is_link_local(header->source);
}

/* rcvif stays the interface that the packet came in on, as XNU leaves it (kpi-ifnet.md 14.2). */
static errno_t
emit(const struct ip_route *route, ifnet_t arrived_on, const uint8_t *bytes, size_t length)
{
    struct sockaddr_in next_hop;
    mbuf_t packet = inet_mbuf_make(bytes, length);

    if (packet == NULL) {
        return ENOBUFS;
    }
    (void)mbuf_pkthdr_setrcvif(packet, arrived_on);
    inet4_sockaddr(&next_hop, route->next_hop);
    return ifnet_output(route->interface, PF_INET, packet, NULL, (struct sockaddr *)&next_hop);
}

/* The header of a later fragment: only options that ask for it are copied (RFC 791, 3.1). */
static size_t
header_trim(uint8_t *trimmed, const uint8_t *header, size_t header_bytes)
{
    size_t at = WIRE_IP4_BYTES, bytes = WIRE_IP4_BYTES, length;

    machine_copy(trimmed, header, WIRE_IP4_BYTES);
    while (at < header_bytes && header[at] != OPTION_END) {
        length = header[at] == OPTION_NOP ? 1 : header[at + 1];
        if ((header[at] & OPTION_COPIED) != 0) {
            machine_copy(trimmed + bytes, header + at, length);
            bytes += length;
        }
        at += length;
    }
    while (bytes % 4 != 0) {
        trimmed[bytes++] = OPTION_END;
    }
    trimmed[0] = (uint8_t)(0x40 | bytes / 4);
    return bytes;
}

static void
fragment_finish(uint8_t *fragment, size_t header_bytes, size_t length, uint32_t field)
{
    wire_store16(fragment + 2, (uint32_t)(header_bytes + length));
    wire_store16(fragment + 6, field);
    wire_store16(fragment + 10, 0);
    wire_store16(fragment + 10, wire_finish(wire_sum(0, fragment, header_bytes)));
}

/* `fragment` has room for the mtu. What was a fragment before keeps its place in the whole. */
static errno_t
emit_pieces(const struct ip_route *route, const struct inet_packet *packet,
            const struct ip_header *header, uint8_t *fragment)
{
    const uint32_t base = header->fragment & WIRE_IP4_OFFSET;
    size_t at = header->header_bytes, head = header->header_bytes, length;
    uint8_t trimmed[HEADER_MOST_BYTES];
    errno_t error = 0;
    bool more;

    machine_copy(fragment, packet->bytes, head);
    while (at < header->total_bytes && error == 0) {
        length = (route->interface->mtu - head) & ~(size_t)7;
        more = at + length < header->total_bytes;
        if (!more) {
            length = header->total_bytes - at;
            more = (header->fragment & WIRE_IP4_MORE) != 0;
        }
        machine_copy(fragment + head, packet->bytes + at, length);
        fragment_finish(fragment, head, length,
                        (base + (uint32_t)((at - header->header_bytes) / 8)) |
                            (more ? WIRE_IP4_MORE : 0));
        error = emit(route, packet->interface, fragment, head + length);
        inet_count(INET_COUNT_FRAGMENTS_SENT);
        at += length;
        head = header_trim(trimmed, packet->bytes, header->header_bytes);
        machine_copy(fragment, trimmed, head);
    }
    return error;
}

static errno_t
emit_fragments(const struct ip_route *route, const struct inet_packet *packet,
               const struct ip_header *header)
{
    uint8_t *fragment;
    errno_t error;

    if (route->interface->mtu < header->header_bytes + 8) {
        return EMSGSIZE;
    }
    if (machine_fault("ip fragment")) {
        return ENOBUFS;
    }
    fragment = machine_allocate(route->interface->mtu, "ip fragment");
    error = emit_pieces(route, packet, header, fragment);
    machine_free(fragment);
    return error;
}

/* The word of the header in which the time to live is changes by 0x0100 (RFC 1624). */
static void
hop_limit_decrease(uint8_t *bytes)
{
    uint32_t sum = (uint32_t)(uint16_t)~wire_load16(bytes + 10) + (uint16_t)~wire_load16(bytes + 8);

    bytes[8]--;
    sum += wire_load16(bytes + 8);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    wire_store16(bytes + 10, (uint16_t)~sum);
}

static errno_t
send_on(const struct inet_packet *packet, const struct ip_header *header,
        const struct ip_route *route)
{
    if (header->total_bytes <= route->interface->mtu) {
        return emit(route, packet->interface, packet->bytes, header->total_bytes);
    }
    ksim_ip_mtu_verify(route->interface);
    if ((header->fragment & WIRE_IP4_DONT_FRAGMENT) != 0) {
        return EMSGSIZE;
    }
    return emit_fragments(route, packet, header);
}

/* The fate, and the error to its sender, of a packet that looks as it came. */
static enum ksim_inet_counter
settle(const struct inet_packet *packet, const struct ip_header *header, errno_t error,
       uint32_t mtu)
{
    switch (error) {
    case 0:
        return INET_COUNT_IP4_FORWARDED;
    case ENOBUFS:
    case ENOMEM:
        return INET_COUNT_NO_MEMORY;
    case EMSGSIZE:
        ksim_icmp_error_mtu(packet, header, mtu);
        return INET_COUNT_IP4_FORWARD_TOO_BIG;
    default:
        ksim_icmp_error(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_HOST, 0);
        return INET_COUNT_IP4_FORWARD_REFUSED;
    }
}

/* An error quotes the packet as its sender knows it, so what may be quoted is put back first. */
static enum ksim_inet_counter
change_and_send(struct inet_packet *packet, struct ip_header *header, const struct ip_route *route)
{
    uint8_t original[HEADER_MOST_BYTES + QUOTED_BYTES];
    size_t kept = header->header_bytes + QUOTED_BYTES;
    errno_t error;

    if (kept > header->total_bytes) {
        kept = header->total_bytes;
    }
    machine_copy(original, packet->bytes, kept);
    hop_limit_decrease(packet->bytes);
    if (ksim_nat_output(route->interface, packet->bytes, header->total_bytes) == NAT_REFUSED) {
        return INET_COUNT_IP4_NAT_REFUSED;
    }
    error = send_on(packet, header, route);
    machine_copy(packet->bytes, original, kept);
    return settle(packet, header, error, route->interface->mtu);
}

enum ksim_inet_counter
ksim_ip_forward(struct inet_packet *packet, struct ip_header *header)
{
    struct ip_route route;

    if (!may_forward(packet, header)) {
        return INET_COUNT_IP4_CANNOT_FORWARD;
    }
    if (header->hop_limit <= 1) {
        ksim_icmp_error(packet, header, ICMP_TYPE_TIME_EXCEEDED, ICMP_CODE_TRANSIT, 0);
        return INET_COUNT_IP4_EXPIRED;
    }
    if (ksim_ip_route(header->destination, NULL, &route) != 0) {
        ksim_icmp_error(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_HOST, 0);
        return INET_COUNT_IP4_FORWARD_NO_ROUTE;
    }
    if (route.broadcast) {
        return INET_COUNT_IP4_CANNOT_FORWARD;
    }
    return change_and_send(packet, header, &route);
}
