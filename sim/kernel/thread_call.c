/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread_call.h"

#include "kext.h"
#include "thread.h"
#include "wait.h"

#include <kern/clock.h>
#include <kern/thread_call.h>
#include <sys/systm.h>

struct thread_call {
    struct thread_call *next; /* newest first */
    thread_call_func_t function;
    timeout_fcn_t timeout; /* instead of function: a bsd_timeout, freed once it ran */
    thread_call_param_t first, second;
    const char *owner;   /* bundle id or NULL */
    uint64_t deadline_ns; /* absolute, 0 = now */
    uint32_t generation; /* of the entry that counts */
    uint32_t entries;    /* threads that know of this record */
    bool pending;
    bool freed;
};

struct call_entry {
    struct thread_call *call;
    uint32_t generation;
};

struct thread_call_system {
    struct thread_call *calls;
};

void
ksim_thread_calls_boot(struct ksim *kernel)
{
    struct thread_call_system *system = machine_allocate(sizeof(*system), "thread call system");

    system->calls = NULL;
    kernel->thread_calls = system;
}

void
ksim_thread_calls_audit(struct ksim *kernel)
{
    for (const struct thread_call *call = kernel->thread_calls->calls; call != NULL;
         call = call->next) {
        if (call->owner != NULL && !call->freed) {
            machine_finding(MACHINE_LEAK, "a thread call of %s was never freed", call->owner);
        } else if (call->owner != NULL && call->entries > 0) {
            machine_finding(MACHINE_LEAK, "a %s of %s never ended",
                            call->timeout != NULL ? "timeout" : "thread call", call->owner);
        }
    }
}

static struct thread_call *
call_create(thread_call_func_t function, timeout_fcn_t timeout, void *first)
{
    struct thread_call_system *system = ksim_current()->thread_calls;
    struct thread_call *call = machine_allocate(sizeof(*call), "thread call");

    machine_fill(call, 0, sizeof(*call));
    call->function = function;
    call->timeout = timeout;
    call->first = first;
    call->owner = ksim_thread_owner();
    call->freed = timeout != NULL;
    call->next = system->calls;
    system->calls = call;
    return call;
}

static void
call_check(const struct thread_call *call, const char *name)
{
    const struct thread_call *known = ksim_current()->thread_calls->calls;

    while (known != NULL && known != call) {
        known = known->next;
    }
    if (known == NULL || known->freed) {
        machine_fail(MACHINE_CONTRACT, "%s: thread call %p does not exist (freed?)", name,
                     (const void *)call);
    }
}

static void
call_reclaim(struct thread_call *call)
{
    struct thread_call **link = &ksim_current()->thread_calls->calls;

    if (!call->freed || call->entries > 0) {
        return;
    }
    while (*link != call) {
        link = &(*link)->next;
    }
    *link = call->next;
    machine_free(call);
}

/* --- entries ----------------------------------------------------------------------------------- */

static void
call_run(struct thread_call *call)
{
    thread_call_param_t second = call->second;
    const char *previous = ksim_kext_call_begin(call->owner, "thread call");

    call->pending = false;
    if (call->timeout != NULL) {
        call->timeout(call->first);
    } else {
        call->function(call->first, second);
    }
    ksim_kext_call_end(previous);
}

static void
entry_body(void *argument, wait_result_t result)
{
    struct call_entry *entry = argument;
    struct thread_call *call = entry->call;

    (void)result;
    while (call->pending && call->generation == entry->generation) {
        if (call->deadline_ns <= machine_now_ns()) {
            call_run(call);
            break;
        }
        (void)ksim_wait(call, THREAD_UNINT, call->deadline_ns, "thread call");
    }
    call->entries--;
    call_reclaim(call);
    machine_free(entry);
}

static boolean_t
call_enter(struct thread_call *call, thread_call_param_t second, uint64_t deadline_ns)
{
    struct call_entry *entry = machine_allocate(sizeof(*entry), "thread call entry");
    boolean_t pended = call->pending;

    call->second = second;
    call->deadline_ns = deadline_ns;
    call->pending = true;
    entry->call = call;
    entry->generation = ++call->generation;
    call->entries++;
    (void)ksim_wakeup(call);
    thread_deallocate((thread_t)ksim_thread_create("thread call", true, entry_body, entry));
    return pended;
}

static boolean_t
call_cancel(struct thread_call *call)
{
    boolean_t pended = call->pending;

    call->pending = false;
    (void)ksim_wakeup(call);
    return pended;
}

/* --- KPI --------------------------------------------------------------------------------------- */

thread_call_t
thread_call_allocate(thread_call_func_t function, thread_call_param_t first)
{
    ksim_kpi_enter("thread_call_allocate", KPI_MAY_BLOCK);
    return call_create(function, NULL, first);
}

boolean_t
thread_call_enter(thread_call_t call)
{
    return thread_call_enter1(call, NULL);
}

boolean_t
thread_call_enter1(thread_call_t call, thread_call_param_t second)
{
    ksim_kpi_enter("thread_call_enter1", KPI_ANY_CONTEXT);
    call_check(call, "thread_call_enter1");
    /* Already on its way to run at once: only the argument is new. */
    if (call->pending && call->deadline_ns == 0) {
        call->second = second;
        return TRUE;
    }
    return call_enter(call, second, 0);
}

boolean_t
thread_call_enter_delayed(thread_call_t call, uint64_t deadline)
{
    return thread_call_enter1_delayed(call, NULL, deadline);
}

boolean_t
thread_call_enter1_delayed(thread_call_t call, thread_call_param_t second, uint64_t deadline)
{
    ksim_kpi_enter("thread_call_enter1_delayed", KPI_ANY_CONTEXT);
    call_check(call, "thread_call_enter1_delayed");
    return call_enter(call, second, deadline == 0 ? 1 : deadline);
}

boolean_t
thread_call_cancel(thread_call_t call)
{
    ksim_kpi_enter("thread_call_cancel", KPI_ANY_CONTEXT);
    call_check(call, "thread_call_cancel");
    return call_cancel(call);
}

boolean_t
thread_call_free(thread_call_t call)
{
    ksim_kpi_enter("thread_call_free", KPI_MAY_BLOCK);
    call_check(call, "thread_call_free");
    if (call->pending) {
        return FALSE;
    }
    call->freed = true;
    call_reclaim(call);
    return TRUE;
}

void
bsd_timeout(timeout_fcn_t function, void *argument, struct timespec *interval)
{
    uint64_t interval_ns = interval == NULL ? 0
                                            : (uint64_t)interval->tv_sec * NSEC_PER_SEC +
                                                  (uint64_t)interval->tv_nsec;

    ksim_kpi_enter("bsd_timeout", KPI_ANY_CONTEXT);
    (void)call_enter(call_create(NULL, function, argument), NULL, machine_now_ns() + interval_ns);
}

void
bsd_untimeout(timeout_fcn_t function, void *argument)
{
    struct thread_call *call = ksim_current()->thread_calls->calls;

    ksim_kpi_enter("bsd_untimeout", KPI_ANY_CONTEXT);
    while (call != NULL &&
           (!call->pending || call->timeout != function || call->first != argument)) {
        call = call->next;
    }
    if (call != NULL) {
        (void)call_cancel(call);
    }
}
