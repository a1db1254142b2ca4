/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface as the kernel and other kexts ask it: requests with odd arguments, whom a frame is for, media. */
#include <string.h>

#include "kernel_view.h"
#include "kernel_watch.h"
#include "main.h"
#include "wire.h"

enum { KIND_COUNT = 2, IFREQ_BYTES = 32, FAMILY_LINK = 18 };

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};
static const uint8_t own[6] = {2, 0xc0, 0xff, 0xee, 0, 1};
static const uint8_t newer[6] = {2, 0xc0, 0xff, 0xee, 0, 2};

#define SET_FLAGS UINT32_C(0x80206910)
#define SET_ADDRESS UINT32_C(0x8020690c)
#define ADD_ADDRESS UINT32_C(0x8040691a)
#define DELETE_ADDRESS UINT32_C(0x80206919)
#define SET_DESTINATION UINT32_C(0x8020690e)
#define ADD_GROUP UINT32_C(0x80206931)
#define DELETE_GROUP UINT32_C(0x80206932)
#define SET_MTU UINT32_C(0x80206934)
#define GET_MEDIA_32 UINT32_C(0xc0286938)
#define GET_MEDIA_64 UINT32_C(0xc02c6938)
#define SET_LLADDR UINT32_C(0x8020693c)
#define GET_STATUS UINT32_C(0xc331693d)
#define UNKNOWN UINT32_C(0x802069fe)

/* One interface request of a program. */
static int
request(struct world *world, const char *name, unsigned long command, uint8_t data[IFREQ_BYTES])
{
    int socket = ksim_system_socket(world->root, KSIM_AF_INET, KSIM_SOCK_DGRAM, 0);
    int result;

    ck_assert_int_ge(socket, 0);
    strncpy((char *)data, name, 16);
    result = ksim_system_ioctl(world->root, socket, command, data);
    ck_assert_int_eq(ksim_system_close(world->root, socket), 0);
    return result;
}

/* --- arguments ---------------------------------------------------------------------------------- */

struct null_row {
    unsigned long command;
    int expected[KIND_COUNT];
};

/* A04: what the kernel may pass without an argument succeeds, what needs one says so. */
static const struct null_row null_rows[] = {
    {SET_FLAGS, {0, 0}},
    {SET_ADDRESS, {0, 0}},
    {ADD_ADDRESS, {0, 0}},
    {DELETE_ADDRESS, {0, 0}},
    {SET_DESTINATION, {0, 0}},
    {ADD_GROUP, {0, 0}},
    {DELETE_GROUP, {0, 0}},
    {SET_MTU, {KSIM_EINVAL, KSIM_EINVAL}},
    {GET_STATUS, {KSIM_EINVAL, KSIM_EINVAL}},
    {SET_LLADDR, {KSIM_EOPNOTSUPP, KSIM_EINVAL}},
    {GET_MEDIA_32, {KSIM_EOPNOTSUPP, KSIM_EINVAL}},
    {GET_MEDIA_64, {KSIM_EOPNOTSUPP, KSIM_EINVAL}},
    {UNKNOWN, {KSIM_EOPNOTSUPP, KSIM_EOPNOTSUPP}},
};

static void
null_body(struct world *world)
{
    struct wire wire;
    uint8_t answered[6];

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        wire_open(&wire, world, names[kind]);
        for (int up = 1; up >= 0; up--) {
            ck_assert_int_eq(kernel_view_set_up(names[kind], up != 0), 0);
            for (size_t i = 0; i < sizeof(null_rows) / sizeof(null_rows[0]); i++) {
                int error = kernel_view_ioctl(names[kind], null_rows[i].command, NULL);

                ck_assert_msg(error == null_rows[i].expected[kind], "%s, request %zu: %d", names[kind], i,
                              error);
            }
        }
        ck_assert_int_eq(kernel_view_set_up(names[kind], true), 0);
        if (kind == 1)
            ck_assert(wire_resolve(&wire, answered));
        ck_assert(wire_ping(&wire, kind == 1 ? answered : NULL, 1));
        wire_close(&wire);
    }
}

START_TEST(a_request_without_argument_is_answered_and_never_followed)
{
    world_run(null_body);
}
END_TEST

struct lladdr_row {
    uint8_t length, family;
    uint8_t address[6];
    int expected;
};

