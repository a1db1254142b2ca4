/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading and unloading: kpi-rest.md 6.1, 6.2 and section 11; museum.md F. */
#include "world.h"

#include <kext_version.h>

#include <string.h>

extern struct kmod_info guest_kmod_user, guest_kmod_no_start, guest_kmod_no_stop,
    guest_kmod_lingers, guest_kmod_slow, guest_kmod_messy;

static const char *const toy_library[] = {TOY_BUNDLE, NULL};
static const char *const user_library[] = {"org.example.user", NULL};
static const char *const missing_library[] = {"org.example.missing", NULL};

#define IMAGE(name, record, needs)                                                                 \
    {.bundle_id = "org.example." name, .version = "2.0", .kmod = &record, .libraries = needs}

static const struct ksim_kext_image images[] = {
    IMAGE("user", guest_kmod_user, toy_library),
    IMAGE("second", guest_kmod_user, user_library),
    IMAGE("lost", guest_kmod_user, missing_library),
    IMAGE("nostart", guest_kmod_no_start, NULL),
    IMAGE("nostop", guest_kmod_no_stop, NULL),
    IMAGE("lingers", guest_kmod_lingers, NULL),
    IMAGE("slow", guest_kmod_slow, NULL),
    IMAGE("messy", guest_kmod_messy, NULL),
    {.bundle_id = "org.example.long", .version = "1.100.0", .kmod = &guest_kmod_user},
};

static void
register_all(void)
{
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        ksim_kext_register(world.kernel, &images[i]);
    }
}

static void
load(const char *bundle_id)
{
    say_text(ksim_kext_result_text(ksim_kext_load(world.kernel, bundle_id)));
}

static void
unload(const char *bundle_id)
{
    say_text(ksim_kext_result_text(ksim_kext_unload(world.kernel, bundle_id)));
}

static void
life_body(void *argument)
{
    (void)argument;
    say("before", ksim_kext_is_loaded(world.kernel, TOY_BUNDLE));
    say("load", ksim_kext_load(world.kernel, TOY_BUNDLE));
    toy.opens = 5;
    say("again", ksim_kext_load(world.kernel, TOY_BUNDLE));
    say("kept", toy.opens);
    say("loaded", ksim_kext_is_loaded(world.kernel, TOY_BUNDLE));
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    unload(TOY_BUNDLE);
    say("load", ksim_kext_load(world.kernel, TOY_BUNDLE));
    say("pristine", toy.opens);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    load("org.example.nothing");
    unload("org.example.nothing");
}

TEST_OF(a_kext_is_loaded_once_and_pristine_each_time, life_body,
        "before=0 load=0 again=0 kept=5 loaded=1 unload=0 (libkern/kext) not found load=0 "
        "pristine=0 unload=0 (libkern/kext) not found (libkern/kext) not found ")

static void
taken_body(void *argument)
{
    struct ksim_device_status status;

    (void)argument;
    load(TOY_BUNDLE);
    say("loaded", ksim_kext_is_loaded(world.kernel, TOY_BUNDLE));
    say("node", ksim_system_device_status(world.kernel, "/dev/toy0", &status));
    load(TOY_BUNDLE);
    unload(TOY_BUNDLE);
}

START_TEST(a_start_that_fails_well_leaves_nothing)
{
    world_fault("devfs_make_node", 2);
    world_check(taken_body);
    ck_assert_str_eq(said(), "(libkern/kext) kext (kmod) start/stop routine failed loaded=0 node=0 "
                             "  ");
    ck_assert_ptr_nonnull(strstr(machine_console_text(world.machine),
                                 "Kext org.example.toy start failed (result 0x5).\n"
                                 "Kext org.example.toy failed to load (0xdc008017).\n"));
}
END_TEST

static void
refused_body(void *argument)
{
    int fd;

    (void)argument;
    toy_load();
    toy.stop_fails = true;
    unload(TOY_BUNDLE);
    say("loaded", ksim_kext_is_loaded(world.kernel, TOY_BUNDLE));
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    say("works", ksim_system_write(world.root, fd, "x", 1));
    ksim_system_close(world.root, fd);
    toy.stop_fails = false;
    unload(TOY_BUNDLE);
}

START_TEST(a_stop_that_refuses_keeps_the_kext_started)
{
    world_check(refused_body);
    ck_assert_str_eq(said(), "(libkern/kext) kext (kmod) start/stop routine failed loaded=1 works=1 "
                             " ");
    ck_assert_ptr_nonnull(
        strstr(machine_console_text(world.machine),
               "Kext org.example.toy did not stop (return code 0x5).\n"
               "Kext org.example.toy can't unload - module stop returned 0xdc008017.\n"));
}
END_TEST

