/* SPDX-License-Identifier: BSD-2-Clause */
/* Watching a machine: steps from point to point, moments at which nothing can run, what a fiber does. */
#include "suite.h"

#include <string.h>

#include "tape.h"

/* A machine whose seed decides, with the tape that its choices leave. */
struct watched {
    struct machine *machine;
    struct tape tape;
    struct tape_seed seed;
    struct tape_recorder recorder;
};

static struct watched watched;

static void
watched_start(uint64_t seed)
{
    struct machine_config config = {.feeder = &watched.recorder.feeder};

    memset(&watched, 0, sizeof(watched));
    tape_seed_start(&watched.seed, seed);
    watched.seed.rate_ppm[CHOICE_SCHEDULE] = TAPE_UNIFORM;
    tape_recorder_start(&watched.recorder, &watched.seed.feeder, &watched.tape);
    watched.machine = machine_create(&config);
    ck_assert_ptr_nonnull(watched.machine);
}

static void
watched_end(void)
{
    machine_destroy(watched.machine);
    tape_free(&watched.tape);
}

static void
walk(void *argument)
{
    for (int turn = 0; turn < 3; turn++) {
        log_add("%s%d ", (const char *)argument, turn);
        machine_yield(argument);
    }
}

static void
point_log(void *context, struct fiber *fiber, const char *where)
{
    log_add("[%s%s %s] ", (const char *)context, machine_fiber_name(fiber), where);
}

static void
step_by(void *argument)
{
    const uint32_t *points = argument;

    for (; *points != 0; points++) {
        uint32_t passed = machine_step_points(*points, point_log, "");

        log_add("%u%s| ", passed, machine_stands(machine_current()) ? " stands" : "");
    }
}

START_TEST(the_fiber_at_the_last_point_stands_until_the_watcher_blocks_again)
{
    static uint32_t points[] = {2, 1, 9, 0};

    watched_start(1);
    watched.seed.rate_ppm[CHOICE_SCHEDULE] = 0;
    machine_fiber_create(watched.machine, "watcher", false, step_by, points);
    machine_fiber_create(watched.machine, "a", false, walk, "a");
    ck_assert_int_eq(machine_run(watched.machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "a0 [a a] a1 [a a] 2 stands| a2 [a a] 1 stands| 0| ");
    watched_end();
}
END_TEST

/* The text of the tape after a run in which somebody watches in that way. */
static char *
tape_of_run(uint64_t seed, void (*watch)(void *), void *argument)
{
    char *text;

    watched_start(seed);
    machine_fiber_create(watched.machine, "watcher", true, watch, argument);
    machine_fiber_create(watched.machine, "a", false, walk, "a");
    machine_fiber_create(watched.machine, "b", false, walk, "b");
    machine_fiber_create(watched.machine, "c", false, walk, "c");
    ck_assert_int_eq(machine_run(watched.machine), MACHINE_OK);
    text = tape_text(&watched.tape, NULL);
    watched_end();
    return text;
}

static void
wait_until_idle(void *argument)
{
    (void)argument;
    machine_wait_idle("watch");
}

START_TEST(to_step_makes_no_choice_and_changes_none)
{
    static uint32_t points[] = {1, 1, 3, 1, 99, 0};

    for (uint64_t seed = 1; seed <= 20; seed++) {
        char *plain = tape_of_run(seed, wait_until_idle, NULL);
        char *stepped = tape_of_run(seed, step_by, points);

        ck_assert_str_eq(stepped, plain);
        tape_text_free(plain);
        tape_text_free(stepped);
    }
}
END_TEST

/* --- idle -------------------------------------------------------------------------------------- */

static struct fiber *sleeper;

static void
sleep_a_while(void *argument)
{
    (void)argument;
    (void)machine_block("nap", NULL, machine_now_ns() + 1000000);
    log_add("slept %s ", machine_now_ns() < 1000000 ? "short" : "long");
    log_add("%s ", machine_block("bed", &sleeper, 0) ? "woken" : "late");
}

static void
tell_idle(void *argument, bool for_ever)
{
    log_add("idle%s ", for_ever ? " for ever" : "");
    if (argument != NULL)
        machine_wake(sleeper);
}

START_TEST(who_asked_hears_of_every_moment_at_which_nothing_can_run)
{
    struct machine_config config = {0};
    struct machine *machine = machine_create(&config);

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_a_while, NULL);
    machine_set_idle_hook(machine, tell_idle, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    ck_assert_str_eq(log_text(), "idle slept long idle for ever ");
    machine_destroy(machine);
}
END_TEST

START_TEST(whom_the_hook_wakes_runs_before_the_clock_jumps)
{
    struct machine_config config = {0};
    struct machine *machine = machine_create(&config);

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_a_while, NULL);
    machine_set_idle_hook(machine, tell_idle, machine);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "idle slept short idle for ever woken idle for ever ");
    machine_destroy(machine);
}
END_TEST

START_TEST(a_blocked_fiber_tells_why_on_what_and_since_when)
{
    struct machine_config config = {0};
    struct machine *machine = machine_create(&config);
    struct machine_fiber_status status;

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_a_while, NULL);
    machine_fiber_look(sleeper, &status);
    ck_assert_str_eq(status.state, "runnable");
    ck_assert_ptr_null(status.why);
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    machine_fiber_look(sleeper, &status);
    ck_assert_str_eq(status.name, "sleeper");
    ck_assert_str_eq(status.state, "blocked");
    ck_assert_str_eq(status.why, "bed");
    ck_assert_ptr_eq(status.what, &sleeper);
    ck_assert_uint_eq(status.since_ns, 1000000);
    ck_assert_uint_eq(status.deadline_ns, 0);
    machine_destroy(machine);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        the_fiber_at_the_last_point_stands_until_the_watcher_blocks_again,
        to_step_makes_no_choice_and_changes_none,
        who_asked_hears_of_every_moment_at_which_nothing_can_run,
        whom_the_hook_wakes_runs_before_the_clock_jumps,
        a_blocked_fiber_tells_why_on_what_and_since_when,
        NULL};

    return suite_run("machine.step", tests);
}
