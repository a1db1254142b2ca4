/* SPDX-License-Identifier: BSD-2-Clause */

/* Locks as they should not be used, one way at a time. */

#include "guest.h"

#include <kern/locks.h>
#include <libkern/copyio.h>
#include <lock.h>
#include <sys/proc.h>

#define MILLISECOND 1000000ULL

static lck_grp_t *group;
static lck_mtx_t *mutex;
static lck_rw_t *rw;
static lck_spin_t *spin;

static void
make(void)
{
    guest_acts(true);
    group = lck_grp_alloc_init("bad", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
}

void
misuse_lock_mutex_twice(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    lck_mtx_lock(mutex);
}

void
misuse_lock_rw_twice(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_exclusive(rw);
    lck_rw_lock_shared(rw);
}

void
misuse_lock_rw_widen(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    lck_rw_lock_exclusive(rw);
}

void
misuse_lock_spin_twice(void *argument)
{
    (void)argument;
    make();
    lck_spin_lock(spin);
    lck_spin_lock(spin);
}

void
misuse_lock_spin_block(void *argument)
{
    (void)argument;
    make();
    lck_spin_lock(spin);
    (void)msleep(&group, NULL, PZERO, "spinning", NULL);
}

void
misuse_lock_spin_copy(void *argument)
{
    (void)argument;
    make();
    lck_spin_lock(spin);
    lck_mtx_lock(mutex);
}

void
misuse_lock_copy(void *argument)
{
    char byte;

    (void)argument;
    make();
    lck_mtx_lock(mutex);
    (void)copyin(0, &byte, 1);
}

void
misuse_lock_unlock(void *argument)
{
    (void)argument;
    make();
    lck_mtx_unlock(mutex);
}

static void
foreign(void *argument)
{
    (void)argument;
    lck_mtx_unlock(mutex);
}

void
misuse_lock_unlock_foreign(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(mutex);
    guest_thread(NULL, "foreign", foreign, NULL);
    guest_sleep(MILLISECOND);
}

void
misuse_lock_unlock_shared(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_exclusive(rw);
    lck_rw_unlock_shared(rw);
}

void
misuse_lock_unlock_exclusive(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    lck_rw_unlock_exclusive(rw);
}

void
misuse_lock_unlock_nobody(void *argument)
{
    (void)argument;
    make();
    lck_rw_unlock_shared(rw);
}

void
misuse_lock_unlock_spin(void *argument)
{
    (void)argument;
    make();
    lck_spin_unlock(spin);
}

void
misuse_lock_free_held(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_shared(rw);
    lck_rw_free(rw, group);
}

static void
waiter(void *argument)
{
    (void)argument;
    lck_rw_lock_exclusive(rw);
}

/* Released and destroyed before the one who waits came to take it. */
void
misuse_lock_free_waited(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_exclusive(rw);
    guest_thread(NULL, "waiter", waiter, NULL);
    guest_sleep(MILLISECOND);
    lck_rw_unlock_exclusive(rw);
    lck_rw_destroy(rw, group);
}

void
misuse_lock_destroyed(void *argument)
{
    (void)argument;
    make();
    lck_mtx_destroy(mutex, group);
    lck_mtx_lock(mutex);
}

void
misuse_lock_destroyed_rw(void *argument)
{
    (void)argument;
    make();
    lck_rw_destroy(rw, group);
    lck_rw_lock_shared(rw);
}

void
misuse_lock_destroyed_twice(void *argument)
{
    (void)argument;
    make();
    lck_spin_destroy(spin, group);
    lck_spin_destroy(spin, group);
}

void
misuse_lock_null(void *argument)
{
    (void)argument;
    make();
    lck_mtx_lock(NULL);
}

void
misuse_lock_garbage(void *argument)
{
    uint64_t room[2] = {0, 0};

    (void)argument;
    make();
    lck_rw_lock_shared((lck_rw_t *)(void *)room);
}

void
misuse_lock_group_null(void *argument)
{
    (void)argument;
    (void)lck_rw_alloc_init(NULL, LCK_ATTR_NULL);
}

void
misuse_lock_group_freed(void *argument)
{
    (void)argument;
    group = lck_grp_alloc_init("bad", LCK_GRP_ATTR_NULL);
    lck_grp_free(group);
    (void)lck_mtx_alloc_init(group, LCK_ATTR_NULL);
}

void
misuse_lock_group_twice(void *argument)
{
    (void)argument;
    make();
    lck_grp_free(group);
    lck_grp_free(group);
}

void
misuse_lock_type(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock(rw, 3);
}

void
misuse_lock_unlock_type(void *argument)
{
    (void)argument;
    make();
    lck_rw_unlock(rw, 0);
}

void
misuse_lock_upgrade_free(void *argument)
{
    (void)argument;
    make();
    (void)lck_rw_lock_shared_to_exclusive(rw);
}

void
misuse_lock_downgrade_free(void *argument)
{
    (void)argument;
    make();
    lck_rw_lock_exclusive_to_shared(rw);
}

static void
ender(void *argument, wait_result_t result)
{
    (void)argument;
    (void)result;
    lck_mtx_lock(mutex);
}

void
misuse_lock_ended(void *argument)
{
    thread_t thread;

    (void)argument;
    make();
    (void)kernel_thread_start(ender, NULL, &thread);
    thread_deallocate(thread);
}

void
misuse_lock_many(void *argument)
{
    (void)argument;
    make();
    for (int i = 0; i < 40; i++) {
        lck_rw_lock_shared(rw);
    }
}
