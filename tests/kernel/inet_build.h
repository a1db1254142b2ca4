/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INET_BUILD_H
#define INET_BUILD_H

/*
 * Packets as the other end of a wire writes them, from the RFCs and not from the stack's own code:
 * 791 (IPv4), 768 (UDP), 792 (ICMP), 793 (TCP), 826 (ARP), 8200 (IPv6), 4443 (ICMPv6). Each builder
 * returns the length of what it wrote and fills in right lengths and checksums; a test that wants
 * them wrong changes them afterwards and, where needed, calls the repair functions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUILD_BYTES = 70000, /* room for any packet */
    ETHER_BYTES = 14,
    IP4_BYTES = 20,
    IP6_BYTES = 40,
    ARP_BYTES = 28,
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IGMP = 2,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_ICMP6 = 58,
    PROTOCOL_NOTHING = 59,
    PROTOCOL_DESTINATION = 60,
    IP4_DF = 0x4000,
    IP4_MF = 0x2000
};

struct ip4_fields {
    uint32_t from, to; /* numbers of the host */
    uint8_t protocol;
    uint8_t ttl; /* 0 = 64; build and repair for a real 0 */
    uint8_t tos;
    uint16_t id;
    uint16_t fragment; /* flags and offset in units of 8 bytes */
    const uint8_t *options;
    size_t option_bytes; /* multiple of 4 */
};

struct ip6_fields {
    const uint8_t *from, *to;
    uint8_t next;
    uint8_t hop_limit; /* 0 = 64 */
};

unsigned get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put16(uint8_t *at, unsigned value);
void put32(uint8_t *at, uint32_t value);

/* The Internet checksum of RFC 1071 over bytes, started with a sum; 0 for data with a right one in it. */
uint16_t checksum(uint32_t sum, const uint8_t *bytes, size_t length);
/* Sums of the pseudo headers. */
uint32_t pseudo4(uint32_t from, uint32_t to, uint8_t protocol, size_t length);
uint32_t pseudo6(const uint8_t *from, const uint8_t *to, uint8_t protocol, size_t length);

size_t build_ether(uint8_t *out, const uint8_t to[6], const uint8_t from[6], unsigned type);
size_t build_arp(uint8_t *out, unsigned operation, const uint8_t sender_link[6], uint32_t sender,
                 const uint8_t target_link[6], uint32_t target);
size_t build_ip4(uint8_t *out, const struct ip4_fields *fields, const void *payload, size_t bytes);
/* The header checksum made right again. */
void repair_ip4(uint8_t *packet);
size_t build_ip6(uint8_t *out, const struct ip6_fields *fields, const void *payload, size_t bytes);

/* Transport messages for a payload of build_ip4 and build_ip6. */
size_t build_icmp(uint8_t *out, unsigned type, unsigned code, uint32_t word, const void *data,
                  size_t bytes);
size_t build_icmp6(uint8_t *out, const struct ip6_fields *fields, unsigned type, unsigned code,
                   uint32_t word, const void *data, size_t bytes);
/* `sum` is the pseudo header's sum, for the length with the header of 8 and 20 bytes. */
size_t build_udp(uint8_t *out, uint32_t sum, uint16_t from_port, uint16_t to_port, const void *data,
                 size_t bytes);
size_t build_tcp(uint8_t *out, uint32_t sum, uint16_t from_port, uint16_t to_port,
                 uint32_t sequence, uint32_t acknowledge, unsigned flags, const void *data,
                 size_t bytes);

/* Bytes at, at + 1, ... modulo 251, so that a piece in the wrong place is seen. */
void fill_pattern(uint8_t *out, size_t bytes);

#endif
