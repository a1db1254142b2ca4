/* SPDX-License-Identifier: BSD-2-Clause */
/* tun: IP packets point to point. Its head, its addresses and groups, and what it takes and refuses. */
#include <string.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"

enum { HEAD_BYTES = 4, AF_INET_DARWIN = 2, AF_INET6_DARWIN = 30 };

static const uint8_t head4[HEAD_BYTES] = {0, 0, 0, AF_INET_DARWIN};
static const uint8_t head6[HEAD_BYTES] = {0, 0, 0, AF_INET6_DARWIN};
static const uint8_t mac_ip6[16] = {0xfd, 7, [15] = 1};

static void
head_set(struct wire *wire, int on)
{
    int now = -1;

    ck_assert_int_eq(world_ioctl_int(wire->world, wire->fd, WORLD_TUNSIFHEAD, &on), 0);
    ck_assert_int_eq(world_ioctl_int(wire->world, wire->fd, WORLD_TUNGIFHEAD, &now), 0);
    ck_assert_int_eq(now, on != 0);
}

/* An echo request with its family before it. */
static size_t
echo_headed(uint8_t *out, bool ip6, uint16_t sequence)
{
    memcpy(out, ip6 ? head6 : head4, HEAD_BYTES);
    return HEAD_BYTES + (ip6 ? wire_echo6(out + HEAD_BYTES, sequence)
                             : world_echo_request(out + HEAD_BYTES, sequence, 56));
}

/* --- the head ----------------------------------------------------------------------------------- */

static void
head_session_body(struct world *world)
{
    struct wire wire;
    int now = -1;

    for (int session = 0; session < 2; session++) {
        wire_open(&wire, world, "tun0");
        ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNGIFHEAD, &now), 0);
        ck_assert_int_eq(now, 0);
        ck_assert(wire_ping(&wire, NULL, 1));
        ck_assert_uint_eq(wire.length, WIRE_ECHO_BYTES);
        head_set(&wire, 1);
        head_set(&wire, -7);
        wire_close(&wire);
        world_sleep_ms(world, 10);
    }
}

START_TEST(the_head_is_off_at_first_and_ends_with_its_session)
{
    world_run(head_session_body);
}
END_TEST

static bool
is_headed_reply(const struct wire *wire, unsigned sequence)
{
    struct wire bare = *wire;

    if (wire->length <= HEAD_BYTES)
        return false;
    bare.packet += HEAD_BYTES;
    bare.length -= HEAD_BYTES;
    return wire_is_echo_reply(&bare, sequence) || wire_is_echo6_reply(&bare, sequence);
}

static void
head_families_body(struct world *world)
{
    uint8_t packet[WIRE_ECHO6_BYTES + HEAD_BYTES];
    struct wire wire;

    wire_open(&wire, world, "tun0");
    ck_assert_int_eq(ifconfig_inet6(world->root, "tun0", mac_ip6, 64), 0);
    wire_drain(&wire);
    /* Without: both families, as they are. */
    ck_assert(wire_ping(&wire, NULL, 1));
    wire_write(&wire, packet, wire_echo6(packet, 2));
    ck_assert(wire_await(&wire, wire_is_echo6_reply, 2, 50));
    ck_assert_uint_eq(wire.length, WIRE_ECHO6_BYTES);
    /* With: the family in network order before each, in both directions. */
    head_set(&wire, 1);
    wire_write(&wire, packet, echo_headed(packet, false, 3));
    ck_assert(wire_await(&wire, is_headed_reply, 3, 50));
    ck_assert_uint_eq(wire.length, HEAD_BYTES + WIRE_ECHO_BYTES);
    ck_assert_mem_eq(wire.packet, head4, HEAD_BYTES);
    wire_write(&wire, packet, echo_headed(packet, true, 4));
    ck_assert(wire_await(&wire, is_headed_reply, 4, 50));
    ck_assert_uint_eq(wire.length, HEAD_BYTES + WIRE_ECHO6_BYTES);
    ck_assert_mem_eq(wire.packet, head6, HEAD_BYTES);
    head_set(&wire, 0);
    ck_assert(wire_ping(&wire, NULL, 5));
    ck_assert_uint_eq(wire.length, WIRE_ECHO_BYTES);
    wire_close(&wire);
}

