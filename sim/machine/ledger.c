/* SPDX-License-Identifier: BSD-2-Clause */
#include "ledger.h"

#include <string.h>

#include "host_memory.h"
#include "memory.h"

enum { FIRST_BITS = 9 };

static size_t
home_slot(const struct ledger *ledger, uintptr_t address)
{
    uint64_t spread = ((uint64_t)address >> 4) * 0x9e3779b97f4a7c15u;

    return (size_t)(spread >> (64 - ledger->bits));
}

struct allocation *
ledger_find(const struct ledger *ledger, uintptr_t address)
{
    size_t mask = ((size_t)1 << ledger->bits) - 1;
    size_t slot;

    if (ledger->slots == NULL)
        return NULL;
    slot = home_slot(ledger, address);
    while (ledger->slots[slot] != NULL && (uintptr_t)ledger->slots[slot]->memory != address)
        slot = (slot + 1) & mask;
    return ledger->slots[slot];
}

static void
slot_fill(struct ledger *ledger, struct allocation *record)
{
    size_t mask = ((size_t)1 << ledger->bits) - 1;
    size_t slot = home_slot(ledger, (uintptr_t)record->memory);

    while (ledger->slots[slot] != NULL)
        slot = (slot + 1) & mask;
    ledger->slots[slot] = record;
}

static void
ledger_grow(struct ledger *ledger)
{
    struct ledger larger = {.bits = ledger->slots == NULL ? FIRST_BITS : ledger->bits + 1,
                            .count = ledger->count};

    larger.slots = host_allocate(sizeof(*larger.slots) << larger.bits);
    for (size_t slot = 0; ledger->slots != NULL && slot < (size_t)1 << ledger->bits; slot++) {
        if (ledger->slots[slot] != NULL)
            slot_fill(&larger, ledger->slots[slot]);
    }
    host_free(ledger->slots);
    *ledger = larger;
}

void
ledger_add(struct ledger *ledger, struct allocation *record)
{
    /* At most half full, so that a search for a foreign address is short. */
    if (ledger->slots == NULL || ledger->count * 2 >= (size_t)1 << ledger->bits)
        ledger_grow(ledger);
    slot_fill(ledger, record);
    ledger->count++;
}

void
ledger_remove(struct ledger *ledger, const struct allocation *record)
{
    size_t mask = ((size_t)1 << ledger->bits) - 1;
    size_t hole = home_slot(ledger, (uintptr_t)record->memory);
    size_t slot;

    while (ledger->slots[hole] != record)
        hole = (hole + 1) & mask;
    /* Records behind the hole move into it when a search for them would have passed it. */
    for (slot = (hole + 1) & mask; ledger->slots[slot] != NULL; slot = (slot + 1) & mask) {
        size_t home = home_slot(ledger, (uintptr_t)ledger->slots[slot]->memory);

        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            ledger->slots[hole] = ledger->slots[slot];
            hole = slot;
        }
    }
    ledger->slots[hole] = NULL;
    ledger->count--;
}

void
ledger_free(struct ledger *ledger)
{
    host_free(ledger->slots);
    memset(ledger, 0, sizeof(*ledger));
}
