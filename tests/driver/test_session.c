/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One open after another: how a session ends, in whatever order the kernel does it, and what of it the
 * next one sees: nothing (facts/museum.md A05 to A08, A15, A18, B05, D07, D09).
 */
#include <stdio.h>
#include <string.h>

#include <foreign_hand.h>

#include "feeders.h"
#include "kernel_hand.h"
#include "kernel_view.h"
#include "main.h"
#include "wire.h"
#include "world.h"

/* One of each generation of the kernel's interface layer, and the last. */
static const int releases[] = {10, 13, 19, 24};

enum { RELEASE_COUNT = sizeof(releases) / sizeof(releases[0]) };

static const char *const kinds[] = {"tun0", "tap0"};

/* --- the end of a session ---------------------------------------------------------------------- */

static void
life_body(struct world *world)
{
    uint8_t lladdr[6];
    struct wire wire;

    for (int pass = 0; pass < 3; pass++) {
        for (int kind = 0; kind < 2; kind++) {
            wire_open(&wire, world, kinds[kind]);
            ck_assert(kind == 0 || wire_resolve(&wire, lladdr));
            ck_assert(wire_ping(&wire, lladdr, (uint16_t)pass));
            wire_close(&wire);
        }
    }
}

START_TEST(three_lives_carry_packets_on_every_release)
{
    world_run_with(&(struct world_options){.darwin_major = _i}, life_body);
}
END_TEST

START_TEST(three_lives_carry_packets_on_every_schedule)
{
    world_run_seed((uint64_t)_i, life_body);
}
END_TEST

static void
late_body(struct world *world)
{
    bool at_once = ksim_darwin_major(world->kernel) == 10;
    int fd;

    for (int kind = 0; kind < 2; kind++) {
        uint64_t begun_ns;

        fd = world_open_up(world, kinds[kind]);
        begun_ns = ksim_system_time_ns();
        world_close(world, fd);
        /* Close does not wait, */
        ck_assert_uint_lt(ksim_system_time_ns() - begun_ns, WORLD_MS_NS);
        /* and until the kernel has let go of the interface the unit is busy. */
        fd = world_open(world, kinds[kind]);
        if (!at_once) {
            ck_assert_int_eq(fd, -KSIM_EBUSY);
            world_sleep_ms(world, 1400);
            ck_assert_int_eq(world_open(world, kinds[kind]), -KSIM_EBUSY);
            world_sleep_ms(world, WORLD_DETACH_MS - 1400);
            fd = world_open(world, kinds[kind]);
        }
        ck_assert_int_ge(fd, 0);
        world_close(world, fd);
        /* There is one detacher for all. */
        world_sleep_ms(world, WORLD_DETACH_MS);
    }
}

START_TEST(a_unit_is_busy_until_a_late_detach_is_over)
{
    struct feeder_late late;

    feeder_late_start(&late);
    world_run_with(&(struct world_options){.feeder = &late.feeder, .darwin_major = releases[_i]},
                   late_body);
}
END_TEST

/* Where in close the detacher cuts in, and what an open straight after it said. */
struct cut {
    struct feeder_preempt preempt;
    const char *name;
    int reopened;
};

static void
cut_body(struct world *world)
{
    struct cut *cut = world->argument;
    int fd = world_open_up(world, cut->name);

    world_sleep_ms(world, 10);
    cut->preempt.armed = true;
    world_close(world, fd);
    cut->preempt.armed = false;
    cut->reopened = world_open(world, cut->name);
    if (cut->reopened >= 0)
        world_close(world, cut->reopened);
    else
        ck_assert_int_eq(cut->reopened, -KSIM_EBUSY);
    world_sleep_ms(world, WORLD_DETACH_MS);
    world_close(world, world_open(world, cut->name));
}

START_TEST(the_detached_callback_may_come_anywhere_in_close)
{
    bool callback_first = false, callback_last = false;
    struct cut cut = {.name = kinds[_i % 2]};
    uint32_t at = 0;

    do {
        feeder_preempt_start(&cut.preempt, at);
        world_run_with(&(struct world_options){.feeder = &cut.preempt.feeder,
                                               .darwin_major = releases[_i / 2],
                                               .argument = &cut},
                       cut_body);
        callback_first |= cut.reopened >= 0;
        callback_last |= cut.reopened < 0;
    } while (at++ < cut.preempt.seen);
    /* 10.6 calls back before ifnet_detach returns, always; the others when they like. */
    ck_assert(callback_first);
    ck_assert(callback_last == (releases[_i / 2] != 10));
}
END_TEST

/* --- detached by somebody else ----------------------------------------------------------------- */

