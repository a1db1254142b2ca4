/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_NEIGHBOUR_H
#define KSIM_INET_NEIGHBOUR_H

/*
 * Who has which link address: one cache for ARP and ND. An entry is made by the first packet that
 * needs it. While it is unresolved it holds one packet (a newer one takes the place of an older
 * one, which is freed and counted WAITERS_DROPPED) and a question is sent each second, five times in
 * all for ARP and three for ND; then the held packet is dropped and the neighbour counts as dead for
 * 20 s, in which packets for it are refused with EHOSTUNREACH. A learned address is good for 20
 * minutes of virtual time. A full cache gives up its oldest entry, if it can one without a packet.
 */

#include <inet_stack.h>
#include <system.h>

enum { NEIGHBOUR_LIMIT = 256 };

/*
 * Link address of a neighbour for an outgoing packet.
 * 0: `link` is filled and the packet stays the caller's. EJUSTRETURN: the packet was taken and will be
 * sent when the answer comes. EHOSTUNREACH or ENOBUFS: refused, the packet stays the caller's.
 * May send a question, so no lock is held.
 */
errno_t inet_neighbour_resolve(ifnet_t interface, uint8_t family, const uint8_t *address,
                               mbuf_t packet, uint8_t *link);

/*
 * An answer or a question with its sender's addresses. With `create` an unknown neighbour is noted as
 * well. Sends a held packet. Returns true when the neighbour was awaited.
 */
bool inet_neighbour_learn(ifnet_t interface, uint8_t family, const uint8_t *address,
                          const uint8_t *link, bool create);

/* What is known now; false when unknown or too old. */
bool inet_neighbour_lookup(ifnet_t interface, uint8_t family, const uint8_t *address, uint8_t *link);

/* Forgets the neighbours of an interface (family 0: both) and frees what waits for them. */
void inet_neighbours_forget(ifnet_t interface, uint8_t family);

/* One entry for `arp -a`; false past the last. */
bool inet_neighbour_row(unsigned position, struct ksim_neighbour_status *status);
/* Forgets one address on all interfaces; false when nobody knew it. */
bool inet_neighbour_delete(uint8_t family, const uint8_t *address);

/* Asks again and gives up; returns the next deadline or 0. For the timer. */
uint64_t inet_neighbours_tick(uint64_t now_ns);

/* Frees everything that waits, at the end of a run. */
void inet_neighbours_drain(void);

#endif
