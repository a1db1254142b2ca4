/* SPDX-License-Identifier: BSD-2-Clause */

/* Kernel threads and calls made later: kpi-rest.md 4.6. */

#include "guest.h"

#include <kern/clock.h>
#include <kern/thread.h>
#include <kern/thread_call.h>
#include <mach/thread_act.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <thread.h>

#define MILLISECOND 1000000ULL

static thread_t shared;
static int channel;

static void
body(void *argument, wait_result_t result)
{
    say("argument", (long long)(uintptr_t)argument);
    say("result", result);
    say("own", current_thread() == shared);
}

void
thread_starts(void *argument)
{
    (void)argument;
    say("start", kernel_thread_start(body, (void *)7, &shared));
    say_text("goes on");
    guest_sleep(MILLISECOND);
    thread_deallocate(shared);
    thread_deallocate(THREAD_NULL);
}

void
thread_fails(void *argument)
{
    (void)argument;
    say("start", kernel_thread_start(body, NULL, &shared));
}

void
thread_current(void *argument)
{
    thread_t mine = current_thread();

    (void)argument;
    say("same", mine == current_thread());
    thread_reference(mine);
    thread_reference(THREAD_NULL);
    thread_deallocate(mine);
}

static void
self_ender(void *argument, wait_result_t result)
{
    (void)argument;
    (void)result;
    say_text("ends");
    (void)thread_terminate(current_thread());
    say_text("never");
}

static void
sleeper(void *argument, wait_result_t result)
{
    (void)argument;
    (void)result;
    (void)msleep(&channel, NULL, PZERO, "sleeper", NULL);
}

static thread_t user;

static void
user_body(void *argument)
{
    (void)argument;
    user = current_thread();
    say("interrupted", msleep(&channel, NULL, PZERO | PCATCH, "user", NULL));
}

void
thread_terminates(void *argument)
{
    thread_t thread;

    (void)argument;
    say("null", thread_terminate(THREAD_NULL));
    (void)kernel_thread_start(self_ender, NULL, &thread);
    guest_sleep(MILLISECOND);
    thread_deallocate(thread);
    (void)kernel_thread_start(sleeper, NULL, &thread);
    guest_sleep(MILLISECOND);
    say("kernel", thread_terminate(thread));
    thread_deallocate(thread);
    wakeup(&channel);
    guest_thread(NULL, "user", user_body, NULL);
    guest_sleep(MILLISECOND);
    say("user", thread_terminate(user));
    guest_sleep(MILLISECOND);
}

/* The record stays while it is referenced. */
void
thread_outlives(void *argument)
{
    thread_t thread;

    (void)argument;
    (void)kernel_thread_start(body, NULL, &thread);
    thread_reference(thread);
    guest_sleep(MILLISECOND);
    say("terminate", thread_terminate(thread));
    thread_deallocate(thread);
    thread_deallocate(thread);
}

/* --- thread calls ------------------------------------------------------------------------------ */

static void
called(void *first, void *second)
{
    say("first", (long long)(uintptr_t)first);
    say("second", (long long)(uintptr_t)second);
}

void
thread_call_runs(void *argument)
{
    thread_call_t call = thread_call_allocate(called, (void *)1);

    (void)argument;
    say("pended", thread_call_enter(call));
    say("pended", thread_call_enter1(call, (void *)2));
    guest_sleep(MILLISECOND);
    say("free", thread_call_free(call));
}

void
thread_call_delayed(void *argument)
{
    thread_call_t call = thread_call_allocate(called, (void *)1);
    uint64_t deadline;

    (void)argument;
    clock_interval_to_deadline(5, (uint32_t)MILLISECOND, &deadline);
    say("pended", thread_call_enter_delayed(call, deadline));
    guest_sleep(4 * MILLISECOND);
    say_text("before");
    guest_sleep(2 * MILLISECOND);
    say("past", thread_call_enter_delayed(call, 1));
    guest_sleep(MILLISECOND);
    say("free", thread_call_free(call));
}

void
thread_call_cancelled(void *argument)
{
    thread_call_t call = thread_call_allocate(called, NULL);

    (void)argument;
    (void)thread_call_enter_delayed(call, machine_now_ns() + 5 * MILLISECOND);
    say("cancel", thread_call_cancel(call));
    say("cancel", thread_call_cancel(call));
    guest_sleep(10 * MILLISECOND);
    say("free", thread_call_free(call));
}

