/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGIO: when it is sent, to whom, and that a session leaves no trace of it (facts/museum.md oracle 6,
 * kpi-rest 2.6). A process that begins on its own leads its process group, a child is in its parent's.
 */
#include <string.h>

#include <foreign_hand.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"

enum { KIND_COUNT = 2, PACKETS = 60 };

#define FIOSETOWN UINT32_C(0x8004667c)
#define FIOGETOWN UINT32_C(0x4004667b)
#define TIOCSPGRP UINT32_C(0x80047476)
#define TIOCGPGRP UINT32_C(0x40047477)

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};

static void
send_to_reader(const char *name, unsigned count)
{
    uint8_t packet[WIRE_ECHO_BYTES];
    size_t length = world_echo_request(packet, 1, 56);

    ck_assert_int_eq(kernel_view_output(name, packet, length, count), 0);
}

/* Open, up, drained, and nobody has asked for signals. */
static void
begin(struct wire *wire, struct world *world, const char *name)
{
    wire_open(wire, world, name);
    ksim_signal_set(world->root, KSIM_SIGIO, KSIM_SIGNAL_CATCH);
}

static void
asynchronous_set(struct wire *wire, int on)
{
    ck_assert_int_eq(world_ioctl_int(wire->world, wire->fd, WORLD_FIOASYNC, &on), 0);
}

/* A signal ends a sleep early. */
static void
settle(struct world *world, unsigned milliseconds)
{
    uint64_t end_ns = ksim_system_time_ns() + (uint64_t)milliseconds * WORLD_MS_NS;

    while (ksim_system_time_ns() < end_ns)
        world_sleep_ms(world, 1);
}

/* How often the process has caught SIGIO since the last question about it. */
struct catcher {
    struct process *process;
    unsigned before;
};

static unsigned
caught(struct world *world, struct catcher *catcher)
{
    unsigned before = catcher->before;

    settle(world, 5);
    catcher->before = ksim_process_signals_caught(catcher->process, KSIM_SIGIO);
    return catcher->before - before;
}

/* Another program with one thread, which sleeps and catches. */
static void
program_thread(struct world_thread *thread)
{
    while (thread->fd > 0) {
        ksim_system_sleep(thread->process, WORLD_MS_NS);
        thread->fd--;
    }
}

static struct catcher
program_start(struct world_thread *thread, struct world *world, struct process *process)
{
    ksim_signal_set(process, KSIM_SIGIO, KSIM_SIGNAL_CATCH);
    *thread = (struct world_thread){
        .world = world, .process = process, .fd = 1000, .body = program_thread};
    world_thread_start(thread, "program");
    return (struct catcher){process, 0};
}

static void
program_end(struct world_thread *thread)
{
    thread->fd = 0;
    world_thread_join(thread);
}

/* --- when -------------------------------------------------------------------------------------- */

static void
packets_body(struct world *world)
{
    struct catcher root = {world->root, 0};
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        begin(&wire, world, names[kind]);
        send_to_reader(names[kind], 1);
        ck_assert_uint_eq(caught(world, &root), 0);
        ck_assert_int_eq(wire_read(&wire), 84);
        asynchronous_set(&wire, 1);
        for (int round = 0; round < 3; round++) {
            /* The first of a queue is told, the others are not. */
            send_to_reader(names[kind], 1);
            ck_assert_uint_eq(caught(world, &root), 1);
            send_to_reader(names[kind], 2);
            ck_assert_uint_eq(caught(world, &root), 0);
            ck_assert_int_eq(wire_read(&wire), 84);
            send_to_reader(names[kind], 1);
            ck_assert_uint_eq(caught(world, &root), 0);
            while (wire_read(&wire) == 84)
                ;
        }
        asynchronous_set(&wire, 0);
        send_to_reader(names[kind], 1);
        ck_assert_uint_eq(caught(world, &root), 0);
        wire_close(&wire);
        ck_assert_uint_eq(caught(world, &root), 0);
    }
}

