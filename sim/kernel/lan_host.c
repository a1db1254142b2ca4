/* SPDX-License-Identifier: BSD-2-Clause */
#include <ethernet_lan.h>

#include <ethernet_nic.h>
#include <inet_stack.h>

#include <string.h>

enum { ICMP_ECHO = 8, PAYLOAD_MOST_BYTES = 1472 };

bool
ksim_lan_present(const struct ksim *ksim)
{
    return ksim->lan != NULL;
}

static struct lan_station *
station_find(const struct ksim *ksim, const char *name)
{
    for (unsigned i = 0; ksim->lan != NULL && i < LAN_STATIONS; i++) {
        if (strcmp(ksim->lan->stations[i].name, name) == 0) {
            return &ksim->lan->stations[i];
        }
    }
    return NULL;
}

static void
station_describe(const struct lan_station *station, struct ksim_lan_host *host)
{
    host->name = station->name;
    machine_copy(host->link, station->legs[0].link, sizeof(host->link));
    wire_store32(host->address, station->legs[0].address);
    host->prefix_bits = station->legs[0].prefix_bits;
    host->seen = station->seen;
}

bool
ksim_lan_host_at(const struct ksim *ksim, unsigned index, struct ksim_lan_host *host)
{
    if (ksim->lan == NULL || index >= LAN_STATIONS) {
        return false;
    }
    station_describe(&ksim->lan->stations[index], host);
    return true;
}

bool
ksim_lan_host_find(const struct ksim *ksim, const char *name, struct ksim_lan_host *host)
{
    const struct lan_station *station = station_find(ksim, name);

    if (station == NULL) {
        return false;
    }
    station_describe(station, host);
    return true;
}

int
ksim_lan_ping(struct ksim *ksim, const char *name, const uint8_t to[4], uint16_t identifier,
              uint16_t sequence, size_t bytes)
{
    struct lan_station *station = station_find(ksim, name);
    uint8_t message[WIRE_ICMP_BYTES + PAYLOAD_MOST_BYTES] = {ICMP_ECHO};
    const size_t length = WIRE_ICMP_BYTES + bytes;

    if (station == NULL) {
        return ENXIO;
    }
    if (bytes > PAYLOAD_MOST_BYTES) {
        return EMSGSIZE;
    }
    wire_store16(message + 4, identifier);
    wire_store16(message + 6, sequence);
    for (size_t i = WIRE_ICMP_BYTES; i < length; i++) {
        message[i] = (uint8_t)i;
    }
    wire_store16(message + 2, wire_finish(wire_sum(0, message, length)));
    return lan_station_send_message(station, wire_load32(to), WIRE_ICMP, message, length)
               ? 0
               : EHOSTUNREACH;
}

int
ksim_lan_udp(struct ksim *ksim, const char *name, const uint8_t to[4], uint16_t from_port,
             uint16_t to_port, const uint8_t *payload, size_t bytes)
{
    struct lan_station *station = station_find(ksim, name);
    uint8_t message[WIRE_UDP_BYTES + PAYLOAD_MOST_BYTES];
    const uint32_t destination = wire_load32(to);
    const size_t length = WIRE_UDP_BYTES + bytes;
    uint16_t field;
    uint32_t sum;

    if (station == NULL) {
        return ENXIO;
    }
    if (bytes > PAYLOAD_MOST_BYTES) {
        return EMSGSIZE;
    }
    wire_store16(message, from_port);
    wire_store16(message + 2, to_port);
    wire_store16(message + 4, (uint32_t)length);
    wire_store16(message + 6, 0);
    machine_copy(message + WIRE_UDP_BYTES, payload, bytes);
    sum = wire_pseudo4(lan_station_source(station, destination), destination, WIRE_UDP, length);
    field = wire_finish(wire_sum(sum, message, length));
    wire_store16(message + 6, field == 0 ? 0xffff : field);
    station->udp_port = from_port;
    return lan_station_send_message(station, destination, WIRE_UDP, message, length) ? 0
                                                                                     : EHOSTUNREACH;
}

void
ksim_lan_echo_listen(struct ksim *ksim, ksim_lan_echo_listener listener, void *context)
{
    if (ksim->lan != NULL) {
        ksim->lan->echo_listener = listener;
        ksim->lan->echo_context = context;
    }
}

int
ksim_lan_send_frame(struct ksim *ksim, const char *name, const uint8_t *frame, size_t bytes)
{
    const struct lan_station *station = station_find(ksim, name);

    if (station == NULL) {
        return ENXIO;
    }
    if (bytes < WIRE_ETHERNET_BYTES || bytes > LAN_FRAME_MOST_BYTES) {
        return EMSGSIZE;
    }
    lan_transmit(station->legs[0].segment, 1 + LAN_LEGS * station->index, frame, bytes);
    return 0;
}

int
ksim_lan_route_add(struct ksim *ksim, const char *name, const uint8_t network[4],
                   unsigned prefix_bits, const uint8_t gateway[4])
{
    struct lan_station *station = station_find(ksim, name);
    struct lan_route *route;

    if (station == NULL) {
        return ENXIO;
    }
    if (prefix_bits > 32) {
        return EINVAL;
    }
    for (unsigned i = 0; i < station->route_count; i++) {
        route = &station->routes[i];
        if (route->network == wire_load32(network) && route->prefix_bits == prefix_bits) {
            route->gateway = wire_load32(gateway);
            return 0;
        }
    }
    if (station->route_count == LAN_ROUTES) {
        return ENOBUFS;
    }
    station->routes[station->route_count++] =
        (struct lan_route){wire_load32(network), prefix_bits, wire_load32(gateway)};
    return 0;
}

void
ksim_lan_cable(struct ksim *ksim, bool plugged)
{
    if (ksim->lan != NULL) {
        ksim_ethernet_nic_cable(plugged);
    }
}
