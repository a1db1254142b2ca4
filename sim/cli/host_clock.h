/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdint.h>

/* The host's monotonic clock. The only clock of the host that is read anywhere in sim/. */
uint64_t host_clock_ns(void);

#endif
