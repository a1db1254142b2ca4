/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape.h"

#include <string.h>

#include "host_memory.h"

const char *
tape_kind_name(enum choice_kind kind)
{
    static const char *const names[TAPE_KIND_COUNT] = {
        [CHOICE_SCHEDULE] = "schedule", [CHOICE_FAULT] = "fault",       [CHOICE_DELAY] = "delay",
        [CHOICE_PARTIAL] = "partial",   [CHOICE_WORKLOAD] = "workload",
    };

    return names[kind];
}

/* --- seed ------------------------------------------------------------------------------------- */

static uint64_t
rotate_left(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

/* xoshiro256** 1.0, Blackman and Vigna (public domain algorithm). */
uint64_t
tape_seed_bits(struct tape_seed *tape)
{
    uint64_t *state = tape->state;
    uint64_t result = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;

    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

/* The high half of bits * count / 2^32: even enough for any count a machine asks with. */
static uint32_t
bits_below(uint64_t bits, uint32_t count)
{
    return (uint32_t)(((bits >> 32) * count) >> 32);
}

static uint32_t
seed_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_seed *tape = (struct tape_seed *)feeder;
    uint32_t rate = tape->rate_ppm[kind];

    (void)label;
    if (rate == 0)
        return 0;
    if (rate == TAPE_UNIFORM)
        return bits_below(tape_seed_bits(tape), count);
    if (bits_below(tape_seed_bits(tape), 1000000) >= rate)
        return 0;
    if (count == 2)
        return 1;
    return 1 + bits_below(tape_seed_bits(tape), count - 1);
}

void
tape_seed_start(struct tape_seed *tape, uint64_t seed)
{
    memset(tape, 0, sizeof(*tape));
    tape->feeder.next = seed_next;
    for (int index = 0; index < 4; index++) {
        uint64_t word = seed += 0x9e3779b97f4a7c15u; /* splitmix64 */

        word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
        word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
        tape->state[index] = word ^ (word >> 31);
    }
    tape->rate_ppm[CHOICE_SCHEDULE] = 100000;
    tape->rate_ppm[CHOICE_DELAY] = 250000;
    tape->rate_ppm[CHOICE_PARTIAL] = TAPE_UNIFORM;
    tape->rate_ppm[CHOICE_WORKLOAD] = TAPE_UNIFORM;
}

/* --- round robin ------------------------------------------------------------------------------ */

static uint32_t
round_robin_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count,
                 const char *label)
{
    struct tape_round_robin *tape = (struct tape_round_robin *)feeder;

    (void)count;
    if (kind != CHOICE_SCHEDULE)
        return 0;
    /* Where nobody runs, choice 0 is already the one that waited longest. */
    if (strcmp(label, MACHINE_DISPATCH_LABEL) == 0) {
        tape->elapsed = 0;
        return 0;
    }
    if (++tape->elapsed < tape->quantum)
        return 0;
    tape->elapsed = 0;
    return 1;
}

void
tape_round_robin_start(struct tape_round_robin *tape, uint32_t quantum)
{
    tape->feeder.next = round_robin_next;
    tape->quantum = quantum == 0 ? 1 : quantum;
    tape->elapsed = 0;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static uint32_t
bytes_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_bytes *tape = (struct tape_bytes *)feeder;
    unsigned width = count - 1 <= UINT8_MAX ? 1 : count - 1 <= UINT16_MAX ? 2 : 4;
    uint32_t value = 0;

    (void)kind;
    (void)label;
    for (unsigned index = 0; index < width && tape->position < tape->length; index++)
        value |= (uint32_t)tape->bytes[tape->position++] << (8 * index);
    return value % count;
}

void
tape_bytes_start(struct tape_bytes *tape, const void *bytes, size_t length)
{
    tape->feeder.next = bytes_next;
    tape->bytes = bytes;
    tape->length = length;
    tape->position = 0;
}

/* --- recorded tape ---------------------------------------------------------------------------- */

void
tape_free(struct tape *tape)
{
    host_free(tape->choices);
    host_free(tape->words);
    memset(tape, 0, sizeof(*tape));
}

void
tape_append(struct tape *tape, enum choice_kind kind, uint32_t count, uint32_t value,
            const char *label)
{
    if (tape->length == tape->capacity) {
        tape->capacity = tape->capacity == 0 ? 64 : tape->capacity * 2;
        tape->choices = host_reallocate(tape->choices, tape->capacity * sizeof(*tape->choices));
    }
    tape->choices[tape->length++] =
        (struct tape_choice){.kind = kind, .count = count, .value = value, .label = label};
}

static uint32_t
recorder_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_recorder *recorder = (struct tape_recorder *)feeder;
    struct tape_feeder *source = recorder->source;
    uint32_t value = source == NULL ? 0 : source->next(source, kind, count, label);

    tape_append(recorder->tape, kind, count, value, label);
    return value;
}

void
tape_recorder_start(struct tape_recorder *recorder, struct tape_feeder *source, struct tape *tape)
{
    recorder->feeder.next = recorder_next;
    recorder->source = source;
    recorder->tape = tape;
}

static uint32_t
replay_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_replay *replay = (struct tape_replay *)feeder;
    const struct tape_choice *choice;
    size_t position = replay->position;

    if (position >= replay->tape->length)
        return 0;
    replay->position++;
    choice = &replay->tape->choices[position];
    if (replay->diverged_at == SIZE_MAX &&
        (choice->kind != kind || choice->count != count || strcmp(choice->label, label) != 0))
        replay->diverged_at = position;
    return choice->value < count ? choice->value : 0;
}

void
tape_replay_start(struct tape_replay *replay, const struct tape *tape)
{
    replay->feeder.next = replay_next;
    replay->tape = tape;
    replay->position = 0;
    replay->diverged_at = SIZE_MAX;
}
