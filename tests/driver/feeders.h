/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FEEDERS_H
#define FEEDERS_H

/*
 * Tape feeders that put one thing into an otherwise benign run: late detachers, one preemption, a
 * fault. A sweep runs the same body once for each place where that thing can happen.
 */

#include <stdbool.h>
#include <stdint.h>

#include <tape.h>

enum { FEEDER_LABEL_BYTES = 64 };

/* Every delay is the longest there is: the detacher is 1.5 s late. */
struct feeder_late {
    struct tape_feeder feeder;
};

void feeder_late_start(struct feeder_late *late);

/*
 * While `armed`, counts the preemption points at which another thread could run, and at the one numbered
 * `at` (from 0) lets the thread run that became ready last. From then on threads that block hand over to
 * the one that became ready last, too, so that the one that was preempted stays where it is.
 */
struct feeder_preempt {
    struct tape_feeder feeder;
    uint32_t at;
    uint32_t seen;
    bool armed;
};

void feeder_preempt_start(struct feeder_preempt *preempt, uint32_t at);

/*
 * While `armed`, counts the operations that may fail, and makes the one numbered `at` (from 0) fail: it alone,
 * or it and all that follow. `broken` tells that it happened, `label` what failed first. `base` (NULL: benign)
 * answers all other choices.
 */
struct feeder_fault {
    struct tape_feeder feeder;
    struct tape_feeder *base;
    uint32_t at;
    uint32_t seen;
    bool for_good;
    bool armed;
    bool broken;
    char label[FEEDER_LABEL_BYTES];
};

void feeder_fault_start(struct feeder_fault *fault, uint32_t at, bool for_good);

#endif
