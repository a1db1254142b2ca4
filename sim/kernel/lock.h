/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_LOCK_H
#define KSIM_LOCK_H

/*
 * lck_grp, lck_mtx, lck_rw, lck_spin (kpi-rest.md 4.1 to 4.3). All three kinds are one record with
 * owners, so that what hangs silently in a release kernel is reported:
 *   recursion, or a circle of threads that wait for each other   MACHINE_HANG, at once
 *   two locks taken in both orders                                MACHINE_LOCK_ORDER, a finding
 *   unlock of a lock that is not held, use after free             the panic of XNU, or its fault
 *   a lock held when a thread ends or returns to user mode        MACHINE_LEAK, a finding
 * Locks of groups made while no kext runs are the kernel's own: they take part in all of this, but
 * holding one does not make a KPI that calls back a broken contract.
 */

#include <kern/locks.h>
#include <thread.h>

enum ksim_lock_kind { LOCK_MUTEX, LOCK_RW, LOCK_SPIN };
enum { LOCK_RECENT = 8 };

struct _lck_grp_ {
    struct _lck_grp_ *next;
    char name[64];
    uint32_t references; /* creator + one per lock */
    bool creator_released;
    const char *owner; /* bundle id or NULL */
};

struct ksim_lock {
    uint32_t magic;
    enum ksim_lock_kind kind;
    uint32_t id; /* in order of creation; names the lock in reports */
    struct ksim_lock *next;
    lck_grp_t *group;
    const char *owner;       /* bundle id or NULL: the kernel's own */
    struct thread *holder;   /* exclusive holder */
    uint32_t shared_holders;
    uint32_t waiting_writers;
    uint32_t waiters;
    uint32_t sleepers; /* threads in lck_*_sleep that will take it again */
    bool upgrading; /* a reader waits to become the writer */
    uint32_t mark;  /* last search of the order graph that came by */
    struct ksim_lock **after; /* locks that were taken while this one was held */
    uint32_t after_count, after_capacity;
    const struct ksim_lock *after_recent[LOCK_RECENT]; /* some of `after`, by id, to be found at once */
};

/* What a guest's lock pointer points at: 16 bytes, which a guest may also have inside its own memory. */
struct lock_cell {
    uint64_t tag;
    struct ksim_lock *lock;
};
struct __lck_mtx_t__ {
    struct lock_cell cell;
};
struct __lck_rw_t__ {
    struct lock_cell cell;
};
struct __lck_spin_t__ {
    struct lock_cell cell;
};

/* The cell of a lock of any kind; also of NULL, which is looked up like the rest. */
#define LOCK_CELL(lock) ((struct lock_cell *)(void *)(lock))

struct lock_system {
    struct _lck_grp_ *groups; /* newest first */
    struct ksim_lock *locks;  /* newest first */
    uint32_t last_id;
    uint32_t last_mark;
    char description[160];
};

void ksim_locks_boot(struct ksim *kernel);
/* Reports groups and locks of kexts that still exist, and locks held by ended threads. */
void ksim_locks_audit(struct ksim *kernel);

/*
 * True when `name`, by which a kext allocates a group or a lock, fails for want of memory. Newer
 * releases never do; the kernel's own locks are part of its records.
 */
bool ksim_lock_fault(const char *name);
struct ksim_lock *ksim_lock_create(enum ksim_lock_kind kind, lck_grp_t *group);
/* A group without the KPI's entry; never fails. */
lck_grp_t *ksim_lock_group_create(const char *name);
/* Destroying a held lock, or one twice, is a MACHINE_CONTRACT failure. */
void ksim_lock_destroy(struct ksim_lock *lock);
/* Take; blocks uninterruptibly. `name` is the KPI's, for reports. */
void ksim_lock_take(struct ksim_lock *lock, bool exclusive, const char *name);
bool ksim_lock_try(struct ksim_lock *lock, bool exclusive, const char *name);
void ksim_lock_drop(struct ksim_lock *lock, bool exclusive, const char *name);
bool ksim_lock_held(const struct ksim_lock *lock, const struct thread *thread, bool *exclusive);

/* Cells: make, look up (panics like XNU when it is no lock of this kind), destroy. */
void ksim_lock_cell_create(struct lock_cell *cell, enum ksim_lock_kind kind, lck_grp_t *group,
                           const char *name);
_Noreturn void ksim_lock_of_none(const struct lock_cell *cell, enum ksim_lock_kind kind,
                                 const char *name);

static inline uint64_t
ksim_lock_cell_tag(enum ksim_lock_kind kind)
{
    return kind == LOCK_MUTEX ? 0x6b73696d6d747831ULL
           : kind == LOCK_RW  ? 0x6b73696d72772031ULL
                              : 0x6b73696d7370696eULL;
}

static inline struct ksim_lock *
ksim_lock_of(const struct lock_cell *cell, enum ksim_lock_kind kind, const char *name)
{
    if (cell == NULL || cell->tag != ksim_lock_cell_tag(kind)) {
        ksim_lock_of_none(cell, kind, name);
    }
    return cell->lock;
}

void ksim_lock_cell_destroy(struct lock_cell *cell, enum ksim_lock_kind kind, const char *name);
/* Group, number and kind of a lock, for reports; valid until the next call. */
const char *ksim_lock_describe(const struct ksim_lock *lock);
/* Notes that the running thread, which holds locks, takes one more; reports a wrong order. */
void ksim_lock_order_note(struct ksim_lock *lock, const char *name);
/* True when `to` was taken lately while `from` was held; false tells nothing. */
static inline bool
ksim_lock_order_is_recent(const struct ksim_lock *from, const struct ksim_lock *to)
{
    return from->after_recent[to->id % LOCK_RECENT] == to;
}
void ksim_lock_order_forget(struct ksim_lock *lock);
/* Fails with MACHINE_HANG when blocking on the lock now can never end. */
void ksim_lock_deadlock_check(struct ksim_lock *lock, const char *name);

/* The first lock of a kext that a thread holds, or NULL. */
const struct ksim_lock *ksim_lock_held_by_guest(const struct thread *thread);

/*
 * Drops a lock of either kind, sleeps, takes it again: the body of lck_*_sleep, msleep.
 * An assertion that fails leaves the lock held (4.4). Returns wait_result_t.
 */
int ksim_lock_sleep(struct ksim_lock *lock, unsigned action, const void *event, int interruptible,
                    uint64_t deadline_ns, const char *name);

#endif
