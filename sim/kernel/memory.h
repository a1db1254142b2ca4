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

/* The state of read_random (strings.c). */
struct random_state {
    uint64_t word;
    bool seeded;
};
struct random_state *ksim_random_state(void);

#endif
