/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_IP6_H
#define KSIM_IP6_H

/*
 * IPv6 input, output and forwarding (RFC 8200); a host unless sysctl net.inet6.ip6.forwarding makes it a
 * router. Every packet gets exactly one fate. Hop-by-hop and destination options, fragment headers; a
 * routing header with segments left is refused.
 */

#include <inet_stack.h>

/* Domain input handler: owns one packet. rcvif must be set. */
void ksim_ip6_input(protocol_family_t family, mbuf_t packet);

/*
 * ip6_forward.c: hands on a packet that is for somebody else; its hop-by-hop options are accepted
 * already. Not forwarded: frames by broadcast or multicast, groups, link-local destinations, and what
 * comes from ::. A link-local source is answered "beyond scope of source address" when the way leads
 * elsewhere. Never fragments: what does not fit is answered by "packet too big". Returns the fate; the
 * packet stays the caller's, changed in its hop limit only while it is sent.
 */
enum ksim_inet_counter ksim_ip6_forward(struct inet_packet *packet);

/* What a handler of an upper protocol needs. Addresses point into the packet. */
struct ip6_message {
    const struct inet_packet *packet; /* from the IPv6 header on */
    const uint8_t *source;
    const uint8_t *destination;
    uint8_t hop_limit;
    uint8_t protocol;
    bool group;
    bool router_alert;
    const uint8_t *bytes; /* the upper protocol's header */
    size_t length;
};

struct ip6_send {
    uint8_t source[16]; /* :: = chosen, unless source_unspecified */
    bool source_unspecified;
    uint8_t destination[16];
    uint8_t protocol;
    uint8_t hop_limit; /* 0 = 64, and 1 for multicast */
    bool router_alert; /* a hop-by-hop header with the MLD router alert */
    bool no_loop;
    ifnet_t interface; /* needed for scoped destinations; may be NULL for others */
};

struct ip6_route {
    ifnet_t interface;
    uint8_t next_hop[16];
    uint8_t source[16]; /* :: = none */
    bool local;
    bool multicast;
};

/* As ksim_ip_route. The hint is the scope of link-local and multicast destinations. */
errno_t ksim_ip6_route(const uint8_t *destination, ifnet_t hint, struct ip6_route *route);

/* As ksim_ip_send; fragments carry a fragment header (mtu below 1280 included). */
errno_t ksim_ip6_send(const struct ip6_send *send, const uint8_t *payload, size_t bytes,
                      enum ksim_inet_counter sent);

#endif
