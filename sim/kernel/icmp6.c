/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp6.h>

#include <inet_transport.h>
#include <nd6.h>

enum { ERROR_LIMIT_BYTES = 1280, CHECKSUM = 2 };

errno_t
ksim_icmp6_send(struct ip6_send *send, uint8_t *message, size_t length,
                enum ksim_inet_counter sent)
{
    static const uint8_t unspecified[16];
    const uint8_t *source = send->source_unspecified ? unspecified : send->source;
    uint32_t sum;

    send->protocol = WIRE_ICMP6;
    wire_store16(message + CHECKSUM, 0);
    sum = wire_pseudo6(source, send->destination, WIRE_ICMP6, length);
    wire_store16(message + CHECKSUM, wire_finish(wire_sum(sum, message, length)));
    return ksim_ip6_send(send, message, length, sent);
}

/* Our address to answer from: the packet's destination when it is one of ours, else the best one. */
static bool
source_choose(const struct inet_packet *packet, uint8_t *source)
{
    const uint8_t *destination = packet->bytes + 24;
    const struct inet6_address *ours;

    if (!inet6_is_multicast(destination) &&
        inet6_address_find(destination, packet->interface) != NULL) {
        machine_copy(source, destination, 16);
        return true;
    }
    ours = inet6_address_source(packet->interface, packet->bytes + 8);
    if (ours == NULL) {
        return false;
    }
    machine_copy(source, ours->bytes, 16);
    return true;
}

static enum ksim_inet_counter
echo_answer(const struct ip6_message *message)
{
    struct ip6_send send = {0};
    uint8_t *reply;

    if (machine_fault("icmp6 message")) {
        return INET_COUNT_NO_MEMORY;
    }
    if (!source_choose(message->packet, send.source)) {
        (void)inet_count_unsent(EADDRNOTAVAIL);
        return INET_COUNT_ICMP6_ECHO_ANSWERED;
    }
    reply = machine_allocate(message->length, "icmp6 message");
    machine_copy(reply, message->bytes, message->length);
    reply[0] = ICMP6_TYPE_ECHO_REPLY;
    machine_copy(send.destination, message->source, 16);
    send.interface = message->packet->interface;
    (void)ksim_icmp6_send(&send, reply, message->length, INET_COUNT_SENT_ICMP6_ECHO_REPLY);
    machine_free(reply);
    return INET_COUNT_ICMP6_ECHO_ANSWERED;
}

static enum ksim_inet_counter
echo_reply(const struct ip6_message *message)
{
    const struct inet_system *inet = inet_current();
    struct ksim_inet_address from;

    if (inet->echo_listener != NULL) {
        inet_address6(&from, message->source, message->packet->interface);
        inet->echo_listener(inet->echo_context, &from, wire_load16(message->bytes + 4),
                            wire_load16(message->bytes + 6), message->bytes + WIRE_ICMP_BYTES,
                            message->length - WIRE_ICMP_BYTES, message->hop_limit);
    }
    return INET_COUNT_ICMP6_ECHO_REPLY;
}

enum ksim_inet_counter
ksim_icmp6_input(const struct ip6_message *message)
{
    uint32_t sum;

    if (message->length < 4) {
        return INET_COUNT_ICMP6_SHORT;
    }
    sum = wire_pseudo6(message->source, message->destination, WIRE_ICMP6, message->length);
    if (wire_finish(wire_sum(sum, message->bytes, message->length)) != 0) {
        return INET_COUNT_ICMP6_BAD_CHECKSUM;
    }
    if (message->length < WIRE_ICMP_BYTES) {
        return INET_COUNT_ICMP6_SHORT;
    }
    switch (message->bytes[0]) {
    case ICMP6_TYPE_ECHO:
        return echo_answer(message);
    case ICMP6_TYPE_ECHO_REPLY:
        return echo_reply(message);
    case ICMP6_TYPE_MLD_QUERY:
    case ICMP6_TYPE_MLD_REPORT:
    case ICMP6_TYPE_MLD_DONE:
    case ICMP6_TYPE_MLD2_REPORT:
        return ksim_mld_input(message);
    case ICMP6_TYPE_ROUTER_SOLICIT:
    case ICMP6_TYPE_ROUTER_ADVERT:
    case ICMP6_TYPE_SOLICIT:
    case ICMP6_TYPE_ADVERT:
    case ICMP6_TYPE_REDIRECT:
        return ksim_nd6_input(message);
    default:
        return message->bytes[0] < 128 ? INET_COUNT_ICMP6_ERROR : INET_COUNT_ICMP6_OTHER;
    }
}

/* True when the packet is an ICMPv6 error or redirect itself, as far as its headers can be read. */
static bool
is_about_error(const struct inet_packet *packet)
{
    const uint8_t *bytes = packet->bytes;
    size_t at = WIRE_IP6_BYTES;
    uint8_t next = bytes[6];

    while (at + 8 <= packet->length && (next == WIRE_HOP_BY_HOP || next == WIRE_ROUTING ||
                                        next == WIRE_DESTINATION || next == WIRE_FRAGMENT)) {
        size_t length = next == WIRE_FRAGMENT ? 8 : ((size_t)bytes[at + 1] + 1) * 8;

        next = bytes[at];
        at += length;
    }
    return next == WIRE_ICMP6 && at < packet->length &&
           (bytes[at] < 128 || bytes[at] == ICMP6_TYPE_REDIRECT);
}

void
ksim_icmp6_error(const struct inet_packet *packet, uint8_t type, uint8_t code, uint32_t word)
{
    uint8_t message[ERROR_LIMIT_BYTES - WIRE_IP6_BYTES] = {0};
    const uint8_t *source = packet->bytes + 8;
    const bool about_option = type == ICMP6_TYPE_PARAMETER && code == ICMP6_CODE_OPTION;
    const bool group = packet->group || inet6_is_multicast(packet->bytes + 24);
    size_t quoted = packet->length;
    struct ip6_send send = {0};

    if (inet6_is_unspecified(source) || inet6_is_multicast(source) || (group && !about_option) ||
        is_about_error(packet)) {
        inet_count(INET_COUNT_ERROR_SUPPRESSED);
        return;
    }
    if (!source_choose(packet, send.source)) {
        (void)inet_count_unsent(EADDRNOTAVAIL);
        return;
    }
    if (quoted > sizeof(message) - WIRE_ICMP_BYTES) {
        quoted = sizeof(message) - WIRE_ICMP_BYTES;
    }
    message[0] = type;
    message[1] = code;
    wire_store32(message + 4, word);
    machine_copy(message + WIRE_ICMP_BYTES, packet->bytes, quoted);
    machine_copy(send.destination, source, 16);
    send.interface = packet->interface;
    (void)ksim_icmp6_send(&send, message, WIRE_ICMP_BYTES + quoted, INET_COUNT_SENT_ICMP6_ERROR);
}
