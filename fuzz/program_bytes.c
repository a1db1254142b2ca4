/* SPDX-License-Identifier: BSD-2-Clause */
#include "program_bytes.h"

#include <tape_sparse.h>

#include "fuzz_input.h"

enum { THREADS = WORKLOAD_THREADS_MAX, PROCESSES = 3, NONE = THREADS };

static const int releases[] = {19, 10, 13, 15, 17, 20, 22, 24};
static const int mtus[] = {1400, 72, 576, 1500, 9000, 65535};
static const int times_ms[] = {0, 1, 10, 50, 100, 200, 1000, 3000};

#define PICK(table, byte) ((table)[(byte) % (sizeof(table) / sizeof((table)[0]))])

static int
argument_of(enum workload_act act, uint8_t byte)
{
    int first, last;

    if (act == WORKLOAD_MTU)
        return PICK(mtus, byte);
    if (act == WORKLOAD_WAIT || act == WORKLOAD_FORK)
        return PICK(times_ms, byte);
    if (!workload_argument_range(act, &first, &last))
        return 0;
    return first + byte % (last - first + 1);
}

/* What cannot be on this device or release becomes a call that looks. */
static enum workload_act
act_of(const struct program_input *input, uint8_t byte)
{
#define ACT(act) WORKLOAD_##act,
    static const enum workload_act acts[] = {PROGRAM_ACTS(ACT)};
#undef ACT
    const enum workload_act act = PICK(acts, byte >> 2);

    if (act == WORKLOAD_HEAD && input->program.device == PACKET_DEVICE_TAP)
        return WORKLOAD_READABLE;
    /* workload_shapes.c, "detached" */
    return act == WORKLOAD_DETACH && input->darwin_major < 11 ? WORKLOAD_STATUS : act;
}

size_t
program_tape_offset(const uint8_t *bytes, size_t length)
{
    size_t steps = length < PROGRAM_HEAD_BYTES ? 0 : bytes[2] % (WORKLOAD_PROGRAM_STEPS_MAX + 1);
    size_t offset = PROGRAM_HEAD_BYTES + steps * PROGRAM_STEP_BYTES;

    return offset > length ? length : offset;
}

static void
steps_decode(struct program_input *input, struct fuzz_input *bytes, unsigned processes)
{
    const struct fuzz_input steps = *bytes;
    unsigned threads[THREADS] = {NONE, NONE, NONE, NONE};

    /* Threads that do something, in their order. */
    while (!fuzz_input_is_empty(bytes)) {
        threads[fuzz_input_u8(bytes) & 3] = 0;
        (void)fuzz_input_u8(bytes);
    }
    for (unsigned thread = 0; thread < THREADS; thread++) {
        if (threads[thread] == NONE)
            continue;
        threads[thread] = input->program.thread_count;
        (void)workload_program_thread(&input->program, (processes >> 2 * thread & 3) % PROCESSES);
    }
    *bytes = steps;
    while (!fuzz_input_is_empty(bytes)) {
        uint8_t what = fuzz_input_u8(bytes), argument = fuzz_input_u8(bytes);
        enum workload_act act = act_of(input, what);

        (void)workload_program_step(&input->program, threads[what & 3], act, argument_of(act, argument));
    }
}

static bool
has_fault(const uint8_t *tape, size_t length)
{
    for (size_t at = 0; length - at >= TAPE_SPARSE_PAIR_BYTES; at += TAPE_SPARSE_PAIR_BYTES) {
        if (tape_sparse_lane_of(tape + at) == TAPE_SPARSE_FAULT)
            return true;
    }
    return false;
}

void
program_input_decode(struct program_input *input, const uint8_t *bytes, size_t length)
{
    size_t tape = program_tape_offset(bytes, length);
    struct fuzz_input head = fuzz_input_of(bytes, tape);
    uint8_t bits = fuzz_input_u8(&head), processes = fuzz_input_u8(&head);

    (void)fuzz_input_u8(&head);
    workload_program_start(&input->program, bits & 1 ? PACKET_DEVICE_TAP : PACKET_DEVICE_TUN,
                           (enum workload_before)(bits >> 2 & 3), bits >> 4 & 1);
    input->darwin_major = releases[bits >> 5];
    input->tape = bytes + tape;
    input->tape_bytes = length - tape;
    input->faults = has_fault(input->tape, input->tape_bytes);
    steps_decode(input, &head, processes);
}
