/* SPDX-License-Identifier: BSD-2-Clause */
/* The switch table, /dev and the one lock of a device: kpi-rest.md 2.1 to 2.4. */
#include "world.h"

#include <stdio.h>
#include <string.h>

TEST_OF(a_search_may_begin_above_the_kernels_numbers, device_search,
        "first=24 next=25 far=-1 least=-1 free=30 taken=-1 ")
TEST_OF(a_number_may_be_asked_for, device_fixed, "console=-1 free=20 again=-1 beyond=-1 both=21 ")
TEST_OF(an_entry_is_removed_only_when_it_is_the_same, device_remove,
        "changed=-1 same=1 again=-1 negative=-1 beyond=-1 ")
TEST_OF(the_fillers_answer_darwins_errors, device_fillers,
        "enodev=19 nullop=0 nulldev=0 enoioctl=25 enxio=6 eopnotsupp=102 enosys=78 ")
TEST_OF(open_files_go_on_when_their_node_goes, device_nodes,
        "major=24 minor=3 mode=8608 uid=5 gid=6 major=24 minor=3 mode=8630 uid=0 gid=0 open=3 "
        "character=1 block=-6 gone=-2 open=3 character=1 alias=1 ioctl=-19 read=-19 close=0 "
        "close=-19 alias=-19 ")
TEST_OF(a_name_is_taken_once, device_node_names, "node=1 twice=0 long=0 kind=0 none ")

START_TEST(the_console_tells_of_a_taken_name)
{
    world_check(device_node_names);
    ck_assert_ptr_nonnull(strstr(machine_console_text(world.machine),
                                 "devfs: name: name slot allocation failed (Errno=17)"));
}
END_TEST

/* 1, 9, 10, 11, 13 ... except bpf's 23, up to the last of 43 or 64. */
static void
slots_expect(int darwin_major, int count)
{
    char expected[1024] = "";

    for (int slot = 0; slot < count; slot++) {
        if (slot == 1 || (slot >= 9 && slot != 12 && slot != 23)) {
            snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "slot=%d ",
                     slot);
        }
    }
    world_end();
    world_begin(darwin_major);
    world_check(device_slots);
    ck_assert_str_eq(said(), expected);
}

START_TEST(minus_one_searches_from_the_bottom)
{
    slots_expect(18, 43);
    slots_expect(19, 64);
}
END_TEST

START_TEST(both_may_fail)
{
    world_fault("cdevsw_add", 1);
    world_check(device_faults);
    ck_assert_str_eq(said(), "slot=-1 node=1 ");
    world_end();
    world_begin(0);
    world_fault("devfs_make_node", 1);
    world_check(device_faults);
    ck_assert_str_eq(said(), "slot=20 node=0 ");
}
END_TEST

TEST_MISUSE(removing_no_node_is_a_page_fault, misuse_device_node_null, MACHINE_PANIC,
            "in devfs_remove")
TEST_MISUSE(removing_a_node_twice_is_named, misuse_device_node_twice, MACHINE_CONTRACT,
            "is no node of /dev (removed before?)")
TEST_MISUSE(a_missing_function_is_a_page_fault_when_used, misuse_device_function_null,
            MACHINE_PANIC, "Fault CR2: 0x0000000000000000, in d_read")

/* --- one lock per device ----------------------------------------------------------------------- */

static int fds[2];

static void
setup_body(void *argument)
{
    (void)argument;
    toy_load();
    fds[0] = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

static void
slow_close_body(void *argument)
{
    (void)argument;
    toy.close_sleeps = true;
    say("close", ksim_system_close(world.root, fds[0]));
}

static void
open_other_body(void *argument)
{
    say("other", ksim_system_open(world.root, "/dev/toy1", KSIM_O_RDWR) >= 0);
    (void)argument;
}

static void
open_same_body(void *argument)
{
    (void)argument;
    say("same", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR) >= 0);
}

