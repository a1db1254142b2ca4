/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORLD_H
#define WORLD_H

/*
 * An emulated Mac with both kexts loaded, for tests of the driver through the whole stack. world_run boots a
 * machine, runs `body` as a root program on it, unloads the kexts, audits the machine and demands
 * that nothing is left and nothing went wrong. Inside `body` every system call is as on a Mac.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../quick_check.h"

#include <bpf_host.h>
#include <inet_host.h>
#include <machine.h>
#include <system.h>
#include <tape.h>

#include <ifconfig.h>

/* The driver's own requests (kext_glue/tuntap_ioctls.h) and the kernel's generic ones. */
enum {
    WORLD_FIONREAD = 0x4004667f,
    WORLD_MS_NS = 1000000,
    WORLD_DETACH_MS = 2000 /* longer than the kernel is ever late with a detach */
};
#define WORLD_FIONBIO UINT32_C(0x8004667e)
#define WORLD_FIOASYNC UINT32_C(0x8004667d)
#define WORLD_TUNSIFHEAD UINT32_C(0x80047460)
#define WORLD_TUNGIFHEAD UINT32_C(0x40047461)

struct world {
    struct machine *machine;
    struct ksim *kernel;
    struct process *root;
    void *argument; /* of the body */
};

typedef void (*world_body)(struct world *world);

/* How the machine is set up; all-zero is the benign one: no faults, darwin19. */
struct world_options {
    struct tape_feeder *feeder;
    int darwin_major;
    bool load_by_hand; /* do not kextload before the body nor kextunload after it */
    void *argument;
};

/* Runs body; fails the test with the machine's report unless the outcome is OK. */
void world_run(world_body body);
void world_run_with(const struct world_options *options, world_body body);
/* Under a seeded schedule with late detachers (tape_seed_start); a failure names the seed. */
void world_run_seed(uint64_t seed, world_body body);
/* The same without judging: the outcome, and the report in `report` if not NULL (freed by caller). */
enum machine_outcome world_outcome(const struct world_options *options, world_body body,
                                   char **report);

/* kextload and kextunload of "tun" or "tap"; results KSIM_KEXT_*. */
int world_load(struct world *world, const char *name);
int world_unload(struct world *world, const char *name);
/* Unloads, waiting while the kernel finishes a detach. */
void world_unload_patiently(struct world *world, const char *name);

/* open("/dev/NAME", O_RDWR) as root: descriptor or -errno. */
int world_open(struct world *world, const char *name);
/* The same, waiting while it says EBUSY; a descriptor, or the test fails. */
int world_open_patiently(struct world *world, const char *name);
void world_close(struct world *world, int fd);
/* open as world_open_patiently, address 10.7.0.1/24 (tap) or 10.7.0.1 -> 10.7.0.2 (tun), up. */
int world_open_up(struct world *world, const char *name);

int64_t world_read(struct world *world, int fd, void *buffer, size_t bytes);
int64_t world_write(struct world *world, int fd, const void *bytes, size_t length);
int world_ioctl_int(struct world *world, int fd, unsigned long request, int *value);
void world_sleep_ms(struct world *world, unsigned milliseconds);

/* Another thread of a process; `done` becomes true when its body has returned. */
struct world_thread {
    struct world *world;
    struct process *process;
    void (*body)(struct world_thread *thread);
    int fd;
    int64_t result;
    uint8_t buffer[2048];
    bool done;
};
void world_thread_start(struct world_thread *thread, const char *name);
/* Waits in virtual time; fails the test after 60 virtual seconds. */
void world_thread_join(struct world_thread *thread);
/* A body: reads once into buffer. */
void world_thread_read(struct world_thread *thread);

/* An IPv4 ICMP echo request from 10.7.0.2 to 10.7.0.1; returns its length. */
size_t world_echo_request(uint8_t *out, uint16_t sequence, size_t payload_bytes);
/* The same in an Ethernet frame to `to` from 02:00:00:00:00:99. */
size_t world_echo_frame(uint8_t *out, const uint8_t to[6], uint16_t sequence, size_t payload_bytes);

#endif
