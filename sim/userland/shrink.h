/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SHRINK_H
#define SHRINK_H

/*
 * Makes a failing tape shorter while it fails in the same way (outcome and cause): fewer context switches first, then
 * fewer faults and delays, then fewer steps of the workload, until nothing can be left out any more (1-minimal; delta
 * debugging, Zeller and Hildebrandt 2002). Every try is a run in a process of its own.
 */

#include "explore_run.h"

struct shrink_result {
    bool reproduced;   /* the tape did fail as it says */
    uint64_t runs;     /* tries */
    size_t before, after; /* choices of the tape */
    struct text report; /* of the last failing run */
};

/* In place. `reproduced` false: the tape is untouched. Free the report with text_free. */
void shrink(const struct workload *workload, struct run_tape *tape, struct shrink_result *result);

#endif
