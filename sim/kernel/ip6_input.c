/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip6.h>

#include <icmp6.h>
#include <inet_fragment.h>
#include <inet_transport.h>

enum { OPTION_PAD1 = 0, OPTION_PADN = 1, OPTION_ROUTER_ALERT = 5, HEADER_LIMIT = 16 };

/* The walk along the extension headers. INET_COUNTER_COUNT as a fate means: go on. */
struct ip6_walk {
    struct inet_packet *packet; /* owned; NULL once a fragment was kept */
    size_t at;                  /* of the header that `next` names */
    size_t next_at;             /* of the byte that named it */
    uint8_t next;
    bool group;
    bool router_alert;
};

static enum ksim_inet_counter
header_check(struct inet_packet *packet)
{
    const uint8_t *bytes = packet->bytes;
    size_t length;

    if (packet->length < WIRE_IP6_BYTES) {
        return INET_COUNT_IP6_SHORT;
    }
    if (bytes[0] >> 4 != 6) {
        return INET_COUNT_IP6_BAD_VERSION;
    }
    length = wire_load16(bytes + 4);
    if (length == 0 && bytes[6] != WIRE_NO_NEXT) {
        return INET_COUNT_IP6_BAD_LENGTH;
    }
    if (length + WIRE_IP6_BYTES > packet->length) {
        return INET_COUNT_IP6_TRUNCATED;
    }
    packet->length = length + WIRE_IP6_BYTES;
    return INET_COUNTER_COUNT;
}

static bool
is_loopback(const uint8_t *address)
{
    return address[15] == 1 && wire_load32(address) == 0 && wire_load32(address + 4) == 0 &&
           wire_load32(address + 8) == 0 && wire_load32(address + 12) == 1;
}

static bool
is_mapped(const uint8_t *address)
{
    return wire_load32(address) == 0 && wire_load32(address + 4) == 0 &&
           wire_load32(address + 8) == 0xffff;
}

static enum ksim_inet_counter
addresses_check(const struct inet_packet *packet, bool *group)
{
    const uint8_t *source = packet->bytes + 8, *destination = packet->bytes + 24;
    const bool loopback = (packet->interface->flags & IFF_LOOPBACK) != 0;

    *group = packet->group;
    if (inet6_is_multicast(source) || is_mapped(source) || (is_loopback(source) && !loopback)) {
        return INET_COUNT_IP6_BAD_SOURCE;
    }
    if (inet6_is_unspecified(destination) || is_mapped(destination) ||
        (is_loopback(destination) && !loopback) ||
        (inet6_is_multicast(destination) && (destination[1] & 15) == 0) ||
        (inet6_is_interface_group(destination) && !packet->looped)) {
        return INET_COUNT_IP6_BAD_DESTINATION;
    }
    if (inet6_is_multicast(destination)) {
        *group = true;
        return inet_group_member(packet->interface, 6, destination)
                   ? INET_COUNTER_COUNT
                   : INET_COUNT_IP6_GROUP_NOT_JOINED;
    }
    return inet6_address_find(destination, packet->interface) != NULL ? INET_COUNTER_COUNT
                                                                      : INET_COUNT_IP6_NOT_OURS;
}

/* One unknown option: its two top bits say what to do (RFC 8200, 4.2). False: refuse the packet. */
static bool
option_unknown(const struct ip6_walk *walk, size_t at)
{
    const uint8_t action = walk->packet->bytes[at] >> 6;

    if (action == 2 || (action == 3 && !inet6_is_multicast(walk->packet->bytes + 24))) {
        ksim_icmp6_error(walk->packet, ICMP6_TYPE_PARAMETER, ICMP6_CODE_OPTION, (uint32_t)at);
    }
    return action == 0;
}

static bool
options_accept(struct ip6_walk *walk, size_t end)
{
    const uint8_t *bytes = walk->packet->bytes;
    size_t at = walk->at + 2, length;

    while (at < end) {
        if (bytes[at] == OPTION_PAD1) {
            at++;
            continue;
        }
        if (at + 2 > end || at + 2 + bytes[at + 1] > end) {
            return false;
        }
        length = 2U + bytes[at + 1];
        if (bytes[at] == OPTION_ROUTER_ALERT && length == 4) {
            walk->router_alert = true;
        } else if (bytes[at] != OPTION_PADN && !option_unknown(walk, at)) {
            return false;
        }
        at += length;
    }
    return true;
}

/* The length of an extension header made of 8-byte units; 0 when the packet is too short for it. */
static size_t
extension_bytes(const struct ip6_walk *walk)
{
    size_t length;

    if (walk->packet->length < walk->at + 8) {
        return 0;
    }
    length = ((size_t)walk->packet->bytes[walk->at + 1] + 1) * 8;
    return walk->at + length <= walk->packet->length ? length : 0;
}