/* How often d_open has run while d_close of the same minor, or of another one, sleeps. */
static unsigned
opens_during_close(int darwin_major, void (*body)(void *))
{
    world_end();
    world_begin(darwin_major);
    world_thread(NULL, "setup", setup_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_OK);
    world_thread(NULL, "close", slow_close_body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    world_thread(NULL, "open", body, NULL);
    ck_assert_int_eq(world_run(), MACHINE_HANG);
    machine_enter(world.machine);
    unsigned opens = toy.opens;
    machine_leave(world.machine);
    return opens;
}

START_TEST(open_waits_for_the_last_close_of_its_minor)
{
    ck_assert_uint_eq(opens_during_close(19, open_same_body), 1);
    ck_assert_ptr_nonnull(strstr(machine_report(world.machine), "devsw_lock"));
    ck_assert_str_eq(said(), "");
    ck_assert_uint_eq(opens_during_close(19, open_other_body), 2);
    ck_assert_str_eq(said(), "other=1 ");
}
END_TEST

START_TEST(in_the_tenth_release_open_overtakes_the_last_close)
{
    ck_assert_uint_eq(opens_during_close(10, open_same_body), 2);
    ck_assert_str_eq(said(), "same=1 ");
}
END_TEST

static void
late_body(void *argument)
{
    char byte;
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    say("read", ksim_system_read(world.root, fd, &byte, 1));
    say("write", ksim_system_write(world.root, fd, "x", 1));
    say("ioctl", ksim_system_ioctl(world.root, fd, TOY_NO_DATA, NULL));
    say("close", ksim_system_close(world.root, fd));
    say("closes", toy.closes);
}

TEST_OF(an_open_file_of_a_removed_driver_says_enodev, late_body,
        "unload=0 read=-19 write=-19 ioctl=-19 close=-19 closes=0 ")

static void
numbers_body(void *argument)
{
    unsigned long type_of = 0x4004667aUL; /* FIODTYPE */
    int type = 99;
    int fd;
    int copies[300];
    int count = 0;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    say("type", ksim_system_ioctl(world.root, fd, type_of, &type));
    say("is", type);
    say("ioctls", toy.ioctls);
    say("revoke", ksim_system_ioctl(world.root, fd, 0x8004741eUL, &type)); /* TIOCREVOKE */
    say("size", ksim_system_ioctl(world.root, fd, 0x80046418UL, &type)); /* DKIOCSETBLOCKSIZE */
    say("close on exec", ksim_system_ioctl(world.root, fd, 0x20006601UL, NULL)); /* FIOCLEX */
    say("ioctls", toy.ioctls);
    say("owner", ksim_system_ioctl(world.root, fd, 0x8004667cUL, &type)); /* FIOSETOWN */
    say("passed on", toy.last_command == 0x80047476UL);                   /* TIOCSPGRP */
    say("owner", ksim_system_ioctl(world.root, fd, 0x4004667bUL, &type)); /* FIOGETOWN */
    say("passed on", toy.last_command == 0x40047477UL);                   /* TIOCGPGRP */
    while ((copies[count] = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR)) >= 0) {
        count++;
    }
    say("last", copies[count]);
    say("opens", toy.opens);
    say("dup", ksim_system_dup(world.root, fd));
    say("low", ksim_system_fcntl(world.root, fd, 0, -1));
    say("high", ksim_system_fcntl(world.root, fd, 0, 256));
    for (int i = 0; i < count; i++) {
        ksim_system_close(world.root, copies[i]);
    }
    say("dup", ksim_system_fcntl(world.root, fd, 0, 100));
    say("dup2", ksim_system_dup2(world.root, fd, 100));
    say("dup2", ksim_system_dup2(world.root, fd, 256));
    say("dup2", ksim_system_dup2(world.root, 77, 3));
    say("dup2", ksim_system_dup2(world.root, fd, fd));
    say("setfd", ksim_system_fcntl(world.root, fd, 2, 1));
    say("getfd", ksim_system_fcntl(world.root, fd, 1, 0));
    say("command", ksim_system_fcntl(world.root, fd, 99, 0));
    say("mode", ksim_system_open(world.root, "/dev/toy0", 3));
    ksim_system_close(world.root, 100);
    ksim_system_close(world.root, fd);
    say("closes", toy.closes);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

/* A process without a free number never reaches the driver: 256 opens for 256 numbers. */
TEST_OF(numbers_come_before_the_driver, numbers_body,
        "type=0 is=0 ioctls=0 revoke=-25 size=-1 close on exec=0 ioctls=0 owner=-25 passed on=1 "
        "owner=0 passed on=1 last=-24 opens=256 dup=-24 low=-22 high=-22 dup=100 dup2=100 "
        "dup2=-9 dup2=-9 dup2=0 setfd=0 getfd=1 command=-22 mode=-22 closes=1 unload=0 ")

/* A driver is told process groups only; a program that asks gets one, as a negative number. */
static void
owner_body(void *argument)
{
    struct process *child;
    int fd, owner, socket;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    child = ksim_system_fork(world.root);
    owner = ksim_process_pid(child);
    say("child", ksim_system_ioctl(world.root, fd, 0x8004667cUL, &owner)); /* FIOSETOWN */
    say("its group", toy.last_ioctl_value == ksim_process_pid(world.root));
    say("get", ksim_system_ioctl(world.root, fd, 0x4004667bUL, &owner)); /* FIOGETOWN */
    say("negative", owner == -ksim_process_pid(world.root));
    say("group", ksim_system_fcntl(world.root, fd, KSIM_F_SETOWN, -77));
    say("is", toy.last_ioctl_value);
    say("nobody", ksim_system_fcntl(world.root, fd, KSIM_F_SETOWN, 4711));
    owner = 4711;
    say("nobody", ksim_system_ioctl(world.root, fd, 0x8004667cUL, &owner));
    say("is", toy.last_ioctl_value);
    say("closed", ksim_system_fcntl(world.root, 77, KSIM_F_SETOWN, 1));
    /* A socket keeps it for itself, as it was given. */
    socket = ksim_system_socket(world.root, KSIM_AF_INET, KSIM_SOCK_DGRAM, 0);
    say("socket", ksim_system_fcntl(world.root, socket, KSIM_F_SETOWN, 4711));
    say("get", ksim_system_ioctl(world.root, socket, 0x4004667bUL, &owner));
    say("is", owner);
    ksim_system_close(world.root, socket);
    ksim_system_close(world.root, fd);
    ksim_system_kill(child, KSIM_SIGKILL);
    ksim_system_sleep(world.root, 1000000);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

TEST_OF(an_owner_of_signals_is_a_process_group_to_the_driver, owner_body,
        "child=0 its group=1 get=0 negative=1 group=0 is=77 nobody=-3 nobody=-3 is=77 closed=-9 "
        "socket=0 get=0 is=4711 unload=0 ")

int
main(void)
{
    const TTest *const tests[] = {
        an_owner_of_signals_is_a_process_group_to_the_driver,
        minus_one_searches_from_the_bottom,
        a_search_may_begin_above_the_kernels_numbers,
        a_number_may_be_asked_for,
        an_entry_is_removed_only_when_it_is_the_same,
        the_fillers_answer_darwins_errors,
        open_files_go_on_when_their_node_goes,
        a_name_is_taken_once,
        the_console_tells_of_a_taken_name,
        both_may_fail,
        removing_no_node_is_a_page_fault,
        removing_a_node_twice_is_named,
        a_missing_function_is_a_page_fault_when_used,
        open_waits_for_the_last_close_of_its_minor,
        in_the_tenth_release_open_overtakes_the_last_close,
        an_open_file_of_a_removed_driver_says_enodev,
        numbers_come_before_the_driver,
        NULL,
    };

    return suite_main("device", tests);
}
