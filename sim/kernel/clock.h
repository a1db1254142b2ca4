/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_CLOCK_H
#define KSIM_CLOCK_H

/* The calendar time of every boot: 2021-01-01 00:00:00 UTC. */
#define KSIM_BOOT_CALENDAR_SECONDS 1609459200ULL

#endif
