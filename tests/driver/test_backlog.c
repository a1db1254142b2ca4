/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that were written and that the stack has not looked at: how many there may be, and when a
 * writer may come again (facts/museum.md section 0, A01, B14, B15; core/backlog.h).
 *
 * In a benign run the input thread gets no time before the writer sleeps, so a writer who does not is
 * faster than the stack. Under a seed a filter that holds the input thread does the same.
 */
#include <string.h>

#include <foreign_hand.h>

#include "faults.h"
#include "feeders.h"
#include "kernel_bridge.h"
#include "kernel_view.h"
#include "kernel_watch.h"
#include "main.h"
#include "wire.h"

enum { LIMIT = 512, LOW = 384, MANY = 3000 };

static uint8_t buffer[WIRE_PACKET_BYTES];
static size_t length;

static const int releases[] = {10, 13, 19, 24};
enum { RELEASE_COUNT = 4, KIND_COUNT = 2, CASE_COUNT = RELEASE_COUNT * KIND_COUNT };
static const char *const names[KIND_COUNT] = {"tun0", "tap0"};

/* Which unit this run is about. */
static const char *
name_of(struct world *world)
{
    return world->argument;
}

/* Opens it, with a watch behind demux that lets nothing pass to the stack: no answers. */
static void
begin(struct wire *wire, struct world *world, const char *name)
{
    wire_open(wire, world, name);
    length = wire->ethernet ? world_echo_frame(buffer, wire_broadcast, 1, 56)
                            : world_echo_request(buffer, 1, 56);
    ck_assert_int_eq(kernel_watch_start(name, true), 0);
}

static void
end(struct wire *wire)
{
    kernel_watch_stop();
    wire_close(wire);
}

static int64_t
write_one(struct wire *wire)
{
    return world_write(wire->world, wire->fd, buffer, length);
}

/* Writes until it is refused; how many were taken. */
static unsigned
fill(struct wire *wire)
{
    unsigned taken = 0;
    int64_t result;

    while ((result = write_one(wire)) == (int64_t)length && taken < 10 * LIMIT)
        taken++;
    ck_assert_int_eq(result, -KSIM_ENOBUFS);
    return taken;
}

static unsigned
arrived(void)
{
    struct kernel_watch watch;

    kernel_watch_read(&watch);
    return watch.packets_in;
}

static int
writable_within(struct world *world, int fd, int64_t timeout_ns)
{
    struct ksim_fd_set writable = {{UINT64_C(1) << fd}};

    return ksim_system_select(world->root, fd + 1, NULL, &writable, NULL, timeout_ns);
}

/* When the last of those who wait to write was told. */
static uint64_t told_ns;

static void
select_writable(struct world_thread *thread)
{
    thread->result = writable_within(thread->world, thread->fd, -1);
    told_ns = ksim_system_time_ns();
}

static void
kevent_writable(struct world_thread *thread)
{
    thread->result = ksim_system_kevent(thread->process, thread->fd, KSIM_EVFILT_WRITE,
                                        KSIM_NOTE_LOWAT, 1, -1);
    told_ns = ksim_system_time_ns();
}

static void
waiter_start(struct world_thread *waiter, struct wire *wire, void (*body)(struct world_thread *))
{
    *waiter = (struct world_thread){
        .world = wire->world, .process = wire->world->root, .fd = wire->fd, .body = body};
    world_thread_start(waiter, "waiter");
}

/* --- the limit --------------------------------------------------------------------------------- */

