/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ND6_H
#define KSIM_ND6_H

/*
 * Neighbour discovery (RFC 4861) for Ethernet interfaces. Duplicate address detection is optimistic
 * (RFC 4429): an address is used at once, one solicitation from :: is sent for it, and an
 * advertisement for it by anybody else marks it duplicated, after which it is no longer ours.
 * Router messages are counted and otherwise ignored: there is no autoconfiguration.
 */

#include <ip6.h>

/* Fate of solicitations, advertisements, redirects and router messages. */
enum ksim_inet_counter ksim_nd6_input(const struct ip6_message *message);

/* Solicits a neighbour by its solicited-node group. */
errno_t ksim_nd6_ask(ifnet_t interface, const uint8_t *address);

/* Sends the one solicitation of duplicate address detection. */
void ksim_nd6_detect(ifnet_t interface, const uint8_t *address);

#endif
