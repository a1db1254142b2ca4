/* SPDX-License-Identifier: BSD-2-Clause */
#include "feeders.h"

#include <stdio.h>
#include <string.h>

static uint32_t
late_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    (void)feeder;
    (void)label;
    return kind == CHOICE_DELAY ? count - 1 : 0;
}

void
feeder_late_start(struct feeder_late *late)
{
    late->feeder.next = late_next;
}

static uint32_t
preempt_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct feeder_preempt *preempt = (struct feeder_preempt *)feeder;

    if (kind != CHOICE_SCHEDULE || !preempt->armed)
        return 0;
    if (strcmp(label, MACHINE_DISPATCH_LABEL) == 0)
        return preempt->seen > preempt->at ? count - 1 : 0;
    return preempt->seen++ == preempt->at ? count - 1 : 0;
}

void
feeder_preempt_start(struct feeder_preempt *preempt, uint32_t at)
{
    *preempt = (struct feeder_preempt){.feeder.next = preempt_next, .at = at};
}

static uint32_t
fault_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct feeder_fault *fault = (struct feeder_fault *)feeder;

    if (kind != CHOICE_FAULT)
        return fault->base == NULL ? 0 : fault->base->next(fault->base, kind, count, label);
    if (!fault->armed)
        return 0;
    if (fault->seen++ == fault->at) {
        fault->broken = true;
        snprintf(fault->label, sizeof(fault->label), "%s", label);
        return 1;
    }
    return fault->broken && fault->for_good ? 1 : 0;
}

void
feeder_fault_start(struct feeder_fault *fault, uint32_t at, bool for_good)
{
    *fault = (struct feeder_fault){.feeder.next = fault_next, .at = at, .for_good = for_good};
}
