/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who ends a session: the last of several descriptors, a process that exits or is killed, revoke, and what
 * the threads of others see that are inside (facts/museum.md A12, A19, B06, B07, F11).
 */
#include <stdio.h>
#include <string.h>

#include "feeders.h"
#include "main.h"
#include "wire.h"
#include "world.h"

/* A process of its own with one thread, like a VPN daemon. */
struct program {
    struct world_thread thread;
    const char *name;
    bool up;
};

static void
program_open(struct world_thread *thread)
{
    struct program *program = (struct program *)thread;
    char path[32];

    snprintf(path, sizeof(path), "/dev/%s", program->name);
    thread->fd = ksim_system_open(thread->process, path, KSIM_O_RDWR);
    ck_assert_int_ge(thread->fd, 0);
    if (program->up)
        ck_assert_int_eq(ifconfig_up(thread->process, program->name), 0);
}

static void
program_read_for_ever(struct world_thread *thread)
{
    program_open(thread);
    for (;;) {
        thread->result = ksim_system_read(thread->process, thread->fd, thread->buffer,
                                          sizeof(thread->buffer));
        if (thread->result < 0)
            return;
    }
}

static void
program_start(struct program *program, struct world *world, const char *name,
              void (*body)(struct world_thread *))
{
    *program = (struct program){
        .thread = {.world = world,
                   .process = ksim_process_create(world->kernel, "daemon", 0),
                   .body = body},
        .name = name,
        .up = true};
    world_thread_start(&program->thread, "daemon");
    world_sleep_ms(world, 50);
}

static void
await_exit(struct world *world, const struct process *process, unsigned limit_ms)
{
    for (unsigned waited_ms = 0; !ksim_process_exited(process, NULL); waited_ms++) {
        ck_assert_uint_lt(waited_ms, limit_ms);
        world_sleep_ms(world, 1);
    }
}

/* --- last close, exit, kill -------------------------------------------------------------------- */

static void
exit_with_all(struct world_thread *thread)
{
    static const char *const names[] = {"tun0", "tap0", "tun7", "tap7", "tun15", "tap15"};
    struct program *program = (struct program *)thread;

    for (int i = 0; i < 6; i++) {
        program->name = names[i];
        program_open(thread);
    }
    ksim_system_exit(thread->process);
}

static void
exit_body(struct world *world)
{
    struct program program;

    program_start(&program, world, "tun0", exit_with_all);
    await_exit(world, program.thread.process, 10);
    world_sleep_ms(world, 6 * WORLD_DETACH_MS);
    world_close(world, world_open(world, "tun15"));
    world_close(world, world_open(world, "tap0"));
}

START_TEST(a_process_that_exits_gives_all_its_units_back_on_every_schedule)
{
    world_run_seed((uint64_t)_i, exit_body);
}
END_TEST

static void
kill_body(struct world *world)
{
    struct program program;
    int signal;

    program_start(&program, world, "tun0", program_read_for_ever);
    ck_assert_int_eq(ksim_system_kill(program.thread.process, KSIM_SIGKILL), 0);
    /* Gone long before the detacher has moved, */
    await_exit(world, program.thread.process, 10);
    ck_assert(ksim_process_exited(program.thread.process, &signal));
    ck_assert_int_eq(signal, KSIM_SIGKILL);
    /* and the unit is free after it has. */
    ck_assert_int_eq(world_open(world, "tun0"), -KSIM_EBUSY);
    world_sleep_ms(world, WORLD_DETACH_MS);
    world_close(world, world_open(world, "tun0"));
}

START_TEST(kill_9_ends_a_reader_at_once_however_late_the_detach)
{
    struct feeder_late late;

    feeder_late_start(&late);
    world_run_with(&(struct world_options){.feeder = &late.feeder, .darwin_major = _i == 0 ? 13 : 24},
                   kill_body);
}
END_TEST

