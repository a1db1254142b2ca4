/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of several processes against the drivers, with schedule and faults, each from boot to unload: program_bytes.h.
 *
 * Oracle: the machine ends well (no panic, hang, leak, broken contract or lock order), each call answers what the manual
 * allows, packets reach whom they are for, once, whole, and all of them where nothing may lose one (workload_program.h);
 * and one in sixteen inputs is run twice and must be the same run in all that can be observed.
 *
 *     fuzz_syscalls --text INPUT            the program in words
 *     fuzz_syscalls --tape FILE INPUT       what the input does as a tape for tuntapsim replay-tape, shrink and trace;
 *                                           exit status 1: it fails
 *     fuzz_syscalls --driver NAME ...       another driver, where there are some (fuzz_negative_syscalls)
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <explore_run.h>
#include <native_kexts.h>
#include <tape_sparse.h>

#include "oracle.h"
#include "program_bytes.h"

enum { INPUT_BYTES_MAX = 1 << 16, TWICE_MASK = 15, STATUS_FAILED = 1, STATUS_BAD_INPUT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *count, char ***words);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t capacity, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length,
                                 uint8_t *bytes, size_t capacity, unsigned seed);

static const char *driver = NATIVE_KEXT_SHIPPED;

/* --- choices ---------------------------------------------------------------------------------------- */

/* The input's, but for one that no driver survives. */
struct choices {
    struct tape_feeder feeder;
    struct tape_sparse tape;
    bool no_half_made;
};

static uint32_t
choices_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct choices *choices = (struct choices *)feeder;
    uint32_t value = choices->tape.feeder.next(&choices->tape.feeder, kind, count, label);

    return choices->no_half_made && strcmp(label, "ifnet_attach late") == 0 && kind == CHOICE_FAULT ? 0 : value;
}

static bool
program_unloads(const struct workload_program *program)
{
    for (unsigned thread = 0; thread < program->thread_count; thread++) {
        for (unsigned step = 0; step < program->threads[thread].count; step++) {
            if (program->threads[thread].steps[step].act == WORKLOAD_UNLOAD)
                return true;
        }
    }
    return false;
}

/*
 * When ifnet_attach fails late, XNU from 10.13 on keeps the record half made and gives it away again, and then panics. The
 * driver asks for another one in the same load (kext_glue/ifnet.c); of an earlier load it cannot know
 * (tests/driver/test_faults.c).
 */
static struct tape_feeder *
choices_start(struct choices *choices, const struct program_input *input)
{
    choices->feeder.next = choices_next;
    choices->no_half_made = input->darwin_major >= 17 && program_unloads(&input->program);
    tape_sparse_start(&choices->tape, input->tape, input->tape_bytes);
    return &choices->feeder;
}

/* --- a run ------------------------------------------------------------------------------------------ */

static void
input_run(const struct program_input *input, const struct workload *workload, struct workload_result *result)
{
    struct choices choices;
    const struct workload_options options = {.darwin_major = input->darwin_major,
                                             .feeder = choices_start(&choices, input),
                                             .faults = input->faults};

    workload_run(workload, &options, result);
}

static uint64_t
run_and_judge(const struct program_input *input, const struct workload *workload)
{
    struct workload_result result;
    uint64_t hash;

    input_run(input, workload, &result);
    if (result.outcome != MACHINE_OK) {
        struct text text = {0};
        char cause[CAUSE_BYTES];

        workload_program_text(&input->program, &text);
        run_cause(result.outcome, text_bytes(&result.report), cause);
        fputs(text_bytes(&result.report), stderr);
        ORACLE(result.outcome == MACHINE_OK, "%s (darwin%d, %s)", cause, input->darwin_major, text_bytes(&text));
    }
    hash = result.hash;
    workload_result_free(&result);
    return hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct program_input input;
    struct workload_shape shape;
    struct workload workload = {.program = &input.program, .shape = &shape};
    uint64_t first, second;
    unsigned sum = 0;

    program_input_decode(&input, bytes, length);
    workload_program_shape(&input.program, &shape);
    workload.device = input.program.device;
    first = run_and_judge(&input, &workload);
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    if ((sum & TWICE_MASK) != 0)
        return 0;
    second = run_and_judge(&input, &workload);
    ORACLE(first == second, "the same input was run as %016llx and as %016llx", (unsigned long long)first,
           (unsigned long long)second);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t capacity, unsigned seed)
{
    return program_mutate(bytes, length, capacity, seed);
}

