/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INET_WIRE_H
#define INET_WIRE_H

/*
 * Interfaces nv0, nv1 for tests of the IP stack: they keep every frame that the kernel gives them and
 * hand in what a test wants to have arrived. The driver is naive_driver with another output function,
 * or without a link layer. Compiled like a kext; plain types, so that tests compiled against libc can
 * call it. Everything that returns int returns an errno of Darwin and must run on a thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INET_WIRES = 2,
    INET_WIRE_FRAMES = 640,     /* kept for a test to look at; more are counted only */
    INET_WIRE_FRAME_BYTES = 2048 /* of each frame */
};

enum inet_wire_kind {
    INET_WIRE_ETHERNET,       /* broadcast, multicast, 02:11:22:33:44:55 for nv0, ...:56 for nv1 */
    INET_WIRE_POINT_TO_POINT, /* a tun: no link header, multicast, plumbers of its own */
    INET_WIRE_PLAIN           /* the same without multicast */
};

struct inet_wire_frame {
    size_t bytes; /* on the wire; at most INET_WIRE_FRAME_BYTES are kept */
    unsigned mbufs;
    bool chain_is_right; /* the mbuf chain was as long as its packet header said */
    uint8_t data[INET_WIRE_FRAME_BYTES];
};

/* Allocates, attaches. Mtu 1500. */
int inet_wire_create(unsigned number, enum inet_wire_kind kind);
/* Detaches and waits for it. */
int inet_wire_destroy(unsigned number);
bool inet_wire_is_ethernet(unsigned number);
void inet_wire_set_mtu(unsigned number, unsigned mtu);

/* The oldest frame not taken yet, borrowed until the wire is created again; NULL: none. */
const struct inet_wire_frame *inet_wire_take(unsigned number);
/* How many frames output was given. */
unsigned inet_wire_outputs(unsigned number);
/* What output answers from now on. */
void inet_wire_set_output_error(unsigned number, int error);
/* What ioctl answers to one command; others succeed. */
void inet_wire_set_ioctl_error(unsigned number, unsigned long command, int error);
/* How often ioctl was called with a command. */
unsigned inet_wire_ioctls(unsigned number, unsigned long command);

/*
 * A frame arrives (with an Ethernet header on Ethernet), in mbufs of `piece` bytes; 0 = in one.
 */
int inet_wire_arrive(unsigned number, const void *frame, size_t bytes, size_t piece);

/*
 * Gives a packet to the interface's output as bpf and other kexts may: ifnet_output with a destination of
 * `family` whose data is `header` (14 bytes), as protocol PF_INET or PF_INET6.
 */
int inet_wire_output(unsigned number, bool inet6, int family, const uint8_t *header,
                     const void *bytes, size_t length);

/* ifaddr_ accessors: how many addresses of a family the interface has, link address excluded. */
unsigned inet_wire_addresses(unsigned number, int family);

/* ifnet_set_lladdr */
int inet_wire_set_link(unsigned number, const uint8_t link[6]);
/* Sets and clears flags, as the driver may at any time. */
void inet_wire_flag(unsigned number, unsigned flag, bool on);

#endif
