/* SPDX-License-Identifier: BSD-2-Clause */
#include "counters.h"

#include <stddef.h>

#include "assert.h"

void
tt_counters_init(struct tt_counters *counters)
{
    TT_ASSERT(counters != NULL);
    for (uint32_t i = 0; i < TT_CAUSE_COUNT; i++) {
        counters->packets[i] = 0;
        counters->bytes[i] = 0;
    }
    TT_ASSERT(tt_counters_validate(counters));
}

bool
tt_counters_validate(const struct tt_counters *counters)
{
    if (counters == NULL)
        return false;
    for (uint32_t i = 0; i < TT_CAUSE_COUNT; i++) {
        if (counters->packets[i] == 0 && counters->bytes[i] != 0)
            return false;
    }
    return counters->packets[TT_CAUSE_OUT_TRUNCATED] <= counters->packets[TT_CAUSE_OUT_DELIVERED];
}

void
tt_counters_add(struct tt_counters *counters, enum tt_cause cause, uint64_t packets, uint64_t bytes)
{
    TT_ASSERT(tt_counters_validate(counters));
    TT_ASSERT(packets != 0 || bytes == 0);
    if ((unsigned)cause >= TT_CAUSE_COUNT)
        return;
    counters->packets[cause] += packets;
    counters->bytes[cause] += bytes;
    TT_ASSERT(tt_counters_validate(counters));
}

enum tt_fate
tt_cause_fate(enum tt_cause cause)
{
    _Static_assert(TT_CAUSE_COUNT == 17, "every cause has its fate here");
    switch (cause) {
    case TT_CAUSE_OUT_DELIVERED:
    case TT_CAUSE_OUT_TRUNCATED:
    case TT_CAUSE_IN_DELIVERED:
        return TT_FATE_DELIVERED;
    case TT_CAUSE_OUT_FULL:
    case TT_CAUSE_OUT_DOWN:
    case TT_CAUSE_OUT_PURGED:
    case TT_CAUSE_IN_DOWN:
    case TT_CAUSE_IN_NO_MEMORY:
    case TT_CAUSE_IN_FULL:
    case TT_CAUSE_IN_REFUSED:
        return TT_FATE_DROPPED;
    default:
        return TT_FATE_ERROR;
    }
}

const char *
tt_cause_name(enum tt_cause cause)
{
    static const char *const names[TT_CAUSE_COUNT] = { "out delivered", "out truncated", "out full",
        "out down", "out purged", "out fault", "out bad", "out no memory", "in delivered",
        "in short", "in long", "in family", "in down", "in fault", "in no memory", "in full",
        "in refused" };

    TT_ASSERT(names[TT_CAUSE_COUNT - 1] != NULL);
    return (unsigned)cause < TT_CAUSE_COUNT ? names[cause] : "?";
}
