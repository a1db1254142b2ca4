/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip.h>

#include <icmp.h>
#include <inet_fragment.h>
#include <ip_nat.h>
#include <inet_transport.h>

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_LOOSE_ROUTE = 131,
    OPTION_STRICT_ROUTE = 137
};

/* Reads the header; INET_COUNTER_COUNT when it is acceptable, else the fate. */
static enum ksim_inet_counter
header_parse(const struct inet_packet *packet, struct ip_header *header)
{
    const uint8_t *bytes = packet->bytes;

    if (packet->length < WIRE_IP4_BYTES) {
        return INET_COUNT_IP4_SHORT;
    }
    if (bytes[0] >> 4 != 4) {
        return INET_COUNT_IP4_BAD_VERSION;
    }
    header->header_bytes = (size_t)(bytes[0] & 15) * 4;
    if (header->header_bytes < WIRE_IP4_BYTES || header->header_bytes > packet->length) {
        return INET_COUNT_IP4_BAD_HEADER_LENGTH;
    }
    if (wire_finish(wire_sum(0, bytes, header->header_bytes)) != 0) {
        return INET_COUNT_IP4_BAD_CHECKSUM;
    }
    header->service = bytes[1];
    header->total_bytes = wire_load16(bytes + 2);
    header->identification = wire_load16(bytes + 4);
    header->fragment = wire_load16(bytes + 6);
    header->hop_limit = bytes[8];
    header->protocol = bytes[9];
    header->source = wire_load32(bytes + 12);
    header->destination = wire_load32(bytes + 16);
    if (header->total_bytes < header->header_bytes) {
        return INET_COUNT_IP4_BAD_LENGTH;
    }
    if (header->total_bytes > packet->length) {
        return INET_COUNT_IP4_TRUNCATED;
    }
    return INET_COUNTER_COUNT;
}

static bool
source_is_possible(const struct inet_packet *packet, const struct ip_header *header)
{
    const bool loopback = (packet->interface->flags & IFF_LOOPBACK) != 0;

    if (header->source >> 28 >= 14 && header->source >> 28 != 15) {
        return false;
    }
    /* RFC 1122 3.2.1.3; 0.0.0.0 is who does not know its address yet. */
    if (header->source != 0 && inet4_is_broadcast(packet->interface, header->source)) {
        return false;
    }
    return loopback || (header->source >> 24 != 127 && header->destination >> 24 != 127);
}

/* Walks the options: *fate is set and false returned for malformed ones and for source routes. */
static bool
options_accept(const struct inet_packet *packet, const struct ip_header *header,
               enum ksim_inet_counter *fate)
{
    const uint8_t *bytes = packet->bytes;
    size_t at = WIRE_IP4_BYTES, length;

    while (at < header->header_bytes && bytes[at] != OPTION_END) {
        if (bytes[at] == OPTION_NOP) {
            at++;
            continue;
        }
        length = at + 1 < header->header_bytes ? bytes[at + 1] : 0;
        if (length < 2 || at + length > header->header_bytes) {
            *fate = INET_COUNT_IP4_BAD_OPTION;
            ksim_icmp_error(packet, header, ICMP_TYPE_PARAMETER, 0, (uint8_t)(at + 1));
            return false;
        }
        if (bytes[at] == OPTION_LOOSE_ROUTE || bytes[at] == OPTION_STRICT_ROUTE) {
            *fate = INET_COUNT_IP4_SOURCE_ROUTED;
            ksim_icmp_error(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_SOURCE_ROUTE, 0);
            return false;
        }
        at += length;
    }
    return true;
}

/* INET_COUNTER_COUNT when the packet is for us. */
static enum ksim_inet_counter
destination_check(const struct inet_packet *packet, struct ip_header *header)
{
    uint8_t group[4];

    header->group = packet->group;
    if (header->destination >> 28 == 14) {
        header->group = true;
        wire_store32(group, header->destination);
        return inet_group_member(packet->interface, 4, group) ? INET_COUNTER_COUNT
                                                              : INET_COUNT_IP4_GROUP_NOT_JOINED;
    }
    if (inet4_is_broadcast(packet->interface, header->destination)) {
        header->group = true;
        return INET_COUNTER_COUNT;
    }
    if (inet4_address_find(header->destination) != NULL) {
        return INET_COUNTER_COUNT;
    }
    return INET_COUNT_IP4_NOT_OURS;
}

static enum ksim_inet_counter
deliver_segment(const struct inet_packet *packet, const struct ip_header *header)
{
    struct inet_segment segment;
    enum ksim_inet_counter fate;

    segment.interface = packet->interface;
    inet_address4(&segment.from, header->source);
    inet_address4(&segment.to, header->destination);
    segment.group = header->group;
    segment.bytes = packet->bytes + header->header_bytes;
    segment.length = header->total_bytes - header->header_bytes;
    if (header->protocol == WIRE_TCP) {
        return ksim_tcp_input(&segment);
    }
    fate = ksim_udp_input(&segment);
    if (fate == INET_COUNT_UDP_PORT_CLOSED) {
        ksim_icmp_error(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_PORT, 0);
    }
    return fate;
}

static enum ksim_inet_counter
deliver(const struct inet_packet *packet, const struct ip_header *header)
{
    switch (header->protocol) {
    case WIRE_ICMP:
        return ksim_icmp_input(packet, header);
    case WIRE_IGMP:
        return ksim_igmp_input(packet, header);
    case WIRE_TCP:
    case WIRE_UDP:
        return deliver_segment(packet, header);
    default:
        ksim_icmp_error(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_PROTOCOL, 0);
        return INET_COUNT_IP4_PROTOCOL_UNKNOWN;
    }
}

