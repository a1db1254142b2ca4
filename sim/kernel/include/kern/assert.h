/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_ASSERT_H
#define KPI_KERN_ASSERT_H

/* Assertions of the kernel: Assert panics with the place and the expression. */

#include <sys/cdefs.h>

__BEGIN_DECLS

void Assert(const char *file, int line, const char *expression) KPI_SYMBOL(Assert) __dead2;

__END_DECLS

#ifdef MACH_ASSERT
#define assert(expression) \
    ((expression) ? (void)0 : Assert(__FILE__, __LINE__, #expression))
#else
#define assert(expression) ((void)0)
#endif

#endif
