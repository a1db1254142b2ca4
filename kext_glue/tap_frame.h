/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_TAP_FRAME_H
#define TUNTAP_TAP_FRAME_H

/*
 * Ethernet headers: read on the way in, written on the way out.
 *
 * Sources: facts kpi-ifnet 14.2 (framer), 14.4 (SIMPLEX loopback), 15.3, 15.4 (demux).
 */

#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>

/* if_demux. The kernel holds the ifnet lock shared. Marks broadcast, multicast and foreign
 * unicast; 0 and the family that wants the frame, or ENOENT, with which the kernel drops it (after
 * bridges have seen it). */
errno_t tuntap_tap_demux(ifnet_t interface, mbuf_t packet, char *header,
    protocol_family_t *protocol);

/* if_framer. 0: *packet begins with its header. EJUSTRETURN: consumed - no memory, or it was for
 * this very machine and went to lo0. A broadcast of ours is also copied to lo0, as ether_frameout
 * does. */
errno_t tuntap_tap_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
    const char *destination_lladdr, const char *frame_type);

#endif
