/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_POOL_H
#define MEMORY_POOL_H

/* Where blocks and records come from, and what is written into blocks. For memory.c. */

#include "memory.h"

/* The lists of a struct memory. */
void allocation_list_append(struct allocation_list *list, struct allocation *record);
void allocation_list_remove(struct allocation_list *list, struct allocation *record);

/*
 * A record with memory for `bytes`, in the ledger, in no list. `reused`: its block held another
 * allocation.
 */
struct allocation *memory_record_take(struct memory *memory, size_t bytes, bool *reused);

/* Puts a record that is in no list, with its memory, where it waits to be used again. */
void memory_record_give(struct memory *memory, struct allocation *record);

/* Fills what the guest has not written yet, and the fences. */
void memory_fill_fresh(const struct memory *memory, struct allocation *record);

/* True while nobody wrote behind or before a live block; always true for direct memory. */
bool memory_fences_intact(const struct memory *memory, const struct allocation *record);

/* The same for the filling of a block that waits. */
bool memory_filling_intact(const struct memory *memory, const struct allocation *record);

/* Frees chunks, records and direct memory. */
void memory_pool_end(struct memory *memory);

#endif
