/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's C library and atomic operations: kpi-rest.md 4.9. */
#include "world.h"

#include <stdio.h>
#include <string.h>

TEST_OF(memory_is_copied_set_and_compared, strings_memory,
        "same=1 aabcde abcdee xxxdee zeroed=1 order=1 unsigned=1 ")
TEST_OF(copies_are_cut_and_tell_the_wanted_length, strings_copies,
        "length=10 0123456 length=2 length=10 abcdefg length=6 length=3 abcdefg ")
TEST_OF(strings_are_compared_as_unsigned_bytes, strings_compare,
        "equal=0 less=1 shorter=1 high=1 first=0 length=5 limit=3 ")
TEST_OF(snprintf_tells_the_length_it_wanted, strings_format,
        "length=10 interfa length=4 00ab length=5 ")
TEST_OF(numbers_are_parsed_like_strtol, strings_numbers,
        "ffs=0 ffs=32 crc=1 value=-12 used=5 value=31 used=4 value=15 used=3 value=35 used=1 "
        "value=0 used=0 max=1 min=1 wraps=1 plain=42 ")
TEST_OF(atomics_give_the_value_before, atomics,
        "old=5 old=8 old=9 now=8 old=1 now=1 old=240 old=255 old=60 now=195 swap=0 swap=1 now=2 "
        "swap=1 swap=1 was=0 was=1 byte=64 clear=0 clear=1 ")

START_TEST(printf_writes_to_the_console)
{
    world_check(strings_console);
    ck_assert_str_eq(said(), "printf=0 ");
    ck_assert_ptr_nonnull(strstr(machine_console_text(world.machine), "guest says 5\n"));
}
END_TEST

START_TEST(random_numbers_come_from_the_tape_alone)
{
    char first[64];

    world_check(strings_random);
    snprintf(first, sizeof(first), "%s", said());
    world_end();
    world_begin(0);
    world_check(strings_random);
    ck_assert_str_eq(said(), first);
    ck_assert_ptr_nonnull(strstr(first, "differ=1 "));
    ck_assert_ptr_nonnull(strstr(first, "positive=1 "));
}
END_TEST

START_TEST(errors_have_apples_words)
{
    ck_assert_str_eq(ksim_error_text(0), "Undefined error: 0");
    ck_assert_str_eq(ksim_error_text(KSIM_EAGAIN), "Resource temporarily unavailable");
    ck_assert_str_eq(ksim_error_text(KSIM_ENXIO), "Device not configured");
    ck_assert_str_eq(ksim_error_text(KSIM_EOPNOTSUPP), "Operation not supported on socket");
    ck_assert_str_eq(ksim_error_text(59), "Unknown error");
    ck_assert_str_eq(ksim_error_text(-1), "Unknown error");
    ck_assert_str_eq(ksim_error_text(103), "Unknown error");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        memory_is_copied_set_and_compared,
        copies_are_cut_and_tell_the_wanted_length,
        strings_are_compared_as_unsigned_bytes,
        snprintf_tells_the_length_it_wanted,
        numbers_are_parsed_like_strtol,
        atomics_give_the_value_before,
        printf_writes_to_the_console,
        random_numbers_come_from_the_tape_alone,
        errors_have_apples_words,
        NULL,
    };

    return suite_main("strings", tests);
}
