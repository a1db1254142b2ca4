/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <words.h>

#include <main.h>

static struct words words;

static void
split(const char *line)
{
    ck_assert_ptr_null(words_split(&words, line, 7));
}

static void
expect(int count, const char *const *list)
{
    ck_assert_int_eq(words.count, count);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(words.list[i], list[i]);
    ck_assert_ptr_null(words.list[count]);
    words_free(&words);
}

START_TEST(blanks_separate_words)
{
    split("  read\t3   2048 ");
    expect(3, (const char *const[]){"read", "3", "2048"});
}
END_TEST

START_TEST(an_empty_line_has_no_words)
{
    split("");
    expect(0, NULL);
    split(" \t ");
    expect(0, NULL);
}
END_TEST

START_TEST(quotes_and_backslashes_keep_blanks)
{
    split("echo 'a  b' \"c \\\" d\" e\\ f ''");
    expect(5, (const char *const[]){"echo", "a  b", "c \" d", "e f", ""});
}
END_TEST

START_TEST(quotes_stand_inside_words)
{
    split("a'b c'd");
    expect(1, (const char *const[]){"ab cd"});
}
END_TEST

START_TEST(a_quote_that_does_not_end_is_an_error)
{
    ck_assert_str_eq(words_split(&words, "echo 'a", 0), "unmatched '");
    ck_assert_str_eq(words_split(&words, "echo \"a", 0), "unmatched \"");
}
END_TEST

START_TEST(the_last_status_takes_the_place_of_its_sign)
{
    split("echo $? x$?y '$?' $");
    expect(5, (const char *const[]){"echo", "7", "x7y", "$?", "$"});
}
END_TEST

START_TEST(an_ampersand_at_the_end_means_the_background)
{
    split("read 3 2048 &");
    ck_assert(words.background);
    expect(3, (const char *const[]){"read", "3", "2048"});
    split("echo a& b");
    ck_assert(!words.background);
    expect(3, (const char *const[]){"echo", "a&", "b"});
}
END_TEST

START_TEST(more_words_than_fit_are_an_error)
{
    char line[2 * (WORDS_MAX + 1) + 1];

    for (int i = 0; i <= WORDS_MAX; i++)
        memcpy(line + 2 * i, "x ", 3);
    ck_assert_str_eq(words_split(&words, line, 0), "too many words");
    line[2 * WORDS_MAX] = '\0';
    split(line);
    ck_assert_int_eq(words.count, WORDS_MAX);
    words_free(&words);
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");

    tcase_add_test(tests, blanks_separate_words);
    tcase_add_test(tests, an_empty_line_has_no_words);
    tcase_add_test(tests, quotes_and_backslashes_keep_blanks);
    tcase_add_test(tests, quotes_stand_inside_words);
    tcase_add_test(tests, a_quote_that_does_not_end_is_an_error);
    tcase_add_test(tests, the_last_status_takes_the_place_of_its_sign);
    tcase_add_test(tests, an_ampersand_at_the_end_means_the_background);
    tcase_add_test(tests, more_words_than_fit_are_an_error);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
