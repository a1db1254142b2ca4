/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload_configd.h"

#include <string.h>

#include <system.h>

#include "ifconfig.h"
#include "interface_request.h"
#include "workload_run.h"

enum { TRIES = 40, MTU_DEFAULT = 1500 };

/* Flags or MTU, as `command` asks; -errno. */
static int64_t
ask(struct workload_run *run, struct process *process, uint32_t command, size_t bytes)
{
    uint8_t data[IFREQ_BYTES] = {0};
    int result = interface_request(process, KSIM_AF_INET, command, workload_unit(run), data);
    uint32_t value = 0;

    memcpy(&value, data + IFREQ_VALUE, bytes);
    return result < 0 ? result : (int64_t)value;
}

static int64_t
ask_flags(struct workload_run *run, struct process *process)
{
    return ask(run, process, REQUEST_GET_FLAGS, sizeof(uint16_t));
}

/* Only what was there at both ends of the question is judged: the interface may go meanwhile. */
static void
judge_visible(struct workload_run *run, struct process *process, int64_t flags)
{
    int64_t mtu = ask(run, process, REQUEST_GET_MTU, sizeof(uint32_t));

    if (mtu >= 0 && mtu != MTU_DEFAULT)
        machine_finding(MACHINE_CONTRACT, "workload: the interface was seen without its MTU");
    if ((flags & (FLAG_BROADCAST | FLAG_POINTOPOINT)) == 0)
        machine_finding(MACHINE_CONTRACT, "workload: the interface was seen without its flags");
}

int64_t
workload_configd_up(struct workload_run *run, struct process *process)
{
    int64_t result = -KSIM_ENXIO;

    for (int tries = 0; tries < TRIES && result == -KSIM_ENXIO; tries++) {
        int64_t flags = ask_flags(run, process);

        if (flags < 0)
            continue;
        judge_visible(run, process, flags);
        result = ifconfig_up(process, workload_unit(run));
        run->brought_up = result == 0;
    }
    return result;
}

int64_t
workload_configd_look(struct workload_run *run, struct process *process)
{
    int64_t flags = run->brought_up ? ask_flags(run, process) : -KSIM_ENXIO;

    if (flags >= 0 && (flags & FLAG_UP) == 0)
        machine_finding(MACHINE_CONTRACT, "workload: the interface that configd brought up was down");
    return flags < 0 ? flags : 0;
}
