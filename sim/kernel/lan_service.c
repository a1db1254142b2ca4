/* SPDX-License-Identifier: BSD-2-Clause */
#include <ethernet_lan.h>

enum {
    ICMP_ECHO_REPLY = 0,
    ICMP_UNREACHABLE = 3,
    ICMP_CODE_PORT = 3,
    ICMP_ECHO = 8,
    ICMP_EXPIRED = 11,
    ICMP_PARAMETER = 12,
    QUOTED_BYTES = 8,
    TCP_FLAG_RESET = 4,
    TCP_FLAG_ACK = 16
};

static bool
icmp_is_error(uint8_t type)
{
    return type == ICMP_UNREACHABLE || type == ICMP_EXPIRED || type == ICMP_PARAMETER;
}

void
lan_service_error(struct lan_station *station, const uint8_t *datagram, size_t bytes, uint8_t type,
                  uint8_t code)
{
    const size_t header_bytes = (size_t)(datagram[0] & 15) * 4;
    uint8_t message[WIRE_ICMP_BYTES + 60 + QUOTED_BYTES] = {type, code};
    size_t quoted = header_bytes + QUOTED_BYTES;

    if (datagram[9] == WIRE_ICMP && header_bytes < bytes && icmp_is_error(datagram[header_bytes])) {
        return;
    }
    if (quoted > bytes) {
        quoted = bytes;
    }
    machine_copy(message + WIRE_ICMP_BYTES, datagram, quoted);
    wire_store16(message + 2, wire_finish(wire_sum(0, message, WIRE_ICMP_BYTES + quoted)));
    (void)lan_station_send_message(station, wire_load32(datagram + 12), WIRE_ICMP, message,
                                   WIRE_ICMP_BYTES + quoted);
}

static void
error_note(struct lan_station *station, const uint8_t *message, size_t length)
{
    station->seen.icmp_errors++;
    station->seen.last_error_type = message[0];
    station->seen.last_error_code = message[1];
    if (length >= WIRE_ICMP_BYTES + WIRE_IP4_BYTES) {
        machine_copy(station->seen.last_error_about, message + WIRE_ICMP_BYTES + 16, 4);
    }
}

static void
icmp_input(struct lan_station *station, const uint8_t *datagram, const uint8_t *message,
           size_t length)
{
    const struct lan_system *lan = ksim_current()->lan;
    uint8_t reply[LAN_FRAME_MOST_BYTES];

    if (length < WIRE_ICMP_BYTES || wire_finish(wire_sum(0, message, length)) != 0) {
        station->seen.bad++;
        return;
    }
    if (message[0] == ICMP_ECHO) {
        station->seen.echo_requests++;
        station->seen.last_port = wire_load16(message + 4);
        machine_copy(reply, message, length);
        reply[0] = ICMP_ECHO_REPLY;
        wire_store16(reply + 2, 0);
        wire_store16(reply + 2, wire_finish(wire_sum(0, reply, length)));
        (void)lan_station_send_message(station, wire_load32(datagram + 12), WIRE_ICMP, reply,
                                       length);
    } else if (message[0] == ICMP_ECHO_REPLY) {
        station->seen.echo_replies++;
        station->seen.last_port = wire_load16(message + 4);
        if (lan->echo_listener != NULL) {
            lan->echo_listener(lan->echo_context, station->name, datagram + 12,
                               wire_load16(message + 4), wire_load16(message + 6), datagram[8],
                               length - WIRE_ICMP_BYTES);
        }
    } else if (icmp_is_error(message[0])) {
        error_note(station, message, length);
    } else {
        station->seen.other++;
    }
}

static void
udp_echo(struct lan_station *station, const uint8_t *datagram, const uint8_t *message,
         size_t length)
{
    uint8_t reply[LAN_FRAME_MOST_BYTES];
    const uint32_t peer = wire_load32(datagram + 12);
    uint32_t sum = wire_pseudo4(wire_load32(datagram + 16), peer, WIRE_UDP, length);
    uint16_t field;

    machine_copy(reply, message, length);
    machine_copy(reply, message + 2, 2);
    machine_copy(reply + 2, message, 2);
    wire_store16(reply + 6, 0);
    field = wire_finish(wire_sum(sum, reply, length));
    wire_store16(reply + 6, field == 0 ? 0xffff : field);
    (void)lan_station_send_message(station, peer, WIRE_UDP, reply, length);
}

