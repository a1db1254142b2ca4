/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <session_file.h>
#include <session_run.h>

#include <main.h>

static struct session session;
static char error[SESSION_ERROR_BYTES];

static void
parse(const char *text)
{
    ck_assert_msg(session_parse(&session, "s", text, error), "%s", error);
}

START_TEST(lines_are_commentary_commands_and_output)
{
    parse("# text\n\nroot# one two\nline 1\n\nline 3\n\nvpn-2$ three\n");
    ck_assert_uint_eq(session.count, 8);
    ck_assert_int_eq(session.parts[0].kind, SESSION_LAYOUT);
    ck_assert_int_eq(session.parts[1].kind, SESSION_LAYOUT);
    ck_assert_int_eq(session.parts[2].kind, SESSION_COMMAND);
    ck_assert_str_eq(session.parts[2].typist, "root");
    ck_assert_str_eq(session.parts[2].command, "one two");
    ck_assert_int_eq(session.parts[3].kind, SESSION_OUTPUT);
    /* an empty line in the middle of an output is output, at its end layout */
    ck_assert_int_eq(session.parts[4].kind, SESSION_OUTPUT);
    ck_assert_int_eq(session.parts[6].kind, SESSION_LAYOUT);
    ck_assert_str_eq(session.parts[7].typist, "vpn-2");
    session_free(&session);
}
END_TEST

START_TEST(what_only_looks_like_a_prompt_is_output)
{
    parse("root# x\nVpn$ y\n$ z\nvpn$z\nvpn # a\n");
    for (int i = 1; i < 5; i++)
        ck_assert_int_eq(session.parts[i].kind, SESSION_OUTPUT);
    session_free(&session);
}
END_TEST

START_TEST(directives_say_for_which_kernels_and_how_it_ends)
{
    parse("#: kernels darwin15..darwin24\n#: seed 7\n#: end panic\nroot# x\n");
    ck_assert_int_eq(session.first_darwin, 15);
    ck_assert_int_eq(session.last_darwin, 24);
    ck_assert_uint_eq(session.seed, 7);
    ck_assert_int_eq(session.outcome, MACHINE_PANIC);
    ck_assert(session_is_for(&session, 0));
    ck_assert(session_is_for(&session, 15));
    ck_assert(!session_is_for(&session, 14));
    session_free(&session);
    parse("#: kernels darwin10\n");
    ck_assert(!session_is_for(&session, 0));
    ck_assert(session_is_for(&session, 10));
    session_free(&session);
}
END_TEST

START_TEST(a_file_that_is_no_session_says_where)
{
    static const char *const bad[] = {
        "output\n",          "\noutput\n",           "#: kernels darwin9\n", "#: kernels darwin10..\n",
        "#: kernels darwin24..darwin10\n", "#: seed x\n", "#: end well\n", "#: colour red\n"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!session_parse(&session, "s", bad[i], error), "%s", bad[i]);
        ck_assert_msg(strncmp(error, "s:", 2) == 0, "%s", error);
        ck_assert_ptr_null(strchr(error, '\n'));
    }
}
END_TEST

START_TEST(dots_in_brackets_match_anything)
{
    ck_assert(session_line_matches("abc", "abc"));
    ck_assert(!session_line_matches("abc", "abcd"));
    ck_assert(!session_line_matches("abcd", "abc"));
    ck_assert(session_line_matches("[...]", ""));
    ck_assert(session_line_matches("a[...]", "a"));
    ck_assert(session_line_matches("a[...]c", "abbbc"));
    ck_assert(session_line_matches("a[...]b[...]d", "a1b2b3d"));
    ck_assert(!session_line_matches("a[...]b[...]d", "a1b2b3"));
    ck_assert(!session_line_matches("a[...]c", "xac"));
}
END_TEST

static void
run(const char *text, struct session_result *result)
{
    parse(text);
    session_run(&session, 0, result);
}

