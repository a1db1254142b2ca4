/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORLD_H
#define WORLD_H

/*
 * A machine with a kernel on it for one test of the system-call face. Nothing is asserted on a fiber:
 * Check leaves a failed test by longjmp. Threads write what they see into the world's log (say), and the
 * test compares.
 */

#include "../quick_check.h"
#include <machine.h>
#include <system.h>

#include "guest.h"
#include "toy_kext.h"

struct world {
    struct machine *machine;
    struct ksim *kernel;
    struct process *root;
    char log[4096];
};

extern struct world world;

/* Worlds that begin from now on have en0 and its LAN (lan_host.h). */
extern bool world_has_ethernet;

/* A fresh world; darwin_major 0 = default. Chosen faults: the `number`-th question labelled `label`. */
void world_begin(int darwin_major);
void world_fault(const char *label, unsigned number);
void world_end(void);
/* Every choice labelled `label` that is no fault is `choice` (or the last there is) from now on; NULL = none. */
void world_answer(const char *label, unsigned choice);
/* Scheduling choices from a seed instead of run to block. Call before threads are made. */
void world_shuffle(uint64_t seed);

/* A new thread of the process, or of root with NULL. */
void world_thread(struct process *process, const char *name, void (*body)(void *), void *argument);
/* Runs; returns the outcome. */
enum machine_outcome world_run(void);
/* Runs `body` on a thread of root and expects the run to end well; then audits. */
void world_check(void (*body)(void *));
/* The same, and expects this outcome and a report that contains `words`. */
void world_expect(void (*body)(void *), enum machine_outcome outcome, const char *words);

/* The log since the last call. */
const char *said(void);

/* Loads the toy kext; to be run on a thread of root. */
void toy_load(void);

/* A test that runs a body to a good end, audits, and compares the log. */
#define TEST_OF(name, body, expected)                                                              \
    START_TEST(name)                                                                               \
    {                                                                                              \
        world_check(body);                                                                         \
        ck_assert_str_eq(said(), expected);                                                        \
    }                                                                                              \
    END_TEST

/* A test whose body must end the run this way, with these words. */
#define TEST_MISUSE(name, body, outcome, words)                                                    \
    START_TEST(name)                                                                               \
    {                                                                                              \
        world_expect(body, outcome, words);                                                        \
    }                                                                                              \
    END_TEST

int suite_main(const char *name, const TTest *const *tests);
/* With one more test that runs `rounds` times, for _i = 0, 1, 2 ... */
int suite_main_looped(const char *name, const TTest *const *tests, const TTest *looped, int rounds);

#endif
