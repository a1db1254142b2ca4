/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_PROGRAM_BYTES_H
#define FUZZ_PROGRAM_BYTES_H

/*
 * The input of fuzz_syscalls: a program (workload_program.h), the release it runs on, its schedule and its faults.
 *
 *     byte 0        bit 0: tap; bit 1: not used; bits 2-3: before; bit 4: forked; bits 5-7: the release
 *     byte 1        two bits for each of four threads, the first in the lowest: its process, modulo 3
 *     byte 2        how many steps follow, modulo WORKLOAD_PROGRAM_STEPS_MAX + 1
 *     2 for each    byte 0: bits 0-1: the thread; bits 2-7: the act, modulo their number; byte 1: the argument
 *     the rest      the tape of choices (tape_sparse.h); operations may fail if it has a pair that lets one fail
 *
 * Any bytes are an input; what is missing is 0, and a thread without steps is none. seeds/syscalls.py writes the same.
 */

#include <stddef.h>
#include <stdint.h>

#include <workload_program.h>

/* The acts (workload_shape.h) by their number in an input. Corpora stand on this order: new ones go to the end. */
#define PROGRAM_ACTS(X) \
    X(LOAD) X(UNLOAD) X(OPEN) X(OPEN_NONBLOCK) X(CLOSE) X(READ) X(READ_TO_END) X(READ_FAULT) \
    X(WRITE) X(WRITE_FAULT) X(ADDRESS) X(UP) X(DOWN) X(MTU) X(LLADDR) X(STATUS) X(SEND) \
    X(SELECT_READ) X(SELECT_WRITE) X(NONBLOCK) X(ASYNC) X(HEAD) X(READABLE) X(CAPTURE) \
    X(CAPTURE_END) X(DETACH) X(SIGNAL) X(WAIT) X(DUP) X(FORK) X(KILL)

enum program_act {
#define PROGRAM_ACT_ENUMERATOR(act) PROGRAM_##act,
    PROGRAM_ACTS(PROGRAM_ACT_ENUMERATOR)
#undef PROGRAM_ACT_ENUMERATOR
    PROGRAM_ACT_COUNT
};

enum { PROGRAM_HEAD_BYTES = 3, PROGRAM_STEP_BYTES = 2 };

struct program_input {
    struct workload_program program;
    int darwin_major;
    bool faults;
    const uint8_t *tape; /* in the input */
    size_t tape_bytes;
};

void program_input_decode(struct program_input *input, const uint8_t *bytes, size_t length);

/* Bytes of the head and the steps in an input of that length: where its tape begins. */
size_t program_tape_offset(const uint8_t *bytes, size_t length);

/*
 * A neighbour of the input, in place: one to four edits of steps, arguments, threads, head and tape, each of which leaves
 * the rest what it means. Returns the new length, at most `capacity`. The same seed and bytes give the same.
 */
size_t program_mutate(uint8_t *bytes, size_t length, size_t capacity, uint32_t seed);

/* The steps of one with the tape of the other, or some steps of the other behind those of the one. */
size_t program_cross(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length, uint8_t *bytes,
                     size_t capacity, uint32_t seed);

#endif
