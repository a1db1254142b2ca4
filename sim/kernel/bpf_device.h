/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BPF_DEVICE_H
#define KSIM_BPF_DEVICE_H

/*
 * One open /dev/bpfN. bpf_device.c and bpf_ioctl.c share it; nobody else includes this.
 */

#include <bpf_internal.h>

struct bpf_device {
    struct bpf_listener listener; /* guarded, like all below, by bpf_lock */
    uint32_t buffer_bytes;
    unsigned char *store, *hold; /* NULL: none yet, nothing held */
    size_t store_bytes, hold_bytes;
    struct bpf_insn *filter; /* NULL: everything */
    uint64_t timeout_ns;     /* 0 = none */
    bool immediate, header_complete, promiscuous, gone;
    uint32_t received, dropped;
    uint64_t selinfo[16];
};

/* The open device of a number, or NULL. */
struct bpf_device *ksim_bpf_device(dev_t device);

/* d_ioctl: the BIOC commands, FIONREAD. */
int ksim_bpf_device_ioctl(dev_t device, unsigned long command, caddr_t data, int flags,
                          struct proc *process);

#endif