START_TEST(in_head_mode_the_family_stands_before_each_packet)
{
    world_run(head_families_body);
}
END_TEST

/* E03: three packets wait while the mode changes. */
static void
queued_mode_body(struct world *world)
{
    uint8_t packet[WIRE_ECHO_BYTES];
    struct wire wire;
    int next;

    wire_open(&wire, world, "tun0");
    world_echo_request(packet, 0, 56);
    for (int head = 0; head < 2; head++) {
        head_set(&wire, head);
        ck_assert_int_eq(kernel_view_output("tun0", packet, sizeof(packet), 3), 0);
        head_set(&wire, !head);
        ck_assert_int_eq(kernel_view_output("tun0", packet, sizeof(packet), 2), 0);
        for (int i = 0; i < 5; i++) {
            int64_t expected = WIRE_ECHO_BYTES + ((i < 3) == (head == 1) ? HEAD_BYTES : 0);

            ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONREAD, &next), 0);
            ck_assert_int_eq(next, expected);
            ck_assert_int_eq(wire_read(&wire), expected);
            ck_assert_mem_eq(wire.packet + wire.length - WIRE_ECHO_BYTES, packet, WIRE_ECHO_BYTES);
        }
    }
    wire_close(&wire);
}

START_TEST(a_packet_in_the_queue_keeps_the_mode_it_was_queued_in)
{
    world_run(queued_mode_body);
}
END_TEST

/* The mode changes while what was written waits for the input thread. */
static void
written_mode_body(struct world *world)
{
    uint8_t packet[WIRE_ECHO_BYTES + HEAD_BYTES];
    struct wire wire;
    uint64_t answered = 0;

    wire_open(&wire, world, "tun0");
    for (uint16_t i = 0; i < 10; i++) {
        bool head = i % 2 != 0;

        head_set(&wire, head);
        wire_write(&wire, packet, head ? echo_headed(packet, false, i)
                                       : world_echo_request(packet, i, 56));
    }
    head_set(&wire, 0);
    world_sleep_ms(world, 20);
    while (wire_read(&wire) > 0)
        answered++;
    ck_assert_uint_eq(answered, 10);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in delivered"), 10);
    wire_close(&wire);
}

START_TEST(a_written_packet_keeps_the_mode_it_was_written_in_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, written_mode_body);
}
END_TEST

/* --- what is refused ---------------------------------------------------------------------------- */

static unsigned
console_count(const struct world *world, const char *text)
{
    const char *at = machine_console_text(world->machine);
    unsigned count = 0;

    for (; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

static void
expect_family_refused(struct wire *wire, const uint8_t *bytes, size_t length)
{
    int64_t result = world_write(wire->world, wire->fd, bytes, length);

    ck_assert_msg(result == -KSIM_EAFNOSUPPORT, "%02x %02x %02x %02x %02x: %d", bytes[0], bytes[1],
                  bytes[2], bytes[3], bytes[4], (int)result);
}

static void
family_body(struct world *world)
{
    static const uint32_t families[] = {0, 1, 255, 0x02000000, 0x1e000000, 30, 0xffffffff};
    uint8_t packet[WIRE_ECHO_BYTES + HEAD_BYTES];
    uint64_t refused = 0;
    struct wire wire;

    wire_open(&wire, world, "tun0");
    world_echo_request(packet, 1, 56);
    for (unsigned version = 0; version < 16; version++) {
        packet[0] = (uint8_t)(version << 4 | 5);
        if (version != 4 && version != 6) {
            expect_family_refused(&wire, packet, WIRE_ECHO_BYTES);
            refused++;
        }
    }
    head_set(&wire, 1);
    echo_headed(packet, false, 2);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        for (int byte = 0; byte < HEAD_BYTES; byte++)
            packet[byte] = (uint8_t)(families[i] >> (24 - 8 * byte));
        expect_family_refused(&wire, packet, sizeof(packet));
        refused++;
    }
    world_sleep_ms(world, 20);
    ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in family"), refused);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in delivered"), 0);
    wire_close(&wire);
}

START_TEST(what_is_neither_ip4_nor_ip6_or_not_what_its_head_says_is_eafnosupport)
{
    world_run(family_body);
}
END_TEST

