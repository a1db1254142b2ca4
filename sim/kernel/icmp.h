/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ICMP_H
#define KSIM_ICMP_H

/*
 * ICMP for IPv4 (RFC 792, 1122 3.2.2): echo is answered, also by broadcast and multicast as Darwin
 * does by default; errors are counted.
 */

#include <ip.h>

enum {
    ICMP_TYPE_ECHO_REPLY = 0,
    ICMP_TYPE_UNREACHABLE = 3,
    ICMP_TYPE_SOURCE_QUENCH = 4,
    ICMP_TYPE_REDIRECT = 5,
    ICMP_TYPE_ECHO = 8,
    ICMP_TYPE_TIME_EXCEEDED = 11,
    ICMP_TYPE_PARAMETER = 12,
    ICMP_CODE_HOST = 1,
    ICMP_CODE_PROTOCOL = 2,
    ICMP_CODE_PORT = 3,
    ICMP_CODE_FRAGMENTATION = 4,
    ICMP_CODE_SOURCE_ROUTE = 5,
    ICMP_CODE_TRANSIT = 0,
    ICMP_CODE_REASSEMBLY = 1
};

/* Fate of a datagram with protocol 1. */
enum ksim_inet_counter ksim_icmp_input(const struct inet_packet *packet,
                                       const struct ip_header *header);

/*
 * Sends an error about a packet: its header and 8 bytes more are quoted. `pointer` is the first byte of
 * the second word (parameter problem). Never about an ICMP error, a packet to or from a group, or a
 * fragment other than the first (ERROR_SUPPRESSED).
 */
void ksim_icmp_error(const struct inet_packet *packet, const struct ip_header *header, uint8_t type,
                     uint8_t code, uint8_t pointer);

/*
 * "Fragmentation needed" with the mtu of the next hop (RFC 1191). The rules are those of
 * ksim_icmp_error.
 */
void ksim_icmp_error_mtu(const struct inet_packet *packet, const struct ip_header *header,
                         uint32_t mtu);

/* True for the types that report an error about another packet, which they quote. */
bool ksim_icmp_is_error(uint8_t type);

/* The address from which to answer a packet: its destination if that is one of ours, else 0. */
uint32_t ksim_icmp_source(const struct inet_packet *packet, const struct ip_header *header);

/* IGMPv3 (igmp.c): queries from this link (ttl 1) are answered at once, joins and leaves reported to 224.0.0.22. */
enum ksim_inet_counter ksim_igmp_input(const struct inet_packet *packet,
                                       const struct ip_header *header);
/* 224.0.0.1 is never reported. */
void ksim_igmp_report(ifnet_t interface, uint32_t group, bool join);

#endif