START_TEST(a_session_that_answers_as_expected_passes)
{
    static const char text[] = "# echo\nroot# echo one\no[...]e\n\nvpn$ nothing\n-sh: nothing: "
                               "command not found\n";
    struct session_result result;

    run(text, &result);
    ck_assert(result.passed);
    ck_assert_int_eq(result.outcome, MACHINE_OK);
    ck_assert_str_eq(text_bytes(&result.transcript), text);
    session_result_free(&result);
    session_free(&session);
}
END_TEST

START_TEST(a_session_that_answers_otherwise_fails_with_its_transcript)
{
    struct session_result result;

    run("root# echo one\ntwo\n\n# more\nroot# echo three\n", &result);
    ck_assert(!result.passed);
    ck_assert_str_eq(text_bytes(&result.transcript),
                     "root# echo one\none\n\n# more\nroot# echo three\nthree\n");
    session_result_free(&result);
    session_free(&session);
}
END_TEST

static bool
passes(const char *text)
{
    struct session_result result;
    bool passed;

    run(text, &result);
    passed = result.passed;
    ck_assert_int_eq(passed, strcmp(text_bytes(&result.transcript), text) == 0);
    session_result_free(&result);
    session_free(&session);
    return passed;
}

/* ps prints a heading and one line for each process. */
START_TEST(dots_alone_on_a_line_stand_for_lines)
{
    ck_assert(passes("root# ps\n[...]\n"));
    ck_assert(passes("root# ps\n[...]\n    1 ttys000    0:00.00 root\n"));
    ck_assert(passes("root# ps\n  PID TTY           TIME CMD\n[...]\n"));
    ck_assert(passes("root# ps\n[...]\n  PID[...]\n[...]\n    1[...]\n[...]\n"));
    ck_assert(passes("root# echo\n[...]\n\nroot# echo one\none\n"));
}
END_TEST

START_TEST(dots_alone_on_a_line_do_not_hide_the_line_below_them)
{
    ck_assert(!passes("root# ps\n[...]\n    2[...]\n"));
    ck_assert(!passes("root# ps\n    1[...]\n[...]\n"));
    ck_assert(!passes("root# ps\n[...]\n    1[...]\n  PID[...]\n"));
    ck_assert(!passes("root# echo one\n[...]\ntwo\n"));
}
END_TEST

START_TEST(a_session_may_expect_another_end)
{
    struct session_result result;

    run("#: end leak\nroot# echo one\none\n", &result);
    ck_assert(!result.passed);
    ck_assert_int_eq(result.outcome, MACHINE_OK);
    session_result_free(&result);
    session_free(&session);
}
END_TEST

START_TEST(a_seed_gives_the_same_transcript_twice)
{
    static const char text[] = "#: seed 5\nroot# kextload tap.kext\nvpn$ open /dev/tap0 rw\n"
                               "root# ifconfig tap0 10.1.2.3/24 up\nroot# ping -c 3 10.1.2.3\n"
                               "root# ifconfig tap0\nroot# dmesg\n";
    struct session_result first, second;

    run(text, &first);
    session_free(&session);
    run(text, &second);
    session_free(&session);
    ck_assert_str_eq(text_bytes(&first.transcript), text_bytes(&second.transcript));
    session_result_free(&first);
    session_result_free(&second);
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("session_file");
    TCase *tests = tcase_create("session_file");

    tcase_add_test(tests, lines_are_commentary_commands_and_output);
    tcase_add_test(tests, what_only_looks_like_a_prompt_is_output);
    tcase_add_test(tests, directives_say_for_which_kernels_and_how_it_ends);
    tcase_add_test(tests, a_file_that_is_no_session_says_where);
    tcase_add_test(tests, dots_in_brackets_match_anything);
    tcase_add_test(tests, a_session_that_answers_as_expected_passes);
    tcase_add_test(tests, a_session_that_answers_otherwise_fails_with_its_transcript);
    tcase_add_test(tests, dots_alone_on_a_line_stand_for_lines);
    tcase_add_test(tests, dots_alone_on_a_line_do_not_hide_the_line_below_them);
    tcase_add_test(tests, a_session_may_expect_another_end);
    tcase_add_test(tests, a_seed_gives_the_same_transcript_twice);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
