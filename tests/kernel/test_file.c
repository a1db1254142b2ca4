/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors, open files and devices: kpi-rest.md 2.3 to 2.6. */
#include "world.h"

#include <string.h>

static void
life_body(void *argument)
{
    char text[TOY_MESSAGE_BYTES] = "";
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    say("fd", fd);
    say("write", ksim_system_write(world.root, fd, "hello", 5));
    say("read", ksim_system_read(world.root, fd, text, sizeof(text)));
    say("same", strcmp(text, "hello") == 0);
    say("close", ksim_system_close(world.root, fd));
    say("opens", toy.opens);
    say("closes", toy.closes);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    say("open", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR));
}

START_TEST(life_from_load_to_unload)
{
    world_check(life_body);
    ck_assert_str_eq(said(), "fd=0 write=5 read=5 same=1 close=0 opens=1 closes=1 unload=0 open=-2 ");
}
END_TEST

static void
open_errors_body(void *argument)
{
    struct process *user = ksim_process_create(world.kernel, "user", 501);
    int fd;

    (void)argument;
    toy_load();
    toy.open_error = KSIM_EBUSY;
    say("busy", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR));
    say("closes", toy.closes);
    toy.open_error = 0;
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDONLY);
    say("write", ksim_system_write(world.root, fd, "x", 1));
    say("read0", ksim_system_read(world.root, fd, &fd, 0));
    say("reads", toy.reads);
    say("close", ksim_system_close(world.root, fd));
    say("again", ksim_system_close(world.root, fd));
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_WRONLY);
    say("write0", ksim_system_write(world.root, fd, "", 0));
    say("writes", toy.writes);
    say("read", ksim_system_read(world.root, fd, &user, 1));
    say("none", ksim_system_open(world.root, "/dev/none", KSIM_O_RDWR));
    ksim_system_close(world.root, fd);
    ksim_process_set_uid(world.root, 501);
    say("access", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR));
    ksim_process_set_uid(world.root, 0);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

START_TEST(open_says_no_in_the_right_words)
{
    world_check(open_errors_body);
    ck_assert_str_eq(said(), "busy=-16 closes=0 write=-9 read0=0 reads=0 close=0 again=-9 write0=0 "
                             "writes=1 read=-9 none=-2 access=-13 unload=0 ");
}
END_TEST

