/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes, read-write and spin locks: kpi-rest.md 4.1 to 4.3; museum.md section 4, oracle 3. */
#include "world.h"

#include <string.h>

TEST_OF(a_mutex_has_one_owner, lock_mutex, "owner taker ")
TEST_OF(readers_share_and_a_writer_is_alone, lock_readers, "reader both alone reader ")
TEST_OF(a_waiting_writer_keeps_new_readers_out, lock_writer_first, "first writer reader ")
TEST_OF(the_only_reader_becomes_the_writer, lock_upgrade, "upgraded=1 exclusive=1 ")
TEST_OF(the_second_to_upgrade_loses_the_lock, lock_upgrade_lost, "second=0 first=1 holds ")
TEST_OF(a_downgrade_never_blocks, lock_downgrade, "exclusive=0 writer ")
TEST_OF(the_type_says_which_mode, lock_types, "")
TEST_OF(try_never_blocks, lock_try, "exclusive=1 again=0 shared=0 shared=1 shared=1 ")
TEST_OF(wakeup_is_legal_under_a_spin_lock, lock_spin, "taker ")
TEST_OF(a_spin_lock_is_dropped_for_a_sleep, lock_spin_sleep, "taker result=0 result=1 result=1 ")
TEST_OF(a_lock_may_live_in_the_memory_of_its_driver, lock_embedded, "")
TEST_OF(a_group_may_be_freed_before_its_locks, lock_group_order, "")
TEST_OF(attributes_are_made_and_freed, lock_attributes, "")
TEST_OF(the_same_order_twice_is_no_finding, lock_same_order, "")

START_TEST(another_thread_may_release_a_rw_lock_and_the_console_tells)
{
    world_check(lock_foreign_unlock);
    ck_assert_str_eq(said(), "held=0 ");
    ck_assert_ptr_nonnull(strstr(machine_console_text(world.machine),
                                 "is held by main, released by releaser"));
}
END_TEST

/* Up to macOS 11 each of the four may be NULL, later none. */
START_TEST(lock_allocation_fails_only_in_old_releases)
{
    static const char *const labels[] = {"lck_grp_alloc_init", "lck_mtx_alloc_init",
                                         "lck_rw_alloc_init", "lck_spin_alloc_init"};
    static const char *const expected[] = {
        "group=0 mutex=1 rw=1 spin=1 ", "group=1 mutex=0 rw=1 spin=1 ",
        "group=1 mutex=1 rw=0 spin=1 ", "group=1 mutex=1 rw=1 spin=0 "};

    world_end();
    world_begin(_i % 2 == 0 ? 20 : 21);
    world_fault(labels[_i / 2], 1);
    world_check(lock_allocations);
    ck_assert_str_eq(said(), _i % 2 == 0 ? expected[_i / 2] : "group=1 mutex=1 rw=1 spin=1 ");
}
END_TEST

TEST_MISUSE(both_orders_are_a_finding, lock_inverted, MACHINE_LOCK_ORDER,
            "they were taken the other way round before")
TEST_MISUSE(a_circle_of_waiters_is_named_at_once, lock_deadlock, MACHINE_HANG,
            "deadlock: lck_mtx_lock by thread crosser waits for mutex lock#")
TEST_MISUSE(a_report_tells_what_each_thread_holds, lock_deadlock, MACHINE_HANG, "\n    holds mutex lock#")
TEST_MISUSE(shared_twice_around_a_writer_is_a_deadlock, lock_reader_starves, MACHINE_HANG,
            "self deadlock: lck_rw_lock_shared by thread main")
TEST_MISUSE(a_mutex_taken_twice_is_a_self_deadlock, misuse_lock_mutex_twice, MACHINE_HANG,
            "self deadlock: lck_mtx_lock by thread main, which holds mutex bad#")
TEST_MISUSE(exclusive_then_shared_is_a_self_deadlock, misuse_lock_rw_twice, MACHINE_HANG,
            "self deadlock: lck_rw_lock_shared")