static void
inherited_body(struct world *world)
{
    int fd = world_open_up(world, "tap0");
    struct process *child = ksim_system_fork(world->root);
    uint8_t packet[64] = {0};

    ck_assert_ptr_nonnull(child);
    world_close(world, fd);
    ck_assert_int_eq(world_write(world, fd, packet, sizeof(packet)), -KSIM_EBADF);
    world_sleep_ms(world, WORLD_DETACH_MS);
    /* The child's descriptor keeps interface and unit. */
    ck_assert_int_eq(ifconfig_up(world->root, "tap0"), 0);
    ck_assert_int_eq(world_open(world, "tap0"), -KSIM_EBUSY);
    ck_assert_int_eq(ksim_system_kill(child, KSIM_SIGTERM), 0);
    await_exit(world, child, 10);
    ck_assert_int_eq(ifconfig_up(world->root, "tap0"), -KSIM_ENXIO);
    world_sleep_ms(world, WORLD_DETACH_MS);
    world_close(world, world_open(world, "tap0"));
}

START_TEST(the_last_of_several_processes_ends_the_session)
{
    world_run(inherited_body);
}
END_TEST

/* --- revoke ------------------------------------------------------------------------------------ */

static void
revoked_body(struct world *world)
{
    int fd = world_open_up(world, "tun0"), next, value = 1;
    struct ksim_fd_set readable = {{UINT64_C(1) << fd}};
    uint8_t packet[128];

    ck_assert_int_eq(ksim_system_revoke(world->root, "/dev/tun0"), 0);
    ck_assert_int_eq(world_read(world, fd, packet, sizeof(packet)), 0);
    ck_assert_int_eq(world_write(world, fd, packet, sizeof(packet)), -KSIM_EIO);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &value), -KSIM_EBADF);
    ck_assert_int_eq(ksim_system_select(world->root, fd + 1, &readable, NULL, NULL, -1), 1);
    /* The next session is not the dead descriptor's to end. */
    next = world_open_up(world, "tun0");
    world_close(world, fd);
    ck_assert_int_eq(ifconfig_up(world->root, "tun0"), 0);
    ck_assert_int_eq(world_write(world, next, packet, world_echo_request(packet, 1, 56)), 84);
    world_close(world, next);
}

START_TEST(a_revoked_descriptor_is_dead_and_ends_nothing_more)
{
    world_run(revoked_body);
}
END_TEST

static void
revoke_thread(struct world_thread *thread)
{
    thread->result = ksim_system_revoke(thread->process, "/dev/tun0");
}

/* XNU drains the vnode first, without a word to the driver. */
static void
revoke_reader_body(struct world *world)
{
    struct program program;
    struct world_thread revoker = {
        .world = world, .process = world->root, .body = revoke_thread};

    program_start(&program, world, "tun0", program_read_for_ever);
    world_thread_start(&revoker, "revoker");
    world_sleep_ms(world, 50);
    ck_assert(!revoker.done);
    ck_assert_int_eq(ifconfig_down(world->root, "tun0"), 0);
    world_thread_join(&revoker);
    world_thread_join(&program.thread);
    ck_assert_int_eq(revoker.result, 0);
    ck_assert_int_eq(program.thread.result, -KSIM_EIO);
    ck_assert_int_eq(ksim_system_kill(program.thread.process, KSIM_SIGTERM), 0);
    world_close(world, world_open_up(world, "tun0"));
}

START_TEST(revoke_waits_for_a_sleeping_reader_whom_down_releases_on_every_schedule)
{
    world_run_seed((uint64_t)_i, revoke_reader_body);
}
END_TEST

/* --- others inside ----------------------------------------------------------------------------- */

static void
write_until_refused(struct world_thread *thread)
{
    size_t length = world_echo_request(thread->buffer, 1, 56);

    do {
        thread->result =
            ksim_system_write(thread->process, thread->fd, thread->buffer, length);
        ksim_system_sleep(thread->process, 10000);
    } while (thread->result == (int64_t)length);
}

