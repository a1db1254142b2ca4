/* SPDX-License-Identifier: BSD-2-Clause */
#include "wait.h"

#include "lock.h"
#include "panic.h"
#include "process.h"

#include <sys/errno.h>
#include <sys/param.h>
#include <sys/systm.h>

/* A deadline that has passed still blocks for a moment (kpi-rest.md 4.4). */
#define PAST_DEADLINE_NS 10000

static struct thread **
wait_queue(const void *event)
{
    uint64_t word = (uint64_t)(uintptr_t)event;

    /* Order within a queue is by time and matching is by address, so the hash is not observable. */
    return &ksim_current()->threads->wait_queues[(word >> 4) % THREAD_WAIT_QUEUES];
}

static void
wait_unqueue(struct thread *thread)
{
    struct thread **link = wait_queue(thread->wait.event);

    while (*link != thread) {
        link = &(*link)->wait.next;
    }
    *link = thread->wait.next;
    thread->wait.next = NULL;
    thread->wait.asserted = false;
}

static void
wait_finish(struct thread *thread, int result)
{
    wait_unqueue(thread);
    thread->wait.result = result;
    machine_order_release(&thread->wait);
    if (thread->fiber != NULL && machine_fiber_blocked(thread->fiber)) {
        machine_wake(thread->fiber);
    }
}

/* Waits inside the close calls of an exiting process behave as uninterruptible (2.4). */
static int
wait_effective(const struct thread *thread, int interruptible)
{
    return thread->process->exiting ? THREAD_UNINT : interruptible;
}

int
ksim_wait_assert(const void *event, int interruptible, uint64_t deadline_ns)
{
    struct thread *thread = ksim_thread_current();
    struct thread_wait *wait = &thread->wait;
    struct thread **link = wait_queue(event);

    if (event == NULL) {
        ksim_panic("assert_wait() called with NO_EVENT");
    }
    if (wait->asserted) {
        ksim_panic("assert_wait: already asserted wait on %p", wait->event);
    }
    interruptible = wait_effective(thread, interruptible);
    if (interruptible != THREAD_UNINT &&
        (thread->abort_hard || (thread->abort_safely && interruptible == THREAD_ABORTSAFE))) {
        thread->abort_safely = false;
        wait->result = THREAD_INTERRUPTED;
        return THREAD_INTERRUPTED;
    }
    if (deadline_ns != 0 && deadline_ns < machine_now_ns() + PAST_DEADLINE_NS) {
        deadline_ns = machine_now_ns() + PAST_DEADLINE_NS;
    }
    wait->event = event;
    wait->next = NULL;
    wait->interruptible = interruptible;
    wait->deadline_ns = deadline_ns;
    wait->result = THREAD_WAITING;
    wait->asserted = true;
    while (*link != NULL) {
        link = &(*link)->wait.next;
    }
    *link = thread;
    return THREAD_WAITING;
}

int
ksim_wait_block(const char *why)
{
    struct thread *thread = ksim_thread_current();

    machine_yield(why);
    while (thread->wait.asserted) {
        ksim_thread_may_block(why);
        if (!machine_block(why, thread->wait.event, thread->wait.deadline_ns) &&
            thread->wait.asserted) {
            wait_unqueue(thread);
            thread->wait.result = THREAD_TIMED_OUT;
        }
    }
    machine_order_acquire(&thread->wait);
    return thread->wait.result;
}

int
ksim_wait(const void *event, int interruptible, uint64_t deadline_ns, const char *why)
{
    int result = ksim_wait_assert(event, interruptible, deadline_ns);

    return result == THREAD_WAITING ? ksim_wait_block(why) : result;
}

uint32_t
ksim_wakeup(const void *event)
{
    struct thread *next;
    uint32_t count = 0;

    for (struct thread *thread = *wait_queue(event); thread != NULL; thread = next) {
        next = thread->wait.next;
        if (thread->wait.event == event) {
            wait_finish(thread, THREAD_AWAKENED);
            count++;
        }
    }
    return count;
}

bool
ksim_wakeup_one(const void *event)
{
    uint32_t count = 0;
    uint32_t chosen;

    for (struct thread *thread = *wait_queue(event); thread != NULL; thread = thread->wait.next) {
        count += thread->wait.event == event;
    }
    if (count == 0) {
        return false;
    }
    chosen = machine_choose(CHOICE_SCHEDULE, count, "wakeup_one");
    for (struct thread *thread = *wait_queue(event); thread != NULL; thread = thread->wait.next) {
        if (thread->wait.event == event && chosen-- == 0) {
            wait_finish(thread, THREAD_AWAKENED);
            return true;
        }
    }
    return false;
}

