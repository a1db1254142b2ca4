/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKET_VIEW_H
#define PACKET_VIEW_H

/*
 * What a person's program does to a captured packet before it writes it into a tun or tap device, and
 * what a reader says a packet is. Arithmetic on bytes; no packet is changed or copied.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_device { PACKET_DEVICE_TUN, PACKET_DEVICE_TAP };

/* A run of bytes that belongs to somebody else. */
struct packet_view {
    const uint8_t *bytes;
    size_t length_bytes;
};

/* May a capture of this link type (CAPTURE_LINK_...) be fed to the device at all? */
bool packet_link_fits(int link, enum packet_device device);

/*
 * The part of a captured packet that the device takes: for tap the whole frame, for tun the IP packet
 * without its link header (Ethernet with up to two VLAN tags, NULL, LOOP, or none). False when an
 * Ethernet frame holds no IP packet, or the link header is cut: there is nothing to offer to a tun.
 */
bool packet_view_for_device(int link, enum packet_device device, struct packet_view captured,
                            struct packet_view *out);

/* Kinds of packet, finest first known: used to count what was offered and what came back. */
enum packet_kind {
    PACKET_ARP,
    PACKET_ICMP,
    PACKET_ICMP6,
    PACKET_TCP,
    PACKET_UDP,
    PACKET_FRAGMENT, /* of IPv4 or IPv6, first or later */
    PACKET_IP_OTHER,
    PACKET_NOT_IP,
    PACKET_KIND_COUNT
};

enum packet_kind packet_kind_of(struct packet_view packet, enum packet_device device);
const char *packet_kind_name(enum packet_kind kind);

/* Who the packet is for, if that is one host: used to choose the emulated Mac's own addresses. */
struct packet_target {
    bool has_lladdr, has_ip4, has_ip6;
    uint8_t lladdr[6];
    uint8_t ip4[4];
    uint8_t ip6[16];
};

/*
 * Adds what this packet tells: the first unicast Ethernet destination, IPv4 destination and
 * IPv6 global or unique-local destination seen. An address found earlier stays.
 */
void packet_target_learn(struct packet_target *target, struct packet_view packet,
                         enum packet_device device);

#endif
