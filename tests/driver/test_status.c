/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of every packet: SIOCGIFSTATUS and the interface's statistics (facts/museum.md, oracle 5). */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "kernel_view.h"
#include "kernel_watch.h"
#include "main.h"
#include "wire.h"

enum { KIND_COUNT = 2, IP_BYTES = 84 };

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};
static const uint8_t own[6] = {2, 0xc0, 0xff, 0xee, 0, 1};
static uint8_t packet[WIRE_PACKET_BYTES];

static const char *const out_causes[] = {"out delivered", "out full", "out down", "out purged",
                                         "out fault", "out bad", "out no memory"};
static const char *const in_causes[] = {"in delivered", "in short", "in long", "in family", "in down",
                                        "in fault", "in no memory", "in refused"};

enum { OUT_CAUSES = sizeof(out_causes) / sizeof(out_causes[0]),
       IN_CAUSES = sizeof(in_causes) / sizeof(in_causes[0]) };

/* A good packet of `ip_bytes`; its length. */
static size_t
packet_make(int kind, size_t ip_bytes)
{
    return kind == 0 ? world_echo_request(packet, 1, ip_bytes - 28)
                     : world_echo_frame(packet, own, 1, ip_bytes - 28);
}

/* --- the text ----------------------------------------------------------------------------------- */

static void
expect_first_line(struct world *world, const char *name, const char *state, unsigned queued)
{
    char status[IFCONFIG_STATUS_BYTES], expected[100];

    ck_assert_int_eq(ifconfig_status(world->root, name, status), 0);
    snprintf(expected, sizeof(expected), "\topened by test (pid %d), %s, %u queued\n",
             ksim_process_pid(world->root), state, queued);
    ck_assert_msg(strncmp(status, expected, strlen(expected)) == 0, "%s", status);
}

static void
text_body(struct world *world)
{
    char status[IFCONFIG_STATUS_BYTES];
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        int fd = world_open(world, names[kind]);

        expect_first_line(world, names[kind], "down", 0);
        ck_assert_int_eq(ifconfig_up(world->root, names[kind]), 0);
        wire_adopt(&wire, world, fd, kind == 1);
        expect_first_line(world, names[kind], "up", 0);
        ck_assert_int_eq(kernel_view_output(names[kind], packet, packet_make(kind, IP_BYTES), 3), 0);
        expect_first_line(world, names[kind], "up", 3);
        wire_close(&wire);
        ck_assert_int_eq(ifconfig_status(world->root, names[kind], status), -KSIM_ENXIO);
    }
}

START_TEST(the_status_says_who_has_it_open_its_state_and_the_queue)
{
    world_run(text_body);
}
END_TEST

/* --- each cause --------------------------------------------------------------------------------- */

struct account {
    uint64_t packets[OUT_CAUSES + IN_CAUSES], bytes[OUT_CAUSES + IN_CAUSES];
    struct kernel_view_counters counters;
};

static void
account_take(struct world *world, int kind, struct account *account)
{
    for (size_t i = 0; i < OUT_CAUSES + IN_CAUSES; i++) {
        const char *cause = i < OUT_CAUSES ? out_causes[i] : in_causes[i - OUT_CAUSES];

        ck_assert(wire_status(world, names[kind], cause, &account->packets[i], &account->bytes[i]));
    }
    ck_assert_int_eq(kernel_view_counters(names[kind], &account->counters), 0);
}

/* Since `before`, one packet more of this cause, and of no other. */
static void
expect_cause(struct world *world, int kind, struct account *before, const char *cause, uint64_t bytes)
{
    struct account now;

    account_take(world, kind, &now);
    for (size_t i = 0; i < OUT_CAUSES + IN_CAUSES; i++) {
        const char *each = i < OUT_CAUSES ? out_causes[i] : in_causes[i - OUT_CAUSES];
        uint64_t more = strcmp(each, cause) == 0;

        ck_assert_msg(now.packets[i] == before->packets[i] + more &&
                      now.bytes[i] == before->bytes[i] + more * bytes,
                      "%s, after one %s: %" PRIu64 " packets, %" PRIu64 " bytes", each, cause,
                      now.packets[i] - before->packets[i], now.bytes[i] - before->bytes[i]);
    }
    *before = now;
}

