/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "tape_dfs.h"

enum { NODES = 256 };

static void
two_segments(void *argument)
{
    log_add("%s", (const char *)argument);
    machine_yield("between");
    log_add("%s", (const char *)argument);
}

static void
one_segment(void *argument)
{
    log_add("%s", (const char *)argument);
}

static void
faulty(void *argument)
{
    (void)argument;
    for (int i = 0; i < 3; i++)
        log_add("%d", machine_fault("operation"));
}

/* What runs: `letters` fibers with that body. */
struct model {
    void (*body)(void *);
    const char *letters;
};

static void
model_run(const struct model *model, struct tape_feeder *feeder)
{
    static char names[8][2];
    struct machine_config config = {.feeder = feeder};
    struct machine *machine = machine_create(&config);

    for (size_t i = 0; model->letters[i] != '\0'; i++) {
        names[i][0] = model->letters[i];
        machine_fiber_create(machine, names[i], false, model->body, names[i]);
    }
    ck_assert_int_eq(machine_run(machine), MACHINE_OK);
    machine_destroy(machine);
    log_add(" ");
}

static uint64_t
search(const struct model *model, const struct tape_dfs_limits *limits)
{
    struct tape_dfs_node nodes[NODES];
    struct tape_dfs dfs;

    tape_dfs_start(&dfs, limits, nodes, NODES);
    do
        model_run(model, &dfs.feeder);
    while (tape_dfs_advance(&dfs));
    ck_assert(!dfs.diverged);
    ck_assert(!dfs.overflowed);
    return dfs.schedules;
}

static uint64_t
count(const struct model *model, enum tape_dfs_mode mode, uint32_t bound)
{
    return search(model, &(struct tape_dfs_limits){.mode = mode, .bound = bound});
}

static const struct model two = {two_segments, "ab"};
static const struct model three = {one_segment, "abc"};

/* All orders of two segments each of a and b are 6; by hand, how many need at most n switches. */
START_TEST(each_schedule_within_the_bound_is_made_once)
{
    static const uint64_t switches[] = {1, 3, 5, 6, 6}, preemptions[] = {2, 4, 6, 6};

    for (uint32_t bound = 0; bound < 5; bound++)
        ck_assert_uint_eq(count(&two, TAPE_DFS_SWITCHES, bound), switches[bound]);
    for (uint32_t bound = 0; bound < 4; bound++)
        ck_assert_uint_eq(count(&two, TAPE_DFS_PREEMPTIONS, bound), preemptions[bound]);
}
END_TEST

START_TEST(the_schedules_are_all_the_orders_there_are)
{
    static const char *const orders[] = {"aabb", "abab", "abba", "bbaa", "baba", "baab"};
    size_t start = strlen(log_text());

    count(&two, TAPE_DFS_SWITCHES, 3);
    for (int i = 0; i < 6; i++) {
        const char *found = strstr(log_text() + start, orders[i]);

        ck_assert_msg(found != NULL, "%s was never run", orders[i]);
        ck_assert_ptr_null(strstr(found + 1, orders[i]));
    }
}
END_TEST

/* Passing over two fibers at once is one switch, and two delays. */
START_TEST(a_delay_costs_one_for_each_fiber_passed_over)
{
    static const uint64_t switches[] = {1, 4, 6}, delays[] = {1, 3, 5, 6};

    for (uint32_t bound = 0; bound < 3; bound++)
        ck_assert_uint_eq(count(&three, TAPE_DFS_SWITCHES, bound), switches[bound]);
    for (uint32_t bound = 0; bound < 4; bound++)
        ck_assert_uint_eq(count(&three, TAPE_DFS_DELAYS, bound), delays[bound]);
}
END_TEST

START_TEST(faults_have_a_bound_of_their_own)
{
    static const struct model model = {faulty, "a"};
    static const char *const all = "000 001 010 100 ";
    size_t start = strlen(log_text());

    ck_assert_uint_eq(search(&model, &(struct tape_dfs_limits){.faults = 1}), 4);
    ck_assert_str_eq(log_text() + start, all);
    ck_assert_uint_eq(search(&model, &(struct tape_dfs_limits){.faults = 2}), 7);
    ck_assert_uint_eq(search(&model, &(struct tape_dfs_limits){.bound = 9}), 1);
}
END_TEST

START_TEST(several_searchers_share_the_schedules)
{
    for (enum tape_dfs_mode mode = TAPE_DFS_SWITCHES; mode <= TAPE_DFS_PREEMPTIONS; mode++) {
        uint64_t sum = 0;

        for (uint32_t part = 0; part < 3; part++)
            sum += search(&two, &(struct tape_dfs_limits){
                                    .mode = mode, .bound = 2, .parts = 3, .part = part});
        ck_assert_uint_eq(sum, count(&two, mode, 2));
    }
}
END_TEST

START_TEST(a_run_can_be_made_again)
{
    struct tape_dfs_node nodes[NODES];
    struct tape_dfs dfs;
    size_t start = strlen(log_text());

    tape_dfs_start(&dfs, &(struct tape_dfs_limits){.bound = 1}, nodes, NODES);
    model_run(&two, &dfs.feeder);
    ck_assert(tape_dfs_advance(&dfs));
    for (int i = 0; i < 2; i++) {
        model_run(&two, &dfs.feeder);
        tape_dfs_again(&dfs);
    }
    ck_assert_str_eq(log_text() + start, "aabb abba abba ");
}
END_TEST

START_TEST(a_run_that_asks_otherwise_is_noticed)
{
    struct tape_dfs_node nodes[NODES];
    struct tape_dfs dfs;

    tape_dfs_start(&dfs, &(struct tape_dfs_limits){.bound = 1}, nodes, NODES);
    model_run(&three, &dfs.feeder);
    ck_assert(tape_dfs_advance(&dfs));
    model_run(&two, &dfs.feeder);
    ck_assert(dfs.diverged);
}
END_TEST

START_TEST(a_run_too_long_to_be_covered_is_noticed)
{
    struct tape_dfs_node nodes[1];
    struct tape_dfs dfs;

    tape_dfs_start(&dfs, &(struct tape_dfs_limits){.bound = 1}, nodes, 1);
    model_run(&two, &dfs.feeder);
    ck_assert(dfs.overflowed);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        each_schedule_within_the_bound_is_made_once,
        the_schedules_are_all_the_orders_there_are,
        a_delay_costs_one_for_each_fiber_passed_over,
        faults_have_a_bound_of_their_own,
        several_searchers_share_the_schedules,
        a_run_can_be_made_again,
        a_run_that_asks_otherwise_is_noticed,
        a_run_too_long_to_be_covered_is_noticed,
        NULL,
    };

    return suite_run("dfs", tests);
}
