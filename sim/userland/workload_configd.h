/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_CONFIGD_H
#define WORKLOAD_CONFIGD_H

/*
 * configd's part of a workload: macOS looks at each interface as soon as it is there, and brings up what it likes, while
 * the driver may still be inside the open that makes it (museum D02 to D04). On a thread of `process`.
 */

#include <stdint.h>

struct process;
struct workload_run;

/*
 * Asks for the unit's interface a number of times, and brings it up as soon as it is there. 0, or -ENXIO: it never was.
 * A finding (MACHINE_CONTRACT): what can be seen of it is not all there yet.
 */
int64_t workload_configd_up(struct workload_run *run, struct process *process);
/* Is what was brought up still up? A finding if not. 0, or -ENXIO: the interface is gone, or was not brought up. */
int64_t workload_configd_look(struct workload_run *run, struct process *process);

#endif
