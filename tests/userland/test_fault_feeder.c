/* SPDX-License-Identifier: BSD-2-Clause */
#include <fault_feeder.h>

#include <main.h>

static struct fault_feeder feeder;

static uint32_t
ask(enum choice_kind kind, const char *label)
{
    return feeder.feeder.next(&feeder.feeder, kind, 4, label);
}

START_TEST(without_a_wish_nothing_fails)
{
    fault_feeder_start(&feeder, NULL);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 0);
}
END_TEST

START_TEST(the_nth_question_of_that_label_fails_and_no_other)
{
    fault_feeder_start(&feeder, NULL);
    ck_assert(fault_feeder_arm(&feeder, "mbuf_get", 3));
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 0);
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_gethdr"), 0);
    ck_assert_uint_eq(ask(CHOICE_SCHEDULE, "mbuf_get"), 0);
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 0);
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 1);
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 0);
}
END_TEST

START_TEST(zero_takes_a_wish_back)
{
    fault_feeder_start(&feeder, NULL);
    ck_assert(fault_feeder_arm(&feeder, "mbuf_get", 1));
    ck_assert(fault_feeder_arm(&feeder, "mbuf_get", 0));
    ck_assert_uint_eq(ask(CHOICE_FAULT, "mbuf_get"), 0);
}
END_TEST

START_TEST(a_label_that_is_too_long_is_refused)
{
    char label[65];

    for (int i = 0; i < 64; i++)
        label[i] = 'x';
    label[64] = '\0';
    fault_feeder_start(&feeder, NULL);
    ck_assert(!fault_feeder_arm(&feeder, label, 1));
    label[63] = '\0';
    ck_assert(fault_feeder_arm(&feeder, label, 1));
    ck_assert_uint_eq(ask(CHOICE_FAULT, label), 1);
}
END_TEST

START_TEST(labels_are_noted_once_in_order_of_name)
{
    char copy[] = "ifnet_attach";

    fault_feeder_start(&feeder, NULL);
    (void)ask(CHOICE_FAULT, "mbuf_get");
    (void)ask(CHOICE_FAULT, "ifnet_attach");
    (void)ask(CHOICE_FAULT, copy);
    (void)ask(CHOICE_FAULT, "OSMalloc");
    (void)ask(CHOICE_DELAY, "not a fault");
    ck_assert_uint_eq(feeder.label_count, 3);
    ck_assert_str_eq(feeder.labels[0].label, "OSMalloc");
    ck_assert_str_eq(feeder.labels[1].label, "ifnet_attach");
    ck_assert_uint_eq(feeder.labels[1].asked, 2);
    ck_assert_str_eq(feeder.labels[2].label, "mbuf_get");
}
END_TEST

START_TEST(other_questions_go_to_the_source)
{
    static const uint8_t bytes[] = {3, 2, 1, 0};
    struct tape_bytes source;

    tape_bytes_start(&source, bytes, sizeof(bytes));
    fault_feeder_start(&feeder, &source.feeder);
    ck_assert_uint_eq(ask(CHOICE_SCHEDULE, "x"), 3);
    ck_assert(fault_feeder_arm(&feeder, "f", 1));
    ck_assert_uint_eq(ask(CHOICE_FAULT, "f"), 1);
    /* The source was asked all the same, so that its other answers do not move. */
    ck_assert_uint_eq(ask(CHOICE_SCHEDULE, "x"), 1);
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("fault_feeder");
    TCase *tests = tcase_create("fault_feeder");

    tcase_add_test(tests, without_a_wish_nothing_fails);
    tcase_add_test(tests, the_nth_question_of_that_label_fails_and_no_other);
    tcase_add_test(tests, zero_takes_a_wish_back);
    tcase_add_test(tests, a_label_that_is_too_long_is_refused);
    tcase_add_test(tests, labels_are_noted_once_in_order_of_name);
    tcase_add_test(tests, other_questions_go_to_the_source);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
