/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_H
#define WORKLOAD_H

/*
 * Named pieces of life of tun and tap, as threads of processes that make system calls: what explore runs under
 * every schedule and fault. "tun-NAME" and "tap-NAME" are the same piece on either device; a session file
 * is a workload, too.
 *
 * One run: a Mac is booted, the preparation is done without choices, then all threads run at once and
 * every choice is the feeder's, then what is still open is closed, the kexts are unloaded and the machine is
 * audited, without choices again. The verdict is the machine's, and MACHINE_CONTRACT for what the workload
 * itself saw: a call that answered what the manual (kext_glue/tuntap_ioctls.h) does not allow, a packet of one
 * session read in another, a packet that was read or heard twice or with other bytes than were sent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <machine.h>
#include <text.h>

#include "packet_view.h"

struct session;
struct tape_feeder;
struct workload_program;
struct workload_shape;

enum { WORKLOAD_NAME_BYTES = 1024, WORKLOAD_ERROR_BYTES = 512, WORKLOAD_THREADS_MAX = 4 };

struct workload {
    char name[WORKLOAD_NAME_BYTES]; /* as it was asked for */
    enum packet_device device;
    const struct workload_shape *shape; /* NULL: a session */
    struct workload_program *program; /* whose shape it is; NULL: the shape is of the list */
    struct session *session;
};

/*
 * Finds "tun-life", "tap-reopen", ..., reads a program (workload_program.h) or loads a file whose name ends in
 * ".session". False with one line in `error`. Free what was found with workload_end.
 */
bool workload_find(struct workload *workload, const char *name, char error[WORKLOAD_ERROR_BYTES]);
void workload_end(struct workload *workload);
/* Is it meant for that release (0 = default)? */
bool workload_is_for(const struct workload *workload, int darwin_major);

/* The index-th shape's name ("life") and what happens in it; false past the last. `core`: one of those that every
 * `make check` explores. */
bool workload_list(unsigned index, const char **name, const char **summary, bool *core);

/* A step that is left out: of which thread, which one (from 0). */
struct workload_skip {
    unsigned thread, step;
};
enum { WORKLOAD_SKIPS_MAX = 32 };

/* What a file that is about the workload is called: its name without folders and, of a program, without its calls. */
void workload_file_name(const struct workload *workload, char name[WORKLOAD_NAME_BYTES]);

/* How many threads; how many steps one has; its name and what a step does ("read"); of a shape. */
unsigned workload_thread_count(const struct workload *workload);
unsigned workload_step_count(const struct workload *workload, unsigned thread);
const char *workload_thread_name(const struct workload *workload, unsigned thread);
const char *workload_step_name(const struct workload *workload, unsigned thread, unsigned step);
/* Is it what another thread may wait for? Without it a correct driver may hang. */
bool workload_step_wakes(const struct workload *workload, unsigned thread, unsigned step);

/* Who wants to know when a step begins (`result` NULL) and how it ended ("read: 84", "read: Input/output error"). */
typedef void workload_note(void *context, unsigned thread, const char *step, const char *result);

struct workload_options {
    int darwin_major;           /* 0 = default */
    struct tape_feeder *feeder; /* borrowed; NULL = every choice 0 */
    bool faults;                /* the feeder may make operations fail: calls may say that memory is short */
    const struct workload_skip *skips;
    size_t skip_count;
    uint64_t max_steps;  /* 0 = 2 million */
    machine_witness *watch; /* NULL = nobody (machine.h) */
    workload_note *note; /* NULL = nobody */
    void *context;       /* of both */
};

struct workload_result {
    enum machine_outcome outcome;
    struct text report;
    struct text console; /* what the Mac printed, of a session what was typed too; only if somebody watches */
    /* Everything that could be observed: what each step answered, the console, the report, the clock. Equal for
     * two runs with the same choices. */
    uint64_t hash;
    uint64_t steps;
    uint32_t schedule_choices, fault_choices; /* asked from the feeder */
};

void workload_run(const struct workload *workload, const struct workload_options *options,
                  struct workload_result *result);
void workload_result_free(struct workload_result *result);

#endif