/* A second entry moves the deadline; the call runs once. */
void
thread_call_moved(void *argument)
{
    thread_call_t call = thread_call_allocate(called, NULL);

    (void)argument;
    (void)thread_call_enter_delayed(call, machine_now_ns() + 5 * MILLISECOND);
    say("pended", thread_call_enter1_delayed(call, (void *)3, machine_now_ns() + 20 * MILLISECOND));
    guest_sleep(10 * MILLISECOND);
    say_text("later");
    guest_sleep(20 * MILLISECOND);
    (void)thread_call_free(call);
}

static thread_call_t again;

static void
enters_itself(void *first, void *second)
{
    (void)first;
    say("round", (long long)(uintptr_t)second);
    if (second != NULL) {
        say("pended", thread_call_enter1(again, NULL));
    }
}

void
thread_call_again(void *argument)
{
    (void)argument;
    again = thread_call_allocate(enters_itself, NULL);
    (void)thread_call_enter1(again, (void *)1);
    guest_sleep(MILLISECOND);
    (void)thread_call_free(again);
}

static void
sleeps(void *first, void *second)
{
    (void)first;
    say("in", (long long)(uintptr_t)second);
    guest_sleep(5 * MILLISECOND);
    say("out", (long long)(uintptr_t)second);
}

/* Entered again while it runs, it runs twice at once. */
void
thread_call_overlaps(void *argument)
{
    thread_call_t call = thread_call_allocate(sleeps, NULL);

    (void)argument;
    (void)thread_call_enter1(call, (void *)1);
    guest_sleep(MILLISECOND);
    say("pended", thread_call_enter1(call, (void *)2));
    guest_sleep(MILLISECOND);
    say("cancel", thread_call_cancel(call)); /* does not wait for the two */
    say("free", thread_call_free(call));
    guest_sleep(10 * MILLISECOND);
}

void
thread_call_frees(void *argument)
{
    thread_call_t call = thread_call_allocate(called, NULL);

    (void)argument;
    (void)thread_call_enter_delayed(call, machine_now_ns() + MILLISECOND);
    say("free", thread_call_free(call));
    guest_sleep(2 * MILLISECOND);
    say("free", thread_call_free(call));
}

static void
timed_out(void *argument)
{
    say("timed out", (long long)(uintptr_t)argument);
}

void
thread_timeout(void *argument)
{
    struct timespec interval = {0, 5000000};

    (void)argument;
    bsd_timeout(timed_out, (void *)1, &interval);
    bsd_timeout(timed_out, (void *)2, NULL);
    guest_sleep(10 * MILLISECOND);
}

void
thread_untimeout(void *argument)
{
    struct timespec interval = {1, 0};

    (void)argument;
    bsd_timeout(timed_out, (void *)1, &interval);
    bsd_timeout(timed_out, (void *)2, &interval);
    bsd_untimeout(timed_out, (void *)1);
    bsd_untimeout(timed_out, (void *)3);
    guest_sleep(2000 * MILLISECOND);
}

/* --- misuse ------------------------------------------------------------------------------------ */

void
misuse_thread_over(void *argument)
{
    (void)argument;
    thread_deallocate(current_thread());
}

void
misuse_thread_gone(void *argument)
{
    thread_t thread;

    (void)argument;
    (void)kernel_thread_start(body, NULL, &thread);
    guest_sleep(MILLISECOND);
    thread_deallocate(thread);
    thread_deallocate(thread);
}

void
misuse_thread_call_freed(void *argument)
{
    thread_call_t call = thread_call_allocate(called, NULL);

    (void)argument;
    (void)thread_call_free(call);
    (void)thread_call_enter(call);
}

void
misuse_thread_left(void *argument)
{
    thread_t thread;

    (void)argument;
    guest_acts(true);
    (void)kernel_thread_start(sleeper, NULL, &thread);
    thread_deallocate(thread);
    guest_acts(false);
    guest_sleep(MILLISECOND);
}

void
misuse_thread_kept(void *argument)
{
    thread_t thread;

    (void)argument;
    guest_acts(true);
    (void)kernel_thread_start(body, NULL, &thread);
    guest_acts(false);
    guest_sleep(MILLISECOND);
}

void
misuse_thread_user_kept(void *argument)
{
    (void)argument;
    guest_acts(true);
    thread_reference(current_thread());
    guest_acts(false);
}

void
misuse_thread_call_kept(void *argument)
{
    (void)argument;
    guest_acts(true);
    (void)thread_call_allocate(called, NULL);
    guest_acts(false);
}

static void
waits(void *argument)
{
    (void)argument;
    (void)msleep(&channel, NULL, PZERO, "waits", NULL);
}

void
misuse_thread_timeout_kept(void *argument)
{
    (void)argument;
    guest_acts(true);
    bsd_timeout(waits, NULL, NULL);
    guest_acts(false);
    guest_sleep(MILLISECOND);
}
