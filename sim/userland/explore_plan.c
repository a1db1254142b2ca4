/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore_plan.h"

#include <string.h>

enum { LENGTH_GUESS = 500, FAULT_LENGTH_GUESS = 50, PPM = 1000000 };

bool
explore_is_systematic(enum explore_strategy strategy)
{
    return strategy >= EXPLORE_SWITCHES;
}

static bool
faults_each(const struct explore_plan *plan)
{
    return plan->settings.faults == EXPLORE_FAULTS_EACH;
}

/* --- the source of a run ------------------------------------------------------------------------ */

static uint64_t
run_seed(const struct explore_plan *plan)
{
    return plan->settings.seed + plan->index * UINT64_C(0x9e3779b97f4a7c15);
}

static void
dfs_start(struct explore_plan *plan)
{
    const struct explore_settings *settings = &plan->settings;
    const struct tape_dfs_limits limits = {
        .mode = (enum tape_dfs_mode)(settings->strategy - EXPLORE_SWITCHES),
        .bound = settings->bound,
        .faults = settings->faults == EXPLORE_FAULTS_RANDOM ? settings->fault_count : 0,
        .parts = faults_each(plan) ? 1 : settings->parts,
        .part = faults_each(plan) ? 0 : settings->part};

    tape_dfs_start(&plan->source.dfs, &limits, plan->nodes, EXPLORE_NODES);
}

/* So many faults in a run on average. */
static uint32_t
fault_rate(const struct explore_plan *plan)
{
    const struct explore_settings *settings = &plan->settings;
    uint64_t rate = (uint64_t)settings->fault_count * PPM / (plan->fault_length + 1);

    if (settings->faults != EXPLORE_FAULTS_RANDOM)
        return 0;
    return rate > PPM ? PPM : (uint32_t)rate;
}

static struct tape_feeder *
source_begin(struct explore_plan *plan)
{
    switch (plan->settings.strategy) {
    case EXPLORE_RANDOM:
        tape_seed_start(&plan->source.seed, run_seed(plan));
        plan->source.seed.rate_ppm[CHOICE_FAULT] = fault_rate(plan);
        return &plan->source.seed.feeder;
    case EXPLORE_PCT:
        tape_pct_start(&plan->source.pct, run_seed(plan), plan->settings.bound, plan->length);
        plan->source.pct.seed.rate_ppm[CHOICE_FAULT] = fault_rate(plan);
        return &plan->source.pct.feeder;
    case EXPLORE_ROUND_ROBIN:
        tape_round_robin_start(&plan->source.round_robin, (uint32_t)plan->index + 1);
        return &plan->source.round_robin.feeder;
    default:
        tape_dfs_again(&plan->source.dfs);
        return &plan->source.dfs.feeder;
    }
}

/* --- faults ------------------------------------------------------------------------------------- */

static uint32_t
limit_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct explore_fault_limit *limit = (struct explore_fault_limit *)feeder;
    uint32_t value = limit->source->next(limit->source, kind, count, label);

    if (kind != CHOICE_FAULT || value == 0)
        return value;
    if (limit->left == 0)
        return 0;
    limit->left--;
    return value;
}

struct tape_feeder *
explore_plan_feeder(struct explore_plan *plan)
{
    struct tape_feeder *source = source_begin(plan);

    if (faults_each(plan)) {
        tape_fault_start(&plan->fault, source, plan->fault_at, plan->for_good);
        return &plan->fault.feeder;
    }
    plan->limit = (struct explore_fault_limit){{limit_next}, source, plan->settings.fault_count};
    return plan->settings.faults == EXPLORE_FAULTS_RANDOM ? &plan->limit.feeder : source;
}

/* --- from run to run ---------------------------------------------------------------------------- */

/* All schedules from the first one, with the fault that is due. */
static void
turn_begin(struct explore_plan *plan)
{
    plan->index = faults_each(plan) || explore_is_systematic(plan->settings.strategy)
                      ? 0
                      : plan->settings.part;
    plan->hit = false;
    if (explore_is_systematic(plan->settings.strategy))
        dfs_start(plan);
}

bool
explore_plan_start(struct explore_plan *plan, const struct explore_settings *settings)
{
    plan->settings = *settings;
    plan->fault_at = UINT32_MAX;
    plan->for_good = false;
    plan->fault_points = 0;
    plan->schedules_most = 0;
    plan->length = LENGTH_GUESS;
    plan->fault_length = FAULT_LENGTH_GUESS;
    plan->diverged = false;
    plan->overflowed = false;
    /* The turn without a fault belongs to the first part. */
    if (faults_each(plan) && settings->part > 0)
        plan->fault_at = settings->part - 1;
    turn_begin(plan);
    return explore_is_systematic(settings->strategy) || settings->runs == 0 ||
           plan->index < settings->runs;
}

bool
explore_plan_counts(const struct explore_plan *plan)
{
    return !explore_is_systematic(plan->settings.strategy) || tape_dfs_counts(&plan->source.dfs);
}

static bool
schedule_next(struct explore_plan *plan)
{
    const struct explore_settings *settings = &plan->settings;
    bool more;

    if (explore_is_systematic(settings->strategy)) {
        more = tape_dfs_advance(&plan->source.dfs);
        plan->diverged = plan->diverged || plan->source.dfs.diverged;
        plan->overflowed = plan->overflowed || plan->source.dfs.overflowed;
        plan->index = plan->source.dfs.schedules;
    } else {
        plan->index += faults_each(plan) ? 1 : settings->parts;
        more = settings->runs == 0 || plan->index < settings->runs;
    }
    if (plan->index > plan->schedules_most)
        plan->schedules_most = plan->index;
    return more;
}

/* Once, for good, then the next operation; the end is one that no schedule came to. */
static bool
fault_next(struct explore_plan *plan)
{
    if (!faults_each(plan))
        return false;
    if (plan->fault_at == UINT32_MAX) {
        plan->fault_at = plan->settings.parts - 1;
    } else if (!plan->for_good) {
        if (!plan->hit)
            return false;
        plan->for_good = true;
    } else {
        plan->for_good = false;
        plan->fault_at += plan->settings.parts;
    }
    turn_begin(plan);
    return true;
}

bool
explore_plan_next(struct explore_plan *plan, uint32_t schedule_choices, uint32_t fault_choices)
{
    if (schedule_choices > 0)
        plan->length = schedule_choices;
    if (fault_choices > 0)
        plan->fault_length = fault_choices;
    if (faults_each(plan) && plan->fault.hit) {
        plan->hit = true;
        if (plan->fault_at + 1 > plan->fault_points)
            plan->fault_points = plan->fault_at + 1;
    }
    return schedule_next(plan) || fault_next(plan);
}
