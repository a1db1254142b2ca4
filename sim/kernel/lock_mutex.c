/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

lck_mtx_t *
lck_mtx_alloc_init(lck_grp_t *group, lck_attr_t *attribute)
{
    lck_mtx_t *mutex;

    (void)attribute;
    ksim_kpi_enter("lck_mtx_alloc_init", KPI_MAY_BLOCK);
    if (ksim_lock_fault("lck_mtx_alloc_init")) {
        return NULL;
    }
    mutex = machine_allocate(sizeof(*mutex), "lck_mtx");
    ksim_lock_cell_create(LOCK_CELL(mutex), LOCK_MUTEX, group, "lck_mtx_alloc_init");
    return mutex;
}

void
lck_mtx_init(lck_mtx_t *mutex, lck_grp_t *group, lck_attr_t *attribute)
{
    (void)attribute;
    ksim_kpi_enter("lck_mtx_init", KPI_MAY_BLOCK);
    ksim_lock_cell_create(LOCK_CELL(mutex), LOCK_MUTEX, group, "lck_mtx_init");
}

void
lck_mtx_destroy(lck_mtx_t *mutex, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_mtx_destroy", KPI_ANY_CONTEXT);
    ksim_lock_cell_destroy(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_destroy");
}

void
lck_mtx_free(lck_mtx_t *mutex, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_mtx_free", KPI_MAY_BLOCK);
    if (mutex == NULL) {
        return;
    }
    ksim_lock_cell_destroy(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_free");
    machine_free(mutex);
}

void
lck_mtx_lock(lck_mtx_t *mutex)
{
    ksim_thread_may_block("lck_mtx_lock");
    machine_yield("lck_mtx_lock");
    ksim_lock_take(ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_lock"), true, "lck_mtx_lock");
}

void
lck_mtx_unlock(lck_mtx_t *mutex)
{
    struct ksim_lock *lock;

    ksim_kpi_enter("lck_mtx_unlock", KPI_ANY_CONTEXT);
    lock = ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_unlock");
    if (lock->holder == NULL) {
        machine_fail(MACHINE_CONTRACT, "lck_mtx_unlock: %s is not held", ksim_lock_describe(lock));
    }
    ksim_lock_drop(lock, true, "lck_mtx_unlock");
}

/* The mutex itself is what a sleep drops, so only another spin lock breaks the rule. */
wait_result_t
lck_mtx_sleep(lck_mtx_t *mutex, lck_sleep_action_t action, event_t event,
              wait_interrupt_t interruptible)
{
    ksim_kpi_enter("lck_mtx_sleep", KPI_MAY_BLOCK);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_sleep"), action, event,
                           interruptible, 0, "lck_mtx_sleep");
}

wait_result_t
lck_mtx_sleep_deadline(lck_mtx_t *mutex, lck_sleep_action_t action, event_t event,
                       wait_interrupt_t interruptible, uint64_t deadline)
{
    ksim_kpi_enter("lck_mtx_sleep_deadline", KPI_MAY_BLOCK);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(mutex), LOCK_MUTEX, "lck_mtx_sleep_deadline"), action,
                           event, interruptible, deadline, "lck_mtx_sleep_deadline");
}
