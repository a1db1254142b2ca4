/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

#include "panic.h"
#include "profile.h"
#include "wait.h"

#define LOCK_MAGIC 0x6c6f636bU /* "lock" */

static const char *const kind_names[] = {"mutex", "rw lock", "spin lock"};
#define CELL_DESTROYED 0x6b73696d64656164ULL

void
ksim_locks_boot(struct ksim *kernel)
{
    struct lock_system *system = machine_allocate(sizeof(*system), "lock system");

    machine_fill(system, 0, sizeof(*system));
    kernel->locks = system;
}

const char *
ksim_lock_describe(const struct ksim_lock *lock)
{
    struct lock_system *system = ksim_current()->locks;

    machine_format(system->description, sizeof(system->description), "%s %s#%u%s%s",
                   kind_names[lock->kind], lock->group->name, lock->id,
                   lock->owner == NULL ? "" : " of ", lock->owner == NULL ? "" : lock->owner);
    return system->description;
}

void
ksim_locks_report(const void *thread, char *text, size_t bytes)
{
    const struct thread *holder = thread;
    size_t used = 0;

    for (uint32_t i = 0; i < holder->held_count && used < bytes; i++) {
        const struct thread_hold *hold = &holder->held[i];

        used += (size_t)machine_format(text + used, bytes - used, "%s%s%s", i == 0 ? "holds " : ", ",
                                       ksim_lock_describe(hold->lock),
                                       hold->lock->kind == LOCK_RW && !hold->exclusive ? " (shared)" : "");
    }
}

bool
ksim_lock_fault(const char *name)
{
    return ksim_thread_owner() != NULL && ksim_current()->profile->lock_allocation_fails &&
           machine_fault(name);
}

/* --- groups ------------------------------------------------------------------------------------ */

lck_grp_t *
ksim_lock_group_create(const char *name)
{
    struct lock_system *system = ksim_current()->locks;
    lck_grp_t *group = machine_allocate(sizeof(*group), "lock group");

    machine_fill(group, 0, sizeof(*group));
    machine_format(group->name, sizeof(group->name), "%s", name);
    group->references = 1;
    group->owner = ksim_thread_owner();
    group->next = system->groups;
    system->groups = group;
    return group;
}

static void
group_release(lck_grp_t *group)
{
    lck_grp_t **link = &ksim_current()->locks->groups;

    if (--group->references > 0) {
        return;
    }
    while (*link != group) {
        link = &(*link)->next;
    }
    *link = group->next;
    machine_free(group);
}

static lck_grp_t *
group_check(lck_grp_t *group, const char *name)
{
    if (group == NULL) {
        ksim_panic_fault(0x40, name);
    }
    for (lck_grp_t *known = ksim_current()->locks->groups; known != NULL; known = known->next) {
        if (known == group) {
            return group;
        }
    }
    machine_fail(MACHINE_CONTRACT, "%s: lock group %p does not exist (freed?)", name,
                 (void *)group);
}

/* --- locks ------------------------------------------------------------------------------------- */

struct ksim_lock *
ksim_lock_create(enum ksim_lock_kind kind, lck_grp_t *group)
{
    struct lock_system *system = ksim_current()->locks;
    struct ksim_lock *lock;

    group_check(group, "lock init");
    lock = machine_allocate(sizeof(*lock), "lock");
    machine_fill(lock, 0, sizeof(*lock));
    lock->magic = LOCK_MAGIC;
    lock->kind = kind;
    lock->id = ++system->last_id;
    lock->group = group;
    lock->owner = group->owner;
    group->references++;
    lock->next = system->locks;
    system->locks = lock;
    return lock;
}

