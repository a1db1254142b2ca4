/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_ERRNO_MAP_H
#define TUNTAP_ERRNO_MAP_H

/*
 * core's verdicts as Darwin's errno, one to one by name.
 */

#include <error.h>
#include <sys/errno.h>
#include <sys/types.h>

/* The errno of the same name; EINVAL for a number that is no verdict. Any context. */
errno_t tuntap_errno_from(enum tt_error error);

#endif