static void
limit_body(struct world *world)
{
    const char *name = name_of(world);
    struct kernel_view_counters counters, before;
    struct wire wire;

    begin(&wire, world, name);
    ck_assert_int_eq(kernel_view_counters(name, &before), 0);
    for (unsigned round = 1; round <= 3; round++) {
        ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
        ck_assert_uint_eq(fill(&wire), LIMIT);
        for (int i = 0; i < 3; i++)
            ck_assert_int_eq(write_one(&wire), -KSIM_ENOBUFS);
        ck_assert_int_eq(writable_within(world, wire.fd, 0), 0);
        ck_assert_uint_eq(arrived(), (round - 1) * LIMIT);
        world_sleep_ms(world, 50);
        /* Everything that was taken has arrived, nothing that was refused has. */
        ck_assert_uint_eq(arrived(), round * LIMIT);
    }
    ck_assert_uint_eq(wire_status_packets(world, name, "in delivered"), 3 * LIMIT);
    ck_assert_uint_eq(wire_status_packets(world, name, "in full"), 3 * 4);
    ck_assert_int_eq(kernel_view_counters(name, &counters), 0);
    ck_assert_uint_eq(counters.packets_in - before.packets_in, 3 * LIMIT);
    ck_assert_uint_eq(counters.errors_in, 0);
    end(&wire);
}

/* One of the releases, one of the kinds. */
static void
run_case(int number, world_body body)
{
    world_run_with(&(struct world_options){.darwin_major = releases[number % RELEASE_COUNT],
                                           .argument = (void *)names[number / RELEASE_COUNT]},
                   body);
}

START_TEST(exactly_the_limit_is_taken_then_enobufs_until_the_stack_has_looked)
{
    run_case(_i, limit_body);
}
END_TEST

/* What is no packet is told so, full or not. */
static void
bad_body(struct world *world)
{
    struct wire wire;

    begin(&wire, world, "tap0");
    fill(&wire);
    ck_assert_int_eq(world_write(world, wire.fd, buffer, 0), -KSIM_EINVAL);
    ck_assert_int_eq(world_write(world, wire.fd, buffer, 13), -KSIM_EINVAL);
    ck_assert_int_eq(world_write(world, wire.fd, buffer, 4000), -KSIM_EMSGSIZE);
    ksim_user_fault_at(world->root, buffer, sizeof(buffer), 20);
    ck_assert_int_eq(write_one(&wire), -KSIM_EFAULT);
    ksim_user_unmap(world->root, buffer);
    ck_assert_int_eq(write_one(&wire), -KSIM_ENOBUFS);
    end(&wire);
}

START_TEST(a_bad_packet_has_its_own_error_also_when_full)
{
    world_run(bad_body);
}
END_TEST

/* A01: what the kernel refused is freed once, is EIO, and takes no room. */
static void
refused_body(struct world *world)
{
    struct faults *faults = world->argument;
    struct wire wire;

    begin(&wire, world, "tun0");
    faults_arm(faults, "ifnet_input", 0, 2 * LIMIT);
    for (unsigned i = 0; i < 2 * LIMIT; i++)
        ck_assert_int_eq(write_one(&wire), -KSIM_EIO);
    ck_assert_uint_eq(faults->failed, 2 * LIMIT);
    ck_assert_uint_eq(fill(&wire), LIMIT);
    /* Refused by the kernel at the very limit. */
    world_sleep_ms(world, 50);
    for (unsigned i = 0; i < LIMIT - 1; i++)
        ck_assert_int_eq(write_one(&wire), (int64_t)length);
    faults_arm(faults, "ifnet_input", 0, 1);
    ck_assert_int_eq(write_one(&wire), -KSIM_EIO);
    ck_assert_int_eq(write_one(&wire), (int64_t)length);
    ck_assert_int_eq(write_one(&wire), -KSIM_ENOBUFS);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in refused"), 2 * LIMIT + 1);
    end(&wire);
}

START_TEST(what_the_kernel_refuses_takes_no_room)
{
    faults_run(refused_body);
}
END_TEST

/* Packets that another kext puts in come to demux, too. */
static void
strangers_body(struct world *world)
{
    uint8_t packet[WIRE_ECHO_BYTES];
    struct wire wire;
    unsigned taken;

    begin(&wire, world, "tun0");
    world_echo_request(packet, 1, 56);
    for (unsigned i = 0; i < LIMIT + 7; i++)
        ck_assert_int_eq(kernel_view_input("tun0", packet, sizeof(packet)), 0);
    world_sleep_ms(world, 50);
    ck_assert_uint_eq(arrived(), LIMIT + 7);
    taken = fill(&wire);
    ck_assert_uint_eq(taken, LIMIT);
    end(&wire);
}

