/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_COPYIO_H
#define KPI_LIBKERN_COPYIO_H

/* Copying between a user process and the kernel. 0 or EFAULT. May block; hold no spin lock. */

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS

int copyin(const user_addr_t from, void *to, size_t bytes) KPI_SYMBOL(copyin);
int copyout(const void *from, user_addr_t to, size_t bytes) KPI_SYMBOL(copyout);

__END_DECLS

#endif
