/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets from the stack to the reader: order, room, wake-ups, and what cannot be carried. */
#include <string.h>

#include "faults.h"
#include "kernel_view.h"
#include "main.h"
#include "wire.h"

enum { QUEUE_PACKETS = 128, IP_BYTES = 84, KIND_COUNT = 2 };

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};
static uint8_t packet[WIRE_PACKET_BYTES];

/* A packet as the stack sends it; the number goes into the IP identification. */
static struct kernel_view_batch
batch_make(int kind, unsigned count, bool whole_list)
{
    size_t link_bytes = kind == 0 ? 0 : WIRE_ETHER_BYTES;

    if (kind == 0)
        world_echo_request(packet, 0, IP_BYTES - 28);
    else
        world_echo_frame(packet, wire_lladdr, 0, IP_BYTES - 28);
    return (struct kernel_view_batch){.bytes = packet,
                                      .length = link_bytes + IP_BYTES,
                                      .count = count,
                                      .number_at = link_bytes + 4,
                                      .whole_list = whole_list};
}

/* The next read is packet `number` of the batch, whole. */
static void
expect_packet(struct wire *wire, const struct kernel_view_batch *batch, unsigned number)
{
    size_t at = batch->number_at;

    ck_assert_int_eq(wire_read(wire), (int64_t)batch->length);
    ck_assert_uint_eq(wire->packet[at] << 8 | wire->packet[at + 1], number);
    ck_assert_mem_eq(wire->packet, batch->bytes, at);
    ck_assert_mem_eq(wire->packet + at + 2, (const uint8_t *)batch->bytes + at + 2,
                     batch->length - at - 2);
}

static void
expect_empty(struct wire *wire)
{
    ck_assert_int_eq(wire_read(wire), -KSIM_EWOULDBLOCK);
}

static void
expect_status(struct world *world, int kind, const char *cause, uint64_t packets, uint64_t bytes)
{
    uint64_t seen_packets, seen_bytes;

    ck_assert(wire_status(world, names[kind], cause, &seen_packets, &seen_bytes));
    ck_assert_msg(seen_packets == packets && seen_bytes == bytes, "%s %s: %lu packets, %lu bytes",
                  names[kind], cause, (unsigned long)seen_packets, (unsigned long)seen_bytes);
}

/* --- order and room ----------------------------------------------------------------------------- */

static void
order_body(struct world *world)
{
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        wire_open(&wire, world, names[kind]);
        for (unsigned shape = 0; shape < 2 * KERNEL_VIEW_SHAPES; shape++) {
            struct kernel_view_batch batch = batch_make(kind, 100, shape % 2 != 0);

            batch.shape = shape / 2;
            ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), 0);
            for (unsigned i = 0; i < 100; i++)
                expect_packet(&wire, &batch, i);
            expect_empty(&wire);
        }
        wire_close(&wire);
    }
}

START_TEST(packets_are_read_in_order_however_they_lie_in_mbufs)
{
    world_run(order_body);
}
END_TEST

/* E14: a list that fits in part. */
static void
full_body(struct world *world)
{
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int whole = 0; whole < 2; whole++) {
            struct kernel_view_batch first = batch_make(kind, QUEUE_PACKETS - 2, whole);
            struct kernel_view_batch more = batch_make(kind, 5, whole);

            wire_open(&wire, world, names[kind]);
            ck_assert_int_eq(kernel_view_output_batch(names[kind], &first), 0);
            ck_assert_int_eq(kernel_view_output_batch(names[kind], &more), KSIM_ENOBUFS);
            expect_status(world, kind, "out full", 3, 3 * more.length);
            for (unsigned i = 0; i < QUEUE_PACKETS; i++)
                expect_packet(&wire, &first, i < QUEUE_PACKETS - 2 ? i : i - (QUEUE_PACKETS - 2));
            expect_empty(&wire);
            wire_close(&wire);
        }
    }
}

START_TEST(a_list_that_fits_in_part_is_queued_in_part_and_the_rest_refused)
{
    world_run(full_body);
}
END_TEST

/* 2 MiB of the largest packets are fewer than 128. */
static void
bytes_body(struct world *world)
{
    enum { LONGEST = 65535, FIT = 2 * 1024 * 1024 / LONGEST };
    struct kernel_view_batch batch = batch_make(0, FIT + 3, false);
    struct wire wire;

    wire_open(&wire, world, "tun0");
    batch.length = LONGEST;
    ck_assert_int_eq(kernel_view_output_batch("tun0", &batch), KSIM_ENOBUFS);
    for (unsigned i = 0; i < FIT; i++)
        expect_packet(&wire, &batch, i);
    expect_empty(&wire);
    expect_status(world, 0, "out full", 3, 3 * LONGEST);
    wire_close(&wire);
}

START_TEST(the_queue_is_bounded_in_bytes_too)
{
    world_run(bytes_body);
}
END_TEST

