/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NAIVE_DRIVER_H
#define NAIVE_DRIVER_H

/*
 * A small Ethernet driver as a newcomer writes it, for the tests of the interface layer: it counts
 * what the kernel does to it and can be told to misbehave. Compiled against the KPI headers only.
 */

#include <net/ethernet.h>
#include <net/kpi_interface.h>
#include <stdbool.h>
#include <sys/kpi_mbuf.h>

#define NAIVE_BUNDLE "org.example.naive"

struct naive_driver {
    ifnet_t interface;
    /* what happened */
    unsigned outputs, demuxes, framers, ioctls, events, detached, add_protos, del_protos;
    unsigned multicast_checks, bpf_taps, inputs, protocol_detached, ioctls_null;
    unsigned long last_command;
    bpf_tap_mode tap_mode;
    bpf_packet_func tap;
    uint32_t last_event;
    unsigned char last_frame[64];
    size_t last_frame_bytes;
    void *detached_thread, *demux_thread;
    ifnet_t last_rcvif;       /* of the packet, in framer */
    protocol_family_t last_family; /* in add_proto or del_proto */
    unsigned char last_multicast_family;
    mbuf_flags_t last_input_flags;
    /* what it shall do */
    errno_t ioctl_error, demux_error, framer_error, output_error, input_error, pre_output_error;
    int block_output; /* sleep in output until naive_unblock */
    /* Runs first in each callback, with its name as in struct ifnet_init_params. */
    void (*inside)(struct naive_driver *driver, const char *callback);
};

extern const unsigned char naive_address[ETHER_ADDR_LEN];

/* ifnet_allocate with the usual parameters; `change` may edit them first. */
errno_t naive_allocate(struct naive_driver *driver, unsigned unit,
                       void (*change)(struct ifnet_init_params *));
/* ifnet_attach with naive_address, mtu 1500, flags BROADCAST|SIMPLEX|MULTICAST|RUNNING. */
errno_t naive_attach(struct naive_driver *driver);
errno_t naive_create(struct naive_driver *driver, unsigned unit);
/* Attaches protocol `family` with ether types IPv4 and ARP, or IPv6. */
errno_t naive_protocol_attach(struct naive_driver *driver, protocol_family_t family);
/* ifnet_detach, wait for the detached callback, release. */
errno_t naive_destroy(struct naive_driver *driver);
void naive_unblock(struct naive_driver *driver);

/* The parameters of naive_protocol_attach, with room for its two descriptors. */
void naive_protocol_fill(struct ifnet_attach_proto_param *parameters,
                         struct ifnet_demux_desc descriptors[2], protocol_family_t family);

/* A frame of `bytes` payload to `destination`, header pointer set, data at the payload. */
mbuf_t naive_frame(struct naive_driver *driver, const unsigned char *destination, unsigned type,
                   size_t bytes);

#endif