START_TEST(packets_of_strangers_make_no_room)
{
    world_run(strangers_body);
}
END_TEST

/* --- waiting ----------------------------------------------------------------------------------- */

/* Not writable from the limit to the low mark, for those who were refused and those who only ask. */
static void
mark_body(struct world *world)
{
    struct world_thread waiters[2];
    struct wire wire;

    begin(&wire, world, name_of(world));
    for (int refused = 0; refused < 2; refused++) {
        kernel_watch_hold(true);
        if (refused)
            fill(&wire);
        else
            for (unsigned i = 0; i < LIMIT; i++)
                ck_assert_int_eq(write_one(&wire), (int64_t)length);
        ck_assert_int_eq(writable_within(world, wire.fd, 0), 0);
        waiter_start(&waiters[0], &wire, select_writable);
        waiter_start(&waiters[1], &wire, select_writable);
        /* The filter has the first packet; the rest is not looked at. */
        world_sleep_ms(world, 50);
        ck_assert(!waiters[0].done && !waiters[1].done);
        /* Room for one, but not yet for those who wait. */
        ck_assert_int_eq(write_one(&wire), (int64_t)length);
        ck_assert_int_eq(write_one(&wire), -KSIM_ENOBUFS);
        ck_assert_int_eq(writable_within(world, wire.fd, WORLD_MS_NS), 0);
        kernel_watch_hold(false);
        for (int i = 0; i < 2; i++) {
            world_thread_join(&waiters[i]);
            ck_assert_int_eq(waiters[i].result, 1);
        }
        world_sleep_ms(world, 50);
        ck_assert_uint_eq(arrived(), (unsigned)(refused + 1) * (LIMIT + 1));
    }
    end(&wire);
}

START_TEST(select_waits_until_the_low_mark)
{
    run_case(_i, mark_body);
}
END_TEST

static void
kevent_body(struct world *world)
{
    struct world_thread waiter;
    struct wire wire;

    begin(&wire, world, "tap0");
    kernel_watch_hold(true);
    fill(&wire);
    ck_assert_int_eq(ksim_system_kevent(world->root, wire.fd, KSIM_EVFILT_WRITE, KSIM_NOTE_LOWAT, 1,
                                        WORLD_MS_NS), 0);
    waiter_start(&waiter, &wire, kevent_writable);
    world_sleep_ms(world, 10);
    ck_assert(!waiter.done);
    kernel_watch_hold(false);
    world_thread_join(&waiter);
    ck_assert_int_eq(waiter.result, 1);
    end(&wire);
}

START_TEST(kevent_waits_like_select)
{
    world_run_with(&(struct world_options){.darwin_major = _i}, kevent_body);
}
END_TEST

/* A program as it should be: writes, and selects when it is told to. */
static void
program_body(struct world *world)
{
    uint64_t sent = 0, refused = 0;
    struct wire wire;

    begin(&wire, world, world->argument == NULL ? "tun0" : name_of(world));
    kernel_watch_hold(true);
    while (sent < MANY) {
        int64_t result = write_one(&wire);

        if (result == (int64_t)length) {
            sent++;
            continue;
        }
        ck_assert_int_eq(result, -KSIM_ENOBUFS);
        refused++;
        kernel_watch_hold(false);
        ck_assert_int_eq(writable_within(world, wire.fd, -1), 1);
        kernel_watch_hold(true);
    }
    kernel_watch_hold(false);
    world_sleep_ms(world, 100);
    ck_assert_uint_ge(refused, 3);
    ck_assert_uint_eq(arrived(), MANY);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in delivered"), sent);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in full"), refused);
    end(&wire);
}

START_TEST(no_wakeup_and_no_packet_is_lost_on_every_schedule)
{
    world_run_seed((uint64_t)_i, program_body);
}
END_TEST

