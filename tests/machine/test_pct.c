/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <string.h>

#include "tape_pct.h"

enum { TURNS = 5, RUNS = 200, LENGTH = 2 * TURNS };

static void
walk(void *argument)
{
    for (int turn = 0; turn < TURNS; turn++) {
        log_add("%s", (const char *)argument);
        machine_yield("turn");
    }
}

/* One run of fibers a and b; what they wrote. */
static const char *
run(uint64_t seed, uint32_t depth)
{
    struct tape_pct tape;
    struct machine_config config = {.feeder = &tape.feeder};
    struct machine *machine = machine_create(&config);
    size_t start = strlen(log_text());

    tape_pct_start(&tape, seed, depth, LENGTH);
    machine_fiber_create(machine, "a", false, walk, "a");
    machine_fiber_create(machine, "b", false, walk, "b");
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    return log_text() + start;
}

static unsigned
switches(const char *text)
{
    unsigned count = 0;

    for (; text[0] != '\0' && text[1] != '\0'; text++)
        count += text[0] != text[1];
    return count;
}

START_TEST(depth_1_is_one_fiber_after_the_other)
{
    unsigned a_first = 0;

    for (uint64_t seed = 0; seed < RUNS; seed++) {
        const char *text = run(seed, 1);

        ck_assert_uint_eq(switches(text), 1);
        a_first += text[0] == 'a';
    }
    ck_assert_uint_gt(a_first, RUNS / 4);
    ck_assert_uint_lt(a_first, RUNS * 3 / 4);
}
END_TEST

/* Each change of priority is at most one switch there and one when the other has ended. */
START_TEST(a_change_lets_the_other_one_run)
{
    unsigned in_the_middle = 0;

    for (uint64_t seed = 0; seed < RUNS; seed++) {
        unsigned count = switches(run(seed, 2));

        ck_assert_uint_le(count, 2);
        in_the_middle += count == 2;
    }
    ck_assert_uint_gt(in_the_middle, RUNS / 10);
}
END_TEST

/* The guarantee: 1 / (n * length) for depth 2. Met far more often for each place of a. */
START_TEST(every_place_is_reached)
{
    static const char *const places[] = {"abbbbbaaaa", "aabbbbbaaa", "aaabbbbbaa", "aaaabbbbba"};
    unsigned met[4] = {0};

    for (uint64_t seed = 0; seed < RUNS; seed++) {
        const char *text = run(seed, 2);

        for (int i = 0; i < 4; i++)
            met[i] += strcmp(text, places[i]) == 0;
    }
    for (int i = 0; i < 4; i++)
        ck_assert_uint_ge(met[i], RUNS / (2 * LENGTH) / 2);
}
END_TEST

START_TEST(the_same_seed_is_the_same_run)
{
    char first[64];

    strcpy(first, run(7, 4));
    ck_assert_str_eq(first, run(7, 4));
}
END_TEST

static void
ask_the_rest(void *argument)
{
    unsigned *sums = argument;

    for (int i = 0; i < 100; i++) {
        sums[0] += machine_fault("operation");
        sums[1] += machine_choose(CHOICE_DELAY, 4, "delay");
    }
}

START_TEST(nothing_fails_but_things_are_late)
{
    struct tape_pct tape;
    struct machine_config config = {.feeder = &tape.feeder};
    struct machine *machine = machine_create(&config);
    unsigned sums[2] = {0};

    tape_pct_start(&tape, 3, 2, 10);
    machine_fiber_create(machine, "a", false, ask_the_rest, sums);
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    ck_assert_uint_eq(sums[0], 0);
    ck_assert_uint_gt(sums[1], 0);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        depth_1_is_one_fiber_after_the_other,
        a_change_lets_the_other_one_run,
        every_place_is_reached,
        the_same_seed_is_the_same_run,
        nothing_fails_but_things_are_late,
        NULL,
    };

    return suite_run("pct", tests);
}
