/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <explore.h>
#include <native_kexts.h>
#include <shrink.h>

#include "main.h"

/* No test depends on time. */
static uint64_t
no_clock(void)
{
    return 0;
}

static struct workload workload;
static struct explore_result result;

static void
explore_named(const char *name, struct explore_options *options)
{
    char error[WORKLOAD_ERROR_BYTES];

    ck_assert_msg(workload_find(&workload, name, error), "%s", error);
    options->job.workload = &workload;
    options->job.driver = NATIVE_KEXT_SHIPPED;
    options->job.faults = options->settings.faults != EXPLORE_FAULTS_NONE;
    options->clock_ns = no_clock;
    if (options->jobs == 0)
        options->jobs = 1;
    ck_assert(explore(options, &result));
}

START_TEST(runs_are_as_many_as_were_asked_for)
{
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct explore_options options = {.jobs = jobs, .settings = {.runs = 20, .seed = 1}};

        explore_named("tun-signal", &options);
        ck_assert_uint_eq(result.runs, 20);
        ck_assert_uint_eq(result.failed_runs, 0);
        ck_assert(result.complete);
        explore_result_free(&result);
    }
}
END_TEST

START_TEST(several_processes_make_the_schedules_of_one)
{
    uint64_t runs[3], steps[3];

    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct explore_options options = {.jobs = jobs,
                                          .settings = {.strategy = EXPLORE_SWITCHES, .bound = 1}};

        explore_named("tun-reader-down", &options);
        ck_assert(result.complete);
        ck_assert(!result.diverged);
        runs[jobs - 1] = result.runs;
        steps[jobs - 1] = result.steps;
        explore_result_free(&result);
    }
    ck_assert_uint_gt(runs[0], 50);
    ck_assert_uint_eq(runs[1], runs[0]);
    ck_assert_uint_eq(runs[2], runs[0]);
    ck_assert_uint_eq(steps[2], steps[0]);
}
END_TEST

/* Each fault point once and for good, and the run without a fault. */
START_TEST(each_fault_is_made_once_and_for_good)
{
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct explore_options options = {.jobs = jobs,
                                          .settings = {.strategy = EXPLORE_SWITCHES,
                                                       .faults = EXPLORE_FAULTS_EACH}};

        explore_named("tap-packet", &options);
        ck_assert(result.complete);
        ck_assert_uint_gt(result.fault_points, 2);
        ck_assert_uint_eq(result.schedules_most, 1);
        /* One more for each process: the turn in which nothing was left to fail. */
        ck_assert_uint_eq(result.runs, 2 * result.fault_points + 1 + jobs);
        explore_result_free(&result);
    }
}
END_TEST

/* A workload that hangs without a fault of anybody: the reader's waker fails. */
static void
failing_tape(struct run_tape *tape)
{
    static const char text[] = "tuntap run 1\nworkload tun-reader-down\nkernel darwin19\ndriver shipped\nfaults no\n"
                               "outcome hang\ncause hang: reader in \"tun\"\nwithout 1.0\n"
                               "schedule 1 of 3 at \"lck_mtx_lock\" 1 by 7 (reader) to 9 (net)\n"
                               "schedule 1 of 2 at \"lck_mtx_lock\" 2 by 9 (net) to 7 (reader)\nend\n";
    char error[RUN_TAPE_ERROR_BYTES];

    ck_assert_msg(run_tape_parse(tape, text, error), "%s", error);
}

