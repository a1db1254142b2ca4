/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_DFS_H
#define TAPE_DFS_H

/*
 * Every schedule within a bound, one after the other, depth first, by running anew from the start
 * (stateless; Godefroid 1997, Musuvathi and Qadeer 2007, Emmi, Qadeer and Rakamaric 2011):
 *
 *     tape_dfs_start(&dfs, &limits, nodes, capacity);
 *     do {
 *         run a machine with &dfs.feeder;
 *     } while (tape_dfs_advance(&dfs));
 *
 * The choice 0 costs nothing. What another one costs, and so what is counted against the bound:
 *
 *   TAPE_DFS_SWITCHES     any other fiber than the one that runs, or than the one that waited longest: 1
 *   TAPE_DFS_DELAYS       passing over n fibers: n
 *   TAPE_DFS_PREEMPTIONS  another fiber although the one that runs could go on: 1. Who runs when it cannot is free,
 *                         so that the number of schedules grows with every block of a fiber.
 *
 * A late start (CHOICE_DELAY) other than 0 costs 1 as well; only the latest is tried. Partial copies and workloads
 * are 0. A fault costs 1 of a bound of its own.
 *
 * A run that does not ask as the one before it did up to the place where they part is noticed (`diverged`): then
 * the machine is not deterministic and nothing that was covered means anything.
 */

#include "tape.h"

enum tape_dfs_mode { TAPE_DFS_SWITCHES, TAPE_DFS_DELAYS, TAPE_DFS_PREEMPTIONS };

struct tape_dfs_limits {
    enum tape_dfs_mode mode;
    uint32_t bound;
    uint32_t faults;
    /*
     * For several searchers that share the work: this one takes the schedules whose first paid choice is one
     * of its own, every `parts`-th. Those without any are made by all and counted by part 0. 0 or 1 = all.
     */
    uint32_t parts, part;
};

/* A choice with alternatives that the bound allows. */
struct tape_dfs_node {
    uint32_t count;
    uint16_t value; /* which alternative */
    uint8_t kind;
    uint8_t faults; /* spent before it */
    uint32_t spent; /* spent before it */
};

struct tape_dfs {
    struct tape_feeder feeder;
    struct tape_dfs_limits limits;
    struct tape_dfs_node *nodes; /* borrowed */
    size_t capacity, length;     /* nodes of the run before */
    size_t position;             /* in this run */
    uint32_t spent, faults;      /* in this run */
    uint64_t schedules;          /* complete ones that count for this part (after advance) */
    bool diverged;
    bool overflowed; /* a run had more choices than there are nodes: not everything was covered */
};

/* `nodes` is the caller's memory for the search's life; it need not be cleared. */
void tape_dfs_start(struct tape_dfs *dfs, const struct tape_dfs_limits *limits,
                    struct tape_dfs_node *nodes, size_t capacity);

/* After a run, whether it ended well or not: to the next schedule. False: all are done. */
bool tape_dfs_advance(struct tape_dfs *dfs);

/* Instead, to make the run again that was made last. */
void tape_dfs_again(struct tape_dfs *dfs);

/* Does the run that was made last count for this part? */
bool tape_dfs_counts(const struct tape_dfs *dfs);

#endif