static void
libraries_body(void *argument)
{
    (void)argument;
    register_all();
    load("org.example.second");
    say("toy", ksim_kext_is_loaded(world.kernel, TOY_BUNDLE));
    say("user", ksim_kext_is_loaded(world.kernel, "org.example.user"));
    unload(TOY_BUNDLE);
    unload("org.example.user");
    unload("org.example.second");
    unload("org.example.user");
    unload(TOY_BUNDLE);
    load("org.example.lost");
}

/* Libraries come first (tags 1, 2, 3) and go last. */
TEST_OF(libraries_are_loaded_first_and_held_in_use, libraries_body,
        "tag=2 data=0 references=0 tag=3 data=0 references=0  toy=1 user=1 "
        "(libkern/kext) kext is in use or retained (cannot unload) "
        "(libkern/kext) kext is in use or retained (cannot unload)    "
        "(libkern/kext) dependency resolution failed ")

START_TEST(a_library_that_fails_fails_its_users)
{
    world_fault("devfs_make_node", 1);
    world_thread(NULL, "main", libraries_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    ck_assert_ptr_nonnull(strstr(said(), "(libkern/kext) kext (kmod) start/stop routine failed "
                                         "toy=0 user=0 "));
}
END_TEST

static void
records_body(void *argument)
{
    (void)argument;
    register_all();
    load("org.example.nostart");
    load("org.example.nostop");
    unload("org.example.nostop");
    say("loaded", ksim_kext_is_loaded(world.kernel, "org.example.nostop"));
}

START_TEST(a_record_without_start_or_stop_is_bad_data)
{
    world_expect(records_body, MACHINE_LEAK, "kext org.example.nostop is still loaded");
    ck_assert_str_eq(said(), "(libkern/kext) bad data tag=2 data=0 references=0  "
                             "(libkern/kext) bad data loaded=1 ");
    ck_assert_ptr_nonnull(strstr(machine_console_text(world.machine),
                                 "Kext org.example.nostart - NULL module start pointer.\n"));
}
END_TEST

static void
other_loader_body(void *argument)
{
    (void)argument;
    say_text("asks");
    load(TOY_BUNDLE);
    say_text("loaded");
    unload(TOY_BUNDLE);
}

static void
serial_body(void *argument)
{
    (void)argument;
    register_all();
    ksim_thread_run(world.root, "other", other_loader_body, NULL);
    load("org.example.slow");
    guest_sleep(1000000);
    unload("org.example.slow");
}

/* start runs under the one lock of all kext operations. */
TEST_OF(a_load_waits_for_the_start_of_another_kext, serial_body,
        "starts asks started   loaded   ")

static void
lingers_body(void *argument)
{
    (void)argument;
    register_all();
    load("org.example.lingers");
    guest_sleep(1000000);
    unload("org.example.lingers");
}

TEST_MISUSE(a_thread_inside_an_unloaded_kext_is_named, lingers_body, MACHINE_CONTRACT,
            "is still inside org.example.lingers, which is gone")

static void
reader_body(void *argument)
{
    char text[8];
    int fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);

    (void)argument;
    ksim_system_read(world.root, fd, text, sizeof(text));
}

static void
inside_body(void *argument)
{
    (void)argument;
    toy_load();
    ksim_thread_run(world.root, "reader", reader_body, NULL);
    guest_sleep(1000000);
    unload(TOY_BUNDLE);
}

TEST_MISUSE(a_reader_inside_an_unloaded_driver_is_named, inside_body, MACHINE_CONTRACT, "reader")

static void
messy_body(void *argument)
{
    (void)argument;
    register_all();
    load("org.example.messy");
}

/* Nobody undoes what a failed start has done, and stop is not called. */
TEST_MISUSE(a_failed_start_that_forgets_its_major_is_named, messy_body, MACHINE_LEAK,
            "major 24 points into org.example.messy, which is gone")

static void
left_body(void *argument)
{
    (void)argument;
    toy_load();
    toy.remove_forgotten = true;
    unload(TOY_BUNDLE);
}

TEST_MISUSE(a_major_left_behind_is_named, left_body, MACHINE_LEAK,
            "major 1 points into org.example.toy, which is gone")

static void
node_left_body(void *argument)
{
    (void)argument;
    toy_load();
    toy.node_forgotten = true;
    unload(TOY_BUNDLE);
}

TEST_MISUSE(a_node_left_behind_is_named, node_left_body, MACHINE_LEAK,
            "/dev/toy1 was left behind by org.example.toy")

static void
called_body(void *argument)
{
    (void)argument;
    toy_load();
    toy.remove_forgotten = true;
    toy.node_forgotten = true;
    unload(TOY_BUNDLE);
    ksim_system_open(world.root, "/dev/toy1", KSIM_O_RDWR);
}

