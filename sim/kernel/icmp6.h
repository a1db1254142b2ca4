/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ICMP6_H
#define KSIM_ICMP6_H

/*
 * ICMPv6 (RFC 4443), and through it neighbour discovery (nd6.h) and MLDv2 (mld.c).
 */

#include <ip6.h>

enum {
    ICMP6_TYPE_UNREACHABLE = 1,
    ICMP6_TYPE_TOO_BIG = 2,
    ICMP6_TYPE_TIME_EXCEEDED = 3,
    ICMP6_TYPE_PARAMETER = 4,
    ICMP6_TYPE_ECHO = 128,
    ICMP6_TYPE_ECHO_REPLY = 129,
    ICMP6_TYPE_MLD_QUERY = 130,
    ICMP6_TYPE_MLD_REPORT = 131,
    ICMP6_TYPE_MLD_DONE = 132,
    ICMP6_TYPE_ROUTER_SOLICIT = 133,
    ICMP6_TYPE_ROUTER_ADVERT = 134,
    ICMP6_TYPE_SOLICIT = 135,
    ICMP6_TYPE_ADVERT = 136,
    ICMP6_TYPE_REDIRECT = 137,
    ICMP6_TYPE_MLD2_REPORT = 143,
    ICMP6_CODE_NO_ROUTE = 0,
    ICMP6_CODE_BEYOND_SCOPE = 2,
    ICMP6_CODE_ADDRESS = 3,
    ICMP6_CODE_PORT = 4,
    ICMP6_CODE_TRANSIT = 0,
    ICMP6_CODE_REASSEMBLY = 1,
    ICMP6_CODE_BAD_FIELD = 0,
    ICMP6_CODE_NEXT_HEADER = 1,
    ICMP6_CODE_OPTION = 2
};

/* Fate of a message with next header 58. */
enum ksim_inet_counter ksim_icmp6_input(const struct ip6_message *message);

/*
 * Sends a message: fills in its checksum, for which the source must be set in `send` unless
 * source_unspecified. Errors as ksim_ip6_send.
 */
errno_t ksim_icmp6_send(struct ip6_send *send, uint8_t *message, size_t length,
                        enum ksim_inet_counter sent);

/*
 * An error about a packet, quoting it up to 1280 bytes in all. `word` is the second word (pointer).
 * ERROR_SUPPRESSED about ICMPv6 errors, redirects, from groups or ::, and to groups unless it is a
 * parameter problem about an option.
 */
void ksim_icmp6_error(const struct inet_packet *packet, uint8_t type, uint8_t code, uint32_t word);

/* MLDv2 (mld.c, RFC 3810). ff02::1 and node-local groups are never reported. */
enum ksim_inet_counter ksim_mld_input(const struct ip6_message *message);
void ksim_mld_report(ifnet_t interface, const uint8_t *group, bool join);

#endif