/* D21: a flood without a reader, then everything works again, also after a reopen. */
static void
flood_body(struct world *world)
{
    struct wire wire;

    for (int session = 0; session < 2 * KIND_COUNT; session++) {
        int kind = session % KIND_COUNT;
        struct kernel_view_batch flood = batch_make(kind, 1000, false);
        struct kernel_view_batch later = batch_make(kind, 10, false);

        wire_open(&wire, world, names[kind]);
        for (int i = 0; i < 10; i++)
            ck_assert_int_eq(kernel_view_output_batch(names[kind], &flood), KSIM_ENOBUFS);
        for (unsigned i = 0; i < QUEUE_PACKETS; i++)
            expect_packet(&wire, &flood, i);
        expect_empty(&wire);
        expect_status(world, kind, "out full", 10000 - QUEUE_PACKETS, (10000 - QUEUE_PACKETS) * flood.length);
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &later), 0);
        for (unsigned i = 0; i < 10; i++)
            expect_packet(&wire, &later, i);
        wire_close(&wire);
        world_sleep_ms(world, 20);
    }
}

START_TEST(a_flood_without_a_reader_leaves_nothing_broken)
{
    world_run(flood_body);
}
END_TEST

/* --- wake-ups ----------------------------------------------------------------------------------- */

static void
read_until_down(struct world_thread *thread)
{
    thread->result = 0;
    while (ksim_system_read(thread->process, thread->fd, thread->buffer, sizeof(thread->buffer)) > 0)
        thread->result++;
}

/* C03: the reader sleeps, and a list comes that is one longer than the queue. */
static void
wake_body(struct world *world)
{
    int off = 0;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct kernel_view_batch batch = batch_make(kind, QUEUE_PACKETS + 1, true);
        struct world_thread reader = {.world = world, .process = world->root, .body = read_until_down};
        struct wire wire;

        wire_open(&wire, world, names[kind]);
        ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONBIO, &off), 0);
        reader.fd = wire.fd;
        world_thread_start(&reader, "reader");
        world_sleep_ms(world, 10);
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), KSIM_ENOBUFS);
        world_sleep_ms(world, 10);
        expect_status(world, kind, "out full", 1, batch.length);
        ck_assert_int_eq(ifconfig_down(world->root, names[kind]), 0);
        world_thread_join(&reader);
        ck_assert_int_eq(reader.result, QUEUE_PACKETS);
        wire_close(&wire);
    }
}

START_TEST(a_list_that_overflows_wakes_the_sleeping_reader)
{
    world_run(wake_body);
}
END_TEST

START_TEST(a_list_that_overflows_wakes_the_sleeping_reader_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, wake_body);
}
END_TEST

static void
bystander(struct world_thread *thread)
{
    (void)thread;
}

/* How often `label` was passed while a list went out. A thread that never gets to run makes it count. */
static unsigned
passes_of(struct world *world, struct faults *faults, const char *label, int kind, unsigned count)
{
    struct kernel_view_batch batch = batch_make(kind, count, true);
    struct world_thread runnable = {.world = world, .process = world->root, .body = bystander};

    world_thread_start(&runnable, "bystander");
    faults->watch = label;
    faults->seen = 0;
    ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), 0);
    faults->watch = NULL;
    ck_assert(!runnable.done);
    world_thread_join(&runnable);
    return faults->seen;
}

static void
once_body(struct world *world)
{
    struct faults *faults = world->argument;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        unsigned locks;

        wire_open(&wire, world, names[kind]);
        locks = passes_of(world, faults, "lck_mtx_lock", kind, 1);
        ck_assert_uint_ge(locks, 1);
        wire_drain(&wire);
        /* A hundred packets more cost bpf its own lock a hundred times, and nothing else. */
        ck_assert_uint_eq(passes_of(world, faults, "lck_mtx_lock", kind, 101), locks + 100);
        wire_drain(&wire);
        ck_assert_uint_eq(passes_of(world, faults, "wakeup", kind, 100), 1);
        /* Nobody sleeps while packets are queued, so nobody has to be woken. */
        ck_assert_uint_eq(passes_of(world, faults, "wakeup", kind, 20), 0);
        wire_close(&wire);
    }
}

START_TEST(a_list_costs_one_lock_and_one_wake_up)
{
    faults_run(once_body);
}
END_TEST

/* --- down --------------------------------------------------------------------------------------- */

static void
down_body(struct world *world)
{
    int head = 1;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct kernel_view_batch batch = batch_make(kind, 50, false);
        struct kernel_view_counters before, after;
        struct wire wire;

        wire_open(&wire, world, names[kind]);
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), 0);
        if (kind == 0)
            ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNSIFHEAD, &head), 0);
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), 0);
        ck_assert_int_eq(ifconfig_down(world->root, names[kind]), 0);
        expect_status(world, kind, "out purged", 100, 100 * batch.length);
        ck_assert_int_eq(kernel_view_counters(names[kind], &before), 0);
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), KSIM_ENETDOWN);
        batch.whole_list = true;
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &batch), KSIM_ENETDOWN);
        ck_assert_int_eq(kernel_view_counters(names[kind], &after), 0);
        ck_assert_uint_eq(after.errors_out, before.errors_out + 100);
        ck_assert_int_eq(wire_read(&wire), -KSIM_EIO);
        ck_assert_int_eq(ifconfig_up(world->root, names[kind]), 0);
        expect_status(world, kind, "out down", 100, 100 * batch.length);
        wire_drain(&wire);
        wire_close(&wire);
    }
}

