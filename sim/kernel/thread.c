/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread.h"

#include "lock.h"
#include "memory.h"
#include "process.h"
#include "wait.h"

#include <mach/thread_act.h>

void
ksim_threads_boot(struct ksim *kernel)
{
    struct thread_system *system = machine_allocate(sizeof(*system), "thread system");

    machine_fill(system, 0, sizeof(*system));
    machine_format(system->boot.name, sizeof(system->boot.name), "boot");
    system->boot.references = 1;
    system->boot.active = true;
    system->boot.daemon = true;
    system->threads = &system->boot;
    kernel->threads = system;
}

struct thread *
ksim_thread_boot(void)
{
    return &ksim_current()->threads->boot;
}

static void
thread_release(struct thread *thread)
{
    struct thread **link = &ksim_current()->threads->threads;

    if (--thread->references > 0) {
        return;
    }
    while (*link != thread) {
        link = &(*link)->next;
    }
    *link = thread->next;
    machine_free(thread);
}

static void
thread_report_held(struct thread *thread, const char *where)
{
    for (uint32_t i = 0; i < thread->held_count; i++) {
        machine_finding(MACHINE_LEAK, "thread %s %s with %s held", thread->name, where,
                        ksim_lock_describe(thread->held[i].lock));
    }
}

void
ksim_thread_exit(void)
{
    struct thread *thread = ksim_thread_current();
    struct process *process = thread->process;

    thread_report_held(thread, "ended");
    if (thread->counts_user) {
        thread->counts_user = false;
        process->user_threads--;
        if (process->ending && process->user_threads == 0) {
            thread->abort_hard = false;
            ksim_process_exit_now(process, process->exit_signal);
        }
    }
    thread->active = false;
    if (thread->ended != NULL) {
        thread->ended(thread->ended_argument);
    }
    machine_fiber_release(thread->fiber);
    machine_fiber_set_local(thread->fiber, NULL);
    thread->fiber = NULL;
    thread_release(thread);
    machine_fiber_exit();
}

static void
thread_entry(void *argument)
{
    struct thread *thread = argument;

    machine_watch(thread->owner != NULL);
    if (thread->user_body != NULL) {
        ksim_return_to_user("thread start");
        thread->user_body(thread->argument);
        ksim_return_to_user("thread end");
    } else {
        thread->body(thread->argument, THREAD_AWAKENED);
    }
    ksim_thread_exit();
}

static struct thread *
thread_create(const char *name, bool daemon, struct process *process)
{
    struct ksim *kernel = ksim_current();
    struct thread *thread = machine_allocate(sizeof(*thread), "thread");
    struct thread **link = &kernel->threads->threads;

    machine_fill(thread, 0, sizeof(*thread));
    machine_format(thread->name, sizeof(thread->name), "%s", name);
    thread->references = 1;
    thread->active = true;
    thread->daemon = daemon;
    thread->process = process;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = thread;
    return thread;
}

static void
thread_start(struct thread *thread)
{
    thread->fiber = machine_fiber_create(machine_current(), thread->name, thread->daemon,
                                         thread_entry, thread);
    machine_fiber_set_local(thread->fiber, thread);
}

struct thread *
ksim_thread_create(const char *name, bool daemon, thread_continue_t body, void *argument)
{
    struct thread *thread = thread_create(name, daemon, ksim_process_kernel());

    thread->body = body;
    thread->argument = argument;
    thread->references++;
    thread_start(thread);
    return thread;
}

struct thread *
ksim_thread_create_user(struct process *process, const char *name, void (*body)(void *),
                        void *argument)
{
    struct thread *thread = thread_create(name, false, process);

    thread->user_body = body;
    thread->argument = argument;
    thread->counts_user = true;
    process->user_threads++;
    thread_start(thread);
    return thread;
}

void
ksim_threads_each(struct process *process, void (*visit)(struct thread *, void *), void *context)
{
    struct thread *next;

    for (struct thread *thread = ksim_current()->threads->threads; thread != NULL; thread = next) {
        next = thread->next;
        if (thread->active && (process == NULL || thread->process == process)) {
            visit(thread, context);
        }
    }
}

_Noreturn void
ksim_thread_blocks_with_spin_lock(const struct thread *thread, const char *name)
{
    machine_fail(MACHINE_CONTRACT,
                 "%s: thread %s may block here while it holds a spin lock (thread_invoke: "
                 "preemption_level %u, possible cause: blocking while holding a spinlock, or "
                 "within interrupt context)",
                 name, thread->name, thread->spin_count);
}

