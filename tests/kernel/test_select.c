/* SPDX-License-Identifier: BSD-2-Clause */
/* select, poll and kevent, and what a driver does for them: kpi-rest.md 2.7. */
#include "world.h"

#include <string.h>

#define MILLISECOND 1000000LL
#define NOTE_LOWAT 1

static int fd;

static void
setup_body(void *argument)
{
    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
}

static void
finish(void)
{
    ksim_system_close(world.root, fd);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

static int
select_read(int64_t timeout_ns)
{
    struct ksim_fd_set set = {{1ULL << fd}};

    return ksim_system_select(world.root, fd + 1, &set, NULL, NULL, timeout_ns);
}

static void
writer_body(void *argument)
{
    ksim_system_sleep(world.root, 2 * (uint64_t)MILLISECOND);
    say("write", ksim_system_write(world.root, fd, "x", 1));
    (void)argument;
}

static void
sets_body(void *argument)
{
    struct ksim_fd_set read = {{1}};
    struct ksim_fd_set write = {{1}};
    struct ksim_fd_set except = {{1}};

    (void)argument;
    setup_body(NULL);
    say("select", ksim_system_select(world.root, 1, &read, &write, &except, 0));
    say("read", (long long)read.bits[0]);
    say("write", (long long)write.bits[0]);
    say("except", (long long)except.bits[0]);
    say("asked", toy.selects);
    say("last which", toy.last_which);
    ksim_system_write(world.root, fd, "x", 1);
    say("select", select_read(0));
    read.bits[0] = 1ULL << 9;
    say("bad", ksim_system_select(world.root, 10, &read, NULL, NULL, 0));
    say("negative", ksim_system_select(world.root, -1, NULL, NULL, NULL, 0));
    read.bits[0] = 0;
    say("many", ksim_system_select(world.root, 100000, &read, NULL, NULL, 0));
    finish();
}

TEST_OF(each_set_is_asked_for_and_answered, sets_body,
        "select=1 read=0 write=1 except=0 asked=3 last which=0 select=1 bad=-9 negative=-22 many=0 "
        "unload=0 ")

static void
wait_body(void *argument)
{
    uint64_t began;

    (void)argument;
    setup_body(NULL);
    began = ksim_system_time_ns();
    say("timeout", select_read(5 * MILLISECOND));
    say("late", ksim_system_time_ns() - began >= 5 * (uint64_t)MILLISECOND);
    ksim_thread_run(world.root, "writer", writer_body, NULL);
    say("select", select_read(-1));
    say("selects", toy.selects); /* once for the timeout, two scans for the wake-up */
    say("unlinked", toy.selects_unlinked);
    finish();
}

TEST_OF(select_sleeps_until_selwakeup_and_looks_again, wait_body,
        "timeout=0 late=1 write=1 select=1 selects=3 unlinked=1 unload=0 ")

static void
thief_body(void *argument)
{
    char text[8];

    writer_body(NULL);
    ksim_system_read(world.root, fd, text, sizeof(text));
    ksim_system_sleep(world.root, 2 * (uint64_t)MILLISECOND);
    say("write", ksim_system_write(world.root, fd, "y", 1));
    (void)argument;
}

/* The message was taken before the second scan: the thread registers again, or it would sleep for ever. */
static void
stolen_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(world.root, "thief", thief_body, NULL);
    say("select", select_read(-1));
    finish();
}

TEST_OF(a_wakeup_for_nothing_is_slept_over, stolen_body, "write=1 write=1 select=1 unload=0 ")

static void
two_body(void *argument)
{
    say(argument, select_read(-1));
}

static void
both_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(world.root, "a", two_body, (void *)(uintptr_t)"a");
    ksim_thread_run(world.root, "b", two_body, (void *)(uintptr_t)"b");
    writer_body(NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    finish();
}

TEST_OF(one_selinfo_wakes_all_who_select, both_body, "write=1 a=1 b=1 unload=0 ")

static void
interrupted_body(void *argument)
{
    (void)argument;
    say("select", select_read(-1));
}