static void
log_body(struct world *world)
{
    static const char refused[] = "tun0: refused a packet";
    uint8_t garbage[40] = {0x15};
    struct wire wire;

    wire_open(&wire, world, "tun0");
    /* E12: a flood of garbage is a few lines, and an exact count; */
    for (int i = 0; i < 1000; i++)
        expect_family_refused(&wire, garbage, sizeof(garbage));
    ck_assert_uint_eq(console_count(world, refused), 10);
    /* the next window has lines again. */
    world_sleep_ms(world, 10000);
    expect_family_refused(&wire, garbage, sizeof(garbage));
    ck_assert_uint_eq(console_count(world, refused), 11);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in family"), 1001);
    wire_close(&wire);
}

START_TEST(garbage_is_logged_ten_times_in_ten_seconds_and_counted_exactly)
{
    world_run(log_body);
}
END_TEST

/* --- lengths ------------------------------------------------------------------------------------ */

static void
mtu_check(struct wire *wire, size_t mtu)
{
    static uint8_t packet[WIRE_PACKET_BYTES];
    struct world *world = wire->world;

    ck_assert_int_eq(ifconfig_mtu(world->root, "tun0", (int)mtu), 0);
    for (int head = 0; head < 2; head++) {
        size_t skip = head != 0 ? HEAD_BYTES : 0;

        head_set(wire, head);
        memcpy(packet, head4, skip);
        ck_assert_uint_eq(world_echo_request(packet + skip, (uint16_t)mtu, mtu - 28), mtu);
        wire_write(wire, packet, mtu + skip);
        ck_assert(wire_await(wire, head != 0 ? is_headed_reply : wire_is_echo_reply, (uint16_t)mtu, 50));
        ck_assert_uint_eq(wire->length, mtu + skip);
        ck_assert_mem_eq(wire->packet + skip + 28, packet + skip + 28, mtu - 28);
        ck_assert_int_eq(world_write(world, wire->fd, packet, mtu + skip + 1), -KSIM_EMSGSIZE);
    }
}