TEST_MISUSE(a_call_into_an_unloaded_kext_is_a_page_fault, called_body, MACHINE_PANIC,
            "Fault CR2: 0xffffff7f80100000, in d_open")

START_TEST(a_version_has_up_to_three_numbers_and_a_stage)
{
    static const char *const valid[] = {"1", "2014.1", "2014a1", "1.2.3", "1.2d255", "1.", "3.0fc9 x"};
    static const char *const invalid[] = {"", "v1", "20141104", "1.2.3.4", "1.2a", "1.2x1", "1a256"};

    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        ck_assert_msg(ksim_kext_version_valid(valid[i], 2), "%s", valid[i]);
    }
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        ck_assert_msg(!ksim_kext_version_valid(invalid[i], 4), "%s", invalid[i]);
    }
    ck_assert(!ksim_kext_version_valid("1.100", 2) && ksim_kext_version_valid("1.100", 4));
}
END_TEST

static void
long_version_body(void *argument)
{
    (void)argument;
    register_all();
    load("org.example.long");
    if (ksim_kext_is_loaded(world.kernel, "org.example.long")) {
        unload("org.example.long");
    }
}

START_TEST(a_number_of_three_digits_is_refused_until_darwin17)
{
    world_end();
    world_begin(17);
    world_check(long_version_body);
    ck_assert_str_eq(said(), "(libkern/kext) validation failure (plist/executable) ");
    world_end();
    world_begin(18);
    world_check(long_version_body);
    ck_assert_str_eq(said(), "tag=1 data=0 references=0   ");
}
END_TEST

START_TEST(results_have_the_words_of_kext_tools)
{
    ck_assert_str_eq(ksim_kext_result_text(KSIM_KEXT_OK), "");
    ck_assert_str_eq(ksim_kext_result_text(KSIM_KEXT_NOT_PRIVILEGED),
                     "(libkern/kext) not privileged");
    ck_assert_str_eq(ksim_kext_result_text(KSIM_KEXT_INVALID_ARGUMENT),
                     "(libkern/kext) invalid argument");
    ck_assert_str_eq(ksim_kext_result_text(1), "(libkern/kext) internal error");
    ck_assert_uint_eq((unsigned)KSIM_KEXT_START_STOP, 0xdc008017U);
    ck_assert_uint_eq((unsigned)KSIM_KEXT_IN_USE, 0xdc008018U);
    ck_assert_uint_eq((unsigned)KSIM_KEXT_DEPENDENCIES, 0xdc00800eU);
    ck_assert_uint_eq((unsigned)KSIM_KEXT_BAD_DATA, 0xdc008007U);
    ck_assert_uint_eq((unsigned)KSIM_KEXT_NOT_FOUND, 0xdc008006U);
    ck_assert_uint_eq((unsigned)KSIM_KEXT_NOT_PRIVILEGED, 0xdc008004U);
}
END_TEST

static void
load_body(void *argument)
{
    (void)argument;
    toy_load();
}

/* Two machines at once, each with its own copy of the variables of a driver that both loaded. */
START_TEST(each_machine_has_its_own_variables)
{
    struct world first;

    world_thread(NULL, "load", load_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    first = world;
    world_begin(0);
    world_thread(NULL, "load", load_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    machine_enter(first.machine);
    toy.opens = 7;
    machine_enter(world.machine);
    ck_assert_uint_eq(toy.opens, 0);
    toy.opens = 1;
    machine_leave(world.machine);
    ck_assert_uint_eq(toy.opens, 7);
    machine_leave(first.machine);
    ck_assert_uint_eq(toy.opens, 0);
    world_end();
    world = first;
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_kext_is_loaded_once_and_pristine_each_time,
        a_start_that_fails_well_leaves_nothing,
        a_stop_that_refuses_keeps_the_kext_started,
        libraries_are_loaded_first_and_held_in_use,
        a_library_that_fails_fails_its_users,
        a_record_without_start_or_stop_is_bad_data,
        a_load_waits_for_the_start_of_another_kext,
        a_thread_inside_an_unloaded_kext_is_named,
        a_reader_inside_an_unloaded_driver_is_named,
        a_failed_start_that_forgets_its_major_is_named,
        a_major_left_behind_is_named,
        a_node_left_behind_is_named,
        a_call_into_an_unloaded_kext_is_a_page_fault,
        a_version_has_up_to_three_numbers_and_a_stage,
        a_number_of_three_digits_is_refused_until_darwin17,
        results_have_the_words_of_kext_tools,
        each_machine_has_its_own_variables,
        NULL,
    };

    return suite_main("kext", tests);
}
