/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_PCT_H
#define TAPE_PCT_H

/*
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010). Each fiber gets a random priority when it is first
 * seen, and always the runnable one with the highest priority runs. At depth - 1 places, drawn in advance from
 * the first `length` scheduling choices, the fiber that runs there falls below all others. A bug that needs
 * `depth` orderings among n threads is met by a run with probability at least 1 / (n * length ^ (depth - 1)).
 *
 * Delays, partial copies and workloads are answered like those of tape_seed; faults are 0.
 */

#include "tape.h"

enum { TAPE_PCT_DEPTH_MAX = 16, TAPE_PCT_FIBERS_MAX = 256 };

struct tape_pct {
    struct tape_feeder feeder;
    struct tape_seed seed;
    uint32_t depth;
    uint32_t seen; /* scheduling choices so far */
    uint32_t change_at[TAPE_PCT_DEPTH_MAX];
    uint64_t priorities[TAPE_PCT_FIBERS_MAX]; /* by id of the fiber; 0 = not seen yet */
};

/* `depth` from 1 to TAPE_PCT_DEPTH_MAX, `length` at least 1: how many scheduling choices a run has, about. */
void tape_pct_start(struct tape_pct *tape, uint64_t seed, uint32_t depth, uint32_t length);

#endif
