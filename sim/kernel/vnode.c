/* SPDX-License-Identifier: BSD-2-Clause */
#include "file.h"

#include "lock.h"
#include "profile.h"
#include "wait.h"

#include <miscfs/devfs/devfs.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/vnode.h>

/* ioflag bits that d_close gets on revoke. */
#define CLOSE_REVOKED (0x10 | 0x20) /* IO_NDELAY | IO_REVOKE */

/* --- vnodes ------------------------------------------------------------------------------------ */

static struct device_vnode *
vnode_of_node(struct devfs_node *node)
{
    struct device_vnode *vnode = node->vnode;

    if (vnode == NULL) {
        vnode = machine_allocate(sizeof(*vnode), "vnode");
        machine_fill(vnode, 0, sizeof(*vnode));
        vnode->node = node;
        vnode->device = node->device;
        vnode->next = ksim_current()->files->vnodes;
        ksim_current()->files->vnodes = vnode;
        node->vnode = vnode;
    }
    return vnode;
}

static void
vnode_reclaim(struct device_vnode *vnode)
{
    struct device_vnode **link = &ksim_current()->files->vnodes;

    if (vnode->opens > 0 || vnode->io_count > 0 || vnode->references > 0) {
        return;
    }
    while (*link != vnode) {
        link = &(*link)->next;
    }
    *link = vnode->next;
    if (vnode->node != NULL && vnode->node->vnode == vnode) {
        vnode->node->vnode = NULL;
    }
    machine_free(vnode);
}

void
ksim_vnode_enter(struct device_vnode *vnode)
{
    vnode->references++;
    while (vnode->draining) {
        (void)ksim_wait(&vnode->draining, THREAD_UNINT, 0, "vnode_getwithref");
    }
    vnode->references--;
    vnode->io_count++;
}

void
ksim_vnode_exit(struct device_vnode *vnode)
{
    vnode->io_count--;
    if (vnode->io_count == 0 && vnode->draining) {
        (void)ksim_wakeup(&vnode->io_count);
    }
}

/* --- the lock of a device ---------------------------------------------------------------------- */

static struct device_lock *
device_lock_of(dev_t device)
{
    struct ksim *kernel = ksim_current();
    struct device_lock *lock = kernel->devices->locks;

    while (lock != NULL && lock->device != device) {
        lock = lock->next;
    }
    if (lock == NULL) {
        lock = machine_allocate(sizeof(*lock), "device lock");
        machine_fill(lock, 0, sizeof(*lock));
        lock->device = device;
        lock->lock = ksim_lock_create(LOCK_MUTEX, kernel->files->lock_group);
        lock->next = kernel->devices->locks;
        kernel->devices->locks = lock;
    }
    return lock;
}

static void
device_lock_take(struct device_lock *lock)
{
    machine_yield("devsw_lock");
    if (ksim_current()->profile->open_serialised) {
        ksim_lock_take(lock->lock, true, "devsw_lock");
    }
}

static void
device_lock_drop(struct device_lock *lock)
{
    if (ksim_current()->profile->open_serialised) {
        ksim_lock_drop(lock->lock, true, "devsw_unlock");
    }
}

/* --- open, close, revoke ----------------------------------------------------------------------- */

static int
vnode_access(const struct devfs_node *node, const struct process *process, int flags)
{
    uint32_t wanted = (uint32_t)(((flags & FREAD) != 0 ? 4 : 0) | ((flags & FWRITE) != 0 ? 2 : 0));
    uint32_t granted = node->mode & 7;

    if (process->uid == 0) {
        return 0;
    }
    if (process->uid == node->uid) {
        granted = (node->mode >> 6) & 7;
    } else if (process->gid == node->gid) {
        granted = (node->mode >> 3) & 7;
    }
    return (granted & wanted) == wanted ? 0 : EACCES;
}

int
ksim_vnode_open(const char *path, struct process *process, int flags, struct device_vnode **out)
{
    struct devfs_node *node = ksim_devfs_find(path);
    struct device_vnode *vnode;
    struct device_lock *lock;
    int error;

    if (node == NULL) {
        return ENOENT;
    }
    if (node->type != DEVFS_CHAR) {
        return ENXIO;
    }
    error = vnode_access(node, process, flags);
    if (error != 0) {
        return error;
    }
    vnode = vnode_of_node(node);
    ksim_vnode_enter(vnode);
    lock = device_lock_of(vnode->device);
    device_lock_take(lock);
    /* The count changes only after d_open said yes, so a failed open is followed by no close. */
    error = vnode->dead ? ENXIO
                        : ksim_device_open(vnode->device, flags, ksim_process_proc(process));
    if (error == 0) {
        lock->open_count++;
        vnode->opens++;
    }
    device_lock_drop(lock);
    ksim_vnode_exit(vnode);
    if (error != 0) {
        vnode_reclaim(vnode);
        return error;
    }
    vnode->references++;
    *out = vnode;
    return 0;
}

int
ksim_vnode_close(struct device_vnode *vnode, int flags, struct process *process)
{
    struct device_lock *lock = device_lock_of(vnode->device);
    int error = 0;

    ksim_vnode_enter(vnode);
    device_lock_take(lock);
    if (!vnode->dead) {
        vnode->opens--;
        lock->open_count--;
        if (lock->open_count == 0) {
            error = ksim_device_close(vnode->device, flags, ksim_process_proc(process));
        }
    }
    device_lock_drop(lock);
    ksim_vnode_exit(vnode);
    vnode->references--;
    vnode_reclaim(vnode);
    return error;
}

static void
vnode_clean(struct device_vnode *vnode, struct process *process)
{
    struct device_lock *lock = device_lock_of(vnode->device);

    vnode->references++;
    vnode->draining = true;
    while (vnode->io_count > 0) {
        (void)ksim_wait(&vnode->io_count, THREAD_UNINT, 0, "vnode_drain");
    }
    device_lock_take(lock);
    if (vnode->opens > 0) {
        lock->open_count -= vnode->opens;
        vnode->opens = 0;
        (void)ksim_device_close(vnode->device, CLOSE_REVOKED, ksim_process_proc(process));
    }
    vnode->dead = true;
    device_lock_drop(lock);
    if (vnode->node != NULL) {
        vnode->node->vnode = NULL;
        vnode->node = NULL;
    }
    vnode->draining = false;
    (void)ksim_wakeup(&vnode->draining);
    vnode->references--;
    vnode_reclaim(vnode);
}

int
ksim_vnode_revoke(const char *path, struct process *process)
{
    struct devfs_node *node = ksim_devfs_find(path);

    if (node == NULL) {
        return ENOENT;
    }
    if (process->uid != 0 && process->uid != node->uid) {
        return EPERM;
    }
    if (node->vnode == NULL) {
        return 0;
    }
    /* A second revoke of a vnode that is being drained waits for the first one. */
    if (node->vnode->draining) {
        struct device_vnode *vnode = node->vnode;

        ksim_vnode_enter(vnode);
        ksim_vnode_exit(vnode);
        vnode_reclaim(vnode);
        return 0;
    }
    vnode_clean(node->vnode, process);
    return 0;
}
