/* SPDX-License-Identifier: BSD-2-Clause */
#include <ethernet_lan.h>

enum {
    ARP_OPERATION = 6,
    ARP_SENDER_LINK = 8,
    ARP_SENDER = 14,
    ARP_TARGET = 24,
    ICMP_UNREACHABLE = 3,
    ICMP_CODE_NETWORK = 0,
    ICMP_EXPIRED = 11
};

static const uint8_t everybody[WIRE_LINK_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static bool
in_network(uint32_t address, uint32_t network, unsigned prefix_bits)
{
    return prefix_bits == 0 || ((address ^ network) >> (32 - prefix_bits)) == 0;
}

/* --- frames out ---------------------------------------------------------------------------------- */

static void
frame_send(const struct lan_station *station, unsigned leg, const uint8_t *to, uint16_t type,
           const uint8_t *payload, size_t bytes)
{
    uint8_t frame[LAN_FRAME_MOST_BYTES];

    if (bytes > sizeof(frame) - WIRE_ETHERNET_BYTES) {
        return;
    }
    machine_copy(frame, to, WIRE_LINK_BYTES);
    machine_copy(frame + WIRE_LINK_BYTES, station->legs[leg].link, WIRE_LINK_BYTES);
    wire_store16(frame + 12, type);
    machine_copy(frame + WIRE_ETHERNET_BYTES, payload, bytes);
    lan_transmit(station->legs[leg].segment, 1 + LAN_LEGS * station->index + leg, frame,
                 WIRE_ETHERNET_BYTES + bytes);
}

/* `target_link` NULL: a question to everybody. */
static void
arp_send(const struct lan_station *station, unsigned leg, const uint8_t *target_link,
         uint32_t target)
{
    uint8_t body[WIRE_ARP_BYTES] = {0, 1, 8, 0, WIRE_LINK_BYTES, 4};

    wire_store16(body + ARP_OPERATION, target_link == NULL ? WIRE_ARP_REQUEST : WIRE_ARP_REPLY);
    machine_copy(body + ARP_SENDER_LINK, station->legs[leg].link, WIRE_LINK_BYTES);
    wire_store32(body + ARP_SENDER, station->legs[leg].address);
    if (target_link != NULL) {
        machine_copy(body + 18, target_link, WIRE_LINK_BYTES);
    }
    wire_store32(body + ARP_TARGET, target);
    frame_send(station, leg, target_link == NULL ? everybody : target_link, WIRE_TYPE_ARP, body,
               sizeof(body));
}

/* --- neighbours ---------------------------------------------------------------------------------- */

static struct lan_neighbour *
neighbour_find(struct lan_station *station, unsigned leg, uint32_t address)
{
    struct lan_neighbour *at;

    for (unsigned i = 0; i < LAN_NEIGHBOURS; i++) {
        at = &station->neighbours[i];
        if (at->used && at->leg == leg && at->address == address) {
            return at;
        }
    }
    return NULL;
}

static struct lan_neighbour *
neighbour_make(struct lan_station *station, unsigned leg, uint32_t address)
{
    struct lan_neighbour *made = &station->neighbours[station->next_neighbour];

    station->next_neighbour = (station->next_neighbour + 1) % LAN_NEIGHBOURS;
    machine_free(made->held);
    *made = (struct lan_neighbour){.used = true, .leg = leg, .address = address};
    return made;
}

static void
neighbour_learn(struct lan_station *station, unsigned leg, uint32_t address, const uint8_t *link)
{
    struct lan_neighbour *neighbour = neighbour_find(station, leg, address);

    if (neighbour == NULL) {
        neighbour = neighbour_make(station, leg, address);
    }
    neighbour->known = true;
    machine_copy(neighbour->link, link, WIRE_LINK_BYTES);
    if (neighbour->held != NULL) {
        frame_send(station, leg, link, WIRE_TYPE_IP4, neighbour->held, neighbour->held_bytes);
        machine_free(neighbour->held);
        neighbour->held = NULL;
    }
}

static void
neighbour_send(struct lan_station *station, unsigned leg, uint32_t next_hop,
               const uint8_t *datagram, size_t bytes)
{
    struct lan_neighbour *neighbour = neighbour_find(station, leg, next_hop);

    if (neighbour == NULL) {
        neighbour = neighbour_make(station, leg, next_hop);
    }
    if (neighbour->known) {
        frame_send(station, leg, neighbour->link, WIRE_TYPE_IP4, datagram, bytes);
        return;
    }
    machine_free(neighbour->held);
    neighbour->held = machine_allocate(bytes, "lan packet");
    neighbour->held_bytes = bytes;
    machine_copy(neighbour->held, datagram, bytes);
    arp_send(station, leg, NULL, next_hop);
}

/* --- packets out --------------------------------------------------------------------------------- */

int
lan_station_route(const struct lan_station *station, uint32_t destination, uint32_t *next_hop)
{
    const struct lan_route *best = NULL;

    for (unsigned leg = 0; leg < LAN_LEGS; leg++) {
        if (station->legs[leg].used && in_network(destination, station->legs[leg].address,
                                                  station->legs[leg].prefix_bits)) {
            *next_hop = destination;
            return (int)leg;
        }
    }
    for (unsigned i = 0; i < station->route_count; i++) {
        const struct lan_route *at = &station->routes[i];

        if (in_network(destination, at->network, at->prefix_bits) &&
            (best == NULL || at->prefix_bits > best->prefix_bits)) {
            best = at;
        }
    }
    for (unsigned leg = 0; best != NULL && leg < LAN_LEGS; leg++) {
        if (station->legs[leg].used && in_network(best->gateway, station->legs[leg].address,
                                                  station->legs[leg].prefix_bits)) {
            *next_hop = best->gateway;
            return (int)leg;
        }
    }
    return -1;
}

bool
lan_station_send(struct lan_station *station, const uint8_t *datagram, size_t bytes)
{
    uint32_t next_hop = 0;
    int leg = lan_station_route(station, wire_load32(datagram + 16), &next_hop);

    if (leg < 0) {
        return false;
    }
    neighbour_send(station, (unsigned)leg, next_hop, datagram, bytes);
    return true;
}

uint32_t
lan_station_source(const struct lan_station *station, uint32_t destination)
{
    uint32_t next_hop;
    int leg = lan_station_route(station, destination, &next_hop);

    return leg < 0 ? 0 : station->legs[leg].address;
}

bool
lan_station_send_message(struct lan_station *station, uint32_t destination, uint8_t protocol,
                         const uint8_t *message, size_t bytes)
{
    uint8_t datagram[LAN_FRAME_MOST_BYTES - WIRE_ETHERNET_BYTES] = {0x45};

    if (bytes > sizeof(datagram) - WIRE_IP4_BYTES) {
        return false;
    }
    wire_store16(datagram + 2, (uint32_t)(WIRE_IP4_BYTES + bytes));
    wire_store16(datagram + 4, ++station->next_identification);
    datagram[8] = WIRE_HOP_LIMIT;
    datagram[9] = protocol;
    wire_store32(datagram + 12, lan_station_source(station, destination));
    wire_store32(datagram + 16, destination);
    wire_store16(datagram + 10, wire_finish(wire_sum(0, datagram, WIRE_IP4_BYTES)));
    machine_copy(datagram + WIRE_IP4_BYTES, message, bytes);
    return lan_station_send(station, datagram, WIRE_IP4_BYTES + bytes);
}

/* --- frames in ----------------------------------------------------------------------------------- */

static void
arp_receive(struct lan_station *station, unsigned leg, const uint8_t *body, size_t bytes)
{
    static const uint8_t expected[6] = {0, 1, 8, 0, WIRE_LINK_BYTES, 4};
    uint32_t sender;

    if (bytes < WIRE_ARP_BYTES || !wire_same(body, expected, sizeof(expected))) {
        station->seen.bad++;
        return;
    }
    sender = wire_load32(body + ARP_SENDER);
    if (wire_load32(body + ARP_TARGET) != station->legs[leg].address) {
        station->seen.other++;
        return;
    }
    if (sender != 0) {
        neighbour_learn(station, leg, sender, body + ARP_SENDER_LINK);
    }
    if (wire_load16(body + ARP_OPERATION) == WIRE_ARP_REQUEST) {
        station->seen.arp_requests++;
        arp_send(station, leg, body + ARP_SENDER_LINK, sender);
    } else {
        station->seen.arp_replies++;
    }
}

/* The router hands a packet on, which its own copy of the header allows to change. */
static void
forward(struct lan_station *station, const uint8_t *datagram, size_t bytes)
{
    uint8_t copy[LAN_FRAME_MOST_BYTES - WIRE_ETHERNET_BYTES];

    if (datagram[8] <= 1) {
        station->seen.expired++;
        lan_service_error(station, datagram, bytes, ICMP_EXPIRED, 0);
        return;
    }
    machine_copy(copy, datagram, bytes);
    copy[8]--;
    wire_store16(copy + 10, 0);
    wire_store16(copy + 10, wire_finish(wire_sum(0, copy, (size_t)(copy[0] & 15) * 4)));
    if (lan_station_send(station, copy, bytes)) {
        station->seen.forwarded++;
    } else {
        station->seen.no_route++;
        lan_service_error(station, datagram, bytes, ICMP_UNREACHABLE, ICMP_CODE_NETWORK);
    }
}

static bool
is_own(const struct lan_station *station, uint32_t address)
{
    for (unsigned leg = 0; leg < LAN_LEGS; leg++) {
        if (station->legs[leg].used && station->legs[leg].address == address) {
            return true;
        }
    }
    return false;
}

static void
ip_receive(struct lan_station *station, const uint8_t *datagram, size_t bytes)
{
    size_t header_bytes, total;

    if (bytes < WIRE_IP4_BYTES || datagram[0] >> 4 != 4) {
        station->seen.bad++;
        return;
    }
    header_bytes = (size_t)(datagram[0] & 15) * 4;
    total = wire_load16(datagram + 2);
    if (header_bytes < WIRE_IP4_BYTES || header_bytes > total || total > bytes ||
        wire_finish(wire_sum(0, datagram, header_bytes)) != 0) {
        station->seen.bad++;
        return;
    }
    if (is_own(station, wire_load32(datagram + 16))) {
        lan_service_input(station, datagram, total);
    } else if (station->forwards && datagram[16] < 224) {
        forward(station, datagram, total);
    } else {
        station->seen.frames_for_others++;
    }
}

void
lan_station_receive(struct lan_station *station, unsigned leg, const uint8_t *frame, size_t bytes)
{
    if ((frame[0] & 1) == 0 && !wire_same(frame, station->legs[leg].link, WIRE_LINK_BYTES)) {
        station->seen.frames_for_others++;
        return;
    }
    station->seen.frames++;
    station->seen.bytes += bytes;
    switch (wire_load16(frame + 12)) {
    case WIRE_TYPE_ARP:
        arp_receive(station, leg, frame + WIRE_ETHERNET_BYTES, bytes - WIRE_ETHERNET_BYTES);
        break;
    case WIRE_TYPE_IP4:
        if ((frame[0] & 1) != 0) {
            station->seen.other++;
        } else {
            ip_receive(station, frame + WIRE_ETHERNET_BYTES, bytes - WIRE_ETHERNET_BYTES);
        }
        break;
    default:
        station->seen.other++;
        break;
    }
}
