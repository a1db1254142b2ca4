/* SPDX-License-Identifier: BSD-2-Clause */
/* The device nodes, open and close, and the errno table of facts/museum.md section 0 (open, ioctl, stop). */
#include <stdio.h>

#include "kernel_hand.h"
#include "main.h"
#include "world.h"

static void
nodes_body(struct world *world)
{
    struct ksim_device_status status;
    char path[32];

    for (int kind = 0; kind < 2; kind++) {
        for (unsigned unit = 0; unit < 16; unit++) {
            snprintf(path, sizeof(path), "/dev/%s%u", kind == 0 ? "tun" : "tap", unit);
            ck_assert_msg(ksim_system_device_status(world->kernel, path, &status), "%s", path);
            ck_assert_uint_eq(status.minor, unit);
            ck_assert_uint_eq(status.mode & 07777, 0660);
            ck_assert_uint_eq(status.uid, 0);
            ck_assert_uint_eq(status.gid, 0);
        }
    }
    ck_assert(!ksim_system_device_status(world->kernel, "/dev/tun16", &status));
}

START_TEST(sixteen_nodes_of_each_kind_exist_from_load_to_unload)
{
    world_run(nodes_body);
}
END_TEST

static void
foreign_node_body(struct world *world)
{
    struct ksim_device_status status;
    void *node;

    ck_assert(ksim_system_device_status(world->kernel, "/dev/tap0", &status));
    node = kernel_hand_node_make(status.major, 16, "tap16");
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(world_open(world, "tap16"), -KSIM_ENXIO);
    kernel_hand_node_remove(node);
    /* A second name of a unit is the same unit. */
    node = kernel_hand_node_make(status.major, 3, "mytap");
    int fd = world_open(world, "mytap");
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ifconfig_up(world->root, "tap3"), 0);
    ck_assert_int_eq(world_open(world, "tap3"), -KSIM_EBUSY);
    world_close(world, fd);
    kernel_hand_node_remove(node);
}

START_TEST(a_unit_that_does_not_exist_is_enxio)
{
    world_run(foreign_node_body);
}
END_TEST

static void
interface_life_body(struct world *world)
{
    int fd;

    ck_assert_int_eq(ifconfig_up(world->root, "tap3"), -KSIM_ENXIO);
    fd = world_open(world, "tap3");
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ifconfig_up(world->root, "tap3"), 0);
    world_close(world, fd);
    ck_assert_int_eq(ifconfig_up(world->root, "tap3"), -KSIM_ENXIO);
}

START_TEST(the_interface_exists_from_open_to_last_close)
{
    world_run(interface_life_body);
}
END_TEST

static void
last_close_body(struct world *world)
{
    int fd = world_open(world, "tun0");
    int copy = ksim_system_dup(world->root, fd);

    ck_assert_int_ge(copy, 0);
    world_close(world, fd);
    ck_assert_int_eq(ifconfig_up(world->root, "tun0"), 0);
    world_close(world, copy);
    ck_assert_int_eq(ifconfig_up(world->root, "tun0"), -KSIM_ENXIO);
}

START_TEST(a_duplicate_descriptor_keeps_the_interface)
{
    world_run(last_close_body);
}
END_TEST

static void
second_opener_body(struct world *world)
{
    static const char *const names[] = {"tun5", "tap5"};
    uint8_t packet[64];

    for (int i = 0; i < 2; i++) {
        int fd = world_open(world, names[i]);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(world_open(world, names[i]), -KSIM_EBUSY);
        ck_assert_int_eq((int)world_read(world, fd, packet, sizeof(packet)), -KSIM_EIO);
        world_close(world, fd);
    }
}

START_TEST(a_second_opener_gets_ebusy_and_disturbs_nobody)
{
    world_run(second_opener_body);
}
END_TEST

/* Opens and closes at once 100 times; each open is a descriptor or EBUSY. How many succeeded. */
static int
reopen(struct world *world)
{
    int opened = 0;

    for (int i = 0; i < 100; i++) {
        int fd = world_open(world, "tap0");

        if (fd == -KSIM_EBUSY) {
            world_sleep_ms(world, 1);
            continue;
        }
        ck_assert_msg(fd >= 0, "reopen says %s", ksim_error_text(-fd));
        opened++;
        world_close(world, fd);
    }
    return opened;
}

static void
reopen_body(struct world *world)
{
    ck_assert_int_ge(reopen(world), 50);
}

START_TEST(a_reopen_straight_after_close_works_or_says_ebusy)
{
    world_run(reopen_body);
}
END_TEST

/* How often the detacher is late is the tape's business; that it comes at last is not. */
static void
reopen_late_body(struct world *world)
{
    ck_assert_int_ge(reopen(world), 1);
    world_sleep_ms(world, WORLD_DETACH_MS);
    world_close(world, world_open(world, "tap0"));
}

START_TEST(a_reopen_works_or_says_ebusy_however_the_kernel_schedules)
{
    world_run_seed((uint64_t)_i, reopen_late_body);
}
END_TEST

