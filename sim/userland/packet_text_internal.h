/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKET_TEXT_INTERNAL_H
#define PACKET_TEXT_INTERNAL_H

/* What the packet_text*.c files share. */

#include "packet_text.h"

enum {
    PROTOCOL_ICMP = 1, PROTOCOL_IGMP = 2, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44, PROTOCOL_ICMP6 = 58, PROTOCOL_NONE = 59, PROTOCOL_OPTIONS = 60
};

/* A run of captured bytes, of which `wire` were on the wire. */
struct packet_bytes {
    const uint8_t *at;
    size_t length, wire;
};

static inline unsigned
load16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static inline uint32_t
load32(const uint8_t *at)
{
    return (uint32_t)load16(at) << 16 | load16(at + 2);
}

/* Without the first `count` bytes, of which there are as many. */
static inline struct packet_bytes
packet_rest(struct packet_bytes bytes, size_t count)
{
    return (struct packet_bytes){bytes.at + count, bytes.length - count,
                                 bytes.wire > count ? bytes.wire - count : 0};
}

/* Each adds everything from its header on. */
void packet_text_add_ip(struct text *out, struct packet_bytes packet, bool link_header,
                        const struct packet_text_options *options);
void packet_text_add_ip6_packet(struct text *out, struct packet_bytes packet, bool link_header,
                                const struct packet_text_options *options);
void packet_text_add_icmp(struct text *out, struct packet_bytes message);
void packet_text_add_icmp6(struct text *out, struct packet_bytes message);
void packet_text_add_igmp(struct text *out, struct packet_bytes message);

/* Source and destination as they stand one behind the other in a header of IPv4 or IPv6. */
struct packet_hosts {
    const uint8_t *at;
    bool ip6;
};

/* "a > b", and "a.1 > b.2" with the ports (NULL: none). */
void packet_text_add_hosts(struct text *out, struct packet_hosts hosts, const uint8_t *ports);

/* UDP and TCP, with the addresses before them: "a.1 > b.2: ...". */
void packet_text_add_transport(struct text *out, unsigned protocol, struct packet_bytes segment,
                               struct packet_hosts hosts);
/* "ip-proto-47", or its name. */
void packet_text_add_protocol(struct text *out, unsigned protocol,
                              const struct packet_text_options *options);

#endif
