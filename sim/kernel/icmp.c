/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp.h>

#include <inet_transport.h>

enum { QUOTED_BYTES = 8, QUOTE_LIMIT_BYTES = 60 + QUOTED_BYTES };

uint32_t
ksim_icmp_source(const struct inet_packet *packet, const struct ip_header *header)
{
    const struct inet4_address *ours = inet4_address_find(header->destination);

    if (ours != NULL && !header->group) {
        return header->destination;
    }
    ours = inet4_address_first(packet->interface);
    return ours == NULL ? 0 : inet4_address_value(ours);
}

/* The reply is the request with type 0: identifier, sequence and data are the sender's. */
static enum ksim_inet_counter
echo_answer(const struct inet_packet *packet, const struct ip_header *header)
{
    const size_t length = header->total_bytes - header->header_bytes;
    struct ip_send send = {0};
    uint8_t *message;

    if (machine_fault("icmp message")) {
        return INET_COUNT_NO_MEMORY;
    }
    message = machine_allocate(length, "icmp message");
    machine_copy(message, packet->bytes + header->header_bytes, length);
    message[0] = ICMP_TYPE_ECHO_REPLY;
    wire_store16(message + 2, 0);
    wire_store16(message + 2, wire_finish(wire_sum(0, message, length)));
    send.source = ksim_icmp_source(packet, header);
    send.destination = header->source;
    send.protocol = WIRE_ICMP;
    send.service = header->service;
    send.dont_fragment = (header->fragment & WIRE_IP4_DONT_FRAGMENT) != 0;
    send.interface = packet->interface;
    (void)ksim_ip_send(&send, message, length, INET_COUNT_SENT_ICMP_ECHO_REPLY);
    machine_free(message);
    return INET_COUNT_ICMP_ECHO_ANSWERED;
}

static enum ksim_inet_counter
echo_reply(const struct ip_header *header, const uint8_t *message, size_t length)
{
    const struct inet_system *inet = inet_current();
    struct ksim_inet_address from;

    if (inet->echo_listener != NULL) {
        inet_address4(&from, header->source);
        inet->echo_listener(inet->echo_context, &from, wire_load16(message + 4),
                            wire_load16(message + 6), message + WIRE_ICMP_BYTES,
                            length - WIRE_ICMP_BYTES, header->hop_limit);
    }
    return INET_COUNT_ICMP_ECHO_REPLY;
}

bool
ksim_icmp_is_error(uint8_t type)
{
    return type == ICMP_TYPE_UNREACHABLE || type == ICMP_TYPE_SOURCE_QUENCH ||
           type == ICMP_TYPE_REDIRECT || type == ICMP_TYPE_TIME_EXCEEDED ||
           type == ICMP_TYPE_PARAMETER;
}

enum ksim_inet_counter
ksim_icmp_input(const struct inet_packet *packet, const struct ip_header *header)
{
    const uint8_t *message = packet->bytes + header->header_bytes;
    const size_t length = header->total_bytes - header->header_bytes;

    if (length < WIRE_ICMP_BYTES) {
        return INET_COUNT_ICMP_SHORT;
    }
    if (wire_finish(wire_sum(0, message, length)) != 0) {
        return INET_COUNT_ICMP_BAD_CHECKSUM;
    }
    if (message[0] == ICMP_TYPE_ECHO) {
        return echo_answer(packet, header);
    }
    if (message[0] == ICMP_TYPE_ECHO_REPLY) {
        return echo_reply(header, message, length);
    }
    return ksim_icmp_is_error(message[0]) ? INET_COUNT_ICMP_ERROR : INET_COUNT_ICMP_OTHER;
}

static bool
error_is_allowed(const struct inet_packet *packet, const struct ip_header *header)
{
    const size_t at = header->header_bytes;

    if (header->group || (header->fragment & WIRE_IP4_OFFSET) != 0 || header->source == 0 ||
        inet4_is_broadcast(packet->interface, header->source)) {
        return false;
    }
    return header->protocol != WIRE_ICMP || packet->length <= at || !ksim_icmp_is_error(packet->bytes[at]);
}

static void
error_send(const struct inet_packet *packet, const struct ip_header *header, uint8_t type,
           uint8_t code, uint32_t word)
{
    uint8_t message[WIRE_ICMP_BYTES + QUOTE_LIMIT_BYTES] = {0};
    size_t quoted = header->header_bytes + QUOTED_BYTES;
    struct ip_send send = {0};

    if (!error_is_allowed(packet, header)) {
        inet_count(INET_COUNT_ERROR_SUPPRESSED);
        return;
    }
    if (quoted > header->total_bytes) {
        quoted = header->total_bytes;
    }
    message[0] = type;
    message[1] = code;
    wire_store32(message + 4, word);
    machine_copy(message + WIRE_ICMP_BYTES, packet->bytes, quoted);
    wire_store16(message + 2, wire_finish(wire_sum(0, message, WIRE_ICMP_BYTES + quoted)));
    send.source = ksim_icmp_source(packet, header);
    send.destination = header->source;
    send.protocol = WIRE_ICMP;
    send.interface = packet->interface;
    (void)ksim_ip_send(&send, message, WIRE_ICMP_BYTES + quoted, INET_COUNT_SENT_ICMP_ERROR);
}

void
ksim_icmp_error(const struct inet_packet *packet, const struct ip_header *header, uint8_t type,
                uint8_t code, uint8_t pointer)
{
    error_send(packet, header, type, code, (uint32_t)pointer << 24);
}

void
ksim_icmp_error_mtu(const struct inet_packet *packet, const struct ip_header *header, uint32_t mtu)
{
    error_send(packet, header, ICMP_TYPE_UNREACHABLE, ICMP_CODE_FRAGMENTATION,
               mtu < 0xffff ? mtu : 0xffff);
}
