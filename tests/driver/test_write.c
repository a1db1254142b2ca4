/* SPDX-License-Identifier: BSD-2-Clause */
/* One write is one packet, whole or not at all: the rows of write in facts/museum.md section 0. */
#include <limits.h>
#include <string.h>

#include "faults.h"
#include "kernel_watch.h"
#include "main.h"
#include "wire.h"

enum { MTU = 1500, HEAD_BYTES = 4, TAG_BYTES = 4 };

static uint8_t buffer[WIRE_PACKET_BYTES];
static const uint8_t own[6] = {2, 0xc0, 0xff, 0xee, 0, 1};

/* The three ways to write. */
enum mode { TUN, TUN_HEAD, TAP, MODE_COUNT };
static const char *const names[MODE_COUNT] = {"tun0", "tun0", "tap0"};
static const size_t overhead[MODE_COUNT] = {0, HEAD_BYTES, WIRE_ETHER_BYTES};

static void
mode_open(struct wire *wire, struct world *world, enum mode mode)
{
    int head = mode == TUN_HEAD;
    uint8_t answered[6];

    wire_open(wire, world, names[mode]);
    if (mode == TAP) {
        ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
        ck_assert(wire_resolve(wire, answered));
        wire_drain(wire);
    } else {
        ck_assert_int_eq(world_ioctl_int(world, wire->fd, WORLD_TUNSIFHEAD, &head), 0);
    }
}

static void
mode_close(struct wire *wire)
{
    wire_close(wire);
    world_sleep_ms(wire->world, 20);
}

/* An echo request of `ip_bytes` with what stands before it in this mode; its whole length. */
static size_t
echo_make(enum mode mode, uint16_t sequence, size_t ip_bytes)
{
    memset(buffer, 0, WIRE_ETHER_BYTES);
    if (mode == TAP)
        return world_echo_frame(buffer, own, sequence, ip_bytes - 28);
    buffer[3] = 2;
    return overhead[mode] + world_echo_request(buffer + overhead[mode], sequence, ip_bytes - 28);
}

static int64_t
write_of(struct wire *wire, size_t length)
{
    return world_write(wire->world, wire->fd, buffer, length);
}

static uint64_t
status_of(struct wire *wire, enum mode mode, const char *cause)
{
    return wire_status_packets(wire->world, names[mode], cause);
}

/* Nothing has come to the stack, or to a filter before it, since `before`. */
static void
expect_nothing_injected(struct wire *wire, unsigned before)
{
    struct kernel_watch watch;

    world_sleep_ms(wire->world, 20);
    kernel_watch_read(&watch);
    ck_assert_uint_eq(watch.packets_in, before);
    ck_assert_int_eq(wire_read(wire), -KSIM_EWOULDBLOCK);
}

/* --- lengths ------------------------------------------------------------------------------------ */

