/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"

#include "fiber.h"

uint64_t
machine_now_ns(void)
{
    return machine_current()->now_ns;
}

void
clock_sleeper_add(struct machine *machine, struct fiber *fiber)
{
    struct fiber *before = machine->sleepers.last;

    while (before != NULL &&
           (before->deadline_ns > fiber->deadline_ns ||
            (before->deadline_ns == fiber->deadline_ns && before->id > fiber->id)))
        before = before->queue_previous;
    fiber_queue_insert(&machine->sleepers, before, fiber);
    machine->wake_ns = machine->sleepers.first->deadline_ns;
}

void
clock_sleeper_remove(struct machine *machine, struct fiber *fiber)
{
    struct fiber *first;

    fiber_queue_remove(&machine->sleepers, fiber);
    first = machine->sleepers.first;
    machine->wake_ns = first == NULL ? UINT64_MAX : first->deadline_ns;
}

static void
clock_expire(struct machine *machine)
{
    while (machine->wake_ns <= machine->now_ns) {
        struct fiber *fiber = machine->sleepers.first;

        if (fiber == NULL)
            return;
        clock_sleeper_remove(machine, fiber);
        fiber->timed_out = true;
        fiber->state = FIBER_RUNNABLE;
        fiber_queue_insert(&machine->runnable, machine->runnable.last, fiber);
    }
}

void
clock_step(struct machine *machine)
{
    if (machine->steps >= machine->config.max_steps)
        machine_fail(MACHINE_LIMIT, "the limit of %llu steps was reached",
                     (unsigned long long)machine->config.max_steps);
    machine->steps++;
    machine->now_ns += machine->config.step_ns;
    if (machine->wake_ns <= machine->now_ns)
        clock_expire(machine);
}

bool
clock_jump(struct machine *machine)
{
    if (machine->sleepers.first == NULL)
        return false;
    if (machine->now_ns < machine->wake_ns)
        machine->now_ns = machine->wake_ns;
    clock_expire(machine);
    return true;
}
