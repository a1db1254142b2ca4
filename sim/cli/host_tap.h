/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_TAP_H
#define HOST_TAP_H

/*
 * A tun or tap interface of the host this runs on, opened without blocking. host_tap_linux.c is the only file
 * of the project that knows Linux; on other hosts host_tap_none.c says that there is none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HOST_TAP_ERROR_BYTES = 256 };

/*
 * Makes the interface `name` (at most 15 bytes), or takes a persistent one of that name that nobody
 * has. A descriptor, or -1 with one line in `error`. The interface goes away with the descriptor.
 */
int host_tap_open(const char *name, bool ethernet, char error[HOST_TAP_ERROR_BYTES]);

#endif
