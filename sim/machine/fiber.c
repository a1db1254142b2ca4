/* SPDX-License-Identifier: BSD-2-Clause */
#include "fiber.h"

#include <string.h>

#include "clock.h"
#include "sanitizer.h"

/* --- queues ----------------------------------------------------------------------------------- */

void
fiber_queue_insert(struct fiber_queue *queue, struct fiber *before, struct fiber *fiber)
{
    struct fiber *after = before == NULL ? queue->first : before->queue_next;

    fiber->queue_previous = before;
    fiber->queue_next = after;
    if (before == NULL)
        queue->first = fiber;
    else
        before->queue_next = fiber;
    if (after == NULL)
        queue->last = fiber;
    else
        after->queue_previous = fiber;
    queue->count++;
}

void
fiber_queue_remove(struct fiber_queue *queue, struct fiber *fiber)
{
    if (fiber->queue_previous == NULL)
        queue->first = fiber->queue_next;
    else
        fiber->queue_previous->queue_next = fiber->queue_next;
    if (fiber->queue_next == NULL)
        queue->last = fiber->queue_previous;
    else
        fiber->queue_next->queue_previous = fiber->queue_previous;
    fiber->queue_next = NULL;
    fiber->queue_previous = NULL;
    queue->count--;
}

static struct fiber *
queue_take(struct fiber_queue *queue, uint32_t position)
{
    struct fiber *fiber = queue->first;

    while (position-- > 0)
        fiber = fiber->queue_next;
    fiber_queue_remove(queue, fiber);
    return fiber;
}

/* --- end of a fiber --------------------------------------------------------------------------- */

/* Its end is not always its own doing: what it began to ignore is ended in its name. */
static void
sanitizer_fiber_destroy(struct fiber *fiber)
{
    void *there = fiber->context.sanitizer_fiber;

    if (sanitizer_threads.destroy_fiber == NULL)
        return;
    if (fiber->unwatched) {
        void *here = sanitizer_threads.current_fiber();

        sanitizer_threads.switch_to_fiber(there, SANITIZER_NO_ORDER);
        sanitizer_ignore_end();
        sanitizer_threads.switch_to_fiber(here, SANITIZER_NO_ORDER);
    }
    sanitizer_threads.destroy_fiber(there);
}

static void
fiber_free(struct fiber *fiber)
{
    struct machine *machine = fiber->machine;

    if (fiber->stack.low != NULL) {
        sanitizer_fiber_destroy(fiber);
        host_stack_give(&fiber->stack);
    }
    if (fiber->previous == NULL)
        machine->fibers_first = fiber->next;
    else
        fiber->previous->next = fiber->next;
    if (fiber->next == NULL)
        machine->fibers_last = fiber->previous;
    else
        fiber->next->previous = fiber->previous;
    host_free(fiber);
}

/* A fiber cannot give back the stack it stands on; whoever runs next does it. */
static void
collect_departed(struct machine *machine)
{
    struct fiber *departed = machine->departed;

    if (departed == NULL)
        return;
    machine->departed = NULL;
    sanitizer_fiber_destroy(departed);
    host_stack_give(&departed->stack);
    if (departed->released && departed->state == FIBER_FINISHED)
        fiber_free(departed);
}

/* --- going from one fiber to another ---------------------------------------------------------- */

static void
watch_tell(const struct machine *machine, const struct fiber *fiber,
           enum machine_happening happening, const char *what)
{
    if (machine->watch != NULL)
        machine->watch(machine->watch_context, fiber, happening, what, 0);
}

void
machine_tell_handled(uint64_t thing, const char *what_literal)
{
    const struct machine *machine = machine_current();

    if (machine->watch != NULL)
        machine->watch(machine->watch_context, machine->running, MACHINE_HANDLES, what_literal, thing);
}

/* What a fiber (or the host) does first after it got the processor. */
static void
arrived(struct machine *machine, struct fiber *self)
{
    collect_departed(machine);
    if (self == NULL)
        sanitizer_order_acquire(&machine->fibers_ran);
    else
        sanitizer_order_acquire(&machine->host_ran);
}

