/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_THREAD_H
#define KPI_KERN_THREAD_H

/* Kernel threads. */

#include <kern/kern_types.h>
#include <mach/mach_types.h>
#include <mach/thread_act.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

thread_t current_thread(void) KPI_SYMBOL(current_thread);
void thread_reference(thread_t thread) KPI_SYMBOL(thread_reference);
void thread_deallocate(thread_t thread) KPI_SYMBOL(thread_deallocate);
/*
 * Start a thread in `function(parameter, result)`. On success *thread holds a reference, dropped
 * with thread_deallocate. The function ends the thread with thread_terminate(current_thread()).
 */
kern_return_t kernel_thread_start(thread_continue_t function, void *parameter, thread_t *thread)
    KPI_SYMBOL(kernel_thread_start);

__END_DECLS

#endif
