/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

static struct machine *
machine_ticking(uint64_t step_ns)
{
    struct machine_config config = {.step_ns = step_ns};

    return machine_create(&config);
}

static void
sleep_until(void *argument)
{
    uint64_t deadline_ns = (uint64_t)(uintptr_t)argument;
    bool woken = machine_block("sleep", NULL, deadline_ns);

    log_add("%s%s@%llu ", woken ? "woken " : "", machine_fiber_name(machine_fiber_current()),
            (unsigned long long)machine_now_ns());
}

START_TEST(time_jumps_to_the_first_deadline)
{
    struct machine *machine = machine_ticking(1);

    machine_fiber_create(machine, "late", false, sleep_until, (void *)3000);
    machine_fiber_create(machine, "early", false, sleep_until, (void *)1000);
    machine_fiber_create(machine, "middle", false, sleep_until, (void *)2000);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "early@1000 middle@2000 late@3000 ");
    machine_destroy(machine);
}
END_TEST

START_TEST(equal_deadlines_end_in_the_order_of_ids)
{
    struct machine *machine = machine_ticking(1);

    for (int index = 0; index < 4; index++)
        machine_fiber_create(machine, index % 2 ? "odd" : "even", false, sleep_until, (void *)500);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    /* Ending costs a step. */
    ck_assert_str_eq(log_text(), "even@500 odd@501 even@502 odd@503 ");
    machine_destroy(machine);
}
END_TEST

START_TEST(a_deadline_that_passed_ends_at_once)
{
    struct machine *machine = machine_ticking(100);

    machine_fiber_create(machine, "past", false, sleep_until, (void *)1);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "past@100 ");
    machine_destroy(machine);
}
END_TEST

static void
spin_and_wake(void *argument)
{
    for (int turn = 0; turn < 10; turn++)
        machine_yield("spin");
    machine_wake(argument);
    log_add("spun@%llu ", (unsigned long long)machine_now_ns());
}

START_TEST(a_wake_comes_before_the_deadline)
{
    struct machine *machine = machine_ticking(10);
    struct fiber *sleeper;

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_until, (void *)1000);
    machine_fiber_create(machine, "spinner", false, spin_and_wake, sleeper);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "spun@110 woken sleeper@120 ");
    machine_destroy(machine);
}
END_TEST

START_TEST(steps_let_deadlines_pass)
{
    struct machine *machine = machine_ticking(10);
    struct fiber *sleeper;

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_until, (void *)50);
    machine_fiber_create(machine, "spinner", false, spin_and_wake, sleeper);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "spun@110 sleeper@120 ");
    machine_destroy(machine);
}
END_TEST

START_TEST(time_goes_on_in_the_next_run)
{
    struct machine *machine = machine_ticking(1);

    machine_fiber_create(machine, "first", false, sleep_until, (void *)1000);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_fiber_create(machine, "second", false, sleep_until, (void *)2000);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "first@1000 second@2000 ");
    machine_enter(machine);
    ck_assert_uint_eq(machine_now_ns(), 2001);
    machine_leave(machine);
    machine_destroy(machine);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {time_jumps_to_the_first_deadline,
                                  equal_deadlines_end_in_the_order_of_ids,
                                  a_deadline_that_passed_ends_at_once,
                                  a_wake_comes_before_the_deadline,
                                  steps_let_deadlines_pass,
                                  time_goes_on_in_the_next_run,
                                  NULL};

    return suite_run("machine.clock", tests);
}
