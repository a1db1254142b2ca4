/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes, signals and users: kpi-rest.md 2.3, 2.4, 4.5 and 4.6. */
#include "world.h"

#include <string.h>

TEST_OF(a_driver_can_ask_who_calls, process_identity,
        "same=1 current=1 null=-1 parent=0 parent=0 parent=-1 group=1 group=-1 root ro ro 64 bit=1 exiting=0 ")
TEST_OF(a_process_is_found_by_number, process_references, "found=1 none=0 super=1 ")
TEST_OF(a_driver_signals_by_number, process_signals, "blocked=0 pending=1 others=0 nobody=0 ")
TEST_OF(root_has_roots_credentials, process_credentials, "uid=0 gid=0 uid=0 gid=0 super=0 ")

TEST_MISUSE(a_process_released_too_often_is_named, misuse_process_over, MACHINE_CONTRACT,
            "proc_rele: process root released more often than found")
TEST_MISUSE(a_process_never_released_is_a_leak, misuse_process_kept, MACHINE_LEAK,
            "process root (1) has 1 references too many")

static struct process *victim;
static int fd;

static void
setup_body(void *argument)
{
    (void)argument;
    toy_load();
    victim = ksim_process_create(world.kernel, "victim", 0);
}

static void
reader_body(void *argument)
{
    char text[8];

    (void)argument;
    fd = ksim_system_open(victim, "/dev/toy0", KSIM_O_RDWR);
    say("read", ksim_system_read(victim, fd, text, sizeof(text)));
}

static void
rest(void)
{
    ksim_system_sleep(world.root, 1000000);
}

static void
finish(void)
{
    int signal = 99;

    say("exited", ksim_process_exited(victim, &signal));
    say("signal", signal);
    say("closes", toy.closes);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

static void
signal_reader(int signal, enum ksim_signal_action action)
{
    setup_body(NULL);
    ksim_signal_set(victim, signal, action);
    ksim_thread_run(victim, "reader", reader_body, NULL);
    rest();
    say("kill", ksim_system_kill(victim, signal));
    rest();
    say("caught", ksim_process_signals_caught(victim, signal));
}

static void
killed_body(void *argument)
{
    (void)argument;
    signal_reader(KSIM_SIGKILL, KSIM_SIGNAL_CATCH); /* cannot be caught */
    finish();
}

TEST_OF(a_kill_ends_the_process_and_closes_its_files, killed_body,
        "kill=0 caught=0 exited=1 signal=9 closes=1 unload=0 ")

static void
default_body(void *argument)
{
    (void)argument;
    signal_reader(KSIM_SIGTERM, KSIM_SIGNAL_DEFAULT);
    finish();
}

TEST_OF(an_uncaught_signal_ends_the_process, default_body,
        "kill=0 caught=0 exited=1 signal=15 closes=1 unload=0 ")

static void
caught_body(void *argument)
{
    (void)argument;
    signal_reader(KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    say("kill", ksim_system_kill(victim, KSIM_SIGKILL));
    rest();
    finish();
}

TEST_OF(a_caught_signal_ends_only_the_call, caught_body,
        "kill=0 read=-4 caught=1 kill=0 exited=1 signal=9 closes=1 unload=0 ")

static void
ignored_body(void *argument)
{
    (void)argument;
    signal_reader(KSIM_SIGUSR1, KSIM_SIGNAL_IGNORE);
    say("urgent", ksim_system_kill(victim, KSIM_SIGURG));
    say("child", ksim_system_kill(victim, KSIM_SIGCHLD));
    rest();
    say("bad", ksim_system_kill(victim, 32));
    say("zero", ksim_system_kill(victim, 0));
    say("exited", ksim_process_exited(victim, NULL));
    ksim_system_kill(victim, KSIM_SIGKILL);
    rest();
    say("gone", ksim_system_kill(victim, KSIM_SIGUSR1));
    finish();
}

TEST_OF(ignored_signals_change_nothing, ignored_body,
        "kill=0 caught=0 urgent=0 child=0 bad=-22 zero=-22 exited=0 gone=-3 exited=1 signal=9 "
        "closes=1 unload=0 ")

static void
deaf_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    toy.uninterruptible = true;
    ksim_thread_run(victim, "reader", reader_body, NULL);
    rest();
    ksim_system_kill(victim, KSIM_SIGKILL);
    rest();
    say("exited", ksim_process_exited(victim, NULL));
}

/* What cannot be killed shows as a hang that names the sleep. */
TEST_MISUSE(a_driver_deaf_to_kill_hangs_its_process, deaf_body, MACHINE_HANG, "\"toyread\"")

static void
forker_body(void *argument)
{
    struct process *child;

    (void)argument;
    fd = ksim_system_open(victim, "/dev/toy0", KSIM_O_RDWR);
    ksim_process_set_uid(victim, 501);
    child = ksim_system_fork(victim);
    say("parent", ksim_process_pid(child) > ksim_process_pid(victim));
    say("uid", ksim_process_uid(child));
    say("named", strcmp(ksim_process_name(child), "victim") == 0);
    victim = child;
    ksim_system_exit(argument);
}

static void
child_body(void *argument)
{
    (void)argument;
    say("write", ksim_system_write(victim, fd, "x", 1));
    say("close", ksim_system_close(victim, fd));
}

static void
exiter_body(void *argument)
{
    (void)argument;
    ksim_system_exit(victim);
}

static void
fork_body(void *argument)
{
    struct process *parent;

    (void)argument;
    setup_body(NULL);
    parent = victim;
    ksim_thread_run(parent, "forker", forker_body, parent);
    rest();
    say("exited", ksim_process_exited(parent, NULL));
    say("closes", toy.closes);
    ksim_thread_run(victim, "child", child_body, NULL);
    rest();
    say("closes", toy.closes);
    ksim_thread_run(victim, "exit", exiter_body, NULL);
    rest();
    finish();
}

TEST_OF(a_child_keeps_the_file_of_its_parent_open, fork_body,
        "parent=1 uid=501 named=1 exited=1 closes=0 write=1 close=0 closes=1 exited=1 signal=0 "
        "closes=1 unload=0 ")

/* exit by one thread ends the sleeps of the others; the last of them closes the files. */
static void
exit_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    ksim_thread_run(victim, "reader", reader_body, NULL);
    rest();
    ksim_thread_run(victim, "exiter", exiter_body, NULL);
    rest();
    finish();
}

