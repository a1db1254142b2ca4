/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <string.h>

#include "tape.h"

static struct machine *
machine_plain(void)
{
    struct machine_config config = {.feeder = NULL};

    return machine_create(&config);
}

/* Without the lines that name functions: those are a compiler's. */
static const char *
report_of(const struct machine *machine)
{
    static char text[4096];
    const char *line = machine_report(machine);

    text[0] = '\0';
    while (*line != '\0') {
        const size_t length = strcspn(line, "\n") + 1;

        if (strncmp(line, "    in ", 7) != 0 && strncmp(line, "      ", 6) != 0)
            strncat(text, line, length);
        line += length;
    }
    return text;
}

static void
fail_now(void *argument)
{
    machine_yield("before");
    machine_fail(MACHINE_PANIC, "the %s is gone", (const char *)argument);
}

static void
never_run(void *argument)
{
    log_add("%s", (const char *)argument);
}

START_TEST(names_of_outcomes)
{
    for (int outcome = MACHINE_OK; outcome <= MACHINE_LIMIT; outcome++)
        log_add("%s,", machine_outcome_name((enum machine_outcome)outcome));
    ck_assert_str_eq(log_text(), "ok,panic,hang,leak,race,lock order,contract,limit,");
}
END_TEST

START_TEST(a_failure_in_a_fiber_is_final)
{
    struct machine *machine = machine_plain();

    machine_fiber_create(machine, "bad", false, fail_now, "world");
    machine_fiber_create(machine, "good", false, never_run, "ran");
    ck_assert_int_eq(machine_run(machine), MACHINE_PANIC);
    ck_assert_str_eq(report_of(machine), "panic: the world is gone\n"
                                              "  at step 1, 100 ns, in fiber 1 \"bad\"\n"
                                              "  fiber 1 \"bad\": running\n"
                                              "  fiber 2 \"good\": runnable\n");
    ck_assert_int_eq(machine_run(machine), MACHINE_PANIC);
    ck_assert_int_eq(machine_outcome(machine), MACHINE_PANIC);
    ck_assert(!machine_try(machine, never_run, "body"));
    ck_assert_str_eq(log_text(), "");
    ck_assert_ptr_null(machine_current());
    machine_destroy(machine);
}
END_TEST

/* --- hang ------------------------------------------------------------------------------------- */

static void
block_for_ever(void *argument)
{
    void *memory = machine_allocate(24, "softc");

    (void)argument;
    machine_choose(CHOICE_WORKLOAD, 3, "what next");
    machine_block("tunread", (char *)memory + 8, 0);
}