static void
gone_body(struct world *world)
{
    uint8_t packet[128];
    int value = 1;

    for (int kind = 0; kind < 2; kind++) {
        int fd = world_open_up(world, kinds[kind]);
        struct ksim_fd_set readable = {{UINT64_C(1) << fd}}, writable = readable;
        size_t length = world_echo_request(packet, 1, 56);

        ck_assert_int_eq(foreign_hand_detach(kinds[kind]), 0);
        world_sleep_ms(world, WORLD_DETACH_MS);
        if (ksim_darwin_major(world->kernel) != 10) {
            ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EIO);
            ck_assert_int_eq(world_write(world, fd, packet, length), -KSIM_EIO);
            ck_assert_int_eq(
                ksim_system_select(world->root, fd + 1, &readable, &writable, NULL, -1), 2);
            ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONREAD, &value), 0);
            ck_assert_int_eq(value, 0);
            ck_assert_int_eq(world_open(world, kinds[kind]), -KSIM_EBUSY);
        }
        world_close(world, fd);
        fd = world_open_up(world, kinds[kind]);
        ck_assert_int_eq(world_write(world, fd, packet, kind == 0 ? length : 0),
                         kind == 0 ? (int64_t)length : -KSIM_EINVAL);
        world_close(world, fd);
        world_sleep_ms(world, WORLD_DETACH_MS);
    }
}

/* 10.6 keeps a detaching interface working until its protocols are gone, which our close does. */
START_TEST(an_interface_another_kext_detaches_is_eio_until_reopened)
{
    world_run_with(&(struct world_options){.darwin_major = releases[_i]}, gone_body);
}
END_TEST

static void
foreign_detach_wakes_body(struct world *world)
{
    struct wire wire;
    int off = 0;

    wire_open(&wire, world, "tun0");
    struct world_thread reader = {
        .world = world, .process = world->root, .body = world_thread_read, .fd = wire.fd};
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONBIO, &off), 0);
    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 20);
    ck_assert_int_eq(foreign_hand_detach("tun0"), 0);
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, -KSIM_EIO);
    wire_close(&wire);
}

START_TEST(a_foreign_detach_wakes_a_sleeping_reader_on_every_schedule)
{
    world_run_seed((uint64_t)_i, foreign_detach_wakes_body);
}
END_TEST

/* B05: ifnet_detach refuses, because somebody else is at it. */
static void
refused_detach_body(struct world *world)
{
    int fd = world_open_up(world, "tap0");

    ck_assert_int_eq(foreign_hand_detach("tap0"), 0);
    world_close(world, fd);
    ck_assert_int_eq(world_open(world, "tap0"), -KSIM_ENXIO);
    ck_assert_int_eq(world_unload(world, "tap"), KSIM_KEXT_START_STOP);
    world_sleep_ms(world, WORLD_DETACH_MS);
    world_close(world, world_open(world, "tap0"));
}

START_TEST(a_refused_detach_makes_the_unit_enxio_until_the_callback_comes)
{
    struct feeder_late late;

    feeder_late_start(&late);
    world_run_with(&(struct world_options){.feeder = &late.feeder}, refused_detach_body);
}
END_TEST

static void
race_detach_body(struct world *world)
{
    for (int i = 0; i < 8; i++) {
        const char *name = kinds[i % 2];
        int fd = world_open_up(world, name);
        int result;

        if (i % 4 < 2)
            ck_assert_int_eq(foreign_hand_detach(name), 0);
        world_close(world, fd);
        result = world_open(world, name);
        if (result >= 0)
            world_close(world, result);
        else
            ck_assert(result == -KSIM_EBUSY || result == -KSIM_ENXIO);
        world_sleep_ms(world, WORLD_DETACH_MS);
        world_close(world, world_open(world, name));
        world_sleep_ms(world, WORLD_DETACH_MS);
    }
}

START_TEST(two_detachers_leave_a_unit_that_works_on_every_schedule)
{
    world_run_seed((uint64_t)_i, race_detach_body);
}
END_TEST

/* --- what the next session sees ---------------------------------------------------------------- */

static void
leave_traces(struct world *world, const char *name, bool tun)
{
    int on = 1, fd = world_open_up(world, name);
    uint8_t packet[128];
    size_t length = world_echo_request(packet, 1, 56);

    if (tun)
        ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_TUNSIFHEAD, &on), 0);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIOASYNC, &on), 0);
    ck_assert_int_eq(ifconfig_mtu(world->root, name, 900), 0);
    /* Packets the Mac sends; nobody reads them. */
    ck_assert_int_eq(kernel_view_output(name, packet, length, 5), 0);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONREAD, &on), 0);
    ck_assert_int_gt(on, 0);
    world_close(world, fd);
}

