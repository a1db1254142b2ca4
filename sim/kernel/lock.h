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
bool ksim_lock_try(struct ksim_lock *lock, bool exclusive, const char *name);
/* ksim_lock_take and ksim_lock_drop (below), when there is more to do than nearly always. */
void ksim_lock_take_slowly(struct ksim_lock *lock, bool exclusive, const char *name);
void ksim_lock_drop_slowly(struct ksim_lock *lock, bool exclusive, const char *name);
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
/* For machine_set_report_hook: "holds mutex tun#3 of ..., rw lock dlil#1 (shared)" of a struct thread; "" if it holds none. */
void ksim_locks_report(const void *thread, char *text, size_t bytes);
/* Notes that the running thread, which holds locks, takes one more; reports a wrong order. */
void ksim_lock_order_note(struct ksim_lock *lock, const char *name);
/* True when `to` was taken lately while `from` was held; false tells nothing. */
static inline bool
ksim_lock_order_is_recent(const struct ksim_lock *from, const struct ksim_lock *to)
{
    return from->after_recent[to->id % LOCK_RECENT] == to;
}

/* Nobody holds it so that it could not be taken, and nobody waits for it who goes first. */
static inline bool
ksim_lock_is_available(const struct ksim_lock *lock, bool exclusive)
{
    if (lock->holder != NULL) {
        return false;
    }
    /* A waiting writer keeps new readers out, as without LCK_ATTR_RW_SHARED_PRIORITY. */
    return exclusive ? lock->shared_holders == 0 : lock->waiting_writers == 0 && !lock->upgrading;
}

/* All it holds (mostly nothing) was held before when this lock was taken, so it is not among them. */
static inline bool
ksim_lock_order_is_known(const struct thread *thread, const struct ksim_lock *lock)
{
    for (uint32_t i = 0; i < thread->held_count; i++) {
        if (!ksim_lock_order_is_recent(thread->held[i].lock, lock)) {
            return false;
        }
    }
    return true;
}

/* The lock is available and becomes the thread's, which has room for one more. */
static inline void
ksim_lock_grant(struct ksim_lock *lock, struct thread *thread, bool exclusive)
{
    struct thread_hold *hold = &thread->held[thread->held_count++];

    hold->lock = lock;
    hold->exclusive = exclusive;
    thread->spin_count += lock->kind == LOCK_SPIN;
    if (exclusive) {
        lock->holder = thread;
    } else {
        lock->shared_holders++;
    }
    machine_order_acquire(lock);
}

/* Take; blocks uninterruptibly. `name` is the KPI's, for reports. */
static inline void
ksim_lock_take(struct ksim_lock *lock, bool exclusive, const char *name)
{
    struct thread *thread = ksim_thread_current();

    if (ksim_lock_is_available(lock, exclusive) && thread->held_count < THREAD_HELD_MAX &&
        ksim_lock_order_is_known(thread, lock)) {
        ksim_lock_grant(lock, thread, exclusive);
    } else {
        ksim_lock_take_slowly(lock, exclusive, name);
    }
}

static inline void
ksim_lock_drop(struct ksim_lock *lock, bool exclusive, const char *name)
{
    struct thread *thread = ksim_thread_current();
    const uint32_t held_count = thread->held_count;

    /* Nearly always it is the one taken last, and nobody waits. */
    if (held_count == 0 || thread->held[held_count - 1].lock != lock ||
        thread->held[held_count - 1].exclusive != exclusive || lock->waiters > 0) {
        ksim_lock_drop_slowly(lock, exclusive, name);
        return;
    }
    machine_order_release(lock);
    thread->held_count = held_count - 1;
    thread->spin_count -= lock->kind == LOCK_SPIN;
    if (exclusive) {
        lock->holder = NULL;
    } else {
        lock->shared_holders--;
    }
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
