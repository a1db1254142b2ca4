/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "unit_table.h"

#define UNIT_COUNT ((int)TT_UNIT_COUNT)

static struct tt_unit_table table;

/* The table's memory is poison before each test. */
static void
setup(void)
{
    memset(&table, 0xa5, sizeof(table));
    tt_unit_table_init(&table);
}

START_TEST(fresh_table_is_idle)
{
    ck_assert(tt_unit_table_validate(&table));
    ck_assert_uint_eq(table.claimed_count, 0);
    ck_assert_uint_eq(table.entry_count, 0);
    ck_assert(!table.stopping);
    ck_assert_int_eq(tt_unit_table_can_stop(&table), TT_OK);
}
END_TEST

START_TEST(there_are_sixteen_units)
{
    static const int64_t bad[] = { -1, 16, 17, 255, 256, 0xffffff, INT32_MAX, INT32_MIN, INT64_MAX,
        INT64_MIN, 0x100000000, -16 };

    /* given minors 0 to 15, then they are units; anything else is ENXIO */
    for (int64_t minor = 0; minor < UNIT_COUNT; minor++)
        ck_assert_int_eq(tt_unit_table_check(minor), TT_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(tt_unit_table_check(bad[i]), TT_ENXIO);
        ck_assert_int_eq(tt_unit_table_claim(&table, bad[i]), TT_ENXIO);
        ck_assert_int_eq(tt_unit_table_release(&table, bad[i]), TT_ENXIO);
    }
    ck_assert_uint_eq(table.claimed_count, 0);
}
END_TEST

START_TEST(a_unit_has_one_owner)
{
    /* given unit _i claimed, then a second claim is busy, and the others are free */
    ck_assert_int_eq(tt_unit_table_claim(&table, _i), TT_OK);
    ck_assert_int_eq(tt_unit_table_claim(&table, _i), TT_EBUSY);
    ck_assert_uint_eq(table.claimed_count, 1);
    for (int other = 0; other < UNIT_COUNT; other++) {
        if (other != _i)
            ck_assert_int_eq(tt_unit_table_claim(&table, other), TT_OK);
    }
    ck_assert_uint_eq(table.claimed_count, TT_UNIT_COUNT);
    /* when released, then it can be claimed again; once */
    ck_assert_int_eq(tt_unit_table_release(&table, _i), TT_OK);
    ck_assert_int_eq(tt_unit_table_release(&table, _i), TT_ENXIO);
    ck_assert_int_eq(tt_unit_table_claim(&table, _i), TT_OK);
}
END_TEST

START_TEST(release_without_claim)
{
    ck_assert_int_eq(tt_unit_table_release(&table, _i), TT_ENXIO);
    ck_assert_uint_eq(table.claimed_count, 0);
}
END_TEST

START_TEST(stop_is_refused_while_a_unit_is_claimed)
{
    /* given an open unit, when the kext is to go, then busy and nothing has changed */
    ck_assert_int_eq(tt_unit_table_claim(&table, _i), TT_OK);
    ck_assert_int_eq(tt_unit_table_can_stop(&table), TT_EBUSY);
    ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_EBUSY);
    ck_assert(!table.stopping);
    ck_assert_int_eq(tt_unit_table_enter(&table), TT_OK);
    tt_unit_table_leave(&table);
    /* when the unit is free, then it can */
    ck_assert_int_eq(tt_unit_table_release(&table, _i), TT_OK);
    ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_OK);
}
END_TEST

START_TEST(stop_is_refused_while_a_thread_is_inside)
{
    /* given three threads past the entry, wherever they are parked (A11) */
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(tt_unit_table_enter(&table), TT_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_EBUSY);
        tt_unit_table_leave(&table);
    }
    /* when the last has left, then stop succeeds */
    ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_OK);
}
END_TEST

START_TEST(nobody_gets_in_after_stop)
{
    ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_OK);
    /* given a stop under way, then entries and claims are ENXIO */
    ck_assert_int_eq(tt_unit_table_enter(&table), TT_ENXIO);
    for (int unit = 0; unit < UNIT_COUNT; unit++)
        ck_assert_int_eq(tt_unit_table_claim(&table, unit), TT_ENXIO);
    ck_assert_uint_eq(table.entry_count, 0);
    ck_assert_uint_eq(table.claimed_count, 0);
    /* and a second stop is as good as the first */
    ck_assert_int_eq(tt_unit_table_stop_begin(&table), TT_OK);
    /* when it is called off, then the door is open again */
    tt_unit_table_stop_cancel(&table);
    ck_assert_int_eq(tt_unit_table_enter(&table), TT_OK);
    ck_assert_int_eq(tt_unit_table_claim(&table, 3), TT_OK);
}
END_TEST

START_TEST(cancel_without_stop_is_harmless)
{
    ck_assert_int_eq(tt_unit_table_enter(&table), TT_OK);
    ck_assert_int_eq(tt_unit_table_claim(&table, 0), TT_OK);
    tt_unit_table_stop_cancel(&table);
    ck_assert_uint_eq(table.entry_count, 1);
    ck_assert_uint_eq(table.claimed_count, 1);
}
END_TEST