START_TEST(a_packet_in_an_empty_queue_is_told_to_those_who_asked)
{
    world_run(packets_body);
}
END_TEST

static void
flags_body(struct world *world)
{
    struct catcher root = {world->root, 0};
    struct wire wire;

    begin(&wire, world, "tun0");
    ck_assert_int_eq(ksim_system_fcntl(world->root, wire.fd, KSIM_F_SETFL,
                                       KSIM_O_ASYNC | KSIM_O_NONBLOCK), 0);
    send_to_reader("tun0", 1);
    ck_assert_uint_eq(caught(world, &root), 1);
    wire_drain(&wire);
    ck_assert_int_eq(ksim_system_fcntl(world->root, wire.fd, KSIM_F_SETFL, KSIM_O_NONBLOCK), 0);
    send_to_reader("tun0", 1);
    ck_assert_uint_eq(caught(world, &root), 0);
    wire_close(&wire);
}

START_TEST(o_async_is_the_same)
{
    world_run(flags_body);
}
END_TEST

enum { END_DOWN, END_DOWN_BY_KEXT, END_FOREIGN_DETACH, END_REVOKE, END_COUNT };

static void
end_session(struct world *world, int how)
{
    uint8_t frame[WIRE_ECHO_BYTES] = {0};

    switch (how) {
    case END_DOWN:
        ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
        break;
    case END_DOWN_BY_KEXT:
        ck_assert_int_eq(kernel_view_set_up("tap0", false), 0);
        /* Without an ioctl the driver learns of it when something comes next. */
        (void)kernel_view_output("tap0", frame, sizeof(frame), 1);
        break;
    case END_FOREIGN_DETACH:
        ck_assert_int_eq(foreign_hand_detach("tap0"), 0);
        break;
    default:
        ck_assert_int_eq(ksim_system_revoke(world->root, "/dev/tap0"), 0);
        break;
    }
}

static void
ends_body(struct world *world)
{
    struct catcher root = {world->root, 0};
    struct wire wire;

    for (int how = END_DOWN; how < END_COUNT; how++) {
        for (int on = 0; on < 2; on++) {
            begin(&wire, world, "tap0");
            /* What the Mac says about its address may come late. */
            settle(world, WORLD_DETACH_MS);
            wire_drain(&wire);
            asynchronous_set(&wire, on);
            (void)caught(world, &root);
            end_session(world, how);
            settle(world, WORLD_DETACH_MS);
            ck_assert_uint_eq(caught(world, &root), (unsigned)on);
            wire_close(&wire);
            settle(world, WORLD_DETACH_MS);
            (void)caught(world, &root);
        }
    }
}

START_TEST(going_down_and_the_end_of_the_session_are_told_on_every_schedule)
{
    world_run_seed((uint64_t)_i, ends_body);
}
END_TEST

/* A program that lives by signals: it sleeps until one comes, then reads until there is nothing. */
static void
reader_by_signal(struct world_thread *thread)
{
    int group = ksim_process_pid(thread->process);
    unsigned seen = 0, now;
    uint8_t packet[256];

    ck_assert_int_eq(ksim_system_ioctl(thread->process, thread->fd, FIOSETOWN, &group), 0);
    thread->result = 0;
    while (thread->result < PACKETS) {
        now = ksim_process_signals_caught(thread->process, KSIM_SIGIO);
        if (now == seen) {
            ksim_system_sleep(thread->process, UINT64_C(1) << 50); /* days */
            continue;
        }
        seen = now;
        while (ksim_system_read(thread->process, thread->fd, packet, sizeof(packet)) > 0)
            thread->result++;
    }
    ck_assert_int_eq(ksim_system_close(thread->process, thread->fd), 0);
}

