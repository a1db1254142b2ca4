/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_THREAD_ACT_H
#define KPI_MACH_THREAD_ACT_H

/* From Mach's generated thread interface: the one call that a kernel extension makes. */

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

/* Ends a thread. Does not return when it is the running one. */
kern_return_t thread_terminate(thread_act_t thread) KPI_SYMBOL(thread_terminate);

__END_DECLS

#endif
