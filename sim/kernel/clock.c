/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"

#include <ksim.h>

#include <kern/clock.h>
#include <mach/mach_time.h>
#include <sys/time.h>

/*
 * Virtual time. Intel's timebase: one tick is one nanosecond (kpi-rest.md 4.7). Boot is at a fixed
 * calendar time, so that captures have sensible dates.
 */

uint64_t
mach_absolute_time(void)
{
    ksim_kpi_enter("mach_absolute_time", KPI_ANY_CONTEXT);
    return machine_now_ns();
}

void
clock_get_uptime(uint64_t *now)
{
    ksim_kpi_enter("clock_get_uptime", KPI_ANY_CONTEXT);
    *now = machine_now_ns();
}

void
clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale_ns, uint64_t *ticks)
{
    *ticks = (uint64_t)interval * scale_ns;
}

static uint64_t
deadline_saturating(uint64_t ticks)
{
    uint64_t now = machine_now_ns();

    return now + ticks < now ? UINT64_MAX : now + ticks;
}

void
clock_interval_to_deadline(uint32_t interval, uint32_t scale_ns, uint64_t *deadline)
{
    ksim_kpi_enter("clock_interval_to_deadline", KPI_ANY_CONTEXT);
    *deadline = deadline_saturating((uint64_t)interval * scale_ns);
}

void
clock_absolutetime_interval_to_deadline(uint64_t ticks, uint64_t *deadline)
{
    ksim_kpi_enter("clock_absolutetime_interval_to_deadline", KPI_ANY_CONTEXT);
    *deadline = deadline_saturating(ticks);
}

void
absolutetime_to_nanoseconds(uint64_t ticks, uint64_t *nanoseconds)
{
    *nanoseconds = ticks;
}

void
nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *ticks)
{
    *ticks = nanoseconds;
}

static void
timespec_set(struct timespec *now, uint64_t time_ns)
{
    now->tv_sec = (time_t)(time_ns / NSEC_PER_SEC);
    now->tv_nsec = (long)(time_ns % NSEC_PER_SEC);
}

static void
timeval_set(struct timeval *now, uint64_t time_ns)
{
    now->tv_sec = (time_t)(time_ns / NSEC_PER_SEC);
    now->tv_usec = (suseconds_t)(time_ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

void
nanouptime(struct timespec *now)
{
    ksim_kpi_enter("nanouptime", KPI_ANY_CONTEXT);
    timespec_set(now, machine_now_ns());
}

void
microuptime(struct timeval *now)
{
    ksim_kpi_enter("microuptime", KPI_ANY_CONTEXT);
    timeval_set(now, machine_now_ns());
}

void
nanotime(struct timespec *now)
{
    ksim_kpi_enter("nanotime", KPI_ANY_CONTEXT);
    timespec_set(now, KSIM_BOOT_CALENDAR_SECONDS * NSEC_PER_SEC + machine_now_ns());
}

void
microtime(struct timeval *now)
{
    ksim_kpi_enter("microtime", KPI_ANY_CONTEXT);
    timeval_set(now, KSIM_BOOT_CALENDAR_SECONDS * NSEC_PER_SEC + machine_now_ns());
}

void
timevalfix(struct timeval *value)
{
    if (value->tv_usec < 0) {
        value->tv_sec--;
        value->tv_usec += (suseconds_t)USEC_PER_SEC;
    }
    if (value->tv_usec >= (suseconds_t)USEC_PER_SEC) {
        value->tv_sec++;
        value->tv_usec -= (suseconds_t)USEC_PER_SEC;
    }
}

void
timevaladd(struct timeval *sum, struct timeval *addend)
{
    sum->tv_sec += addend->tv_sec;
    sum->tv_usec += addend->tv_usec;
    timevalfix(sum);
}

void
timevalsub(struct timeval *difference, struct timeval *subtrahend)
{
    difference->tv_sec -= subtrahend->tv_sec;
    difference->tv_usec -= subtrahend->tv_usec;
    timevalfix(difference);
}
