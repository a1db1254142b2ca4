/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a run: everything left behind is named with its owner (museum.md section 4, oracle 1). */
#include "world.h"

#include <string.h>

TEST_MISUSE(memory_left_behind_is_a_leak, leave_memory, MACHINE_LEAK, " made by org.example.guest")
TEST_MISUSE(a_tag_left_behind_is_a_leak, leave_tag, MACHINE_LEAK,
            "OSMalloc tag left of org.example.guest was never freed")
TEST_MISUSE(a_lock_left_behind_is_a_leak, leave_lock, MACHINE_LEAK,
            "of org.example.guest was never freed")
TEST_MISUSE(a_lock_group_left_behind_is_a_leak, leave_group, MACHINE_LEAK,
            "lock group left of org.example.guest was never freed")
TEST_MISUSE(a_major_left_behind_is_a_leak, leave_major, MACHINE_LEAK,
            "major 24 of org.example.guest was never removed")
TEST_MISUSE(a_node_left_behind_is_a_leak, leave_node, MACHINE_LEAK,
            "/dev/left of org.example.guest was never removed")

static void
loaded_body(void *argument)
{
    (void)argument;
    toy_load();
}

TEST_MISUSE(a_kext_still_loaded_is_a_leak, loaded_body, MACHINE_LEAK,
            "kext org.example.toy is still loaded")

static void
open_body(void *argument)
{
    (void)argument;
    toy_load();
    ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    ksim_kext_unload(world.kernel, TOY_BUNDLE);
}

TEST_MISUSE(a_file_still_open_is_a_leak, open_body, MACHINE_LEAK, "1 files are still open")

/* What the kernel itself made is not a kext's to free. */
static void
own_body(void *argument)
{
    (void)argument;
    ksim_system_sleep(world.root, 1000);
}

START_TEST(the_kernels_own_things_are_no_leak)
{
    world_check(own_body);
}
END_TEST

static void
sleeper_body(void *argument)
{
    char text[8];
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    ksim_system_read(world.root, fd, text, sizeof(text));
}

/* A run that hangs can be audited too: who sleeps where is said. */
START_TEST(a_thread_that_still_sleeps_is_named)
{
    world_thread(NULL, "sleeper", sleeper_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    machine_enter(world.machine);
    ksim_audit(world.kernel);
    machine_leave(world.machine);
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "toyread"));
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "sleeper"));
}
END_TEST

static void
panicked_body(void *argument)
{
    (void)argument;
    leave_tag(NULL);
    panic_plain(NULL);
}

/* After a panic nobody looks for leftovers. */
START_TEST(a_failure_is_not_audited)
{
    world_expect(panicked_body, MACHINE_PANIC, "panic(cpu 0");
    machine_enter(world.machine);
    ksim_audit(world.kernel);
    machine_leave(world.machine);
    ck_assert_int_eq(machine_outcome(world.machine), MACHINE_PANIC);
    ck_assert_ptr_null(strstr(machine_report(world.machine), "was never freed"));
}
END_TEST

static void
busy_body(void *argument)
{
    char text[8];
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    for (int round = 0; round < 20; round++) {
        ksim_system_write(world.root, fd, "abcdef", 6);
        ksim_system_read(world.root, fd, text, sizeof(text));
    }
    ksim_system_close(world.root, fd);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

static void
twice_body(void *argument)
{
    size_t before = machine_live_count(NULL);

    busy_body(argument);
    say("kept", (long long)(machine_live_count(NULL) - before) <= 6);
    before = machine_live_count(NULL);
    busy_body(argument);
    say("grown", (long long)(machine_live_count(NULL) - before));
}

/* A second life of the same driver costs the kernel nothing. */
TEST_OF(the_kernel_does_not_grow, twice_body, "unload=0 kept=1 unload=0 grown=0 ")

int
main(void)
{
    const TTest *const tests[] = {
        memory_left_behind_is_a_leak,
        a_tag_left_behind_is_a_leak,
        a_lock_left_behind_is_a_leak,
        a_lock_group_left_behind_is_a_leak,
        a_major_left_behind_is_a_leak,
        a_node_left_behind_is_a_leak,
        a_kext_still_loaded_is_a_leak,
        a_file_still_open_is_a_leak,
        the_kernels_own_things_are_no_leak,
        a_thread_that_still_sleeps_is_named,
        a_failure_is_not_audited,
        the_kernel_does_not_grow,
        NULL,
    };

    return suite_main("audit", tests);
}
