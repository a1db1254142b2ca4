/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_transport.h>

/*
 * Every TCP port is closed (RFC 793, section 3.4, state CLOSED): a reset is answered by nothing, a
 * segment with ACK by a reset whose sequence number is that ACK, any other by a reset that
 * acknowledges all the sequence numbers the segment took.
 */

enum {
    TCP_SOURCE = 0,
    TCP_DESTINATION = 2,
    TCP_SEQUENCE = 4,
    TCP_ACKNOWLEDGE = 8,
    TCP_OFFSET = 12,
    TCP_FLAGS = 13,
    TCP_CHECKSUM = 16,
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_ACK = 16
};

static void
tcp_reset(const struct inet_segment *segment, size_t header_bytes)
{
    const uint8_t *bytes = segment->bytes;
    const uint8_t flags = bytes[TCP_FLAGS];
    uint8_t reset[WIRE_TCP_BYTES] = {0};
    uint32_t taken;

    machine_copy(reset + TCP_SOURCE, bytes + TCP_DESTINATION, 2);
    machine_copy(reset + TCP_DESTINATION, bytes + TCP_SOURCE, 2);
    reset[TCP_OFFSET] = (WIRE_TCP_BYTES / 4) << 4;
    if ((flags & TCP_ACK) != 0) {
        machine_copy(reset + TCP_SEQUENCE, bytes + TCP_ACKNOWLEDGE, 4);
        reset[TCP_FLAGS] = TCP_RST;
    } else {
        taken = (uint32_t)(segment->length - header_bytes) + ((flags & TCP_SYN) != 0) +
                ((flags & TCP_FIN) != 0);
        wire_store32(reset + TCP_ACKNOWLEDGE, wire_load32(bytes + TCP_SEQUENCE) + taken);
        reset[TCP_FLAGS] = TCP_RST | TCP_ACK;
    }
    (void)inet_transport_send(&segment->to, &segment->from, WIRE_TCP, reset, sizeof(reset),
                              TCP_CHECKSUM, segment->interface, INET_COUNT_SENT_TCP_RESET);
}

enum ksim_inet_counter
ksim_tcp_input(const struct inet_segment *segment)
{
    size_t header_bytes;
    uint32_t sum;

    if (segment->length < WIRE_TCP_BYTES) {
        return INET_COUNT_TCP_SHORT;
    }
    header_bytes = (size_t)(segment->bytes[TCP_OFFSET] >> 4) * 4;
    if (header_bytes < WIRE_TCP_BYTES || header_bytes > segment->length) {
        return INET_COUNT_TCP_SHORT;
    }
    sum = inet_pseudo_sum(&segment->from, &segment->to, WIRE_TCP, segment->length);
    if (wire_finish(wire_sum(sum, segment->bytes, segment->length)) != 0) {
        return INET_COUNT_TCP_BAD_CHECKSUM;
    }
    if (segment->group) {
        return INET_COUNT_TCP_GROUP;
    }
    if ((segment->bytes[TCP_FLAGS] & TCP_RST) != 0) {
        return INET_COUNT_TCP_RESET;
    }
    tcp_reset(segment, header_bytes);
    return INET_COUNT_TCP_REFUSED;
}
