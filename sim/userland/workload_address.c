/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload_address.h"

#include <system.h>

#include "bench_packet.h"
#include "ifconfig.h"

int
workload_address_give(struct workload_run *run, struct process *process)
{
    const bool tap = run->workload->device == PACKET_DEVICE_TAP;
    int result = 0;

    run->address_begin = machine_steps(run->machine);
    if (run->session.addressed == UINT64_MAX)
        run->session.addressed = run->address_begin;
    if (tap)
        result = ifconfig_lladdr(process, workload_unit(run), bench_mac_lladdr);
    if (result == 0)
        result = ifconfig_inet(process, workload_unit(run), bench_mac_ip4, tap ? 24 : 32,
                               tap ? NULL : bench_peer_ip4);
    return result;
}

int
workload_address6_give(struct workload_run *run, struct process *process)
{
    static const uint8_t address[16] = {0xfd, 7, [15] = 1};

    return ifconfig_inet6(process, workload_unit(run), address, 64);
}

/* IPv6 has addresses that the kernel gives by itself, but not before there is one of any kind. */
unsigned
workload_address_judge(const struct workload_run *run)
{
    const unsigned expected = run->session.addressed != UINT64_MAX;
    struct ksim_address_status status;
    unsigned count = 0;

    for (unsigned i = 0; ksim_system_interface_address(workload_unit(run), i, &status); i++)
        count += status.family == 4 || expected == 0;
    if (count != expected)
        machine_finding(MACHINE_CONTRACT, "workload: the interface has %s",
                        count > expected ? "an address of the session before"
                                         : "not the address that it was given");
    return count;
}
