/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <tape_sparse.h>

#include "program_bytes.h"

enum { EDITS_MAX = 4, PAIR = TAPE_SPARSE_PAIR_BYTES, STEP = PROGRAM_STEP_BYTES, NEAR = 24 };

/* An input that is being changed. */
struct draft {
    uint8_t *bytes;
    size_t length, capacity;
    uint64_t state; /* splitmix64 */
};

static uint32_t
draw(struct draft *draft, uint32_t count)
{
    uint64_t word = draft->state += UINT64_C(0x9e3779b97f4a7c15);

    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    word ^= word >> 31;
    return (uint32_t)(((word >> 32) * count) >> 32);
}

static bool
bytes_insert(struct draft *draft, size_t at, size_t count)
{
    if (draft->length + count > draft->capacity)
        return false;
    memmove(draft->bytes + at + count, draft->bytes + at, draft->length - at);
    draft->length += count;
    return true;
}

static void
bytes_remove(struct draft *draft, size_t at, size_t count)
{
    memmove(draft->bytes + at, draft->bytes + at + count, draft->length - at - count);
    draft->length -= count;
}

/* --- steps ------------------------------------------------------------------------------------------ */

static size_t
step_count(const struct draft *draft)
{
    return (program_tape_offset(draft->bytes, draft->length) - PROGRAM_HEAD_BYTES) / STEP;
}

static uint8_t *
step_at(const struct draft *draft, size_t step)
{
    return draft->bytes + PROGRAM_HEAD_BYTES + step * STEP;
}

static void
step_insert(struct draft *draft)
{
    size_t count = step_count(draft), step = draw(draft, (uint32_t)count + 1);

    if (count == WORKLOAD_PROGRAM_STEPS_MAX ||
        !bytes_insert(draft, (size_t)(step_at(draft, step) - draft->bytes), STEP))
        return;
    draft->bytes[2] = (uint8_t)(count + 1);
    step_at(draft, step)[0] = (uint8_t)(draw(draft, PROGRAM_ACT_COUNT) << 2 | draw(draft, WORKLOAD_THREADS_MAX));
    step_at(draft, step)[1] = (uint8_t)draw(draft, 8);
}

static void
step_remove(struct draft *draft)
{
    size_t count = step_count(draft);

    if (count == 0)
        return;
    bytes_remove(draft, (size_t)(step_at(draft, draw(draft, (uint32_t)count)) - draft->bytes), STEP);
    draft->bytes[2] = (uint8_t)(count - 1);
}

static void
step_swap(struct draft *draft)
{
    size_t count = step_count(draft);
    uint8_t *one, *other, kept[STEP];

    if (count == 0)
        return;
    one = step_at(draft, draw(draft, (uint32_t)count));
    other = step_at(draft, draw(draft, (uint32_t)count));
    memcpy(kept, one, STEP);
    memmove(one, other, STEP);
    memcpy(other, kept, STEP);
}

static void
step_change(struct draft *draft)
{
    size_t count = step_count(draft);
    uint8_t *step;

    if (count == 0)
        return;
    step = step_at(draft, draw(draft, (uint32_t)count));
    switch (draw(draft, 3)) {
    case 0:
        step[0] = (uint8_t)(draw(draft, PROGRAM_ACT_COUNT) << 2 | (step[0] & 3));
        break;
    case 1:
        step[0] = (uint8_t)((step[0] & ~3u) | draw(draft, WORKLOAD_THREADS_MAX));
        break;
    default:
        step[1] = (uint8_t)draw(draft, 256);
    }
}

/* Bit by bit, so that most of it stays. The release and the device are of more weight than what is done before. */
static void
head_change(struct draft *draft)
{
    if (draw(draft, 2) == 0)
        draft->bytes[0] ^= (uint8_t)(1u << draw(draft, 8));
    else
        draft->bytes[1] ^= (uint8_t)(1u << draw(draft, 8));
}

/* --- the tape --------------------------------------------------------------------------------------- */

static size_t
pair_count(const struct draft *draft)
{
    return (draft->length - program_tape_offset(draft->bytes, draft->length)) / PAIR;
}

static uint8_t *
pair_at(const struct draft *draft, size_t pair)
{
    return draft->bytes + program_tape_offset(draft->bytes, draft->length) + pair * PAIR;
}

