/* SPDX-License-Identifier: BSD-2-Clause */
/* Kexts out of files: kpi-rest.md 6.1 to 6.6 and 9.4. The files are made by kext_sketch.c. */
#include "world.h"

#include "kext_sketch.h"

#include <kext_host.h>
#include <macho.h>
#include <string.h>

#define SKETCH_BUNDLE "org.example.sketch"

enum { MUTATIONS = 2000 };

static const char *const libraries[] = {"com.apple.kpi.libkern", "com.apple.kpi.bsd", NULL};
static const char *const versions[] = {"8.0", "9.0", NULL};

static struct ksim_kext_properties properties;
static struct ksim_kext_binary *binary;
static unsigned char file[SKETCH_FAT_BYTES];
static char error[KSIM_KEXT_ERROR_BYTES];

static void
begin(void)
{
    properties = (struct ksim_kext_properties){.bundle_id = SKETCH_BUNDLE,
                                               .version = "1.2.3",
                                               .libraries = libraries,
                                               .library_versions = versions};
    world_begin(0);
}

static void
file_close(void)
{
    ksim_kext_binary_close(binary);
    binary = NULL;
}

static void
end(void)
{
    world_end();
    file_close();
}

static int
open_bytes(size_t bytes)
{
    int result;

    binary = ksim_kext_binary_open(file, bytes, &properties, &result, error);
    ck_assert_int_eq(binary == NULL, result != KSIM_KEXT_OK);
    return result;
}

static int
open_sketch(const struct kext_sketch *sketch)
{
    return open_bytes(sketch_write(sketch, file));
}

#if defined(__x86_64__)

static const char *const future[] = {"8.0", "99.0", NULL};
static const char *const mach_only[] = {"com.apple.kpi.mach", NULL};

/* A fresh Mac of that release, without any kext. */
static void
another_world(int darwin_major)
{
    end();
    world_begin(darwin_major);
}

static void
load_and_unload(void *argument)
{
    (void)argument;
    ksim_kext_register(world.kernel, ksim_kext_binary_image(binary));
    say_text(ksim_kext_result_text(ksim_kext_load(world.kernel, SKETCH_BUNDLE)));
    if (ksim_kext_is_loaded(world.kernel, SKETCH_BUNDLE)) {
        say_text(ksim_kext_result_text(ksim_kext_unload(world.kernel, SKETCH_BUNDLE)));
    }
}

static void
expect_console(const char *words)
{
    const char *console = machine_console_text(world.machine);

    ck_assert_msg(strstr(console, words) != NULL, "no \"%s\" in:\n%s", words, console);
}

