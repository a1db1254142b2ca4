/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include "tape_sparse.h"

enum { COUNT = 4, LIMIT = 600 };
/* The second byte of a pair. */
#define SCHEDULES(which) ((which) << 2)
#define FAULTS(which)    ((which) << 2 | 2)
#define OTHERS(which)    ((which) << 2 | 3)

static uint32_t
ask(struct tape_sparse *tape, enum choice_kind kind, uint32_t count)
{
    return tape->feeder.next(&tape->feeder, kind, count, "x");
}

/* At which of the next choices of the kind the first answer comes that is not 0, from 0; LIMIT: at none. */
static uint32_t
first_answer(struct tape_sparse *tape, enum choice_kind kind, uint32_t *value)
{
    uint32_t asked = 0;

    while (asked < LIMIT && (*value = ask(tape, kind, COUNT)) == 0)
        asked++;
    return asked;
}

START_TEST(a_pair_says_where_and_which)
{
    static const uint8_t bytes[] = {3, SCHEDULES(1), 0, SCHEDULES(0)};
    struct tape_sparse tape;
    uint32_t value;

    tape_sparse_start(&tape, bytes, sizeof(bytes));
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), 3);
    ck_assert_uint_eq(value, 2);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), 0);
    ck_assert_uint_eq(value, 1);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), LIMIT);
}
END_TEST

/* An answer is never 0 and always below count, whatever the byte. */
START_TEST(each_byte_is_an_answer_that_is_possible)
{
    for (unsigned which = 0; which < 64; which++) {
        const uint8_t bytes[] = {0, (uint8_t)SCHEDULES(which)};

        for (uint32_t count = 2; count < 70; count++) {
            struct tape_sparse tape;
            uint32_t value;

            tape_sparse_start(&tape, bytes, sizeof(bytes));
            value = ask(&tape, CHOICE_SCHEDULE, count);
            ck_assert_uint_gt(value, 0);
            ck_assert_uint_lt(value, count);
        }
    }
}
END_TEST

START_TEST(lanes_do_not_move_each_other)
{
    static const uint8_t bytes[] = {1, FAULTS(0), 2, SCHEDULES(0), 0, OTHERS(2), 1, FAULTS(0)};
    struct tape_sparse tape;
    uint32_t value;

    tape_sparse_start(&tape, bytes, sizeof(bytes));
    ck_assert_uint_eq(first_answer(&tape, CHOICE_DELAY, &value), 0);
    ck_assert_uint_eq(value, 3);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), 2);
    for (int fault = 0; fault < 2; fault++) {
        ck_assert_uint_eq(ask(&tape, CHOICE_FAULT, 2), 0);
        ck_assert_uint_eq(ask(&tape, CHOICE_FAULT, 2), 1);
    }
    ck_assert_uint_eq(ask(&tape, CHOICE_FAULT, 2), 0);
    /* The same without its faults: the other lanes say what they said. */
    tape_sparse_start(&tape, bytes + 2, 4);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), 2);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_WORKLOAD, &value), 0);
    ck_assert_uint_eq(first_answer(&tape, CHOICE_PARTIAL, &value), LIMIT);
}
END_TEST

START_TEST(a_far_place_is_reached_by_pairs_that_skip)
{
    static const uint8_t bytes[] = {TAPE_SPARSE_SKIP, SCHEDULES(5), TAPE_SPARSE_SKIP, SCHEDULES(0), 10, SCHEDULES(0)};
    struct tape_sparse tape;
    uint32_t value;

    tape_sparse_start(&tape, bytes, sizeof(bytes));
    ck_assert_uint_eq(first_answer(&tape, CHOICE_SCHEDULE, &value), 2 * TAPE_SPARSE_SKIP + 10);
}
END_TEST

START_TEST(nothing_and_half_a_pair_are_benign)
{
    static const uint8_t half[] = {0};
    struct tape_sparse tape;
    uint32_t value;

    for (size_t length = 0; length <= sizeof(half); length++) {
        tape_sparse_start(&tape, half, length);
        for (int kind = 0; kind < TAPE_KIND_COUNT; kind++)
            ck_assert_uint_eq(first_answer(&tape, (enum choice_kind)kind, &value), LIMIT);
    }
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {a_pair_says_where_and_which,
                                  each_byte_is_an_answer_that_is_possible,
                                  lanes_do_not_move_each_other,
                                  a_far_place_is_reached_by_pairs_that_skip,
                                  nothing_and_half_a_pair_are_benign,
                                  NULL};

    return suite_run("machine.tape_sparse", tests);
}
