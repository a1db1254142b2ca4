/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATTACH_H
#define ATTACH_H

/*
 * The emulated Mac on a real wire: a process on it has a tun or tap device open and shuttles packets
 * between the device and a wire of the host, in real time. Virtual time follows the host's clock: while
 * nothing can be done on the Mac the process waits on the wire, and then sleeps as long on the Mac
 * as the waiting took. So timers of the emulated stack run at their real pace, and all else of the
 * machine is as in any run; only what the wire brings and when is not repeatable.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The host's side. Called on a fiber of the machine; 64 KiB of stack. */
struct attach_wire {
    /* The next packet that is there: its length; 0: none now; -errno of the host. */
    int64_t (*receive)(void *context, void *buffer, size_t bytes);
    /* 0 or -errno of the host. */
    int (*send)(void *context, const void *packet, size_t bytes);
    /* Waits for a packet, at most so long. Returns the nanoseconds that passed on the host's clock. */
    uint64_t (*wait)(void *context, uint64_t timeout_ns);
    /* True when the session shall end. */
    bool (*ended)(void *context);
    void *context;
};

struct attach_options {
    const char *device; /* "tap0", "tun3" */
    int darwin_major;   /* 0 = default */
    bool has_ip4, has_ip6;
    uint8_t ip4[4], ip4_peer[4]; /* the Mac's; the other end's is used by a tun */
    unsigned ip4_prefix;
    uint8_t ip6[16];
    unsigned ip6_prefix;
    int mtu; /* 0: the device's own */
    const char *out_path; /* what tcpdump on the Mac saw; NULL: none */
};

struct attach_result {
    int outcome;         /* enum machine_outcome */
    char *report;        /* of the machine when outcome is not 0 */
    uint64_t to_mac, to_mac_refused; /* packets from the wire: written, and refused by the device */
    uint64_t from_mac, from_mac_lost; /* read from the device, and not taken by the wire */
    uint64_t virtual_ns;
};

enum { ATTACH_ERROR_BYTES = 512 };

/*
 * Boots, loads the kext, opens and configures the device, shuttles until the wire says the end, closes,
 * unloads, audits. False and one line in `error`: nothing was run. `ready` is called once, when the
 * device is open and up.
 */
bool attach_run(const struct attach_options *options, const struct attach_wire *wire,
                void (*ready)(void *context), struct attach_result *result,
                char error[ATTACH_ERROR_BYTES]);
void attach_result_free(struct attach_result *result);

#endif
