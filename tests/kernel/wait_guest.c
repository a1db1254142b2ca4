/* SPDX-License-Identifier: BSD-2-Clause */

/* Sleepers and those who wake them: kpi-rest.md 4.4 and 4.5. */

#include "guest.h"

#include <kern/clock.h>
#include <lock.h>
#include <sys/errno.h>
#include <sys/proc.h>
#include <system.h>
#include <wait.h>

#define MILLISECOND 1000000ULL

static lck_grp_t *group;
static lck_mtx_t *mutex;
static int channel;
static struct timespec timeout = {0, 5000000};

static void
make(void)
{
    group = lck_grp_alloc_init("wait", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
}

static void
unmake(void)
{
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
}

/* Sleeps with the mutex held and says how it ended. */
static void
sleeper(void *name)
{
    int error;

    lck_mtx_lock(mutex);
    error = msleep(&channel, mutex, PZERO, "sleeper", NULL);
    say(name, error);
    lck_mtx_unlock(mutex);
}

static void
catcher(void *name)
{
    int error;

    lck_mtx_lock(mutex);
    error = msleep(&channel, mutex, PZERO | PCATCH, "catcher", NULL);
    lck_mtx_unlock(mutex);
    say(name, error);
}

static void
two_sleepers(void)
{
    make();
    guest_thread(NULL, "a", sleeper, (void *)(uintptr_t)"a");
    guest_thread(NULL, "b", sleeper, (void *)(uintptr_t)"b");
    guest_sleep(MILLISECOND);
}

void
wait_all(void *argument)
{
    (void)argument;
    two_sleepers();
    wakeup(&channel);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_one(void *argument)
{
    (void)argument;
    two_sleepers();
    wakeup_one((caddr_t)&channel);
    guest_sleep(MILLISECOND);
    say_text("then");
    wakeup_one((caddr_t)&channel);
    wakeup_one((caddr_t)&channel);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_timeout(void *argument)
{
    uint64_t began = machine_now_ns();

    (void)argument;
    say("timeout", msleep(&channel, NULL, PZERO, "timeout", &timeout));
    say("late", machine_now_ns() - began >= 5 * MILLISECOND);
    say("early", machine_now_ns() - began < 6 * MILLISECOND);
}

void
wait_for_ever(void *argument)
{
    struct timespec zero = {0, 0};

    (void)argument;
    say("result", msleep(&channel, NULL, PZERO, "wait_for_ever", &zero));
}

/* --- the window -------------------------------------------------------------------------------- */

static bool ready;

static void
producer(void *argument)
{
    (void)argument;
    lck_mtx_lock(mutex);
    ready = true;
    wakeup(&channel);
    lck_mtx_unlock(mutex);
}

void
wait_window_open(void *argument)
{
    (void)argument;
    make();
    ready = false;
    guest_thread(NULL, "producer", producer, NULL);
    lck_mtx_lock(mutex);
    while (!ready) {
        lck_mtx_unlock(mutex);
        (void)msleep(&channel, NULL, PZERO, "open window", NULL);
        lck_mtx_lock(mutex);
    }
    lck_mtx_unlock(mutex);
    unmake();
}

void
wait_window_closed(void *argument)
{
    (void)argument;
    make();
    ready = false;
    guest_thread(NULL, "producer", producer, NULL);
    lck_mtx_lock(mutex);
    while (!ready) {
        (void)msleep(&channel, mutex, PZERO, "closed window", NULL);
    }
    lck_mtx_unlock(mutex);
    guest_sleep(MILLISECOND);
    unmake();
}

/* --- the mutex --------------------------------------------------------------------------------- */

static bool
mutex_mine(void)
{
    return ksim_lock_held(mutex->cell.lock, ksim_thread_current(), NULL);
}

void
wait_drop(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    say("timeout", msleep(&channel, mutex, PZERO, "keeps", &timeout));
    say("held", mutex_mine());
    say("timeout", msleep(&channel, mutex, PZERO | PDROP, "drops", &timeout));
    say("held", mutex_mine());
    unmake();
}

void
wait_nowhere(void *argument)
{
    uint64_t began = machine_now_ns();

    (void)argument;
    make();
    lck_mtx_lock(mutex);
    say("nowhere", msleep(NULL, mutex, PZERO, NULL, &timeout));
    say("held", mutex_mine());
    say("nowhere", msleep(NULL, mutex, PZERO | PDROP, "nowhere", &timeout));
    say("held", mutex_mine());
    say("slept", machine_now_ns() - began >= MILLISECOND);
    unmake();
}

/* --- signals ----------------------------------------------------------------------------------- */

static void
one_catcher(enum ksim_signal_action action, guest_body *body)
{
    make();
    ksim_signal_set(guest_root(), KSIM_SIGUSR1, action);
    guest_thread(NULL, "sleeper", body, (void *)(uintptr_t)"sleeper");
    guest_sleep(MILLISECOND);
}

void
wait_caught(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH, catcher);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_restarted(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH_RESTART, catcher);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_deaf(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH, sleeper);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    say_text("sleeps");
    wakeup(&channel);
    guest_sleep(MILLISECOND);
    unmake();
}

static void
kill_sleeper(guest_body *body)
{
    struct process *victim = ksim_process_create(ksim_current(), "victim", 501);

    make();
    guest_thread(victim, "sleeper", body, (void *)(uintptr_t)"sleeper");
    guest_sleep(MILLISECOND);
    (void)ksim_system_kill(victim, KSIM_SIGKILL);
    guest_sleep(MILLISECOND);
    say("exited", ksim_process_exited(victim, NULL));
    wakeup(&channel);
    guest_sleep(MILLISECOND);
    say("exited", ksim_process_exited(victim, NULL));
    unmake();
}

void
wait_killed(void *argument)
{
    (void)argument;
    kill_sleeper(catcher);
}

void
wait_deaf_to_kill(void *argument)
{
    (void)argument;
    kill_sleeper(sleeper);
}

void
wait_signal_beats(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH, catcher);
    wakeup(&channel);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    unmake();
}

/* One signal ends both waits; the thread that is later at it finds it taken. */
void
wait_signal_taken(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH, catcher);
    guest_thread(NULL, "other", catcher, (void *)(uintptr_t)"other");
    guest_sleep(MILLISECOND);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_pending_signal(void *argument)
{
    (void)argument;
    ksim_signal_set(guest_root(), KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    ksim_signal_block(guest_root(), KSIM_SIGUSR1, true);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    say("blocked", msleep(&channel, NULL, PZERO | PCATCH, "blocked", &timeout));
    ksim_signal_block(guest_root(), KSIM_SIGUSR1, false);
    say("pending", msleep(&channel, NULL, PZERO | PCATCH, "pending", &timeout));
}

/* --- lck_*_sleep ------------------------------------------------------------------------------- */

static void
contender(void *argument)
{
    (void)argument;
    lck_mtx_lock(mutex);
    say_text("contender");
    lck_mtx_unlock(mutex);
}

void
wait_deadline(void *argument)
{
    uint64_t deadline;

    (void)argument;
    make();
    lck_mtx_lock(mutex);
    clock_interval_to_deadline(5, (uint32_t)MILLISECOND, &deadline);
    say("result", lck_mtx_sleep_deadline(mutex, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT, deadline));
    say("late", machine_now_ns() >= deadline);
    lck_mtx_unlock(mutex);
    unmake();
}

/* Nanoseconds from now, passed as if they were a deadline: long past, yet the lock is dropped. */
void
wait_relative(void *argument)
{
    uint64_t began;

    (void)argument;
    make();
    guest_sleep(20 * MILLISECOND);
    lck_mtx_lock(mutex);
    guest_thread(NULL, "contender", contender, NULL);
    began = machine_now_ns();
    say("result",
        lck_mtx_sleep_deadline(mutex, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT, 10 * MILLISECOND));
    say("short", machine_now_ns() - began < MILLISECOND);
    lck_mtx_unlock(mutex);
    guest_sleep(MILLISECOND);
    unmake();
}

static void
aborted(void *argument)
{
    lck_rw_t *rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);

    (void)argument;
    (void)ksim_system_kill(ksim_thread_current()->process, KSIM_SIGKILL);
    lck_rw_lock_exclusive(rw);
    for (int i = 0; i < 2; i++) {
        say("result", lck_rw_sleep(rw, LCK_SLEEP_DEFAULT, &channel, THREAD_INTERRUPTIBLE));
        say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), NULL));
    }
    say("result", lck_rw_sleep_deadline(rw, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT,
                                        machine_now_ns() + MILLISECOND));
    say("result", lck_rw_sleep(rw, LCK_SLEEP_UNLOCK, &channel, THREAD_ABORTSAFE));
    say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), NULL));
    lck_rw_free(rw, group);
}

