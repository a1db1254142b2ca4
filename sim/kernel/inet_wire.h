/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_WIRE_H
#define KSIM_INET_WIRE_H

/*
 * Packets as bytes: big-endian fields at offsets, the numbers of the protocols, and the Internet
 * checksum. Nothing here depends on how a compiler lays out a structure, and any address may be
 * unaligned. Sources: RFC 791, 792, 768, 793, 826, 3376, 8200, 4443, 4861, 3810.
 */

#include <machine.h>

enum {
    WIRE_ETHERNET_BYTES = 14,
    WIRE_LINK_BYTES = 6,
    WIRE_TYPE_IP4 = 0x0800,
    WIRE_TYPE_ARP = 0x0806,
    WIRE_TYPE_IP6 = 0x86dd,

    WIRE_ARP_BYTES = 28,
    WIRE_ARP_REQUEST = 1,
    WIRE_ARP_REPLY = 2,

    WIRE_IP4_BYTES = 20,
    WIRE_IP4_MAXIMUM = 65535,
    WIRE_IP4_DONT_FRAGMENT = 0x4000,
    WIRE_IP4_MORE = 0x2000,
    WIRE_IP4_OFFSET = 0x1fff,

    WIRE_IP6_BYTES = 40,
    WIRE_IP6_FRAGMENT_BYTES = 8,

    WIRE_ICMP_BYTES = 8,
    WIRE_UDP_BYTES = 8,
    WIRE_TCP_BYTES = 20,

    WIRE_HOP_BY_HOP = 0,
    WIRE_ICMP = 1,
    WIRE_IGMP = 2,
    WIRE_TCP = 6,
    WIRE_UDP = 17,
    WIRE_ROUTING = 43,
    WIRE_FRAGMENT = 44,
    WIRE_ICMP6 = 58,
    WIRE_NO_NEXT = 59,
    WIRE_DESTINATION = 60,

    WIRE_PORT_ECHO = 7,
    WIRE_HOP_LIMIT = 64
};

static inline uint16_t
wire_load16(const uint8_t *at)
{
    return (uint16_t)((unsigned)at[0] << 8 | at[1]);
}

static inline uint32_t
wire_load32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void
wire_store16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void
wire_store32(uint8_t *at, uint32_t value)
{
    wire_store16(at, value >> 16);
    wire_store16(at + 2, value);
}

/* A sockaddr keeps its address in network order; these see it as a number of the host. */
static inline uint32_t
wire_swap32(uint32_t value)
{
    return wire_load32((const uint8_t *)&value);
}

/* Adds bytes to a running one's complement sum; only the last piece may have an odd length. */
static inline uint32_t
wire_sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
    uint64_t total = sum;
    size_t at = 0;

    /* Two pieces of 16 bits at a time: 65536 is 1 in this arithmetic. */
    for (; at + 3 < length; at += 4) {
        total += wire_load32(bytes + at);
    }
    for (; at + 1 < length; at += 2) {
        total += wire_load16(bytes + at);
    }
    if (at < length) {
        total += (uint32_t)bytes[at] << 8;
    }
    while (total >> 16 != 0) {
        total = (total & 0xffff) + (total >> 16);
    }
    return (uint32_t)total;
}

/* The checksum field for a sum; a packet that includes a right checksum finishes to 0. */
static inline uint16_t
wire_finish(uint32_t sum)
{
    return (uint16_t)~sum;
}

/* Sum of the pseudo header of TCP and UDP over IPv4. Addresses as numbers of the host. */
static inline uint32_t
wire_pseudo4(uint32_t source, uint32_t destination, uint8_t protocol, size_t length)
{
    uint8_t header[12];

    wire_store32(header, source);
    wire_store32(header + 4, destination);
    header[8] = 0;
    header[9] = protocol;
    wire_store16(header + 10, (uint32_t)length);
    return wire_sum(0, header, sizeof(header));
}

/* The same for IPv6: ICMPv6 as well. Addresses are 16 bytes. */
static inline uint32_t
wire_pseudo6(const uint8_t *source, const uint8_t *destination, uint8_t protocol, size_t length)
{
    uint8_t tail[8];
    uint32_t sum;

    wire_store32(tail, (uint32_t)length);
    wire_store32(tail + 4, protocol);
    sum = wire_sum(0, source, 16);
    sum = wire_sum(sum, destination, 16);
    return wire_sum(sum, tail, sizeof(tail));
}

static inline bool
wire_same(const void *left, const void *right, size_t bytes)
{
    return machine_compare(left, right, bytes) == 0;
}

/* True when the first `bits` bits are equal. */
static inline bool
wire_same_prefix(const uint8_t *left, const uint8_t *right, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (!wire_same(left, right, whole)) {
        return false;
    }
    return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

#endif
