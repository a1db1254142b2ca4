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

/* Turns promiscuous mode on and off. */
int kernel_view_set_promiscuous(const char *name, bool on);

/* if_ioctl as code inside the kernel calls it: argument may be NULL, or anything. */
int kernel_view_ioctl(const char *name, unsigned long command, void *argument);

/*
 * Gives `count` packets of the same bytes to the interface's output in one list (ifnet_output_raw);
 * as a bridge or a raw bpf write does: no framing. The kernel calls the driver for each.
 */
int kernel_view_output(const char *name, const void *bytes, size_t length, unsigned count);

/*
 * The same with more to choose. Bytes number_at and number_at + 1 of each packet become its number from
 * 0, in network order (0: no numbers). shape: how the packet lies in mbufs, 0 the usual one, up to
 * KERNEL_VIEW_SHAPES - 1. whole_list: one call of the driver for all, as the kernel makes it for an
 * interface with IFEF_SENDLIST (facts kpi-ifnet 14.2). Each member may be zero.
 */
enum { KERNEL_VIEW_SHAPES = 7 };
struct kernel_view_batch {
    const void *bytes;
    size_t length;
    unsigned count;
    size_t number_at;
    unsigned shape;
    bool whole_list;
    unsigned bad_every; /* each such packet, the first too, is a single byte 0, which nothing carries */
};
int kernel_view_output_batch(const char *name, const struct kernel_view_batch *batch);
/* ifnet_input from a kext that is not the driver: a packet without link header. */
int kernel_view_input(const char *name, const void *bytes, size_t length);
/* Of a tap: through IPv4 and the framer as broadcasts of type 0x0800. The list is always walked. */
int kernel_view_output_framed(const char *name, const struct kernel_view_batch *batch);
/* Only the framer of a tap, on one packet, which is freed; cleared: it has left no packet behind. */
int kernel_view_frame(const char *name, const struct kernel_view_batch *batch, bool *cleared);

/*
 * Joins and leaves a group given as a link address: 01:00:5e:00:00:fb, the address 02:00:5e:00:00:fb,
 * which is none, or a group in a socket address without family.
 */
enum kernel_view_group { KERNEL_VIEW_GROUP_LINK, KERNEL_VIEW_UNICAST_LINK,
                         KERNEL_VIEW_GROUP_UNSPECIFIED };
int kernel_view_join_and_leave(const char *name, enum kernel_view_group group);

/* The stack joins or leaves an IP group; family 4 or 6. It sends its report through the interface. */
int kernel_view_group_set(const char *name, unsigned family, const uint8_t *address, bool joined);

/* Attaches protocol 200 with one demux descriptor of `kind` (4, 5, 6 = type, SAP, SNAP), detaches it. */
int kernel_view_protocol(const char *name, unsigned kind, const void *bytes, size_t length);
/* The same with `count` descriptors of different types; 0: without any, as a bridge does. */
int kernel_view_protocol_types(const char *name, unsigned count);

#endif
