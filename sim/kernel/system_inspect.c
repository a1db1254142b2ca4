/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What whoever stands outside the machine sees: threads, locks, mbufs and queues as they are. No step, no
 * lock, no choice: looking changes nothing.
 */
#include "system.h"

#include "interface_internal.h"
#include "lock.h"
#include "mbuf.h"
#include "process.h"
#include "thread.h"

/* --- threads ----------------------------------------------------------------------------------- */

static const struct thread *
thread_at(struct ksim *kernel, unsigned position)
{
    const struct thread *thread = kernel->threads->threads;

    while (thread != NULL && (thread->fiber == NULL || position-- > 0)) {
        thread = thread->next;
    }
    return thread;
}

/* An event in a kext's own variables has no name. */
static void
wait_describe(struct ksim_thread_look *look, const void *event)
{
    static const char nameless[] = "memory outside";

    machine_describe(look->what, sizeof(look->what), event);
    if (machine_compare(look->what, nameless, sizeof(nameless) - 1) == 0) {
        look->what[0] = '\0';
    }
}

bool
ksim_look_thread(struct ksim *kernel, unsigned position, struct ksim_thread_look *look)
{
    const struct thread *thread = thread_at(kernel, position);
    struct machine_fiber_status fiber;

    if (thread == NULL) {
        return false;
    }
    machine_fiber_look(thread->fiber, &fiber);
    machine_fill(look, 0, sizeof(*look));
    look->number = fiber.id;
    look->pid = thread->process->pid;
    look->process = thread->process->name;
    look->name = thread->name;
    look->state = fiber.state;
    look->kext = thread->owner;
    look->why = fiber.why;
    look->since_ns = fiber.since_ns;
    look->deadline_ns = fiber.deadline_ns;
    if (thread->blocked_on != NULL) {
        machine_format(look->what, sizeof(look->what), "%s", ksim_lock_describe(thread->blocked_on));
    } else if (fiber.what != NULL) {
        wait_describe(look, fiber.what);
    }
    return true;
}

static void
thread_text(const struct thread *thread, char *text, size_t bytes)
{
    machine_format(text, bytes, "%s %s", thread->process->name, thread->name);
}

void
ksim_look_fiber(const struct fiber *fiber, char *text, size_t bytes)
{
    const struct thread *thread = machine_fiber_local(fiber);

    if (thread != NULL) {
        thread_text(thread, text, bytes);
    } else {
        machine_format(text, bytes, "%s", machine_fiber_name(fiber));
    }
}

/* --- locks ------------------------------------------------------------------------------------- */

/* The list is newest first; numbers only grow. */
static struct ksim_lock *
lock_at(struct ksim *kernel, unsigned position)
{
    struct ksim_lock *lock = kernel->locks->locks;
    unsigned count = 0;

    for (const struct ksim_lock *each = lock; each != NULL; each = each->next) {
        count++;
    }
    if (position >= count) {
        return NULL;
    }
    for (unsigned skip = count - 1 - position; skip > 0; skip--) {
        lock = lock->next;
    }
    return lock;
}

static bool
thread_relates(const struct thread *thread, const struct ksim_lock *lock,
               enum ksim_lock_relation relation)
{
    return relation == KSIM_LOCK_HOLDER ? ksim_lock_held(lock, thread, NULL)
                                        : thread->blocked_on == lock;
}

static const struct thread *
thread_related(struct ksim *kernel, const struct ksim_lock *lock, enum ksim_lock_relation relation,
               unsigned index)
{
    const struct thread *thread = kernel->threads->threads;

    for (; thread != NULL; thread = thread->next) {
        if (thread_relates(thread, lock, relation) && index-- == 0) {
            break;
        }
    }
    return thread;
}

bool
ksim_look_lock(struct ksim *kernel, unsigned position, struct ksim_lock_look *look)
{
    const struct ksim_lock *lock = lock_at(kernel, position);

    if (lock == NULL) {
        return false;
    }
    machine_fill(look, 0, sizeof(*look));
    machine_format(look->name, sizeof(look->name), "%s", ksim_lock_describe(lock));
    look->later = lock->after_count;
    while (thread_related(kernel, lock, KSIM_LOCK_HOLDER, look->held) != NULL) {
        look->held++;
    }
    while (thread_related(kernel, lock, KSIM_LOCK_WAITER, look->waiting) != NULL) {
        look->waiting++;
    }
    return true;
}

bool
ksim_look_lock_relation(struct ksim *kernel, unsigned position, enum ksim_lock_relation relation,
                        unsigned index, char *text, size_t bytes)
{
    const struct ksim_lock *lock = lock_at(kernel, position);
    const struct thread *thread;

    if (lock == NULL) {
        return false;
    }
    if (relation == KSIM_LOCK_LATER) {
        if (index >= lock->after_count) {
            return false;
        }
        machine_format(text, bytes, "%s", ksim_lock_describe(lock->after[index]));
        return true;
    }
    thread = thread_related(kernel, lock, relation, index);
    if (thread == NULL) {
        return false;
    }
    thread_text(thread, text, bytes);
    return true;
}

/* --- mbufs and queues -------------------------------------------------------------------------- */

bool
ksim_look_mbuf(struct ksim *kernel, uint64_t *serial, char *text, size_t bytes)
{
    struct __mbuf *found = NULL;

    for (const struct mbuf_slab *slab = kernel->mbufs->slabs; slab != NULL; slab = slab->next) {
        for (uint32_t i = 0; i < slab->count; i++) {
            struct __mbuf *m = (struct __mbuf *)(void *)(slab->first + i * slab->stride_bytes);

            if (m->state == MBUF_LIVE && m->serial > *serial &&
                (found == NULL || m->serial < found->serial)) {
                found = m;
            }
        }
    }
    if (found == NULL) {
        return false;
    }
    *serial = found->serial;
    (void)mbuf_history_text(found, text, bytes);
    return true;
}

bool
ksim_look_interface(struct ksim *kernel, unsigned position, const char **name,
                    unsigned *input_packets)
{
    ifnet_t interface = kernel->interfaces->attached;

    while (interface != NULL && position-- > 0) {
        interface = interface->next_attached;
    }
    if (interface == NULL) {
        return false;
    }
    *name = interface->xname;
    *input_packets = ksim_interface_input_count(interface);
    return true;
}

/* --- signals ----------------------------------------------------------------------------------- */

enum ksim_signal_action
ksim_look_signal_action(const struct process *process, int signal)
{
    return (enum ksim_signal_action)process->signal_actions[signal];
}
