/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLORE_RUN_H
#define EXPLORE_RUN_H

/*
 * One run of a workload that is written down as it goes: a tape comes out. In this process, or in a child so that
 * a run that kills its process (a wild pointer in the driver, a sanitizer) is one more failure with a tape.
 */

#include <tape.h>

#include "run_tape.h"
#include "workload.h"

/* What is the same for all runs of an exploration. */
struct explore_job {
    const struct workload *workload;
    int darwin_major;   /* as for workload_run; 0 = 19 */
    const char *driver; /* for the tape; native_kexts.h */
    bool faults;
};

struct explore_outcome {
    struct run_tape tape; /* with the schedule that was run, outcome and cause */
    struct text report;
    struct text console; /* of a run that was watched */
    uint64_t hash, steps;
    size_t unmet; /* entries of a played schedule whose place never came */
};

void explore_outcome_free(struct explore_outcome *outcome);

/* A run fed by `feeder`, in this process. */
void explore_record(const struct explore_job *job, struct tape_feeder *feeder,
                    struct explore_outcome *outcome);

/* The same, watched. */
struct explore_witness;
void explore_record_watched(const struct explore_job *job, struct tape_feeder *feeder,
                            const struct explore_witness *witness, struct explore_outcome *outcome);

/* The same in a child process. */
void explore_record_apart(const struct explore_job *job, struct tape_feeder *feeder,
                          struct explore_outcome *outcome);

/* Plays a tape on `workload` (which is the tape's), in a child process. */
void explore_play_apart(const struct workload *workload, const struct run_tape *tape,
                        struct explore_outcome *outcome);

/* Who wants to see a run as it goes; any of them may be NULL. */
struct explore_witness {
    machine_witness *watch;                                                     /* machine.h */
    workload_note *note;                                                      /* workload.h */
    void (*choice)(void *context, const struct schedule_entry *entry); /* one that is not 0, before its effect */
    void *context;                                                            /* of all */
};

/* The same in this process, watched. */
void explore_play(const struct workload *workload, const struct run_tape *tape,
                  const struct explore_witness *witness, struct explore_outcome *outcome);

#endif
