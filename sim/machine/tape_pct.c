/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_pct.h"

#include <string.h>

#include "candidate.h"

/* Above every priority that a change gives. */
#define PRIORITY_RANDOM (UINT64_C(1) << 63)

static uint64_t *
priority_of(struct tape_pct *tape, const struct fiber *fiber)
{
    uint64_t *priority = &tape->priorities[machine_fiber_id(fiber) % TAPE_PCT_FIBERS_MAX];

    if (*priority == 0)
        *priority = tape_seed_bits(&tape->seed) | PRIORITY_RANDOM;
    return priority;
}

static uint32_t
highest(struct tape_pct *tape, uint32_t count, const char *label)
{
    uint32_t best = 0;
    uint64_t best_priority = 0;

    for (uint32_t value = 0; value < count; value++) {
        uint64_t priority = *priority_of(tape, candidate_of(label, value));

        if (priority > best_priority) {
            best_priority = priority;
            best = value;
        }
    }
    return best;
}

static uint32_t
pct_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_pct *tape = (struct tape_pct *)feeder;
    uint32_t value;

    if (kind != CHOICE_SCHEDULE)
        return tape->seed.feeder.next(&tape->seed.feeder, kind, count, label);
    value = highest(tape, count, label);
    for (uint32_t change = 0; change + 1 < tape->depth; change++) {
        /* The later change is the lower one, as in the paper. */
        if (tape->change_at[change] == tape->seen) {
            *priority_of(tape, candidate_of(label, value)) = tape->depth - change;
            value = highest(tape, count, label);
        }
    }
    tape->seen++;
    return value;
}

void
tape_pct_start(struct tape_pct *tape, uint64_t seed, uint32_t depth, uint32_t length)
{
    memset(tape, 0, sizeof(*tape));
    tape->feeder.next = pct_next;
    tape->depth = depth > TAPE_PCT_DEPTH_MAX ? TAPE_PCT_DEPTH_MAX : depth;
    tape_seed_start(&tape->seed, seed);
    for (uint32_t change = 0; change + 1 < tape->depth; change++)
        tape->change_at[change] = (uint32_t)(tape_seed_bits(&tape->seed) % (length == 0 ? 1 : length));
}