START_TEST(validate_sees_every_kind_of_damage)
{
    struct tt_unit_table good;

    ck_assert(!tt_unit_table_validate(NULL));
    ck_assert_int_eq(tt_unit_table_claim(&table, 5), TT_OK);
    good = table;
    table.claimed_count = 2;
    ck_assert(!tt_unit_table_validate(&table));
    table = good;
    table.claimed[6] = true;
    ck_assert(!tt_unit_table_validate(&table));
    table = good;
    table.claimed[5] = false;
    ck_assert(!tt_unit_table_validate(&table));
    /* a claim or a thread while stopping */
    table = good;
    table.stopping = true;
    ck_assert(!tt_unit_table_validate(&table));
    tt_unit_table_init(&table);
    table.stopping = true;
    ck_assert(tt_unit_table_validate(&table));
    table.entry_count = 1;
    ck_assert(!tt_unit_table_validate(&table));
}
END_TEST

START_TEST(misuse_is_asserted)
{
    EXPECT_ASSERTION(tt_unit_table_init(NULL));
    EXPECT_ASSERTION((void)tt_unit_table_enter(NULL));
    EXPECT_ASSERTION(tt_unit_table_leave(NULL));
    EXPECT_ASSERTION(tt_unit_table_leave(&table));
    EXPECT_ASSERTION((void)tt_unit_table_claim(NULL, 0));
    EXPECT_ASSERTION((void)tt_unit_table_release(NULL, 0));
    EXPECT_ASSERTION((void)tt_unit_table_can_stop(NULL));
    EXPECT_ASSERTION((void)tt_unit_table_stop_begin(NULL));
    EXPECT_ASSERTION(tt_unit_table_stop_cancel(NULL));
    /* more threads than can be counted */
    table.entry_count = UINT32_MAX;
    EXPECT_ASSERTION((void)tt_unit_table_enter(&table));
}
END_TEST

static uint32_t
claimed_mask(void)
{
    uint32_t mask = 0;

    for (uint32_t unit = 0; unit < TT_UNIT_COUNT; unit++)
        mask |= (uint32_t)table.claimed[unit] << unit;
    return mask;
}

/* The naive model: a set of claims, a number of threads, a flag. */
START_TEST(random_histories_agree_with_a_naive_model)
{
    uint64_t random = (uint64_t)_i + 77;
    uint32_t claims = 0, threads = 0;
    bool stopping = false;

    for (int step = 0; step < 1000; step++) {
        int64_t minor = (int64_t)(random_next(&random) % 20) - 2;
        bool exists = minor >= 0 && minor < UNIT_COUNT;
        uint32_t bit = exists ? 1u << minor : 0;
        enum tt_error expected;

        switch (random_next(&random) % 8) {
        case 0:
            expected = !exists || stopping ? TT_ENXIO : (claims & bit) != 0 ? TT_EBUSY : TT_OK;
            ck_assert_int_eq(tt_unit_table_claim(&table, minor), expected);
            if (expected == TT_OK)
                claims |= bit;
            break;
        case 1:
        case 2:
            expected = (claims & bit) != 0 ? TT_OK : TT_ENXIO;
            ck_assert_int_eq(tt_unit_table_release(&table, minor), expected);
            claims &= ~bit;
            break;
        case 3:
            ck_assert_int_eq(tt_unit_table_enter(&table), stopping ? TT_ENXIO : TT_OK);
            threads += !stopping;
            break;
        case 4:
        case 5:
            if (threads > 0) {
                tt_unit_table_leave(&table);
                threads--;
            }
            break;
        case 6:
            expected = claims == 0 && threads == 0 ? TT_OK : TT_EBUSY;
            ck_assert_int_eq(tt_unit_table_can_stop(&table), expected);
            ck_assert_int_eq(tt_unit_table_stop_begin(&table), expected);
            stopping = stopping || expected == TT_OK;
            break;
        default:
            tt_unit_table_stop_cancel(&table);
            stopping = false;
        }
        ck_assert(table.stopping == stopping);
        ck_assert_uint_eq(table.entry_count, threads);
        ck_assert_uint_eq(claimed_mask(), claims);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.unit_table");
    TCase *tests = tcase_create("unit_table");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, fresh_table_is_idle);
    tcase_add_test(tests, there_are_sixteen_units);
    tcase_add_loop_test(tests, a_unit_has_one_owner, 0, UNIT_COUNT);
    tcase_add_loop_test(tests, release_without_claim, 0, UNIT_COUNT);
    tcase_add_loop_test(tests, stop_is_refused_while_a_unit_is_claimed, 0, UNIT_COUNT);
    tcase_add_test(tests, stop_is_refused_while_a_thread_is_inside);
    tcase_add_test(tests, nobody_gets_in_after_stop);
    tcase_add_test(tests, cancel_without_stop_is_harmless);
    tcase_add_test(tests, validate_sees_every_kind_of_damage);
    tcase_add_test(tests, misuse_is_asserted);
    tcase_add_loop_test(tests, random_histories_agree_with_a_naive_model, 0, 20);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
