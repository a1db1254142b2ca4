/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_MACH_TIME_H
#define KPI_MACH_MACH_TIME_H

/* The tick counter. */

#include <stdint.h>
#include <sys/cdefs.h>

struct mach_timebase_info {
    uint32_t numer;
    uint32_t denom;
};

__BEGIN_DECLS

uint64_t mach_absolute_time(void) KPI_SYMBOL(mach_absolute_time);

__END_DECLS

#endif
