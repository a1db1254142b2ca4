/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"

#include "fiber.h"

uint64_t
machine_now_ns(void)
{
    return machine_current()->pulse.now_ns;
}

void
clock_pulse_set(struct machine *machine)
{
    struct machine_pulse *pulse = &machine->pulse;
    uint64_t quiet_steps = machine->config.max_steps;

    if (machine->config.feeder != NULL || machine->points_left > 0 ||
        machine->wake_ns <= pulse->now_ns) {
        quiet_steps = 0;
    } else if (machine->wake_ns != UINT64_MAX) {
        uint64_t steps_left = (machine->wake_ns - pulse->now_ns - 1) / pulse->step_ns;

        if (steps_left < quiet_steps - pulse->steps)
            quiet_steps = pulse->steps + steps_left;
    }
    pulse->quiet_steps = quiet_steps;
}

void
clock_start(struct machine *machine)
{
    machine->wake_ns = UINT64_MAX;
    machine->pulse.step_ns = machine->config.step_ns;
    clock_pulse_set(machine);
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
    clock_pulse_set(machine);
}

void
clock_sleeper_remove(struct machine *machine, struct fiber *fiber)
{
    struct fiber *first;

    fiber_queue_remove(&machine->sleepers, fiber);
    first = machine->sleepers.first;
    machine->wake_ns = first == NULL ? UINT64_MAX : first->deadline_ns;
    clock_pulse_set(machine);
}

static void
clock_expire(struct machine *machine)
{
    while (machine->wake_ns <= machine->pulse.now_ns) {
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
    if (machine->pulse.steps >= machine->config.max_steps)
        machine_fail(MACHINE_LIMIT, "the limit of %llu steps was reached",
                     (unsigned long long)machine->config.max_steps);
    machine->pulse.steps++;
    machine->pulse.now_ns += machine->pulse.step_ns;
    if (machine->wake_ns <= machine->pulse.now_ns)
        clock_expire(machine);
}

bool
clock_jump(struct machine *machine)
{
    if (machine->sleepers.first == NULL)
        return false;
    if (machine->pulse.now_ns < machine->wake_ns)
        machine->pulse.now_ns = machine->wake_ns;
    clock_expire(machine);
    return true;
}
