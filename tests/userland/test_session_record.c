/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <session_record.h>

#include <main.h>

static struct session_record record;
static char path[64];

static void
record_start(int darwin_major, uint64_t seed)
{
    session_record_start(&record, darwin_major, seed);
    snprintf(path, sizeof(path), "test_session_record.%d", (int)getpid());
}

static void
print(const char *text)
{
    session_record_print(&record, text, strlen(text));
}

/* Saves, and compares what the file holds. */
static void
expect(enum machine_outcome outcome, const char *text)
{
    char held[1024] = "";
    FILE *file;

    ck_assert_ptr_null(session_record_save(&record, path, outcome));
    file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    held[fread(held, 1, sizeof(held) - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    ck_assert_str_eq(held, text);
}

START_TEST(lines_stand_with_who_typed_them_and_what_they_printed)
{
    record_start(0, 0);
    session_record_line(&record, "root", "a");
    print("one\ntw");
    print("o\n");
    session_record_line(&record, "vpn", "b");
    session_record_line(&record, "root", "c");
    print("no line feed");
    expect(MACHINE_OK, "root# a\none\ntwo\nvpn$ b\nroot# c\nno line feed\n");
    session_record_free(&record);
}
END_TEST

START_TEST(a_session_that_is_special_says_so)
{
    record_start(12, 7);
    session_record_line(&record, "root", "a");
    expect(MACHINE_PANIC, "#: kernels darwin12\n#: seed 7\n#: end panic\nroot# a\n");
    session_record_free(&record);
}
END_TEST

START_TEST(output_that_looks_like_something_else_is_expected_with_a_wildcard)
{
    record_start(0, 0);
    session_record_line(&record, "root", "a");
    print("# text\n\nroot# b\nvpn$ c\nVPN$ d\n\n\n");
    expect(MACHINE_OK, "root# a\n[...] text\n\n[...]oot# b\n[...]pn$ c\nVPN$ d\n");
    session_record_free(&record);
}
END_TEST

START_TEST(a_forgotten_line_leaves_nothing)
{
    record_start(0, 0);
    print("before all lines");
    session_record_line(&record, "root", "a");
    session_record_line(&record, "root", "b");
    print("x");
    session_record_forget(&record);
    print("y");
    session_record_line(&record, "root", "c");
    expect(MACHINE_OK, "root# a\nroot# c\n");
    session_record_free(&record);
}
END_TEST

START_TEST(an_interrupt_stands_at_the_end_of_its_line)
{
    record_start(0, 0);
    session_record_line(&record, "root", "a");
    print("x\n");
    session_record_interrupt(&record, UINT64_C(12000000034));
    expect(MACHINE_OK, "root# a ^C 12.000000034\nx\n");
    session_record_free(&record);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_told)
{
    record_start(0, 0);
    ck_assert_str_eq(session_record_save(&record, "no/such/folder", MACHINE_OK),
                     "No such file or directory");
    session_record_free(&record);
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("session_record");
    TCase *tests = tcase_create("session_record");

    tcase_add_test(tests, lines_stand_with_who_typed_them_and_what_they_printed);
    tcase_add_test(tests, a_session_that_is_special_says_so);
    tcase_add_test(tests, output_that_looks_like_something_else_is_expected_with_a_wildcard);
    tcase_add_test(tests, a_forgotten_line_leaves_nothing);
    tcase_add_test(tests, an_interrupt_stands_at_the_end_of_its_line);
    tcase_add_test(tests, a_file_that_cannot_be_written_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
