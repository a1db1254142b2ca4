/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_IFNET_H
#define TUNTAP_IFNET_H

/*
 * The interface of a unit: its life, packets out, ioctls. Packets in: input.h.
 *
 * Callbacks of the kernel (output, demux, ioctl, ...) come while the interface is attached, i.e.
 * while its unit is claimed; the detached callback is the last one. None of these functions may be
 * called with a lock held. Sources: facts kpi-ifnet 2 to 4 (allocate, attach, detach), 8
 * (statistics), 14, 15 (output, input).
 */

#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>

#include "driver.h"

/* Allocates, configures and attaches the unit's interface; unit->interface is set before anybody
 * can see it. 0, or the KPI's errno with everything undone and unit->interface NULL. */
errno_t tuntap_interface_create(struct tuntap_unit *unit);

/* Takes the interface down and starts its detach. 0: the detached callback comes, has come, or is
 * coming in this very call. Else the KPI's errno. */
errno_t tuntap_interface_detach(struct tuntap_unit *unit);

/* if_output: one packet, or a list by nextpkt. Always consumes. 0; ENETDOWN: not up; ENOBUFS: the
 * queue is full; EAFNOSUPPORT: not a packet this kind carries. Never sleeps. */
errno_t tuntap_interface_output(ifnet_t interface, mbuf_t packets);

/* if_ioctl. EOPNOTSUPP for what nobody here knows, which the stack takes as "no objection". */
errno_t tuntap_interface_ioctl(ifnet_t interface, u_long command, void *argument);

/* Posts KEV_DL_LINK_ON: bridges and configd read address and media again. */
void tuntap_interface_post_link_on(ifnet_t interface);

#endif
