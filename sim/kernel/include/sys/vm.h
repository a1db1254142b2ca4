/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_VM_H
#define KPI_SYS_VM_H

/* The running process, without a reference. */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>

__BEGIN_DECLS

proc_t current_proc(void) KPI_SYMBOL(current_proc);

__END_DECLS

#endif
