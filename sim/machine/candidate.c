/* SPDX-License-Identifier: BSD-2-Clause */
#include "candidate.h"

#include <string.h>

#include "machine_state.h"

const struct fiber *
candidate_asker(void)
{
    struct machine *machine = machine_current();

    return machine == NULL ? NULL : machine->running;
}

bool
candidate_is_dispatch(const char *label)
{
    return strcmp(label, MACHINE_DISPATCH_LABEL) == 0;
}

const struct fiber *
candidate_of(const char *label, uint32_t value)
{
    struct machine *machine = machine_current();
    const struct fiber *fiber = machine->runnable.first;

    if (!candidate_is_dispatch(label) && value-- == 0)
        return machine->running;
    while (fiber != NULL && value-- > 0)
        fiber = fiber->queue_next;
    return fiber;
}

uint32_t
candidate_find(const char *label, uint32_t id)
{
    struct machine *machine = machine_current();
    uint32_t value = 0;

    if (!candidate_is_dispatch(label)) {
        if (machine->running->id == id)
            return 0;
        value = 1;
    }
    for (const struct fiber *fiber = machine->runnable.first; fiber != NULL;
         fiber = fiber->queue_next, value++) {
        if (fiber->id == id)
            return value;
    }
    return UINT32_MAX;
}
