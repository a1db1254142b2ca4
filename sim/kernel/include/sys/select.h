/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_SELECT_H
#define KPI_SYS_SELECT_H

/*
 * Readiness. A driver keeps one selinfo per direction. Its size is hidden: third parties reserve a
 * zeroed buffer of 128 bytes, aligned to 8, and cast.
 */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>

struct selinfo;

__BEGIN_DECLS

/* Note that `process` waits; `link` is the third argument of the driver's select entry. */
void selrecord(proc_t process, struct selinfo *selinfo, void *link) KPI_SYMBOL(selrecord);
/* Wake all who were recorded. Takes no lock of the driver's. */
void selwakeup(struct selinfo *selinfo) KPI_SYMBOL(selwakeup);
/* Forget who was recorded, before the selinfo goes away. */
void selthreadclear(struct selinfo *selinfo) KPI_SYMBOL(selthreadclear);

__END_DECLS

#endif
