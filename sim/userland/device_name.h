/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DEVICE_NAME_H
#define DEVICE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "packet_view.h"

/*
 * "tun0" to "tun15" and "tap0" to "tap15", as a person writes them. False, with one line in `error`, for
 * anything else.
 */
bool device_name_parse(const char *name, enum packet_device *device, char *error, size_t error_bytes);

#endif
