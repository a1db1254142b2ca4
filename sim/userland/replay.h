/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPLAY_H
#define REPLAY_H

/*
 * The main job: a real capture goes through the driver inside the emulated kernel, in both directions.
 *
 * One process loads the kext, opens the device, gives the interface its addresses, and writes
 * each packet of the capture at its (virtual) time; a second thread of it reads what the kernel
 * sends until the interface goes down; a capture on the interface records what tcpdump on that Mac
 * would have seen. Then the device is closed, the kext unloaded, and the machine audited.
 *
 * The emulated Mac takes the part of the host to which the capture's first unicast packet is addressed:
 * its hardware address (tap), its IPv4 address and its first IPv6 address that is not link-local.
 * The same options give the same result and the same output file, byte for byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <inet_host.h>

#include "ifconfig.h"
#include "packet_view.h"

enum { REPLAY_ERRNO_MAX = 128, REPLAY_ERROR_BYTES = 512 };

struct replay_options {
    const char *device;   /* "tun0" .. "tun15", "tap0" .. "tap15" */
    const char *in_path;
    const char *out_path; /* NULL: none */
    uint64_t seed;
    int mtu;              /* 0: the device's own, 1500 */
    void (*progress)(void *context, size_t done, size_t total); /* NULL: none */
    void *progress_context;
};

struct replay_traffic {
    uint64_t packets;
    uint64_t bytes;
    uint64_t by_kind[PACKET_KIND_COUNT];
};

struct replay_result {
    int outcome;                          /* enum machine_outcome; 0 = OK */
    char *report;                         /* of the machine when outcome is not 0 */
    uint64_t captured;                    /* packets in the file = offered.packets + unfit */
    uint64_t unfit;                       /* frames that hold nothing a tun takes */
    struct replay_traffic offered;        /* written into the device */
    struct replay_traffic delivered;      /* write accepted them */
    struct replay_traffic received;       /* read from the device */
    uint64_t refused;                     /* offered - delivered */
    uint64_t refused_by_errno[REPLAY_ERRNO_MAX];
    uint64_t seen_in, seen_out;           /* packets the capture on the interface saw */
    struct ksim_inet_statistics stack;    /* what became of them in the emulated stack */
    char status[IFCONFIG_STATUS_BYTES];   /* the driver's own account */
    uint64_t virtual_ns;
    uint64_t steps;
    size_t console_bytes;
};

enum replay_verdict {
    REPLAY_DONE,     /* the run ended; result->outcome says how */
    REPLAY_BAD_INPUT /* nothing was run, no file was made; `error` holds one line */
};

enum replay_verdict replay_run(const struct replay_options *options, struct replay_result *result,
                               char error[REPLAY_ERROR_BYTES]);
void replay_result_free(struct replay_result *result);

/* True when every packet is accounted for: captured, offered, delivered and refused add up. */
bool replay_result_balances(const struct replay_result *result);

#endif
