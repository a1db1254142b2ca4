/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target that looks by itself, always in the same way, among mutants of its seeds: proof that it can see.
 *
 *     fuzz_negative_NAME [--driver ID] --runs N --seed S [--out FILE] FOLDER
 *
 * Runs each seed-* of the folder in the order of their names, then mutants of them until there were N runs. Only what the
 * target says itself decides which: no coverage, no clock. Exit status 1: the target failed, or crashed, at the run that
 * standard output names, and its input is in FILE; 0: it did not; 2: bad use or no seeds, with one line on stderr.
 * --driver (another driver, from tests/museum) and what else the target's own LLVMFuzzerInitialize knows come first.
 */
#define _DEFAULT_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <variants.h>

enum { INPUT_BYTES_MAX = 512, SEEDS_MAX = 1024, CROSSED_IN = 4, STATUS_FOUND = 1, STATUS_BAD_INPUT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *count, char ***words);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t capacity, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_length, const uint8_t *other, size_t other_length,
                                 uint8_t *bytes, size_t capacity, unsigned seed);

struct input {
    uint8_t bytes[INPUT_BYTES_MAX];
    size_t length;
};

static struct input seeds[SEEDS_MAX];
static unsigned seed_count;

/* What runs, for the handler of signals. */
static struct input current;
static unsigned long run_number;
static const char *out_path;

static _Noreturn void
complain(const char *what, const char *why)
{
    fprintf(stderr, "fuzz_negative: %s: %s\n", what, why);
    exit(STATUS_BAD_INPUT);
}

/* --- seeds ------------------------------------------------------------------------------------------ */

/* Not what engines found since: with each new input there all others would be drawn differently. */
static int
entry_is_seed(const struct dirent *entry)
{
    return strncmp(entry->d_name, "seed-", 5) == 0;
}

static int
entry_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
seed_load(const char *path)
{
    struct input *seed = &seeds[seed_count];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        complain(path, strerror(errno));
    seed->length = fread(seed->bytes, 1, sizeof(seed->bytes), file);
    /* What is longer is no seed for a target of so small inputs. */
    if (ferror(file) || seed_count == SEEDS_MAX - 1 || fgetc(file) != EOF)
        complain(path, "cannot be read, is too long or one too many");
    seed_count++;
    fclose(file);
}

static void
seeds_load(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, entry_is_seed, entry_compare);
    char path[4096];

    if (count < 0)
        complain(folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name) >= (int)sizeof(path))
            complain(folder, "the path is too long");
        seed_load(path);
        free(entries[i]);
    }
    free(entries);
    if (seed_count == 0)
        complain(folder, "no seeds in it");
}

/* --- runs ------------------------------------------------------------------------------------------- */

static void
found(int number)
{
    FILE *file = out_path == NULL ? NULL : fopen(out_path, "wb");

    /* Whatever state the target is in, this is the last that the process does. */
    printf("found in run %lu (signal %d)\n", run_number, number);
    fflush(stdout);
    if (file != NULL) {
        fwrite(current.bytes, 1, current.length, file);
        fclose(file);
    }
    _exit(STATUS_FOUND);
}

static uint32_t
draw(uint64_t *state, uint32_t count)
{
    uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);

    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((((word ^ (word >> 31)) >> 32) * count) >> 32);
}

static void
mutant_make(uint64_t *state)
{
    const struct input *seed = &seeds[draw(state, seed_count)], *other = &seeds[draw(state, seed_count)];

    current = *seed;
    if (draw(state, CROSSED_IN) == 0)
        current.length = LLVMFuzzerCustomCrossOver(seed->bytes, seed->length, other->bytes, other->length,
                                                   current.bytes, INPUT_BYTES_MAX, draw(state, UINT32_MAX));
    current.length = LLVMFuzzerCustomMutator(current.bytes, current.length, INPUT_BYTES_MAX, draw(state, UINT32_MAX));
}

static void
inputs_run(unsigned long runs, uint64_t state)
{
    for (run_number = 1; run_number <= runs; run_number++) {
        if (run_number <= seed_count)
            current = seeds[run_number - 1];
        else
            mutant_make(&state);
        LLVMFuzzerTestOneInput(current.bytes, current.length);
    }
    printf("nothing found in %lu runs\n", runs);
}

static unsigned long
number_of(const char *option, const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    if (*word < '0' || *word > '9' || *end != '\0')
        complain(option, "not a number");
    return value;
}

int
main(int count, char **words)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    unsigned long runs = 0, seed = 1;
    int word = 1;

    native_kexts_offer(museum_variants);
    if (LLVMFuzzerInitialize(&count, &words) != 0)
        return STATUS_BAD_INPUT;
    for (; word + 1 < count; word += 2) {
        if (strcmp(words[word], "--runs") == 0)
            runs = number_of("--runs", words[word + 1]);
        else if (strcmp(words[word], "--seed") == 0)
            seed = number_of("--seed", words[word + 1]);
        else if (strcmp(words[word], "--out") == 0)
            out_path = words[word + 1];
        else
            complain(words[word], "no such option");
    }
    if (word + 1 != count || runs == 0)
        complain("usage", "fuzz_negative_NAME [--driver ID] --runs N --seed S [--out FILE] FOLDER");
    seeds_load(words[word]);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], found);
    inputs_run(runs, seed);
    return 0;
}
