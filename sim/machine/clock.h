/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLOCK_H
#define CLOCK_H

/* Virtual time and the fibers that wait for it. */

#include "machine_state.h"

/* At the start of a machine, when its configuration is complete. */
void clock_start(struct machine *machine);

/*
 * One step of the running fiber: time passes and sleepers whose time came are runnable. Fails at
 * the limit.
 */
void clock_step(struct machine *machine);

/*
 * Says anew until when a step has nothing to decide: the last step before the first deadline or the
 * limit. With a feeder to ask, or somebody who watches the points, each step is a decision. For whoever
 * changes one of these.
 */
void clock_pulse_set(struct machine *machine);

/* Adds a fiber with a deadline to the sleepers, or takes it out again. */
void clock_sleeper_add(struct machine *machine, struct fiber *fiber);
void clock_sleeper_remove(struct machine *machine, struct fiber *fiber);

/* Goes to the first deadline and makes its fibers runnable. False when nobody sleeps. */
bool clock_jump(struct machine *machine);

#endif
