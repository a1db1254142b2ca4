/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_MALLOC_H
#define KPI_SYS_MALLOC_H

/* BSD's allocator. The size is kept by the kernel. */

#include <sys/cdefs.h>
#include <sys/types.h>

#define M_WAITOK 0x0
#define M_NOWAIT 0x1
#define M_ZERO   0x4
#define M_NULL   0x8

#define M_PCB     4
#define M_IFADDR  9
#define M_SONAME  11
#define M_TEMP    80
#define M_UDFNODE 84
#define M_UDFMNT  85
#define M_KAUTH   100

__BEGIN_DECLS

/* NULL only with M_NOWAIT (or a size of 0). M_WAITOK may block. `type` is for accounting. */
void *_MALLOC(size_t bytes, int type, int flags) KPI_SYMBOL(_MALLOC);
void _FREE(void *address, int type) KPI_SYMBOL(_FREE);

#define MALLOC(space, cast, bytes, type, flags) ((space) = (cast)_MALLOC((bytes), (type), (flags)))
#define FREE(address, type) _FREE((void *)(address), (type))

__END_DECLS

#endif
