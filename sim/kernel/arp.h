/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ARP_H
#define KSIM_ARP_H

/*
 * ARP for IPv4 over Ethernet (RFC 826). Frames leave through ifnet_output_raw, complete with their
 * Ethernet header: the driver sees no pre_output and no framer for them.
 */

#include <inet_stack.h>

/*
 * One ARP packet, without its Ethernet header. Owns it. `from_us`: the frame carried our own
 * link address as its source. Counts one fate.
 */
void ksim_arp_input(ifnet_t interface, mbuf_t packet, bool from_us);

/* Broadcasts a request for an address. EADDRNOTAVAIL when the interface has no IPv4 address. */
errno_t ksim_arp_ask(ifnet_t interface, uint32_t address);

/* Broadcasts the announcement (request for our own address) that follows an address assignment. */
errno_t ksim_arp_announce(ifnet_t interface, uint32_t address);

/*
 * One frame. `target_link` NULL: broadcast, and zeros in the packet. ENOBUFS, or the driver's error.
 */
errno_t ksim_arp_send(ifnet_t interface, uint16_t operation, const uint8_t *sender_link,
                      uint32_t sender, const uint8_t *target_link, uint32_t target);

#endif