/* Several writers at once share the room. */
static void
writer_thread(struct world_thread *thread)
{
    for (thread->result = 0; thread->result < MANY / 4;) {
        if (world_write(thread->world, thread->fd, buffer, length) == (int64_t)length)
            thread->result++;
        else
            ck_assert_int_eq(writable_within(thread->world, thread->fd, -1), 1);
    }
}

static void
writers_body(struct world *world)
{
    struct world_thread writers[4];
    struct wire wire;

    begin(&wire, world, "tun0");
    kernel_watch_hold(true);
    for (int i = 0; i < 4; i++)
        waiter_start(&writers[i], &wire, writer_thread);
    world_sleep_ms(world, 20);
    ck_assert_uint_le(wire_status_packets(world, "tun0", "in delivered"), LIMIT + 1);
    kernel_watch_hold(false);
    for (int i = 0; i < 4; i++)
        world_thread_join(&writers[i]);
    world_sleep_ms(world, 50);
    ck_assert_uint_eq(arrived(), MANY);
    ck_assert_uint_eq(wire_status_packets(world, "tun0", "in delivered"), MANY);
    end(&wire);
}

START_TEST(writers_share_the_room_on_every_schedule)
{
    world_run_seed((uint64_t)_i, writers_body);
}
END_TEST

/* B15: the stack keeps everything for two seconds. */
static void
late_body(struct world *world)
{
    struct wire wire;

    begin(&wire, world, "tap0");
    kernel_watch_hold(true);
    fill(&wire);
    for (int i = 0; i < 20; i++) {
        uint64_t start_ns = ksim_system_time_ns();

        while (write_one(&wire) == (int64_t)length)
            ;
        ck_assert_uint_lt(ksim_system_time_ns() - start_ns, WORLD_MS_NS);
        world_sleep_ms(world, 100);
    }
    ck_assert_uint_eq(wire_status_packets(world, "tap0", "in delivered"), LIMIT + 1);
    kernel_watch_hold(false);
    ck_assert_int_eq(writable_within(world, wire.fd, -1), 1);
    end(&wire);
}

START_TEST(a_stack_that_keeps_packets_makes_no_writer_wait)
{
    world_run(late_body);
}
END_TEST

/* --- ends -------------------------------------------------------------------------------------- */

static void
down_body(struct world *world)
{
    const char *name = name_of(world);
    struct world_thread waiter;
    struct wire wire;

    begin(&wire, world, name);
    fill(&wire);
    waiter_start(&waiter, &wire, select_writable);
    ck_assert_int_eq(ifconfig_down(world->root, name), 0);
    ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
    ck_assert_int_eq(write_one(&wire), -KSIM_EIO);
    ck_assert_int_eq(ifconfig_up(world->root, name), 0);
    ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
    world_thread_join(&waiter);
    ck_assert_int_eq(waiter.result, 1);
    /* What was on its way before comes by as well, and the room stays what it is. */
    world_sleep_ms(world, 50);
    ck_assert_uint_eq(arrived(), LIMIT);
    ck_assert_uint_eq(fill(&wire), LIMIT);
    end(&wire);
}

START_TEST(a_full_backlog_is_forgotten_when_the_interface_goes_down)
{
    run_case(_i, down_body);
}
END_TEST

static void
reopen_body(struct world *world)
{
    const char *name = world->argument == NULL ? "tap0" : name_of(world);
    struct wire wire;

    for (int round = 0; round < 3; round++) {
        begin(&wire, world, name);
        kernel_watch_hold(true);
        ck_assert_uint_ge(fill(&wire), LIMIT);
        kernel_watch_hold(false);
        end(&wire);
    }
    begin(&wire, world, name);
    ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
    ck_assert_int_eq(write_one(&wire), (int64_t)length);
    world_sleep_ms(world, 20);
    ck_assert_uint_eq(arrived(), 1);
    end(&wire);
}

START_TEST(a_session_begins_with_all_the_room)
{
    run_case(_i, reopen_body);
}
END_TEST

START_TEST(a_session_begins_with_all_the_room_on_every_schedule)
{
    world_run_seed((uint64_t)_i, reopen_body);
}
END_TEST

