/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <run_tape.h>

#include "main.h"

#define HEAD "tuntap run 1\nworkload tun-life\nkernel darwin19\ndriver shipped\nfaults yes\noutcome hang\ncause why\n"
#define ENTRY "schedule 1 of 2 at \"msleep\" 1 by 7 (reader) to 8 (net)\n"

static char *
text_of(const struct run_tape *tape, const char *comment)
{
    struct text text = {0};
    char *copy;

    run_tape_text(tape, comment, &text);
    copy = strdup(text_bytes(&text));
    text_free(&text);
    return copy;
}

START_TEST(a_tape_goes_through_text)
{
    static const char whole[] = HEAD "without 2.0\n" ENTRY "fault 1 of 2 at \"ifnet_attach late\" 3 by 0\n"
                                     "# said\n#\n# twice\nend\n";
    char error[RUN_TAPE_ERROR_BYTES];
    struct run_tape tape;
    char *text;

    ck_assert_msg(run_tape_parse(&tape, whole, error), "%s", error);
    ck_assert_str_eq(tape.workload, "tun-life");
    ck_assert_int_eq(tape.darwin_major, 19);
    ck_assert(tape.faults);
    ck_assert_int_eq(tape.outcome, MACHINE_HANG);
    ck_assert_uint_eq(tape.skip_count, 1);
    ck_assert_uint_eq(tape.skips[0].thread, 2);
    ck_assert_uint_eq(tape.schedule.length, 2);
    text = text_of(&tape, "said\n\ntwice");
    ck_assert_str_eq(text, whole);
    free(text);
    run_tape_free(&tape);
}
END_TEST

START_TEST(bad_text_is_one_clear_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "line 1: the tape ends before its \"end\" line"},
        {"tuntap tape 1\nend\n", "line 1: not the tape of a run"},
        {HEAD, "line 8: the tape ends before its \"end\" line"},
        {HEAD "end\nmore\n", "line 9: something follows the last line"},
        {HEAD "schedule 1 of 2\nend\n", "line 8: not understood"},
        {HEAD "frob\nend\n", "line 8: not understood"},
        {HEAD "kernel darwin9\nend\n", "line 8: no such release"},
        {HEAD "kernel darwin19x\nend\n", "line 8: no such release"},
        {HEAD "outcome sad\nend\n", "line 8: no such outcome"},
        {HEAD "without 9.0\nend\n", "line 8: no step of a thread"},
        {HEAD "without 1\nend\n", "line 8: no step of a thread"},
        {HEAD "faults maybe\nend\n", "line 8: neither yes nor no"},
        {"tuntap run 1\nend\n", "line 3: workload, kernel or driver is missing"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char error[RUN_TAPE_ERROR_BYTES];
        struct run_tape tape;

        ck_assert_msg(!run_tape_parse(&tape, cases[i].text, error), "%s", cases[i].text);
        ck_assert_str_eq(error, cases[i].error);
        ck_assert_ptr_null(tape.schedule.entries);
    }
}
END_TEST

START_TEST(a_tape_goes_through_a_file)
{
    char path[] = "/tmp/test_run_tape_XXXXXX", error[RUN_TAPE_ERROR_BYTES];
    struct run_tape tape, again;
    char *first, *second;

    ck_assert_int_ge(close(mkstemp(path)), 0);
    ck_assert(run_tape_parse(&tape, HEAD ENTRY "end\n", error));
    ck_assert(run_tape_save(&tape, NULL, path, error));
    ck_assert_msg(run_tape_load(&again, path, error), "%s", error);
    first = text_of(&tape, NULL);
    second = text_of(&again, NULL);
    ck_assert_str_eq(first, second);
    run_tape_free(&again);
    unlink(path);
    ck_assert(!run_tape_load(&again, path, error));
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
    ck_assert(!run_tape_save(&tape, NULL, "/no/such/folder/x", error));
    ck_assert_ptr_nonnull(strstr(error, "/no/such/folder/x: "));
    free(first);
    free(second);
    run_tape_free(&tape);
}
END_TEST

START_TEST(a_cause_is_what_failures_of_one_kind_have_in_common)
{
    static const struct {
        enum machine_outcome outcome;
        const char *report, *cause;
    } cases[] = {
        {MACHINE_OK, "", "ok"},
        {MACHINE_LEAK, "leak: leaked mbuf 17 (42 bytes): mbuf_get at step 90\n  at step 4\n",
         "leak: leaked mbuf # (# bytes): mbuf_get at step #"},
        {MACHINE_CONTRACT, "contract: tun0 said 0x1f2\n", "contract: tun0 said #"},
        {MACHINE_PANIC, "panic: panic(cpu 0 caller 0xffffff8000200000): \"m_free: freeing 2\"@/a/b.c:12\nBacktrace",
         "panic: m_free: freeing #"},
        {MACHINE_PANIC, "panic: panic(cpu 0 caller 0xffffff8000200000): tun: assertion failed: x\n",
         "panic: tun: assertion failed: x"},
        {MACHINE_HANG,
         "hang: 2 fibers are blocked and nothing can wake them\n  at step 3\n"
         "  fiber 1 \"ifnet_detacher\" (daemon): blocked in \"ifnet_detacher\" on x since step 3\n"
         "  fiber 4 \"conductor\": blocked in \"wait\" on x since step 3\n"
         "  fiber 6 \"vpn\": blocked in \"tun\" on x since step 3\n"
         "  fiber 7 \"other\": blocked in \"select\" on x since step 3\n",
         "hang: vpn in \"tun\", other in \"select\""},
        {MACHINE_HANG, "hang: self deadlock: lck_mtx_lock by 4\n  fiber 6 \"vpn\": blocked in \"tun\" on x\n",
         "hang: self deadlock: lck_mtx_lock by #"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char cause[CAUSE_BYTES];

        run_cause(cases[i].outcome, cases[i].report, cause);
        ck_assert_str_eq(cause, cases[i].cause);
    }
}
END_TEST

START_TEST(a_cause_is_cut_where_there_is_no_room)
{
    char report[2 * CAUSE_BYTES], cause[CAUSE_BYTES];

    memset(report, 'x', sizeof(report) - 1);
    report[sizeof(report) - 1] = '\0';
    run_cause(MACHINE_CONTRACT, report, cause);
    ck_assert_uint_eq(strlen(cause), CAUSE_BYTES - 1);
}
END_TEST

static Suite *
run_tape_suite(void)
{
    Suite *suite = suite_create("run_tape");
    TCase *cases = tcase_create("run_tape");

    tcase_add_test(cases, a_tape_goes_through_text);
    tcase_add_test(cases, bad_text_is_one_clear_line);
    tcase_add_test(cases, a_tape_goes_through_a_file);
    tcase_add_test(cases, a_cause_is_what_failures_of_one_kind_have_in_common);
    tcase_add_test(cases, a_cause_is_cut_where_there_is_no_room);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(run_tape_suite)
