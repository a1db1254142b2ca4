/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_GATE_H
#define TAPE_GATE_H

/*
 * A feeder that passes choices on only while it is open; closed, every answer is 0 and `source` is not asked.
 * Whoever explores what happens at a close does not want to explore the boot before it.
 */

#include "tape.h"

struct tape_gate {
    struct tape_feeder feeder;
    struct tape_feeder *source; /* borrowed; NULL answers 0 */
    bool open;
    uint32_t schedules, faults; /* choices of these kinds passed on */
};

/* Closed. */
void tape_gate_start(struct tape_gate *gate, struct tape_feeder *source);

#endif