START_TEST(the_code_of_the_file_runs)
{
    ck_assert_int_eq(open_sketch(&sketch_good), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("hello 1\nhello 1\n"); /* start, after one constructor; and the destructor */
}
END_TEST

static void
load_twice(void *argument)
{
    load_and_unload(argument);
    ck_assert_int_eq(ksim_kext_load(world.kernel, SKETCH_BUNDLE), KSIM_KEXT_OK);
    ck_assert_int_eq(ksim_kext_unload(world.kernel, SKETCH_BUNDLE), KSIM_KEXT_OK);
}

START_TEST(each_load_begins_with_the_variables_of_the_file)
{
    ck_assert_int_eq(open_sketch(&sketch_good), KSIM_KEXT_OK);
    world_check(load_twice);
    expect_console("hello 1\nhello 1\nhello 1\nhello 1\n");
}
END_TEST

START_TEST(the_slice_of_a_fat_file_runs)
{
    ck_assert_int_eq(open_bytes(sketch_write_fat(&sketch_good, true, file)), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("hello 1\n");
}
END_TEST

START_TEST(what_the_release_does_not_export_is_unresolved)
{
    struct kext_sketch sketch = sketch_good;

    sketch.import = "_printg";
    ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("kxld[org.example.sketch]: The following symbols are unresolved for this kext:\n"
                   "kxld[org.example.sketch]: \t_printg\n");
    ck_assert_str_eq(said(), "(libkern/kext) link error ");
}
END_TEST

START_TEST(what_no_declared_library_exports_is_unresolved)
{
    properties.libraries = mach_only;
    ck_assert_int_eq(open_sketch(&sketch_good), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("\t_printf\n");
}
END_TEST

START_TEST(a_weak_import_may_be_missing)
{
    struct kext_sketch sketch = sketch_good;

    sketch.import = "_gOSKextNothing";
    sketch.weak = true;
    sketch.start = 0x840; /* does not call it */
    ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_OK);
    ck_assert_str_eq(ksim_kext_binary_image(binary)->imports[0], "gOSKextUnresolved");
    ck_assert_ptr_null(ksim_kext_binary_image(binary)->imports[1]);
}
END_TEST

START_TEST(a_call_of_what_is_not_emulated_panics_with_its_name)
{
    struct kext_sketch sketch = sketch_good;

    sketch.import = "_sysctl_register_oid";
    ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_OK);
    world_expect(load_and_unload, MACHINE_PANIC,
                 "org.example.sketch called sysctl_register_oid, which the emulated kernel does not have");
}
END_TEST

START_TEST(a_library_of_another_version_is_refused)
{
    properties.library_versions = future;
    ck_assert_int_eq(open_sketch(&sketch_good), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("Kext org.example.sketch - library kext com.apple.kpi.bsd not compatible with requested "
                   "version 99.0.\n");
    ck_assert_str_eq(said(), "(libkern/kext) dependency resolution failed ");
}
END_TEST

START_TEST(a_start_outside_the_code_is_not_called)
{
    struct kext_sketch sketch = sketch_good;

    sketch.start = 0x1300;
    ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_OK);
    world_check(load_and_unload);
    expect_console("Kext org.example.sketch module start pointer is outside of kext range.\n");
    ck_assert_str_eq(said(), "(libkern/kext) bad data ");
}
END_TEST

/* The release from which on each load command is taken. */
START_TEST(load_commands_are_those_of_the_release)
{
    static const struct {
        uint32_t command;
        int since;
    } rows[] = {{MACHO_LC_SOURCE_VERSION, 12}, {MACHO_LC_SEGMENT_SPLIT_INFO, 13}, {MACHO_LC_BUILD_VERSION, 17},
                {0x7f, 99}};
    struct kext_sketch sketch = sketch_good;

    sketch.extra_command = rows[_i].command;
    for (int darwin = 10; darwin <= 24; darwin++) {
        another_world(darwin);
        ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_OK);
        world_check(load_and_unload);
        ck_assert_int_eq(strstr(machine_console_text(world.machine), "Invalid load command type") == NULL,
                         darwin >= rows[_i].since);
    }
}
END_TEST

#endif

START_TEST(files_that_no_kext_is_are_refused_in_the_linkers_words)
{
    static const struct {
        struct kext_sketch sketch;
        const char *words;
    } rows[] = {
        {{"_printf", "_kmod_inf0", 11, MACHO_CPU_X86_64, 0, 0, false, 0x800}, "missing its kmod_info"},
        {{"_printf", "_kmod_info", 6, MACHO_CPU_X86_64, 0, 0, false, 0x800}, "filetype 0x6 is not supported"},
        {{"_printf", "_kmod_info", 11, MACHO_CPU_X86_64, 0, 8, false, 0x800}, "Common symbols are not supported"},
        {{"_printf", "_kmod_info", 11, MACHO_CPU_X86_64, 5, 0, false, 0x800}, "LC_UNIXTHREAD/LC_MAIN"},
        {{"__ZTV8OSObject", "_kmod_info", 11, MACHO_CPU_X86_64, 0, 0, false, 0x800}, "no C++ class"},
    };
    const int wanted = KSIM_KEXT_LINK;

#if !defined(__x86_64__)
    if (_i == 0 || _i == 4)
        return; /* found out while linking */
#endif
    ck_assert_int_eq(open_sketch(&rows[_i].sketch), wanted);
    ck_assert_msg(strstr(error, rows[_i].words) != NULL, "%s", error);
}
END_TEST