static void
traces_body(struct world *world)
{
    for (int kind = 0; kind < 2; kind++) {
        const char *name = kinds[kind];
        uint64_t packets, bytes;
        uint8_t packet[64];
        unsigned flags;
        int fd, value = 7;

        leave_traces(world, name, kind == 0);
        fd = world_open_patiently(world, name);
        ck_assert_int_eq(kernel_view_flags(name, &flags), 0);
        ck_assert_uint_eq(flags & 1, 0); /* IFF_UP */
        ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EIO);
        ck_assert_uint_eq(kernel_hand_mtu(name), 1500);
        ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONREAD, &value), 0);
        ck_assert_int_eq(value, 0);
        if (kind == 0) {
            ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_TUNGIFHEAD, &value), 0);
            ck_assert_int_eq(value, 0);
        }
        ck_assert(wire_status(world, name, "out purged", &packets, &bytes));
        ck_assert_uint_eq(packets, 0);
        world_close(world, fd);
    }
}

START_TEST(flags_packets_modes_counters_and_mtu_end_with_the_session)
{
    world_run_with(&(struct world_options){.darwin_major = releases[_i]}, traces_body);
}
END_TEST

static void
address_body(struct world *world)
{
    static const uint8_t ours[4] = {10, 8, 0, 1}, peer[4] = {10, 8, 0, 2}, ip6[16] = {0xfd, 7, 1};
    unsigned count;

    for (int kind = 0; kind < 2; kind++) {
        const char *name = kinds[kind];
        int fd = world_open_up(world, name);

        ck_assert_int_eq(ifconfig_inet(world->root, name, ours, kind == 0 ? 32 : 24,
                                       kind == 0 ? peer : NULL), 0);
        ck_assert_int_eq(ifconfig_inet6(world->root, name, ip6, 64), 0);
        ck_assert_int_eq(kernel_hand_addresses(name, KSIM_AF_INET, &count), 0);
        ck_assert_uint_ge(count, 1);
        ck_assert_int_eq(kernel_hand_addresses(name, KSIM_AF_INET6, &count), 0);
        ck_assert_uint_ge(count, 1);
        ck_assert_int_eq(kernel_hand_groups(name, &count), 0);
        ck_assert_uint_ge(count, 1);
        if (world->argument != NULL)
            ksim_process_set_uid(world->root, 501);
        world_close(world, fd);
        ksim_process_set_uid(world->root, 0);
        fd = world_open_patiently(world, name);
        ck_assert_int_eq(kernel_hand_addresses(name, KSIM_AF_INET, &count), 0);
        ck_assert_uint_eq(count, 0);
        ck_assert_int_eq(kernel_hand_addresses(name, KSIM_AF_INET6, &count), 0);
        ck_assert_uint_eq(count, 0);
        ck_assert_int_eq(kernel_hand_groups(name, &count), 0);
        ck_assert_uint_eq(count, 0);
        world_close(world, fd);
        /* The same address again is one address, not a ghost. */
        fd = world_open_up(world, name);
        ck_assert_int_eq(kernel_hand_addresses(name, KSIM_AF_INET, &count), 0);
        ck_assert_uint_eq(count, 1);
        world_close(world, fd);
    }
}

START_TEST(addresses_and_groups_end_with_the_session)
{
    world_run_with(&(struct world_options){.darwin_major = releases[_i]}, address_body);
}
END_TEST

START_TEST(they_end_also_when_the_closer_is_not_root)
{
    world_run_with(&(struct world_options){.darwin_major = releases[_i], .argument = "user"},
                   address_body);
}
END_TEST

static Suite *
session_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *cases = tcase_create("session");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, three_lives_carry_packets_on_every_release, 10, 25);
    tcase_add_loop_test(cases, three_lives_carry_packets_on_every_schedule, 0, 20);
    tcase_add_loop_test(cases, a_unit_is_busy_until_a_late_detach_is_over, 0, RELEASE_COUNT);
    tcase_add_loop_test(cases, the_detached_callback_may_come_anywhere_in_close, 0,
                        2 * RELEASE_COUNT);
    tcase_add_loop_test(cases, an_interface_another_kext_detaches_is_eio_until_reopened, 0,
                        RELEASE_COUNT);
    tcase_add_loop_test(cases, a_foreign_detach_wakes_a_sleeping_reader_on_every_schedule, 0, 20);
    tcase_add_test(cases, a_refused_detach_makes_the_unit_enxio_until_the_callback_comes);
    tcase_add_loop_test(cases, two_detachers_leave_a_unit_that_works_on_every_schedule, 0, 20);
    tcase_add_loop_test(cases, flags_packets_modes_counters_and_mtu_end_with_the_session, 0,
                        RELEASE_COUNT);
    tcase_add_loop_test(cases, addresses_and_groups_end_with_the_session, 0, RELEASE_COUNT);
    tcase_add_loop_test(cases, they_end_also_when_the_closer_is_not_root, 0, RELEASE_COUNT);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(session_suite)
