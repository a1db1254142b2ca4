/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_LLADDR_H
#define WORKLOAD_LLADDR_H

/*
 * The link addresses of a workload's tap: a random one at first, bench_mac_lladdr with its IPv4 address, and
 * another one that differs from that in both halves.
 */

#include <stdint.h>

extern const uint8_t workload_lladdr_other[6];

/* A frame that the Mac sent. A finding (MACHINE_CONTRACT): its source is half one address and half another (museum D23). */
void workload_lladdr_judge(const uint8_t *frame);

#endif
