/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload_lladdr.h"

#include <string.h>

#include <machine.h>

#include "bench_packet.h"

enum { LLADDR_BYTES = 6, HALF_BYTES = 3, SOURCE = 6 };

const uint8_t workload_lladdr_other[LLADDR_BYTES] = {2, 0, 0x51, 0, 0, 0x51};

static bool
halves_are(const uint8_t *lladdr, const uint8_t *first, const uint8_t *second)
{
    return memcmp(lladdr, first, HALF_BYTES) == 0 &&
           memcmp(lladdr + HALF_BYTES, second + HALF_BYTES, HALF_BYTES) == 0;
}

void
workload_lladdr_judge(const uint8_t *frame)
{
    if (halves_are(frame + SOURCE, bench_mac_lladdr, workload_lladdr_other) ||
        halves_are(frame + SOURCE, workload_lladdr_other, bench_mac_lladdr))
        machine_finding(MACHINE_CONTRACT, "workload: a frame was sent from half of one link address and half of another");
}
