/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKET_TEXT_H
#define PACKET_TEXT_H

/*
 * A packet in one line, in the words of tcpdump 4.9 (the one in macOS 10.15): ARP, IPv4 and IPv6 with
 * fragments, ICMP, ICMPv6 with neighbour discovery and multicast listeners, UDP, TCP, IGMP. What
 * rides on UDP and TCP is not looked into; TCP numbers are absolute, as with -S.
 *
 * Any bytes of any length are safe. Where tcpdump says that something is cut ("[|icmp]"), so does this.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <text.h>

struct packet_text_options {
    bool names;       /* protocol names where tcpdump without -n has them */
    bool link_header; /* -e */
};

/*
 * Adds the line of a packet, without time stamp and line feed. `link` is a CAPTURE_LINK_... or DLT 101
 * (raw IP); `original` is the length on the wire, at least `captured`.
 */
void packet_text_add(struct text *out, int link, const uint8_t *bytes, size_t captured,
                     size_t original, const struct packet_text_options *options);

/* Adds the lines of -x: a tab, the offset, sixteen bytes in pairs. */
void packet_text_add_hex(struct text *out, const uint8_t *bytes, size_t length);

/* Adds "02:00:5e:10:00:01", "10.0.0.1" and "fd00::1". */
void packet_text_add_link_address(struct text *out, const uint8_t address[6]);
void packet_text_add_ip4(struct text *out, const uint8_t address[4]);
void packet_text_add_ip6(struct text *out, const uint8_t address[16]);

#endif
