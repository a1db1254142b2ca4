/* SPDX-License-Identifier: BSD-2-Clause */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

struct shrinker {
    const struct workload *workload;
    struct run_tape *tape; /* the shortest that fails */
    struct shrink_result *result;
};

/* Runs a candidate; if it fails in the same way, what it really did becomes the tape. */
static bool
candidate_try(struct shrinker *shrinker, const struct run_tape *candidate)
{
    struct explore_outcome outcome;
    struct run_tape *tape = shrinker->tape;
    bool same;

    explore_play_apart(shrinker->workload, candidate, &outcome);
    shrinker->result->runs++;
    same = outcome.tape.crashed == tape->crashed && outcome.tape.outcome == tape->outcome &&
           strcmp(outcome.tape.cause, tape->cause) == 0;
    if (same) {
        run_tape_copy(tape, &outcome.tape);
        text_free(&shrinker->result->report);
        text_add(&shrinker->result->report, "%s", text_bytes(&outcome.report));
    }
    explore_outcome_free(&outcome);
    return same;
}

/* --- leaving choices out ---------------------------------------------------------------------------- */

static bool
is_of(const struct schedule_entry *entry, bool schedules)
{
    return (entry->kind == CHOICE_SCHEDULE) == schedules;
}

static size_t
count_of(const struct schedule *schedule, bool schedules)
{
    size_t count = 0;

    for (size_t i = 0; i < schedule->length; i++)
        count += is_of(&schedule->entries[i], schedules);
    return count;
}

/* The tape without the choices of one sort from the first-th to before the last-th. */
static bool
try_without(struct shrinker *shrinker, bool schedules, size_t first, size_t last)
{
    const struct schedule *all = &shrinker->tape->schedule;
    struct run_tape candidate = {0};
    size_t nth = 0;
    bool good;

    run_tape_copy(&candidate, shrinker->tape);
    candidate.schedule.length = 0;
    for (size_t i = 0; i < all->length; i++) {
        if (is_of(&all->entries[i], schedules) && nth++ >= first && nth <= last)
            continue;
        schedule_add(&candidate.schedule, &all->entries[i]);
    }
    good = candidate_try(shrinker, &candidate);
    run_tape_free(&candidate);
    return good;
}

/* From halves to single ones, from the end of the run to its beginning. */
static bool
leave_choices_out(struct shrinker *shrinker, bool schedules)
{
    size_t count = count_of(&shrinker->tape->schedule, schedules);
    size_t chunk = count;
    bool progress = false;

    while (chunk > 0) {
        size_t last = count_of(&shrinker->tape->schedule, schedules);

        while (last > 0) {
            size_t first = last > chunk ? last - chunk : 0;

            /* It may have become longer or shorter by more: the end is looked up anew. */
            if (try_without(shrinker, schedules, first, last)) {
                progress = true;
                count = count_of(&shrinker->tape->schedule, schedules);
                last = first < count ? first : count;
            } else {
                last = first;
            }
        }
        chunk = chunk > 1 ? (chunk + 1) / 2 : 0;
    }
    return progress;
}

/* A delay as short as it can be, a copy that fails as late as it can. */
static bool
lower_values(struct shrinker *shrinker)
{
    bool progress = false;

    for (size_t i = 0; i < shrinker->tape->schedule.length; i++) {
        struct run_tape candidate = {0};

        run_tape_copy(&candidate, shrinker->tape);
        if (candidate.schedule.entries[i].kind != CHOICE_SCHEDULE &&
            candidate.schedule.entries[i].value > 1) {
            candidate.schedule.entries[i].value = 1;
            progress = candidate_try(shrinker, &candidate) || progress;
        }
        run_tape_free(&candidate);
    }
    return progress;
}

/* --- leaving steps out ------------------------------------------------------------------------------ */

static bool
has_skip(const struct run_tape *tape, unsigned thread, unsigned step)
{
    for (size_t i = 0; i < tape->skip_count; i++) {
        if (tape->skips[i].thread == thread && tape->skips[i].step == step)
            return true;
    }
    return false;
}

static bool
try_without_step(struct shrinker *shrinker, unsigned thread, unsigned step)
{
    struct run_tape candidate = {0};
    bool good;

    if (shrinker->tape->skip_count == WORKLOAD_SKIPS_MAX || has_skip(shrinker->tape, thread, step))
        return false;
    /* Who waits for what nobody does any more hangs, and rightly: the tape has to say something of every driver. */
    if (workload_step_wakes(shrinker->workload, thread, step))
        return false;
    run_tape_copy(&candidate, shrinker->tape);
    candidate.skips[candidate.skip_count++] = (struct workload_skip){thread, step};
    good = candidate_try(shrinker, &candidate);
    run_tape_free(&candidate);
    return good;
}

static bool
leave_steps_out(struct shrinker *shrinker)
{
    bool progress = false;

    for (unsigned thread = 0; thread < workload_thread_count(shrinker->workload); thread++) {
        for (unsigned step = workload_step_count(shrinker->workload, thread); step-- > 0;)
            progress = try_without_step(shrinker, thread, step) || progress;
    }
    return progress;
}

void
shrink(const struct workload *workload, struct run_tape *tape, struct shrink_result *result)
{
    struct shrinker shrinker = {workload, tape, result};
    bool progress;

    memset(result, 0, sizeof(*result));
    result->before = tape->schedule.length + tape->skip_count;
    {
        struct run_tape same = {0};

        run_tape_copy(&same, tape);
        result->reproduced = candidate_try(&shrinker, &same);
        run_tape_free(&same);
    }
    if (!result->reproduced)
        return;
    do {
        progress = leave_choices_out(&shrinker, true);
        progress = leave_choices_out(&shrinker, false) || progress;
        progress = lower_values(&shrinker) || progress;
        progress = leave_steps_out(&shrinker) || progress;
    } while (progress);
    result->after = tape->schedule.length;
}
