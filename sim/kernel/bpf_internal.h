/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BPF_INTERNAL_H
#define KSIM_BPF_INTERNAL_H

/*
 * What bpf.c and bpf_device.c share. Nobody else includes this.
 */

#include <bpf.h>

#define DLT_EN10MB_NUMBER 1
#define BPF_DEVICES 16

struct bpf_device;

/* One (interface, link type) that a driver registered with bpfattach. */
struct bpf_interface {
    struct bpf_interface *next; /* order of bpfattach */
    ifnet_t interface;          /* one KPI reference */
    uint32_t link_type;
    uint32_t header_bytes;
    bpf_send_func send;
    bpf_tap_func tap;
    struct bpf_listener *listeners;
    const char *owner;
};

struct bpf_listener {
    struct bpf_listener *next;
    struct bpf_interface *record; /* NULL: not attached, or the interface went away */
    uint32_t link_type;
    uint32_t header_bytes;
    bpf_deliver_func deliver;
    bpf_gone_func gone;
    void *context;
    bool ignores_sent; /* BIOCSSEESENT 0 */
};

struct bpf_system {
    lck_grp_t *lock_group;
    lck_mtx_t *lock; /* bpf_mlock */
    struct bpf_interface *records;
    uint32_t leaked;
    struct bpf_device *devices[BPF_DEVICES];
};

/* Attaches an existing listener, leaving its interface first (BIOCSETIF). any_type = primary. */
errno_t ksim_bpf_listener_bind(struct bpf_listener *listener, const char *name, uint32_t link_type,
                               bool any_type);
void ksim_bpf_listener_unbind(struct bpf_listener *listener);
struct bpf_interface *ksim_bpf_record(ifnet_t interface, uint32_t link_type);

#endif