/* `from` or `to` NULL means the host. */
static void
go(struct machine *machine, struct fiber *from, struct fiber *to, bool for_ever)
{
    struct context *here = from == NULL ? &machine->host : &from->context;
    struct context *there = to == NULL ? &machine->host : &to->context;

    sanitizer_order_release(from == NULL ? &machine->host_ran : &machine->fibers_ran);
    if (for_ever)
        machine->departed = from;
    machine->running = to;
    machine_pulse_choose();
    if (to != NULL) {
        to->state = FIBER_RUNNING;
        watch_tell(machine, to, MACHINE_RUNS, "");
    }
    context_switch(here, there, for_ever);
    if (from != NULL && from->discarding) {
        from->state = FIBER_ABANDONED;
        go(machine, from, NULL, true);
    }
    arrived(machine, from);
}

static void
fiber_begin(void *argument)
{
    struct fiber *self = argument;

    context_arrive(&self->context);
    arrived(self->machine, self);
    sanitizer_order_acquire(self);
    self->entry(self->argument);
    machine_fiber_exit();
}

/* Whoever wants to be told that nothing can run now; true: something can again. */
static bool
idle_tell(struct machine *machine)
{
    if (machine->hook_idle != NULL)
        machine->hook_idle(machine->hook_idle_argument, machine->sleepers.first == NULL);
    return machine->runnable.count > 0;
}

struct fiber *
fiber_choose(struct machine *machine)
{
    struct fiber *standing = machine->standing;
    uint32_t choice;

    if (standing != NULL) {
        machine->standing = NULL;
        return standing;
    }
    while (machine->runnable.count == 0) {
        if (machine->idler != NULL)
            machine_wake(machine->idler);
        else if (!idle_tell(machine) && !clock_jump(machine))
            return NULL;
    }
    choice = machine_choose(CHOICE_SCHEDULE, machine->runnable.count, MACHINE_DISPATCH_LABEL);
    return queue_take(&machine->runnable, choice);
}

void
fiber_run(struct machine *machine, struct fiber *fiber)
{
    if (sanitizer_threads.current_fiber != NULL)
        machine->host.sanitizer_fiber = sanitizer_threads.current_fiber();
    go(machine, NULL, fiber, false);
}

_Noreturn void
fiber_abandon(struct machine *machine)
{
    machine->running->state = FIBER_ABANDONED;
    go(machine, machine->running, NULL, true);
    host_stop("an abandoned fiber ran again");
}

_Noreturn void
machine_fiber_exit(void)
{
    struct machine *machine = machine_current();
    struct fiber *self = machine == NULL ? NULL : machine->running;

    if (self == NULL)
        machine_fail(MACHINE_CONTRACT, "machine_fiber_exit was called outside a fiber");
    clock_step(machine);
    self->state = FIBER_FINISHED;
    if (!self->daemon)
        machine->unfinished--;
    watch_tell(machine, self, MACHINE_ENDS, "");
    go(machine, self, fiber_choose(machine), true);
    host_stop("a finished fiber ran again");
}

/* A preemption point that somebody watches. At the last one the watcher gets the processor. */
static void
point_pass(struct machine *machine, struct fiber *self, const char *where)
{
    struct fiber *watcher = machine->idler;

    machine->seen(machine->seen_context, self, where);
    if (--machine->points_left > 0)
        return;
    self->state = FIBER_RUNNABLE;
    machine->standing = self;
    machine_wake(watcher);
    fiber_queue_remove(&machine->runnable, watcher);
    go(machine, self, watcher, false);
}

void
machine_yield_decide(const char *where)
{
    struct machine *machine = machine_current();
    struct fiber *self = machine == NULL ? NULL : machine->running;
    uint32_t choice;

    if (self == NULL)
        return;
    clock_step(machine);
    watch_tell(machine, self, MACHINE_AT_POINT, where);
    if (machine->points_left > 0)
        point_pass(machine, self, where);
    if (machine->config.feeder == NULL || machine->runnable.count == 0)
        return;
    choice = machine_choose(CHOICE_SCHEDULE, machine->runnable.count + 1, where);
    if (choice == 0)
        return;
    self->state = FIBER_RUNNABLE;
    fiber_queue_insert(&machine->runnable, machine->runnable.last, self);
    if (machine->hook_leaves != NULL)
        machine->hook_leaves();
    go(machine, self, queue_take(&machine->runnable, choice - 1), false);
    if (machine->hook_returns != NULL)
        machine->hook_returns();
}

