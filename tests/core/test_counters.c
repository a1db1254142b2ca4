/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "counters.h"

#define CAUSE_COUNT ((int)TT_CAUSE_COUNT)

static struct tt_counters counters;

static void
setup(void)
{
    memset(&counters, 0xa5, sizeof(counters));
    tt_counters_init(&counters);
}

/* The fate of each cause, written a second time: e error, d dropped, - delivered. */
static const char fates[] = "--dddeee-eeededdd";

START_TEST(fresh_counters_are_zero)
{
    ck_assert(tt_counters_validate(&counters));
    for (int i = 0; i < CAUSE_COUNT; i++) {
        ck_assert_uint_eq(counters.packets[i], 0);
        ck_assert_uint_eq(counters.bytes[i], 0);
    }
}
END_TEST

START_TEST(each_cause_counts_once)
{
    /* given a truncated read, which is a delivered one first */
    if (_i == TT_CAUSE_OUT_TRUNCATED)
        tt_counters_add(&counters, TT_CAUSE_OUT_DELIVERED, 3, 100);
    /* when cause _i is counted twice */
    tt_counters_add(&counters, (enum tt_cause)_i, 2, 300);
    tt_counters_add(&counters, (enum tt_cause)_i, 1, 40);
    /* then it has three packets and 340 bytes */
    ck_assert_uint_eq(counters.packets[_i], 3);
    ck_assert_uint_eq(counters.bytes[_i], 340);
    /* and no other cause has moved */
    for (int i = 0; i < CAUSE_COUNT; i++) {
        if (i != _i && !(_i == TT_CAUSE_OUT_TRUNCATED && i == TT_CAUSE_OUT_DELIVERED))
            ck_assert_uint_eq(counters.packets[i], 0);
    }
}
END_TEST

START_TEST(each_cause_has_its_fate)
{
    enum tt_fate expected = fates[_i] == 'e' ? TT_FATE_ERROR
        : fates[_i] == 'd'                   ? TT_FATE_DROPPED
                                             : TT_FATE_DELIVERED;

    ck_assert_uint_eq(sizeof(fates) - 1, TT_CAUSE_COUNT);
    ck_assert_int_eq(tt_cause_fate((enum tt_cause)_i), expected);
    /* and what is no cause is nothing good */
    ck_assert_int_eq(tt_cause_fate(TT_CAUSE_COUNT), TT_FATE_ERROR);
    ck_assert_int_eq(tt_cause_fate((enum tt_cause)-1), TT_FATE_ERROR);
}
END_TEST

START_TEST(no_cause_is_ignored)
{
    struct tt_counters before = counters;

    tt_counters_add(&counters, TT_CAUSE_COUNT, 1, 1);
    tt_counters_add(&counters, (enum tt_cause)-1, 1, 1);
    tt_counters_add(&counters, (enum tt_cause)1000, 1, 1);
    tt_counters_add(&counters, TT_CAUSE_IN_LONG, 0, 0);
    ck_assert_mem_eq(&before, &counters, sizeof(counters));
}
END_TEST

START_TEST(large_counts)
{
    /* given more than 32 bits of packets and bytes */
    tt_counters_add(&counters, TT_CAUSE_OUT_FULL, UINT32_MAX, (uint64_t)UINT32_MAX * 1500);
    tt_counters_add(&counters, TT_CAUSE_OUT_FULL, UINT32_MAX, (uint64_t)UINT32_MAX * 1500);
    ck_assert_uint_eq(counters.packets[TT_CAUSE_OUT_FULL], 2 * (uint64_t)UINT32_MAX);
    ck_assert_uint_eq(counters.bytes[TT_CAUSE_OUT_FULL], (uint64_t)UINT32_MAX * 3000);
}
END_TEST

START_TEST(names_are_there_and_differ)
{
    for (int i = 0; i < CAUSE_COUNT; i++) {
        const char *name = tt_cause_name((enum tt_cause)i);

        ck_assert_str_ne(name, "?");
        /* the name says the direction */
        ck_assert_int_eq(strncmp(name, i < TT_CAUSE_IN_DELIVERED ? "out " : "in ", 3), 0);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(name, tt_cause_name((enum tt_cause)j));
    }
    ck_assert_str_eq(tt_cause_name(TT_CAUSE_IN_REFUSED), "in refused");
    ck_assert_str_eq(tt_cause_name(TT_CAUSE_COUNT), "?");
    ck_assert_str_eq(tt_cause_name((enum tt_cause)-1), "?");
}
END_TEST

START_TEST(validate_sees_every_kind_of_damage)
{
    ck_assert(!tt_counters_validate(NULL));
    counters.bytes[_i] = 1;
    ck_assert(!tt_counters_validate(&counters));
    tt_counters_init(&counters);
    counters.packets[TT_CAUSE_OUT_TRUNCATED] = 1;
    ck_assert(!tt_counters_validate(&counters));
    counters.packets[TT_CAUSE_OUT_DELIVERED] = 1;
    ck_assert(tt_counters_validate(&counters));
}
END_TEST

START_TEST(misuse_is_asserted)
{
    EXPECT_ASSERTION(tt_counters_init(NULL));
    EXPECT_ASSERTION(tt_counters_add(NULL, TT_CAUSE_IN_LONG, 1, 1));
    /* bytes of no packet */
    EXPECT_ASSERTION(tt_counters_add(&counters, TT_CAUSE_IN_LONG, 0, 1));
    /* a truncated read that was none */
    EXPECT_ASSERTION(tt_counters_add(&counters, TT_CAUSE_OUT_TRUNCATED, 1, 1));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.counters");
    TCase *tests = tcase_create("counters");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, fresh_counters_are_zero);
    tcase_add_loop_test(tests, each_cause_counts_once, 0, CAUSE_COUNT);
    tcase_add_loop_test(tests, each_cause_has_its_fate, 0, CAUSE_COUNT);
    tcase_add_test(tests, no_cause_is_ignored);
    tcase_add_test(tests, large_counts);
    tcase_add_test(tests, names_are_there_and_differ);
    tcase_add_loop_test(tests, validate_sees_every_kind_of_damage, 0, CAUSE_COUNT);
    tcase_add_test(tests, misuse_is_asserted);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