TEST_MISUSE(shared_then_exclusive_is_a_self_deadlock, misuse_lock_rw_widen, MACHINE_HANG,
            "self deadlock: lck_rw_lock_exclusive")
TEST_MISUSE(a_spin_lock_taken_twice_is_a_self_deadlock, misuse_lock_spin_twice, MACHINE_HANG,
            "self deadlock: lck_spin_lock")
TEST_MISUSE(sleeping_under_a_spin_lock_has_xnus_words, misuse_lock_spin_block, MACHINE_CONTRACT,
            "blocking while holding a spinlock, or within interrupt context")
TEST_MISUSE(a_mutex_under_a_spin_lock_may_block, misuse_lock_spin_copy, MACHINE_CONTRACT,
            "lck_mtx_lock: thread main may block here while it holds a spin lock")
TEST_MISUSE(a_copy_under_a_lock_of_the_driver_is_named, misuse_lock_copy, MACHINE_CONTRACT,
            "copyin called with mutex bad#")
TEST_MISUSE(unlocking_a_free_mutex_is_named, misuse_lock_unlock, MACHINE_CONTRACT,
            "lck_mtx_unlock: mutex bad#")
TEST_MISUSE(unlocking_the_mutex_of_another_thread_is_named, misuse_lock_unlock_foreign,
            MACHINE_CONTRACT, "Mutex unlock attempted from non-owner thread")
TEST_MISUSE(a_shared_unlock_of_an_exclusive_hold_panics, misuse_lock_unlock_shared, MACHINE_PANIC,
            "lck_rw_unlock_shared(): lock held in mode: 2")
TEST_MISUSE(an_exclusive_unlock_of_a_shared_hold_panics, misuse_lock_unlock_exclusive,
            MACHINE_PANIC, "lck_rw_unlock_exclusive(): lock held in mode: 1")
TEST_MISUSE(an_unlock_of_nobodys_lock_panics, misuse_lock_unlock_nobody, MACHINE_PANIC,
            "Releasing non-exclusive RW lock without a reader refcount!")
TEST_MISUSE(an_unlock_of_a_free_spin_lock_panics, misuse_lock_unlock_spin, MACHINE_PANIC,
            "unlocking an unlocked mutex or spinlock")
TEST_MISUSE(destroyed_while_held_is_named, misuse_lock_free_held, MACHINE_CONTRACT,
            "destroyed while thread (a reader) holds it")
TEST_MISUSE(destroyed_while_waited_for_is_named, misuse_lock_free_waited, MACHINE_CONTRACT,
            "destroyed while 1 threads wait for it")
TEST_MISUSE(a_destroyed_mutex_panics, misuse_lock_destroyed, MACHINE_PANIC,
            "trying to interlock destroyed mutex")
TEST_MISUSE(a_destroyed_rw_lock_panics, misuse_lock_destroyed_rw, MACHINE_PANIC, "was destroyed")
TEST_MISUSE(destroying_twice_is_named, misuse_lock_destroyed_twice, MACHINE_CONTRACT,
            "was destroyed before")
TEST_MISUSE(no_lock_is_a_page_fault, misuse_lock_null, MACHINE_PANIC,
            "Fault CR2: 0x0000000000000000, in lck_mtx_lock")
TEST_MISUSE(memory_that_is_no_lock_panics, misuse_lock_garbage, MACHINE_PANIC,
            "is not an initialised rw lock")
TEST_MISUSE(no_group_is_a_page_fault, misuse_lock_group_null, MACHINE_PANIC, "in lck_rw_alloc_init")
TEST_MISUSE(a_freed_group_is_named, misuse_lock_group_freed, MACHINE_CONTRACT,
            "does not exist (freed?)")
TEST_MISUSE(a_group_freed_twice_is_named, misuse_lock_group_twice, MACHINE_CONTRACT,
            "group bad was freed before")
