/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIBER_H
#define FIBER_H

/* Fibers as the other files of the machine see them. */

#include "machine_state.h"

/* Doubly linked queues through queue_next. `before` NULL inserts at the head. */
void fiber_queue_insert(struct fiber_queue *queue, struct fiber *before, struct fiber *fiber);
void fiber_queue_remove(struct fiber_queue *queue, struct fiber *fiber);

/* The next fiber to run by the tape, taken from the queue; jumps in time. NULL: nothing can run. */
struct fiber *fiber_choose(struct machine *machine);

/* From host code: runs `fiber` and all that follow, until no fiber can run or one fails. */
void fiber_run(struct machine *machine, struct fiber *fiber);

/* Drops the running fiber where it is and goes back to the host. */
_Noreturn void fiber_abandon(struct machine *machine);

/* Frees every fiber of the machine, whatever it is doing. From host code. */
void fiber_destroy_all(struct machine *machine);

#endif