/* A writer parked anywhere while the session ends leaves nothing to the next one. */
struct parked {
    struct feeder_preempt preempt;
    bool foreign; /* another kext detaches the interface; else the device is revoked */
    bool taken, refused;
};

static void
parked_writer(struct world_thread *thread)
{
    struct parked *parked = thread->world->argument;

    parked->preempt.armed = true;
    thread->result = world_write(thread->world, thread->fd, buffer, length);
    parked->preempt.armed = false;
}

static void
parked_ender(struct world_thread *thread)
{
    const struct parked *parked = thread->world->argument;

    thread->result = parked->foreign ? foreign_hand_detach("tap0")
                                     : ksim_system_revoke(thread->process, "/dev/tap0");
}

static void
parked_body(struct world *world)
{
    struct parked *parked = world->argument;
    struct world_thread writer, ender;
    struct wire wire;

    begin(&wire, world, "tap0");
    waiter_start(&writer, &wire, parked_writer);
    waiter_start(&ender, &wire, parked_ender);
    world_thread_join(&writer);
    world_thread_join(&ender);
    ck_assert_int_eq(ender.result, 0);
    parked->taken |= writer.result == (int64_t)length;
    parked->refused |= writer.result < 0;
    wire_close(&wire);
    world_sleep_ms(world, WORLD_DETACH_MS);
    begin(&wire, world, "tap0");
    ck_assert_uint_eq(fill(&wire), LIMIT);
    end(&wire);
}

START_TEST(a_writer_parked_while_the_session_ends_leaves_nothing_to_the_next)
{
    struct parked parked = {.foreign = _i >= RELEASE_COUNT};
    uint32_t at = 0;

    do {
        feeder_preempt_start(&parked.preempt, at);
        world_run_with(&(struct world_options){.feeder = &parked.preempt.feeder,
                                               .darwin_major = releases[_i % RELEASE_COUNT],
                                               .argument = &parked},
                       parked_body);
    } while (at++ < parked.preempt.seen);
    ck_assert(parked.taken);
    /* 10.6 keeps a detached interface until its protocols have gone, and the session with it. */
    ck_assert(parked.refused || _i == RELEASE_COUNT);
}
END_TEST

enum { END_DOWN, END_FOREIGN_DETACH, END_CLOSE, END_REVOKE, END_COUNT };

/* The kernel cannot detach what the input thread is inside of. */
static void
release_thread(struct world_thread *thread)
{
    world_sleep_ms(thread->world, 20);
    thread->result = (int64_t)ksim_system_time_ns();
    kernel_watch_hold(false);
}

static void
ends_body(struct world *world)
{
    struct world_thread waiters[2], releaser;
    struct wire wire;

    for (int how = END_DOWN; how < END_COUNT; how++) {
        begin(&wire, world, "tap0");
        kernel_watch_hold(true);
        fill(&wire);
        waiter_start(&waiters[0], &wire, select_writable);
        waiter_start(&waiters[1], &wire, kevent_writable);
        world_sleep_ms(world, 1);
        ck_assert(!waiters[0].done && !waiters[1].done);
        waiter_start(&releaser, &wire, release_thread);
        if (how == END_DOWN)
            ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
        else if (how == END_FOREIGN_DETACH)
            ck_assert_int_eq(foreign_hand_detach("tap0"), 0);
        else if (how == END_REVOKE)
            ck_assert_int_eq(ksim_system_revoke(world->root, "/dev/tap0"), 0);
        else
            world_close(world, wire.fd);
        for (int i = 0; i < 2; i++) {
            world_thread_join(&waiters[i]);
            ck_assert_int_eq(waiters[i].result, how == END_CLOSE ? -KSIM_EBADF : 1);
        }
        world_thread_join(&releaser);
        /* At the end of the session, not because the stack went on. */
        if (how != END_FOREIGN_DETACH)
            ck_assert_uint_lt(told_ns, (uint64_t)releaser.result);
        if (how != END_CLOSE)
            wire_close(&wire);
        /* The filter goes with the interface. */
        world_sleep_ms(world, WORLD_DETACH_MS);
    }
}

