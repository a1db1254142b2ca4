/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLORE_H
#define EXPLORE_H

/*
 * Runs a workload under many schedules and faults, in several processes, and collects the failures by their cause.
 * A process that a run kills costs that run (which is recorded as a failure) and nothing else.
 *
 * The clock is the caller's and decides only when to stop and what the rate was.
 */

#include <stdio.h>

#include "explore_plan.h"
#include "explore_run.h"

enum { EXPLORE_FAILURES_MAX = 64, EXPLORE_JOBS_MAX = 64 };

struct explore_failure {
    struct run_tape tape; /* of the first run that failed so */
    uint64_t count;
};

struct explore_progress {
    uint64_t runs, failures;
    unsigned causes;
    uint64_t ns;
};

struct explore_options {
    struct explore_job job;
    struct explore_settings settings; /* parts and part are set here */
    unsigned jobs;
    uint64_t for_ns; /* 0 = until the plan ends */
    bool stop_at_first; /* after the first failure */
    FILE *log;          /* everything that could be observed in each run, as lines; with one job. NULL = nowhere */
    uint64_t (*clock_ns)(void);
    void (*progress)(void *context, const struct explore_progress *progress); /* now and then; NULL = nobody */
    void *context;
};

struct explore_result {
    uint64_t runs, failed_runs, steps;
    uint64_t ns;
    struct explore_failure failures[EXPLORE_FAILURES_MAX];
    unsigned failure_count;
    bool complete;           /* the plan was carried out to its end */
    bool diverged;           /* the machine was not deterministic: a failure of its own */
    bool overflowed;         /* runs were too long to be covered */
    uint32_t fault_points;   /* EXPLORE_FAULTS_EACH: operations that may fail, in the schedule that had most */
    uint64_t schedules_most; /* most schedules with one fault */
    uint64_t first_failure_run; /* how many runs it took (of that process); 0 = none failed */
};

/* False, with a line on stderr, when the host has no processes or memory. Free with explore_result_free. */
bool explore(const struct explore_options *options, struct explore_result *result);
void explore_result_free(struct explore_result *result);

#endif
