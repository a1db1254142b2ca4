/* SPDX-License-Identifier: BSD-2-Clause */
#include "lock.h"

#include "panic.h"

lck_spin_t *
lck_spin_alloc_init(lck_grp_t *group, lck_attr_t *attribute)
{
    lck_spin_t *spin;

    (void)attribute;
    ksim_kpi_enter("lck_spin_alloc_init", KPI_MAY_BLOCK);
    if (ksim_lock_fault("lck_spin_alloc_init")) {
        return NULL;
    }
    spin = machine_allocate(sizeof(*spin), "lck_spin");
    ksim_lock_cell_create(LOCK_CELL(spin), LOCK_SPIN, group, "lck_spin_alloc_init");
    return spin;
}

void
lck_spin_init(lck_spin_t *spin, lck_grp_t *group, lck_attr_t *attribute)
{
    (void)attribute;
    ksim_kpi_enter("lck_spin_init", KPI_MAY_BLOCK);
    ksim_lock_cell_create(LOCK_CELL(spin), LOCK_SPIN, group, "lck_spin_init");
}

void
lck_spin_destroy(lck_spin_t *spin, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_spin_destroy", KPI_ANY_CONTEXT);
    ksim_lock_cell_destroy(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_destroy");
}

void
lck_spin_free(lck_spin_t *spin, lck_grp_t *group)
{
    (void)group;
    ksim_kpi_enter("lck_spin_free", KPI_MAY_BLOCK);
    if (spin == NULL) {
        return;
    }
    ksim_lock_cell_destroy(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_free");
    machine_free(spin);
}

void
lck_spin_lock(lck_spin_t *spin)
{
    ksim_kpi_enter("lck_spin_lock", KPI_ANY_CONTEXT);
    ksim_lock_take(ksim_lock_of(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_lock"), true, "lck_spin_lock");
}

void
lck_spin_unlock(lck_spin_t *spin)
{
    struct ksim_lock *lock;

    ksim_kpi_enter("lck_spin_unlock", KPI_ANY_CONTEXT);
    lock = ksim_lock_of(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_unlock");
    if (lock->holder == NULL) {
        ksim_panic("thread_invoke: preemption_level -1, possible cause: unlocking an unlocked "
                   "mutex or spinlock");
    }
    ksim_lock_drop(lock, true, "lck_spin_unlock");
}

wait_result_t
lck_spin_sleep(lck_spin_t *spin, lck_sleep_action_t action, event_t event,
               wait_interrupt_t interruptible)
{
    /* The spin lock is dropped before the thread blocks, so holding it is right here. */
    ksim_kpi_enter("lck_spin_sleep", KPI_ANY_CONTEXT);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_sleep"), action, event,
                           interruptible, 0, "lck_spin_sleep");
}

wait_result_t
lck_spin_sleep_deadline(lck_spin_t *spin, lck_sleep_action_t action, event_t event,
                        wait_interrupt_t interruptible, uint64_t deadline)
{
    ksim_kpi_enter("lck_spin_sleep_deadline", KPI_ANY_CONTEXT);
    return ksim_lock_sleep(ksim_lock_of(LOCK_CELL(spin), LOCK_SPIN, "lck_spin_sleep_deadline"), action,
                           event, interruptible, deadline, "lck_spin_sleep_deadline");
}
