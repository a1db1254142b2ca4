/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_SPARSE_H
#define TAPE_SPARSE_H

/*
 * Choices out of bytes that a fuzzer mutates. A run asks hundreds of times and is interesting for a handful of answers
 * that are not benign, so the bytes say only those: where, and which. Pairs of bytes, each about one lane
 * (schedules, faults, all other kinds), in the order of that lane:
 *
 *     byte 0  so many choices of the lane are answered 0 first; 255: 255 are, and the pair answers nothing
 *     byte 1  bits 0-1: lane (0, 1 schedule, 2 fault, 3 other); bits 2-7: which of the answers that are not 0
 *
 * Any bytes are a tape; half a pair at the end is nothing; behind the last pair of a lane every answer is 0. A pair
 * that is added, removed or changed moves later choices of its own lane only, so that a mutant is a neighbour of its
 * parent. (tape_bytes in tape.h spends bytes on every choice.)
 */

#include "tape.h"

enum tape_sparse_lane { TAPE_SPARSE_SCHEDULE, TAPE_SPARSE_FAULT, TAPE_SPARSE_OTHER, TAPE_SPARSE_LANES };

enum { TAPE_SPARSE_PAIR_BYTES = 2, TAPE_SPARSE_SKIP = 255 };

struct tape_sparse_place {
    size_t position; /* behind the pair that is due */
    uint32_t gap;    /* choices answered 0 before it */
    uint8_t which;
    bool due, skips;
};

struct tape_sparse {
    struct tape_feeder feeder;
    const uint8_t *bytes; /* borrowed */
    size_t length;
    struct tape_sparse_place places[TAPE_SPARSE_LANES];
};

/* Of a pair of bytes. */
enum tape_sparse_lane tape_sparse_lane_of(const uint8_t *pair);

void tape_sparse_start(struct tape_sparse *tape, const void *bytes, size_t length);

#endif
