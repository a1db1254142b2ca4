/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NETWORK_H
#define NETWORK_H

/*
 * What the tests of en0, the bridge, forwarding and NAT do all the time: addresses in text, interfaces
 * configured by root, pings that are waited for, devices of tun and tap read until they are empty.
 * All but network_address run on a thread of root.
 */

#include "world.h"

#include <inet_host.h>
#include <lan_host.h>

struct network_address {
    uint8_t bytes[4];
};

struct network_address network_address(const char *text);

/* ifconfig NAME inet ADDRESS/PREFIX up; says "configure" when it went wrong. */
void network_configure(const char *name, const char *address, unsigned prefix_bits);
/* ifconfig NAME ADDRESS DESTINATION up */
void network_point_to_point(const char *name, const char *address, const char *destination);
/* route add NETWORK/PREFIX GATEWAY (through the interface) */
void network_route(const char *network, unsigned prefix_bits, const char *gateway,
                   const char *interface);

/* One echo request of the Mac; waits up to a second. The reply's time to live, 0 none came, or -errno. */
int network_ping(const char *to, size_t bytes);

/* One echo request of a LAN host; waits up to a second. The reply's time to live or 0. */
int network_lan_ping(const char *host, const char *to, size_t bytes);

/* What a LAN host has seen by now. */
struct ksim_lan_seen network_seen(const char *host);

/* An opened /dev/NAME, not blocking. Loads tun or tap when needed. */
int network_device(const char *name);
/* The next packet or frame of a device, 0 when there is none now, -errno. */
int64_t network_read(int device, uint8_t *packet, size_t room);
/* Unloads what network_device loaded; its devices are closed already. */
void network_unload(void);

/*
 * Packets as a program behind a device makes them. `type` 8 is an echo request, 0 a reply. Return the
 * length. The Ethernet form puts a header before an IP packet or an ARP message.
 */
size_t network_make_echo(uint8_t *packet, const char *from, const char *to, uint8_t hop_limit,
                         uint8_t type, uint16_t identifier, size_t bytes);
size_t network_make_udp(uint8_t *packet, const char *from, uint16_t from_port, const char *to,
                        uint16_t to_port, size_t bytes);
size_t network_make_tcp(uint8_t *packet, const char *from, uint16_t from_port, const char *to,
                        uint16_t to_port, uint8_t flags);
size_t network_make_arp(uint8_t *frame, const uint8_t link[6], const char *sender,
                        const uint8_t *target_link, const char *target);
size_t network_make_frame(uint8_t *frame, const uint8_t to[6], const uint8_t from[6], uint16_t type,
                          const uint8_t *payload, size_t bytes);

/* The checksum of a whole IPv4 packet and of the message in it are right. */
bool network_sums_are_right(const uint8_t *packet, size_t bytes);

uint16_t network_get16(const uint8_t *at);
void network_put16(uint8_t *at, unsigned value);
/* The Internet checksum of bytes added to a sum; not yet complemented. */
uint32_t network_sum(uint32_t sum, const uint8_t *bytes, size_t length);

#endif