static void
short_body(struct world *world)
{
    /* What is shorter than this is no packet in this mode. */
    static const size_t shortest[MODE_COUNT] = {20, HEAD_BYTES + 20, WIRE_ETHER_BYTES};
    struct wire wire;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        ck_assert_int_eq(kernel_watch_start(names[mode], false), 0);
        echo_make(mode, 1, 84);
        for (size_t length = 0; length < shortest[mode]; length++)
            ck_assert_int_eq(write_of(&wire, length), -KSIM_EINVAL);
        expect_nothing_injected(&wire, 0);
        ck_assert_uint_eq(status_of(&wire, mode, "in short"), shortest[mode]);
        /* From here on it is the stack's business to refuse half a header. */
        for (size_t length = shortest[mode]; length < overhead[mode] + 28; length++)
            ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
        expect_nothing_injected(&wire, (unsigned)(overhead[mode] + 28 - shortest[mode]));
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(too_short_for_its_headers_is_einval)
{
    world_run(short_body);
}
END_TEST

static void
long_body(struct world *world)
{
    static const size_t bad[] = {1, 2, 100, 40000};
    struct wire wire;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        ck_assert_int_eq(kernel_watch_start(names[mode], false), 0);
        ck_assert_uint_eq(echo_make(mode, 1, MTU), MTU + overhead[mode]);
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
            ck_assert_int_eq(write_of(&wire, MTU + overhead[mode] + bad[i]), -KSIM_EMSGSIZE);
        /* E02: sums near the ends of 32 bits. */
        ck_assert_int_eq(write_of(&wire, INT_MAX), -KSIM_EMSGSIZE);
        ck_assert_int_eq(write_of(&wire, INT_MAX - 4), -KSIM_EMSGSIZE);
        ck_assert_int_eq(write_of(&wire, (size_t)INT_MAX + 1), -KSIM_EINVAL);
        ck_assert_int_eq(write_of(&wire, UINT_MAX), -KSIM_EINVAL);
        expect_nothing_injected(&wire, 0);
        ck_assert_uint_eq(status_of(&wire, mode, "in long"), 6);
        ck_assert_int_eq(write_of(&wire, MTU + overhead[mode]), (int64_t)(MTU + overhead[mode]));
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(longer_than_the_mtu_and_its_header_is_emsgsize)
{
    world_run(long_body);
}
END_TEST

static void
tag_body(struct world *world)
{
    const size_t full = MTU + WIRE_ETHER_BYTES + TAG_BYTES;
    struct wire wire;

    mode_open(&wire, world, TAP);
    ck_assert_int_eq(kernel_watch_start("tap0", false), 0);
    echo_make(TAP, 1, MTU);
    for (size_t length = full - TAG_BYTES + 1; length <= full + 1; length++)
        ck_assert_int_eq(write_of(&wire, length), -KSIM_EMSGSIZE);
    buffer[12] = 0x81;
    buffer[13] = 0;
    ck_assert_int_eq(write_of(&wire, full + 1), -KSIM_EMSGSIZE);
    for (size_t length = WIRE_ETHER_BYTES; length < WIRE_ETHER_BYTES + TAG_BYTES; length++)
        ck_assert_int_eq(write_of(&wire, length), -KSIM_EINVAL);
    expect_nothing_injected(&wire, 0);
    ck_assert_int_eq(write_of(&wire, full), (int64_t)full);
    expect_nothing_injected(&wire, 1);
    kernel_watch_stop();
    mode_close(&wire);
}

START_TEST(only_a_tagged_frame_may_have_four_bytes_more)
{
    world_run(tag_body);
}
END_TEST

/* --- vectors and bad memory --------------------------------------------------------------------- */

static void
vector_body(struct world *world)
{
    struct ksim_iovec vectors[4];
    struct wire wire;
    size_t length;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        length = echo_make(mode, 5, 584);
        vectors[0] = (struct ksim_iovec){buffer, 3};
        vectors[1] = (struct ksim_iovec){buffer + 3, 0};
        vectors[2] = (struct ksim_iovec){buffer + 3, 30};
        vectors[3] = (struct ksim_iovec){buffer + 33, length - 33};
        ck_assert_int_eq(ksim_system_writev(world->root, wire.fd, vectors, 4), (int64_t)length);
        world_sleep_ms(world, 10);
        ck_assert_int_eq(wire_read(&wire), (int64_t)length);
        ck_assert_mem_eq(wire.packet + overhead[mode] + 28, buffer + overhead[mode] + 28, 556);
        ck_assert_int_eq(ksim_system_writev(world->root, wire.fd, vectors, 2),
                         -KSIM_EINVAL);
        mode_close(&wire);
    }
}

START_TEST(a_writev_is_one_packet)
{
    world_run(vector_body);
}
END_TEST

/* Every offset of the packet in turn lies in memory that faults. */
static void
fault_body(struct world *world)
{
    struct wire wire;
    size_t length;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        ck_assert_int_eq(kernel_watch_start(names[mode], false), 0);
        length = echo_make(mode, 6, 584);
        for (size_t offset = 0; offset < length; offset++) {
            ksim_user_fault_at(world->root, buffer, sizeof(buffer), offset);
            ck_assert_int_eq(write_of(&wire, length), -KSIM_EFAULT);
            ksim_user_unmap(world->root, buffer);
        }
        expect_nothing_injected(&wire, 0);
        ck_assert_uint_eq(status_of(&wire, mode, "in fault"), length);
        ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
        world_sleep_ms(world, 10);
        ck_assert_int_eq(wire_read(&wire), (int64_t)length);
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(a_fault_at_any_byte_is_efault_and_injects_nothing)
{
    world_run(fault_body);
}
END_TEST

/* --- memory ------------------------------------------------------------------------------------- */

static void
exhaustion_body(struct world *world)
{
    struct faults *faults = world->argument;
    static const size_t sizes[] = {64, 584, 1500};
    struct wire wire;
    size_t length;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        ck_assert_int_eq(kernel_watch_start(names[mode], false), 0);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            length = echo_make(mode, (uint16_t)i, sizes[i]);
            faults_arm(faults, "mbuf_", 0, UINT_MAX);
            ck_assert_int_eq(write_of(&wire, length), -KSIM_ENOBUFS);
            faults_arm(faults, NULL, 0, 0);
        }
        expect_nothing_injected(&wire, 0);
        ck_assert_uint_eq(status_of(&wire, mode, "in no memory"), 3);
        ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
        world_sleep_ms(world, 10);
        ck_assert_int_eq(wire_read(&wire), (int64_t)length);
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(without_mbufs_a_write_is_enobufs_and_the_next_one_works)
{
    faults_run(exhaustion_body);
}
END_TEST

/* One allocation fails, each in turn: the packet arrives in another shape, or not at all. */
static void
one_failure_body(struct world *world)
{
    static const char *const labels[] = {"mbuf_gethdr", "mbuf_getcluster", "mbuf_allocpacket"};
    struct faults *faults = world->argument;
    struct wire wire;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
            size_t length = echo_make(mode, (uint16_t)i, 1500);

            faults_arm(faults, labels[i], 0, 1);
            ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
            ck_assert_uint_eq(faults->failed, i < 2); /* a chain is made only when one cluster fails */
            faults_arm(faults, NULL, 0, 0);
            world_sleep_ms(world, 10);
            ck_assert_int_eq(wire_read(&wire), (int64_t)length);
            ck_assert_mem_eq(wire.packet + overhead[mode] + 28, buffer + overhead[mode] + 28, 1472);
        }
        mode_close(&wire);
    }
}