static enum ksim_inet_counter
extension_step(struct ip6_walk *walk)
{
    const size_t length = extension_bytes(walk);
    const uint8_t *bytes = walk->packet->bytes;

    if (length == 0) {
        return INET_COUNT_IP6_HEADER_SHORT;
    }
    if (walk->next == WIRE_ROUTING && bytes[walk->at + 3] != 0) {
        ksim_icmp6_error(walk->packet, ICMP6_TYPE_PARAMETER, ICMP6_CODE_BAD_FIELD,
                         (uint32_t)walk->at + 2);
        return INET_COUNT_IP6_BAD_ROUTING;
    }
    if (walk->next != WIRE_ROUTING && !options_accept(walk, walk->at + length)) {
        return INET_COUNT_IP6_BAD_OPTION;
    }
    walk->next_at = walk->at;
    walk->next = bytes[walk->at];
    walk->at += length;
    return INET_COUNTER_COUNT;
}

/* The pointer of RFC 8200 4.5: to a payload length that cannot be cut there, else to the offset. */
static enum ksim_inet_counter
fragment_refusal(const struct ip6_walk *walk, const struct inet_fragment *piece,
                 enum inet_fragment_result result)
{
    const bool uneven = piece->more && piece->payload_bytes % 8 != 0;

    switch (result) {
    case FRAGMENT_BAD:
        ksim_icmp6_error(walk->packet, ICMP6_TYPE_PARAMETER, ICMP6_CODE_BAD_FIELD,
                         uneven ? 4 : (uint32_t)walk->at + 2);
        return INET_COUNT_IP6_FRAGMENT_BAD;
    case FRAGMENT_OVERLAPS:
        return INET_COUNT_IP6_FRAGMENT_OVERLAP;
    case FRAGMENT_BEYOND_LIMIT:
        return INET_COUNT_IP6_FRAGMENT_LIMIT;
    default:
        return INET_COUNT_NO_MEMORY;
    }
}

/*
 * A fragment header. The joined packet takes the place of this one: the last piece is counted as kept
 * here, and the walk goes on in the whole packet, whose fate is the walk's.
 */
static enum ksim_inet_counter
fragment_step(struct ip6_walk *walk)
{
    const uint8_t *bytes = walk->packet->bytes;
    struct inet_fragment_key key = {0};
    struct inet_fragment piece = {0}, first;
    struct inet_packet *whole = NULL;
    enum inet_fragment_result result;
    uint16_t field;

    if (walk->packet->length < walk->at + WIRE_IP6_FRAGMENT_BYTES) {
        return INET_COUNT_IP6_HEADER_SHORT;
    }
    field = wire_load16(bytes + walk->at + 2);
    if ((field & 0xfff9) == 0) {
        walk->next_at = walk->at;
        walk->next = bytes[walk->at];
        walk->at += WIRE_IP6_FRAGMENT_BYTES;
        return INET_COUNTER_COUNT;
    }
    key.family = 6;
    key.identification = wire_load32(bytes + walk->at + 4);
    machine_copy(key.source, bytes + 8, 16);
    machine_copy(key.destination, bytes + 24, 16);
    if (inet6_is_link_local(key.source) || inet6_is_scoped(key.destination)) {
        key.scope = walk->packet->interface;
    }
    piece.header_bytes = walk->at;
    piece.payload_at = walk->at + WIRE_IP6_FRAGMENT_BYTES;
    piece.payload_bytes = walk->packet->length - piece.payload_at;
    piece.offset_bytes = field & 0xfff8;
    piece.more = (field & 1) != 0;
    piece.next = bytes[walk->at];
    piece.named_at = walk->next_at;
    result = inet_fragment_add(&key, walk->packet, &piece, &whole, &first);
    if (result != FRAGMENT_KEPT && result != FRAGMENT_COMPLETE) {
        return fragment_refusal(walk, &piece, result);
    }
    walk->packet = whole;
    if (result == FRAGMENT_KEPT) {
        return INET_COUNT_IP6_FRAGMENT_KEPT;
    }
    inet_count(INET_COUNT_IP6_FRAGMENT_KEPT);
    inet_count(INET_COUNT_IP6_REASSEMBLED);
    wire_store16(whole->bytes + 4, (uint32_t)(whole->length - WIRE_IP6_BYTES));
    whole->bytes[first.named_at] = first.next;
    walk->at = first.header_bytes;
    walk->next_at = first.named_at;
    walk->next = first.next;
    return INET_COUNTER_COUNT;
}

