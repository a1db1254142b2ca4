/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_INPUT_H
#define TUNTAP_INPUT_H

/*
 * From a write into the stack, and how many packets may be on that way (core/backlog.h).
 *
 * ifnet_input only queues; the interface's input thread takes the packets later and asks demux
 * about each, once. A write counts a packet, demux takes it off again, without the unit's lock
 * unless somebody waits and the low mark is reached. Never more than the limit are queued, so the
 * kernel has no reason to throw any of them away.
 *
 * A bridge takes frames of its member before demux is asked (macOS 15: bridge_early_input), so as
 * long as one has the interface nothing is counted; from 14 on the kernel has a bound of its own.
 *
 * Sources: facts kpi-ifnet 15.1, 15.2 (input), 19 (bridge); dlil_input_async and
 * dlil_input_packet_list_common of xnu-11417 (burst limit, early input).
 */

#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>

#include "driver.h"

/* A session begins: nothing is on its way. Lock held, no interface yet. */
void tuntap_input_begin(struct tuntap_unit *unit);

/* The interface went down: what is on its way does not count any more, and a bridge stays one. Lock
 * held; the caller wakes those who wait. */
void tuntap_input_restart(struct tuntap_unit *unit);

/* Protocols came or went: is there a bridge now? Lock held, and the ifnet lock. */
void tuntap_input_protocols_changed(struct tuntap_unit *unit);

/* May a packet be given to the stack now? 0: it is counted and must be given. ENOBUFS: no, and
 * writers are woken when there is room again. Any context. */
errno_t tuntap_input_admit(struct tuntap_unit *unit);

/* Gives an admitted packet to the stack, and shows it to bpf. Consumes it always. 0, or the KPI's
 * errno: the interface is going away, and the packet is not counted any more. No lock held. */
errno_t tuntap_interface_input(ifnet_t interface, mbuf_t packet, u_int32_t family);

/* demux is asked about a packet, whoever gave it to the stack. ifnet lock held, not the unit's. */
void tuntap_input_seen(struct tuntap_unit *unit);

/* Would a write be refused for lack of room? True: select records, and is woken later. Lock held. */
bool tuntap_input_is_full(struct tuntap_unit *unit);

#endif
