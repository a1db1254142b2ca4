/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <string.h>

#include "tape.h"

static void
hook_enter(void *argument)
{
    log_add("+%s ", (const char *)argument);
}

static void
hook_leave(void *argument)
{
    log_add("-%s ", (const char *)argument);
}

static struct machine *
machine_hooked(char *name, struct tape_feeder *feeder)
{
    struct machine_config config = {.feeder = feeder};
    struct machine *machine = machine_create(&config);

    machine_set_switch_hooks(machine, hook_enter, hook_leave, name);
    machine_set_kernel(machine, name);
    return machine;
}

START_TEST(enter_and_leave_nest)
{
    static char a[] = "a", b[] = "b";
    struct machine *first = machine_hooked(a, NULL), *second = machine_hooked(b, NULL);

    ck_assert_ptr_null(machine_current());
    ck_assert_ptr_null(machine_kernel());
    machine_enter(first);
    machine_enter(first);
    machine_enter(second);
    ck_assert_ptr_eq(machine_kernel(), b);
    machine_enter(first);
    ck_assert_ptr_eq(machine_current(), first);
    machine_leave(first);
    machine_leave(second);
    machine_leave(first);
    ck_assert_ptr_eq(machine_kernel(), a);
    machine_leave(first);
    ck_assert_ptr_null(machine_current());
    ck_assert_str_eq(log_text(), "+a -a +b -b +a -a +b -b +a -a ");
    machine_destroy(first);
    machine_destroy(second);
}
END_TEST

/* --- two machines ----------------------------------------------------------------------------- */

static struct machine *inner;

static void
say_kernel(void *argument)
{
    for (int turn = 0; turn < 2; turn++) {
        log_add("%s%s ", (const char *)machine_kernel(), (const char *)argument);
        machine_block("nap", NULL, machine_now_ns() + 500);
    }
}

static void
say_and_run_inner(void *argument)
{
    log_add("%s( ", (const char *)argument);
    log_add("%s ", machine_outcome_name(machine_run(inner)));
    log_add(") ");
    machine_yield("after");
}

START_TEST(machines_take_turns)
{
    static char a[] = "a", b[] = "b";
    struct machine *first = machine_hooked(a, NULL), *second = machine_hooked(b, NULL);

    machine_fiber_create(first, "1", false, say_kernel, "1");
    machine_fiber_create(second, "1", false, say_kernel, "1");
    ck_assert_int_eq(machine_run(first), MACHINE_OK);
    ck_assert_int_eq(machine_run(second), MACHINE_OK);
    machine_fiber_create(first, "2", false, say_kernel, "2");
    ck_assert_int_eq(machine_run(first), MACHINE_OK);
    ck_assert_str_eq(log_text(), "+a a1 a1 -a +b b1 b1 -b +a a2 a2 -a ");
    machine_destroy(second);
    machine_destroy(first);
}
END_TEST

START_TEST(a_machine_may_run_inside_a_fiber_of_another)
{
    static char a[] = "a", b[] = "b";
    struct machine *outer = machine_hooked(a, NULL);

    inner = machine_hooked(b, NULL);
    machine_fiber_create(inner, "1", false, say_kernel, "1");
    machine_fiber_create(inner, "2", false, say_kernel, "2");
    machine_fiber_create(outer, "runner", false, say_and_run_inner, "run");
    machine_fiber_create(outer, "other", false, say_kernel, "3");
    ck_assert_int_eq(machine_run(outer), MACHINE_OK);
    ck_assert_str_eq(log_text(), "+a run( -a +b b1 b2 b1 b2 -b +a ok ) a3 a3 -a ");
    machine_destroy(inner);
    machine_destroy(outer);
}
END_TEST

static void
enter_inner_and_fail(void *argument)
{
    machine_enter(inner);
    machine_leave(inner);
    machine_enter(machine_current());
    machine_fail(MACHINE_PANIC, "%s", (const char *)argument);
}

START_TEST(a_failed_run_leaves_nothing_entered)
{
    static char a[] = "a", b[] = "b";
    struct machine *outer = machine_hooked(a, NULL);

    inner = machine_hooked(b, NULL);
    machine_fiber_create(outer, "f", false, enter_inner_and_fail, "x");
    ck_assert_int_eq(machine_run(outer), MACHINE_PANIC);
    ck_assert_ptr_null(machine_current());
    ck_assert_str_eq(log_text(), "+a -a +b -b +a -a ");
    machine_destroy(outer);
    machine_destroy(inner);
}
END_TEST

/* --- console ---------------------------------------------------------------------------------- */

START_TEST(the_console_keeps_lines)
{
    static char a[] = "a";
    struct machine *machine = machine_hooked(a, NULL);
    char large[400];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    ck_assert_str_eq(machine_console_text(machine), "");
    machine_enter(machine);
    machine_console("one %d", 1);
    machine_console("two\n");
    machine_console("%s", large);
    machine_leave(machine);
    ck_assert_uint_eq(strlen(machine_console_text(machine)), 10 + sizeof(large));
    ck_assert_mem_eq(machine_console_text(machine), "one 1\ntwo\nxxx", 13);
    machine_destroy(machine);
}
END_TEST

/* --- order, as ThreadSanitizer sees it -------------------------------------------------------- */

static int shared;
static struct test_lock shared_lock;

static void
add_under_lock(void *argument)
{
    (void)argument;
    for (int turn = 0; turn < 50; turn++) {
        test_lock_take(&shared_lock);
        shared++;
        machine_yield("inside the lock");
        test_lock_drop(&shared_lock);
        machine_yield("outside the lock");
    }
}

START_TEST(an_emulated_lock_orders_fibers)
{
    static char a[] = "a";
    struct tape_seed tape;
    struct machine *machine;

    tape_seed_start(&tape, 1);
    machine = machine_hooked(a, &tape.feeder);
    shared = 1; /* the host before the run */
    for (int index = 0; index < 4; index++)
        machine_fiber_create(machine, "adder", false, add_under_lock, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_int_eq(shared, 201); /* and after it */
    machine_destroy(machine);
}
END_TEST

static void
add_without_lock(void *argument)
{
    (void)argument;
    shared++;
    machine_yield("no lock");
}

START_TEST(a_switch_of_fibers_orders_nothing)
{
    static char a[] = "a";
    struct machine *machine = machine_hooked(a, NULL);

    machine_fiber_create(machine, "one", false, add_without_lock, NULL);
    machine_fiber_create(machine, "other", false, add_without_lock, NULL);
    machine_run(machine);
    machine_destroy(machine);
}
END_TEST

/* --- what ends the process -------------------------------------------------------------------- */

START_TEST(leaving_what_is_not_current_aborts)
{
    static char a[] = "a";

    machine_leave(machine_hooked(a, NULL));
}
END_TEST

START_TEST(destroying_what_is_entered_aborts)
{
    static char a[] = "a";
    struct machine *machine = machine_hooked(a, NULL);

    machine_enter(machine);
    machine_destroy(machine);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {enter_and_leave_nest,
                                  machines_take_turns,
                                  a_machine_may_run_inside_a_fiber_of_another,
                                  a_failed_run_leaves_nothing_entered,
                                  the_console_keeps_lines,
                                  an_emulated_lock_orders_fibers,
                                  NULL};
    const TTest *const aborts[] = {leaving_what_is_not_current_aborts,
                                   destroying_what_is_entered_aborts, NULL};

    suite_expect_race(a_switch_of_fibers_orders_nothing);
    return suite_run_with_aborts("machine.machine", tests, aborts);
}
