/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "native_kexts.h"
#include "shrink.h"

enum { SEEDS_MAX = 20000 };

const char *const bench_core_shapes[] = {"life",      "reader-down",    "reopen",
                                         "load-open", "beside-traffic", "detached", NULL};

/* --- shrinking -------------------------------------------------------------------------------------- */

/* The first seed under which a run fails that was switched often enough. Every choice is as likely as any other. */
static bool
long_failure_find(const struct workload *workload, struct run_tape *tape)
{
    const struct explore_job job = {.workload = workload, .driver = BENCH_SHRINK_DRIVER};

    for (uint64_t number = 0; number < SEEDS_MAX; number++) {
        struct explore_outcome outcome;
        struct tape_seed seed;
        bool found;

        tape_seed_start(&seed, number);
        seed.rate_ppm[CHOICE_SCHEDULE] = TAPE_UNIFORM;
        explore_record(&job, &seed.feeder, &outcome);
        found = outcome.tape.outcome != MACHINE_OK &&
                outcome.tape.schedule.length >= BENCH_SHRINK_CHOICES;
        if (found)
            run_tape_copy(tape, &outcome.tape);
        explore_outcome_free(&outcome);
        if (found)
            return true;
    }
    return false;
}

static bool
tape_shrink(const struct workload *workload, struct run_tape *tape, uint64_t (*clock_ns)(void),
            struct bench_shrunk *shrunk)
{
    const uint64_t begin_ns = clock_ns();
    struct shrink_result result;

    shrink(workload, tape, &result);
    shrunk->result.ns = clock_ns() - begin_ns;
    shrunk->result.count = result.runs;
    shrunk->before = result.before;
    shrunk->after = result.after;
    text_free(&result.report);
    return result.reproduced;
}

bool
bench_shrink(uint64_t (*clock_ns)(void), struct bench_shrunk *shrunk, char error[BENCH_ERROR_BYTES])
{
    struct run_tape tape = {0};
    struct workload workload;
    bool good = false;

    memset(shrunk, 0, sizeof(*shrunk));
    if (!workload_find(&workload, BENCH_SHRINK_WORKLOAD, error))
        return false;
    if (!native_kexts_choose(BENCH_SHRINK_DRIVER))
        snprintf(error, BENCH_ERROR_BYTES, "%s: no such driver here", BENCH_SHRINK_DRIVER);
    else if (!long_failure_find(&workload, &tape))
        snprintf(error, BENCH_ERROR_BYTES, "no run failed with %d choices", BENCH_SHRINK_CHOICES);
    else if (!tape_shrink(&workload, &tape, clock_ns, shrunk))
        snprintf(error, BENCH_ERROR_BYTES, "the tape did not fail again");
    else
        good = true;
    (void)native_kexts_choose(NATIVE_KEXT_SHIPPED);
    run_tape_free(&tape);
    workload_end(&workload);
    return good;
}

/* --- covering --------------------------------------------------------------------------------------- */

static bool
workload_cover(const struct workload *workload, struct explore_options *options, struct bench_coverage *coverage,
               char error[BENCH_ERROR_BYTES])
{
    struct explore_result *result = malloc(sizeof(*result));
    bool good;

    if (result == NULL)
        abort();
    options->job.workload = workload;
    good = explore(options, result);
    if (!good)
        snprintf(error, BENCH_ERROR_BYTES, "%.100s: the host has no processes left", workload->name);
    if (good && (result->failure_count > 0 || result->diverged || result->overflowed)) {
        snprintf(error, BENCH_ERROR_BYTES, "%.100s: %.300s", workload->name,
                 result->failure_count > 0 ? result->failures[0].tape.cause : "not covered");
        good = false;
    }
    coverage->result.count += result->runs;
    coverage->result.ns += result->ns;
    coverage->complete = coverage->complete && result->complete;
    explore_result_free(result);
    free(result);
    return good;
}

bool
bench_core(unsigned switches, unsigned jobs, uint64_t for_ns, uint64_t (*clock_ns)(void),
           struct bench_coverage *coverage, char error[BENCH_ERROR_BYTES])
{
    static const char *const devices[] = {"tun", "tap"};
    struct explore_options options = {
        .job = {.driver = NATIVE_KEXT_SHIPPED, .faults = true},
        .settings = {.strategy = EXPLORE_SWITCHES, .bound = switches, .faults = EXPLORE_FAULTS_EACH},
        .jobs = jobs,
        .clock_ns = clock_ns};
    bool good = true;

    *coverage = (struct bench_coverage){.complete = true};
    for (unsigned i = 0; good && bench_core_shapes[i / 2] != NULL; i++) {
        char name[WORKLOAD_NAME_BYTES];
        struct workload workload;

        if (for_ns != 0 && coverage->result.ns >= for_ns) {
            coverage->complete = false;
            break;
        }
        options.for_ns = for_ns == 0 ? 0 : for_ns - coverage->result.ns;
        snprintf(name, sizeof(name), "%s-%s", devices[i % 2], bench_core_shapes[i / 2]);
        good = workload_find(&workload, name, error);
        if (good) {
            good = workload_cover(&workload, &options, coverage, error);
            workload_end(&workload);
        }
    }
    return good;
}
