/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_THREAD_CALL_H
#define KPI_KERN_THREAD_CALL_H

/* Calls made later on a kernel thread. Deadlines are absolute-time values. */

#include <kern/kern_types.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>

typedef struct thread_call *thread_call_t;
typedef void *thread_call_param_t;
typedef void (*thread_call_func_t)(thread_call_param_t first, thread_call_param_t second);

__BEGIN_DECLS

thread_call_t thread_call_allocate(thread_call_func_t function, thread_call_param_t first)
    KPI_SYMBOL(thread_call_allocate);
/* Each returns whether the call was already pending. */
boolean_t thread_call_enter(thread_call_t call) KPI_SYMBOL(thread_call_enter);
boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t second)
    KPI_SYMBOL(thread_call_enter1);
boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline)
    KPI_SYMBOL(thread_call_enter_delayed);
boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t second,
    uint64_t deadline) KPI_SYMBOL(thread_call_enter1_delayed);
/* TRUE: it was pending and will not run. Does not wait for one that is running. */
boolean_t thread_call_cancel(thread_call_t call) KPI_SYMBOL(thread_call_cancel);
/* FALSE while pending: the call is not freed. */
boolean_t thread_call_free(thread_call_t call) KPI_SYMBOL(thread_call_free);

__END_DECLS

#endif
