/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * select, kevent and their kin: readiness is never lost, never invented, and every waiter is told when
 * the session ends (facts/museum.md A12, C02, C03, C08, C09, D10).
 */
#include <string.h>

#include <foreign_hand.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"
#include "world.h"

/* Sleeps in select for reading, without end. */
static void
select_readable(struct world_thread *thread)
{
    struct ksim_fd_set readable = {{UINT64_C(1) << thread->fd}};

    thread->result =
        ksim_system_select(thread->process, thread->fd + 1, &readable, NULL, NULL, -1);
}

static void
kevent_readable(struct world_thread *thread)
{
    thread->result = ksim_system_kevent(thread->process, thread->fd, KSIM_EVFILT_READ,
                                        KSIM_NOTE_LOWAT, 1, -1);
}

static int
select_now(struct world *world, int fd)
{
    struct ksim_fd_set readable = {{UINT64_C(1) << fd}};

    return ksim_system_select(world->root, fd + 1, &readable, NULL, NULL, 0);
}

static void
waiter_start(struct world_thread *waiter, struct world *world, int fd,
             void (*body)(struct world_thread *))
{
    *waiter = (struct world_thread){
        .world = world, .process = world->root, .fd = fd, .body = body};
    world_thread_start(waiter, "waiter");
}

static void
send_to_reader(const char *name, unsigned count)
{
    uint8_t packet[WIRE_ECHO_BYTES];
    size_t length = world_echo_request(packet, 1, 56);

    ck_assert_int_eq(kernel_view_output(name, packet, length, count), 0);
}

/* --- readiness --------------------------------------------------------------------------------- */

static void
down_body(struct world *world)
{
    static const char *const names[] = {"tun0", "tap0"};

    for (int i = 0; i < 2; i++) {
        int fd = world_open(world, names[i]);
        uint64_t bit = UINT64_C(1) << fd;
        struct ksim_fd_set readable = {{bit}}, writable = {{bit}}, except = {{bit}};
        uint8_t byte;

        ck_assert_int_eq(
            ksim_system_select(world->root, fd + 1, &readable, &writable, &except, -1), 2);
        ck_assert_uint_eq(readable.bits[0], bit);
        ck_assert_uint_eq(writable.bits[0], bit);
        ck_assert_uint_eq(except.bits[0], 0);
        ck_assert_int_eq(world_read(world, fd, &byte, 1), -KSIM_EIO);
        ck_assert_int_eq(world_write(world, fd, &byte, 1), -KSIM_EIO);
        world_close(world, fd);
    }
}

START_TEST(a_device_that_is_not_up_is_ready_and_the_next_call_says_eio)
{
    world_run(down_body);
}
END_TEST

static void
level_body(struct world *world)
{
    struct wire wire;

    wire_open(&wire, world, "tun0");
    ck_assert_int_eq(select_now(world, wire.fd), 0);
    send_to_reader("tun0", 3);
    for (int left = 3; left > 0; left--) {
        ck_assert_int_eq(select_now(world, wire.fd), 1);
        ck_assert_int_eq(ksim_system_kevent(world->root, wire.fd, KSIM_EVFILT_READ,
                                            KSIM_NOTE_LOWAT, 1, 0), 1);
        ck_assert_int_eq(wire_read(&wire), 84);
    }
    ck_assert_int_eq(select_now(world, wire.fd), 0);
    ck_assert_int_eq(ksim_system_kevent(world->root, wire.fd, KSIM_EVFILT_READ, KSIM_NOTE_LOWAT, 1,
                                        WORLD_MS_NS), 0);
    wire_close(&wire);
}

START_TEST(readable_lasts_as_long_as_packets_do)
{
    world_run(level_body);
}
END_TEST

static void
exceptional_body(struct world *world)
{
    int fd = world_open_up(world, "tun0");
    struct ksim_fd_set except = {{UINT64_C(1) << fd}};

    ck_assert_int_eq(ksim_system_select(world->root, fd + 1, NULL, NULL, &except, WORLD_MS_NS), 0);
    ck_assert_int_eq(ksim_system_kevent(world->root, fd, KSIM_EVFILT_WRITE, KSIM_NOTE_LOWAT, 1,
                                        -1), 1);
    world_close(world, fd);
}

