/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <string.h>

#include "tape.h"

static struct machine *
machine_plain(struct tape_feeder *feeder)
{
    struct machine_config config = {.feeder = feeder};
    struct machine *machine = machine_create(&config);

    ck_assert_ptr_nonnull(machine);
    return machine;
}

static void
say_three_times(void *argument)
{
    for (int turn = 0; turn < 3; turn++) {
        log_add("%s%d ", (const char *)argument, turn);
        machine_yield("say");
    }
}

START_TEST(without_tape_a_fiber_runs_to_its_end)
{
    struct machine *machine = machine_plain(NULL);

    machine_fiber_create(machine, "a", false, say_three_times, "a");
    machine_fiber_create(machine, "b", false, say_three_times, "b");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "a0 a1 a2 b0 b1 b2 ");
    ck_assert_uint_eq(machine_steps(machine), 8);
    machine_destroy(machine);
}
END_TEST

START_TEST(round_robin_takes_turns)
{
    struct tape_round_robin tape;
    struct machine *machine;

    tape_round_robin_start(&tape, 1);
    machine = machine_plain(&tape.feeder);
    machine_fiber_create(machine, "a", false, say_three_times, "a");
    machine_fiber_create(machine, "b", false, say_three_times, "b");
    machine_fiber_create(machine, "c", false, say_three_times, "c");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "a0 b0 c0 a1 b1 c1 a2 b2 c2 ");
    machine_destroy(machine);
}
END_TEST

/* --- block and wake --------------------------------------------------------------------------- */

static struct fiber *sleeper;

static void
sleep_once(void *argument)
{
    bool woken;

    log_add("sleep ");
    woken = machine_block("test", NULL, 0);
    log_add("%s%s ", woken ? "woken" : "late", (const char *)argument);
}

static void
wake_sleeper(void *argument)
{
    (void)argument;
    log_add("wake ");
    log_add("%s", machine_fiber_blocked(sleeper) ? "" : "not blocked ");
    machine_wake(sleeper);
    machine_wake(sleeper); /* no longer blocked: nothing */
}

START_TEST(a_wake_ends_a_block)
{
    struct machine *machine = machine_plain(NULL);

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_once, "");
    machine_fiber_create(machine, "waker", false, wake_sleeper, NULL);
    ck_assert(!machine_fiber_blocked(sleeper));
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "sleep wake woken ");
    ck_assert(machine_fiber_finished(sleeper));
    machine_destroy(machine);
}
END_TEST

START_TEST(a_wake_before_the_block_is_not_remembered)
{
    struct machine *machine = machine_plain(NULL);

    sleeper = machine_fiber_create(machine, "sleeper", false, sleep_once, "");
    machine_wake(sleeper);
    ck_assert_int_eq(machine_run(machine), MACHINE_HANG);
    machine_wake(sleeper); /* the host may wake, too */
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(machine_report(machine), "");
    ck_assert_str_eq(log_text(), "sleep woken ");
    machine_destroy(machine);
}
END_TEST

START_TEST(woken_fibers_run_in_the_order_of_their_wake)
{
    struct machine *machine = machine_plain(NULL);
    static char names[4][2] = {"0", "1", "2", "3"};
    struct fiber *fibers[4];

    for (int index = 0; index < 4; index++) {
        fibers[index] = machine_fiber_create(machine, "f", true, sleep_once, names[index]);
        machine_fiber_set_local(fibers[index], fibers[index]);
    }
    ck_assert_int_eq(machine_run(machine), MACHINE_OK); /* daemons may be blocked */
    for (int index = 3; index >= 0; index--)
        machine_wake(fibers[index]);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_ptr_eq(machine_fiber_local(fibers[2]), fibers[2]);
    ck_assert_str_eq(log_text(), "sleep sleep sleep sleep woken3 woken2 woken1 woken0 ");
    machine_destroy(machine);
}
END_TEST

/* --- life ------------------------------------------------------------------------------------- */

static void
exit_early(void *argument)
{
    (void)argument;
    log_add("%s %u", machine_fiber_name(machine_fiber_current()),
            machine_fiber_id(machine_fiber_current()));
    machine_fiber_exit();
}

static void
wait_idle_twice(void *argument)
{
    (void)argument;
    machine_wait_idle("test");
    log_add("idle at %llu ", (unsigned long long)machine_now_ns());
    machine_wait_idle("test");
    log_add("idle again ");
}

static void
sleep_until_500(void *argument)
{
    (void)argument;
    log_add("sleep ");
    (void)machine_block("test", NULL, 500000);
    log_add("slept until %llu ", (unsigned long long)machine_now_ns());
}