static void
udp_input(struct lan_station *station, const uint8_t *datagram, size_t bytes,
          const uint8_t *message, size_t length)
{
    const uint32_t sum = wire_pseudo4(wire_load32(datagram + 12), wire_load32(datagram + 16),
                                      WIRE_UDP, length);
    uint16_t port;

    if (length < WIRE_UDP_BYTES || wire_load16(message + 4) != length ||
        (wire_load16(message + 6) != 0 && wire_finish(wire_sum(sum, message, length)) != 0)) {
        station->seen.bad++;
        return;
    }
    station->seen.last_port = wire_load16(message);
    port = wire_load16(message + 2);
    if (port == WIRE_PORT_ECHO) {
        station->seen.udp_echoed++;
        udp_echo(station, datagram, message, length);
    } else if (port == station->udp_port) {
        station->seen.udp_replies++;
    } else {
        station->seen.udp_refused++;
        lan_service_error(station, datagram, bytes, ICMP_UNREACHABLE, ICMP_CODE_PORT);
    }
}

/* RFC 9293, 3.10.7.1: a segment to a closed port is answered by a reset. */
static void
tcp_refuse(struct lan_station *station, const uint8_t *datagram, const uint8_t *segment,
           size_t length)
{
    uint8_t reset[WIRE_TCP_BYTES] = {0};
    const uint32_t peer = wire_load32(datagram + 12);
    const size_t header_bytes = (size_t)(segment[12] >> 4) * 4;
    uint32_t taken = (uint32_t)(header_bytes <= length ? length - header_bytes : 0);
    uint32_t sum = wire_pseudo4(wire_load32(datagram + 16), peer, WIRE_TCP, sizeof(reset));

    taken += (uint32_t)(segment[13] & 1) + (uint32_t)(segment[13] >> 1 & 1);
    machine_copy(reset, segment + 2, 2);
    machine_copy(reset + 2, segment, 2);
    reset[12] = WIRE_TCP_BYTES / 4 << 4;
    if ((segment[13] & TCP_FLAG_ACK) != 0) {
        machine_copy(reset + 4, segment + 8, 4);
        reset[13] = TCP_FLAG_RESET;
    } else {
        wire_store32(reset + 8, wire_load32(segment + 4) + taken);
        reset[13] = TCP_FLAG_RESET | TCP_FLAG_ACK;
    }
    wire_store16(reset + 16, wire_finish(wire_sum(sum, reset, sizeof(reset))));
    (void)lan_station_send_message(station, peer, WIRE_TCP, reset, sizeof(reset));
}

static void
tcp_input(struct lan_station *station, const uint8_t *datagram, const uint8_t *segment,
          size_t length)
{
    const uint32_t sum = wire_pseudo4(wire_load32(datagram + 12), wire_load32(datagram + 16),
                                      WIRE_TCP, length);

    if (length < WIRE_TCP_BYTES || wire_finish(wire_sum(sum, segment, length)) != 0) {
        station->seen.bad++;
        return;
    }
    station->seen.last_port = wire_load16(segment);
    if ((segment[13] & TCP_FLAG_RESET) != 0) {
        station->seen.other++;
        return;
    }
    station->seen.tcp_refused++;
    tcp_refuse(station, datagram, segment, length);
}

void
lan_service_input(struct lan_station *station, const uint8_t *datagram, size_t bytes)
{
    const size_t header_bytes = (size_t)(datagram[0] & 15) * 4;
    const uint8_t *message = datagram + header_bytes;
    const size_t length = bytes - header_bytes;

    machine_copy(station->seen.last_source, datagram + 12, 4);
    station->seen.last_hop_limit = datagram[8];
    station->seen.last_protocol = datagram[9];
    station->seen.last_port = 0;
    if ((wire_load16(datagram + 6) & (WIRE_IP4_MORE | WIRE_IP4_OFFSET)) != 0) {
        station->seen.other++;
        return;
    }
    switch (datagram[9]) {
    case WIRE_ICMP:
        icmp_input(station, datagram, message, length);
        break;
    case WIRE_UDP:
        udp_input(station, datagram, bytes, message, length);
        break;
    case WIRE_TCP:
        tcp_input(station, datagram, message, length);
        break;
    default:
        station->seen.other++;
        break;
    }
}