START_TEST(down_purges_the_queue_and_refuses_what_comes)
{
    world_run(down_body);
}
END_TEST

/* --- what cannot be carried --------------------------------------------------------------------- */

/* A02: no mbuf for the Ethernet header. The packet is gone, once. */
static void
framer_body(struct world *world)
{
    struct faults *faults = world->argument;
    struct kernel_view_counters before, after;
    struct kernel_view_batch batch = batch_make(0, 1, false);
    bool cleared = false;
    struct wire wire;

    wire_open(&wire, world, "tap0");
    batch.shape = 1; /* no space before the packet */
    ck_assert_int_eq(kernel_view_counters("tap0", &before), 0);
    faults_arm(faults, "mbuf_prepend", 0, 1);
    ck_assert_int_eq(kernel_view_output_framed("tap0", &batch), 0);
    ck_assert_uint_eq(faults->failed, 1);
    expect_empty(&wire);
    expect_status(world, 1, "out no memory", 1, IP_BYTES);
    ck_assert_int_eq(kernel_view_counters("tap0", &after), 0);
    ck_assert_uint_eq(after.errors_out, before.errors_out + 1);
    /* The pointer says so too, and EJUSTRETURN (-2) that nothing is left to free. */
    faults_arm(faults, "mbuf_prepend", 0, 1);
    ck_assert_int_eq(kernel_view_frame("tap0", &batch, &cleared), -2);
    ck_assert(cleared);
    ck_assert_int_eq(kernel_view_frame("tap0", &batch, &cleared), 0);
    ck_assert(!cleared);
    ck_assert_int_eq(kernel_view_output_framed("tap0", &batch), 0);
    ck_assert_int_eq(wire_read(&wire), WIRE_ETHER_BYTES + IP_BYTES);
    ck_assert_mem_eq(wire.packet, wire_broadcast, 6);
    ck_assert_mem_eq(wire.packet + WIRE_ETHER_BYTES + 6, packet + 6, IP_BYTES - 6);
    wire_close(&wire);
}

START_TEST(a_packet_that_cannot_get_its_header_is_gone_once)
{
    faults_run(framer_body);
}
END_TEST

static void
bad_body(struct world *world)
{
    /* The length to which a good packet is cut so that it is bad; tun looks at the version instead. */
    static const size_t bad_lengths[KIND_COUNT] = {0, WIRE_ETHER_BYTES - 1};
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct kernel_view_batch bad = batch_make(kind, 3, false);
        struct kernel_view_batch good = bad;

        wire_open(&wire, world, names[kind]);
        bad.length = bad_lengths[kind];
        bad.number_at = 0;
        for (unsigned shape = 0; shape < KERNEL_VIEW_SHAPES; shape++) {
            bad.shape = shape;
            bad.whole_list = shape % 2 != 0;
            ck_assert_int_eq(kernel_view_output_batch(names[kind], &bad), KSIM_EAFNOSUPPORT);
        }
        expect_status(world, kind, "out bad", 3 * KERNEL_VIEW_SHAPES,
                      3 * KERNEL_VIEW_SHAPES * bad.length);
        /* In a list the good ones pass, in order. */
        good.count = 30;
        good.bad_every = 3;
        good.whole_list = true;
        ck_assert_int_eq(kernel_view_output_batch(names[kind], &good), KSIM_EAFNOSUPPORT);
        for (unsigned i = 0; i < 30; i++) {
            if (i % 3 != 0)
                expect_packet(&wire, &good, i);
        }
        expect_empty(&wire);
        wire_close(&wire);
    }
}

START_TEST(what_is_no_packet_is_refused_and_its_neighbours_pass)
{
    world_run(bad_body);
}
END_TEST

static Suite *
output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *cases = tcase_create("output");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, packets_are_read_in_order_however_they_lie_in_mbufs);
    tcase_add_test(cases, a_list_that_fits_in_part_is_queued_in_part_and_the_rest_refused);
    tcase_add_test(cases, the_queue_is_bounded_in_bytes_too);
    tcase_add_test(cases, a_flood_without_a_reader_leaves_nothing_broken);
    tcase_add_test(cases, a_list_that_overflows_wakes_the_sleeping_reader);
    tcase_add_loop_test(cases, a_list_that_overflows_wakes_the_sleeping_reader_on_every_schedule, 0, 30);
    tcase_add_test(cases, a_list_costs_one_lock_and_one_wake_up);
    tcase_add_test(cases, down_purges_the_queue_and_refuses_what_comes);
    tcase_add_test(cases, a_packet_that_cannot_get_its_header_is_gone_once);
    tcase_add_test(cases, what_is_no_packet_is_refused_and_its_neighbours_pass);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(output_suite)
