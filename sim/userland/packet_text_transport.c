/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP and TCP. */
#include "packet_text_internal.h"

enum {
    UDP_BYTES = 8, TCP_BYTES = 20,
    FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4, FLAG_ACK = 16, FLAG_URG = 32,
    OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3, OPTION_SACK_OK = 4,
    OPTION_SACK = 5, OPTION_TIMESTAMP = 8
};

static void
add_udp(struct text *out, struct packet_bytes segment)
{
    size_t length = load16(segment.at + 4);

    if (length < UDP_BYTES)
        text_add(out, "truncated-udplength %zu", length);
    else
        text_add(out, "UDP, length %zu", length - UDP_BYTES);
}

/* One option of `length` bytes, header included. */
static void
add_option(struct text *out, const uint8_t *option, size_t length)
{
    switch (option[0]) {
    case OPTION_MSS:
        text_add(out, "mss %u", length == 4 ? load16(option + 2) : 0);
        break;
    case OPTION_SCALE:
        text_add(out, "wscale %u", length == 3 ? option[2] : 0u);
        break;
    case OPTION_SACK_OK:
        text_add(out, "sackOK");
        break;
    case OPTION_SACK:
        text_add(out, "sack %zu ", (length - 2) / 8);
        for (size_t at = 2; at + 8 <= length; at += 8)
            text_add(out, "{%u:%u}", load32(option + at), load32(option + at + 4));
        break;
    case OPTION_TIMESTAMP:
        if (length == 10)
            text_add(out, "TS val %u ecr %u", load32(option + 2), load32(option + 6));
        else
            text_add(out, "TS");
        break;
    default:
        text_add(out, "unknown-%u 0x", option[0]);
        for (size_t at = 2; at < length; at++)
            text_add(out, "%02x", option[at]);
        break;
    }
}

static void
add_options(struct text *out, const uint8_t *options, size_t length, bool cut)
{
    size_t at = 0;

    text_add(out, ", options [");
    while (at < length) {
        if (at > 0)
            text_add(out, ",");
        if (options[at] == OPTION_END) {
            text_add(out, "eol");
            break;
        }
        if (options[at] == OPTION_NOP) {
            text_add(out, "nop");
            at++;
            continue;
        }
        if (at + 2 > length || options[at + 1] < 2 || at + options[at + 1] > length) {
            text_add(out, cut ? "[|tcp]" : "bad opt");
            break;
        }
        add_option(out, options + at, options[at + 1]);
        at += options[at + 1];
    }
    text_add(out, "]");
}

static void
add_tcp_numbers(struct text *out, const uint8_t *tcp, size_t data)
{
    uint32_t sequence = load32(tcp + 4);
    unsigned flags = tcp[13];

    if (data > 0)
        text_add(out, ", seq %u:%u", sequence, sequence + (uint32_t)data);
    else if ((flags & (FLAG_SYN | FLAG_FIN | FLAG_RST)) != 0)
        text_add(out, ", seq %u", sequence);
    if ((flags & FLAG_ACK) != 0)
        text_add(out, ", ack %u", load32(tcp + 8));
    text_add(out, ", win %u", load16(tcp + 14));
    if ((flags & FLAG_URG) != 0)
        text_add(out, ", urg %u", load16(tcp + 18));
}

static void
add_tcp(struct text *out, struct packet_bytes segment)
{
    static const char letters[] = "FSRP.UEW";
    const uint8_t *tcp = segment.at;
    size_t header, data;

    if (segment.length < TCP_BYTES) {
        text_add(out, "[|tcp]");
        return;
    }
    header = (size_t)(tcp[12] >> 4) * 4;
    text_add(out, "Flags [");
    for (int bit = 0; bit < 8; bit++) {
        if ((tcp[13] >> bit & 1) != 0)
            text_add(out, "%c", letters[bit]);
    }
    text_add(out, tcp[13] == 0 ? "none]" : "]");
    if (header < TCP_BYTES || header > segment.wire) {
        text_add(out, " [bad hdr length %zu]", header);
        return;
    }
    data = segment.wire - header;
    add_tcp_numbers(out, tcp, data);
    if (header > TCP_BYTES) {
        size_t there = segment.length < header ? segment.length : header;

        add_options(out, tcp + TCP_BYTES, there - TCP_BYTES, there < header);
    }
    text_add(out, ", length %zu", data);
}

void
packet_text_add_transport(struct text *out, unsigned protocol, struct packet_bytes segment,
                          struct packet_hosts hosts)
{
    packet_text_add_hosts(out, hosts, segment.length < 4 ? NULL : segment.at);
    text_add(out, ": ");
    if (segment.length < 4)
        text_add(out, "[|%s]", protocol == PROTOCOL_UDP ? "udp" : "tcp");
    else if (protocol == PROTOCOL_TCP)
        add_tcp(out, segment);
    else if (segment.length < UDP_BYTES)
        text_add(out, "[|udp]");
    else
        add_udp(out, segment);
}
