/* SPDX-License-Identifier: BSD-2-Clause */

/* Time: kpi-rest.md 4.7. */

#include "guest.h"

#include <kern/clock.h>
#include <ksim.h>
#include <mach/mach_time.h>
#include <sys/time.h>

#define BOOT_SECONDS 1609459200LL /* 2021-01-01 00:00:00 UTC */

void
clock_advances(void *argument)
{
    uint64_t first = mach_absolute_time();
    uint64_t uptime;
    struct timespec nano;
    struct timeval micro;

    (void)argument;
    guest_sleep(1500000000ULL);
    clock_get_uptime(&uptime);
    say("slept", uptime - first >= 1500000000ULL);
    nanouptime(&nano);
    microuptime(&micro);
    say("seconds", nano.tv_sec);
    say("seconds", micro.tv_sec);
    say("agree", nano.tv_nsec / 1000000 == micro.tv_usec / 1000);
}

void
clock_deadlines(void *argument)
{
    uint64_t deadline;
    uint64_t ticks;

    (void)argument;
    clock_interval_to_deadline(3, (uint32_t)NSEC_PER_MSEC, &deadline);
    say("ms", (deadline - mach_absolute_time()) / NSEC_PER_MSEC);
    clock_absolutetime_interval_to_deadline(4 * NSEC_PER_MSEC, &deadline);
    say("ms", (deadline - mach_absolute_time()) / NSEC_PER_MSEC);
    clock_absolutetime_interval_to_deadline(UINT64_MAX, &deadline);
    say("saturated", deadline == UINT64_MAX);
    clock_interval_to_absolutetime_interval(5, (uint32_t)NSEC_PER_SEC, &ticks);
    say("ticks", (long long)ticks);
    nanoseconds_to_absolutetime(123, &ticks);
    say("ticks", (long long)ticks);
    absolutetime_to_nanoseconds(456, &ticks);
    say("ns", (long long)ticks);
}

void
clock_calendar(void *argument)
{
    struct timespec nano;
    struct timeval micro;

    (void)argument;
    nanotime(&nano);
    microtime(&micro);
    say("since", nano.tv_sec - BOOT_SECONDS);
    say("since", micro.tv_sec - BOOT_SECONDS);
}

void
clock_arithmetic(void *argument)
{
    struct timeval a = {1, 700000};
    struct timeval b = {2, 500000};

    (void)argument;
    timevaladd(&a, &b);
    say("s", a.tv_sec);
    say("us", a.tv_usec);
    timevalsub(&a, &b);
    say("s", a.tv_sec);
    say("us", a.tv_usec);
    timevalsub(&b, &a);
    say("s", b.tv_sec);
    say("us", b.tv_usec);
    say("less", timevalcmp(&b, &a, <));
}
