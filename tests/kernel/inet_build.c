/* SPDX-License-Identifier: BSD-2-Clause */
#include "inet_build.h"

#include <string.h>

unsigned
get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

uint32_t
get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

void
put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void
put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static uint32_t
sum_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        sum += at % 2 == 0 ? (uint32_t)bytes[at] << 8 : bytes[at];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

uint16_t
checksum(uint32_t sum, const uint8_t *bytes, size_t length)
{
    return (uint16_t)~sum_words(sum, bytes, length);
}

uint32_t
pseudo4(uint32_t from, uint32_t to, uint8_t protocol, size_t length)
{
    uint8_t header[12];

    put32(header, from);
    put32(header + 4, to);
    put16(header + 8, protocol);
    put16(header + 10, (unsigned)length);
    return sum_words(0, header, sizeof(header));
}

uint32_t
pseudo6(const uint8_t *from, const uint8_t *to, uint8_t protocol, size_t length)
{
    uint8_t header[40] = {0};

    memcpy(header, from, 16);
    memcpy(header + 16, to, 16);
    put32(header + 32, (uint32_t)length);
    header[39] = protocol;
    return sum_words(0, header, sizeof(header));
}

size_t
build_ether(uint8_t *out, const uint8_t to[6], const uint8_t from[6], unsigned type)
{
    memcpy(out, to, 6);
    memcpy(out + 6, from, 6);
    put16(out + 12, type);
    return ETHER_BYTES;
}

size_t
build_arp(uint8_t *out, unsigned operation, const uint8_t sender_link[6], uint32_t sender,
          const uint8_t target_link[6], uint32_t target)
{
    put16(out, 1);
    put16(out + 2, 0x800);
    put16(out + 4, 0x604);
    put16(out + 6, operation);
    memcpy(out + 8, sender_link, 6);
    put32(out + 14, sender);
    memcpy(out + 18, target_link, 6);
    put32(out + 24, target);
    return ARP_BYTES;
}

void
repair_ip4(uint8_t *packet)
{
    put16(packet + 10, 0);
    put16(packet + 10, checksum(0, packet, (size_t)(packet[0] & 15) * 4));
}

size_t
build_ip4(uint8_t *out, const struct ip4_fields *fields, const void *payload, size_t bytes)
{
    const size_t header = IP4_BYTES + fields->option_bytes;

    memset(out, 0, header);
    out[0] = (uint8_t)(0x40 + header / 4);
    out[1] = fields->tos;
    put16(out + 2, (unsigned)(header + bytes));
    put16(out + 4, fields->id);
    put16(out + 6, fields->fragment);
    out[8] = fields->ttl == 0 ? 64 : fields->ttl;
    out[9] = fields->protocol;
    put32(out + 12, fields->from);
    put32(out + 16, fields->to);
    if (fields->option_bytes != 0)
        memcpy(out + IP4_BYTES, fields->options, fields->option_bytes);
    repair_ip4(out);
    if (bytes != 0)
        memmove(out + header, payload, bytes);
    return header + bytes;
}

size_t
build_ip6(uint8_t *out, const struct ip6_fields *fields, const void *payload, size_t bytes)
{
    put32(out, 0x60000000);
    put16(out + 4, (unsigned)bytes);
    out[6] = fields->next;
    out[7] = fields->hop_limit == 0 ? 64 : fields->hop_limit;
    memcpy(out + 8, fields->from, 16);
    memcpy(out + 24, fields->to, 16);
    if (bytes != 0)
        memmove(out + IP6_BYTES, payload, bytes);
    return IP6_BYTES + bytes;
}

static size_t
icmp_start(uint8_t *out, unsigned type, unsigned code, uint32_t word, const void *data,
           size_t bytes)
{
    out[0] = (uint8_t)type;
    out[1] = (uint8_t)code;
    put16(out + 2, 0);
    put32(out + 4, word);
    if (bytes != 0)
        memcpy(out + 8, data, bytes);
    return 8 + bytes;
}

size_t
build_icmp(uint8_t *out, unsigned type, unsigned code, uint32_t word, const void *data,
           size_t bytes)
{
    const size_t length = icmp_start(out, type, code, word, data, bytes);

    put16(out + 2, checksum(0, out, length));
    return length;
}

size_t
build_icmp6(uint8_t *out, const struct ip6_fields *fields, unsigned type, unsigned code,
            uint32_t word, const void *data, size_t bytes)
{
    const size_t length = icmp_start(out, type, code, word, data, bytes);

    put16(out + 2, checksum(pseudo6(fields->from, fields->to, PROTOCOL_ICMP6, length), out, length));
    return length;
}

size_t
build_udp(uint8_t *out, uint32_t sum, uint16_t from_port, uint16_t to_port, const void *data,
          size_t bytes)
{
    uint16_t value;

    put16(out, from_port);
    put16(out + 2, to_port);
    put16(out + 4, (unsigned)(8 + bytes));
    put16(out + 6, 0);
    if (bytes != 0)
        memcpy(out + 8, data, bytes);
    value = checksum(sum, out, 8 + bytes);
    put16(out + 6, value == 0 ? 0xffff : value);
    return 8 + bytes;
}

size_t
build_tcp(uint8_t *out, uint32_t sum, uint16_t from_port, uint16_t to_port, uint32_t sequence,
          uint32_t acknowledge, unsigned flags, const void *data, size_t bytes)
{
    memset(out, 0, 20);
    put16(out, from_port);
    put16(out + 2, to_port);
    put32(out + 4, sequence);
    put32(out + 8, acknowledge);
    out[12] = 5 << 4;
    out[13] = (uint8_t)flags;
    put16(out + 14, 8192);
    if (bytes != 0)
        memcpy(out + 20, data, bytes);
    put16(out + 16, checksum(sum, out, 20 + bytes));
    return 20 + bytes;
}

void
fill_pattern(uint8_t *out, size_t bytes)
{
    for (size_t at = 0; at < bytes; at++)
        out[at] = (uint8_t)(at % 251);
}