START_TEST(one_failed_allocation_is_made_good_by_a_chain)
{
    faults_run(one_failure_body);
}
END_TEST

struct size_class {
    size_t length_bytes; /* of the packet without a head */
    unsigned mbufs;
    size_t capacity_bytes;
};

static void
size_check(struct wire *wire, enum mode mode, const struct size_class *expected)
{
    size_t head = mode == TUN_HEAD ? HEAD_BYTES : 0;
    struct kernel_watch before, after;

    echo_make(mode, 1, 28);
    kernel_watch_read(&before);
    ck_assert_int_eq(write_of(wire, head + expected->length_bytes),
                     (int64_t)(head + expected->length_bytes));
    /* Nobody else ran: a write does not sleep. */
    kernel_watch_read(&after);
    ck_assert_uint_eq(after.packets_in, before.packets_in);
    world_sleep_ms(wire->world, 1);
    kernel_watch_read(&after);
    ck_assert_uint_eq(after.packets_in, before.packets_in + 1);
    ck_assert_uint_eq(after.mbufs, expected->mbufs);
    ck_assert_uint_eq(after.capacity_bytes, expected->capacity_bytes);
    ck_assert_uint_eq(after.length_bytes, expected->length_bytes - (mode == TAP ? WIRE_ETHER_BYTES : 0));
    ck_assert(after.own_interface);
    ck_assert(after.aligned);
    ck_assert(mode == TAP ? after.header_before : after.header_none);
}

