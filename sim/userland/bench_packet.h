/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_PACKET_H
#define BENCH_PACKET_H

/* The packets of a benchmark: UDP between the emulated Mac and one other host on its link. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet_view.h"

enum { BENCH_PORT = 4000, BENCH_PORT_ECHO = 7, BENCH_ARP_BYTES = 42 };

extern const uint8_t bench_mac_lladdr[6];
extern const uint8_t bench_mac_ip4[4];
extern const uint8_t bench_peer_ip4[4];

/* Bytes before the payload of a UDP packet as the device carries it. */
size_t bench_packet_header_bytes(enum packet_device device);

/* From the peer to a port of the Mac, without a UDP checksum; `bytes` in all. */
void bench_packet_make(uint8_t *packet, size_t bytes, enum packet_device device, uint16_t port);

/* Who has the Mac's address? From the peer, so that the Mac knows it from then on. */
void bench_packet_make_arp(uint8_t packet[BENCH_ARP_BYTES]);

/* Is it UDP from the Mac to the peer's BENCH_PORT? */
bool bench_packet_is_ours(const uint8_t *packet, size_t bytes, enum packet_device device);

#endif
