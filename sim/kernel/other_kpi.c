/* SPDX-License-Identifier: BSD-2-Clause */
#include "other_kpi.h"

#include "lock.h"
#include "memory.h"
#include "panic.h"
#include "process.h"
#include "thread.h"
#include "wait.h"

#include <libkern/libkern.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/time.h>

enum { NS_PER_TICK = 10000000, NS_PER_MICROSECOND = 1000, NS_PER_MILLISECOND = 1000000 };
enum { ASSERT_OWNED = 1, ASSERT_NOT_OWNED = 2, MACH_TERMINATED = 37, MACH_NOT_WAITING = 48 };

/* --- IOLib ------------------------------------------------------------------------------------- */

static void *
io_memory(size_t bytes)
{
    return bytes == 0 || machine_fault("IOMalloc") ? NULL : ksim_memory_take(bytes, FAMILY_IOMALLOC);
}

void *
IOMalloc(size_t bytes)
{
    ksim_kpi_enter("IOMalloc", KPI_MAY_BLOCK);
    return io_memory(bytes);
}

/* A machine's memory is aligned to 16; more is not to be had here, and said so. */
void *
IOMallocAligned(size_t bytes, size_t alignment)
{
    ksim_kpi_enter("IOMallocAligned", KPI_MAY_BLOCK);
    if (alignment > 16) {
        ksim_panic("IOMallocAligned: %llu bytes of alignment are not emulated", (unsigned long long)alignment);
    }
    return io_memory(bytes);
}

void
IOFree(void *address, size_t bytes)
{
    ksim_kpi_enter("IOFree", KPI_MAY_BLOCK);
    if (address != NULL && bytes != 0) {
        ksim_memory_give(address, bytes, FAMILY_IOMALLOC, "IOFree");
    }
}

void
IOFreeAligned(void *address, size_t bytes)
{
    ksim_kpi_enter("IOFreeAligned", KPI_MAY_BLOCK);
    if (address != NULL && bytes != 0) {
        ksim_memory_give(address, bytes, FAMILY_IOMALLOC, "IOFreeAligned");
    }
}

static void
wait_ns(uint64_t duration_ns, const char *why)
{
    static const char nobody_wakes;

    (void)ksim_wait(&nobody_wakes, THREAD_UNINT, machine_now_ns() + duration_ns, why);
}

void
IOSleep(unsigned milliseconds)
{
    ksim_kpi_enter("IOSleep", KPI_MAY_BLOCK);
    wait_ns(milliseconds * (uint64_t)NS_PER_MILLISECOND, "IOSleep");
}

/* A processor that spins: others run meanwhile here as there. */
void
IODelay(unsigned microseconds)
{
    ksim_kpi_enter("IODelay", KPI_ANY_CONTEXT);
    wait_ns(microseconds * (uint64_t)NS_PER_MICROSECOND, "IODelay");
}

void
delay(int microseconds)
{
    ksim_kpi_enter("delay", KPI_ANY_CONTEXT);
    if (microseconds > 0) {
        wait_ns((uint64_t)microseconds * NS_PER_MICROSECOND, "delay");
    }
}

void
IOLogv(const char *format, va_list arguments)
{
    (void)vprintf(format, arguments);
}

void
IOLog(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
}

/* --- waiting ----------------------------------------------------------------------------------- */

int
tsleep(void *channel, int priority, const char *message, int ticks)
{
    struct timespec timeout = {.tv_sec = ticks / 100, .tv_nsec = ticks % 100 * (long)NS_PER_TICK};

    return msleep(channel, NULL, priority, message, ticks > 0 ? &timeout : NULL);
}

wait_result_t
assert_wait(event_t event, wait_interrupt_t interruptible)
{
    ksim_kpi_enter("assert_wait", KPI_ANY_CONTEXT);
    return ksim_wait_assert(event, interruptible, 0);
}

wait_result_t
assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline)
{
    ksim_kpi_enter("assert_wait_deadline", KPI_ANY_CONTEXT);
    return ksim_wait_assert(event, interruptible, deadline);
}

/* With a continuation the thread comes back in that function and ends with it. */
wait_result_t
thread_block(void (*continuation)(void *, wait_result_t))
{
    wait_result_t result;

    ksim_kpi_enter("thread_block", KPI_MAY_BLOCK);
    result = ksim_wait_block("thread_block");
    if (continuation != NULL) {
        continuation(NULL, result);
        ksim_thread_exit();
    }
    return result;
}

/* THREAD_AWAKENED is all that the events of this kernel tell. */
kern_return_t
thread_wakeup_prim(event_t event, boolean_t one, wait_result_t result)
{
    ksim_kpi_enter("thread_wakeup_prim", KPI_ANY_CONTEXT);
    (void)result;
    if (one ? ksim_wakeup_one(event) : ksim_wakeup(event) > 0) {
        return KERN_SUCCESS;
    }
    return MACH_NOT_WAITING;
}

/* Older drivers ask with a flavor that is none whether a thread has ended. */
kern_return_t
thread_policy_set(thread_t thread, unsigned flavor, int *information, unsigned count)
{
    ksim_kpi_enter("thread_policy_set", KPI_MAY_BLOCK);
    (void)information;
    (void)count;
    if (thread == THREAD_NULL) {
        return KERN_INVALID_ARGUMENT;
    }
    if (thread->fiber == NULL || machine_fiber_finished(thread->fiber)) {
        return MACH_TERMINATED;
    }
    return flavor >= 1 && flavor <= 3 ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

/* --- locks ------------------------------------------------------------------------------------- */

boolean_t
lck_mtx_try_lock(lck_mtx_t *mutex)
{
    ksim_kpi_enter("lck_mtx_try_lock", KPI_ANY_CONTEXT);
    return ksim_lock_try(ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_try_lock"), true,
                         "lck_mtx_try_lock");
}

boolean_t
lck_spin_try_lock(lck_spin_t *spin)
{
    ksim_kpi_enter("lck_spin_try_lock", KPI_ANY_CONTEXT);
    return ksim_lock_try(ksim_lock_of(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_try_lock"), true,
                         "lck_spin_try_lock");
}

void
lck_mtx_assert(lck_mtx_t *mutex, unsigned type)
{
    const struct ksim_lock *lock = ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_assert");
    const bool owned = lock->holder == ksim_thread_current();

    if (type != ASSERT_OWNED && type != ASSERT_NOT_OWNED) {
        ksim_panic("lck_mtx_assert(): invalid arg (%u)", type);
    }
    if (owned != (type == ASSERT_OWNED)) {
        ksim_panic("mutex (%p) %sowned", (void *)mutex, owned ? "" : "not ");
    }
}

/* --- atomics ----------------------------------------------------------------------------------- */

int8_t
OSAddAtomic8(int32_t amount, volatile int8_t *address)
{
    ksim_kpi_enter("OSAddAtomic8", KPI_ANY_CONTEXT);
    return __atomic_fetch_add(address, (int8_t)amount, __ATOMIC_RELAXED);
}

int16_t
OSAddAtomic16(int32_t amount, volatile int16_t *address)
{
    ksim_kpi_enter("OSAddAtomic16", KPI_ANY_CONTEXT);
    return __atomic_fetch_add(address, (int16_t)amount, __ATOMIC_RELAXED);
}

/* --- the message buffer ------------------------------------------------------------------------ */

void
log(int level, const char *format, ...)
{
    va_list arguments;

    (void)level;
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
}

/* Goes to a serial line that nobody has connected. */
void
kprintf(const char *format, ...)
{
    ksim_kpi_enter("kprintf", KPI_ANY_CONTEXT);
    (void)format;
}
