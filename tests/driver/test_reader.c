/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread in read: what it gets, what wakes it, what it never loses (facts/museum.md B07, C01, C04, D01, D08, D09). */
#include <string.h>

#include "main.h"
#include "world.h"

/* Puts one answer into the device's queue: an echo request the emulated stack replies to. */
static void
provoke_reply(struct world *world, int fd, uint16_t sequence)
{
    uint8_t packet[128];
    size_t length = world_echo_request(packet, sequence, 56);

    ck_assert_int_eq(world_write(world, fd, packet, length), (int64_t)length);
}

static void
before_up_body(struct world *world)
{
    static const char *const names[] = {"tun1", "tap1"};
    uint8_t packet[100] = {0x45};

    for (int i = 0; i < 2; i++) {
        int fd = world_open(world, names[i]);

        ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EIO);
        ck_assert_int_eq(world_write(world, fd, packet, sizeof(packet)), -KSIM_EIO);
        world_close(world, fd);
    }
}

START_TEST(before_up_read_and_write_are_eio)
{
    world_run(before_up_body);
}
END_TEST

static void
blocked_read_body(struct world *world)
{
    int fd = world_open_up(world, "tun0");
    struct world_thread reader = {
        .world = world, .process = world->root, .body = world_thread_read, .fd = fd};

    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 50);
    ck_assert(!reader.done);
    provoke_reply(world, fd, 1);
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, 84);
    ck_assert_uint_eq(reader.buffer[0] >> 4, 4);
    ck_assert_uint_eq(reader.buffer[20], 0); /* an echo reply */
    world_close(world, fd);
}

START_TEST(a_sleeping_reader_gets_the_next_packet)
{
    world_run(blocked_read_body);
}
END_TEST

START_TEST(a_sleeping_reader_gets_the_next_packet_on_every_schedule)
{
    world_run_seed((uint64_t)_i, blocked_read_body);
}
END_TEST

static void
down_wakes_body(struct world *world)
{
    int fd = world_open_up(world, "tap0");
    struct world_thread reader = {
        .world = world, .process = world->root, .body = world_thread_read, .fd = fd};

    uint8_t drained[2048];
    int on = 1, off = 0;

    /* Given a queue without the announcements of the address, */
    world_sleep_ms(world, 100);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    while (world_read(world, fd, drained, sizeof(drained)) > 0)
        ;
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &off), 0);
    /* when the interface goes down under a sleeping reader, it wakes with EIO. */
    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 50);
    ck_assert(!reader.done);
    ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, -KSIM_EIO);
    world_close(world, fd);
}

START_TEST(a_sleeping_reader_is_told_when_the_interface_goes_down)
{
    world_run(down_wakes_body);
}
END_TEST

START_TEST(a_sleeping_reader_is_told_on_every_schedule)
{
    world_run_seed((uint64_t)_i, down_wakes_body);
}
END_TEST

static void
signal_body(struct world *world)
{
    int fd = world_open_up(world, "tun0");
    struct process *child = ksim_system_fork(world->root);
    struct world_thread reader = {
        .world = world, .process = child, .body = world_thread_read, .fd = fd};

    ksim_signal_set(child, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 50);
    ck_assert_int_eq(ksim_system_kill(child, KSIM_SIGUSR1), 0);
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, -KSIM_EINTR);
    /* No packet was lost: the next one goes to the next read. */
    provoke_reply(world, fd, 9);
    world_thread_start(&reader, "reader");
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, 84);
    ck_assert_int_eq(ksim_system_kill(child, KSIM_SIGKILL), 0);
    world_close(world, fd);
}

START_TEST(a_signal_is_eintr_and_loses_no_packet)
{
    world_run(signal_body);
}
END_TEST

static void
nonblocking_body(struct world *world)
{
    uint8_t packet[2048];
    int on = 1;
    int fd = world_open_up(world, "tun0");
    int session2;

    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EWOULDBLOCK);
    world_close(world, fd);
    world_sleep_ms(world, 10);
    /* The next session blocks again: its read waits for the packet. */
    session2 = world_open_up(world, "tun0");
    struct world_thread reader = {
        .world = world, .process = world->root, .body = world_thread_read, .fd = session2};
    world_thread_start(&reader, "reader");
    world_sleep_ms(world, 20);
    ck_assert(!reader.done);
    /* FIONBIO from outside releases it. */
    ck_assert_int_eq(world_ioctl_int(world, session2, WORLD_FIONBIO, &on), 0);
    world_thread_join(&reader);
    ck_assert_int_eq(reader.result, -KSIM_EWOULDBLOCK);
    world_close(world, session2);
}

START_TEST(nonblocking_mode_ends_with_its_session)
{
    world_run(nonblocking_body);
}
END_TEST

static void
o_nonblock_body(struct world *world)
{
    uint8_t packet[64];
    int fd = ksim_system_open(world->root, "/dev/tun2", KSIM_O_RDWR | KSIM_O_NONBLOCK);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ifconfig_up(world->root, "tun2"), 0);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EWOULDBLOCK);
    world_close(world, fd);
}

START_TEST(open_with_o_nonblock_does_not_block)
{
    world_run(o_nonblock_body);
}
END_TEST

