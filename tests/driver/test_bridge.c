/* SPDX-License-Identifier: BSD-2-Clause */
/* Other kexts on the same interface: bridges, protocols, those that inject packets; and the kernel's own loopback. */
#include <string.h>

#include "faults.h"
#include "kernel_view.h"
#include "kernel_watch.h"
#include "main.h"
#include "wire.h"

enum { KIND_COUNT = 2 };

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};
static const uint8_t own[6] = {2, 0xc0, 0xff, 0xee, 0, 1};

static void
llc_frame(uint8_t frame[60], const uint8_t *llc, size_t length)
{
    memset(frame, 0, 60);
    memcpy(frame, own, 6);
    memcpy(frame + 6, wire_lladdr, 6);
    frame[13] = 46;
    memcpy(frame + WIRE_ETHER_BYTES, llc, length);
}

static void
expect_family(struct wire *wire, const uint8_t *frame, size_t length, unsigned family)
{
    struct kernel_watch watch;

    wire_write(wire, frame, length);
    world_sleep_ms(wire->world, 5);
    kernel_watch_read(&watch);
    ck_assert_uint_eq(watch.family, family);
}

/* What no protocol wants still passes the filters, which is how a bridge gets it. */
static void
bridge_body(struct world *world)
{
    static const uint8_t spanning_tree[3] = {0x42, 0x42, 3}, snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 0x80, 0xf3};
    uint8_t frame[60];
    struct wire wire;
    unsigned flags;

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
    /* Joining a bridge: a protocol without descriptors, promiscuous mode, no objection to the flags. */
    ck_assert_int_eq(kernel_view_protocol_types("tap0", 0), 0);
    ck_assert_int_eq(kernel_view_set_promiscuous("tap0", true), 0);
    ck_assert_int_eq(kernel_view_flags("tap0", &flags), 0);
    ck_assert_uint_eq(flags & 0x8943, 0x8943); /* UP BROADCAST RUNNING PROMISC SIMPLEX MULTICAST */
    wire_drain(&wire);
    ck_assert_int_eq(kernel_watch_start("tap0", false), 0);
    llc_frame(frame, spanning_tree, sizeof(spanning_tree));
    expect_family(&wire, frame, sizeof(frame), 0);
    llc_frame(frame, snap, sizeof(snap));
    expect_family(&wire, frame, sizeof(frame), 0);
    expect_family(&wire, frame, WIRE_ETHER_BYTES + 2, 0); /* too short to be LLC */
    expect_family(&wire, frame, WIRE_ETHER_BYTES, 0);
    frame[12] = 5;
    frame[13] = 0xff; /* neither a type nor a length */
    expect_family(&wire, frame, sizeof(frame), 0);
    /* The bridge sends other people's frames: they leave as they are. */
    world_echo_frame(frame, wire_lladdr, 1, 18);
    frame[6] = 0x0a;
    ck_assert_int_eq(kernel_view_output("tap0", frame, sizeof(frame), 1), 0);
    ck_assert_int_eq(wire_read(&wire), sizeof(frame));
    ck_assert_mem_eq(wire.packet, frame, sizeof(frame));
    kernel_watch_stop();
    ck_assert_int_eq(kernel_view_set_promiscuous("tap0", false), 0);
    wire_close(&wire);
}

START_TEST(a_bridge_can_have_a_tap)
{
    world_run(bridge_body);
}
END_TEST

/* Another kext gives the stack packets in our name. */
static void
foreign_body(struct world *world)
{
    struct kernel_watch watch;
    struct wire wire;
    uint8_t packet[84];

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        wire_open(&wire, world, names[kind]);
        ck_assert_int_eq(kernel_watch_start(names[kind], false), 0);
        world_echo_request(packet, 9, 56);
        ck_assert_int_eq(kernel_view_input(names[kind], packet, sizeof(packet)), 0);
        world_sleep_ms(world, 10);
        kernel_watch_read(&watch);
        /* tun sees what it is; a tap has no frame to look at, and nobody gets it. */
        ck_assert_uint_eq(watch.packets_in, 1);
        ck_assert_uint_eq(watch.family, kind == 0 ? 2 : 0);
        ck_assert_int_eq(wire_read(&wire), kind == 0 ? (int64_t)sizeof(packet) : -KSIM_EWOULDBLOCK);
        packet[0] = 0x15;
        ck_assert_int_eq(kernel_view_input(names[kind], packet, sizeof(packet)), 0);
        world_sleep_ms(world, 10);
        kernel_watch_read(&watch);
        ck_assert_uint_eq(watch.packets_in, 2);
        ck_assert_uint_eq(watch.family, 0);
        kernel_watch_stop();
        wire_close(&wire);
    }
}

