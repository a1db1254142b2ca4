/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLORE_PLAN_H
#define EXPLORE_PLAN_H

/*
 * Which run comes next: a strategy for schedules, crossed with faults. The plan is plain data without pointers to
 * anything but itself and its nodes, so that it can lie in memory that processes share: when a run kills its process,
 * another one looks up which run that was and goes on with the next.
 */

#include <tape.h>
#include <tape_dfs.h>
#include <tape_fault.h>
#include <tape_pct.h>

enum explore_strategy {
    EXPLORE_RANDOM,
    EXPLORE_PCT,         /* bound = depth */
    EXPLORE_ROUND_ROBIN, /* the n-th run with quantum n */
    EXPLORE_SWITCHES,    /* depth first; tape_dfs.h */
    EXPLORE_DELAYS,
    EXPLORE_PREEMPTIONS
};

enum explore_faults {
    EXPLORE_FAULTS_NONE,
    EXPLORE_FAULTS_EACH,  /* every operation that may fail in turn, alone and for good, and none */
    EXPLORE_FAULTS_RANDOM /* up to fault_count in a run; depth first: every set of so many */
};

struct explore_settings {
    enum explore_strategy strategy;
    uint32_t bound;
    enum explore_faults faults;
    uint32_t fault_count;
    uint64_t runs; /* schedules of random, PCT and round robin; with each fault. 0 = for ever */
    uint64_t seed;
    uint32_t parts, part; /* several processes share the work; parts >= 1 */
};

/* A feeder that lets at most so many faults happen. */
struct explore_fault_limit {
    struct tape_feeder feeder;
    struct tape_feeder *source;
    uint32_t left;
};

enum { EXPLORE_NODES = 1 << 19 };

struct explore_plan {
    struct explore_settings settings;
    uint64_t index;    /* of the schedule */
    uint32_t fault_at; /* UINT32_MAX = none */
    bool for_good;
    bool hit;             /* the fault happened in some schedule of this turn */
    uint32_t fault_points; /* that were met */
    uint64_t schedules_most; /* most schedules of one turn */
    uint32_t length;       /* scheduling choices of the last run */
    uint32_t fault_length; /* operations that may fail in the last run */
    bool diverged, overflowed;
    union {
        struct tape_seed seed;
        struct tape_pct pct;
        struct tape_round_robin round_robin;
        struct tape_dfs dfs;
    } source;
    struct tape_fault fault;
    struct explore_fault_limit limit;
    struct tape_dfs_node nodes[EXPLORE_NODES];
};

/* Before the first run. False: there is nothing to do for this part. */
bool explore_plan_start(struct explore_plan *plan, const struct explore_settings *settings);

/* The feeder of the run that is due. Each call begins the same run anew. */
struct tape_feeder *explore_plan_feeder(struct explore_plan *plan);

/* Does the run that was made last count (tape_dfs_counts)? */
bool explore_plan_counts(const struct explore_plan *plan);

/* To the next run; what the last one asked (0 when it did not live to tell). False: all are done. */
bool explore_plan_next(struct explore_plan *plan, uint32_t schedule_choices, uint32_t fault_choices);

/* Does the strategy end by itself and cover all there is? */
bool explore_is_systematic(enum explore_strategy strategy);

#endif
