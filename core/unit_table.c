/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit_table.h"

#include <stddef.h>

#include "assert.h"

void
tt_unit_table_init(struct tt_unit_table *table)
{
    TT_ASSERT(table != NULL);
    for (uint32_t i = 0; i < TT_UNIT_COUNT; i++)
        table->claimed[i] = false;
    table->claimed_count = 0;
    table->entry_count = 0;
    table->stopping = false;
    TT_ASSERT(tt_unit_table_validate(table));
}

bool
tt_unit_table_validate(const struct tt_unit_table *table)
{
    uint32_t count = 0;

    if (table == NULL)
        return false;
    for (uint32_t i = 0; i < TT_UNIT_COUNT; i++) {
        if (table->claimed[i])
            count++;
    }
    if (count != table->claimed_count)
        return false;
    return !table->stopping || (table->claimed_count == 0 && table->entry_count == 0);
}

enum tt_error
tt_unit_table_check(int64_t minor)
{
    return minor >= 0 && minor < (int64_t)TT_UNIT_COUNT ? TT_OK : TT_ENXIO;
}

enum tt_error
tt_unit_table_enter(struct tt_unit_table *table)
{
    TT_ASSERT(tt_unit_table_validate(table));
    if (table->stopping)
        return TT_ENXIO;
    TT_ASSERT(table->entry_count < UINT32_MAX);
    table->entry_count++;
    TT_ASSERT(tt_unit_table_validate(table));
    return TT_OK;
}

void
tt_unit_table_leave(struct tt_unit_table *table)
{
    TT_ASSERT(tt_unit_table_validate(table));
    TT_ASSERT(table->entry_count > 0);
    if (table->entry_count > 0)
        table->entry_count--;
    TT_ASSERT(tt_unit_table_validate(table));
}

enum tt_error
tt_unit_table_claim(struct tt_unit_table *table, int64_t minor)
{
    TT_ASSERT(tt_unit_table_validate(table));
    if (tt_unit_table_check(minor) != TT_OK || table->stopping)
        return TT_ENXIO;
    if (table->claimed[minor])
        return TT_EBUSY;
    table->claimed[minor] = true;
    table->claimed_count++;
    TT_ASSERT(table->claimed_count <= TT_UNIT_COUNT);
    TT_ASSERT(tt_unit_table_validate(table));
    return TT_OK;
}

enum tt_error
tt_unit_table_release(struct tt_unit_table *table, int64_t minor)
{
    TT_ASSERT(tt_unit_table_validate(table));
    if (tt_unit_table_check(minor) != TT_OK || !table->claimed[minor])
        return TT_ENXIO;
    table->claimed[minor] = false;
    table->claimed_count--;
    TT_ASSERT(tt_unit_table_validate(table));
    return TT_OK;
}

enum tt_error
tt_unit_table_can_stop(const struct tt_unit_table *table)
{
    TT_ASSERT(tt_unit_table_validate(table));
    return table->claimed_count == 0 && table->entry_count == 0 ? TT_OK : TT_EBUSY;
}

enum tt_error
tt_unit_table_stop_begin(struct tt_unit_table *table)
{
    enum tt_error error = tt_unit_table_can_stop(table);

    TT_ASSERT(tt_unit_table_validate(table));
    if (error == TT_OK)
        table->stopping = true;
    TT_ASSERT(error == TT_OK || error == TT_EBUSY);
    TT_ASSERT(tt_unit_table_validate(table));
    return error;
}

void
tt_unit_table_stop_cancel(struct tt_unit_table *table)
{
    TT_ASSERT(tt_unit_table_validate(table));
    table->stopping = false;
    TT_ASSERT(tt_unit_table_validate(table));
}
