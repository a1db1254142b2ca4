/* SPDX-License-Identifier: BSD-2-Clause */
#include "protocol.h"

#include "assert.h"

void
tt_protocol_table_init(struct tt_protocol_table *table)
{
    TT_ASSERT(table != NULL);
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        table->protocols[i].family = 0;
        table->protocols[i].demux_count = 0;
    }
    TT_ASSERT(tt_protocol_table_validate(table));
}

static bool
demux_equal(const struct tt_demux *one, const struct tt_demux *other)
{
    TT_ASSERT(one != NULL);
    TT_ASSERT(other != NULL);
    if (one->kind != other->kind || one->length_bytes != other->length_bytes)
        return false;
    for (uint32_t i = 0; i < one->length_bytes && i < TT_DEMUX_BYTES_MAX; i++) {
        if (one->bytes[i] != other->bytes[i])
            return false;
    }
    return true;
}

static bool
demux_well_formed(const struct tt_demux *demux)
{
    struct tt_demux copy;

    TT_ASSERT(demux != NULL);
    return tt_demux_make((uint32_t)demux->kind,
        (struct tt_bytes){ demux->bytes, demux->length_bytes }, &copy) == TT_OK;
}

static bool
demux_listed(const struct tt_demux *list, size_t count, const struct tt_demux *demux)
{
    TT_ASSERT(demux != NULL);
    TT_ASSERT(list != NULL || count == 0);
    for (size_t i = 0; i < count; i++) {
        if (demux_equal(&list[i], demux))
            return true;
    }
    return false;
}

/* Every descriptor is one and none is there twice. */
static bool
demux_list_well_formed(const struct tt_demux *list, size_t count)
{
    TT_ASSERT(list != NULL || count == 0);
    TT_ASSERT(count <= TT_PROTOCOL_DEMUX_COUNT_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!demux_well_formed(&list[i]) || demux_listed(list, i, &list[i]))
            return false;
    }
    return true;
}

static const struct tt_protocol *
protocol_find(const struct tt_protocol_table *table, uint32_t family)
{
    TT_ASSERT(table != NULL);
    TT_ASSERT(family != 0);
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        if (table->protocols[i].family == family)
            return &table->protocols[i];
    }
    return NULL;
}

static uint32_t
demux_owner(const struct tt_protocol_table *table, const struct tt_demux *demux)
{
    TT_ASSERT(table != NULL);
    TT_ASSERT(demux != NULL);
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        const struct tt_protocol *protocol = &table->protocols[i];

        if (protocol->family != 0 && demux_listed(protocol->demux, protocol->demux_count, demux))
            return protocol->family;
    }
    return 0;
}

bool
tt_protocol_table_validate(const struct tt_protocol_table *table)
{
    if (table == NULL)
        return false;
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        const struct tt_protocol *protocol = &table->protocols[i];

        if (protocol->family == 0)
            continue;
        if (protocol->demux_count > TT_PROTOCOL_DEMUX_COUNT_MAX ||
            !demux_list_well_formed(protocol->demux, protocol->demux_count) ||
            protocol_find(table, protocol->family) != protocol)
            return false;
        /* The first owner found must be this one: two of them and the later one fails. */
        for (uint32_t j = 0; j < protocol->demux_count; j++) {
            if (demux_owner(table, &protocol->demux[j]) != protocol->family)
                return false;
        }
    }
    return true;
}

static enum tt_error
protocol_add_check(const struct tt_protocol_table *table, uint32_t family,
    const struct tt_demux *demux, size_t demux_count)
{
    TT_ASSERT(table != NULL);
    if (family == 0 || (demux == NULL && demux_count != 0))
        return TT_EINVAL;
    if (demux_count > TT_PROTOCOL_DEMUX_COUNT_MAX)
        return TT_ENOBUFS;
    if (!demux_list_well_formed(demux, demux_count))
        return TT_EINVAL;
    if (protocol_find(table, family) != NULL)
        return TT_EEXIST;
    for (size_t i = 0; i < demux_count; i++) {
        if (demux_owner(table, &demux[i]) != 0)
            return TT_EEXIST;
    }
    return tt_protocol_count(table) == TT_PROTOCOL_COUNT_MAX ? TT_ENOBUFS : TT_OK;
}

enum tt_error
tt_protocol_add(struct tt_protocol_table *table, uint32_t family, const struct tt_demux *demux,
    size_t demux_count)
{
    enum tt_error error;
    struct tt_protocol *slot;

    TT_ASSERT(tt_protocol_table_validate(table));
    error = protocol_add_check(table, family, demux, demux_count);
    if (error != TT_OK)
        return error;
    slot = table->protocols;
    while (slot->family != 0)
        slot++;
    TT_ASSERT(slot < table->protocols + TT_PROTOCOL_COUNT_MAX);
    for (size_t i = 0; i < demux_count; i++)
        slot->demux[i] = demux[i];
    slot->demux_count = (uint32_t)demux_count;
    slot->family = family;
    TT_ASSERT(tt_protocol_table_validate(table));
    return TT_OK;
}

enum tt_error
tt_protocol_remove(struct tt_protocol_table *table, uint32_t family)
{
    enum tt_error error = TT_ENOENT;

    TT_ASSERT(tt_protocol_table_validate(table));
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX && family != 0; i++) {
        if (table->protocols[i].family == family) {
            table->protocols[i].family = 0;
            table->protocols[i].demux_count = 0;
            error = TT_OK;
        }
    }
    TT_ASSERT(tt_protocol_table_validate(table));
    return error;
}

bool
tt_protocol_attached(const struct tt_protocol_table *table, uint32_t family)
{
    TT_ASSERT(tt_protocol_table_validate(table));
    return family != 0 && protocol_find(table, family) != NULL;
}

uint32_t
tt_protocol_lookup(const struct tt_protocol_table *table, const struct tt_demux *demux)
{
    static const struct tt_demux snap_sap = { TT_DEMUX_SAP, 3, { 0xaa, 0xaa, 0x03 } };
    uint32_t family;

    TT_ASSERT(tt_protocol_table_validate(table));
    TT_ASSERT(demux != NULL);
    if (!demux_well_formed(demux))
        return 0;
    family = demux_owner(table, demux);
    if (family == 0 && demux->kind == TT_DEMUX_SNAP)
        family = demux_owner(table, &snap_sap);
    return family;
}

uint32_t
tt_protocol_count(const struct tt_protocol_table *table)
{
    uint32_t count = 0;

    TT_ASSERT(tt_protocol_table_validate(table));
    for (uint32_t i = 0; i < TT_PROTOCOL_COUNT_MAX; i++) {
        if (table->protocols[i].family != 0)
            count++;
    }
    TT_ASSERT(count <= TT_PROTOCOL_COUNT_MAX);
    return count;
}