static void
short_buffer_body(struct world *world)
{
    uint8_t packet[2048];
    int next = 0;
    int fd = world_open_up(world, "tun0");

    provoke_reply(world, fd, 1);
    provoke_reply(world, fd, 2);
    world_sleep_ms(world, 10);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONREAD, &next), 0);
    ck_assert_int_eq(next, 84);
    ck_assert_int_eq(world_read(world, fd, packet, 10), 10);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), 84);
    ck_assert_uint_eq(packet[27], 2); /* the second packet, whole */
    world_close(world, fd);
}

START_TEST(one_read_is_one_packet_whatever_the_buffer)
{
    world_run(short_buffer_body);
}
END_TEST

static void
fault_body(struct world *world)
{
    uint8_t packet[2048];
    int fd = world_open_up(world, "tun0");

    provoke_reply(world, fd, 1);
    provoke_reply(world, fd, 2);
    world_sleep_ms(world, 10);
    ksim_user_fault_at(world->root, packet, sizeof(packet), 30);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EFAULT);
    ksim_user_unmap(world->root, packet);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), 84);
    ck_assert_uint_eq(packet[27], 2);
    world_close(world, fd);
}

START_TEST(a_faulting_buffer_costs_one_packet_and_nothing_else)
{
    world_run(fault_body);
}
END_TEST

static void
sessions_body(struct world *world)
{
    uint8_t packet[2048];
    int on = 1;
    int fd = world_open_up(world, "tun0");

    provoke_reply(world, fd, 1);
    world_sleep_ms(world, 10);
    world_close(world, fd);
    world_sleep_ms(world, 10);
    fd = world_open_up(world, "tun0");
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), -KSIM_EWOULDBLOCK);
    world_close(world, fd);
}

START_TEST(no_packet_of_one_session_reaches_the_next)
{
    world_run(sessions_body);
}
END_TEST

static void
select_body(struct world *world)
{
    int fd = world_open(world, "tun0");
    struct ksim_fd_set readable = {{0}}, writable = {{0}};

    /* Not up: ready, so that the next call reports EIO. */
    readable.bits[0] = writable.bits[0] = UINT64_C(1) << fd;
    ck_assert_int_eq(ksim_system_select(world->root, fd + 1, &readable, &writable, NULL, 0), 2);
    world_close(world, fd);
    world_sleep_ms(world, 10);
    fd = world_open_up(world, "tun0");
    readable.bits[0] = UINT64_C(1) << fd;
    ck_assert_int_eq(ksim_system_select(world->root, fd + 1, &readable, NULL, NULL,
                                        5 * WORLD_MS_NS), 0);
    provoke_reply(world, fd, 3);
    readable.bits[0] = UINT64_C(1) << fd;
    ck_assert_int_eq(ksim_system_select(world->root, fd + 1, &readable, NULL, NULL, -1), 1);
    world_close(world, fd);
}

START_TEST(select_says_ready_when_the_next_call_would_not_wait)
{
    world_run(select_body);
}
END_TEST

static void
poll_body(struct world *world)
{
    struct ksim_pollfd poll = {.fd = world_open_up(world, "tun0"), .events = KSIM_POLLIN};

    ck_assert_int_eq(ksim_system_poll(world->root, &poll, 1, 0), 1);
    ck_assert_int_eq(poll.revents, KSIM_POLLNVAL);
    ck_assert_int_eq(ksim_system_kevent(world->root, poll.fd, KSIM_EVFILT_READ, 0, 0, 0),
                     -KSIM_EINVAL);
    provoke_reply(world, poll.fd, 1);
    world_sleep_ms(world, 5);
    ck_assert_int_eq(ksim_system_kevent(world->root, poll.fd, KSIM_EVFILT_READ, KSIM_NOTE_LOWAT, 1,
                                        WORLD_MS_NS), 1);
    world_close(world, poll.fd);
}

START_TEST(poll_and_kevent_are_what_xnu_lets_a_device_have)
{
    world_run(poll_body);
}
END_TEST

static Suite *
reader_suite(void)
{
    Suite *suite = suite_create("reader");
    TCase *cases = tcase_create("reader");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, before_up_read_and_write_are_eio);
    tcase_add_test(cases, a_sleeping_reader_gets_the_next_packet);
    tcase_add_loop_test(cases, a_sleeping_reader_gets_the_next_packet_on_every_schedule, 0, 50);
    tcase_add_test(cases, a_sleeping_reader_is_told_when_the_interface_goes_down);
    tcase_add_loop_test(cases, a_sleeping_reader_is_told_on_every_schedule, 0, 50);
    tcase_add_test(cases, a_signal_is_eintr_and_loses_no_packet);
    tcase_add_test(cases, nonblocking_mode_ends_with_its_session);
    tcase_add_test(cases, open_with_o_nonblock_does_not_block);
    tcase_add_test(cases, one_read_is_one_packet_whatever_the_buffer);
    tcase_add_test(cases, a_faulting_buffer_costs_one_packet_and_nothing_else);
    tcase_add_test(cases, no_packet_of_one_session_reaches_the_next);
    tcase_add_test(cases, select_says_ready_when_the_next_call_would_not_wait);
    tcase_add_test(cases, poll_and_kevent_are_what_xnu_lets_a_device_have);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(reader_suite)
