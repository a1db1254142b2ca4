/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <workload_program.h>

#include "main.h"

static void
check_text(const struct workload_program *program, const char *expected)
{
    struct text text = {0};

    workload_program_text(program, &text);
    ck_assert_str_eq(text_bytes(&text), expected);
    text_free(&text);
}

static struct workload_result
run(const char *name)
{
    const struct workload_options options = {0};
    char error[WORKLOAD_ERROR_BYTES] = "";
    struct workload_result result;
    struct workload workload;

    ck_assert_msg(workload_find(&workload, name, error), "%s: %s", name, error);
    workload_run(&workload, &options, &result);
    workload_end(&workload);
    return result;
}

static void
check_ends_well(const char *name)
{
    struct workload_result result = run(name);

    ck_assert_msg(result.outcome == MACHINE_OK, "%s: %s", name, text_bytes(&result.report));
    workload_result_free(&result);
}

START_TEST(a_program_is_its_text)
{
    static const char *const texts[] = {
        "tun-program bare:",
        "tap-program loaded: 2",
        "tun-program running forked: 0 read, close; 1 read until an error, write; 2 ifconfig down, send 2",
        "tap-program opened: 0 ifconfig mtu 1400, ioctl FIONBIO 1, dup, fork 30; 2 kill -9 0, sleep 3000",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char error[WORKLOAD_ERROR_BYTES] = "";
        struct workload_program program;

        ck_assert_msg(workload_program_parse(&program, texts[i], error), "%s", error);
        check_text(&program, texts[i]);
    }
}
END_TEST

START_TEST(a_program_that_is_made_is_the_one_that_is_read)
{
    struct workload_program program, read;
    char error[WORKLOAD_ERROR_BYTES];
    struct text text = {0};

    workload_program_start(&program, PACKET_DEVICE_TUN, WORKLOAD_OPENED, true);
    ck_assert(workload_program_thread(&program, 1));
    for (unsigned step = 0; step < WORKLOAD_PROGRAM_STEPS_MAX; step++) {
        enum workload_act act = (enum workload_act)(WORKLOAD_END + 1 + step % (WORKLOAD_ACT_COUNT - 1));
        int first, last;

        (void)workload_argument_range(act, &first, &last);
        ck_assert(workload_program_step(&program, 0, act, last));
    }
    ck_assert(!workload_program_step(&program, 0, WORKLOAD_READ, 0));
    workload_program_text(&program, &text);
    ck_assert_uint_lt(strlen(text_bytes(&text)), WORKLOAD_NAME_BYTES);
    ck_assert(workload_program_parse(&read, text_bytes(&text), error));
    check_text(&read, text_bytes(&text));
    text_free(&text);
}
END_TEST

START_TEST(what_is_no_program_is_one_clear_line)
{
    static const char *const texts[] = {
        "tun-program",
        "tun-program cold: 0 read",
        "tun-program running 0 read",
        "tun-program running: 3 read",
        "tun-program running: 0 frob",
        "tun-program running: 0 read write",
        "tun-program running: 0 send",
        "tun-program running: 0 send 5",
        "tun-program running: 0 ifconfig mtu 71",
        "tun-program running: 0 sleep 99999999999",
        "tap-program running: 0 ioctl TUNSIFHEAD 1",
        "tun-program running: 0 read; 0 read; 0 read; 0 read; 0 read",
        "tun-program running: 0 end",
        "tun-program running: 0 read,",
        "tun-program running: 0 readable",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char error[WORKLOAD_ERROR_BYTES] = "";
        struct workload workload;

        ck_assert_msg(!workload_find(&workload, texts[i], error), "%s", texts[i]);
        ck_assert_uint_gt(strlen(error), 0);
        ck_assert_ptr_null(strchr(error, '\n'));
    }
}
END_TEST

/* Nobody sends, nobody goes down: what the threads wait for the end of the run brings. */
START_TEST(those_who_sleep_are_released)
{
    check_ends_well("tun-program running: 0 read, read, read; 0 select for reading, read; 2 ifconfig up");
    check_ends_well("tap-program running forked: 0 close; 1 read until an error, ifconfig up, read");
}
END_TEST

START_TEST(who_is_killed_or_forked_leaves_nothing_open)
{
    check_ends_well("tun-program running: 0 read; 2 sleep 10, kill -9 0, kill -9 0");
    check_ends_well("tap-program running: 0 dup, close, fork 50, fork 20, close, close; 1 open, read");
    check_ends_well("tap-program opened: 0 fork 5, read; 2 kill -9 0, kextunload");
}
END_TEST

START_TEST(a_lossless_program_is_one_without_a_reason_to_lose)
{
    struct workload_program program;
    char error[WORKLOAD_ERROR_BYTES];

    ck_assert(workload_program_parse(&program, "tun-program running: 0 read, write; 2 send 2", error));
    ck_assert(workload_program_is_lossless(&program));
    ck_assert(workload_program_parse(&program, "tun-program opened: 0 read, write; 2 send 2", error));
    ck_assert(!workload_program_is_lossless(&program));
    ck_assert(workload_program_parse(&program, "tun-program running: 0 read, write; 2 ifconfig down", error));
    ck_assert(!workload_program_is_lossless(&program));
    check_ends_well("tun-program running: 0 read, write, ioctl TUNSIFHEAD 1, write, read, select for reading; 2 send 4");
}
END_TEST

static Suite *
workload_program_suite(void)
{
    Suite *suite = suite_create("workload_program");
    TCase *cases = tcase_create("workload_program");

    tcase_add_test(cases, a_program_is_its_text);
    tcase_add_test(cases, a_program_that_is_made_is_the_one_that_is_read);
    tcase_add_test(cases, what_is_no_program_is_one_clear_line);
    tcase_add_test(cases, those_who_sleep_are_released);
    tcase_add_test(cases, who_is_killed_or_forked_leaves_nothing_open);
    tcase_add_test(cases, a_lossless_program_is_one_without_a_reason_to_lose);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(workload_program_suite)
