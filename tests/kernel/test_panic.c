/* SPDX-License-Identifier: BSD-2-Clause */
/* Panic reports by release: kpi-rest.md 7.1. */
#include "world.h"

#include <stdio.h>
#include <string.h>

TEST_MISUSE(a_drivers_panic_is_plain_text, panic_plain, MACHINE_PANIC,
            "panic(cpu 0 caller 0xffffff8000200000): the guest gave up after 3 tries\n")
TEST_MISUSE(an_assertion_names_its_file_and_line, panic_of_assert, MACHINE_PANIC,
            ": guest.c:12 Assertion failed: x > 0\n")
TEST_MISUSE(a_page_fault_names_the_address, panic_fault, MACHINE_PANIC,
            "type 14=page fault, registers:\nFault CR2: 0x0000000000000068, in guest\n")

static void
expect_in(int darwin_major, guest_body *body, const char *words)
{
    world_end();
    world_begin(darwin_major);
    world_expect(body, MACHINE_PANIC, words);
}

/* Quotes, tag and path up to macOS 11, the bare file name later. */
START_TEST(the_place_is_written_the_way_of_the_release)
{
    expect_in(19, panic_of_kernel, "): \"assertion failed: argument != NULL, file: ");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine),
                                 "\"@/SourceCache/xnu/xnu-6153.141.1/panic_guest.c:"));
    expect_in(21, panic_of_kernel, "): assertion failed: argument != NULL, file: ");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), " @panic_guest.c:"));
    ck_assert_ptr_null(strstr(machine_report(world.machine), "SourceCache"));
}
END_TEST

START_TEST(the_release_and_its_build_are_named)
{
    expect_in(10, panic_plain,
              "\nBSD process name corresponding to current thread: root\n"
              "\nMac OS version:\n10K549\n"
              "\nKernel version:\nDarwin Kernel Version 10.8.0; root:xnu-1504.15.3/RELEASE_X86_64\n"
              "\nSystem uptime in nanoseconds: ");
    expect_in(20, panic_plain, "\nProcess name corresponding to current thread: root\n");
    expect_in(21, panic_plain, "\nProcess name corresponding to current thread (0xffffff80");
}
END_TEST

START_TEST(the_backtrace_has_xnus_lines)
{
    expect_in(19, panic_plain, "\nBacktrace (CPU 0), Frame : Return Address\n"
                               "0xffffff8060000f00 : 0xffffff8000200000 \n\nBSD process");
    expect_in(21, panic_plain, "\nPanicked task 0xffffff8018000000: 1 threads: pid 1: root\n"
                               "Backtrace (CPU 0), panicked thread: 0xffffff80");
}
END_TEST

static void
read_missing_body(void *argument)
{
    (void)argument;
    toy_load();
    toy.panics = true;
    ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

/* The end of the range is its last byte. */
START_TEST(the_kext_at_fault_is_named_with_version_and_range)
{
    expect_in(19, read_missing_body,
              "      Kernel Extensions in backtrace:\n"
              "         org.example.toy(1.0.0)@0xffffff7f80100000->0xffffff7f80106fff\n");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine),
                                 ": org.example.toy\t1.0.0 (addr 0xffffff7f80100000, size 28672)\n"
                                 "loaded kexts:\norg.example.toy\t1.0.0\n"));
    expect_in(10, read_missing_body,
              "      Kernel Extensions in backtrace (with dependencies):\n         org.example.toy(");
}
END_TEST

static void
unloaded_body(void *argument)
{
    (void)argument;
    toy_load();
    ksim_kext_unload(world.kernel, TOY_BUNDLE);
    panic_plain(NULL);
}

START_TEST(the_last_kexts_are_told_the_way_of_the_release)
{
    static const char gone[] = ": org.example.toy\t1.0.0 (addr 0xffffff7f80100000, size 28672)\n"
                               "loaded kexts:\n(none)\n";

    expect_in(10, unloaded_body, "unloaded kexts:\norg.example.toy\t1.0.0 (addr "
                                 "0xffffff7f80100000, size 0x28672) - last unloaded ");
    expect_in(10, panic_plain, "unloaded kexts:\n(none)\nloaded kexts:\n(none)\n");
    expect_in(19, unloaded_body, "last unloaded kext at ");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), gone));
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "last loaded kext at "));
    expect_in(20, unloaded_body, "last stopped kext at ");
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "last started kext at "));
}
END_TEST

/* A bundle the kernel never heard of has no range. */
START_TEST(an_unknown_bundle_has_no_frame)
{
    expect_in(19, panic_as_kext, "): inside\n");
    ck_assert_ptr_null(strstr(machine_report(world.machine), "Kernel Extensions in backtrace"));
}
END_TEST

START_TEST(the_same_panic_is_the_same_text)
{
    char first[4096];

    expect_in(19, read_missing_body, "panic(cpu 0");
    snprintf(first, sizeof(first), "%s", machine_report(world.machine));
    expect_in(19, read_missing_body, "panic(cpu 0");
    ck_assert_str_eq(machine_report(world.machine), first);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_drivers_panic_is_plain_text,
        an_assertion_names_its_file_and_line,
        a_page_fault_names_the_address,
        the_place_is_written_the_way_of_the_release,
        the_release_and_its_build_are_named,
        the_backtrace_has_xnus_lines,
        the_kext_at_fault_is_named_with_version_and_range,
        the_last_kexts_are_told_the_way_of_the_release,
        an_unknown_bundle_has_no_frame,
        the_same_panic_is_the_same_text,
        NULL,
    };

    return suite_main("panic", tests);
}
