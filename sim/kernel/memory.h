/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_MEMORY_H
#define KSIM_MEMORY_H

/*
 * OSMalloc and _MALLOC (kpi-rest.md 4.8). Size, family and tag of each block are checked when
 * it is freed. Contents are the machine's poison unless zeroing was asked for. Fault points:
 * "OSMalloc", "OSMalloc_nowait", "OSMalloc_noblock", "_MALLOC".
 */

#include <ksim.h>
#include <libkern/OSMalloc.h>

void ksim_memory_boot(struct ksim *kernel);
/* Reports blocks and tags of kexts that are still there. */
void ksim_memory_audit(struct ksim *kernel);

/*
 * Blocks of other allocators: each kind of memory is freed by its own function, with the same size if it was told one
 * (bytes != 0). `name` is the function that is called, for reports.
 */
enum memory_family { FAMILY_OSMALLOC, FAMILY_MALLOC, FAMILY_OPERATOR_NEW, FAMILY_IOMALLOC };
void *ksim_memory_take(uint64_t bytes, enum memory_family family);
void ksim_memory_give(void *address, uint64_t bytes, enum memory_family family, const char *name);

/* The state of read_random (strings.c). */
struct random_state {
    uint64_t word;
    bool seeded;
};
struct random_state *ksim_random_state(void);

#endif