START_TEST(a_tape_is_played_the_same_each_time)
{
    struct explore_outcome first, second;
    struct explore_witness nobody = {.context = NULL};
    char error[WORKLOAD_ERROR_BYTES];
    struct run_tape tape;

    failing_tape(&tape);
    ck_assert(workload_find(&workload, tape.workload, error));
    explore_play_apart(&workload, &tape, &first);
    explore_play(&workload, &tape, &nobody, &second);
    ck_assert_str_eq(first.tape.cause, tape.cause);
    ck_assert_uint_eq(first.hash, second.hash);
    ck_assert_uint_eq(first.steps, second.steps);
    ck_assert_uint_eq(first.unmet, 0);
    ck_assert_uint_eq(second.unmet, 0);
    ck_assert_uint_eq(first.tape.schedule.length, 2);
    ck_assert(schedule_equal(&first.tape.schedule, &second.tape.schedule));
    explore_outcome_free(&first);
    explore_outcome_free(&second);
    run_tape_free(&tape);
}
END_TEST

START_TEST(a_tape_is_shrunk_to_what_it_needs)
{
    char error[WORKLOAD_ERROR_BYTES];
    struct shrink_result shrunk;
    struct run_tape tape;

    failing_tape(&tape);
    ck_assert(workload_find(&workload, tape.workload, error));
    shrink(&workload, &tape, &shrunk);
    ck_assert(shrunk.reproduced);
    ck_assert_uint_eq(tape.schedule.length, 0);
    ck_assert_uint_eq(tape.skip_count, 1); /* what it began with: without it nothing fails */
    ck_assert_ptr_nonnull(strstr(text_bytes(&shrunk.report), "hang: "));
    text_free(&shrunk.report);
    run_tape_free(&tape);
}
END_TEST

START_TEST(a_tape_that_does_not_fail_is_left_alone)
{
    char error[WORKLOAD_ERROR_BYTES];
    struct shrink_result shrunk;
    struct run_tape tape;

    failing_tape(&tape);
    strcpy(tape.cause, "hang: somebody else");
    ck_assert(workload_find(&workload, tape.workload, error));
    shrink(&workload, &tape, &shrunk);
    ck_assert(!shrunk.reproduced);
    ck_assert_uint_eq(tape.schedule.length, 2);
    ck_assert_uint_eq(shrunk.runs, 1);
    text_free(&shrunk.report);
    run_tape_free(&tape);
}
END_TEST

/* --- a run that kills its process --------------------------------------------------------------- */

struct killer {
    struct tape_feeder feeder;
    unsigned asked;
};

static uint32_t
kill_at_the_20th(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct killer *killer = (struct killer *)feeder;

    (void)count;
    (void)label;
    if (++killer->asked == 20)
        raise(SIGKILL);
    return kind == CHOICE_SCHEDULE && killer->asked == 5 ? 1 : 0;
}

START_TEST(a_run_that_kills_its_process_leaves_a_tape)
{
    struct killer killer = {{kill_at_the_20th}, 0};
    char error[WORKLOAD_ERROR_BYTES];
    struct explore_outcome outcome;
    const struct explore_job job = {.workload = &workload, .driver = NATIVE_KEXT_SHIPPED};

    ck_assert(workload_find(&workload, "tun-life", error));
    explore_record_apart(&job, &killer.feeder, &outcome);
    ck_assert(outcome.tape.crashed);
    ck_assert_str_eq(run_tape_outcome(&outcome.tape), "crash");
    ck_assert_ptr_nonnull(strstr(outcome.tape.cause, "crash: signal 9"));
    ck_assert_uint_eq(outcome.tape.schedule.length, 1);
    explore_outcome_free(&outcome);
}
END_TEST

static Suite *
explore_suite(void)
{
    Suite *suite = suite_create("explore");
    TCase *cases = tcase_create("explore");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, runs_are_as_many_as_were_asked_for);
    tcase_add_test(cases, several_processes_make_the_schedules_of_one);
    tcase_add_test(cases, each_fault_is_made_once_and_for_good);
    tcase_add_test(cases, a_tape_is_played_the_same_each_time);
    tcase_add_test(cases, a_tape_is_shrunk_to_what_it_needs);
    tcase_add_test(cases, a_tape_that_does_not_fail_is_left_alone);
    tcase_add_test(cases, a_run_that_kills_its_process_leaves_a_tape);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(explore_suite)