START_TEST(who_waits_until_idle_comes_after_all_work_and_before_the_clock_jumps)
{
    struct machine *machine = machine_plain(NULL);

    machine_fiber_create(machine, "terminal", false, wait_idle_twice, NULL);
    machine_fiber_create(machine, "a", false, say_three_times, "a");
    machine_fiber_create(machine, "sleeper", false, sleep_until_500, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "a0 a1 a2 sleep idle at 600 idle again slept until 500000 ");
    machine_destroy(machine);
}
END_TEST

START_TEST(a_fiber_has_a_name_and_an_id)
{
    struct machine *machine = machine_plain(NULL);
    struct fiber *fiber;

    ck_assert_ptr_null(machine_fiber_current());
    fiber = machine_fiber_create(machine, "a name that is much longer than it should be", false,
                                 exit_early, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "a name that is much longer than it shou 1");
    machine_fiber_release(fiber);
    machine_destroy(machine);
}
END_TEST

static void
say_nothing(void *argument)
{
    (void)argument;
    machine_yield("nothing");
}

static void
create_children(void *argument)
{
    struct machine *machine = machine_current();

    (void)argument;
    for (int index = 0; index < 2000; index++) {
        machine_fiber_release(machine_fiber_create(machine, "child", false, say_nothing, NULL));
        machine_block("nap", NULL, machine_now_ns() + 1);
    }
    log_add("%u", machine_fiber_id(machine_fiber_current()));
}

START_TEST(fibers_come_and_go)
{
    struct machine *machine = machine_plain(NULL);

    machine_fiber_create(machine, "parent", false, create_children, NULL);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    ck_assert_str_eq(log_text(), "1");
    machine_destroy(machine);
}
END_TEST

static int
depth_reach(int depth)
{
    volatile char frame[256];

    frame[0] = (char)depth;
    if (depth == 0) {
        machine_block("deep", NULL, 0);
        return frame[0];
    }
    return depth_reach(depth - 1) + frame[0] - (char)depth;
}

static void
block_deep(void *argument)
{
    (void)argument;
    depth_reach(20);
}

START_TEST(blocked_fibers_are_abandoned_by_destroy)
{
    for (int round = 0; round < 50; round++) {
        struct machine *machine = machine_plain(NULL);

        for (int index = 0; index < 8; index++)
            machine_fiber_create(machine, "deep", true, block_deep, NULL);
        ck_assert_int_eq(machine_run(machine), MACHINE_OK);
        machine_fiber_create(machine, "never run", false, block_deep, NULL);
        machine_destroy(machine);
    }
}
END_TEST

/* --- registers -------------------------------------------------------------------------------- */

/* Many live values across each switch: some of them are in every register that must be kept. */
static void
sum_values(void *argument)
{
    uint64_t seed = (uint64_t)(uintptr_t)argument;
    uint64_t a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11, f = seed * 13;
    double x = (double)seed, y = x * 2, z = x * 3;

    for (int turn = 0; turn < 100; turn++) {
        a += b ^ c;
        b += c ^ d;
        c += d ^ e;
        x += y / 3;
        machine_yield("sum");
        d += e ^ f;
        e += f ^ a;
        f += a ^ b;
        y += z / 7;
        z += x / 5;
    }
    log_add("%llx %lld ", (unsigned long long)(a ^ b ^ c ^ d ^ e ^ f), (long long)(x + y + z));
}

START_TEST(registers_survive_switches)
{
    struct tape_round_robin tape;
    struct machine *machine;
    char alone[512];

    for (uintptr_t seed = 1; seed <= 4; seed++)
        sum_values((void *)(seed * 977));
    machine_format(alone, sizeof(alone), "%s", log_text());
    tape_round_robin_start(&tape, 1);
    machine = machine_plain(&tape.feeder);
    for (uintptr_t seed = 1; seed <= 4; seed++)
        machine_fiber_create(machine, "sum", false, sum_values, (void *)(seed * 977));
    log_add("|");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    log_add("|");
    ck_assert_mem_eq(log_text(), alone, strlen(alone));
    ck_assert_str_eq(log_text() + strlen(alone) + 1 + strlen(alone), "|");
    ck_assert_mem_eq(log_text() + strlen(alone) + 1, alone, strlen(alone));
    machine_destroy(machine);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {without_tape_a_fiber_runs_to_its_end,
                                  round_robin_takes_turns,
                                  a_wake_ends_a_block,
                                  a_wake_before_the_block_is_not_remembered,
                                  woken_fibers_run_in_the_order_of_their_wake,
                                  who_waits_until_idle_comes_after_all_work_and_before_the_clock_jumps,
                                  a_fiber_has_a_name_and_an_id,
                                  fibers_come_and_go,
                                  blocked_fibers_are_abandoned_by_destroy,
                                  registers_survive_switches,
                                  NULL};

    return suite_run("machine.fiber", tests);
}
