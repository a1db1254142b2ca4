/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual time as the kernel tells it: kpi-rest.md 4.7. */
#include "world.h"

TEST_OF(uptime_goes_on_while_a_thread_sleeps, clock_advances, "slept=1 seconds=1 seconds=1 agree=1 ")
TEST_OF(deadlines_are_now_plus_an_interval, clock_deadlines,
        "ms=2 ms=3 saturated=1 ticks=5000000000 ticks=123 ns=456 ")
TEST_OF(every_boot_is_at_the_same_date, clock_calendar, "since=0 since=0 ")
TEST_OF(times_add_and_subtract_with_a_carry, clock_arithmetic, "s=4 us=200000 s=1 us=700000 s=0 "
                                                              "us=800000 less=1 ")

static void
two_boots_body(void *argument)
{
    uint64_t *time_ns = argument;

    *time_ns = ksim_system_time_ns();
}

START_TEST(two_boots_tell_the_same_time)
{
    uint64_t times[2] = {0, 1};

    for (int i = 0; i < 2; i++) {
        world_end();
        world_begin(0);
        world_thread(NULL, "main", two_boots_body, &times[i]);
        ck_assert_int_eq(world_run(), MACHINE_OK);
    }
    ck_assert_uint_eq(times[0], times[1]);
    ck_assert_uint_gt(times[0], 0);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        uptime_goes_on_while_a_thread_sleeps,
        deadlines_are_now_plus_an_interval,
        every_boot_is_at_the_same_date,
        times_add_and_subtract_with_a_carry,
        two_boots_tell_the_same_time,
        NULL,
    };

    return suite_main("clock", tests);
}
