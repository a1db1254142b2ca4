/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include <stdio.h>

#include "clock.h"
#include "fiber.h"
#include "host_trap.h"
#include "machine_state.h"
#include "sanitizer.h"

enum {
    ENTERED_MAX = 64,
    STACK_BYTES = 64 * 1024,
    STACK_BYTES_SANITIZED = 256 * 1024,
    MAX_STEPS = 100 * 1000 * 1000,
    STEP_NS = 100
};

/*
 * The machines entered on this host thread, innermost last, each as often as it was entered in a
 * row.
 */
static _Thread_local struct {
    struct machine *machine;
    unsigned times;
} entered[ENTERED_MAX];
static _Thread_local unsigned entered_count;

/* Kept beside the stack because everything asks for it. */
static _Thread_local struct machine *current;

/* Outside a fiber a preemption point always asks, and then there is nothing to do. Never written. */
static struct machine_pulse still;
_Thread_local struct machine_pulse *machine_pulse = &still;
_Thread_local void *machine_local;

void
machine_pulse_choose(void)
{
    struct fiber *running = current == NULL ? NULL : current->running;

    machine_pulse = running == NULL ? &still : &current->pulse;
    machine_local = running == NULL ? NULL : running->local;
}

struct machine *
machine_current(void)
{
    return current;
}

/* --- enter and leave -------------------------------------------------------------------------- */

static void
current_change(struct machine *machine)
{
    if (current != NULL && current->hook_leave != NULL)
        current->hook_leave(current->hook_argument);
    current = machine;
    machine_pulse_choose();
    if (machine != NULL && machine->hook_enter != NULL)
        machine->hook_enter(machine->hook_argument);
}

void
machine_enter(struct machine *machine)
{
    if (machine == current) {
        entered[entered_count - 1].times++;
        return;
    }
    if (entered_count == ENTERED_MAX)
        host_stop("more than 64 machines are entered inside each other");
    entered[entered_count].machine = machine;
    entered[entered_count++].times = 1;
    current_change(machine);
}

static void
innermost_drop(void)
{
    entered_count--;
    current_change(entered_count == 0 ? NULL : entered[entered_count - 1].machine);
}

void
machine_leave(struct machine *machine)
{
    if (machine != current || machine == NULL)
        host_stop("machine_leave of a machine that is not the current one");
    if (--entered[entered_count - 1].times == 0)
        innermost_drop();
}

struct entered_depth
machine_entered_depth(void)
{
    struct entered_depth depth = {entered_count, 0};

    if (entered_count > 0)
        depth.times = entered[entered_count - 1].times;
    return depth;
}

void
machine_entered_restore(struct entered_depth depth)
{
    while (entered_count > depth.machines)
        innermost_drop();
    if (entered_count > 0)
        entered[entered_count - 1].times = depth.times;
}

void
machine_set_switch_hooks(struct machine *machine, void (*enter)(void *), void (*leave)(void *),
                         void *argument)
{
    machine->hook_enter = enter;
    machine->hook_leave = leave;
    machine->hook_argument = argument;
}

void
machine_set_trap_hooks(struct machine *machine, bool (*wanted)(void *argument),
                       void (*trapped)(void *argument, enum machine_trap trap,
                                       const void *address),
                       void *argument)
{
    machine->hook_trap_wanted = wanted;
    machine->hook_trap = trapped;
    machine->hook_trap_argument = argument;
    host_traps_catch();
}

/* --- life ------------------------------------------------------------------------------------- */

static void
config_complete(struct machine_config *config)
{
    if (config->max_steps == 0)
        config->max_steps = MAX_STEPS;
    if (config->fiber_stack_bytes == 0)
        config->fiber_stack_bytes =
            sanitizer_needs_large_stacks() ? STACK_BYTES_SANITIZED : STACK_BYTES;
    if (config->step_ns == 0)
        config->step_ns = STEP_NS;
}

struct machine *
machine_create(const struct machine_config *config)
{
    struct machine *machine = host_allocate_try(sizeof(*machine));

    if (machine == NULL)
        return NULL;
    machine->config = *config;
    config_complete(&machine->config);
    clock_start(machine);
    memory_start(&machine->memory, config->poison_seed);
    return machine;
}

void
machine_destroy(struct machine *machine)
{
    if (machine == NULL)
        return;
    if (machine->in_run)
        host_stop("machine_destroy of a machine that is running");
    for (unsigned index = 0; index < entered_count; index++) {
        if (entered[index].machine == machine)
            host_stop("machine_destroy of a machine that is entered");
    }
    fiber_destroy_all(machine);
    memory_end(&machine->memory);
    text_free(&machine->console);
    text_free(&machine->report);
    text_free(&machine->finding_text);
    host_free(machine);
}

void
machine_set_kernel(struct machine *machine, void *kernel)
{
    machine->kernel = kernel;
}

void *
machine_kernel(void)
{
    return current == NULL ? NULL : current->kernel;
}

uint64_t
machine_steps(const struct machine *machine)
{
    return machine->pulse.steps;
}

/* --- run -------------------------------------------------------------------------------------- */

enum machine_outcome
machine_run(struct machine *machine)
{
    struct entered_depth depth;
    struct fiber *first;

    if (machine->final)
        return machine->outcome;
    if (machine->in_run)
        host_stop("machine_run of a machine that is running");
    machine_enter(machine);
    depth = machine_entered_depth();
    machine->in_run = true;
    machine->outcome = MACHINE_OK;
    first = fiber_choose(machine);
    if (first != NULL)
        fiber_run(machine, first);
    machine->in_run = false;
    machine_entered_restore(depth);
    outcome_of_run(machine);
    machine_leave(machine);
    return machine->outcome;
}

/* --- choices ---------------------------------------------------------------------------------- */

uint32_t
machine_choose(enum choice_kind kind, uint32_t count, const char *label)
{
    struct machine *machine = current;
    struct tape_feeder *feeder;
    struct recent_choice *recent;
    uint32_t value;

    if (machine == NULL || count < 2)
        return 0;
    feeder = machine->config.feeder;
    if (feeder == NULL)
        return 0;
    sanitizer_ignore_begin(); /* a host's program, whatever fiber asks */
    value = feeder->next(feeder, kind, count, label);
    sanitizer_ignore_end();
    if (value >= count)
        host_stop("a tape feeder answered with a number that is not below the count");
    recent = &machine->recent[machine->choice_count++ % RECENT_CHOICES];
    recent->kind = kind;
    recent->count = count;
    recent->value = value;
    recent->label = label;
    return value;
}

bool
machine_fault(const char *label)
{
    return machine_choose(CHOICE_FAULT, 2, label) != 0;
}
