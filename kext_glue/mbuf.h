/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_MBUF_H
#define TUNTAP_MBUF_H

/*
 * Packets between user memory and mbufs.
 *
 * Locks: none may be held by the caller: allocation and copying may block. Sources: facts kpi-rest
 * 1.3 (allocation, ownership on failure), 1.4 (setdata), 3 (uiomove).
 */

#include <frame.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Makes a packet of length_bytes (> 0): one mbuf if it fits, else one cluster of 2048, 4096 or
 * 16384 bytes, beyond that as few clusters as the kernel can do. pad_bytes (< 8) stay free before
 * the data, so that what follows the link header is aligned. All lengths are set; the bytes are
 * not. Does not sleep for memory. 0: *packet is the caller's. ENOBUFS: *packet is NULL. */
errno_t tuntap_packet_allocate(size_t length_bytes, size_t pad_bytes, mbuf_t *packet);

/* Fills the packet from user memory. 0, or EFAULT with the packet partly filled; it stays the
 * caller's. */
errno_t tuntap_packet_copy_in(mbuf_t packet, uio_t uio);

/* Copies the packet to user memory, as much of it as uio has room for. 0 or EFAULT; the packet
 * stays the caller's. */
errno_t tuntap_packet_copy_out(mbuf_t packet, uio_t uio);

/* Copies up to capacity_bytes from the start of the packet, wherever they are in its chain.
 * Returns how many: all of a shorter packet, 0 of an empty one. Any context. */
size_t tuntap_packet_peek(mbuf_t packet, void *buffer, size_t capacity_bytes);

/* The same bytes, to be looked at where they are if the packet's first mbuf has them all, which is
 * so for nearly every packet; else in buffer. Valid as long as both are left alone. Any context. */
struct tt_bytes tuntap_packet_start(mbuf_t packet, void *buffer, size_t capacity_bytes);

#endif