START_TEST(whoever_waits_to_write_is_told_when_the_session_ends_on_every_schedule)
{
    world_run_seed((uint64_t)_i, ends_body);
}
END_TEST

/* --- bridges ----------------------------------------------------------------------------------- */

/* On macOS 15 a bridge takes the frames before demux is asked; nobody counts them off. */
static void
bridge_body(struct world *world)
{
    struct wire wire;

    begin(&wire, world, "tap0");
    fill(&wire);
    ck_assert_int_eq(writable_within(world, wire.fd, 0), 0);
    ck_assert_int_eq(kernel_bridge_join("tap0"), 0);
    ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
    kernel_watch_stop();
    wire_drain(&wire);
    for (unsigned i = 0; i < 4 * LIMIT; i++) {
        ck_assert_int_eq(write_one(&wire), (int64_t)length);
        ck_assert_int_eq(writable_within(world, wire.fd, 0), 1);
        if (i % 100 == 0)
            world_sleep_ms(world, 1);
    }
    world_sleep_ms(world, 50);
    ck_assert_uint_ge(kernel_bridge_taken(), 4 * LIMIT);
    /* Down and up it is a member still. */
    ck_assert_int_eq(ifconfig_down(world->root, "tap0"), 0);
    ck_assert_int_eq(ifconfig_up(world->root, "tap0"), 0);
    for (unsigned i = 0; i < LIMIT + 1; i++)
        ck_assert_int_eq(write_one(&wire), (int64_t)length);
    world_sleep_ms(world, 50);
    kernel_bridge_leave();
    ck_assert_int_eq(kernel_watch_start("tap0", true), 0);
    ck_assert_uint_eq(fill(&wire), LIMIT);
    ck_assert_int_eq(writable_within(world, wire.fd, -1), 1);
    end(&wire);
}

START_TEST(a_bridge_that_takes_frames_early_wedges_nobody)
{
    world_run_with(&(struct world_options){.darwin_major = releases[_i]}, bridge_body);
}
END_TEST

static Suite *
backlog_suite(void)
{
    Suite *suite = suite_create("backlog");
    TCase *cases = tcase_create("backlog");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, exactly_the_limit_is_taken_then_enobufs_until_the_stack_has_looked, 0,
                        CASE_COUNT);
    tcase_add_test(cases, a_bad_packet_has_its_own_error_also_when_full);
    tcase_add_test(cases, what_the_kernel_refuses_takes_no_room);
    tcase_add_test(cases, packets_of_strangers_make_no_room);
    tcase_add_loop_test(cases, select_waits_until_the_low_mark, 0, CASE_COUNT);
    tcase_add_loop_test(cases, kevent_waits_like_select, 15, 25);
    tcase_add_loop_test(cases, no_wakeup_and_no_packet_is_lost_on_every_schedule, 0, 40);
    tcase_add_loop_test(cases, writers_share_the_room_on_every_schedule, 0, 20);
    tcase_add_test(cases, a_stack_that_keeps_packets_makes_no_writer_wait);
    tcase_add_loop_test(cases, a_full_backlog_is_forgotten_when_the_interface_goes_down, 0,
                        CASE_COUNT);
    tcase_add_loop_test(cases, a_session_begins_with_all_the_room, 0, CASE_COUNT);
    tcase_add_loop_test(cases, a_session_begins_with_all_the_room_on_every_schedule, 0, 20);
    tcase_add_loop_test(cases, a_writer_parked_while_the_session_ends_leaves_nothing_to_the_next, 0,
                        2 * RELEASE_COUNT);
    tcase_add_loop_test(
        cases, whoever_waits_to_write_is_told_when_the_session_ends_on_every_schedule, 0, 20);
    tcase_add_loop_test(cases, a_bridge_that_takes_frames_early_wedges_nobody, 0, RELEASE_COUNT);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(backlog_suite)