static void
by_signal_body(struct world *world)
{
    struct world_thread reader = {.world = world, .body = reader_by_signal};
    struct wire wire;

    wire_open(&wire, world, "tun0");
    asynchronous_set(&wire, 1);
    reader.process = ksim_system_fork(world->root);
    reader.fd = wire.fd;
    ksim_signal_set(reader.process, KSIM_SIGIO, KSIM_SIGNAL_CATCH);
    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 1);
    for (unsigned i = 0; i < PACKETS; i++) {
        send_to_reader("tun0", 1);
        ksim_system_sleep(world->root, (uint64_t)i * 97 % 700);
    }
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, PACKETS);
    ck_assert_uint_eq(ksim_process_signals_caught(world->root, KSIM_SIGIO), 0);
    wire_close(&wire);
}

START_TEST(no_packet_is_missed_by_who_lives_by_signals_on_every_schedule)
{
    world_run_seed((uint64_t)_i, by_signal_body);
}
END_TEST

/* The kernel delivers signals first, also to who was woken by a packet (kpi-rest 4.5); it is not lost. */
static void
sleeper_body(struct world *world)
{
    struct world_thread reader = {
        .world = world, .process = world->root, .body = world_thread_read};
    struct catcher root = {world->root, 0};
    struct wire wire;
    int off = 0, on = 1;

    begin(&wire, world, "tun0");
    asynchronous_set(&wire, 1);
    reader.fd = wire.fd;
    for (int restart = 0; restart < 2; restart++) {
        ksim_signal_set(world->root, KSIM_SIGIO,
                        restart ? KSIM_SIGNAL_CATCH_RESTART : KSIM_SIGNAL_CATCH);
        ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONBIO, &off), 0);
        world_thread_start(&reader, "reader");
        settle(world, 5);
        send_to_reader("tun0", 1);
        world_thread_join(&reader);
        ck_assert_uint_eq(caught(world, &root), 1);
        ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONBIO, &on), 0);
        if (reader.result == -KSIM_EINTR && !restart)
            reader.result = wire_read(&wire);
        ck_assert_int_eq(reader.result, 84);
        ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
    }
    wire_close(&wire);
}

START_TEST(a_signal_costs_a_sleeping_reader_no_packet_on_every_schedule)
{
    world_run_seed((uint64_t)_i, sleeper_body);
}
END_TEST

/* --- to whom ----------------------------------------------------------------------------------- */

/* A packet into the empty queue; who of the two was told, as bits. */
static unsigned
told(struct wire *wire, const char *name, struct catcher *first, struct catcher *second)
{
    unsigned bits;

    while (wire_read(wire) > 0)
        ;
    send_to_reader(name, 1);
    bits = caught(wire->world, first) + 2 * caught(wire->world, second);
    ck_assert_int_eq(wire_read(wire), 84);
    return bits;
}

static void
owner_body(struct world *world)
{
    struct process *child = ksim_system_fork(world->root);
    struct process *other = ksim_process_create(world->kernel, "other", 501);
    struct catcher root = {world->root, 0}, children, others;
    struct world_thread threads[2];
    struct wire wire;
    int value;

    begin(&wire, world, "tap0");
    asynchronous_set(&wire, 1);
    children = program_start(&threads[0], world, child);
    others = program_start(&threads[1], world, other);
    (void)caught(world, &root);
    /* At first whoever opened the device. */
    ck_assert_uint_eq(told(&wire, "tap0", &root, &others), 1);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOGETOWN, &value), 0);
    ck_assert_int_eq(value, -ksim_process_pid(world->root));
    /* Another program, which leads its group. */
    value = ksim_process_pid(other);
    ck_assert_int_eq(ksim_system_fcntl(world->root, wire.fd, KSIM_F_SETOWN, value), 0);
    ck_assert_uint_eq(told(&wire, "tap0", &root, &others), 2);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOGETOWN, &value), 0);
    ck_assert_int_eq(value, -ksim_process_pid(other));
    /* Its group, by name. */
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), 0);
    ck_assert_uint_eq(told(&wire, "tap0", &root, &others), 2);
    /* Of a process that leads none the group is meant, and the caller is in it. */
    value = ksim_process_pid(child);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), 0);
    ck_assert_uint_eq(told(&wire, "tap0", &root, &children), 1);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, TIOCGPGRP, &value), 0);
    ck_assert_int_eq(value, ksim_process_pid(world->root));
    program_end(&threads[0]);
    program_end(&threads[1]);
    wire_close(&wire);
}