static const struct lladdr_row lladdr_rows[] = {
    {6, FAMILY_LINK, {2, 0xc0, 0xff, 0xee, 0, 1}, 0},
    {6, 0, {2, 0xc0, 0xff, 0xee, 0, 2}, 0}, /* a bond says AF_UNSPEC */
    {6, KSIM_AF_INET, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {6, KSIM_AF_INET6, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {0, FAMILY_LINK, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {5, FAMILY_LINK, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {7, FAMILY_LINK, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {16, FAMILY_LINK, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {255, FAMILY_LINK, {2, 0, 0, 0, 0, 1}, KSIM_EINVAL},
    {6, FAMILY_LINK, {0, 0, 0, 0, 0, 0}, KSIM_EINVAL},
    {6, FAMILY_LINK, {1, 0, 0x5e, 0, 0, 1}, KSIM_EINVAL},
    {6, FAMILY_LINK, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, KSIM_EINVAL},
    {6, FAMILY_LINK, {0, 0, 0, 0, 0, 1}, 0}, /* odd, but an address */
};

static void
lladdr_body(struct world *world)
{
    uint8_t expected[6], now[6];
    int fd = world_open(world, "tap0");

    ck_assert_int_eq(kernel_view_lladdr("tap0", expected), 0);
    for (size_t i = 0; i < sizeof(lladdr_rows) / sizeof(lladdr_rows[0]); i++) {
        const struct lladdr_row *row = &lladdr_rows[i];
        uint8_t data[IFREQ_BYTES] = {0};

        data[16] = row->length;
        data[17] = row->family;
        memcpy(data + 18, row->address, 6);
        ck_assert_int_eq(request(world, "tap0", SET_LLADDR, data), -row->expected);
        if (row->expected == 0)
            memcpy(expected, row->address, 6);
        ck_assert_int_eq(kernel_view_lladdr("tap0", now), 0);
        ck_assert_mem_eq(now, expected, 6);
    }
    world_close(world, fd);
}

START_TEST(a_link_address_has_six_bytes_of_the_right_family_and_is_a_hosts)
{
    world_run(lladdr_body);
}
END_TEST

/* tun has no link address and no media. */
static void
tun_body(struct world *world)
{
    uint8_t data[44] = {0};
    int fd = world_open(world, "tun0");

    data[16] = 6;
    data[17] = FAMILY_LINK;
    data[18] = 2;
    ck_assert_int_eq(request(world, "tun0", SET_LLADDR, data), -KSIM_EOPNOTSUPP);
    memset(data, 0, sizeof(data));
    ck_assert_int_eq(request(world, "tun0", GET_MEDIA_64, data), -KSIM_EOPNOTSUPP);
    ck_assert_int_eq(request(world, "tun0", UNKNOWN, data), -KSIM_EOPNOTSUPP);
    world_close(world, fd);
}

START_TEST(tun_has_neither_link_address_nor_media)
{
    world_run(tun_body);
}
END_TEST

/* D18: the caller's room for the list is looked at, in both widths. */
static void
media_body(struct world *world)
{
    static const unsigned long commands[] = {GET_MEDIA_32, GET_MEDIA_64};
    struct {
        char name[16];
        int32_t current, mask, status, active, count;
        uint32_t list[2];
    } media;
    int fd = world_open(world, "tap0");

    for (int i = 0; i < 2; i++) {
        memset(&media, 0, sizeof(media));
        /* As a bridge asks from inside the kernel: no list, a count is wanted. */
        ck_assert_int_eq(kernel_view_ioctl("tap0", commands[i], &media), 0);
        ck_assert_int_eq(media.status, 3);
        ck_assert_int_eq(media.count, 1);
        media.count = -1;
        ck_assert_int_eq(kernel_view_ioctl("tap0", commands[i], &media), KSIM_EINVAL);
        /* Room for none, although there is a list: nothing is copied to where nothing could be. */
        media.count = 0;
        media.list[0] = 64;
        ck_assert_int_eq(kernel_view_ioctl("tap0", commands[i], &media), 0);
        media.count = 1;
        ck_assert_int_eq(kernel_view_ioctl("tap0", commands[i], &media), KSIM_EFAULT);
    }
    world_close(world, fd);
}

START_TEST(media_are_listed_only_where_there_is_room)
{
    world_run(media_body);
}
END_TEST

/* --- whom a frame is for ------------------------------------------------------------------------ */

static void
expect_audience(struct wire *wire, const uint8_t to[6], enum kernel_watch_audience audience)
{
    struct kernel_watch before, after;
    uint8_t frame[128];

    kernel_watch_read(&before);
    wire_write(wire, frame, world_echo_frame(frame, to, 1, 56));
    world_sleep_ms(wire->world, 5);
    kernel_watch_read(&after);
    ck_assert_uint_eq(after.packets_in, before.packets_in + 1);
    ck_assert_uint_eq(after.audience, audience);
    ck_assert_uint_eq(after.family, 2);
    ck_assert(after.header_before);
    ck_assert(after.own_interface);
}

static void
audience_body(struct world *world)
{
    static const uint8_t groups[][6] = {{1, 0, 0x5e, 0, 0, 1}, {0x33, 0x33, 0, 0, 0, 1},
                                        {1, 0x80, 0xc2, 0, 0, 0}, {3, 0, 0, 0, 0, 1},
                                        {0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};
    struct wire wire;
    uint8_t stranger[6];

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
    ck_assert_int_eq(kernel_watch_start("tap0", false), 0);
    for (int promiscuous = 0; promiscuous < 2; promiscuous++) {
        ck_assert_int_eq(kernel_view_set_promiscuous("tap0", promiscuous != 0), 0);
        expect_audience(&wire, own, KERNEL_WATCH_US);
        expect_audience(&wire, wire_broadcast, KERNEL_WATCH_BROADCAST);
        for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
            expect_audience(&wire, groups[i], KERNEL_WATCH_MULTICAST);
        for (int bit = 0; bit < 48; bit++) {
            memcpy(stranger, own, 6);
            stranger[bit / 8] ^= (uint8_t)(1u << bit % 8);
            expect_audience(&wire, stranger, bit == 0 ? KERNEL_WATCH_MULTICAST : KERNEL_WATCH_OTHERS);
        }
    }
    ck_assert_int_eq(kernel_view_set_promiscuous("tap0", false), 0);
    kernel_watch_stop();
    wire_close(&wire);
}

START_TEST(a_frame_is_for_us_for_all_for_a_group_or_for_others)
{
    world_run(audience_body);
}
END_TEST

/* D23: the address changes under traffic. */
static void
address_change_body(struct world *world)
{
    struct kernel_view_batch batch = {.count = 3};
    uint8_t packet[84];
    struct wire wire;

    wire_open(&wire, world, "tap0");
    world_echo_request(packet, 1, 56);
    batch.bytes = packet;
    batch.length = sizeof(packet);
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
    wire_drain(&wire);
    ck_assert_int_eq(kernel_watch_start("tap0", true), 0);
    ck_assert_int_eq(kernel_view_output_framed("tap0", &batch), 0);
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", newer), 0);
    expect_audience(&wire, own, KERNEL_WATCH_OTHERS);
    expect_audience(&wire, newer, KERNEL_WATCH_US);
    /* What was framed before keeps the source it had; what is framed now has the new one. */
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wire_read(&wire), sizeof(packet) + WIRE_ETHER_BYTES);
        ck_assert_mem_eq(wire.packet + 6, own, 6);
    }
    wire_drain(&wire); /* the announcement */
    ck_assert_int_eq(kernel_view_output_framed("tap0", &batch), 0);
    ck_assert_int_eq(wire_read(&wire), sizeof(packet) + WIRE_ETHER_BYTES);
    ck_assert_mem_eq(wire.packet + 6, newer, 6);
    kernel_watch_stop();
    wire_close(&wire);
}

START_TEST(a_new_address_counts_from_now_on)
{
    world_run(address_change_body);
}
END_TEST

struct changer {
    struct world_thread thread;
    bool stop;
};

static void
change_addresses(struct world_thread *thread)
{
    struct changer *changer = (struct changer *)thread;

    for (int i = 0; !changer->stop; i++) {
        ck_assert_int_eq(ifconfig_lladdr(thread->process, "tap0", i % 2 == 0 ? newer : own), 0);
        ksim_system_sleep(thread->process, 2000);
    }
}

/* Every source that leaves is one of the two addresses, whole. */
static void
torn_body(struct world *world)
{
    struct kernel_view_batch batch = {.count = 5};
    struct changer changer = {.stop = false};
    uint8_t packet[84];
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
    wire_drain(&wire);
    world_echo_request(packet, 1, 56);
    batch.bytes = packet;
    batch.length = sizeof(packet);
    changer.thread = (struct world_thread){.world = world, .process = world->root, .body = change_addresses};
    world_thread_start(&changer.thread, "ifconfig");
    for (int round = 0; round < 20; round++) {
        ck_assert_int_eq(kernel_view_output_framed("tap0", &batch), 0);
        while (wire_read(&wire) > 0)
            ck_assert(memcmp(wire.packet + 6, own, 6) == 0 || memcmp(wire.packet + 6, newer, 6) == 0);
    }
    changer.stop = true;
    world_thread_join(&changer.thread);
    wire_close(&wire);
}

START_TEST(a_source_is_the_old_or_the_new_address_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, torn_body);
}
END_TEST

static Suite *
link_suite(void)
{
    Suite *suite = suite_create("link");
    TCase *cases = tcase_create("link");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_request_without_argument_is_answered_and_never_followed);
    tcase_add_test(cases, a_link_address_has_six_bytes_of_the_right_family_and_is_a_hosts);
    tcase_add_test(cases, tun_has_neither_link_address_nor_media);
    tcase_add_test(cases, media_are_listed_only_where_there_is_room);
    tcase_add_test(cases, a_frame_is_for_us_for_all_for_a_group_or_for_others);
    tcase_add_test(cases, a_new_address_counts_from_now_on);
    tcase_add_loop_test(cases, a_source_is_the_old_or_the_new_address_on_every_schedule, 0, 20);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(link_suite)
