/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to the shell and to time rather than to a device. */
#include <ctype.h>

#include <system.h>

#include "command_list.h"

/* Seconds with up to nine decimals as nanoseconds; false for anything else. */
static bool
take_seconds(const char *text, uint64_t *duration_ns)
{
    uint64_t unit_ns = UINT64_C(1000000000);
    uint64_t total_ns = 0;
    int digits = 0;

    for (; isdigit((unsigned char)*text) && digits < 9; text++, digits++)
        total_ns = total_ns * 10 + (uint64_t)(*text - '0') * unit_ns;
    if (*text == '.') {
        for (text++; isdigit((unsigned char)*text) && unit_ns > 1; text++, digits++) {
            unit_ns /= 10;
            total_ns += (uint64_t)(*text - '0') * unit_ns;
        }
    }
    *duration_ns = total_ns;
    return digits > 0 && *text == '\0';
}

static int
run_sleep(struct command_call *call)
{
    uint64_t duration_ns;

    if (call->argc != 2 || !take_seconds(call->argv[1], &duration_ns))
        return command_usage(call);
    ksim_system_sleep(call->process, duration_ns);
    return COMMAND_OK;
}

const struct command command_sleep = {"sleep", "SECONDS", "let time pass, to the nanosecond",
                                      run_sleep};
