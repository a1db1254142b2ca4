/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_fault.h"

static uint32_t
fault_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_fault *fault = (struct tape_fault *)feeder;

    if (kind != CHOICE_FAULT)
        return fault->source == NULL ? 0 : fault->source->next(fault->source, kind, count, label);
    if (fault->seen++ == fault->at) {
        fault->hit = true;
        fault->label = label;
        return 1;
    }
    return fault->hit && fault->for_good ? 1 : 0;
}

void
tape_fault_start(struct tape_fault *fault, struct tape_feeder *source, uint32_t at, bool for_good)
{
    *fault = (struct tape_fault){
        .feeder.next = fault_next, .source = source, .at = at, .for_good = for_good};
}