START_TEST(writable_while_there_is_room_never_exceptional)
{
    world_run(exceptional_body);
}
END_TEST

/* --- waiters ----------------------------------------------------------------------------------- */

static void
wakeup_body(struct world *world)
{
    void (*const bodies[])(struct world_thread *) = {select_readable, kevent_readable};
    struct world_thread waiters[2];
    struct wire wire;

    wire_open(&wire, world, "tun0");
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 2; i++)
            waiter_start(&waiters[i], world, wire.fd, bodies[i]);
        /* From before they look to long after. */
        ksim_system_sleep(world->root, (uint64_t)round * 700);
        send_to_reader("tun0", 1);
        for (int i = 0; i < 2; i++) {
            world_thread_join(&waiters[i]);
            ck_assert_int_eq(waiters[i].result, 1);
        }
        ck_assert_int_eq(wire_read(&wire), 84);
        ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
    }
    wire_close(&wire);
}

START_TEST(no_wakeup_is_lost_on_every_schedule)
{
    world_run_seed((uint64_t)_i, wakeup_body);
}
END_TEST

/* C03: more than the queue holds, in one list, to a sleeper. */
static void
overflow_body(struct world *world)
{
    uint8_t packet[WIRE_ECHO_BYTES];
    size_t length = world_echo_request(packet, 1, 56);
    struct world_thread waiter;
    struct wire wire;
    int count = 0;

    wire_open(&wire, world, "tun0");
    waiter_start(&waiter, world, wire.fd, select_readable);
    world_sleep_ms(world, 1);
    ck_assert_int_eq(kernel_view_output("tun0", packet, length, 129), KSIM_ENOBUFS);
    world_thread_join(&waiter);
    ck_assert_int_eq(waiter.result, 1);
    while (wire_read(&wire) == 84)
        count++;
    ck_assert_int_eq(count, 128);
    wire_close(&wire);
}

START_TEST(a_list_that_overflows_the_queue_wakes_the_waiter)
{
    world_run(overflow_body);
}
END_TEST

enum end { END_DOWN, END_FOREIGN_DETACH, END_CLOSE, END_REVOKE, END_COUNT };

static void
end_session(struct world *world, int fd, enum end end)
{
    switch (end) {
    case END_DOWN:
        ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
        break;
    case END_FOREIGN_DETACH:
        ck_assert_int_eq(foreign_hand_detach("tap0"), 0);
        break;
    case END_REVOKE:
        ck_assert_int_eq(ksim_system_revoke(world->root, "/dev/tap0"), 0);
        break;
    default:
        world_close(world, fd);
        break;
    }
}

static void
ends_body(struct world *world)
{
    for (enum end end = END_DOWN; end < END_COUNT; end++) {
        struct world_thread waiters[3];
        struct wire wire;

        wire_open(&wire, world, "tap0");
        for (int i = 0; i < 3; i++)
            waiter_start(&waiters[i], world, wire.fd,
                         i == 1 ? kevent_readable : select_readable);
        world_sleep_ms(world, 1);
        end_session(world, wire.fd, end);
        for (int i = 0; i < 3; i++) {
            world_thread_join(&waiters[i]);
            ck_assert_msg(waiters[i].result == (end == END_CLOSE ? -KSIM_EBADF : 1),
                          "end %d, waiter %d: %d", (int)end, i, (int)waiters[i].result);
        }
        if (end != END_CLOSE)
            wire_close(&wire);
        world_sleep_ms(world, WORLD_DETACH_MS);
    }
}

START_TEST(every_waiter_is_told_when_the_session_ends_on_every_schedule)
{
    world_run_seed((uint64_t)_i, ends_body);
}
END_TEST

