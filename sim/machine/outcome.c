/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "fiber.h"
#include "fiber_stack.h"
#include "machine_state.h"
#include "tape.h"

enum { REPORT_WORDS_BYTES = 512 };

void
machine_set_report_hook(struct machine *machine, void (*say)(const void *local, char *text, size_t bytes))
{
    machine->hook_report = say;
}

const char *
machine_outcome_name(enum machine_outcome outcome)
{
    static const char *const names[] = {
        [MACHINE_OK] = "ok",
        [MACHINE_PANIC] = "panic",
        [MACHINE_HANG] = "hang",
        [MACHINE_LEAK] = "leak",
        [MACHINE_RACE] = "race",
        [MACHINE_LOCK_ORDER] = "lock order",
        [MACHINE_CONTRACT] = "contract",
        [MACHINE_LIMIT] = "limit",
    };

    return names[outcome];
}

enum machine_outcome
machine_outcome(const struct machine *machine)
{
    if (machine->final || machine->finding == MACHINE_OK)
        return machine->outcome;
    return machine->finding;
}

const char *
machine_report(const struct machine *machine)
{
    if (machine->report.length > 0)
        return text_bytes(&machine->report);
    return text_bytes(&machine->finding_text);
}

/* --- parts of a report ------------------------------------------------------------------------ */

static void
report_place(struct machine *machine, struct text *text)
{
    text_add(text, "  at step %llu, %llu ns, in ", (unsigned long long)machine->pulse.steps,
             (unsigned long long)machine->pulse.now_ns);
    if (machine->running == NULL)
        text_add(text, "host code\n");
    else
        text_add(text, "fiber %u \"%s\"\n", machine->running->id, machine->running->name);
}

static void
report_fiber(const struct fiber *fiber, struct text *text)
{
    char what[96];

    text_add(text, "  fiber %u \"%s\"%s: ", fiber->id, fiber->name,
             fiber->daemon ? " (daemon)" : "");
    switch (fiber->state) {
    case FIBER_RUNNABLE:
        text_add(text, "runnable\n");
        break;
    case FIBER_RUNNING:
        text_add(text, "running\n");
        break;
    case FIBER_BLOCKED:
        machine_describe(what, sizeof(what), fiber->blocked_what);
        text_add(text, "blocked in \"%s\" on %s since step %llu", fiber->blocked_why, what,
                 (unsigned long long)fiber->blocked_step);
        if (fiber->deadline_ns != 0)
            text_add(text, ", until %llu ns", (unsigned long long)fiber->deadline_ns);
        text_add(text, "\n");
        break;
    case FIBER_FINISHED:
        text_add(text, "finished\n");
        break;
    case FIBER_ABANDONED:
        text_add(text, "abandoned\n");
        break;
    }
}

/* What the kernel knows of it, and the calls that led to where it stands, the innermost first. */
static void
report_more(const struct fiber *fiber, struct text *text)
{
    const struct machine *machine = fiber->machine;
    char words[REPORT_WORDS_BYTES] = "";

    if (machine->hook_report != NULL && fiber->local != NULL)
        machine->hook_report(fiber->local, words, sizeof(words));
    if (words[0] != '\0')
        text_add(text, "    %s\n", words);
    if (fiber->state != FIBER_ABANDONED)
        fiber_stack_text(fiber, text);
}

static void
report_fibers(const struct machine *machine, struct text *text)
{
    const struct fiber *fiber = machine->fibers_first;

    for (; fiber != NULL; fiber = fiber->next) {
        if (fiber->state == FIBER_FINISHED)
            continue;
        report_fiber(fiber, text);
        report_more(fiber, text);
    }
}

static void
report_choices(const struct machine *machine, struct text *text)
{
    uint64_t index = machine->choice_count;

    if (index == 0)
        return;
    text_add(text, "  last of %llu choices, newest first:\n", (unsigned long long)index);
    for (unsigned shown = 0; shown < RECENT_CHOICES && index-- > 0; shown++) {
        const struct recent_choice *recent = &machine->recent[index % RECENT_CHOICES];

        text_add(text, "    %llu: %s %u of %u at \"%s\"\n", (unsigned long long)index,
                 tape_kind_name(recent->kind), recent->value, recent->count, recent->label);
    }
}

static void
report_finding(const struct machine *machine, struct text *text)
{
    if (machine->finding != MACHINE_OK)
        text_add(text, "%s", text_bytes(&machine->finding_text));
}

static void
report_rest(struct machine *machine, struct text *text)
{
    report_place(machine, text);
    report_fibers(machine, text);
    report_choices(machine, text);
}

/* --- failures --------------------------------------------------------------------------------- */

_Noreturn void
machine_fail_list(enum machine_outcome outcome, const char *format, va_list arguments)
{
    struct machine *machine = machine_current();
    struct text nowhere = {0};
    struct text *text = machine == NULL ? &nowhere : &machine->report;

    text_free(text);
    text_add(text, "%s: ", machine_outcome_name(outcome));
    text_add_list(text, format, arguments);
    text_end_line(text);
    if (machine == NULL)
        host_stop(text_bytes(text));
    report_rest(machine, text);
    report_finding(machine, text);
    machine->outcome = outcome;
    machine->final = true;
    if (machine->running != NULL)
        fiber_abandon(machine);
    if (machine->trying == NULL)
        host_stop(text_bytes(text));
    longjmp(machine->trying->place, 1);
}

_Noreturn void
machine_fail(enum machine_outcome outcome, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    machine_fail_list(outcome, format, arguments);
}

void
machine_finding(enum machine_outcome outcome, const char *format, ...)
{
    struct machine *machine = machine_current();
    struct text *text;
    va_list arguments;

    if (machine == NULL)
        host_stop("machine_finding was called with no machine entered");
    if (machine->finding != MACHINE_OK)
        return;
    machine->finding = outcome;
    text = &machine->finding_text;
    text_add(text, "%s: ", machine_outcome_name(outcome));
    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
    text_end_line(text);
    report_rest(machine, text);
}

bool
machine_try(struct machine *machine, void (*body)(void *), void *argument)
{
    struct try_scope scope;
    struct entered_depth depth;
    bool good;

    if (machine->final)
        return false;
    depth = machine_entered_depth();
    machine_enter(machine);
    if (machine->running != NULL) {
        body(argument);
        machine_leave(machine);
        return true;
    }
    scope.outer = machine->trying;
    machine->trying = &scope;
    if (setjmp(scope.place) == 0) {
        body(argument);
        good = true;
    } else {
        good = false;
    }
    machine->trying = scope.outer;
    machine_entered_restore(depth);
    return good;
}

void
outcome_of_run(struct machine *machine)
{
    struct text *text = &machine->report;

    if (machine->final)
        return;
    text_free(text);
    if (machine->finding != MACHINE_OK) {
        machine->outcome = machine->finding;
        machine->final = true;
        report_finding(machine, text);
    } else if (machine->unfinished > 0) {
        machine->outcome = MACHINE_HANG;
    }
    if (machine->unfinished > 0) {
        text_add(text, "%s: %u %s blocked and nothing can wake %s\n",
                 machine_outcome_name(MACHINE_HANG), machine->unfinished,
                 machine->unfinished == 1 ? "fiber is" : "fibers are",
                 machine->unfinished == 1 ? "it" : "them");
        report_rest(machine, text);
    }
}