static enum ksim_inet_counter
deliver_segment(const struct ip6_walk *walk)
{
    const struct inet_packet *packet = walk->packet;
    struct inet_segment segment;
    enum ksim_inet_counter fate;

    segment.interface = packet->interface;
    inet_address6(&segment.from, packet->bytes + 8, packet->interface);
    inet_address6(&segment.to, packet->bytes + 24, packet->interface);
    segment.group = walk->group;
    segment.bytes = packet->bytes + walk->at;
    segment.length = packet->length - walk->at;
    if (walk->next == WIRE_TCP) {
        return ksim_tcp_input(&segment);
    }
    fate = ksim_udp_input(&segment);
    if (fate == INET_COUNT_UDP_PORT_CLOSED) {
        ksim_icmp6_error(packet, ICMP6_TYPE_UNREACHABLE, ICMP6_CODE_PORT, 0);
    }
    return fate;
}

static enum ksim_inet_counter
deliver(const struct ip6_walk *walk)
{
    const struct inet_packet *packet = walk->packet;
    struct ip6_message message;

    switch (walk->next) {
    case WIRE_NO_NEXT:
        return INET_COUNT_IP6_NO_NEXT_HEADER;
    case WIRE_TCP:
    case WIRE_UDP:
        return deliver_segment(walk);
    case WIRE_ICMP6:
        message.packet = packet;
        message.source = packet->bytes + 8;
        message.destination = packet->bytes + 24;
        message.hop_limit = packet->bytes[7];
        message.protocol = walk->next;
        message.group = walk->group;
        message.router_alert = walk->router_alert;
        message.bytes = packet->bytes + walk->at;
        message.length = packet->length - walk->at;
        return ksim_icmp6_input(&message);
    default:
        ksim_icmp6_error(packet, ICMP6_TYPE_PARAMETER, ICMP6_CODE_NEXT_HEADER,
                         (uint32_t)walk->next_at);
        return INET_COUNT_IP6_PROTOCOL_UNKNOWN;
    }
}

/* Follows the headers to the upper protocol; returns the fate of walk->packet. */
static enum ksim_inet_counter
walk_headers(struct ip6_walk *walk)
{
    enum ksim_inet_counter fate = INET_COUNTER_COUNT;
    unsigned steps;

    for (steps = 0; steps < HEADER_LIMIT && fate == INET_COUNTER_COUNT; steps++) {
        switch (walk->next) {
        case WIRE_HOP_BY_HOP:
            /* Only directly behind the IPv6 header. */
            if (walk->at != WIRE_IP6_BYTES) {
                ksim_icmp6_error(walk->packet, ICMP6_TYPE_PARAMETER, ICMP6_CODE_NEXT_HEADER,
                                 (uint32_t)walk->next_at);
                return INET_COUNT_IP6_PROTOCOL_UNKNOWN;
            }
            fate = extension_step(walk);
            break;
        case WIRE_ROUTING:
        case WIRE_DESTINATION:
            fate = extension_step(walk);
            break;
        case WIRE_FRAGMENT:
            fate = fragment_step(walk);
            break;
        default:
            return deliver(walk);
        }
    }
    return fate == INET_COUNTER_COUNT ? INET_COUNT_IP6_BAD_OPTION : fate;
}

/* For somebody else: a router looks at the hop-by-hop options, and at no other header. */
static enum ksim_inet_counter
forward(struct ip6_walk *walk)
{
    enum ksim_inet_counter fate = INET_COUNTER_COUNT;

    walk->next = walk->packet->bytes[6];
    walk->next_at = 6;
    walk->at = WIRE_IP6_BYTES;
    if (walk->next == WIRE_HOP_BY_HOP) {
        fate = extension_step(walk);
    }
    return fate == INET_COUNTER_COUNT ? ksim_ip6_forward(walk->packet) : fate;
}

void
ksim_ip6_input(protocol_family_t family, mbuf_t packet)
{
    struct ip6_walk walk = {0};
    enum ksim_inet_counter fate;

    (void)family;
    inet_count(INET_COUNT_IP6_ARRIVED);
    walk.packet = inet_packet_take(packet);
    if (walk.packet == NULL) {
        inet_count(INET_COUNT_NO_MEMORY);
        return;
    }
    fate = header_check(walk.packet);
    if (fate == INET_COUNTER_COUNT) {
        fate = addresses_check(walk.packet, &walk.group);
    }
    if (fate == INET_COUNT_IP6_NOT_OURS && inet_current()->settings.forwarding6 != 0) {
        fate = forward(&walk);
    }
    if (fate == INET_COUNTER_COUNT) {
        walk.next = walk.packet->bytes[6];
        walk.next_at = 6;
        walk.at = WIRE_IP6_BYTES;
        fate = walk_headers(&walk);
    }
    inet_count(fate);
    if (walk.packet != NULL) {
        inet_packet_free(walk.packet);
    }
}
