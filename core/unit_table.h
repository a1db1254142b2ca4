/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit_table.h - the units of one kext, who is inside, and whether it may be unloaded.
 *
 * The table is a ledger, not a container: it knows which unit numbers are claimed by a session
 * and how many threads are inside the driver's code. Each unit (tt_unit, queue, ...) stays with
 * its owner and has a lock of its own; this ledger has one more, a leaf: nothing is called while
 * it is held.
 *
 * Every entry point of the driver (cdevsw functions, interface callbacks) enters before it looks
 * at anything and leaves last. An open claims its unit before it posts TT_EVENT_OPEN;
 * TT_ACTION_FINISH releases it. So as long as an interface may call back its unit is claimed, no
 * stop can have begun, and a callback's enter is never refused.
 */
#ifndef TT_UNIT_TABLE_H
#define TT_UNIT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define TT_UNIT_COUNT 16u

struct tt_unit_table {
    bool claimed[TT_UNIT_COUNT];
    uint32_t claimed_count; /* of them */
    uint32_t entry_count;   /* threads inside */
    bool stopping;          /* a stop has begun: nobody gets in any more */
};

/* Nobody inside, nothing claimed, not stopping, whatever the memory held. A caller that must not
 * let anybody in before it is ready initialises the table last. */
void tt_unit_table_init(struct tt_unit_table *table);

/* True if the counts are those of the marks, and nobody is inside or has a claim while stopping. */
bool tt_unit_table_validate(const struct tt_unit_table *table);

/* Is there a unit with this minor number? TT_OK or TT_ENXIO. */
enum tt_error tt_unit_table_check(int64_t minor);

/* A thread comes in. TT_ENXIO if a stop has begun: it must turn round and not call leave. */
enum tt_error tt_unit_table_enter(struct tt_unit_table *table);

/* It goes. Exactly once per enter that said TT_OK; one too many is ignored in release builds. */
void tt_unit_table_leave(struct tt_unit_table *table);

/* A session takes a unit; the caller is inside. TT_ENXIO: no such unit, or stopping. TT_EBUSY:
 * taken. */
enum tt_error tt_unit_table_claim(struct tt_unit_table *table, int64_t minor);

/* The session is gone for good. TT_ENXIO: no such unit, or it was not claimed; nothing changes. */
enum tt_error tt_unit_table_release(struct tt_unit_table *table, int64_t minor);

/* Would a stop succeed? TT_OK, or TT_EBUSY while a unit is claimed or a thread is inside. */
enum tt_error tt_unit_table_can_stop(const struct tt_unit_table *table);

/* Begins a stop if it can: from TT_OK on every enter and claim says TT_ENXIO. TT_EBUSY: nothing
 * changed. The caller itself does not count as inside. */
enum tt_error tt_unit_table_stop_begin(struct tt_unit_table *table);

/* The stop failed for another reason: open the door again. Harmless if none has begun. */
void tt_unit_table_stop_cancel(struct tt_unit_table *table);

#endif