/* The interface's statistics since `before`: packets and errors of each direction. */
static void
expect_statistics(const struct account *before, const struct account *now, unsigned packets_in,
                  unsigned errors_in, unsigned packets_out, unsigned errors_out)
{
    ck_assert_uint_eq(now->counters.packets_in - before->counters.packets_in, packets_in);
    ck_assert_uint_eq(now->counters.errors_in - before->counters.errors_in, errors_in);
    ck_assert_uint_eq(now->counters.packets_out - before->counters.packets_out, packets_out);
    ck_assert_uint_eq(now->counters.errors_out - before->counters.errors_out, errors_out);
}

static void
write_causes(struct wire *wire, int kind, struct faults *faults)
{
    struct world *world = wire->world;
    struct account start, account;
    size_t length = packet_make(kind, IP_BYTES);

    account_take(world, kind, &start);
    account = start;
    ck_assert_int_eq(world_write(world, wire->fd, packet, 10), -KSIM_EINVAL);
    expect_cause(world, kind, &account, "in short", 10);
    ck_assert_int_eq(world_write(world, wire->fd, packet, 2000), -KSIM_EMSGSIZE);
    expect_cause(world, kind, &account, "in long", 2000);
    if (kind == 0) {
        packet[0] = 0x55;
        ck_assert_int_eq(world_write(world, wire->fd, packet, length), -KSIM_EAFNOSUPPORT);
        expect_cause(world, kind, &account, "in family", length);
        packet[0] = 0x45;
    }
    ksim_user_fault_at(world->root, packet, sizeof(packet), 20);
    ck_assert_int_eq(world_write(world, wire->fd, packet, length), -KSIM_EFAULT);
    ksim_user_unmap(world->root, packet);
    expect_cause(world, kind, &account, "in fault", length);
    faults_arm(faults, "mbuf_", 0, UINT_MAX);
    ck_assert_int_eq(world_write(world, wire->fd, packet, length), -KSIM_ENOBUFS);
    faults_arm(faults, "ifnet_input", 0, 1);
    expect_cause(world, kind, &account, "in no memory", length);
    ck_assert_int_eq(world_write(world, wire->fd, packet, length), -KSIM_EIO);
    expect_cause(world, kind, &account, "in refused", length);
    wire_write(wire, packet, length);
    world_sleep_ms(world, 1);
    expect_cause(world, kind, &account, "in delivered", length);
    expect_statistics(&start, &account, 1, kind == 0 ? 4 : 3, 0, 0);
    ck_assert_uint_eq(account.counters.bytes_in - start.counters.bytes_in, length);
}

static void
read_causes(struct wire *wire, int kind)
{
    struct world *world = wire->world;
    struct account start, account;
    size_t length = packet_make(kind, IP_BYTES);
    uint64_t packets, bytes;

    account_take(world, kind, &start);
    account = start;
    ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 3), 0);
    ck_assert_int_eq(wire_read(wire), (int64_t)length);
    expect_cause(world, kind, &account, "out delivered", length);
    ck_assert_int_eq(world_read(world, wire->fd, wire->packet, 30), 30);
    expect_cause(world, kind, &account, "out delivered", length);
    ck_assert(wire_status(world, names[kind], "out truncated", &packets, &bytes));
    ck_assert_uint_eq(packets, 1);
    ck_assert_uint_eq(bytes, length - 30);
    ksim_user_fault_at(world->root, wire->packet, WIRE_PACKET_BYTES, 20);
    ck_assert_int_eq(wire_read(wire), -KSIM_EFAULT);
    ksim_user_unmap(world->root, wire->packet);
    expect_cause(world, kind, &account, "out fault", length);
    expect_statistics(&start, &account, 0, 0, 2, 1);
    ck_assert_uint_eq(account.counters.bytes_out - start.counters.bytes_out, 2 * length);
}

