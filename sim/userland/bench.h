/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_H
#define BENCH_H

/*
 * How fast the emulated Mac is in the host's time. The clock is the caller's: nothing in here reads one, and no
 * result of a run depends on it but the times themselves.
 *
 * write: write(2) on the device until the packet was counted by the IP stack and given to the program it is for.
 * read: a program's send until another one has the packet from read(2) on the device. In bursts, so that
 * neither the driver's queue nor the kernel's input queue overflows; every packet is accounted for.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <packet_view.h>

enum bench_direction { BENCH_WRITE, BENCH_READ };
enum { BENCH_ERROR_BYTES = 512, BENCH_BYTES_MIN = 64, BENCH_BYTES_MAX = 9000 };

/* A clock, and when to stop: after `for_ns` of it, or after `count` things done if that is not 0. */
struct bench_budget {
    uint64_t (*clock_ns)(void);
    uint64_t for_ns;
    uint64_t count;
};

/* `bytes` is what one write(2) or read(2) carries: for a tap with its Ethernet header. */
struct bench_path {
    enum packet_device device;
    enum bench_direction direction;
    size_t bytes;
};

/* What was done in how much of the clock's time. */
struct bench_result {
    uint64_t count;
    uint64_t ns;
};

/*
 * Each returns false with one line in `error` when the machine failed or a packet was lost.
 *
 * bench_packets: one machine, in which packets take the path; set-up is not timed.
 * bench_boots: machines made, booted, with kexts known to kextload, and destroyed.
 * bench_explorations: whole runs of a workload (workload.h), boot to audit, each under the schedule of another seed.
 * bench_cycles: boot, load, open, ifconfig address and up, write, read, close, unload, audit, destroy.
 *     *memory_bytes is the most that one machine had of the host's memory.
 */
bool bench_packets(const struct bench_path *path, const struct bench_budget *budget,
                   struct bench_result *result, char error[BENCH_ERROR_BYTES]);
bool bench_boots(const struct bench_budget *budget, struct bench_result *result,
                 char error[BENCH_ERROR_BYTES]);
bool bench_explorations(const char *workload, const struct bench_budget *budget,
                        struct bench_result *result, char error[BENCH_ERROR_BYTES]);
bool bench_cycles(enum packet_device device, const struct bench_budget *budget,
                  struct bench_result *result, size_t *memory_bytes, char error[BENCH_ERROR_BYTES]);

#endif