bool
machine_block(const char *why, const void *what, uint64_t deadline_ns)
{
    struct machine *machine = machine_current();
    struct fiber *self = machine == NULL ? NULL : machine->running;
    struct fiber *next;

    if (self == NULL)
        machine_fail(MACHINE_CONTRACT, "host code would block: %s", why);
    self->state = FIBER_BLOCKED;
    self->blocked_why = why;
    self->blocked_what = what;
    self->blocked_step = machine->pulse.steps;
    self->blocked_ns = machine->pulse.now_ns;
    self->deadline_ns = deadline_ns;
    self->timed_out = false;
    if (deadline_ns != 0)
        clock_sleeper_add(machine, self);
    clock_step(machine);
    watch_tell(machine, self, MACHINE_BLOCKS, why);
    next = fiber_choose(machine);
    if (next == self)
        self->state = FIBER_RUNNING; /* its deadline came and nobody else can run */
    else
        go(machine, self, next, false);
    if (!self->timed_out)
        sanitizer_order_acquire(self);
    return !self->timed_out;
}

void
machine_wait_idle(const char *why)
{
    struct machine *machine = machine_current();

    if (machine != NULL && machine->running != NULL) {
        if (machine->idler != NULL)
            host_stop("two fibers wait until the machine is idle");
        machine->idler = machine->running;
    }
    (void)machine_block(why, NULL, 0);
}

uint32_t
machine_step_points(uint32_t points, machine_seen *seen, void *context)
{
    struct machine *machine = machine_current();
    uint32_t left;

    machine->points_left = points;
    machine->seen = seen;
    machine->seen_context = context;
    clock_pulse_set(machine);
    if (points > 0)
        machine_wait_idle("step");
    left = machine->points_left;
    machine->points_left = 0;
    clock_pulse_set(machine);
    return points - left;
}

void
machine_wake(struct fiber *fiber)
{
    struct machine *machine = fiber->machine;

    if (fiber->state != FIBER_BLOCKED)
        return;
    if (machine->idler == fiber)
        machine->idler = NULL;
    if (fiber->deadline_ns != 0)
        clock_sleeper_remove(machine, fiber);
    fiber->state = FIBER_RUNNABLE;
    sanitizer_order_release(fiber);
    fiber_queue_insert(&machine->runnable, machine->runnable.last, fiber);
}

/* --- life ------------------------------------------------------------------------------------- */

struct fiber *
machine_fiber_create(struct machine *machine, const char *name, bool daemon, void (*entry)(void *),
                     void *argument)
{
    struct fiber *fiber = host_allocate(sizeof(*fiber));
    size_t name_bytes = strlen(name);

    if (!host_stack_take(&fiber->stack, machine->config.fiber_stack_bytes))
        host_stop("the host has no memory left for a fiber's stack");
    context_prepare(&fiber->context, fiber->stack.low, fiber->stack.bytes, fiber_begin, fiber);
    if (name_bytes >= sizeof(fiber->name))
        name_bytes = sizeof(fiber->name) - 1;
    memcpy(fiber->name, name, name_bytes);
    fiber->machine = machine;
    fiber->id = ++machine->fiber_count;
    fiber->daemon = daemon;
    fiber->entry = entry;
    fiber->argument = argument;
    if (!daemon)
        machine->unfinished++;
    if (sanitizer_threads.create_fiber != NULL) {
        fiber->context.sanitizer_fiber = sanitizer_threads.create_fiber(0);
        sanitizer_threads.set_fiber_name(fiber->context.sanitizer_fiber, fiber->name);
    }
    sanitizer_order_release(fiber);
    fiber->previous = machine->fibers_last;
    if (fiber->previous == NULL)
        machine->fibers_first = fiber;
    else
        fiber->previous->next = fiber;
    machine->fibers_last = fiber;
    fiber->state = FIBER_RUNNABLE;
    fiber_queue_insert(&machine->runnable, machine->runnable.last, fiber);
    return fiber;
}

