/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel threads, thread calls and timeouts: kpi-rest.md 4.6. */
#include "world.h"

#include <string.h>

TEST_OF(a_kernel_thread_runs_its_body_and_ends, thread_starts,
        "start=0 goes on argument=7 result=0 own=1 ")
TEST_OF(current_thread_gives_no_reference, thread_current, "same=1 ")
TEST_OF(only_the_own_or_a_user_thread_is_terminated, thread_terminates,
        "null=4 ends kernel=5 user=0 interrupted=4 ")
TEST_OF(a_record_outlives_its_thread_while_referenced, thread_outlives,
        "argument=0 result=0 own=0 terminate=5 ")
TEST_OF(a_thread_call_runs_once_for_two_entries, thread_call_runs,
        "pended=0 pended=1 first=1 second=2 free=1 ")
TEST_OF(a_delayed_call_waits_for_its_absolute_deadline, thread_call_delayed,
        "pended=0 before first=1 second=0 past=0 first=1 second=0 free=1 ")
TEST_OF(a_cancelled_call_never_runs, thread_call_cancelled, "cancel=1 cancel=0 free=1 ")
TEST_OF(a_second_entry_moves_the_deadline, thread_call_moved, "pended=1 later first=0 second=3 ")
TEST_OF(a_running_call_is_not_pending, thread_call_again, "round=1 pended=0 round=0 ")
TEST_OF(a_call_entered_while_it_runs_runs_twice_at_once, thread_call_overlaps,
        "in=1 pended=0 in=2 cancel=0 free=1 out=1 out=2 ")
TEST_OF(a_pending_call_is_not_freed, thread_call_frees, "free=0 first=0 second=0 free=1 ")
TEST_OF(a_timeout_is_relative, thread_timeout, "timed out=2 timed out=1 ")
TEST_OF(untimeout_forgets_one_function_with_its_argument, thread_untimeout, "timed out=2 ")

START_TEST(a_thread_that_cannot_be_had_is_a_resource_shortage)
{
    world_fault("kernel_thread_start", 1);
    world_check(thread_fails);
    ck_assert_str_eq(said(), "start=6 ");
}
END_TEST

TEST_MISUSE(a_living_thread_cannot_be_released_to_nothing, misuse_thread_over, MACHINE_CONTRACT,
            "thread main lives and is deallocated more often than referenced")
TEST_MISUSE(a_thread_that_is_gone_cannot_be_released, misuse_thread_gone, MACHINE_CONTRACT,
            "does not exist any more")
TEST_MISUSE(a_freed_call_cannot_be_entered, misuse_thread_call_freed, MACHINE_CONTRACT,
            "does not exist (freed?)")
TEST_MISUSE(a_thread_left_behind_is_a_leak, misuse_thread_left, MACHINE_LEAK,
            "thread thread of org.example.guest of kext org.example.guest still lives")
TEST_MISUSE(a_handle_never_dropped_is_a_leak, misuse_thread_kept, MACHINE_LEAK,
            "which ended, is still referenced by org.example.guest")
TEST_MISUSE(a_reference_to_a_thread_of_others_is_a_leak, misuse_thread_user_kept, MACHINE_LEAK,
            "thread main, which ended, is still referenced by org.example.guest")
TEST_MISUSE(a_call_never_freed_is_a_leak, misuse_thread_call_kept, MACHINE_LEAK,
            "a thread call of org.example.guest was never freed")
TEST_MISUSE(a_timeout_that_hangs_is_a_leak, misuse_thread_timeout_kept, MACHINE_LEAK,
            "a timeout of org.example.guest never ended")

int
main(void)
{
    const TTest *const tests[] = {
        a_kernel_thread_runs_its_body_and_ends,
        current_thread_gives_no_reference,
        only_the_own_or_a_user_thread_is_terminated,
        a_record_outlives_its_thread_while_referenced,
        a_thread_call_runs_once_for_two_entries,
        a_delayed_call_waits_for_its_absolute_deadline,
        a_cancelled_call_never_runs,
        a_second_entry_moves_the_deadline,
        a_running_call_is_not_pending,
        a_call_entered_while_it_runs_runs_twice_at_once,
        a_pending_call_is_not_freed,
        a_timeout_is_relative,
        untimeout_forgets_one_function_with_its_argument,
        a_thread_that_cannot_be_had_is_a_resource_shortage,
        a_living_thread_cannot_be_released_to_nothing,
        a_thread_that_is_gone_cannot_be_released,
        a_freed_call_cannot_be_entered,
        a_thread_left_behind_is_a_leak,
        a_handle_never_dropped_is_a_leak,
        a_reference_to_a_thread_of_others_is_a_leak,
        a_call_never_freed_is_a_leak,
        a_timeout_that_hangs_is_a_leak,
        NULL,
    };

    return suite_main("thread", tests);
}
