/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_sparse.h"

#include <string.h>

static enum tape_sparse_lane
lane_of_kind(enum choice_kind kind)
{
    if (kind == CHOICE_SCHEDULE)
        return TAPE_SPARSE_SCHEDULE;
    return kind == CHOICE_FAULT ? TAPE_SPARSE_FAULT : TAPE_SPARSE_OTHER;
}

enum tape_sparse_lane
tape_sparse_lane_of(const uint8_t *pair)
{
    static const enum tape_sparse_lane lanes[] = {TAPE_SPARSE_SCHEDULE, TAPE_SPARSE_SCHEDULE, TAPE_SPARSE_FAULT,
                                                  TAPE_SPARSE_OTHER};

    return lanes[pair[1] & 3];
}

/* The lane's next pair becomes due, if there is one. */
static void
place_load(struct tape_sparse *tape, enum tape_sparse_lane lane)
{
    struct tape_sparse_place *place = &tape->places[lane];

    while (!place->due && tape->length - place->position >= TAPE_SPARSE_PAIR_BYTES) {
        const uint8_t *pair = tape->bytes + place->position;

        place->position += TAPE_SPARSE_PAIR_BYTES;
        if (tape_sparse_lane_of(pair) == lane) {
            place->due = true;
            place->gap = pair[0];
            place->which = pair[1] >> 2;
            place->skips = pair[0] == TAPE_SPARSE_SKIP;
        }
    }
}

static uint32_t
sparse_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_sparse *tape = (struct tape_sparse *)feeder;
    enum tape_sparse_lane lane = lane_of_kind(kind);
    struct tape_sparse_place *place = &tape->places[lane];

    (void)label;
    place_load(tape, lane);
    if (!place->due)
        return 0;
    if (place->gap > 0) {
        place->gap--;
        place->due = !(place->skips && place->gap == 0);
        return 0;
    }
    place->due = false;
    return 1 + place->which % (count - 1);
}

void
tape_sparse_start(struct tape_sparse *tape, const void *bytes, size_t length)
{
    memset(tape, 0, sizeof(*tape));
    tape->feeder.next = sparse_next;
    tape->bytes = bytes;
    tape->length = length;
}
