/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_RUN_H
#define WORKLOAD_RUN_H

/* One run of a workload, as its files share it. */

#include <tape_gate.h>

#include "bpf_client.h"
#include "workload.h"
#include "workload_shape.h"

struct ksim_inet_address;

enum { WORKLOAD_PROCESSES = 3, WORKLOAD_SENDS_MAX = 32, WORKLOAD_PACKET_BYTES = 2048 };

/* A packet that the Mac sends carries its number; this is what is known of it. Times are steps of the machine. */
struct workload_send {
    uint64_t begin, end; /* of the call; UINT64_MAX = not over */
    bool read;
};

/* A successful open of the device. */
struct workload_session {
    uint64_t opened;    /* when open returned */
    uint64_t addressed; /* when an address was first given to its interface; UINT64_MAX = never */
};

struct workload_process {
    struct process *process;
    int fd;      /* of the device; -1 = none */
    bool head;   /* TUNSIFHEAD may be on */
    struct bpf_client capture;
    uint8_t *capture_buffer; /* malloc; NULL before the first capture */
};

struct workload_run {
    const struct workload *workload;
    const struct workload_options *options;
    struct machine *machine;
    struct ksim *kernel;
    struct tape_gate gate;
    struct workload_process processes[WORKLOAD_PROCESSES];
    struct process *root; /* prepares and ends */
    struct text log;
    unsigned running; /* threads; counted down through ksim_system_wake */
    unsigned ended;
    bool finished;
    struct workload_session session; /* the last one */
    bool brought_up;                 /* configd did, and nobody takes it down */
    uint64_t address_begin;          /* of the last `ifconfig inet` */
    uint64_t down_begin, down_end;   /* of the last `ifconfig down` that was done */
    struct workload_send sends[WORKLOAD_SENDS_MAX];
    unsigned send_count, write_count;
    bool heard[WORKLOAD_SENDS_MAX];
};

/* One thread's place in a run; also the packet buffers of its calls. */
struct workload_actor {
    struct workload_run *run;
    unsigned thread; /* WORKLOAD_THREADS_MAX: the preparation */
    unsigned process;
    uint64_t read_begin; /* when its last read began */
    uint8_t packet[WORKLOAD_PACKET_BYTES];
};

const char *workload_act_name(enum workload_act act);

/*
 * Does a step on a thread of the actor's process and judges what it answered. `result` gets it in words.
 * Steps that need a descriptor are passed over without one.
 */
enum { WORKLOAD_RESULT_BYTES = 96 };
void workload_step_do(struct workload_actor *actor, const struct workload_step *step,
                      char result[WORKLOAD_RESULT_BYTES]);

/* "tun0" */
const char *workload_unit(const struct workload_run *run);

/* The Mac knows its peer and nothing is queued that it sent by itself. On an actor's thread, device up. */
void workload_settle(struct workload_actor *actor);

/* kextunload, again while the kernel finishes a detach: what it said last. */
int workload_unload(struct workload_run *run, struct process *process);

/* For ksim_udp_listen: what a write of the workload was heard as. */
void workload_hear(void *context, const struct ksim_inet_address *from, uint16_t from_port,
                   const uint8_t *payload, size_t bytes);

#endif
