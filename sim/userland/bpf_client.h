/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BPF_CLIENT_H
#define BPF_CLIENT_H

/*
 * What libpcap does with /dev/bpf for a program on a Mac: open the first that is free, tie it to an
 * interface, set the filter, read. All on a thread of `process`.
 */

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;

enum { BPF_BUFFER_BYTES = 32768, BPF_ERROR_BYTES = 256 };

struct bpf_client {
    struct process *process;
    int fd; /* -1 = closed */
    int link;
    uint8_t *buffer; /* BPF_BUFFER_BYTES, the caller's */
    size_t filled, at;
};

struct bpf_client_packet {
    uint64_t calendar_ns;
    const uint8_t *bytes; /* until the next call */
    size_t captured, original;
};

/*
 * Opens on an interface, so that each packet is given out at once. False, with libpcap's words in `error`
 * (may have a line feed in the middle, none at the end).
 */
bool bpf_client_open(struct bpf_client *client, struct process *process, const char *interface,
                     uint8_t *buffer, bool promiscuous, char error[BPF_ERROR_BYTES]);
/* 0 or -errno. */
int bpf_client_filter(struct bpf_client *client, const struct bpf_program *program);
/* From now on nothing of what this Mac sends. 0 or -errno. */
int bpf_client_only_received(struct bpf_client *client);
/* 1 and a packet; -errno: -EINTR a signal came, -ENXIO the interface went away. */
int bpf_client_next(struct bpf_client *client, struct bpf_client_packet *packet);
/* How many packets the filter saw and how many found no room. */
bool bpf_client_statistics(struct bpf_client *client, uint32_t *received, uint32_t *dropped);
void bpf_client_close(struct bpf_client *client);

#endif