void
ksim_lock_destroy(struct ksim_lock *lock)
{
    struct ksim_lock **link = &ksim_current()->locks->locks;

    if (lock->holder != NULL || lock->shared_holders > 0) {
        machine_fail(MACHINE_CONTRACT, "%s destroyed while thread %s holds it",
                     ksim_lock_describe(lock),
                     lock->holder == NULL ? "(a reader)" : lock->holder->name);
    }
    if (lock->waiters > 0) {
        machine_fail(MACHINE_CONTRACT, "%s destroyed while %u threads wait for it",
                     ksim_lock_describe(lock), lock->waiters);
    }
    if (lock->sleepers > 0) {
        machine_fail(MACHINE_CONTRACT, "%s destroyed while %u sleeping threads will take it again",
                     ksim_lock_describe(lock), lock->sleepers);
    }
    ksim_lock_order_forget(lock);
    while (*link != lock) {
        link = &(*link)->next;
    }
    *link = lock->next;
    lock->magic = 0;
    group_release(lock->group);
    machine_free(lock);
}

void
ksim_lock_cell_create(struct lock_cell *cell, enum ksim_lock_kind kind, lck_grp_t *group,
                      const char *name)
{
    group_check(group, name);
    cell->lock = ksim_lock_create(kind, group);
    cell->tag = ksim_lock_cell_tag(kind);
}

_Noreturn void
ksim_lock_of_none(const struct lock_cell *cell, enum ksim_lock_kind kind, const char *name)
{
    if (cell == NULL) {
        ksim_panic_fault(0, name);
    }
    if (cell->tag == CELL_DESTROYED) {
        if (kind == LOCK_MUTEX) {
            ksim_panic("trying to interlock destroyed mutex (%p)", (const void *)cell);
        }
        ksim_panic("%s: %s %p was destroyed", name, kind_names[kind], (const void *)cell);
    }
    ksim_panic("%s: %p is not an initialised %s", name, (const void *)cell, kind_names[kind]);
}

void
ksim_lock_cell_destroy(struct lock_cell *cell, enum ksim_lock_kind kind, const char *name)
{
    if (cell->tag == CELL_DESTROYED) {
        machine_fail(MACHINE_CONTRACT, "%s: %s %p was destroyed before", name, kind_names[kind],
                     (void *)cell);
    }
    ksim_lock_destroy(ksim_lock_of(cell, kind, name));
    cell->tag = CELL_DESTROYED;
    cell->lock = NULL;
}

/* --- holders ----------------------------------------------------------------------------------- */

bool
ksim_lock_held(const struct ksim_lock *lock, const struct thread *thread, bool *exclusive)
{
    for (uint32_t i = 0; i < thread->held_count; i++) {
        if (thread->held[i].lock == lock) {
            if (exclusive != NULL) {
                *exclusive = thread->held[i].exclusive;
            }
            return true;
        }
    }
    return false;
}

const struct ksim_lock *
ksim_lock_held_by_guest(const struct thread *thread)
{
    for (uint32_t i = 0; i < thread->held_count; i++) {
        if (thread->held[i].lock->owner != NULL) {
            return thread->held[i].lock;
        }
    }
    return NULL;
}

static void
hold_room_check(const struct thread *thread)
{
    if (thread->held_count == THREAD_HELD_MAX) {
        machine_fail(MACHINE_CONTRACT, "thread %s holds more than %d locks", thread->name,
                     THREAD_HELD_MAX);
    }
}

static bool
hold_is(const struct thread_hold *hold, const struct ksim_lock *lock, bool exclusive)
{
    return hold->lock == lock && hold->exclusive == exclusive;
}

static bool
hold_remove(struct thread *thread, struct ksim_lock *lock, bool exclusive)
{
    for (uint32_t i = thread->held_count; i-- > 0;) {
        if (hold_is(&thread->held[i], lock, exclusive)) {
            for (uint32_t j = i + 1; j < thread->held_count; j++) {
                thread->held[j - 1] = thread->held[j];
            }
            thread->held_count--;
            thread->spin_count -= lock->kind == LOCK_SPIN;
            return true;
        }
    }
    return false;
}

