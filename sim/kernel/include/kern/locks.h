/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_KERN_LOCKS_H
#define KPI_KERN_LOCKS_H

/*
 * Locks. All are opaque and made with the *_alloc_init functions; `group` names them in reports and
 * outlives them. Groups and attributes are reference counted by the locks made with them.
 * A spin lock is held for a few instructions, and never across anything that may block.
 */

#include <kern/kern_types.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>
#include <sys/types.h>

typedef struct __lck_attr__ lck_attr_t;
typedef struct __lck_grp_attr__ lck_grp_attr_t;
typedef struct _lck_grp_ lck_grp_t;
typedef struct __lck_mtx_t__ lck_mtx_t;
typedef struct __lck_rw_t__ lck_rw_t;
typedef struct __lck_spin_t__ lck_spin_t;
typedef unsigned int lck_sleep_action_t;
typedef unsigned int lck_rw_type_t;

#define LCK_GRP_NULL ((lck_grp_t *)0)
#define LCK_GRP_ATTR_NULL ((lck_grp_attr_t *)0)
#define LCK_ATTR_NULL ((lck_attr_t *)0)

/* What a sleep leaves of the lock. */
#define LCK_SLEEP_DEFAULT      0x0
#define LCK_SLEEP_UNLOCK       0x1
#define LCK_SLEEP_SHARED       0x2
#define LCK_SLEEP_EXCLUSIVE    0x4
#define LCK_SLEEP_SPIN         0x8
#define LCK_SLEEP_PROMOTED_PRI 0x10
#define LCK_SLEEP_SPIN_ALWAYS  0x20
#define LCK_SLEEP_MASK         0x3f

#define LCK_RW_TYPE_SHARED    0x1
#define LCK_RW_TYPE_EXCLUSIVE 0x2

__BEGIN_DECLS

lck_grp_attr_t *lck_grp_attr_alloc_init(void) KPI_SYMBOL(lck_grp_attr_alloc_init);
void lck_grp_attr_setdefault(lck_grp_attr_t *attribute) KPI_SYMBOL(lck_grp_attr_setdefault);
void lck_grp_attr_setstat(lck_grp_attr_t *attribute) KPI_SYMBOL(lck_grp_attr_setstat);
void lck_grp_attr_free(lck_grp_attr_t *attribute) KPI_SYMBOL(lck_grp_attr_free);
lck_grp_t *lck_grp_alloc_init(const char *name, lck_grp_attr_t *attribute)
    KPI_SYMBOL(lck_grp_alloc_init);
void lck_grp_free(lck_grp_t *group) KPI_SYMBOL(lck_grp_free);

lck_attr_t *lck_attr_alloc_init(void) KPI_SYMBOL(lck_attr_alloc_init);
void lck_attr_setdefault(lck_attr_t *attribute) KPI_SYMBOL(lck_attr_setdefault);
void lck_attr_setdebug(lck_attr_t *attribute) KPI_SYMBOL(lck_attr_setdebug);
void lck_attr_free(lck_attr_t *attribute) KPI_SYMBOL(lck_attr_free);

lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *group, lck_attr_t *attribute)
    KPI_SYMBOL(lck_mtx_alloc_init);
void lck_mtx_init(lck_mtx_t *mutex, lck_grp_t *group, lck_attr_t *attribute)
    KPI_SYMBOL(lck_mtx_init);
void lck_mtx_destroy(lck_mtx_t *mutex, lck_grp_t *group) KPI_SYMBOL(lck_mtx_destroy);
void lck_mtx_free(lck_mtx_t *mutex, lck_grp_t *group) KPI_SYMBOL(lck_mtx_free);
void lck_mtx_lock(lck_mtx_t *mutex) KPI_SYMBOL(lck_mtx_lock);
void lck_mtx_unlock(lck_mtx_t *mutex) KPI_SYMBOL(lck_mtx_unlock);
wait_result_t lck_mtx_sleep(lck_mtx_t *mutex, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible) KPI_SYMBOL(lck_mtx_sleep);
wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *mutex, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible, uint64_t deadline) KPI_SYMBOL(lck_mtx_sleep_deadline);

lck_rw_t *lck_rw_alloc_init(lck_grp_t *group, lck_attr_t *attribute) KPI_SYMBOL(lck_rw_alloc_init);
void lck_rw_init(lck_rw_t *lock, lck_grp_t *group, lck_attr_t *attribute) KPI_SYMBOL(lck_rw_init);
void lck_rw_destroy(lck_rw_t *lock, lck_grp_t *group) KPI_SYMBOL(lck_rw_destroy);
void lck_rw_free(lck_rw_t *lock, lck_grp_t *group) KPI_SYMBOL(lck_rw_free);
void lck_rw_lock(lck_rw_t *lock, lck_rw_type_t type) KPI_SYMBOL(lck_rw_lock);
void lck_rw_unlock(lck_rw_t *lock, lck_rw_type_t type) KPI_SYMBOL(lck_rw_unlock);
void lck_rw_lock_shared(lck_rw_t *lock) KPI_SYMBOL(lck_rw_lock_shared);
void lck_rw_unlock_shared(lck_rw_t *lock) KPI_SYMBOL(lck_rw_unlock_shared);
void lck_rw_lock_exclusive(lck_rw_t *lock) KPI_SYMBOL(lck_rw_lock_exclusive);
void lck_rw_unlock_exclusive(lck_rw_t *lock) KPI_SYMBOL(lck_rw_unlock_exclusive);
boolean_t lck_rw_try_lock(lck_rw_t *lock, lck_rw_type_t type) KPI_SYMBOL(lck_rw_try_lock);
/* FALSE: another thread was upgrading; the shared hold is lost. */
boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lock)
    KPI_SYMBOL(lck_rw_lock_shared_to_exclusive);
void lck_rw_lock_exclusive_to_shared(lck_rw_t *lock) KPI_SYMBOL(lck_rw_lock_exclusive_to_shared);
wait_result_t lck_rw_sleep(lck_rw_t *lock, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible) KPI_SYMBOL(lck_rw_sleep);
wait_result_t lck_rw_sleep_deadline(lck_rw_t *lock, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible, uint64_t deadline) KPI_SYMBOL(lck_rw_sleep_deadline);

lck_spin_t *lck_spin_alloc_init(lck_grp_t *group, lck_attr_t *attribute)
    KPI_SYMBOL(lck_spin_alloc_init);
void lck_spin_init(lck_spin_t *lock, lck_grp_t *group, lck_attr_t *attribute)
    KPI_SYMBOL(lck_spin_init);
void lck_spin_destroy(lck_spin_t *lock, lck_grp_t *group) KPI_SYMBOL(lck_spin_destroy);
void lck_spin_free(lck_spin_t *lock, lck_grp_t *group) KPI_SYMBOL(lck_spin_free);
void lck_spin_lock(lck_spin_t *lock) KPI_SYMBOL(lck_spin_lock);
void lck_spin_unlock(lck_spin_t *lock) KPI_SYMBOL(lck_spin_unlock);
wait_result_t lck_spin_sleep(lck_spin_t *lock, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible) KPI_SYMBOL(lck_spin_sleep);
wait_result_t lck_spin_sleep_deadline(lck_spin_t *lock, lck_sleep_action_t action, event_t event,
    wait_interrupt_t interruptible, uint64_t deadline) KPI_SYMBOL(lck_spin_sleep_deadline);

__END_DECLS

#endif
