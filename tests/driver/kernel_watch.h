/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_WATCH_H
#define KERNEL_WATCH_H

/*
 * What an interface filter on the same Mac (a firewall, a bridge) sees of each packet: how it lies in mbufs,
 * where its link header is, and for whom the driver says it is. Compiled like a kext. One watch at a
 * time; its functions must run on a thread of the machine.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kernel_watch_audience { KERNEL_WATCH_US, KERNEL_WATCH_BROADCAST, KERNEL_WATCH_MULTICAST,
                             KERNEL_WATCH_OTHERS };

/* Packets and bytes since the watch began; the rest is of the packet received last. */
struct kernel_watch {
    unsigned packets_in, packets_out;
    uint64_t bytes_in, bytes_out; /* in: without the link header */
    unsigned mbufs;        /* in its chain */
    size_t capacity_bytes; /* of the storage of the whole chain */
    size_t length_bytes;
    unsigned family;       /* the protocol that will get it, 0 for nobody */
    bool header_before;    /* 14 bytes of link header stand right before the data, in the same mbuf */
    bool header_none;      /* there is no header pointer */
    bool aligned;          /* the data is at a multiple of 4 from the start of its storage */
    bool own_interface;    /* received on the watched interface */
    enum kernel_watch_audience audience;
};

/* Attaches the filter; Darwin errno. With `swallow` no packet gets past it to the stack. */
int kernel_watch_start(const char *name, bool swallow);
void kernel_watch_read(struct kernel_watch *watch);
/* A filter that takes its time: while held, the thread that brings packets in sleeps in it. */
void kernel_watch_hold(bool held);
/* Detaches it, unless the interface went away before. */
void kernel_watch_stop(void);

#endif