static void
read_until_refused(struct world_thread *thread)
{
    do
        world_thread_read(thread);
    while (thread->result > 0);
}

static void
select_until_ended(struct world_thread *thread)
{
    do {
        struct ksim_fd_set readable = {{UINT64_C(1) << thread->fd}};

        thread->result = ksim_system_select(thread->process, thread->fd + 1, &readable, NULL, NULL,
                                            -1);
        ksim_system_sleep(thread->process, 10000);
    } while (thread->result >= 0);
}

static void (*const visitors[])(struct world_thread *) = {
    read_until_refused, write_until_refused, select_until_ended, read_until_refused};

enum { VISITOR_COUNT = sizeof(visitors) / sizeof(visitors[0]) };

/* Each ends with what a closed descriptor or an interface that is down says. */
static void
join_visitors(struct world_thread *threads)
{
    for (int i = 0; i < VISITOR_COUNT; i++) {
        world_thread_join(&threads[i]);
        ck_assert_msg(threads[i].result == -KSIM_EIO || threads[i].result == -KSIM_EBADF ||
                          threads[i].result == -KSIM_EWOULDBLOCK,
                      "visitor %d got %d", i, (int)threads[i].result);
    }
}

static void
start_visitors(struct world *world, struct world_thread *threads, int fd)
{
    for (int i = 0; i < VISITOR_COUNT; i++) {
        threads[i] = (struct world_thread){
            .world = world, .process = world->root, .fd = fd, .body = visitors[i]};
        world_thread_start(&threads[i], "visitor");
    }
    world_sleep_ms(world, 1);
}

static void
down_and_close_body(struct world *world)
{
    struct world_thread threads[VISITOR_COUNT];

    for (int i = 0; i < 4; i++) {
        int fd = world_open_up(world, "tun0");

        start_visitors(world, threads, fd);
        ck_assert_int_eq(ifconfig_down(world->root, "tun0"), 0);
        world_close(world, fd);
        join_visitors(threads);
    }
}

START_TEST(close_with_others_inside_ends_all_on_every_schedule)
{
    world_run_seed((uint64_t)_i, down_and_close_body);
}
END_TEST

/* The other way out of a read (B07): nobody takes the interface down. */
static void
nonblock_and_close_body(struct world *world)
{
    int fd = world_open_up(world, "tun0"), on = 1;
    struct world_thread threads[VISITOR_COUNT];

    start_visitors(world, threads, fd);
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    world_close(world, fd);
    join_visitors(threads);
    fd = world_open_up(world, "tun0");
    start_visitors(world, threads, fd);
    ck_assert_int_eq(ksim_system_fcntl(world->root, fd, KSIM_F_SETFL, KSIM_O_NONBLOCK), 0);
    world_close(world, fd);
    join_visitors(threads);
}

START_TEST(fionbio_lets_close_pass_on_every_schedule)
{
    world_run_seed((uint64_t)_i, nonblock_and_close_body);
}
END_TEST

static Suite *
teardown_suite(void)
{
    Suite *suite = suite_create("teardown");
    TCase *cases = tcase_create("teardown");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, a_process_that_exits_gives_all_its_units_back_on_every_schedule, 0,
                        20);
    tcase_add_loop_test(cases, kill_9_ends_a_reader_at_once_however_late_the_detach, 0, 2);
    tcase_add_test(cases, the_last_of_several_processes_ends_the_session);
    tcase_add_test(cases, a_revoked_descriptor_is_dead_and_ends_nothing_more);
    tcase_add_loop_test(cases,
                        revoke_waits_for_a_sleeping_reader_whom_down_releases_on_every_schedule, 0,
                        20);
    tcase_add_loop_test(cases, close_with_others_inside_ends_all_on_every_schedule, 0, 40);
    tcase_add_loop_test(cases, fionbio_lets_close_pass_on_every_schedule, 0, 40);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(teardown_suite)
