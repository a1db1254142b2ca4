/* SPDX-License-Identifier: BSD-2-Clause */

/* Locks as they should be used: kpi-rest.md 4.1 to 4.3. */

#include "guest.h"

#include <kern/locks.h>
#include <lock.h>
#include <sys/errno.h>
#include <sys/proc.h>
#include <system.h>

#define MILLISECOND 1000000ULL

static lck_grp_t *group;
static lck_mtx_t *mutex, *other;
static lck_rw_t *rw;
static lck_spin_t *spin;
static int channel;

static void
make(void)
{
    group = lck_grp_alloc_init("lock", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    other = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
}

static void
unmake(void)
{
    lck_spin_free(spin, group);
    lck_rw_free(rw, group);
    lck_mtx_free(other, group);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    guest_acts(false);
}

static void
mutex_taker(void *argument)
{
    (void)argument;
    lck_mtx_lock(mutex);
    say_text("taker");
    lck_mtx_unlock(mutex);
}

void
lock_mutex(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    guest_thread(NULL, "taker", mutex_taker, NULL);
    guest_sleep(MILLISECOND);
    say_text("owner");
    lck_mtx_unlock(mutex);
    guest_sleep(MILLISECOND);
    unmake();
}

static void
reader(void *name)
{
    lck_rw_lock_shared(rw);
    say_text(name);
    lck_rw_unlock_shared(rw);
}

static void
writer(void *name)
{
    lck_rw_lock_exclusive(rw);
    say_text(name);
    lck_rw_unlock_exclusive(rw);
}

void
lock_readers(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    guest_thread(NULL, "reader", reader, (void *)(uintptr_t)"reader");
    guest_sleep(MILLISECOND);
    say_text("both");
    lck_rw_unlock_shared(rw);
    lck_rw_lock_exclusive(rw);
    guest_thread(NULL, "reader", reader, (void *)(uintptr_t)"reader");
    guest_sleep(MILLISECOND);
    say_text("alone");
    lck_rw_unlock_exclusive(rw);
    guest_sleep(MILLISECOND);
    unmake();
}

/* A waiting writer keeps new readers out. */
void
lock_writer_first(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    guest_thread(NULL, "writer", writer, (void *)(uintptr_t)"writer");
    guest_sleep(MILLISECOND);
    guest_thread(NULL, "reader", reader, (void *)(uintptr_t)"reader");
    guest_sleep(MILLISECOND);
    say_text("first");
    lck_rw_unlock_shared(rw);
    guest_sleep(MILLISECOND);
    unmake();
}

void
lock_upgrade(void *argument)
{
    bool exclusive = false;

    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    say("upgraded", lck_rw_lock_shared_to_exclusive(rw));
    (void)ksim_lock_held(rw->cell.lock, ksim_thread_current(), &exclusive);
    say("exclusive", exclusive);
    lck_rw_unlock_exclusive(rw);
    unmake();
}

static void
upgrader(void *name)
{
    lck_rw_lock_shared(rw);
    guest_sleep(MILLISECOND);
    say(name, lck_rw_lock_shared_to_exclusive(rw));
    if (ksim_lock_held(rw->cell.lock, ksim_thread_current(), NULL)) {
        say_text("holds");
        lck_rw_unlock_exclusive(rw);
    }
}

/* Two readers want to write: the later one loses the lock completely, or neither would move. */
void
lock_upgrade_lost(void *argument)
{
    (void)argument;
    make();
    guest_thread(NULL, "first", upgrader, (void *)(uintptr_t)"first");
    guest_thread(NULL, "second", upgrader, (void *)(uintptr_t)"second");
    guest_sleep(10 * MILLISECOND);
    unmake();
}

/* Never blocks, also with a writer in line. */
void
lock_downgrade(void *argument)
{
    bool exclusive = true;

    (void)argument;
    make();
    lck_rw_lock_exclusive(rw);
    guest_thread(NULL, "writer", writer, (void *)(uintptr_t)"writer");
    guest_sleep(MILLISECOND);
    lck_rw_lock_exclusive_to_shared(rw);
    (void)ksim_lock_held(rw->cell.lock, ksim_thread_current(), &exclusive);
    say("exclusive", exclusive);
    lck_rw_unlock_shared(rw);
    guest_sleep(MILLISECOND);
    unmake();
}

void
lock_types(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock(rw, LCK_RW_TYPE_EXCLUSIVE);
    lck_rw_unlock(rw, LCK_RW_TYPE_EXCLUSIVE);
    lck_rw_lock(rw, LCK_RW_TYPE_SHARED);
    lck_rw_unlock_shared(rw);
    unmake();
}

void
lock_try(void *argument)
{
    (void)argument;
    make();
    say("exclusive", lck_rw_try_lock(rw, LCK_RW_TYPE_EXCLUSIVE));
    say("again", lck_rw_try_lock(rw, LCK_RW_TYPE_EXCLUSIVE));
    say("shared", lck_rw_try_lock(rw, LCK_RW_TYPE_SHARED));
    lck_rw_unlock_exclusive(rw);
    say("shared", lck_rw_try_lock(rw, LCK_RW_TYPE_SHARED));
    say("shared", lck_rw_try_lock(rw, LCK_RW_TYPE_SHARED));
    lck_rw_unlock_shared(rw);
    lck_rw_unlock_shared(rw);
    unmake();
}

static void
spin_taker(void *argument)
{
    (void)argument;
    lck_spin_lock(spin);
    wakeup(&channel); /* with a spin lock held: legal */
    lck_spin_unlock(spin);
    say_text("taker");
}

void
lock_spin(void *argument)
{
    (void)argument;
    make();
    lck_spin_lock(spin);
    lck_spin_unlock(spin);
    spin_taker(NULL);
    unmake();
}

/* The spin lock is dropped before the thread blocks. */
void
lock_spin_sleep(void *argument)
{
    (void)argument;
    make();
    lck_spin_lock(spin);
    guest_thread(NULL, "taker", spin_taker, NULL);
    say("result", lck_spin_sleep(spin, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT));
    say("result", lck_spin_sleep_deadline(spin, LCK_SLEEP_DEFAULT, &channel, THREAD_UNINT, 1));
    say("result", lck_spin_sleep_deadline(spin, LCK_SLEEP_UNLOCK, &channel, THREAD_UNINT, 1));
    unmake();
}

/* Locks inside the driver's own memory. */
void
lock_embedded(void *argument)
{
    uint64_t room[3][2];
    lck_mtx_t *inner_mutex = (lck_mtx_t *)(void *)room[0];
    lck_rw_t *inner_rw = (lck_rw_t *)(void *)room[1];
    lck_spin_t *inner_spin = (lck_spin_t *)(void *)room[2];

    (void)argument;
    make();
    lck_mtx_init(inner_mutex, group, LCK_ATTR_NULL);
    lck_rw_init(inner_rw, group, LCK_ATTR_NULL);
    lck_spin_init(inner_spin, group, LCK_ATTR_NULL);
    lck_mtx_lock(inner_mutex);
    lck_rw_lock_shared(inner_rw);
    lck_spin_lock(inner_spin);
    lck_spin_unlock(inner_spin);
    lck_rw_unlock_shared(inner_rw);
    lck_mtx_unlock(inner_mutex);
    lck_spin_destroy(inner_spin, group);
    lck_rw_destroy(inner_rw, group);
    lck_mtx_destroy(inner_mutex, group);
    unmake();
}

/* A group lives as long as its last lock. */
void
lock_group_order(void *argument)
{
    (void)argument;
    guest_acts(true);
    make();
    lck_grp_free(group);
    lck_mtx_lock(mutex);
    lck_mtx_unlock(mutex);
    lck_spin_free(spin, group);
    lck_rw_free(rw, group);
    lck_mtx_free(other, group);
    lck_mtx_free(mutex, group);
    lck_grp_free(NULL);
    lck_mtx_free(NULL, NULL);
    lck_rw_free(NULL, NULL);
    lck_spin_free(NULL, NULL);
    guest_acts(false);
}

void
lock_attributes(void *argument)
{
    lck_grp_attr_t *group_attribute = lck_grp_attr_alloc_init();
    lck_attr_t *attribute = lck_attr_alloc_init();

    (void)argument;
    lck_grp_attr_setdefault(group_attribute);
    lck_grp_attr_setstat(group_attribute);
    lck_attr_setdefault(attribute);
    lck_attr_setdebug(attribute);
    group = lck_grp_alloc_init("attributes", group_attribute);
    mutex = lck_mtx_alloc_init(group, attribute);
    lck_mtx_lock(mutex);
    lck_mtx_unlock(mutex);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    lck_attr_free(attribute);
    lck_grp_attr_free(group_attribute);
}

static void
rw_releaser(void *argument)
{
    (void)argument;
    lck_rw_unlock_exclusive(rw);
}

/* Any thread may release a read-write lock. */
void
lock_foreign_unlock(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_exclusive(rw);
    guest_thread(NULL, "releaser", rw_releaser, NULL);
    guest_sleep(MILLISECOND);
    say("held", ksim_lock_held(rw->cell.lock, ksim_thread_current(), NULL));
    unmake();
}

/* Says which of the four allocations of a kext gave nothing. */
void
lock_allocations(void *argument)
{
    lck_grp_t *wanted;

    (void)argument;
    guest_acts(true);
    wanted = lck_grp_alloc_init("wanted", LCK_GRP_ATTR_NULL);
    group = wanted != NULL ? wanted : lck_grp_alloc_init("spare", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    say("group", wanted != NULL);
    say("mutex", mutex != NULL);
    say("rw", rw != NULL);
    say("spin", spin != NULL);
    lck_spin_free(spin, group);
    lck_rw_free(rw, group);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
}

static void
take_in_order(lck_mtx_t *first, lck_mtx_t *second)
{
    lck_mtx_lock(first);
    lck_mtx_lock(second);
    lck_mtx_unlock(second);
    lck_mtx_unlock(first);
}

void
lock_same_order(void *argument)
{
    (void)argument;
    make();
    take_in_order(mutex, other);
    take_in_order(mutex, other);
    unmake();
}

/* No deadlock happens here, but it could. */
void
lock_inverted(void *argument)
{
    (void)argument;
    make();
    take_in_order(mutex, other);
    take_in_order(other, mutex);
    unmake();
}

static void
crosser(void *argument)
{
    (void)argument;
    lck_mtx_lock(other);
    guest_sleep(MILLISECOND);
    lck_mtx_lock(mutex);
}

void
lock_deadlock(void *argument)
{
    (void)argument;
    make();
    guest_thread(NULL, "crosser", crosser, NULL);
    lck_mtx_lock(mutex);
    guest_sleep(MILLISECOND);
    lck_mtx_lock(other);
}

/* Shared twice with a writer in between. */
void
lock_reader_starves(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    guest_thread(NULL, "writer", writer, (void *)(uintptr_t)"writer");
    guest_sleep(MILLISECOND);
    lck_rw_lock_shared(rw);
}