static void
signal_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_signal_set(world.root, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH_RESTART);
    ksim_thread_run(world.root, "selecting", interrupted_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    ksim_system_kill(world.root, KSIM_SIGUSR1);
    guest_sleep(MILLISECOND); /* in the kernel: the other thread takes the signal */
    finish();
}

TEST_OF(select_is_never_restarted, signal_body, "select=-4 unload=0 ")

static void
closed_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(world.root, "selecting", interrupted_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    say("close", ksim_system_close(world.root, fd));
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

/* close(2) waits until the select has left: until then the number cannot be another file's. */
TEST_OF(closing_the_descriptor_ends_the_select, closed_body, "select=-9 close=0 unload=0 ")

static void
dead_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_system_revoke(world.root, "/dev/toy0");
    say("select", select_read(0));
    ksim_system_close(world.root, fd);
    setup_body(NULL);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    say("removed", select_read(0));
    ksim_system_close(world.root, fd);
}

TEST_OF(a_dead_or_removed_device_is_ready, dead_body, "select=1 unload=0 removed=1 ")

/* --- drivers that get it wrong ----------------------------------------------------------------- */

static void
forgets_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    toy.select_forgets = true;
    ksim_thread_run(world.root, "writer", writer_body, NULL);
    say("select", select_read(-1));
}

TEST_MISUSE(who_forgets_selrecord_is_never_woken, forgets_body, MACHINE_HANG, "\"select\"")

static void
cleared_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(world.root, "selecting", interrupted_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    ksim_system_close(world.root, fd);
}

/* selthreadclear wakes; the device is gone by then, and gone devices are ready. */
TEST_OF(selthreadclear_wakes_who_is_recorded, cleared_body, "unload=0 select=1 ")

static void
uncleared_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    toy.clear_forgotten = true;
    ksim_thread_run(world.root, "selecting", interrupted_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    ksim_kext_unload(world.kernel, TOY_BUNDLE);
}

TEST_MISUSE(a_selinfo_freed_under_a_sleeper_is_named, uncleared_body, MACHINE_CONTRACT,
            "OSFree frees a selinfo that thread selecting is still linked to")

/* How many bytes of a selinfo the kernel wrote to, asked for and after selthreadclear. */
static void
sized_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    say("touched", toy.selinfo_bytes_touched);
    ksim_thread_run(world.root, "selecting", interrupted_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    ksim_system_ioctl(world.root, fd, TOY_MEASURE_SELINFO, NULL);
    say("touched", toy.selinfo_bytes_touched);
    ksim_system_ioctl(world.root, fd, TOY_CLEAR_SELINFO, NULL);
    say("touched", toy.selinfo_bytes_touched);
    ksim_system_write(world.root, fd, "x", 1);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    finish();
}

static const int selinfo_releases[] = {10, 14, 15, 24};

/* 48 bytes and then 64; cleared it stays initialised up to 10.10 and is fresh since. */
START_TEST(a_selinfo_is_as_large_and_as_clear_as_the_release_makes_it)
{
    const int release = selinfo_releases[_i];

    world_end();
    world_begin(release);
    world_check(sized_body);
    ck_assert_str_eq(said(), release <= 14
                                 ? "touched=0 touched=48 touched=48 select=1 unload=0 "
                                 : "touched=0 touched=64 touched=0 select=1 unload=0 ");
}
END_TEST

/* --- poll and kevent --------------------------------------------------------------------------- */

