/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULT_FEEDER_H
#define FAULT_FEEDER_H

/*
 * A feeder that makes chosen faults happen and passes every other question on: "the second
 * mbuf_allocpacket from now on fails". It also remembers which faults were ever asked for.
 */

#include <tape.h>

enum { FAULT_LABELS_MAX = 128 };

struct fault_label {
    const char *label; /* borrowed from whoever asked */
    uint64_t asked;
};

struct fault_feeder {
    struct tape_feeder feeder;
    struct tape_feeder *source; /* borrowed; NULL answers 0 */
    struct fault_label labels[FAULT_LABELS_MAX]; /* in order of name */
    unsigned label_count;
    char armed[64]; /* "" = none */
    uint64_t countdown;
};

void fault_feeder_start(struct fault_feeder *feeder, struct tape_feeder *source);

/* The `nth` question for `label` from now on fails (1 = the next); 0 takes it back. False: the name is
 * too long. There is one such wish at a time: a new one takes the place of an older one. */
bool fault_feeder_arm(struct fault_feeder *feeder, const char *label, uint64_t nth);

#endif
