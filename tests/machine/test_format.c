/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Where the host's snprintf and ours must agree. */
#define SAME(...)                                                                                  \
    do {                                                                                           \
        char ours[128], hosts[128];                                                                \
        int length = machine_format(ours, sizeof(ours), __VA_ARGS__);                              \
        ck_assert_int_eq(length, snprintf(hosts, sizeof(hosts), __VA_ARGS__));                     \
        ck_assert_str_eq(ours, hosts);                                                             \
    } while (0)

START_TEST(numbers_are_the_hosts)
{
    SAME("%d %i %d %d", 0, 1, -1, INT_MAX);
    SAME("%d %ld %lld", INT_MIN, LONG_MIN, LLONG_MIN);
    SAME("%u %lu %llu", UINT_MAX, ULONG_MAX, ULLONG_MAX);
    SAME("%hhd %hhu %hd %hu", (signed char)-3, (unsigned char)200, (short)-7,
         (unsigned short)65535);
    SAME("%zu %zd %jd %td", (size_t)-1, (ssize_t)-5, (intmax_t)-9, (ptrdiff_t)-2);
    SAME("[%5d] [%-5d] [%05d] [%+d] [% d]", 42, 42, 42, 42, 42);
    SAME("[%05d] [%+05d] [%-+5d] [%.3d] [%8.3d]", -42, 42, 42, 7, -7);
    SAME("[%.0d] [%.0x] [%5.0d]", 0, 0u, 0);
    SAME("%x %X %#x %#X %#x %08x %#010x", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu, 0u, 0xbeefu, 0xbeefu);
    SAME("%o %#o %#o %#.0o %#05o %o", 8u, 8u, 0u, 0u, 8u, UINT_MAX);
    SAME("[%*d] [%*d] [%.*d]", 6, 42, -6, 42, 4, 42);
}
END_TEST

START_TEST(words_are_the_hosts)
{
    SAME("plain");
    SAME("100%%");
    SAME("%s and %s", "one", "two");
    SAME("[%6s] [%-6s] [%.2s] [%6.2s] [%.*s]", "abc", "abc", "abc", "abc", 1, "abc");
    SAME("%c%c[%3c]", 'a', 'b', 'c');
    SAME("%.3s", "abcdef");
}
END_TEST

START_TEST(a_null_string_is_said)
{
    char buffer[32];
    const char *volatile nothing = NULL;

    machine_format(buffer, sizeof(buffer), "%s", nothing);
    ck_assert_str_eq(buffer, "(null)");
}
END_TEST

START_TEST(a_small_buffer_is_cut_and_ended)
{
    char buffer[6] = "zzzzz";

    ck_assert_int_eq(machine_format(buffer, 5, "%s", "abcdefgh"), 8);
    ck_assert_mem_eq(buffer, "abcd\0\0", 6);
    ck_assert_int_eq(machine_format(buffer, 1, "abc"), 3);
    ck_assert_mem_eq(buffer, "\0bcd", 4);
    ck_assert_int_eq(machine_format(NULL, 0, "%d-%d", 12, 345), 6);
}
END_TEST

START_TEST(pointers_are_names)
{
    struct machine_config config = {.feeder = NULL};
    struct machine *machine = machine_create(&config);
    char buffer[64];
    char *memory;

    machine_enter(machine);
    memory = machine_allocate(10, "mbuf");
    machine_format(buffer, sizeof(buffer), "%p|%-12p|%p", (void *)(memory + 4), NULL,
                   (void *)buffer);
    ck_assert_str_eq(buffer, "<mbuf 1+4>|<NULL>      |<memory outside the machine>");
    machine_leave(machine);
    machine_destroy(machine);
}
END_TEST

START_TEST(unknown_conversions_stand_as_they_are)
{
    const char *volatile format = "%y %d %-3";
    char buffer[32];

    ck_assert_int_eq(machine_format(buffer, sizeof(buffer), format, 7), 8);
    ck_assert_str_eq(buffer, "%y 7 %-3");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {numbers_are_the_hosts,
                                  words_are_the_hosts,
                                  a_null_string_is_said,
                                  a_small_buffer_is_cut_and_ended,
                                  pointers_are_names,
                                  unknown_conversions_stand_as_they_are,
                                  NULL};

    return suite_run("machine.format", tests);
}
