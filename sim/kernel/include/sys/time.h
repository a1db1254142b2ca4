/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_TIME_H
#define KPI_SYS_TIME_H

/* Times, and the two clocks: micro/nanotime is the calendar, micro/nanouptime counts from boot. */

#include <sys/cdefs.h>
#include <sys/types.h>

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};

struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};

struct timeval32 {
    int32_t tv_sec;
    int32_t tv_usec;
};

struct timezone {
    int tz_minuteswest;
    int tz_dsttime;
};

__BEGIN_DECLS

void microtime(struct timeval *now) KPI_SYMBOL(microtime);
void microuptime(struct timeval *now) KPI_SYMBOL(microuptime);
void nanotime(struct timespec *now) KPI_SYMBOL(nanotime);
void nanouptime(struct timespec *now) KPI_SYMBOL(nanouptime);

#define timevalcmp(left, right, compare) \
    (((left)->tv_sec == (right)->tv_sec) ? ((left)->tv_usec compare (right)->tv_usec) \
                                         : ((left)->tv_sec compare (right)->tv_sec))

void timevaladd(struct timeval *sum, struct timeval *addend) KPI_SYMBOL(timevaladd);
void timevalsub(struct timeval *difference, struct timeval *subtrahend) KPI_SYMBOL(timevalsub);
void timevalfix(struct timeval *value) KPI_SYMBOL(timevalfix);

__END_DECLS

#endif
