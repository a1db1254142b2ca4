/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLOCK_TEXT_H
#define CLOCK_TEXT_H

/* Virtual calendar time as programs print it, in UTC. */

#include <stdint.h>

enum { CLOCK_TEXT_BYTES = 32 };

/* "Jan  1 00:00", as ls -l does. */
const char *clock_text_listing(char text[CLOCK_TEXT_BYTES], uint64_t calendar_ns);
/* "00:00:01.250000", as tcpdump does. */
const char *clock_text_stamp(char text[CLOCK_TEXT_BYTES], uint64_t calendar_ns);

#endif