START_TEST(a_hang_tells_who_waits_for_what)
{
    struct tape_round_robin tape;
    struct machine_config config = {.feeder = &tape.feeder};
    struct machine *machine;

    tape_round_robin_start(&tape, 1);
    machine = machine_create(&config);
    machine_fiber_create(machine, "service", true, block_for_ever, NULL);
    machine_fiber_create(machine, "reader", false, block_for_ever, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    ck_assert_str_eq(
        report_of(machine),
        "hang: 1 fiber is blocked and nothing can wake it\n"
        "  at step 2, 200 ns, in host code\n"
        "  fiber 1 \"service\" (daemon): blocked in \"tunread\" on softc 1+8 since step 0\n"
        "  fiber 2 \"reader\": blocked in \"tunread\" on softc 2+8 since step 1\n"
        "  last of 3 choices, newest first:\n"
        "    2: workload 0 of 3 at \"what next\"\n"
        "    1: workload 0 of 3 at \"what next\"\n"
        "    0: schedule 0 of 2 at \"dispatch\"\n");
    machine_destroy(machine);
}
END_TEST

START_TEST(a_hang_is_not_final)
{
    struct machine *machine = machine_plain();
    struct fiber *reader = machine_fiber_create(machine, "reader", false, block_for_ever, NULL);

    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    ck_assert_int_eq(machine_outcome(machine), MACHINE_HANG);
    machine_fiber_create(machine, "other", false, never_run, "ran");
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    ck_assert_str_eq(log_text(), "ran");
    machine_wake(reader);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_int_eq(machine_outcome(machine), MACHINE_OK);
    ck_assert_str_eq(machine_report(machine), "");
    machine_destroy(machine);
}
END_TEST

/* --- what else is told of a fiber ------------------------------------------------------------------ */

#ifdef MACHINE_KEEPS_FRAMES
enum { FRAMES_KEPT = 1 };
#else
enum { FRAMES_KEPT = 0 };
#endif

static __attribute__((noinline)) void
wait_inside(void *argument)
{
    machine_block("inside", argument, 0);
    log_add("not reached");
}

static __attribute__((noinline)) void
wait_outside(void *argument)
{
    wait_inside(argument);
    log_add("not reached");
}

static __attribute__((noinline)) void
fail_inside(void *argument)
{
    machine_yield("let the other wait");
    wait_outside(argument != NULL ? argument : (machine_fail(MACHINE_CONTRACT, "wrong"), NULL));
    log_add("not reached");
}

START_TEST(every_thread_tells_in_which_calls_it_stands)
{
    struct tape_round_robin tape;
    struct machine_config config = {.feeder = &tape.feeder};
    struct machine *machine;
    const char *report;

    tape_round_robin_start(&tape, 1);
    machine = machine_create(&config);
    machine_fiber_create(machine, "fails", false, fail_inside, NULL);
    machine_fiber_create(machine, "waits", false, wait_outside, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_CONTRACT);
    report = machine_report(machine);
    ck_assert_int_eq(strstr(report, "\"fails\": running\n    in fail_inside\n") != NULL, FRAMES_KEPT);
    ck_assert_int_eq(strstr(report, " since step 1\n    in wait_inside < wait_outside\n") != NULL, FRAMES_KEPT);
    machine_destroy(machine);
}
END_TEST

static void
say_of(const void *local, char *text, size_t bytes)
{
    machine_format(text, bytes, "%s", (const char *)local);
}

START_TEST(the_kernel_adds_what_it_knows_of_a_thread)
{
    static char known[] = "holds the lock", nothing[] = "";
    struct machine *machine = machine_plain();

    machine_set_report_hook(machine, say_of);
    machine_fiber_set_local(machine_fiber_create(machine, "first", false, block_for_ever, NULL), known);
    machine_fiber_set_local(machine_fiber_create(machine, "second", false, block_for_ever, NULL), nothing);
    machine_fiber_create(machine, "third", false, block_for_ever, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    ck_assert_str_eq(report_of(machine),
                     "hang: 3 fibers are blocked and nothing can wake them\n"
                     "  at step 3, 300 ns, in host code\n"
                     "  fiber 1 \"first\": blocked in \"tunread\" on softc 1+8 since step 0\n"
                     "    holds the lock\n"
                     "  fiber 2 \"second\": blocked in \"tunread\" on softc 2+8 since step 1\n"
                     "  fiber 3 \"third\": blocked in \"tunread\" on softc 3+8 since step 2\n");
    machine_destroy(machine);
}
END_TEST

/* --- limit ------------------------------------------------------------------------------------ */

static void
spin(void *argument)
{
    (void)argument;
    for (;;)
        machine_yield("spin");
}

START_TEST(the_step_limit_ends_a_run)
{
    struct machine_config config = {.max_steps = 1000};
    struct machine *machine = machine_create(&config);

    machine_fiber_create(machine, "spinner", false, spin, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_LIMIT);
    ck_assert_uint_eq(machine_steps(machine), 1000);
    ck_assert_ptr_nonnull(
        strstr(machine_report(machine), "limit: the limit of 1000 steps was reached\n"));
    machine_destroy(machine);
}
END_TEST

/* --- findings --------------------------------------------------------------------------------- */

static void
find_two(void *argument)
{
    (void)argument;
    machine_finding(MACHINE_LOCK_ORDER, "%s before %s", "b", "a");
    machine_finding(MACHINE_RACE, "second");
    log_add("went on");
}

START_TEST(the_first_finding_is_the_outcome_of_the_run)
{
    struct machine *machine = machine_plain();

    machine_fiber_create(machine, "finder", false, find_two, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_LOCK_ORDER);
    ck_assert_str_eq(log_text(), "went on");
    ck_assert_str_eq(report_of(machine), "lock order: b before a\n"
                                         "  at step 0, 0 ns, in fiber 1 \"finder\"\n"
                                         "  fiber 1 \"finder\": running\n");
    machine_fiber_create(machine, "late", false, never_run, "late");
    ck_assert_int_eq(machine_run(machine), MACHINE_LOCK_ORDER);
    ck_assert_str_eq(log_text(), "went on");
    machine_destroy(machine);
}
END_TEST

static void
find_and_block(void *argument)
{
    machine_finding(MACHINE_RACE, "seen");
    machine_block("test", argument, 0);
}

START_TEST(a_finding_goes_before_a_hang)
{
    struct machine *machine = machine_plain();

    machine_fiber_create(machine, "finder", false, find_and_block, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_RACE);
    ck_assert_str_eq(report_of(machine),
                     "race: seen\n"
                     "  at step 0, 0 ns, in fiber 1 \"finder\"\n"
                     "  fiber 1 \"finder\": running\n"
                     "hang: 1 fiber is blocked and nothing can wake it\n"
                     "  at step 1, 100 ns, in host code\n"
                     "  fiber 1 \"finder\": blocked in \"test\" on NULL since step 0\n");
    machine_destroy(machine);
}
END_TEST

START_TEST(a_finding_of_the_host_counts_at_once)
{
    struct machine *machine = machine_plain();

    machine_enter(machine);
    machine_finding(MACHINE_LEAK, "%d mbufs", 3);
    machine_leave(machine);
    ck_assert_int_eq(machine_outcome(machine), MACHINE_LEAK);
    ck_assert_str_eq(machine_report(machine), "leak: 3 mbufs\n  at step 0, 0 ns, in host code\n");
    machine_destroy(machine);
}
END_TEST

/* --- try -------------------------------------------------------------------------------------- */

static struct machine *tried;

static void
succeed(void *argument)
{
    log_add("%s", machine_current() == tried ? (const char *)argument : "not entered");
}

static void
fail_deep(void *argument)
{
    machine_enter(tried);
    machine_enter(tried);
    fail_now(argument);
}

static void
fail_inner(void *argument)
{
    log_add("%d ", machine_try(tried, fail_deep, argument));
    machine_fail(MACHINE_CONTRACT, "outer");
}

START_TEST(a_try_returns_what_became_of_the_body)
{
    tried = machine_plain();
    ck_assert(machine_try(tried, succeed, "entered "));
    ck_assert_ptr_null(machine_current());
    machine_enter(tried);
    ck_assert(!machine_try(tried, fail_inner, "inside"));
    ck_assert_ptr_eq(machine_current(), tried);
    machine_leave(tried);
    ck_assert_ptr_null(machine_current());
    ck_assert_str_eq(log_text(), "entered 0 ");
    ck_assert_int_eq(machine_outcome(tried), MACHINE_CONTRACT);
    machine_destroy(tried);
}
END_TEST

static void
block_in_host(void *argument)
{
    machine_block((const char *)argument, NULL, 0);
}

static void
exit_in_host(void *argument)
{
    (void)argument;
    machine_fiber_exit();
}

START_TEST(host_code_cannot_block)
{
    tried = machine_plain();
    ck_assert(!machine_try(tried, block_in_host, "lck_mtx_lock"));
    ck_assert_ptr_nonnull(
        strstr(machine_report(tried), "contract: host code would block: lck_mtx_lock\n"));
    machine_destroy(tried);
    tried = machine_plain();
    ck_assert(!machine_try(tried, exit_in_host, NULL));
    ck_assert_int_eq(machine_outcome(tried), MACHINE_CONTRACT);
    machine_destroy(tried);
}
END_TEST

static void
try_in_fiber(void *argument)
{
    log_add("%d", machine_try(tried, succeed, "inside "));
    machine_try(tried, fail_now, argument);
    log_add("not reached");
}

START_TEST(in_a_fiber_a_failed_try_ends_the_run)
{
    tried = machine_plain();
    machine_fiber_create(tried, "f", false, try_in_fiber, "fiber");
    ck_assert_int_eq(machine_run(tried), MACHINE_PANIC);
    ck_assert_ptr_null(machine_current());
    ck_assert_str_eq(log_text(), "inside 1");
    machine_destroy(tried);
}
END_TEST

/* --- what ends the process -------------------------------------------------------------------- */

START_TEST(a_failure_nobody_catches_aborts)
{
    struct machine *machine = machine_plain();

    machine_enter(machine);
    machine_fail(MACHINE_PANIC, "expected by the test");
}
END_TEST

START_TEST(a_failure_without_a_machine_aborts)
{
    machine_fail(MACHINE_PANIC, "expected by the test");
}
END_TEST

static uint32_t
answer_too_much(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count,
                const char *label)
{
    (void)feeder;
    (void)kind;
    (void)label;
    return count;
}

START_TEST(a_broken_feeder_aborts)
{
    struct tape_feeder feeder = {answer_too_much};
    struct machine_config config = {.feeder = &feeder};
    struct machine *machine = machine_create(&config);

    machine_enter(machine);
    machine_choose(CHOICE_FAULT, 2, "test");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {names_of_outcomes,
                                  a_failure_in_a_fiber_is_final,
                                  a_hang_tells_who_waits_for_what,
                                  a_hang_is_not_final,
        every_thread_tells_in_which_calls_it_stands,
        the_kernel_adds_what_it_knows_of_a_thread,
                                  the_step_limit_ends_a_run,
                                  the_first_finding_is_the_outcome_of_the_run,
                                  a_finding_goes_before_a_hang,
                                  a_finding_of_the_host_counts_at_once,
                                  a_try_returns_what_became_of_the_body,
                                  host_code_cannot_block,
                                  in_a_fiber_a_failed_try_ends_the_run,
                                  NULL};
    const TTest *const aborts[] = {a_failure_nobody_catches_aborts,
                                   a_failure_without_a_machine_aborts, a_broken_feeder_aborts,
                                   NULL};

    return suite_run_with_aborts("machine.outcome", tests, aborts);
}
