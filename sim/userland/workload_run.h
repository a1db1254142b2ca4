/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_RUN_H
#define WORKLOAD_RUN_H

/* One run of a workload, as its files share it. */

#include <inet_host.h>
#include <tape_gate.h>

#include "bpf_client.h"
#include "workload.h"
#include "workload_shape.h"

struct ksim_inet_address;

enum { WORKLOAD_PROCESSES = 3, WORKLOAD_SENDS_MAX = 32, WORKLOAD_PACKET_BYTES = 2048 };

/* A packet that the Mac sends carries its number; this is what is known of it. Times are steps of the machine. */
struct workload_send {
    uint64_t begin, end; /* of the call; UINT64_MAX = not over */
    bool sent; /* the call was a success */
    bool read;
};

/* A thread that is waited for; `done` when its body has returned. */
struct workload_started {
    struct workload_run *run;
    void (*body)(void *);
    void *argument;
    bool done;
};

/* Children, those of the workload, and for each process one that ends it. */
enum { WORKLOAD_CHILDREN_MAX = 24, WORKLOAD_STARTED_MAX = 2 * WORKLOAD_CHILDREN_MAX + WORKLOAD_THREADS_MAX + 8 };

/* A successful open of the device. */
struct workload_session {
    uint64_t opened;    /* when open returned */
    uint64_t addressed; /* when an address was first given to its interface; UINT64_MAX = never */
};

/* A process that a thread forked, and how long it lives. */
struct workload_child {
    struct process *process;
    uint64_t life_ns;
};

struct workload_process {
    struct process *process;
    int fd;      /* of the device; -1 = none */
    int spare;   /* another one of the same open file; it becomes fd when that is closed */
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
    bool released; /* sleepers were, by ifconfig down */
    struct workload_session session; /* the last one */
    bool brought_up;                 /* configd did, and nobody takes it down */
    uint64_t address_begin;          /* of the last `ifconfig inet` */
    uint64_t down_begin, down_end;   /* of the last `ifconfig down` that was done, with no other change meanwhile */
    unsigned head_calls; /* of TUNSIFHEAD, so far */
    unsigned rising, rises; /* threads in an `ifconfig` that may bring the interface up; how many there were */
    struct workload_send sends[WORKLOAD_SENDS_MAX];
    unsigned send_count, write_count;
    unsigned opening; /* threads that are in an open */
    bool taken[WORKLOAD_SENDS_MAX]; /* the write was a success */
    bool heard[WORKLOAD_SENDS_MAX];
    struct workload_child children[WORKLOAD_CHILDREN_MAX];
    unsigned child_count;
    struct workload_started started[WORKLOAD_STARTED_MAX];
    unsigned started_count;
};

/* One thread's place in a run; also the packet buffers of its calls. */
struct workload_actor {
    struct workload_run *run;
    unsigned thread; /* WORKLOAD_THREADS_MAX: the preparation */
    unsigned process;
    uint64_t read_begin; /* when its last read began */
    int fd;              /* that its call was made with; -1 = it is in none that needs one */
    uint8_t packet[WORKLOAD_PACKET_BYTES];
};

/*
 * Does a step on a thread of the actor's process and judges what it answered. `result` gets it in words.
 * Steps that need a descriptor are passed over without one.
 */
enum { WORKLOAD_RESULT_BYTES = 96 };
void workload_step_do(struct workload_actor *actor, const struct workload_step *step,
                      char result[WORKLOAD_RESULT_BYTES]);

/* Does a step, tells who wants to know and writes it down as one of `name`. */
void workload_actor_do(struct workload_actor *actor, const char *name, const struct workload_step *step);

/* --- workload_finish.c: threads, and the end of a run ---------------------------------------------- */

/* Runs `body` on a thread that workload_threads_wait waits for; when its process is killed, it has ended as well. */
void workload_thread_start(struct workload_run *run, struct process *process, const char *name,
                           void (*body)(void *), void *argument);

/* On a thread of root. False: somebody sleeps, and all that the kernel or the workload waits for has passed. */
bool workload_threads_wait(struct workload_run *run);

/* Wakes those who may sleep. False: somebody sleeps who may not. `actors` are WORKLOAD_THREADS_MAX. */
bool workload_release(struct workload_run *run, struct workload_actor *actors);

/* Counts packets where none may be lost, closes what is open, unloads. All threads have ended. */
void workload_finish(struct workload_run *run, struct workload_actor *actors);

/* --- workload_step.c ------------------------------------------------------------------------------ */

bool workload_needs_descriptor(enum workload_act act);

/* --- workload_verdict.c --------------------------------------------------------------------------- */

bool workload_is_kext_call(enum workload_act act);

/* May the step answer that? `head`: it may have met a session with TUNSIFHEAD. */
bool workload_answer_is_allowed(const struct workload_run *run, const struct workload_step *step, bool head,
                                int64_t result);

/* --- workload_step.c again: what conductors do ---------------------------------------------------- */

/* Sets FIONBIO and reads all there is, judging it. On a thread of the actor's process. */
void workload_drain(struct workload_actor *actor);

/* Bytes that a read would get; 0 without a descriptor. On a thread of the actor's process. */
int workload_readable(struct workload_actor *actor);

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
