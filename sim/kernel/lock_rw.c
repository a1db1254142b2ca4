/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

#include "panic.h"
#include "wait.h"

lck_rw_t *
lck_rw_alloc_init(lck_grp_t *group, lck_attr_t *attribute)
{
    lck_rw_t *rw;

    (void)attribute;
    ksim_kpi_enter("lck_rw_alloc_init", KPI_MAY_BLOCK);
    if (ksim_lock_fault("lck_rw_alloc_init")) {
        return NULL;
    }
    rw = machine_allocate(sizeof(*rw), "lck_rw");
    ksim_lock_cell_create(LOCK_CELL(rw), LOCK_RW, group, "lck_rw_alloc_init");
    return rw;
}

void
lck_rw_init(lck_rw_t *rw, lck_grp_t *group, lck_attr_t *attribute)
{
    (void)attribute;
    ksim_kpi_enter("lck_rw_init", KPI_MAY_BLOCK);
    ksim_lock_cell_create(LOCK_CELL(rw), LOCK_RW, group, "lck_rw_init");
}

void
lck_rw_destroy(lck_rw_t *rw, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_rw_destroy", KPI_ANY_CONTEXT);
    ksim_lock_cell_destroy(LOCK_CELL(rw), LOCK_RW, "lck_rw_destroy");
}

void
lck_rw_free(lck_rw_t *rw, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_rw_free", KPI_MAY_BLOCK);
    if (rw == NULL) {
        return;
    }
    ksim_lock_cell_destroy(LOCK_CELL(rw), LOCK_RW, "lck_rw_free");
    machine_free(rw);
}

static void
rw_lock(lck_rw_t *rw, bool exclusive, const char *name)
{
    ksim_kpi_enter(name, KPI_MAY_BLOCK);
    ksim_lock_take(ksim_lock_of(LOCK_CELL(rw), LOCK_RW, name), exclusive, name);
}

static void
rw_unlock(lck_rw_t *rw, bool exclusive, const char *name)
{
    struct ksim_lock *lock;

    ksim_kpi_enter(name, KPI_ANY_CONTEXT);
    lock = ksim_lock_of(LOCK_CELL(rw), LOCK_RW, name);
    if (exclusive && lock->holder == NULL) {
        ksim_panic("%s(): lock held in mode: %d", name,
                   lock->shared_holders > 0 ? LCK_RW_TYPE_SHARED : 0);
    }
    if (!exclusive && lock->holder != NULL) {
        ksim_panic("%s(): lock held in mode: %d", name, LCK_RW_TYPE_EXCLUSIVE);
    }
    if (!exclusive && lock->shared_holders == 0) {
        ksim_panic("Releasing non-exclusive RW lock without a reader refcount!");
    }
    ksim_lock_drop(lock, exclusive, name);
}

void
lck_rw_lock_shared(lck_rw_t *rw)
{
    rw_lock(rw, false, "lck_rw_lock_shared");
}

void
lck_rw_lock_exclusive(lck_rw_t *rw)
{
    rw_lock(rw, true, "lck_rw_lock_exclusive");
}

void
lck_rw_unlock_shared(lck_rw_t *rw)
{
    rw_unlock(rw, false, "lck_rw_unlock_shared");
}

void
lck_rw_unlock_exclusive(lck_rw_t *rw)
{
    rw_unlock(rw, true, "lck_rw_unlock_exclusive");
}

void
lck_rw_lock(lck_rw_t *rw, lck_rw_type_t type)
{
    if (type != LCK_RW_TYPE_SHARED && type != LCK_RW_TYPE_EXCLUSIVE) {
        ksim_panic("lck_rw_lock(): Invalid RW lock type: %d", type);
    }
    rw_lock(rw, type == LCK_RW_TYPE_EXCLUSIVE, "lck_rw_lock");
}

void
lck_rw_unlock(lck_rw_t *rw, lck_rw_type_t type)
{
    if (type != LCK_RW_TYPE_SHARED && type != LCK_RW_TYPE_EXCLUSIVE) {
        ksim_panic("lck_rw_unlock(): Invalid RW lock type: %d", type);
    }
    rw_unlock(rw, type == LCK_RW_TYPE_EXCLUSIVE, "lck_rw_unlock");
}

boolean_t
lck_rw_try_lock(lck_rw_t *rw, lck_rw_type_t type)
{
    ksim_kpi_enter("lck_rw_try_lock", KPI_ANY_CONTEXT);
    return ksim_lock_try(ksim_lock_of(LOCK_CELL(rw), LOCK_RW, "lck_rw_try_lock"),
                         type == LCK_RW_TYPE_EXCLUSIVE, "lck_rw_try_lock");
}

/* FALSE means that the lock was dropped completely: another reader was first. */
boolean_t
lck_rw_lock_shared_to_exclusive(lck_rw_t *rw)
{
    static const char name[] = "lck_rw_lock_shared_to_exclusive";
    struct ksim_lock *lock;

    ksim_kpi_enter(name, KPI_MAY_BLOCK);
    lock = ksim_lock_of(LOCK_CELL(rw), LOCK_RW, name);
    if (lock->shared_holders == 0) {
        ksim_panic("%s(): lock held in mode: %d", name, 0);
    }
    if (lock->upgrading) {
        ksim_lock_drop(lock, false, name);
        return false;
    }
    lock->upgrading = true;
    while (lock->shared_holders > 1) {
        lock->waiters++;
        ksim_thread_current()->blocked_on = lock;
        (void)ksim_wait(&lock->waiters, THREAD_UNINT, 0, name);
        ksim_thread_current()->blocked_on = NULL;
        lock->waiters--;
    }
    ksim_lock_drop(lock, false, name);
    lock->upgrading = false;
    ksim_lock_take(lock, true, name);
    return true;
}

void
lck_rw_lock_exclusive_to_shared(lck_rw_t *rw)
{
    static const char name[] = "lck_rw_lock_exclusive_to_shared";
    struct ksim_lock *lock;
    uint32_t writers;

    ksim_kpi_enter(name, KPI_ANY_CONTEXT);
    lock = ksim_lock_of(LOCK_CELL(rw), LOCK_RW, name);
    if (lock->holder == NULL) {
        ksim_panic("%s(): lock held in mode: %d", name, LCK_RW_TYPE_SHARED);
    }
    /* Never blocks: waiting writers do not keep out the one who was inside. */
    writers = lock->waiting_writers;
    lock->waiting_writers = 0;
    ksim_lock_drop(lock, true, name);
    ksim_lock_take(lock, false, name);
    lock->waiting_writers = writers;
}

wait_result_t
lck_rw_sleep(lck_rw_t *rw, lck_sleep_action_t action, event_t event,
             wait_interrupt_t interruptible)
{
    ksim_kpi_enter("lck_rw_sleep", KPI_MAY_BLOCK);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(rw), LOCK_RW, "lck_rw_sleep"), action, event,
                           interruptible, 0, "lck_rw_sleep");
}

wait_result_t
lck_rw_sleep_deadline(lck_rw_t *rw, lck_sleep_action_t action, event_t event,
                      wait_interrupt_t interruptible, uint64_t deadline)
{
    ksim_kpi_enter("lck_rw_sleep_deadline", KPI_MAY_BLOCK);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(rw), LOCK_RW, "lck_rw_sleep_deadline"), action, event,
                           interruptible, deadline, "lck_rw_sleep_deadline");
}