/* Most choices that matter are among the first of their lane behind the last one. */
static uint8_t
gap_draw(struct draft *draft)
{
    return (uint8_t)draw(draft, draw(draft, 4) == 0 ? 256 : NEAR);
}

static void
pair_insert(struct draft *draft)
{
    size_t pair = draw(draft, (uint32_t)pair_count(draft) + 1);
    uint8_t *at = pair_at(draft, pair);

    if (!bytes_insert(draft, (size_t)(at - draft->bytes), PAIR))
        return;
    at[0] = gap_draw(draft);
    at[1] = (uint8_t)draw(draft, 256);
}

static void
pair_remove(struct draft *draft)
{
    size_t count = pair_count(draft);

    if (count > 0)
        bytes_remove(draft, (size_t)(pair_at(draft, draw(draft, (uint32_t)count)) - draft->bytes), PAIR);
}

static void
pair_change(struct draft *draft)
{
    size_t count = pair_count(draft);
    uint8_t *pair;

    if (count == 0)
        return;
    pair = pair_at(draft, draw(draft, (uint32_t)count));
    switch (draw(draft, 4)) {
    case 0:
        pair[0] = gap_draw(draft);
        break;
    case 1:
        pair[0]++;
        break;
    case 2:
        pair[0]--;
        break;
    default:
        pair[1] = (uint8_t)draw(draft, 256);
    }
}

/* --- all -------------------------------------------------------------------------------------------- */

/* A cut or empty input gets the bytes that it was taken to have, so that edits find what they look for. */
static bool
draft_complete(struct draft *draft)
{
    size_t want = PROGRAM_HEAD_BYTES;

    if (draft->length >= PROGRAM_HEAD_BYTES)
        want += draft->bytes[2] % (WORKLOAD_PROGRAM_STEPS_MAX + 1u) * STEP;
    if (want > draft->capacity)
        return false;
    if (draft->length < want) {
        memset(draft->bytes + draft->length, 0, want - draft->length);
        draft->length = want;
    }
    draft->bytes[2] %= WORKLOAD_PROGRAM_STEPS_MAX + 1;
    return true;
}

size_t
program_mutate(uint8_t *bytes, size_t length, size_t capacity, uint32_t seed)
{
    static void (*const edits[])(struct draft *) = {step_insert, step_remove, step_change, step_change, step_swap,
                                                    head_change, pair_insert, pair_insert, pair_insert, pair_remove,
                                                    pair_change, pair_change};
    struct draft draft = {bytes, length, capacity, seed};

    if (!draft_complete(&draft))
        return length;
    for (uint32_t edit = 1 + draw(&draft, EDITS_MAX); edit > 0; edit--)
        edits[draw(&draft, sizeof(edits) / sizeof(edits[0]))](&draft);
    return draft.length;
}

static size_t
append(uint8_t *bytes, size_t length, size_t capacity, const uint8_t *more, size_t count)
{
    if (count > capacity - length)
        count = capacity - length;
    memcpy(bytes + length, more, count);
    return length + count;
}

size_t
program_cross(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length, uint8_t *bytes,
              size_t capacity, uint32_t seed)
{
    struct draft random = {.state = seed};
    size_t one_tape = program_tape_offset(one, one_length), other_tape = program_tape_offset(other, other_length);
    size_t length = append(bytes, 0, capacity, one, one_tape), steps, room;

    if (draw(&random, 2) == 0 || length < PROGRAM_HEAD_BYTES || other_tape < PROGRAM_HEAD_BYTES)
        return append(bytes, length, capacity, other + other_tape, other_length - other_tape);
    bytes[2] = (uint8_t)((length - PROGRAM_HEAD_BYTES) / STEP);
    length = PROGRAM_HEAD_BYTES + (size_t)bytes[2] * STEP;
    steps = (other_tape - PROGRAM_HEAD_BYTES) / STEP;
    room = WORKLOAD_PROGRAM_STEPS_MAX - bytes[2];
    steps = steps > room ? room : steps;
    steps = steps > (capacity - length) / STEP ? (capacity - length) / STEP : steps;
    length = append(bytes, length, capacity, other + PROGRAM_HEAD_BYTES, steps * STEP);
    bytes[2] = (uint8_t)(bytes[2] + steps);
    return append(bytes, length, capacity, one + one_tape, one_length - one_tape);
}
