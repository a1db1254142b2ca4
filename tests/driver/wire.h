/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_H
#define WIRE_H

/*
 * The program at the other end of the wire: it reads and writes a device like a VPN or an emulator
 * does, answers and asks, and builds the packets for it. The other end is 10.7.0.2, fd07::2 and
 * 02:00:00:00:00:99; the Mac is 10.7.0.1 and fd07::1.
 */

#include "world.h"

enum {
    WIRE_ETHER_BYTES = 14,
    WIRE_ARP_BYTES = 42,   /* an ARP packet in its frame, unpadded */
    WIRE_ECHO_BYTES = 84,  /* an IPv4 echo packet with 56 bytes of payload, like ping's */
    WIRE_ECHO6_BYTES = 104,
    WIRE_PACKET_BYTES = 66000
};

extern const uint8_t wire_lladdr[6];
extern const uint8_t wire_broadcast[6];

struct wire {
    struct world *world;
    int fd;
    bool ethernet;
    size_t length;   /* of the packet read last */
    uint8_t *packet; /* WIRE_PACKET_BYTES, static */
};

/*
 * Opens, configures and brings up a device as world_open_up does, makes it nonblocking and throws away what
 * the Mac says about the new address. One wire at a time: the buffer is static.
 */
void wire_open(struct wire *wire, struct world *world, const char *name);
/* The same for a device that is open and configured. */
void wire_adopt(struct wire *wire, struct world *world, int fd, bool ethernet);
void wire_close(struct wire *wire);

/* One read: length or -errno. */
int64_t wire_read(struct wire *wire);
/* Reads for 100 virtual milliseconds and throws everything away. */
void wire_drain(struct wire *wire);
/* A write that has to succeed. */
void wire_write(struct wire *wire, const void *bytes, size_t length);

/* Reads, throwing away what is not wanted, until `wanted` or the time is over. */
typedef bool (*wire_predicate)(const struct wire *wire, unsigned argument);
bool wire_await(struct wire *wire, wire_predicate wanted, unsigned argument, unsigned milliseconds);
/* Predicates; `argument` of the echo ones is the sequence number. */
bool wire_is_arp_request(const struct wire *wire, unsigned argument);
bool wire_is_arp_reply(const struct wire *wire, unsigned argument);
bool wire_is_echo_request(const struct wire *wire, unsigned sequence);
bool wire_is_echo_reply(const struct wire *wire, unsigned sequence);
bool wire_is_echo6_reply(const struct wire *wire, unsigned sequence);

/* Writes an echo request of 84 bytes (tun) or 98 (tap, to `to`), and says whether a reply came. */
bool wire_ping(struct wire *wire, const uint8_t to[6], uint16_t sequence);

/* Asks by ARP for 10.7.0.1; false when nobody answered. */
bool wire_resolve(struct wire *wire, uint8_t lladdr[6]);
/* An ARP packet for `target` from the other end: operation 1 = request, 2 = reply. */
size_t wire_arp(uint8_t *out, unsigned operation, const uint8_t to[6], const uint8_t target[4]);

/* An ICMPv6 echo request from fd07::2 to fd07::1 with 56 bytes of payload. */
size_t wire_echo6(uint8_t *out, uint16_t sequence);

/* Turns an echo request (bare IPv4 packet of `length` bytes) into its reply. */
void wire_echo_turn(uint8_t *packet, size_t length);

/*
 * What `ifconfig NAME` shows behind "status": packets and bytes of one cause ("out full"), zero when
 * the line is missing. False when the interface has no status.
 */
bool wire_status(struct world *world, const char *name, const char *cause, uint64_t *packets,
                 uint64_t *bytes);
/* Packets only; fails the test when there is no status. */
uint64_t wire_status_packets(struct world *world, const char *name, const char *cause);

#endif
