/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleep and wake-up: kpi-rest.md 4.4, 4.5 and section 11. */
#include "world.h"

TEST_OF(wakeup_wakes_every_sleeper_on_the_address, wait_all, "a=0 b=0 ")
TEST_OF(wakeup_one_wakes_the_oldest_and_is_not_remembered, wait_one, "a=0 then b=0 ")
TEST_OF(a_timeout_is_relative_and_says_ewouldblock, wait_timeout, "timeout=35 late=1 early=1 ")
TEST_OF(the_mutex_is_taken_again_unless_dropped, wait_drop, "timeout=35 held=1 timeout=35 held=0 ")
TEST_OF(without_a_channel_nothing_is_waited_for, wait_nowhere,
        "nowhere=0 held=1 nowhere=0 held=0 slept=0 ")
TEST_OF(a_caught_signal_is_eintr, wait_caught, "sleeper=4 ")
TEST_OF(a_signal_with_restart_is_erestart, wait_restarted, "sleeper=-1 ")
TEST_OF(without_pcatch_signals_are_not_seen, wait_deaf, "sleeps sleeper=0 ")
TEST_OF(a_kill_ends_a_wait_that_catches, wait_killed, "sleeper=4 exited=1 exited=1 ")
TEST_OF(a_kill_waits_for_a_wait_that_does_not, wait_deaf_to_kill, "exited=0 sleeper=0 exited=1 ")
TEST_OF(a_pending_signal_beats_a_wakeup, wait_signal_beats, "sleeper=4 ")
TEST_OF(a_signal_that_another_thread_took_looks_like_a_wakeup, wait_signal_taken,
        "sleeper=4 other=0 ")
TEST_OF(a_blocked_signal_is_no_signal, wait_pending_signal, "blocked=35 pending=4 ")
TEST_OF(a_deadline_is_absolute, wait_deadline, "result=1 late=1 ")
TEST_OF(a_relative_time_as_deadline_lasts_microseconds, wait_relative, "contender result=1 short=1 ")
TEST_OF(after_a_kill_the_lock_is_never_dropped, wait_hard_abort,
        "result=2 held=1 result=2 held=1 result=1 result=2 held=0 ")
TEST_OF(an_interruptible_wait_ignores_an_ordinary_signal, wait_interruptible, "sleeps result=0 ")
TEST_OF(the_action_decides_how_the_lock_comes_back, wait_actions,
        "result=1 held=1 exclusive=0 result=1 held=1 exclusive=1 result=1 held=0 ")

START_TEST(a_zero_timeout_is_no_timeout)
{
    world_expect(wait_for_ever, MACHINE_HANG, "wait_for_ever");
}
END_TEST

/* How many of these schedules hang. */
static unsigned
hangs(guest_body *body, unsigned seeds)
{
    unsigned count = 0;

    for (unsigned seed = 1; seed <= seeds; seed++) {
        world_end();
        world_begin(0);
        world_shuffle(seed * 7919);
        world_thread(NULL, "main", body, NULL);
        count += world_run() == MACHINE_HANG;
        ck_assert(machine_outcome(world.machine) == MACHINE_OK ||
                  machine_outcome(world.machine) == MACHINE_HANG);
    }
    return count;
}

START_TEST(a_lock_dropped_before_the_sleep_loses_wakeups)
{
    unsigned open = hangs(wait_window_open, 200);

    ck_assert_uint_gt(open, 0);
    ck_assert_uint_lt(open, 200);
}
END_TEST

START_TEST(a_lock_given_to_the_sleep_loses_none)
{
    ck_assert_uint_eq(hangs(wait_window_closed, 200), 0);
}
END_TEST

START_TEST(an_unknown_action_panics)
{
    world_expect(misuse_wait_action, MACHINE_PANIC, "Invalid lock sleep action 40");
}
END_TEST

START_TEST(no_event_panics)
{
    world_expect(misuse_wait_event, MACHINE_PANIC, "assert_wait() called with NO_EVENT");
}
END_TEST

START_TEST(sleeping_with_a_lock_of_others_is_named)
{
    world_expect(misuse_wait_unlocked, MACHINE_CONTRACT,
                 "lck_mtx_sleep: thread main sleeps with mutex wait#");
}
END_TEST

START_TEST(a_mutex_destroyed_under_a_sleeper_is_found)
{
    world_expect(misuse_wait_freed, MACHINE_CONTRACT, "destroyed while");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        wakeup_wakes_every_sleeper_on_the_address,
        wakeup_one_wakes_the_oldest_and_is_not_remembered,
        a_timeout_is_relative_and_says_ewouldblock,
        the_mutex_is_taken_again_unless_dropped,
        without_a_channel_nothing_is_waited_for,
        a_caught_signal_is_eintr,
        a_signal_with_restart_is_erestart,
        without_pcatch_signals_are_not_seen,
        a_kill_ends_a_wait_that_catches,
        a_kill_waits_for_a_wait_that_does_not,
        a_pending_signal_beats_a_wakeup,
        a_signal_that_another_thread_took_looks_like_a_wakeup,
        a_blocked_signal_is_no_signal,
        a_deadline_is_absolute,
        a_relative_time_as_deadline_lasts_microseconds,
        after_a_kill_the_lock_is_never_dropped,
        an_interruptible_wait_ignores_an_ordinary_signal,
        the_action_decides_how_the_lock_comes_back,
        a_zero_timeout_is_no_timeout,
        a_lock_dropped_before_the_sleep_loses_wakeups,
        a_lock_given_to_the_sleep_loses_none,
        an_unknown_action_panics,
        no_event_panics,
        sleeping_with_a_lock_of_others_is_named,
        a_mutex_destroyed_under_a_sleeper_is_found,
        NULL,
    };

    return suite_main("wait", tests);
}
