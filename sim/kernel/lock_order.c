/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

/*
 * The order graph: an edge from each held lock to the one that is taken. Edges are between locks,
 * not groups, so that the locks of two units may nest one way without a report.
 */

enum { DEADLOCK_DEPTH_MAX = 24 };

static bool
order_has_edge(struct ksim_lock *from, const struct ksim_lock *to)
{
    for (uint32_t i = 0; i < from->after_count; i++) {
        if (from->after[i] == to) {
            from->after_recent[to->id % LOCK_RECENT] = to;
            return true;
        }
    }
    return false;
}

static bool
order_reaches(struct ksim_lock *from, const struct ksim_lock *to, uint32_t mark)
{
    if (from == to) {
        return true;
    }
    if (from->mark == mark) {
        return false;
    }
    from->mark = mark;
    for (uint32_t i = 0; i < from->after_count; i++) {
        if (order_reaches(from->after[i], to, mark)) {
            return true;
        }
    }
    return false;
}

static void
order_add_edge(struct ksim_lock *from, struct ksim_lock *to)
{
    if (from->after_count == from->after_capacity) {
        uint32_t capacity = from->after_capacity == 0 ? 8 : 2 * from->after_capacity;
        struct ksim_lock **after = machine_allocate(capacity * sizeof(struct ksim_lock *),
                                                    "lock order");

        machine_copy(after, from->after, from->after_count * sizeof(struct ksim_lock *));
        machine_free(from->after);
        from->after = after;
        from->after_capacity = capacity;
    }
    from->after[from->after_count++] = to;
}

void
ksim_lock_order_note(struct ksim_lock *lock, const char *name)
{
    struct lock_system *system = ksim_current()->locks;
    struct thread *thread = ksim_thread_current();

    for (uint32_t i = 0; i < thread->held_count; i++) {
        struct ksim_lock *held = thread->held[i].lock;

        if (held == lock || order_has_edge(held, lock)) {
            continue;
        }
        if (order_reaches(lock, held, ++system->last_mark)) {
            char first[sizeof(system->description)];

            machine_format(first, sizeof(first), "%s", ksim_lock_describe(held));
            machine_finding(MACHINE_LOCK_ORDER,
                            "%s: thread %s holds %s and takes %s; they were taken the other way "
                            "round before",
                            name, thread->name, first, ksim_lock_describe(lock));
        }
        order_add_edge(held, lock);
    }
}

void
ksim_lock_order_forget(struct ksim_lock *lock)
{
    for (struct ksim_lock *other = ksim_current()->locks->locks; other != NULL;
         other = other->next) {
        uint32_t kept = 0;

        for (uint32_t i = 0; i < other->after_count; i++) {
            if (other->after[i] != lock) {
                other->after[kept++] = other->after[i];
            }
        }
        other->after_count = kept;
        if (ksim_lock_order_is_recent(other, lock)) {
            other->after_recent[lock->id % LOCK_RECENT] = NULL;
        }
    }
    machine_free(lock->after);
    lock->after = NULL;
}

/* True when a chain of holders that wait leads from `lock` to the running thread. */
static bool
deadlock_leads_back(const struct ksim_lock *lock, const struct thread *target, uint32_t depth)
{
    for (struct thread *thread = ksim_current()->threads->threads; thread != NULL;
         thread = thread->next) {
        if (!ksim_lock_held(lock, thread, NULL)) {
            continue;
        }
        if (thread == target) {
            return true;
        }
        if (thread->blocked_on != NULL && depth < DEADLOCK_DEPTH_MAX &&
            deadlock_leads_back(thread->blocked_on, target, depth + 1)) {
            return true;
        }
    }
    return false;
}

void
ksim_lock_deadlock_check(struct ksim_lock *lock, const char *name)
{
    struct thread *thread = ksim_thread_current();

    if (ksim_lock_held(lock, thread, NULL)) {
        machine_fail(MACHINE_HANG, "self deadlock: %s by thread %s, which holds %s already", name,
                     thread->name, ksim_lock_describe(lock));
    }
    if (deadlock_leads_back(lock, thread, 0)) {
        machine_fail(MACHINE_HANG,
                     "deadlock: %s by thread %s waits for %s, whose holder waits for a lock that "
                     "this thread holds",
                     name, thread->name, ksim_lock_describe(lock));
    }
}