static void
size_body(struct world *world)
{
    /* darwin19: 80 bytes in a header mbuf. tap leaves two bytes free, so that IP is aligned. */
    static const struct size_class classes[2][12] = {
        {{28, 1, 80}, {80, 1, 80}, {81, 1, 2048}, {1500, 1, 2048}, {2048, 1, 2048},
         {2049, 1, 4096}, {4096, 1, 4096}, {4097, 1, 16384}, {9000, 1, 16384}, {16384, 1, 16384}},
        {{28, 1, 80}, {78, 1, 80}, {79, 1, 2048}, {1514, 1, 2048}, {2046, 1, 2048},
         {2047, 1, 4096}, {4094, 1, 4096}, {4095, 1, 16384}, {9014, 1, 16384}, {16382, 1, 16384}}};
    struct wire wire;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        const struct size_class *each = classes[mode == TAP];

        mode_open(&wire, world, mode);
        ck_assert_int_eq(ifconfig_mtu(world->root, names[mode], 65535), 0);
        ck_assert_int_eq(kernel_watch_start(names[mode], true), 0);
        for (; each->length_bytes != 0; each++)
            size_check(&wire, mode, each);
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(a_packet_lies_in_one_mbuf_that_fits_it)
{
    world_run(size_body);
}
END_TEST

/* Beyond the largest cluster there is a chain, whole and in order, its header in the first mbuf. */
static void
chain_body(struct world *world)
{
    static const size_t sizes[] = {16385, 20000, 32768, 65535};
    struct kernel_watch watch;
    struct wire wire;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        ck_assert_int_eq(ifconfig_mtu(world->root, names[mode], 65535), 0);
        ck_assert_int_eq(kernel_watch_start(names[mode], false), 0);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            size_t length = echo_make(mode, (uint16_t)i, sizes[i]);

            ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
            world_sleep_ms(world, 10);
            ck_assert_int_eq(wire_read(&wire), (int64_t)length);
            ck_assert_mem_eq(wire.packet + overhead[mode] + 28, buffer + overhead[mode] + 28, sizes[i] - 28);
            kernel_watch_read(&watch);
            ck_assert_uint_eq(watch.packets_in, i + 1);
        }
        kernel_watch_stop();
        mode_close(&wire);
    }
}

START_TEST(a_packet_beyond_the_largest_cluster_is_a_chain_with_every_byte)
{
    world_run(chain_body);
}
END_TEST

/* --- the interface is going away ---------------------------------------------------------------- */

/* A01: the kernel refuses the packet and has freed it. */
static void
refused_body(struct world *world)
{
    struct faults *faults = world->argument;
    struct wire wire;
    size_t length;

    for (enum mode mode = TUN; mode < MODE_COUNT; mode++) {
        mode_open(&wire, world, mode);
        length = echo_make(mode, 1, 584);
        faults_arm(faults, "ifnet_input", 0, 1);
        ck_assert_int_eq(write_of(&wire, length), -KSIM_EIO);
        ck_assert_uint_eq(faults->failed, 1);
        ck_assert_uint_eq(status_of(&wire, mode, "in refused"), 1);
        ck_assert_int_eq(write_of(&wire, length), (int64_t)length);
        world_sleep_ms(world, 10);
        ck_assert_int_eq(wire_read(&wire), (int64_t)length);
        mode_close(&wire);
    }
}

START_TEST(a_packet_the_kernel_refuses_is_eio_and_freed_once)
{
    faults_run(refused_body);
}
END_TEST

static Suite *
write_suite(void)
{
    Suite *suite = suite_create("write");
    TCase *cases = tcase_create("write");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, too_short_for_its_headers_is_einval);
    tcase_add_test(cases, longer_than_the_mtu_and_its_header_is_emsgsize);
    tcase_add_test(cases, only_a_tagged_frame_may_have_four_bytes_more);
    tcase_add_test(cases, a_writev_is_one_packet);
    tcase_add_test(cases, a_fault_at_any_byte_is_efault_and_injects_nothing);
    tcase_add_test(cases, without_mbufs_a_write_is_enobufs_and_the_next_one_works);
    tcase_add_test(cases, one_failed_allocation_is_made_good_by_a_chain);
    tcase_add_test(cases, a_packet_lies_in_one_mbuf_that_fits_it);
    tcase_add_test(cases, a_packet_beyond_the_largest_cluster_is_a_chain_with_every_byte);
    tcase_add_test(cases, a_packet_the_kernel_refuses_is_eio_and_freed_once);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(write_suite)