/* Who holds it instead, when a thread releases what another one took. */
static void
hold_remove_anywhere(struct ksim_lock *lock, bool exclusive, const char *name)
{
    struct thread *current = ksim_thread_current();

    if (hold_remove(current, lock, exclusive)) {
        return;
    }
    for (struct thread *thread = ksim_current()->threads->threads; thread != NULL;
         thread = thread->next) {
        if (hold_remove(thread, lock, exclusive)) {
            if (lock->kind != LOCK_RW) {
                machine_fail(MACHINE_CONTRACT,
                             "%s: Mutex unlock attempted from non-owner thread: %s is held by %s, "
                             "released by %s",
                             name, ksim_lock_describe(lock), thread->name, current->name);
            }
            machine_console("%s: %s is held by %s, released by %s", name, ksim_lock_describe(lock),
                            thread->name, current->name);
            return;
        }
    }
}

static void
lock_wait(struct ksim_lock *lock, bool exclusive, const char *name)
{
    struct thread *thread = ksim_thread_current();

    ksim_lock_deadlock_check(lock, name);
    lock->waiters++;
    lock->waiting_writers += exclusive;
    thread->blocked_on = lock;
    (void)ksim_wait_assert(&lock->waiters, THREAD_UNINT, 0);
    /* A spinning processor is modelled as a sleeping one; it may not have to answer for it. */
    while (thread->wait.asserted) {
        (void)machine_block(name, lock, 0);
    }
    thread->blocked_on = NULL;
    lock->waiting_writers -= exclusive;
    lock->waiters--;
}

void
ksim_lock_take_slowly(struct ksim_lock *lock, bool exclusive, const char *name)
{
    struct thread *thread = ksim_thread_current();
    bool was_exclusive;

    if (!ksim_lock_order_is_known(thread, lock)) {
        ksim_lock_order_note(lock, name);
        if (ksim_lock_held(lock, thread, &was_exclusive) && (exclusive || was_exclusive)) {
            ksim_lock_deadlock_check(lock, name);
        }
    }
    while (!ksim_lock_is_available(lock, exclusive)) {
        lock_wait(lock, exclusive, name);
    }
    hold_room_check(thread);
    ksim_lock_grant(lock, thread, exclusive);
}

bool
ksim_lock_try(struct ksim_lock *lock, bool exclusive, const char *name)
{
    if (!ksim_lock_is_available(lock, exclusive) || machine_fault(name)) {
        return false;
    }
    hold_room_check(ksim_thread_current());
    ksim_lock_grant(lock, ksim_thread_current(), exclusive);
    return true;
}

void
ksim_lock_drop_slowly(struct ksim_lock *lock, bool exclusive, const char *name)
{
    machine_order_release(lock);
    hold_remove_anywhere(lock, exclusive, name);
    if (exclusive) {
        lock->holder = NULL;
    } else {
        lock->shared_holders--;
    }
    if (lock->waiters > 0) {
        (void)ksim_wakeup(&lock->waiters);
    }
}

static bool
lock_sleep_exclusive(unsigned action, bool had_exclusive)
{
    if ((action & LCK_SLEEP_SHARED) != 0) {
        return false;
    }
    return (action & LCK_SLEEP_EXCLUSIVE) != 0 || had_exclusive;
}

