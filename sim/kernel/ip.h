/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_IP_H
#define KSIM_IP_H

/*
 * IPv4 input, output and forwarding. Input gives every packet exactly one fate (inet_host.h). A host
 * unless sysctl net.inet.ip.forwarding makes it a router. Addresses are numbers of the host.
 */

#include <inet_stack.h>

/* Domain input handler: owns a list linked by mbuf_nextpkt. rcvif must be set. */
void ksim_ip_input(protocol_family_t family, mbuf_t packets);

/* An accepted header, with what it says. `packet->bytes` still begins with it. */
struct ip_header {
    size_t header_bytes;
    size_t total_bytes;
    uint8_t service;
    uint8_t hop_limit;
    uint8_t protocol;
    uint16_t identification;
    uint16_t fragment; /* flags and offset as on the wire */
    uint32_t source;
    uint32_t destination;
    bool group; /* destination is a broadcast or multicast address, or the frame's was */
};

/*
 * ip_forward.c: hands on a packet that is for somebody else, changing its bytes; the packet stays the
 * caller's. Not forwarded and not answered: frames by broadcast or multicast, groups, networks 0, 127
 * and 240 to 255 (in_canforward), 169.254/16 at either end. Then: time to live, route, translation
 * (ip_nat.h), mtu of the way out; each refusal is answered by its ICMP error, "host unreachable"
 * unless it has its own. Fragments of a fragment keep the offset of the whole. No redirects are sent.
 * Returns the packet's fate. May block in the driver.
 */
enum ksim_inet_counter ksim_ip_forward(struct inet_packet *packet, struct ip_header *header);

/* Before a packet is cut to pieces: from 10.14 on an interface whose MTU is 0 panics. */
void ksim_ip_mtu_verify(ifnet_t interface);

/* What to send. Zeros are good defaults, apart from destination and protocol. */
struct ip_send {
    uint32_t source; /* 0 = chosen by the route */
    uint32_t destination;
    uint8_t protocol;
    uint8_t hop_limit; /* 0 = 64, and 1 for multicast */
    uint8_t service;
    bool dont_fragment;
    bool router_alert;
    bool no_loop;      /* no copy of a multicast packet to ourselves */
    ifnet_t interface; /* for 255.255.255.255 and groups; may be NULL */
};

/* Way out of an address. */
struct ip_route {
    ifnet_t interface;
    uint32_t next_hop;
    uint32_t source;
    bool local; /* one of our own addresses on an interface that loops them */
    bool broadcast;
    bool multicast;
};

/*
 * Longest match among: own addresses (not on POINTOPOINT, 14.4), point-to-point destinations, interface
 * subnets, static routes. `hint` decides for 255.255.255.255 and multicast. EHOSTUNREACH.
 */
errno_t ksim_ip_route(uint32_t destination, ifnet_t hint, struct ip_route *route);

/*
 * Sends one datagram; more than the interface's mtu goes in fragments. Errors (14.2): EHOSTUNREACH no
 * route, EADDRNOTAVAIL no source or broadcast on an interface without, ENETUNREACH
 * multicast likewise, EMSGSIZE (DF, broadcast beyond the mtu, or 65535), ENOBUFS, or the interface's. Counts `sent`
 * or the cause of failure. May block in the driver; no lock is held.
 */
errno_t ksim_ip_send(const struct ip_send *send, const uint8_t *payload, size_t bytes,
                     enum ksim_inet_counter sent);

#endif
