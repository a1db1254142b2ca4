/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_CLOCK_H
#define KPI_KERN_CLOCK_H

/* Clocks. Absolute time counts ticks of the timebase from boot; intervals are in nanoseconds. */

#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <stdint.h>
#include <sys/cdefs.h>

#define NSEC_PER_USEC 1000ULL
#define USEC_PER_SEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

typedef unsigned long clock_sec_t;
typedef unsigned int clock_usec_t;
typedef unsigned int clock_nsec_t;

__BEGIN_DECLS

void clock_get_uptime(uint64_t *now) KPI_SYMBOL(clock_get_uptime);
/* deadline = now + interval * scale_ns. */
void clock_interval_to_deadline(uint32_t interval, uint32_t scale_ns, uint64_t *deadline)
    KPI_SYMBOL(clock_interval_to_deadline);
void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale_ns, uint64_t *ticks)
    KPI_SYMBOL(clock_interval_to_absolutetime_interval);
void clock_absolutetime_interval_to_deadline(uint64_t ticks, uint64_t *deadline)
    KPI_SYMBOL(clock_absolutetime_interval_to_deadline);
void absolutetime_to_nanoseconds(uint64_t ticks, uint64_t *nanoseconds)
    KPI_SYMBOL(absolutetime_to_nanoseconds);
void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *ticks)
    KPI_SYMBOL(nanoseconds_to_absolutetime);

__END_DECLS

#endif