void
ksim_kpi_check(const char *name, unsigned rules)
{
    struct thread *thread = ksim_thread_current();

    if (thread->held_count == 0) {
        return;
    }
    if ((rules & (KPI_MAY_BLOCK | KPI_CALLS_BACK)) != 0) {
        ksim_thread_may_block(name);
    }
    if ((rules & KPI_CALLS_BACK) != 0) {
        const struct ksim_lock *lock = ksim_lock_held_by_guest(thread);

        if (lock != NULL) {
            machine_fail(MACHINE_CONTRACT, "%s called with %s held by thread %s", name,
                         ksim_lock_describe(lock), thread->name);
        }
    }
}

void
ksim_threads_audit(struct ksim *kernel)
{
    for (struct thread *thread = kernel->threads->threads; thread != NULL; thread = thread->next) {
        if (thread == &kernel->threads->boot) {
            continue;
        }
        if (thread->blocked_on != NULL) {
            machine_finding(MACHINE_HANG, "thread %s still waits for %s", thread->name,
                            ksim_lock_describe(thread->blocked_on));
        } else if (thread->creator != NULL && thread->active) {
            machine_finding(MACHINE_LEAK, "thread %s of kext %s still lives", thread->name,
                            thread->creator);
        } else if (thread->referrer_references > 0) {
            machine_finding(MACHINE_LEAK, "thread %s%s is still referenced by %s", thread->name,
                            thread->active ? "" : ", which ended,", thread->referrer);
        } else if (!thread->daemon && thread->active) {
            machine_finding(MACHINE_LEAK, "thread %s of process %s still sleeps", thread->name,
                            thread->process->name);
        }
        if (thread->active) {
            thread_report_held(thread, "sleeps at the end");
        }
    }
}

/* The record while it exists: nothing but its place in the list proves that. */
static void
thread_check(const struct thread *thread, const char *name)
{
    const struct thread *known = ksim_current()->threads->threads;

    while (known != NULL && known != thread) {
        known = known->next;
    }
    if (known == NULL) {
        machine_fail(MACHINE_CONTRACT, "%s: thread %p does not exist any more: deallocated more "
                     "often than referenced", name, (const void *)thread);
    }
}

static void
thread_note_referrer(struct thread *thread)
{
    const char *owner = ksim_thread_owner();

    if (owner != NULL) {
        thread->referrer = owner;
        thread->referrer_references++;
    }
}

/* --- KPI --------------------------------------------------------------------------------------- */

thread_t
current_thread(void)
{
    ksim_kpi_enter("current_thread", KPI_ANY_CONTEXT);
    return ksim_thread_current();
}

void
thread_reference(thread_t thread)
{
    ksim_kpi_enter("thread_reference", KPI_ANY_CONTEXT);
    if (thread != THREAD_NULL) {
        thread_check(thread, "thread_reference");
        thread->references++;
        thread_note_referrer(thread);
    }
}

void
thread_deallocate(thread_t thread)
{
    ksim_kpi_enter("thread_deallocate", KPI_ANY_CONTEXT);
    if (thread == THREAD_NULL) {
        return;
    }
    thread_check(thread, "thread_deallocate");
    if (thread->references == 1 && thread->active) {
        machine_fail(MACHINE_CONTRACT, "thread_deallocate: thread %s lives and is deallocated more "
                     "often than referenced", thread->name);
    }
    if (ksim_thread_owner() != NULL && thread->referrer_references > 0) {
        thread->referrer_references--;
    }
    thread_release(thread);
}

kern_return_t
kernel_thread_start(thread_continue_t function, void *parameter, thread_t *out)
{
    struct thread *thread;
    const char *owner = ksim_thread_owner();
    char name[THREAD_NAME_BYTES];

    ksim_kpi_enter("kernel_thread_start", KPI_MAY_BLOCK);
    if (machine_fault("kernel_thread_start")) {
        return KERN_RESOURCE_SHORTAGE;
    }
    machine_format(name, sizeof(name), "thread of %s", owner == NULL ? "the kernel" : owner);
    thread = ksim_thread_create(name, true, function, parameter);
    thread->owner = owner;
    thread->creator = owner;
    thread_note_referrer(thread);
    *out = thread;
    return KERN_SUCCESS;
}

kern_return_t
thread_terminate(thread_act_t thread)
{
    ksim_kpi_enter("thread_terminate", KPI_MAY_BLOCK);
    if (thread == THREAD_NULL) {
        return KERN_INVALID_ARGUMENT;
    }
    if (thread == ksim_thread_current()) {
        ksim_thread_exit();
    }
    if (thread->user_body == NULL) {
        return KERN_FAILURE;
    }
    ksim_thread_abort(thread);
    return KERN_SUCCESS;
}