static void
mtu_body(struct world *world)
{
    static const size_t mtus[] = {72, 73, 576, 1280, 1500, 2048, 4096, 9000, 16384, 16385, 65535};
    static const int bad[] = {0, 71, -1, 65536, INT32_MAX, INT32_MIN};
    struct wire wire;

    wire_open(&wire, world, "tun0");
    for (size_t i = 0; i < sizeof(mtus) / sizeof(mtus[0]); i++)
        mtu_check(&wire, mtus[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(ifconfig_mtu(world->root, "tun0", bad[i]), -KSIM_EINVAL);
    mtu_check(&wire, 65535);
    wire_close(&wire);
}

START_TEST(the_mtu_is_of_the_ip_packet_in_both_modes)
{
    world_run(mtu_body);
}
END_TEST

/* E25: what is queued when the MTU shrinks is delivered whole. */
static void
mtu_change_body(struct world *world)
{
    static uint8_t packet[1500];
    struct wire wire;

    wire_open(&wire, world, "tun0");
    world_echo_request(packet, 1, 1472);
    ck_assert_int_eq(kernel_view_output("tun0", packet, sizeof(packet), 3), 0);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tun0", 576), 0);
    ck_assert_int_eq(kernel_view_output("tun0", packet, sizeof(packet), 1), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(wire_read(&wire), sizeof(packet));
    ck_assert_int_eq(world_write(world, wire.fd, packet, sizeof(packet)), -KSIM_EMSGSIZE);
    wire_close(&wire);
}

START_TEST(a_smaller_mtu_cuts_nothing_that_is_queued)
{
    world_run(mtu_change_body);
}
END_TEST

/* --- addresses and groups ----------------------------------------------------------------------- */

static void
peer_body(struct world *world)
{
    struct ksim_inet_address peer = {.family = 4, .bytes = {10, 7, 0, 2}};
    struct ksim_inet_address neighbour = {.family = 4, .bytes = {10, 7, 0, 3}};
    struct wire wire;
    unsigned flags;

    wire_open(&wire, world, "tun0");
    ck_assert_int_eq(kernel_view_flags("tun0", &flags), 0);
    ck_assert_uint_eq(flags & 0x8853, 0x8851); /* UP POINTOPOINT RUNNING SIMPLEX MULTICAST, no BROADCAST */
    ck_assert_int_eq(ksim_udp_send(world->kernel, &peer, 4000, 4001, (const uint8_t *)"hi", 2), 0);
    ck_assert_int_eq(wire_read(&wire), 30);
    ck_assert_uint_eq(wire.packet[19], 2);
    /* Only the other end is there: no route to anybody beside it. */
    ck_assert_int_eq(ksim_udp_send(world->kernel, &neighbour, 4000, 4001, (const uint8_t *)"hi", 2),
                     KSIM_EHOSTUNREACH);
    ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
    wire_close(&wire);
}

START_TEST(the_address_is_point_to_point)
{
    world_run(peer_body);
}
END_TEST

static const uint8_t group4[16] = {224, 0, 0, 251};
static const uint8_t group6[16] = {0xff, 2, [15] = 0xfb};

static void
groups_set(bool joined)
{
    static const uint8_t host4[16] = {10, 7, 0, 9}, class_e[16] = {240, 0, 0, 1};

    ck_assert_int_eq(kernel_view_group_set("tun0", 4, group4, joined), 0);
    ck_assert_int_eq(kernel_view_group_set("tun0", 6, group6, joined), 0);
    if (joined) { /* a host's address is no group */
        ck_assert_int_eq(kernel_view_group_set("tun0", 4, host4, true), KSIM_EADDRNOTAVAIL);
        ck_assert_int_eq(kernel_view_group_set("tun0", 4, class_e, true), KSIM_EADDRNOTAVAIL);
        ck_assert_int_eq(kernel_view_group_set("tun0", 6, mac_ip6, true), KSIM_EADDRNOTAVAIL);
    }
}

static void
groups_body(struct world *world)
{
    struct wire wire;

    for (int session = 0; session < 3; session++) {
        wire_open(&wire, world, "tun0");
        ck_assert_int_eq(ifconfig_inet6(world->root, "tun0", mac_ip6, 64), 0);
        wire_drain(&wire);
        groups_set(true); /* up: reports go out */
        ck_assert_int_gt(wire_read(&wire), 0);
        groups_set(false);
        wire_drain(&wire);
        ck_assert_int_eq(ifconfig_down(world->root, "tun0"), 0);
        groups_set(true); /* down: nothing does */
        ck_assert_int_eq(ifconfig_up(world->root, "tun0"), 0);
        ck_assert(wire_ping(&wire, NULL, 1));
        /* There are no link addresses, so no link groups. */
        ck_assert_int_eq(kernel_view_join_and_leave("tun0", KERNEL_VIEW_GROUP_LINK), 0);
        /* Closed without leaving: the leave reports of the kernel reach nobody. */
        wire_close(&wire);
        world_sleep_ms(world, 20);
    }
}

START_TEST(ip_groups_can_be_joined_and_left_down_up_and_by_closing)
{
    world_run(groups_body);
}
END_TEST

START_TEST(ip_groups_can_be_joined_and_left_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, groups_body);
}
END_TEST

static Suite *
tun_suite(void)
{
    Suite *suite = suite_create("tun");
    TCase *cases = tcase_create("tun");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, the_head_is_off_at_first_and_ends_with_its_session);
    tcase_add_test(cases, in_head_mode_the_family_stands_before_each_packet);
    tcase_add_test(cases, a_packet_in_the_queue_keeps_the_mode_it_was_queued_in);
    tcase_add_loop_test(cases, a_written_packet_keeps_the_mode_it_was_written_in_on_every_schedule, 0, 20);
    tcase_add_test(cases, what_is_neither_ip4_nor_ip6_or_not_what_its_head_says_is_eafnosupport);
    tcase_add_test(cases, garbage_is_logged_ten_times_in_ten_seconds_and_counted_exactly);
    tcase_add_test(cases, the_mtu_is_of_the_ip_packet_in_both_modes);
    tcase_add_test(cases, a_smaller_mtu_cuts_nothing_that_is_queued);
    tcase_add_test(cases, the_address_is_point_to_point);
    tcase_add_test(cases, ip_groups_can_be_joined_and_left_down_up_and_by_closing);
    tcase_add_loop_test(cases, ip_groups_can_be_joined_and_left_on_every_schedule, 0, 20);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(tun_suite)
