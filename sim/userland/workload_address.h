/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_ADDRESS_H
#define WORKLOAD_ADDRESS_H

/* Addresses that a workload gives to its interface, and those that it must have. On a thread of `process`. */

#include "workload_run.h"

/* The Mac's address of the bench, and on a tap its link address before. 0 or a negated errno. */
int workload_address_give(struct workload_run *run, struct process *process);
/* One IPv6 address. 0 or a negated errno. */
int workload_address6_give(struct workload_run *run, struct process *process);

/*
 * Finds (MACHINE_CONTRACT) that an interface without an address given in this session has one, or that one with it has
 * not exactly one of IPv4: an address of the session before stayed, seen or unseen. How many it has.
 */
unsigned workload_address_judge(const struct workload_run *run);

#endif