/*
 * Where an unbroken packet, or one that stays broken, goes: translated, to somebody else, or to us.
 * INET_COUNTER_COUNT: it is for us, and its options are good.
 */
static enum ksim_inet_counter
place(struct inet_packet *packet, struct ip_header *header)
{
    enum ksim_inet_counter fate;

    if (ksim_nat_input(packet->bytes, header->total_bytes)) {
        header->destination = wire_load32(packet->bytes + 16);
    }
    fate = destination_check(packet, header);
    if (fate == INET_COUNT_IP4_NOT_OURS && inet_current()->settings.forwarding4 != 0) {
        return options_accept(packet, header, &fate) ? ksim_ip_forward(packet, header) : fate;
    }
    if (fate == INET_COUNTER_COUNT) {
        (void)options_accept(packet, header, &fate);
    }
    return fate;
}

/*
 * The joined datagram: the first piece's header (RFC 791) made right, then read and placed as any
 * other. The destination is looked at again: it may have gone while the pieces were collected.
 */
static void
deliver_whole(struct inet_packet *whole, size_t header_bytes)
{
    struct ip_header header = {0};
    uint8_t *bytes = whole->bytes;
    enum ksim_inet_counter fate;

    inet_count(INET_COUNT_IP4_REASSEMBLED);
    wire_store16(bytes + 2, (uint32_t)whole->length);
    wire_store16(bytes + 6, wire_load16(bytes + 6) & WIRE_IP4_DONT_FRAGMENT);
    wire_store16(bytes + 10, 0);
    wire_store16(bytes + 10, wire_finish(wire_sum(0, bytes, header_bytes)));
    fate = header_parse(whole, &header);
    if (fate == INET_COUNTER_COUNT) {
        fate = place(whole, &header);
    }
    inet_count(fate == INET_COUNTER_COUNT ? deliver(whole, &header) : fate);
    inet_packet_free(whole);
}

static enum ksim_inet_counter
fragment_fate(enum inet_fragment_result result)
{
    switch (result) {
    case FRAGMENT_BAD:
        return INET_COUNT_IP4_FRAGMENT_BAD;
    case FRAGMENT_OVERLAPS:
        return INET_COUNT_IP4_FRAGMENT_OVERLAP;
    case FRAGMENT_BEYOND_LIMIT:
        return INET_COUNT_IP4_FRAGMENT_LIMIT;
    case FRAGMENT_NO_MEMORY:
        return INET_COUNT_NO_MEMORY;
    default:
        return INET_COUNT_IP4_FRAGMENT_KEPT;
    }
}

/* Owns the packet. */
static enum ksim_inet_counter
fragment_input(struct inet_packet *packet, const struct ip_header *header)
{
    struct inet_fragment_key key = {0};
    struct inet_fragment piece = {0}, first;
    enum inet_fragment_result result;
    struct inet_packet *whole = NULL;

    key.family = 4;
    key.protocol = header->protocol;
    key.identification = header->identification;
    wire_store32(key.source, header->source);
    wire_store32(key.destination, header->destination);
    piece.header_bytes = header->header_bytes;
    piece.payload_at = header->header_bytes;
    piece.payload_bytes = header->total_bytes - header->header_bytes;
    piece.offset_bytes = (size_t)(header->fragment & WIRE_IP4_OFFSET) * 8;
    piece.more = (header->fragment & WIRE_IP4_MORE) != 0;
    result = inet_fragment_add(&key, packet, &piece, &whole, &first);
    if (result == FRAGMENT_COMPLETE) {
        deliver_whole(whole, first.header_bytes);
    } else if (result != FRAGMENT_KEPT) {
        inet_packet_free(packet);
    }
    return fragment_fate(result);
}

/* Owns the packet; returns its fate. */
static enum ksim_inet_counter
packet_input(struct inet_packet *packet)
{
    struct ip_header header = {0};
    enum ksim_inet_counter fate = header_parse(packet, &header);
    bool fragment = false;

    if (fate == INET_COUNTER_COUNT && !source_is_possible(packet, &header)) {
        fate = INET_COUNT_IP4_BAD_SOURCE;
    }
    if (fate == INET_COUNTER_COUNT) {
        fragment = (header.fragment & (WIRE_IP4_MORE | WIRE_IP4_OFFSET)) != 0;
        /* Only a whole packet shows its ports: translation joins the fragments of others as well. */
        if (fragment && ksim_nat_joins(packet->interface, header.destination)) {
            return fragment_input(packet, &header);
        }
        fate = place(packet, &header);
    }
    if (fate == INET_COUNTER_COUNT) {
        if (fragment) {
            return fragment_input(packet, &header);
        }
        fate = deliver(packet, &header);
    }
    inet_packet_free(packet);
    return fate;
}

void
ksim_ip_input(protocol_family_t family, mbuf_t packets)
{
    struct inet_packet *packet;
    mbuf_t next;

    (void)family;
    for (; packets != NULL; packets = next) {
        next = mbuf_nextpkt(packets);
        mbuf_setnextpkt(packets, NULL);
        inet_count(INET_COUNT_IP4_ARRIVED);
        packet = inet_packet_take(packets);
        inet_count(packet == NULL ? INET_COUNT_NO_MEMORY : packet_input(packet));
    }
}
