/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_H
#define LEDGER_H

/*
 * Who owns which address. Finds the record of an allocation by its address without touching the
 * memory there, which may be freed, foreign or nonsense. Nothing walks the table: its order
 * depends on the host's addresses and must not show anywhere.
 */

#include <stddef.h>
#include <stdint.h>

struct allocation;

struct ledger {
    struct allocation **slots; /* open addressing, a power of two */
    unsigned bits;
    size_t count;
};

/* The record whose memory begins at this address, live or freed; NULL when there is none. */
struct allocation *ledger_find(const struct ledger *ledger, uintptr_t address);

/* Adds a record by record->memory, which must not be there yet. */
void ledger_add(struct ledger *ledger, struct allocation *record);
void ledger_remove(struct ledger *ledger, const struct allocation *record);

/* Frees the table, not the records. */
void ledger_free(struct ledger *ledger);

#endif
