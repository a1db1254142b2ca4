/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_FAULT_H
#define TAPE_FAULT_H

/*
 * One fault, on top of any feeder: of all operations that may fail in a run, the one numbered `at` (from 0)
 * does, alone or with all later ones. `source` (borrowed; NULL: benign) answers everything else, and is not asked
 * about faults. For every single fault of a run:
 *
 *     at = 0; do { tape_fault_start(&fault, &source.feeder, at++, false); run; } while (fault.hit);
 */

#include "tape.h"

struct tape_fault {
    struct tape_feeder feeder;
    struct tape_feeder *source;
    uint32_t at;
    bool for_good;
    uint32_t seen;     /* operations that might have failed so far */
    bool hit;          /* it happened */
    const char *label; /* of what failed first; NULL before */
};

void tape_fault_start(struct tape_fault *fault, struct tape_feeder *source, uint32_t at,
                      bool for_good);

#endif