size_t
LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length,
                          uint8_t *bytes, size_t capacity, unsigned seed)
{
    return program_cross(one, one_length, other, other_length, bytes, capacity, seed);
}

/* --- the command ------------------------------------------------------------------------------------ */

static _Noreturn void
usage(void)
{
    fputs("usage: fuzz_syscalls [--driver NAME] [--text INPUT | --tape FILE INPUT | words of the engine]\n", stderr);
    exit(STATUS_BAD_INPUT);
}

static size_t
input_load(const char *path, uint8_t bytes[INPUT_BYTES_MAX])
{
    FILE *file = fopen(path, "rb");
    size_t length;

    if (file == NULL) {
        perror(path);
        exit(STATUS_BAD_INPUT);
    }
    length = fread(bytes, 1, INPUT_BYTES_MAX, file);
    if (ferror(file)) {
        perror(path);
        exit(STATUS_BAD_INPUT);
    }
    fclose(file);
    return length;
}

static void
print_text(const struct program_input *input)
{
    struct text text = {0};

    workload_program_text(&input->program, &text);
    printf("%s\n(darwin%d, %s, %zu bytes of choices)\n", text_bytes(&text), input->darwin_major,
           input->faults ? "operations may fail" : "nothing fails", input->tape_bytes);
    text_free(&text);
}

static int
tape_write(const struct program_input *input, const char *path)
{
    struct text text = {0};
    char error[RUN_TAPE_ERROR_BYTES];
    struct explore_outcome outcome;
    struct choices choices;
    struct workload workload;
    struct explore_job job = {&workload, input->darwin_major, driver, input->faults};
    int status = 0;

    workload_program_text(&input->program, &text);
    if (!workload_find(&workload, text_bytes(&text), error))
        abort(); /* a program's text is one */
    explore_record_apart(&job, choices_start(&choices, input), &outcome);
    if (!run_tape_save(&outcome.tape, text_bytes(&outcome.report), path, error)) {
        fprintf(stderr, "fuzz_syscalls: %s\n", error);
        status = STATUS_BAD_INPUT;
    } else {
        printf("%s: %s\n", path, outcome.tape.cause);
        status = outcome.tape.crashed || outcome.tape.outcome != MACHINE_OK ? STATUS_FAILED : 0;
    }
    explore_outcome_free(&outcome);
    workload_end(&workload);
    text_free(&text);
    return status;
}

/* Takes the words that are ours; those of the engine are left to it. */
int
LLVMFuzzerInitialize(int *count, char ***words)
{
    static uint8_t bytes[INPUT_BYTES_MAX];
    struct program_input input;
    char **word = *words;

    if (*count > 1 && strcmp(word[1], "--driver") == 0) {
        if (*count < 3 || !native_kexts_choose(word[2])) {
            fprintf(stderr, "fuzz_syscalls: %s: no such driver here\n", *count < 3 ? "--driver" : word[2]);
            exit(STATUS_BAD_INPUT);
        }
        driver = word[2];
        word[2] = word[0];
        word += 2;
        *words = word;
        *count -= 2;
    }
    if (*count > 1 && strcmp(word[1], "--text") == 0) {
        if (*count != 3)
            usage();
        program_input_decode(&input, bytes, input_load(word[2], bytes));
        print_text(&input);
        exit(0);
    }
    if (*count > 1 && strcmp(word[1], "--tape") == 0) {
        if (*count != 4)
            usage();
        program_input_decode(&input, bytes, input_load(word[3], bytes));
        exit(tape_write(&input, word[2]));
    }
    return 0;
}