TEST_MISUSE(an_unknown_type_panics, misuse_lock_type, MACHINE_PANIC, "Invalid RW lock type: 3")
TEST_MISUSE(an_unknown_unlock_type_panics, misuse_lock_unlock_type, MACHINE_PANIC,
            "lck_rw_unlock(): Invalid RW lock type: 0")
TEST_MISUSE(an_upgrade_of_nothing_panics, misuse_lock_upgrade_free, MACHINE_PANIC,
            "lck_rw_lock_shared_to_exclusive(): lock held in mode: 0")
TEST_MISUSE(a_downgrade_of_nothing_panics, misuse_lock_downgrade_free, MACHINE_PANIC,
            "lck_rw_lock_exclusive_to_shared()")
TEST_MISUSE(a_thread_that_ends_with_a_lock_leaks_it, misuse_lock_ended, MACHINE_LEAK,
            "thread thread of org.example.guest ended with mutex bad#")
TEST_MISUSE(too_many_holds_are_named, misuse_lock_many, MACHINE_CONTRACT,
            "holds more than 32 locks")

static void
forgotten_body(void *argument)
{
    char text[8];
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    ksim_system_write(world.root, fd, "x", 1);
    toy.lock_forgotten = true;
    ksim_system_read(world.root, fd, text, sizeof(text));
}

TEST_MISUSE(a_lock_carried_to_user_mode_is_a_leak, forgotten_body, MACHINE_LEAK,
            "read of thread main returned to user mode with mutex toy#")

int
main(void)
{
    const TTest *const tests[] = {
        a_mutex_has_one_owner,
        readers_share_and_a_writer_is_alone,
        a_waiting_writer_keeps_new_readers_out,
        the_only_reader_becomes_the_writer,
        the_second_to_upgrade_loses_the_lock,
        a_downgrade_never_blocks,
        the_type_says_which_mode,
        try_never_blocks,
        wakeup_is_legal_under_a_spin_lock,
        a_spin_lock_is_dropped_for_a_sleep,
        a_lock_may_live_in_the_memory_of_its_driver,
        a_group_may_be_freed_before_its_locks,
        attributes_are_made_and_freed,
        the_same_order_twice_is_no_finding,
        another_thread_may_release_a_rw_lock_and_the_console_tells,
        both_orders_are_a_finding,
        a_circle_of_waiters_is_named_at_once,
        a_report_tells_what_each_thread_holds,
        shared_twice_around_a_writer_is_a_deadlock,
        a_mutex_taken_twice_is_a_self_deadlock,
        exclusive_then_shared_is_a_self_deadlock,
        shared_then_exclusive_is_a_self_deadlock,
        a_spin_lock_taken_twice_is_a_self_deadlock,
        sleeping_under_a_spin_lock_has_xnus_words,
        a_mutex_under_a_spin_lock_may_block,
        a_copy_under_a_lock_of_the_driver_is_named,
        unlocking_a_free_mutex_is_named,
        unlocking_the_mutex_of_another_thread_is_named,
        a_shared_unlock_of_an_exclusive_hold_panics,
        an_exclusive_unlock_of_a_shared_hold_panics,
        an_unlock_of_nobodys_lock_panics,
        an_unlock_of_a_free_spin_lock_panics,
        destroyed_while_held_is_named,
        destroyed_while_waited_for_is_named,
        a_destroyed_mutex_panics,
        a_destroyed_rw_lock_panics,
        destroying_twice_is_named,
        no_lock_is_a_page_fault,
        memory_that_is_no_lock_panics,
        no_group_is_a_page_fault,
        a_freed_group_is_named,
        a_group_freed_twice_is_named,
        an_unknown_type_panics,
        an_unknown_unlock_type_panics,
        an_upgrade_of_nothing_panics,
        a_downgrade_of_nothing_panics,
        a_thread_that_ends_with_a_lock_leaks_it,
        too_many_holds_are_named,
        a_lock_carried_to_user_mode_is_a_leak,
        NULL,
    };

    return suite_main_looped("lock", tests, lock_allocation_fails_only_in_old_releases, 8);
}