static void
poll_body(void *argument)
{
    struct ksim_pollfd fds[3] = {{0, KSIM_POLLIN, 0}, {-1, KSIM_POLLIN, 9}, {7, KSIM_POLLIN, 0}};
    int socket;

    (void)argument;
    setup_body(NULL);
    ksim_system_write(world.root, fd, "x", 1);
    say("poll", ksim_system_poll(world.root, fds, 3, -1));
    say("device", fds[0].revents);
    say("skipped", fds[1].revents);
    say("closed", fds[2].revents);
    say("selects", toy.selects);
    socket = ksim_system_socket(world.root, KSIM_AF_INET, KSIM_SOCK_DGRAM, 0);
    fds[0].fd = socket;
    fds[0].events = KSIM_POLLOUT;
    say("socket", ksim_system_poll(world.root, fds, 1, 0));
    say("timeout", ksim_system_poll(world.root, fds + 1, 1, MILLISECOND));
    say("kevent", ksim_system_kevent(world.root, socket, KSIM_EVFILT_READ, NOTE_LOWAT, 1, 0));
    ksim_system_close(world.root, socket);
    finish();
}

TEST_OF(poll_refuses_devices_in_every_release, poll_body,
        "poll=2 device=32 skipped=0 closed=32 selects=0 socket=1 timeout=0 kevent=-22 unload=0 ")

static void
kevent_rules_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    say("plain", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, 0, 0, 0));
    say("lowat 2", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 2, 0));
    say("lowat 1", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 1, 0));
    say("write", ksim_system_kevent(world.root, fd, KSIM_EVFILT_WRITE, NOTE_LOWAT, 1, 0));
    say("filter", ksim_system_kevent(world.root, fd, -5, NOTE_LOWAT, 1, 0));
    say("bad", ksim_system_kevent(world.root, 9, KSIM_EVFILT_READ, NOTE_LOWAT, 1, 0));
    finish();
}

START_TEST(kevent_wants_a_low_water_mark_of_one_from_10_11_on)
{
    for (int release = 10; release <= 24; release++) {
        world_end();
        world_begin(release);
        world_check(kevent_rules_body);
        ck_assert_str_eq(said(), release < 15 ? "plain=-22 lowat 2=-22 lowat 1=-22 write=-22 "
                                                "filter=-22 bad=-9 unload=0 "
                                              : "plain=-22 lowat 2=-22 lowat 1=0 write=1 "
                                                "filter=-22 bad=-9 unload=0 ");
    }
}
END_TEST

static void
kevent_wait_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    say("timeout",
        ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 1, MILLISECOND));
    ksim_thread_run(world.root, "writer", writer_body, NULL);
    say("kevent", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 1, -1));
    toy.select_forgets = true;
    ksim_system_read(world.root, fd, (char[8]){""}, 8);
    say("forgets", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 1, -1));
    finish();
}

TEST_OF(kevent_works_through_the_drivers_select, kevent_wait_body,
        "timeout=0 write=1 kevent=1 forgets=-19 unload=0 ")

static void
kevent_thread_body(void *argument)
{
    (void)argument;
    say("kevent", ksim_system_kevent(world.root, fd, KSIM_EVFILT_READ, NOTE_LOWAT, 1, -1));
}

static void
kevent_closed_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(world.root, "kevent", kevent_thread_body, NULL);
    ksim_system_sleep(world.root, (uint64_t)MILLISECOND);
    finish();
}

TEST_OF(closing_the_descriptor_ends_the_kevent, kevent_closed_body, "kevent=-9 unload=0 ")

int
main(void)
{
    const TTest *const tests[] = {
        each_set_is_asked_for_and_answered,
        select_sleeps_until_selwakeup_and_looks_again,
        a_wakeup_for_nothing_is_slept_over,
        one_selinfo_wakes_all_who_select,
        select_is_never_restarted,
        closing_the_descriptor_ends_the_select,
        a_dead_or_removed_device_is_ready,
        who_forgets_selrecord_is_never_woken,
        selthreadclear_wakes_who_is_recorded,
        a_selinfo_freed_under_a_sleeper_is_named,
        poll_refuses_devices_in_every_release,
        kevent_wants_a_low_water_mark_of_one_from_10_11_on,
        kevent_works_through_the_drivers_select,
        closing_the_descriptor_ends_the_kevent,
        NULL,
    };

    return suite_main_looped("select", tests,
                             a_selinfo_is_as_large_and_as_clear_as_the_release_makes_it,
                             sizeof(selinfo_releases) / sizeof(selinfo_releases[0]));
}