bool
ksim_wait_clear(struct thread *thread, int result)
{
    if (!thread->wait.asserted) {
        return false;
    }
    wait_finish(thread, result);
    return true;
}

void
ksim_thread_abort_safely(struct thread *thread)
{
    if (thread->wait.asserted && thread->wait.interruptible == THREAD_ABORTSAFE) {
        wait_finish(thread, THREAD_INTERRUPTED);
    } else {
        thread->abort_safely = true;
    }
}

void
ksim_thread_abort(struct thread *thread)
{
    if (!thread->active) {
        return;
    }
    thread->abort_hard = true;
    if (thread->wait.asserted && thread->wait.interruptible != THREAD_UNINT) {
        wait_finish(thread, THREAD_INTERRUPTED);
    }
}

/* --- KPI --------------------------------------------------------------------------------------- */

static uint64_t
deadline_after(const struct timespec *timeout)
{
    if (timeout == NULL || (timeout->tv_sec == 0 && timeout->tv_nsec == 0)) {
        return 0;
    }
    return machine_now_ns() + (uint64_t)timeout->tv_sec * 1000000000ULL +
           (uint64_t)timeout->tv_nsec;
}

/*
 * The switch at the end of _sleep: with PCATCH a pending signal beats a wake-up, but not a timeout. A
 * sleeper whose signal another thread took meanwhile returns 0 although nobody woke it.
 */
static int
msleep_result(int result, bool catches)
{
    const struct thread *thread = ksim_thread_current();

    if (result == THREAD_TIMED_OUT) {
        return EWOULDBLOCK;
    }
    if (!catches) {
        return result == THREAD_INTERRUPTED ? EINTR : 0;
    }
    if (thread->process->exiting) {
        return 0;
    }
    return thread->abort_hard ? EINTR : ksim_process_signal_pending();
}

/* No channel: nothing is waited for. The processor is given up once, and what the last wait ended with counts. */
static int
msleep_nowhere(lck_mtx_t *mutex, int priority, const char *message)
{
    if (mutex != NULL) {
        lck_mtx_unlock(mutex);
    }
    machine_yield(message);
    if (mutex != NULL && (priority & PDROP) == 0) {
        lck_mtx_lock(mutex);
    }
    return ksim_thread_current()->wait.result;
}

static int
msleep_unlocked(void *channel, int interruptible, uint64_t deadline_ns, const char *message)
{
    int result;
    int error;

    machine_yield("msleep before assert_wait");
    result = ksim_wait_assert(channel, interruptible, deadline_ns);
    if (result != THREAD_WAITING) {
        return result;
    }
    error = interruptible == THREAD_ABORTSAFE ? ksim_process_signal_pending() : 0;
    if (error != 0) {
        (void)ksim_wait_clear(ksim_thread_current(), THREAD_INTERRUPTED);
    }
    return ksim_wait_block(message);
}

int
msleep(void *channel, lck_mtx_t *mutex, int priority, const char *message,
       struct timespec *timeout)
{
    bool catches = (priority & PCATCH) != 0;
    int interruptible = catches ? THREAD_ABORTSAFE : THREAD_UNINT;
    uint64_t deadline_ns = deadline_after(timeout);
    struct ksim_lock *lock;
    int result;

    /* The mutex is legal here, a spin lock is not. */
    ksim_kpi_enter("msleep", KPI_MAY_BLOCK);
    if (message == NULL) {
        message = "msleep";
    }
    if (channel == NULL) {
        return msleep_result(msleep_nowhere(mutex, priority, message), catches);
    }
    if (mutex == NULL) {
        result = msleep_unlocked(channel, interruptible, deadline_ns, message);
        return msleep_result(result, catches);
    }
    lock = ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "msleep");
    result = ksim_lock_sleep(lock, (priority & PDROP) != 0 ? LCK_SLEEP_UNLOCK : LCK_SLEEP_DEFAULT,
                             channel, interruptible, deadline_ns, message);
    return msleep_result(result, catches);
}

void
wakeup(void *channel)
{
    ksim_kpi_enter("wakeup", KPI_ANY_CONTEXT);
    (void)ksim_wakeup(channel);
}

void
wakeup_one(caddr_t channel)
{
    ksim_kpi_enter("wakeup_one", KPI_ANY_CONTEXT);
    (void)ksim_wakeup_one(channel);
}