START_TEST(what_another_kext_injects_is_sorted_or_dropped)
{
    world_run(foreign_body);
}
END_TEST

/* A SIMPLEX interface does not hear itself: what is for our own address goes to lo0 and not out. */
static void
loop_body(struct world *world)
{
    struct ksim_inet_address peer = {.family = 4, .bytes = {10, 7, 0, 2}};
    struct wire wire;
    uint8_t answered[6];

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, answered));
    ck_assert_int_eq(ksim_udp_send(world->kernel, &peer, 4000, 4001, (const uint8_t *)"out", 3), 0);
    ck_assert_int_eq(wire_read(&wire), WIRE_ETHER_BYTES + 31);
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", wire_lladdr), 0);
    wire_drain(&wire);
    ck_assert_int_eq(kernel_watch_start("lo0", true), 0);
    ck_assert_int_eq(ksim_udp_send(world->kernel, &peer, 4000, 4001, (const uint8_t *)"own", 3), 0);
    ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
    kernel_watch_stop();
    wire_close(&wire);
}

START_TEST(a_frame_for_our_own_address_stays_here)
{
    world_run(loop_body);
}
END_TEST

/* A18: the interface cannot be made. Open says why, nothing is left, and the next open works. */
static void
no_interface_body(struct world *world)
{
    static const char *const labels[] = {"ifnet_allocate", "ifnet_attach"};
    struct faults *faults = world->argument;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int i = 0; i < 2; i++) {
            int fd;

            faults_arm(faults, labels[i], 0, 1);
            fd = world_open(world, names[kind]);
            ck_assert_uint_eq(faults->failed, 1);
            ck_assert_int_lt(fd, 0);
            ck_assert_int_ne(fd, -KSIM_EBUSY);
            ck_assert_int_eq(ifconfig_up(world->root, names[kind]), -KSIM_ENXIO);
            fd = world_open_up(world, names[kind]);
            world_close(world, fd);
            world_sleep_ms(world, 10);
        }
    }
}

START_TEST(an_interface_that_cannot_be_made_leaves_nothing_behind)
{
    faults_run(no_interface_body);
}
END_TEST

static void
protocols_body(struct world *world)
{
    int fd;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        fd = world_open(world, names[kind]);
        ck_assert_int_eq(kernel_view_protocol_types(names[kind], 0), 0);
        ck_assert_int_eq(kernel_view_protocol_types(names[kind], 8), 0);
        ck_assert_int_eq(kernel_view_protocol_types(names[kind], 9), KSIM_ENOBUFS);
        ck_assert_int_eq(kernel_view_protocol_types(names[kind], 1), 0);
        world_close(world, fd);
    }
}

START_TEST(a_protocol_has_up_to_eight_descriptors)
{
    world_run(protocols_body);
}
END_TEST

/* D24: as tun's, but with link addresses made of the groups. */
static void
groups_body(struct world *world)
{
    static const uint8_t group4[16] = {224, 0, 0, 251}, group6[16] = {0xff, 2, [15] = 0xfb};
    struct wire wire;
    int fd = world_open(world, "tap0");

    /* Without IPv4 nobody can make a link address of its group: the group is joined without one. */
    ck_assert_int_eq(kernel_view_group_set("tap0", 4, group4, true), 0);
    kernel_view_group_set("tap0", 4, group4, false);
    world_close(world, fd);
    for (int session = 0; session < 3; session++) {
        wire_open(&wire, world, "tap0");
        ck_assert_int_eq(kernel_view_group_set("tap0", 4, group4, true), 0);
        ck_assert_int_eq(kernel_view_group_set("tap0", 6, group6, true), 0);
        ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
        ck_assert_int_eq(kernel_view_group_set("tap0", 4, group4, false), 0);
        ck_assert_int_eq(ifconfig_up(world->root, "tap0"), 0);
        wire_close(&wire); /* the IPv6 group is still joined */
    }
}

START_TEST(ip_groups_can_be_joined_and_left_by_closing)
{
    world_run(groups_body);
}
END_TEST

static Suite *
bridge_suite(void)
{
    Suite *suite = suite_create("bridge");
    TCase *cases = tcase_create("bridge");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_bridge_can_have_a_tap);
    tcase_add_test(cases, what_another_kext_injects_is_sorted_or_dropped);
    tcase_add_test(cases, a_frame_for_our_own_address_stays_here);
    tcase_add_test(cases, an_interface_that_cannot_be_made_leaves_nothing_behind);
    tcase_add_test(cases, a_protocol_has_up_to_eight_descriptors);
    tcase_add_test(cases, ip_groups_can_be_joined_and_left_by_closing);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(bridge_suite)