START_TEST(another_processor_is_no_architecture)
{
    struct kext_sketch sketch = sketch_good;

    sketch.cpu_type = 0x0100000c;
    ck_assert_int_eq(open_sketch(&sketch), KSIM_KEXT_NO_ARCHITECTURE);
    ck_assert_int_eq(open_bytes(sketch_write_fat(&sketch_good, false, file)), KSIM_KEXT_NO_ARCHITECTURE);
    ck_assert_str_eq(error, "The kext does not contain a fat slice for the target architecture.");
}
END_TEST

START_TEST(a_truncated_file_is_refused_wherever_it_ends)
{
    const size_t bytes = sketch_write(&sketch_good, file);

    for (size_t length = 0; length < bytes; length += length < 0x400 ? 1 : 61) {
        ck_assert_int_ne(open_bytes(length), KSIM_KEXT_OK);
        ck_assert_str_ne(error, "");
    }
}
END_TEST

static uint32_t
dice(uint32_t *state, uint32_t count)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % count;
}

/* A file with up to four bytes changed; where the tables are more often than in between. */
static size_t
mutate(uint32_t *state)
{
    static const unsigned char values[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};
    const bool fat = dice(state, 4) == 0;
    const size_t bytes =
        fat ? sketch_write_fat(&sketch_good, true, file) : sketch_write(&sketch_good, file);

    for (uint32_t changes = 1 + dice(state, 4); changes > 0; changes--) {
        const uint32_t where = dice(state, 3);
        uint32_t at = where == 0 ? dice(state, 0x400) : where == 1 ? 0x2000 + dice(state, 0x140) : dice(state, 0x2400);

        if (fat && dice(state, 4) != 0)
            at += 0x1000;
        file[at] = dice(state, 2) == 0 ? values[dice(state, sizeof(values))] : (unsigned char)dice(state, 256);
    }
    return dice(state, 10) == 0 ? dice(state, (uint32_t)bytes + 1) : bytes;
}

START_TEST(a_damaged_file_is_linked_or_refused_and_no_more)
{
    unsigned linked = 0, refused = 0;
    uint32_t state = 1;

    for (int i = 0; i < MUTATIONS; i++) {
        if (open_bytes(mutate(&state)) == KSIM_KEXT_OK) {
            linked++;
        } else {
            ck_assert_str_ne(error, "");
            refused++;
        }
        file_close();
    }
    ck_assert_uint_gt(refused, MUTATIONS / 10);
#if defined(__x86_64__)
    ck_assert_uint_gt(linked, MUTATIONS / 10);
#else
    ck_assert_uint_eq(linked, 0);
#endif
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("kernel: kext files");
    TCase *tcase = tcase_create("kext files");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, begin, end);
#if defined(__x86_64__)
    tcase_add_test(tcase, the_code_of_the_file_runs);
    tcase_add_test(tcase, each_load_begins_with_the_variables_of_the_file);
    tcase_add_test(tcase, the_slice_of_a_fat_file_runs);
    tcase_add_test(tcase, what_the_release_does_not_export_is_unresolved);
    tcase_add_test(tcase, what_no_declared_library_exports_is_unresolved);
    tcase_add_test(tcase, a_weak_import_may_be_missing);
    tcase_add_test(tcase, a_call_of_what_is_not_emulated_panics_with_its_name);
    tcase_add_test(tcase, a_library_of_another_version_is_refused);
    tcase_add_test(tcase, a_start_outside_the_code_is_not_called);
    tcase_add_loop_test(tcase, load_commands_are_those_of_the_release, 0, 4);
#endif
    tcase_add_loop_test(tcase, files_that_no_kext_is_are_refused_in_the_linkers_words, 0, 5);
    tcase_add_test(tcase, another_processor_is_no_architecture);
    tcase_add_test(tcase, a_truncated_file_is_refused_wherever_it_ends);
    tcase_add_test(tcase, a_damaged_file_is_linked_or_refused_and_no_more);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
