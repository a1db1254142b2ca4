/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_EXPLORE_H
#define BENCH_EXPLORE_H

/* How fast exploring is, beside single runs (bench_explorations): shrinking, and covering all of something. */

#include "bench.h"

/* A tape that was shortened. */
struct bench_shrunk {
    struct bench_result result; /* count = runs that it took */
    size_t before, after;       /* choices */
};

/* The museum's driver and the workload of bench_shrink, and how many choices of its tape are not benign, at least: of some
 * 500 that such a run asks. */
#define BENCH_SHRINK_DRIVER   "last-session-packets"
#define BENCH_SHRINK_WORKLOAD "tun-close-io"
enum { BENCH_SHRINK_CHOICES = 250 };

/*
 * Looks for a failing run with that many choices that were not benign (not timed), then shrinks its tape. False with one
 * line in `error`, also when the program has no such driver.
 */
bool bench_shrink(uint64_t (*clock_ns)(void), struct bench_shrunk *shrunk, char error[BENCH_ERROR_BYTES]);

struct bench_coverage {
    struct bench_result result; /* count = runs */
    bool complete;              /* not stopped by for_ns */
};

/*
 * Every single fault, once and for good, and none, crossed with every schedule of at most `switches` forced switches, of
 * the six core life cycles (bench_core_shapes) of tun and tap, by so many processes. for_ns 0: until all is done. False
 * with one line in `error` when a run failed.
 */
bool bench_core(unsigned switches, unsigned jobs, uint64_t for_ns, uint64_t (*clock_ns)(void),
                struct bench_coverage *coverage, char error[BENCH_ERROR_BYTES]);

/* "life", "reader-down", ...; NULL ends it. */
extern const char *const bench_core_shapes[];

#endif