static void
output_causes(struct wire *wire, int kind, struct faults *faults)
{
    struct world *world = wire->world;
    struct account start, account;
    size_t length = packet_make(kind, IP_BYTES);
    const struct kernel_view_batch framed = {.bytes = packet, .length = IP_BYTES, .count = 1, .shape = 1};

    ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 128), 0);
    account_take(world, kind, &start);
    account = start;
    ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 1), KSIM_ENOBUFS);
    expect_cause(world, kind, &account, "out full", length);
    ck_assert_int_eq(kernel_view_output(names[kind], "", 1, 1), KSIM_EAFNOSUPPORT);
    expect_cause(world, kind, &account, "out bad", 1);
    if (kind == 1) {
        faults_arm(faults, "mbuf_prepend", 0, 1);
        ck_assert_int_eq(kernel_view_output_framed(names[kind], &framed), 0);
        expect_cause(world, kind, &account, "out no memory", IP_BYTES);
    }
    for (int i = 0; i < 127; i++)
        ck_assert_int_gt(wire_read(wire), 0);
    account_take(world, kind, &account);
    ck_assert_int_eq(ifconfig_down(world->root, names[kind]), 0);
    expect_cause(world, kind, &account, "out purged", length);
    ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 1), KSIM_ENETDOWN);
    expect_cause(world, kind, &account, "out down", length);
    ck_assert_int_eq(world_write(world, wire->fd, packet, length), -KSIM_EIO);
    expect_cause(world, kind, &account, "in down", length);
    expect_statistics(&start, &account, 0, 0, 127, kind == 0 ? 3 : 4);
}

static void
causes_body(struct world *world)
{
    struct faults *faults = world->argument;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        wire_open(&wire, world, names[kind]);
        if (kind == 1)
            ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", own), 0);
        wire_drain(&wire);
        ck_assert_int_eq(kernel_watch_start(names[kind], true), 0); /* the stack answers nothing */
        write_causes(&wire, kind, faults);
        read_causes(&wire, kind);
        output_causes(&wire, kind, faults);
        kernel_watch_stop();
        wire_close(&wire);
    }
}

START_TEST(each_packet_is_counted_once_by_what_became_of_it)
{
    faults_run(causes_body);
}
END_TEST

/* --- a random workload -------------------------------------------------------------------------- */

struct workload {
    struct wire wire;
    int kind;
    uint64_t state; /* of the generator */
    bool up;
    uint64_t written_packets, written_bytes, delivered_packets, delivered_bytes;
};

static unsigned
roll(struct workload *load, unsigned limit)
{
    load->state ^= load->state << 13;
    load->state ^= load->state >> 7;
    load->state ^= load->state << 17;
    return (unsigned)(load->state % limit);
}

static void
random_write(struct workload *load)
{
    size_t length = packet_make(load->kind, 28 + roll(load, 1473));
    bool fault = roll(load, 8) == 0;

    if (roll(load, 6) == 0)
        length = roll(load, 1600);
    if (roll(load, 6) == 0)
        packet[0] = (uint8_t)roll(load, 256);
    if (fault)
        ksim_user_fault_at(load->wire.world->root, packet, sizeof(packet), roll(load, 64));
    load->written_packets++;
    load->written_bytes += length;
    if (world_write(load->wire.world, load->wire.fd, packet, length) > 0) {
        load->delivered_packets++;
        load->delivered_bytes += length;
    }
    if (fault)
        ksim_user_unmap(load->wire.world->root, packet);
}

static void
random_output(struct workload *load)
{
    struct kernel_view_batch batch = {.bytes = packet, .count = 1 + roll(load, 100)};

    batch.length = packet_make(load->kind, 28 + roll(load, 1473));
    batch.shape = roll(load, KERNEL_VIEW_SHAPES);
    batch.bad_every = roll(load, 4) == 0 ? 3 : 0;
    (void)kernel_view_output_batch(names[load->kind], &batch);
}

