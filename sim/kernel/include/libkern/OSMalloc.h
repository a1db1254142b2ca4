/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_OSMALLOC_H
#define KPI_LIBKERN_OSMALLOC_H

/* Memory accounted to a tag. The size is not kept: OSFree must be told it again, exactly. */

#include <stdint.h>
#include <sys/cdefs.h>

typedef struct __OSMallocTag__ *OSMallocTag;
typedef struct __OSMallocTag__ *OSMallocTag_t;

#define OSMT_DEFAULT 0x00
#define OSMT_PAGEABLE 0x01

__BEGIN_DECLS

OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags) KPI_SYMBOL(OSMalloc_Tagalloc);
void OSMalloc_Tagfree(OSMallocTag tag) KPI_SYMBOL(OSMalloc_Tagfree);
/* OSMalloc may block; the other two give NULL instead. */
void *OSMalloc(uint32_t bytes, OSMallocTag tag) KPI_SYMBOL(OSMalloc);
void *OSMalloc_nowait(uint32_t bytes, OSMallocTag tag) KPI_SYMBOL(OSMalloc_nowait);
void *OSMalloc_noblock(uint32_t bytes, OSMallocTag tag) KPI_SYMBOL(OSMalloc_noblock);
void OSFree(void *address, uint32_t bytes, OSMallocTag tag) KPI_SYMBOL(OSFree);

__END_DECLS

#endif
