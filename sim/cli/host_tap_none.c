/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_tap.h"

#include <stdio.h>

int
host_tap_open(const char *name, bool ethernet, char error[HOST_TAP_ERROR_BYTES])
{
    (void)ethernet;
    snprintf(error, HOST_TAP_ERROR_BYTES, "%s: this host has no tap interfaces (Linux has)", name);
    return -1;
}
