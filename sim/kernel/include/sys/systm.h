/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_SYSTM_H
#define KPI_SYS_SYSTM_H

/* Placeholders for driver switch entries, timeouts and process lookups. */

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/errno.h>
#include <sys/kernel_types.h>
#include <sys/proc.h>
#include <sys/time.h>
#include <sys/malloc.h>
#include <kern/debug.h>
#include <libkern/libkern.h>
#include <string.h>

__BEGIN_DECLS

int nullop(void) KPI_SYMBOL(nullop);
int nulldev(void) KPI_SYMBOL(nulldev);
int enoioctl(void) KPI_SYMBOL(enoioctl);
int enxio(void) KPI_SYMBOL(enxio);
int eopnotsupp(void) KPI_SYMBOL(eopnotsupp);
int enosys(void) KPI_SYMBOL(enosys);

typedef void (*timeout_fcn_t)(void *);

/* Call `function(argument)` once after `interval` on a kernel thread. Not cancelled by unload. */
void bsd_timeout(timeout_fcn_t function, void *argument, struct timespec *interval)
    KPI_SYMBOL(bsd_timeout);
void bsd_untimeout(timeout_fcn_t function, void *argument) KPI_SYMBOL(bsd_untimeout);

__END_DECLS

#endif