int
ksim_lock_sleep(struct ksim_lock *lock, unsigned action, const void *event, int interruptible,
                uint64_t deadline_ns, const char *name)
{
    bool exclusive = true;
    int result;

    if ((action & ~(unsigned)LCK_SLEEP_MASK) != 0) {
        ksim_panic("Invalid lock sleep action %x", action);
    }
    if (!ksim_lock_held(lock, ksim_thread_current(), &exclusive)) {
        machine_fail(MACHINE_CONTRACT, "%s: thread %s sleeps with %s, which it does not hold", name,
                     ksim_thread_current()->name, ksim_lock_describe(lock));
    }
    result = ksim_wait_assert(event, interruptible, deadline_ns);
    if (result != THREAD_WAITING) {
        /* The lock stays held: who loops on this result never lets anybody else in (4.4). */
        if ((action & LCK_SLEEP_UNLOCK) != 0) {
            ksim_lock_drop(lock, exclusive, name);
        }
        return result;
    }
    lock->sleepers += (action & LCK_SLEEP_UNLOCK) == 0;
    ksim_lock_drop(lock, exclusive, name);
    result = ksim_wait_block(name);
    if ((action & LCK_SLEEP_UNLOCK) == 0) {
        lock->sleepers--;
        ksim_lock_take(lock, lock_sleep_exclusive(action, exclusive), name);
    }
    return result;
}

void
ksim_locks_audit(struct ksim *kernel)
{
    for (const struct ksim_lock *lock = kernel->locks->locks; lock != NULL; lock = lock->next) {
        if (lock->owner != NULL) {
            machine_finding(MACHINE_LEAK, "%s was never freed", ksim_lock_describe(lock));
        }
    }
    for (const lck_grp_t *group = kernel->locks->groups; group != NULL; group = group->next) {
        if (group->owner != NULL && !group->creator_released) {
            machine_finding(MACHINE_LEAK, "lock group %s of %s was never freed", group->name,
                            group->owner);
        }
    }
}

/* --- KPI: groups and attributes ---------------------------------------------------------------- */

lck_grp_t *
lck_grp_alloc_init(const char *name, lck_grp_attr_t *attribute)
{
    (void)attribute;
    ksim_kpi_enter("lck_grp_alloc_init", KPI_MAY_BLOCK);
    if (ksim_lock_fault("lck_grp_alloc_init")) {
        return NULL;
    }
    return ksim_lock_group_create(name);
}

void
lck_grp_free(lck_grp_t *group)
{
    ksim_kpi_enter("lck_grp_free", KPI_MAY_BLOCK);
    if (group == NULL) {
        return;
    }
    group_check(group, "lck_grp_free");
    if (group->creator_released) {
        machine_fail(MACHINE_CONTRACT, "lck_grp_free: group %s was freed before", group->name);
    }
    group->creator_released = true;
    group_release(group);
}

struct __lck_attr__ {
    uint32_t value;
};
struct __lck_grp_attr__ {
    uint32_t value;
};

lck_grp_attr_t *
lck_grp_attr_alloc_init(void)
{
    lck_grp_attr_t *attribute;

    ksim_kpi_enter("lck_grp_attr_alloc_init", KPI_MAY_BLOCK);
    attribute = machine_allocate(sizeof(*attribute), "lock attribute");
    attribute->value = 0;
    return attribute;
}

void
lck_grp_attr_setdefault(lck_grp_attr_t *attribute)
{
    attribute->value = 0;
}

void
lck_grp_attr_setstat(lck_grp_attr_t *attribute)
{
    attribute->value |= 1;
}

void
lck_grp_attr_free(lck_grp_attr_t *attribute)
{
    ksim_kpi_enter("lck_grp_attr_free", KPI_MAY_BLOCK);
    machine_free(attribute);
}

lck_attr_t *
lck_attr_alloc_init(void)
{
    lck_attr_t *attribute;

    ksim_kpi_enter("lck_attr_alloc_init", KPI_MAY_BLOCK);
    attribute = machine_allocate(sizeof(*attribute), "lock attribute");
    attribute->value = 0;
    return attribute;
}

void
lck_attr_setdefault(lck_attr_t *attribute)
{
    attribute->value = 0;
}

void
lck_attr_setdebug(lck_attr_t *attribute)
{
    attribute->value |= 1;
}

void
lck_attr_free(lck_attr_t *attribute)
{
    ksim_kpi_enter("lck_attr_free", KPI_MAY_BLOCK);
    machine_free(attribute);
}
