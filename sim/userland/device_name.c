/* SPDX-License-Identifier: BSD-2-Clause */
#include "device_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_COUNT = 16, KIND_BYTES = 3 };

bool
device_name_parse(const char *name, enum packet_device *device, char *error, size_t error_bytes)
{
    const char *digits = name + KIND_BYTES;
    char *end;

    if (strncmp(name, "tun", KIND_BYTES) == 0)
        *device = PACKET_DEVICE_TUN;
    else if (strncmp(name, "tap", KIND_BYTES) == 0)
        *device = PACKET_DEVICE_TAP;
    else
        goto no_device;
    if (isdigit((unsigned char)digits[0]) && (digits[0] != '0' || digits[1] == '\0') &&
        strtoul(digits, &end, 10) < UNIT_COUNT && *end == '\0')
        return true;

no_device:
    snprintf(error, error_bytes, "%s: no such device (tun0 to tun15, tap0 to tap15)", name);
    return false;
}
