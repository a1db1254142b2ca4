/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_gate.h"

static uint32_t
gate_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_gate *gate = (struct tape_gate *)feeder;

    if (!gate->open)
        return 0;
    gate->schedules += kind == CHOICE_SCHEDULE;
    gate->faults += kind == CHOICE_FAULT;
    return gate->source == NULL ? 0 : gate->source->next(gate->source, kind, count, label);
}

void
tape_gate_start(struct tape_gate *gate, struct tape_feeder *source)
{
    *gate = (struct tape_gate){.feeder.next = gate_next, .source = source};
}
