/* SPDX-License-Identifier: BSD-2-Clause */
/* queues: what waits in each interface, on the kernel's way in and on the driver's way out. */
#include <string.h>

#include <system.h>

#include "command_list.h"
#include "ifconfig.h"

static int
run_queues(struct command_call *call)
{
    char status[IFCONFIG_STATUS_BYTES];
    unsigned packets;
    const char *name;

    if (call->argc != 1)
        return command_usage(call);
    for (unsigned i = 0; ksim_look_interface(call->kernel, i, &name, &packets); i++) {
        command_print(call, "%s: %u for the kernel\n", name, packets);
        if (ifconfig_status(call->process, name, status) == 0)
            command_print(call, "%s", status);
    }
    return COMMAND_OK;
}

const struct command command_queues = {
    "queues", "",
    "each interface: how many packets wait for the kernel, and what its driver says (SIOCGIFSTATUS)",
    run_queues};
