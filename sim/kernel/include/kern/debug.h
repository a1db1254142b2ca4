/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_DEBUG_H
#define KPI_KERN_DEBUG_H

/* The end. */

#include <sys/cdefs.h>

__BEGIN_DECLS

/* Stops the machine with a message. Does not return. */
void panic(const char *format, ...) KPI_SYMBOL(panic) __dead2 __printflike(1, 2);

__END_DECLS

#endif