static void
random_read(struct workload *load)
{
    bool fault = roll(load, 8) == 0;
    unsigned count = 1 + roll(load, 60);

    if (fault)
        ksim_user_fault_at(load->wire.world->root, load->wire.packet, WIRE_PACKET_BYTES, roll(load, 64));
    while (count-- > 0)
        (void)world_read(load->wire.world, load->wire.fd, load->wire.packet, 1 + roll(load, 2000));
    if (fault)
        ksim_user_unmap(load->wire.world->root, load->wire.packet);
}

static void
random_step(struct workload *load)
{
    struct world *world = load->wire.world;
    int head = (int)roll(load, 2);

    switch (roll(load, 10)) {
    case 0:
        ck_assert_int_eq(load->up ? ifconfig_down(world->root, names[load->kind])
                                  : ifconfig_up(world->root, names[load->kind]), 0);
        load->up = !load->up;
        break;
    case 1:
        (void)world_ioctl_int(world, load->wire.fd, WORLD_TUNSIFHEAD, &head);
        break;
    case 2: case 3: case 4:
        random_output(load);
        break;
    case 5: case 6:
        random_read(load);
        break;
    default:
        random_write(load);
        break;
    }
}

static void
expect_balance(struct workload *load, const char *const *causes, size_t count, uint64_t packets,
               uint64_t bytes)
{
    uint64_t sum_packets = 0, sum_bytes = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t each_packets, each_bytes;

        ck_assert(wire_status(load->wire.world, names[load->kind], causes[i], &each_packets, &each_bytes));
        sum_packets += each_packets;
        sum_bytes += each_bytes;
    }
    ck_assert_uint_eq(sum_packets, packets);
    ck_assert_uint_eq(sum_bytes, bytes);
}

static void
random_body(struct world *world)
{
    const unsigned *seed = world->argument;
    struct workload load = {.kind = (int)(*seed % KIND_COUNT), .up = true, .state = 0x9e3779b97f4a7c15 + *seed};
    struct kernel_watch watch;
    int fd = world_open(world, names[load.kind]);

    /* The filter is there before the interface is up, so it sees every packet that is offered. */
    ck_assert_int_eq(kernel_watch_start(names[load.kind], true), 0);
    ck_assert_int_eq(ifconfig_up(world->root, names[load.kind]), 0);
    wire_adopt(&load.wire, world, fd, load.kind == 1);
    for (int step = 0; step < 300; step++)
        random_step(&load);
    ck_assert_int_eq(ifconfig_down(world->root, names[load.kind]), 0); /* nothing stays in the queue */
    world_sleep_ms(world, 20);
    kernel_watch_read(&watch);
    expect_balance(&load, out_causes, OUT_CAUSES, watch.packets_out, watch.bytes_out);
    expect_balance(&load, in_causes, IN_CAUSES, load.written_packets, load.written_bytes);
    expect_balance(&load, in_causes, 1, load.delivered_packets, load.delivered_bytes);
    ck_assert_uint_eq(watch.packets_in, load.delivered_packets);
    kernel_watch_stop();
    wire_close(&load.wire);
}

START_TEST(what_was_offered_is_delivered_or_dropped_by_a_cause_on_every_schedule)
{
    struct tape_seed tape;
    unsigned seed = (unsigned)_i;
    struct world_options options = {.feeder = &tape.feeder, .argument = &seed};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, random_body);
}
END_TEST

static Suite *
status_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *cases = tcase_create("status");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, the_status_says_who_has_it_open_its_state_and_the_queue);
    tcase_add_test(cases, each_packet_is_counted_once_by_what_became_of_it);
    tcase_add_loop_test(cases, what_was_offered_is_delivered_or_dropped_by_a_cause_on_every_schedule, 0, 40);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(status_suite)