static void
stranger_open(struct world_thread *thread)
{
    thread->result = ksim_system_open(thread->process, "/dev/tap0", KSIM_O_RDWR);
}

static void
permission_body(struct world *world)
{
    struct world_thread stranger = {
        .world = world,
        .process = ksim_process_create(world->kernel, "user", 501),
        .body = stranger_open};

    world_thread_start(&stranger, "stranger");
    world_thread_join(&stranger);
    ck_assert_int_eq(stranger.result, -KSIM_EACCES);
}

START_TEST(a_stranger_may_not_open)
{
    world_run(permission_body);
}
END_TEST

static void
ioctl_body(struct world *world)
{
    int value = 7;
    int fd = world_open(world, "tap0");

    ck_assert_int_eq(world_ioctl_int(world, fd, UINT32_C(0x80045463), &value), -KSIM_ENOTTY);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_TUNSIFHEAD, &value), -KSIM_ENOTTY);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONREAD, &value), 0);
    ck_assert_int_eq(value, 0);
    value = 1;
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIOASYNC, &value), 0);
    value = 0;
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIOASYNC, &value), 0);
    ck_assert_int_eq(ksim_system_fcntl(world->root, fd, KSIM_F_SETFL,
                                       KSIM_O_NONBLOCK | KSIM_O_ASYNC), 0);
    world_close(world, fd);
}

START_TEST(ioctls_answer_as_documented)
{
    world_run(ioctl_body);
}
END_TEST

static void
unload_busy_body(struct world *world)
{
    int fd = world_open(world, "tun0");

    ck_assert_int_eq(world_unload(world, "tun"), KSIM_KEXT_START_STOP);
    ck_assert(ksim_kext_is_loaded(world->kernel, "net.sf.tuntaposx.tun"));
    ck_assert_int_eq(ifconfig_up(world->root, "tun0"), 0);
    world_close(world, fd);
    world_unload_patiently(world, "tun");
    ck_assert_int_eq(world_open(world, "tun0"), -KSIM_ENOENT);
    ck_assert_int_eq(world_load(world, "tun"), KSIM_KEXT_OK);
}

START_TEST(unload_is_refused_while_a_unit_is_open)
{
    world_run(unload_busy_body);
}
END_TEST

static void
load_orders_body(struct world *world)
{
    static const char *const orders[][2] = {{"tun", "tap"}, {"tap", "tun"}};

    for (int round = 0; round < 8; round++) {
        const char *const *order = orders[round % 2];

        ck_assert_int_eq(world_load(world, order[0]), KSIM_KEXT_OK);
        ck_assert_int_eq(world_load(world, order[1]), KSIM_KEXT_OK);
        world_close(world, world_open(world, "tun15"));
        world_close(world, world_open(world, "tap15"));
        world_unload_patiently(world, order[round / 2 % 2]);
        world_unload_patiently(world, order[1 - round / 2 % 2]);
    }
}

START_TEST(both_kexts_load_and_unload_in_every_order)
{
    world_run_with(&(struct world_options){.load_by_hand = true}, load_orders_body);
}
END_TEST

static void
all_units_body(struct world *world)
{
    int fds[16];
    char name[8];

    for (int pass = 0; pass < 2; pass++) {
        for (int unit = 0; unit < 16; unit++) {
            snprintf(name, sizeof(name), "tap%d", unit);
            do
                fds[unit] = world_open(world, name);
            while (fds[unit] == -KSIM_EBUSY);
            ck_assert_int_ge(fds[unit], 0);
        }
        for (int unit = 0; unit < 16; unit++)
            world_close(world, fds[unit]);
        world_sleep_ms(world, 10);
    }
}

START_TEST(all_units_can_be_open_at_once_twice)
{
    world_run(all_units_body);
}
END_TEST

static Suite *
device_suite(void)
{
    Suite *suite = suite_create("device");
    TCase *cases = tcase_create("device");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, sixteen_nodes_of_each_kind_exist_from_load_to_unload);
    tcase_add_test(cases, a_unit_that_does_not_exist_is_enxio);
    tcase_add_test(cases, the_interface_exists_from_open_to_last_close);
    tcase_add_test(cases, a_duplicate_descriptor_keeps_the_interface);
    tcase_add_test(cases, a_second_opener_gets_ebusy_and_disturbs_nobody);
    tcase_add_test(cases, a_reopen_straight_after_close_works_or_says_ebusy);
    tcase_add_loop_test(cases, a_reopen_works_or_says_ebusy_however_the_kernel_schedules, 0, 20);
    tcase_add_test(cases, a_stranger_may_not_open);
    tcase_add_test(cases, ioctls_answer_as_documented);
    tcase_add_test(cases, unload_is_refused_while_a_unit_is_open);
    tcase_add_test(cases, both_kexts_load_and_unload_in_every_order);
    tcase_add_test(cases, all_units_can_be_open_at_once_twice);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(device_suite)
