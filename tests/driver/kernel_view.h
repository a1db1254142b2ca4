/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_VIEW_H
#define KERNEL_VIEW_H

/*
 * What another kext on the same Mac sees of an interface and does to it, through the KPIs. Compiled
 * like a kext (kernel_view.c); plain types, so that tests can call it. All functions must run on a
 * thread of the machine. Those that return int return an errno of Darwin; ENXIO (6): no such interface.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_view_counters {
    uint64_t packets_in, bytes_in, errors_in;
    uint64_t packets_out, bytes_out, errors_out;
};

enum kernel_view_event { KERNEL_VIEW_LINK_ON, KERNEL_VIEW_LINK_ADDRESS_CHANGED };

int kernel_view_lladdr(const char *name, uint8_t lladdr[6]);
int kernel_view_counters(const char *name, struct kernel_view_counters *counters);
int kernel_view_flags(const char *name, unsigned *flags);

/* Sets and clears IFF_UP without any ioctl. */
int kernel_view_set_up(const char *name, bool up);

/* How often an event was posted for data-link changes since boot. */
unsigned kernel_view_event_count(enum kernel_view_event event);

/*
 * Gives `count` packets of the same bytes to the interface's output in one list (ifnet_output_raw);
 * as a bridge or a raw bpf write does: no framing.
 */
int kernel_view_output(const char *name, const void *bytes, size_t length, unsigned count);

/*
 * Joins and leaves a group given as a link address: 01:00:5e:00:00:fb, the address 02:00:5e:00:00:fb,
 * which is none, or a group in a socket address without family.
 */
enum kernel_view_group { KERNEL_VIEW_GROUP_LINK, KERNEL_VIEW_UNICAST_LINK,
                         KERNEL_VIEW_GROUP_UNSPECIFIED };
int kernel_view_join_and_leave(const char *name, enum kernel_view_group group);

/* Attaches protocol 200 with one demux descriptor of `kind` (4, 5, 6 = type, SAP, SNAP), detaches it. */
int kernel_view_protocol(const char *name, unsigned kind, const void *bytes, size_t length);

#endif
