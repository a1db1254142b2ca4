/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_BUFFER_H
#define STORE_BUFFER_H

/*
 * Store buffers, as the processors of Macs have them (x86-TSO: Owens, Sarkar and Sewell 2009): a store may stay in a FIFO of
 * its processor past later loads of the same thread. Its own thread sees it at once; others when it has left.
 *
 * Each fiber has a buffer of its own. Before an access the compiler's callback comes by store_buffer_point, which is the
 * preemption point, and before a store also by store_buffer_store. What the tape decides:
 *
 *     CHOICE_DELAY "store buffer"   0: the store, and all before it, are seen by all; 1: it stays in the buffer
 *     CHOICE_DELAY "buffer drain"   at each point, while something is in the buffer: 1: the oldest leaves, and there is
 *                                   another point before the access, so that others can see just this
 *
 * A call of the kernel empties the buffer, behind the call's preemption point; so do locks and atomics, which are calls, and
 * the end of the driver's function, behind the next point of its caller. (Less than a processor may do, where a call has no
 * locked instruction.) A full buffer lets its oldest store leave. Stores to the
 * thread's own stack, and of more than 16 bytes (copies of records), are seen at once.
 *
 * How: a store is made in memory and what was there before is kept. While other fibers run, the old bytes are back in memory;
 * the new ones return with their owner, over whatever others have stored meanwhile, as a store that leaves later would.
 */

#include <stdbool.h>
#include <stddef.h>

/* For the machine that is entered, before it runs: with or without. All buffers are empty then, and no other machine has any. */
void store_buffer_begin(void);
void store_buffer_end(void);

/* Is there any? If not, an access is machine_yield and nothing else. */
extern bool store_buffer_on;

/* `where` as for machine_yield. */
void store_buffer_point(const char *where);

/* Between its point and the store itself. */
void store_buffer_store(void *address, size_t bytes);

#endif