START_TEST(the_opener_is_told_until_somebody_else_is_named)
{
    world_run(owner_body);
}
END_TEST

static void
nobody_body(struct world *world)
{
    struct process *other = ksim_process_create(world->kernel, "other", 501);
    struct catcher root = {world->root, 0}, others;
    struct world_thread thread;
    struct wire wire;
    int value, signal;

    begin(&wire, world, "tun0");
    asynchronous_set(&wire, 1);
    others = program_start(&thread, world, other);
    /* What is refused changes nothing. */
    value = 4711;
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), -KSIM_ESRCH);
    ck_assert_int_eq(ksim_system_fcntl(world->root, wire.fd, KSIM_F_SETOWN, 4711), -KSIM_ESRCH);
    value = -ksim_process_pid(other);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, TIOCSPGRP, &value), -KSIM_EINVAL);
    ck_assert_uint_eq(told(&wire, "tun0", &root, &others), 1);
    value = 0;
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), 0);
    ck_assert_uint_eq(told(&wire, "tun0", &root, &others), 0);
    /* Somebody who is gone, in the meantime or from the beginning. */
    value = ksim_process_pid(other);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), 0);
    program_end(&thread);
    ck_assert_int_eq(ksim_system_kill(other, KSIM_SIGKILL), 0);
    settle(world, 5);
    ck_assert(ksim_process_exited(other, &signal));
    ck_assert_uint_eq(told(&wire, "tun0", &root, &others), 0);
    value = 4711;
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, TIOCSPGRP, &value), 0);
    ck_assert_uint_eq(told(&wire, "tun0", &root, &others), 0);
    wire_close(&wire);
}

START_TEST(nobody_and_those_who_are_gone_are_not_told)
{
    world_run(nobody_body);
}
END_TEST

static void
session_body(struct world *world)
{
    struct process *other = ksim_process_create(world->kernel, "other", 501);
    struct catcher root = {world->root, 0}, others;
    struct world_thread thread;
    struct wire wire;
    int value;

    others = program_start(&thread, world, other);
    begin(&wire, world, "tap0");
    asynchronous_set(&wire, 1);
    value = ksim_process_pid(other);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOSETOWN, &value), 0);
    wire_close(&wire);
    settle(world, WORLD_DETACH_MS);
    (void)caught(world, &others);
    begin(&wire, world, "tap0");
    /* Neither the mode nor the name is of this session. */
    ck_assert_uint_eq(told(&wire, "tap0", &root, &others), 0);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, FIOGETOWN, &value), 0);
    ck_assert_int_eq(value, -ksim_process_pid(world->root));
    asynchronous_set(&wire, 1);
    ck_assert_uint_eq(told(&wire, "tap0", &root, &others), 1);
    program_end(&thread);
    wire_close(&wire);
}

START_TEST(a_session_begins_without_signals_and_with_its_own_opener)
{
    world_run(session_body);
}
END_TEST

static Suite *
signal_suite(void)
{
    Suite *suite = suite_create("signal");
    TCase *cases = tcase_create("signal");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_packet_in_an_empty_queue_is_told_to_those_who_asked);
    tcase_add_test(cases, o_async_is_the_same);
    tcase_add_loop_test(cases, going_down_and_the_end_of_the_session_are_told_on_every_schedule, 0,
                        20);
    tcase_add_loop_test(cases, no_packet_is_missed_by_who_lives_by_signals_on_every_schedule, 0,
                        60);
    tcase_add_loop_test(cases, a_signal_costs_a_sleeping_reader_no_packet_on_every_schedule, 0, 40);
    tcase_add_test(cases, the_opener_is_told_until_somebody_else_is_named);
    tcase_add_test(cases, nobody_and_those_who_are_gone_are_not_told);
    tcase_add_test(cases, a_session_begins_without_signals_and_with_its_own_opener);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(signal_suite)