void
wait_hard_abort(void *argument)
{
    (void)argument;
    make();
    guest_thread(ksim_process_create(ksim_current(), "victim", 0), "aborted", aborted, NULL);
    guest_sleep(10 * MILLISECOND);
    unmake();
}

static void
interruptible(void *argument)
{
    (void)argument;
    lck_mtx_lock(mutex);
    say("result", lck_mtx_sleep(mutex, LCK_SLEEP_DEFAULT, &channel, THREAD_INTERRUPTIBLE));
    lck_mtx_unlock(mutex);
}

/* An ordinary signal ends only waits that are safe to abort. */
void
wait_interruptible(void *argument)
{
    (void)argument;
    one_catcher(KSIM_SIGNAL_CATCH, interruptible);
    (void)ksim_system_kill(guest_root(), KSIM_SIGUSR1);
    guest_sleep(MILLISECOND);
    say_text("sleeps");
    wakeup(&channel);
    guest_sleep(MILLISECOND);
    unmake();
}

void
wait_actions(void *argument)
{
    lck_rw_t *rw;
    bool exclusive = false;

    (void)argument;
    make();
    rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    lck_rw_lock_exclusive(rw);
    say("result", lck_rw_sleep_deadline(rw, LCK_SLEEP_SHARED, &channel, THREAD_UNINT, 1));
    say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), &exclusive));
    say("exclusive", exclusive);
    say("result", lck_rw_sleep_deadline(rw, LCK_SLEEP_EXCLUSIVE, &channel, THREAD_UNINT, 1));
    say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), &exclusive));
    say("exclusive", exclusive);
    say("result", lck_rw_sleep_deadline(rw, LCK_SLEEP_UNLOCK, &channel, THREAD_UNINT, 1));
    say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), NULL));
    lck_rw_free(rw, group);
    unmake();
}

/* --- misuse ------------------------------------------------------------------------------------ */

void
misuse_wait_action(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    (void)lck_mtx_sleep(mutex, 0x40, &channel, THREAD_UNINT);
}

void
misuse_wait_event(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    (void)lck_mtx_sleep(mutex, LCK_SLEEP_DEFAULT, NULL, THREAD_UNINT);
}

void
misuse_wait_unlocked(void *argument)
{
    (void)argument;
    make();
    (void)lck_mtx_sleep(mutex, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT);
}

void
misuse_wait_freed(void *argument)
{
    (void)argument;
    make();
    guest_thread(NULL, "sleeper", sleeper, (void *)(uintptr_t)"sleeper");
    guest_sleep(MILLISECOND);
    /* Nobody holds it while the sleeper sleeps. */
    lck_mtx_destroy(mutex, group);
    wakeup(&channel);
    guest_sleep(MILLISECOND);
}
