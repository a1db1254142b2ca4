/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_KERN_TYPES_H
#define KPI_KERN_KERN_TYPES_H

/* Sleep: events, results, how a wait may be interrupted. */

#include <mach/mach_types.h>
#include <stdint.h>

typedef void *event_t;
typedef uint64_t event64_t;
typedef int wait_result_t;
typedef int wait_interrupt_t;
typedef void (*thread_continue_t)(void *parameter, wait_result_t result);

#define NO_EVENT ((event_t)0)
#define THREAD_CONTINUE_NULL ((thread_continue_t)0)

#define THREAD_WAITING     (-1)
#define THREAD_AWAKENED    0
#define THREAD_TIMED_OUT   1
#define THREAD_INTERRUPTED 2
#define THREAD_RESTART     3
#define THREAD_NOT_WAITING 10

#define THREAD_UNINT         0
#define THREAD_INTERRUPTIBLE 1
#define THREAD_ABORTSAFE     2

#endif