void
machine_fiber_release(struct fiber *fiber)
{
    fiber->released = true;
    if (fiber->state == FIBER_FINISHED && fiber->machine->departed != fiber)
        fiber_free(fiber);
}

/*
 * AddressSanitizer keeps a fiber's locals on frames of its own, and frees them only when the fiber
 * leaves for ever; so each one that stands in mid call is resumed for that (see go).
 */
static void
discard_frames(struct machine *machine, struct fiber *fiber)
{
    if (!sanitizer_has_shadow_frames() || fiber->context.shadow_frames == NULL)
        return;
    fiber->discarding = true;
    fiber_run(machine, fiber);
}

void
fiber_destroy_all(struct machine *machine)
{
    collect_departed(machine);
    while (machine->fibers_first != NULL) {
        struct fiber *fiber = machine->fibers_first;

        if (fiber->state != FIBER_FINISHED && fiber->state != FIBER_ABANDONED)
            discard_frames(machine, fiber);
        fiber_free(fiber);
    }
}

/* --- what the machine's users ask ------------------------------------------------------------- */

bool
machine_fiber_finished(const struct fiber *fiber)
{
    return fiber->state == FIBER_FINISHED;
}

bool
machine_fiber_blocked(const struct fiber *fiber)
{
    return fiber->state == FIBER_BLOCKED;
}

bool
machine_stands(const struct machine *machine)
{
    return machine->standing != NULL;
}

void
machine_set_idle_hook(struct machine *machine, void (*idle)(void *argument, bool for_ever),
                      void *argument)
{
    machine->hook_idle = idle;
    machine->hook_idle_argument = argument;
}

void
machine_set_point_hooks(struct machine *machine, void (*leaves)(void), void (*returns)(void))
{
    machine->hook_leaves = leaves;
    machine->hook_returns = returns;
}

void
machine_set_watch(struct machine *machine, machine_witness *watch, void *context)
{
    machine->watch = watch;
    machine->watch_context = context;
}

void
machine_fiber_look(const struct fiber *fiber, struct machine_fiber_status *status)
{
    static const char *const states[] = {[FIBER_RUNNABLE] = "runnable",
                                         [FIBER_RUNNING] = "running",
                                         [FIBER_BLOCKED] = "blocked",
                                         [FIBER_FINISHED] = "finished",
                                         [FIBER_ABANDONED] = "abandoned"};
    bool blocked = fiber->state == FIBER_BLOCKED;

    status->id = fiber->id;
    status->name = fiber->name;
    status->state = states[fiber->state];
    status->why = blocked ? fiber->blocked_why : NULL;
    status->what = blocked ? fiber->blocked_what : NULL;
    status->since_ns = fiber->blocked_ns;
    status->deadline_ns = blocked ? fiber->deadline_ns : 0;
}

const char *
machine_fiber_name(const struct fiber *fiber)
{
    return fiber->name;
}

uint32_t
machine_fiber_id(const struct fiber *fiber)
{
    return fiber->id;
}

struct fiber *
machine_fiber_current(void)
{
    struct machine *machine = machine_current();

    return machine == NULL ? NULL : machine->running;
}

bool
machine_on_stack(const void *address)
{
    const struct fiber *self = machine_fiber_current();

    return self != NULL && (uintptr_t)address - (uintptr_t)self->stack.low < self->stack.bytes;
}

void
machine_fiber_set_local(struct fiber *fiber, void *local)
{
    fiber->local = local;
    if (fiber == machine_fiber_current())
        machine_local = local;
}

void *
machine_fiber_local(const struct fiber *fiber)
{
    return fiber->local;
}

void
machine_race_watch(bool watched)
{
    struct fiber *self = machine_fiber_current();

    if (self == NULL || self->unwatched == !watched)
        return;
    self->unwatched = !watched;
    if (watched)
        sanitizer_ignore_end();
    else
        sanitizer_ignore_begin();
}

void
machine_order_acquire(const void *object)
{
    sanitizer_order_acquire(object);
}

void
machine_order_release(const void *object)
{
    sanitizer_order_release(object);
}