static void
two_units_body(struct world *world)
{
    int fds[2] = {world_open_up(world, "tun0"), world_open_up(world, "tun1")}, on = 1;
    uint8_t packet[2048];
    int counts[2] = {0, 0};

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(world_ioctl_int(world, fds[i], WORLD_FIONBIO, &on), 0);
    world_sleep_ms(world, 100);
    for (int i = 0; i < 2; i++) {
        while (world_read(world, fds[i], packet, sizeof(packet)) > 0)
            ;
    }
    send_to_reader("tun0", 100);
    send_to_reader("tun1", 100);
    /* One packet per event, whoever is ready: nobody starves. */
    for (int event = 0; event < 200; event++) {
        struct ksim_fd_set readable = {{UINT64_C(1) << fds[0] | UINT64_C(1) << fds[1]}};
        int ready = ksim_system_select(world->root, 16, &readable, NULL, NULL, -1);

        ck_assert_int_eq(ready, (counts[0] < 100) + (counts[1] < 100));
        for (int i = 0; i < 2; i++) {
            if ((readable.bits[0] >> fds[i] & 1) != 0) {
                ck_assert_int_eq(world_read(world, fds[i], packet, sizeof(packet)), 84);
                counts[i]++;
            }
        }
        if (counts[0] + counts[1] == 200)
            break;
    }
    ck_assert_int_eq(counts[0], 100);
    ck_assert_int_eq(counts[1], 100);
    for (int i = 0; i < 2; i++)
        world_close(world, fds[i]);
}

START_TEST(two_units_in_one_select_do_not_starve_each_other)
{
    world_run(two_units_body);
}
END_TEST

/* --- kevent and poll, release by release ------------------------------------------------------- */

static void
kqueue_body(struct world *world)
{
    struct ksim_pollfd poll = {.fd = world_open_up(world, "tun0"), .events = KSIM_POLLIN};
    int answer = ksim_darwin_major(world->kernel) < 15 ? -KSIM_EINVAL : 1;

    ck_assert_int_eq(ksim_system_poll(world->root, &poll, 1, 0), 1);
    ck_assert_int_eq(poll.revents, KSIM_POLLNVAL);
    ck_assert_int_eq(ksim_system_kevent(world->root, poll.fd, KSIM_EVFILT_READ, 0, 0, 0),
                     -KSIM_EINVAL);
    send_to_reader("tun0", 1);
    ck_assert_int_eq(
        ksim_system_kevent(world->root, poll.fd, KSIM_EVFILT_READ, KSIM_NOTE_LOWAT, 1, 0), answer);
    world_close(world, poll.fd);
}

START_TEST(poll_and_kevent_are_what_each_release_lets_a_device_have)
{
    world_run_with(&(struct world_options){.darwin_major = _i}, kqueue_body);
}
END_TEST

/* --- ioctls about readiness -------------------------------------------------------------------- */

static void
next_length_body(struct world *world)
{
    int value = 1, off = 0;
    struct wire wire;

    wire_open(&wire, world, "tun0");
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNSIFHEAD, &value), 0);
    send_to_reader("tun0", 1);
    ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNSIFHEAD, &off), 0);
    send_to_reader("tun0", 1);
    /* A packet keeps the mode it was queued with, and FIONREAD knows. */
    for (int i = 0; i < 3; i++) {
        static const int lengths[] = {88, 84, 0};

        ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_FIONREAD, &value), 0);
        ck_assert_int_eq(value, lengths[i]);
        ck_assert_int_eq(wire_read(&wire), value > 0 ? value : -KSIM_EWOULDBLOCK);
    }
    wire_close(&wire);
}

START_TEST(fionread_is_what_the_next_read_returns_in_either_mode)
{
    world_run(next_length_body);
}
END_TEST

static Suite *
select_suite(void)
{
    Suite *suite = suite_create("select");
    TCase *cases = tcase_create("select");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_device_that_is_not_up_is_ready_and_the_next_call_says_eio);
    tcase_add_test(cases, readable_lasts_as_long_as_packets_do);
    tcase_add_test(cases, writable_while_there_is_room_never_exceptional);
    tcase_add_loop_test(cases, no_wakeup_is_lost_on_every_schedule, 0, 100);
    tcase_add_test(cases, a_list_that_overflows_the_queue_wakes_the_waiter);
    tcase_add_loop_test(cases, every_waiter_is_told_when_the_session_ends_on_every_schedule, 0,
                        40);
    tcase_add_test(cases, two_units_in_one_select_do_not_starve_each_other);
    tcase_add_loop_test(cases, poll_and_kevent_are_what_each_release_lets_a_device_have, 10, 25);
    tcase_add_test(cases, fionread_is_what_the_next_read_returns_in_either_mode);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(select_suite)