static void
sharing_body(void *argument)
{
    struct process *child;
    int fd;
    int copy;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    copy = ksim_system_dup(world.root, fd);
    say("copy", copy);
    child = ksim_system_fork(world.root);
    ksim_system_close(world.root, fd);
    ksim_system_close(world.root, copy);
    say("closes", toy.closes);
    ksim_system_kill(child, KSIM_SIGKILL);
    ksim_system_sleep(world.root, 1000000);
    say("exited", ksim_process_exited(child, NULL));
    say("closes", toy.closes);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

START_TEST(only_the_last_reference_closes)
{
    world_check(sharing_body);
    ck_assert_str_eq(said(), "copy=1 closes=0 exited=1 closes=1 unload=0 ");
}
END_TEST

static int shared_fd;

static void
reader_body(void *argument)
{
    char text[8];

    (void)argument;
    say("read", ksim_system_read(world.root, shared_fd, text, sizeof(text)));
}

static void
closer_body(void *argument)
{
    (void)argument;
    say("close", ksim_system_close(world.root, shared_fd));
}

static void
open_shared_body(void *argument)
{
    (void)argument;
    toy_load();
    shared_fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

static void
finish_body(void *argument)
{
    (void)argument;
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

START_TEST(a_blocked_reader_blocks_close)
{
    world_thread(NULL, "open", open_shared_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    world_thread(NULL, "reader", reader_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    world_thread(NULL, "closer", closer_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "fpdrain"));
    ck_assert_str_eq(said(), "");
    machine_enter(world.machine);
    ksim_signal_set(world.root, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    ksim_system_kill(world.root, KSIM_SIGUSR1);
    machine_leave(world.machine);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    ck_assert_str_eq(said(), "read=-4 close=0 ");
    world_check(finish_body);
}
END_TEST

static void
revoke_body(void *argument)
{
    (void)argument;
    say("revoke", ksim_system_revoke(world.root, "/dev/toy0"));
    say("flags", toy.last_close_flags);
    say("read", ksim_system_read(world.root, shared_fd, &argument, 1));
    say("write", ksim_system_write(world.root, shared_fd, "x", 1));
    say("ioctl", ksim_system_ioctl(world.root, shared_fd, TOY_NO_DATA, NULL));
    say("reopen", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR));
    say("close", ksim_system_close(world.root, shared_fd));
    say("closes", toy.closes);
    say("close", ksim_system_close(world.root, 1));
    say("closes", toy.closes);
    finish_body(NULL);
}

START_TEST(revoke_makes_the_file_dead)
{
    world_thread(NULL, "open", open_shared_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    world_check(revoke_body);
    ck_assert_str_eq(said(), "revoke=0 flags=48 read=0 write=-5 ioctl=-9 reopen=1 close=0 closes=1 "
                             "close=0 closes=2 unload=0 ");
}
END_TEST

static void
flags_body(void *argument)
{
    int number = 7;
    int one = 1;
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR | KSIM_O_NONBLOCK);
    say("open", toy.last_open_flags);
    say("ioctls", toy.ioctls);
    say("read", ksim_system_read(world.root, fd, &number, 4));
    say("ndelay", toy.last_read_flags & 0x10);
    say("setfl", ksim_system_fcntl(world.root, fd, KSIM_F_SETFL, 0));
    say("told", toy.last_ioctl_value);
    say("ioctls", toy.ioctls);
    say("setfl", ksim_system_fcntl(world.root, fd, KSIM_F_SETFL, KSIM_O_NONBLOCK));
    say("told", toy.last_ioctl_value);
    toy.ioctl_async_error = KSIM_ENOTTY;
    say("async", ksim_system_fcntl(world.root, fd, KSIM_F_SETFL, KSIM_O_NONBLOCK | KSIM_O_ASYNC));
    say("told", toy.last_ioctl_value);
    say("getfl", ksim_system_fcntl(world.root, fd, KSIM_F_GETFL, 0) & KSIM_O_NONBLOCK);
    say("fionbio", ksim_system_ioctl(world.root, fd, 0x8004667eUL, &one));
    say("told", toy.last_ioctl_value);
    say("read", ksim_system_read(world.root, fd, &number, 4));
    say("get", ksim_system_ioctl(world.root, fd, TOY_GET_NUMBER, &number));
    say("number", number);
    say("fault", ksim_system_ioctl(world.root, fd, TOY_GET_NUMBER, NULL));
    say("unknown", ksim_system_ioctl(world.root, fd, 0x20007499UL, NULL));
    ksim_system_close(world.root, fd);
    finish_body(NULL);
}

START_TEST(the_generic_layer_keeps_its_own_flags)
{
    world_check(flags_body);
    ck_assert_str_eq(said(),
                     "open=7 ioctls=0 read=-35 ndelay=16 setfl=0 told=0 ioctls=2 setfl=0 told=4 "
                     "async=-25 told=0 getfl=0 fionbio=0 told=1 read=-35 get=0 number=42 "
                     "fault=-14 unknown=-25 unload=0 ");
}
END_TEST

static void
restart_body(void *argument)
{
    char text[8] = "";

    (void)argument;
    open_shared_body(NULL);
    ksim_signal_set(world.root, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH_RESTART);
    say("read", ksim_system_read(world.root, shared_fd, text, sizeof(text)));
    say("reads", toy.reads);
    say("caught", ksim_process_signals_caught(world.root, KSIM_SIGUSR1));
    ksim_system_close(world.root, shared_fd);
    finish_body(NULL);
}

static void
writer_body(void *argument)
{
    (void)argument;
    say("write", ksim_system_write(world.root, shared_fd, "abc", 3));
}

START_TEST(a_handler_with_restart_repeats_the_call)
{
    world_thread(NULL, "reader", restart_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    machine_enter(world.machine);
    ksim_system_kill(world.root, KSIM_SIGUSR1);
    machine_leave(world.machine);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    world_check(writer_body);
    ck_assert_str_eq(said(), "write=3 read=3 reads=2 caught=1 unload=0 ");
}
END_TEST

static void
victim_body(void *argument)
{
    struct process *process = argument;
    int fd = ksim_system_open(process, "/dev/toy0", KSIM_O_RDWR);

    say("fd", fd);
    toy.close_sleeps = true;
    say("close", ksim_system_close(process, fd));
}

START_TEST(a_kill_during_close_interrupts_its_sleep)
{
    struct process *victim;

    world_thread(NULL, "open", open_shared_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    world_thread(NULL, "close", closer_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    said();
    machine_enter(world.machine);
    victim = ksim_process_create(world.kernel, "victim", 0);
    machine_leave(world.machine);
    world_thread(victim, "victim", victim_body, victim);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    machine_enter(world.machine);
    ksim_system_kill(victim, KSIM_SIGKILL);
    machine_leave(world.machine);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    ck_assert(ksim_process_exited(victim, NULL));
    ck_assert_str_eq(said(), "fd=0 ");
    world_check(finish_body);
}
END_TEST

static void
exit_body(void *argument)
{
    struct process *process = argument;

    say("fd", ksim_system_open(process, "/dev/toy0", KSIM_O_RDWR));
    toy.close_sleeps = true;
    ksim_system_exit(process);
}

START_TEST(a_kill_cannot_interrupt_the_close_of_an_exit)
{
    struct process *victim;

    world_thread(NULL, "open", open_shared_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    machine_enter(world.machine);
    victim = ksim_process_create(world.kernel, "victim", 0);
    machine_leave(world.machine);
    world_thread(NULL, "close", closer_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    world_thread(victim, "victim", exit_body, victim);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    machine_enter(world.machine);
    ksim_system_kill(victim, KSIM_SIGKILL);
    machine_leave(world.machine);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    ck_assert(!ksim_process_exited(victim, NULL));
}
END_TEST

START_TEST(the_tenth_release_has_no_open_lock)
{
    world_end();
    world_begin(10);
    world_check(life_body);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        life_from_load_to_unload,
        open_says_no_in_the_right_words,
        only_the_last_reference_closes,
        a_blocked_reader_blocks_close,
        revoke_makes_the_file_dead,
        the_generic_layer_keeps_its_own_flags,
        a_handler_with_restart_repeats_the_call,
        a_kill_during_close_interrupts_its_sleep,
        a_kill_cannot_interrupt_the_close_of_an_exit,
        the_tenth_release_has_no_open_lock,
        NULL,
    };

    return suite_main("file", tests);
}
