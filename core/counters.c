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

static uint64_t
counters_sum(const struct tt_counters *counters, uint32_t causes)
{
    uint64_t packets = 0;

    TT_ASSERT(tt_counters_validate(counters));
    TT_ASSERT(causes != 0 && causes >> TT_CAUSE_COUNT == 0);
    for (uint32_t i = 0; i < TT_CAUSE_COUNT; i++) {
        if ((causes >> i & 1u) != 0)
            packets += counters->packets[i];
    }
    return packets;
}

#define CAUSE(name) (1u << TT_CAUSE_##name)

uint64_t
tt_counters_out_errors(const struct tt_counters *counters)
{
    return counters_sum(counters, CAUSE(OUT_FAULT) | CAUSE(OUT_BAD) | CAUSE(OUT_NO_MEMORY));
}

uint64_t
tt_counters_out_dropped(const struct tt_counters *counters)
{
    return counters_sum(counters, CAUSE(OUT_FULL) | CAUSE(OUT_DOWN) | CAUSE(OUT_PURGED));
}

uint64_t
tt_counters_in_errors(const struct tt_counters *counters)
{
    return counters_sum(
        counters, CAUSE(IN_SHORT) | CAUSE(IN_LONG) | CAUSE(IN_FAMILY) | CAUSE(IN_FAULT));
}

uint64_t
tt_counters_in_dropped(const struct tt_counters *counters)
{
    return counters_sum(counters, CAUSE(IN_DOWN) | CAUSE(IN_NO_MEMORY) | CAUSE(IN_REFUSED));
}

const char *
tt_cause_name(enum tt_cause cause)
{
    static const char *const names[TT_CAUSE_COUNT] = { "out delivered", "out truncated", "out full",
        "out down", "out purged", "out fault", "out bad", "out no memory", "in delivered",
        "in short", "in long", "in family", "in down", "in fault", "in no memory", "in refused" };

    TT_ASSERT(names[TT_CAUSE_COUNT - 1] != NULL);
    return (unsigned)cause < TT_CAUSE_COUNT ? names[cause] : "?";
}