TEST_OF(exit_ends_every_thread_of_the_process, exit_body, "exited=1 signal=0 closes=1 unload=0 ")

static void
user_body(void *argument)
{
    (void)argument;
    toy_load();
    ksim_process_set_uid(world.root, 501);
    say("open", ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR));
    say("revoke", ksim_system_revoke(world.root, "/dev/toy0"));
    say("load", ksim_kext_load(world.kernel, TOY_BUNDLE) == KSIM_KEXT_NOT_PRIVILEGED);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE) == KSIM_KEXT_NOT_PRIVILEGED);
    process_credentials(NULL);
    ksim_process_set_uid(world.root, 0);
    say("none", ksim_system_revoke(world.root, "/dev/none"));
    say("unopened", ksim_system_revoke(world.root, "/dev/toy0"));
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

TEST_OF(what_is_roots_is_refused_to_others, user_body,
        "open=-13 revoke=-1 load=1 unload=1 uid=501 gid=20 uid=501 gid=20 super=1 none=-2 "
        "unopened=0 unload=0 ")

static void
foreign_body(void *argument)
{
    (void)argument;
    setup_body(NULL);
    (void)ksim_system_dup(victim, 0);
}

TEST_MISUSE(a_call_by_a_thread_of_another_process_is_named, foreign_body, MACHINE_CONTRACT,
            "dup of process victim called by thread main, which is not its own")

static void
pending_body(void *argument)
{
    (void)argument;
    ksim_signal_set(world.root, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    ksim_signal_block(world.root, KSIM_SIGUSR1, true);
    ksim_system_kill(world.root, KSIM_SIGUSR1);
    say("sleep", ksim_system_sleep(world.root, 1000));
    say("caught", ksim_process_signals_caught(world.root, KSIM_SIGUSR1));
    ksim_signal_block(world.root, KSIM_SIGUSR1, false);
    say("sleep", ksim_system_sleep(world.root, 1000));
    say("caught", ksim_process_signals_caught(world.root, KSIM_SIGUSR1));
}

TEST_OF(a_blocked_signal_waits_until_it_is_unblocked, pending_body,
        "sleep=0 caught=0 sleep=-4 caught=1 ")

int
main(void)
{
    const TTest *const tests[] = {
        a_driver_can_ask_who_calls,
        a_process_is_found_by_number,
        a_driver_signals_by_number,
        root_has_roots_credentials,
        a_process_released_too_often_is_named,
        a_process_never_released_is_a_leak,
        a_kill_ends_the_process_and_closes_its_files,
        an_uncaught_signal_ends_the_process,
        a_caught_signal_ends_only_the_call,
        ignored_signals_change_nothing,
        a_driver_deaf_to_kill_hangs_its_process,
        a_child_keeps_the_file_of_its_parent_open,
        exit_ends_every_thread_of_the_process,
        what_is_roots_is_refused_to_others,
        a_call_by_a_thread_of_another_process_is_named,
        a_blocked_signal_waits_until_it_is_unblocked,
        NULL,
    };

    return suite_main("process", tests);
}
