/* SPDX-License-Identifier: BSD-2-Clause */
#include "toy_kext.h"

#include <kern/debug.h>
#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <mach/kmod.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/ttycom.h>
#include <sys/proc.h>
#include <sys/select.h>
#include <sys/uio.h>

enum { TOY_UNITS = 2 };

struct toy_unit {
    uint64_t selinfo[16];
    size_t message_bytes;
    bool full;
    bool broken;
    char message[TOY_MESSAGE_BYTES];
};

struct toy_state toy;
static lck_grp_t *group;
static lck_mtx_t *mutex;
static OSMallocTag tag;
static struct toy_unit *units[TOY_UNITS];
static void *nodes[TOY_UNITS];

static kmod_start_func_t toy_start;
static kmod_stop_func_t toy_stop;

static struct selinfo *
toy_selinfo(struct toy_unit *unit)
{
    return (struct selinfo *)(void *)unit->selinfo;
}

/* On purpose, so no tool shall see it before the emulated Mac does. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static int
toy_access(void)
{
    return *toy.address;
}

static int
toy_open(dev_t device, int flags, int format, struct proc *process)
{
    (void)format;
    (void)process;
    toy.opens++;
    toy.last_open_flags = flags;
    if (toy.panics) {
        panic("toy_open: told to");
    }
    if (toy.accesses) {
        return toy_access();
    }
    if (minor(device) >= TOY_UNITS) {
        return ENXIO;
    }
    return toy.open_error;
}

static int
toy_close(dev_t device, int flags, int format, struct proc *process)
{
    struct toy_unit *unit = units[minor(device)];

    (void)format;
    (void)process;
    toy.last_close_flags = flags;
    lck_mtx_lock(mutex);
    while (toy.close_sleeps && !unit->full) {
        wait_result_t result = lck_mtx_sleep(mutex, LCK_SLEEP_DEFAULT, unit, THREAD_INTERRUPTIBLE);

        toy.last_error = result;
        if (result != THREAD_AWAKENED) {
            break;
        }
    }
    unit->full = false;
    toy.closes++;
    lck_mtx_unlock(mutex);
    return 0;
}

static int
toy_read(dev_t device, struct uio *uio, int flags)
{
    struct toy_unit *unit = units[minor(device)];
    char message[TOY_MESSAGE_BYTES];
    size_t bytes;
    int error = 0;

    toy.reads++;
    toy.last_read_flags = flags;
    lck_mtx_lock(mutex);
    while (!unit->full && error == 0) {
        if ((flags & 0x10) != 0) {
            error = EWOULDBLOCK;
        } else if (unit->broken) {
            error = EIO;
        } else {
            error = msleep(unit, mutex, toy.uninterruptible ? PZERO : PZERO | PCATCH, "toyread",
                           NULL);
        }
    }
    if (error == 0) {
        bytes = unit->message_bytes;
        memcpy(message, unit->message, bytes);
        unit->full = false;
    }
    if (toy.lock_forgotten) {
        return error;
    }
    lck_mtx_unlock(mutex);
    if (error == 0) {
        error = uiomove(message, (int)bytes, uio);
    }
    toy.last_error = error;
    return error;
}

static int
toy_write(dev_t device, struct uio *uio, int flags)
{
    struct toy_unit *unit = units[minor(device)];
    char message[TOY_MESSAGE_BYTES];
    size_t bytes = (size_t)uio_resid(uio);
    int error;

    (void)flags;
    toy.writes++;
    if (bytes > sizeof(message)) {
        return EMSGSIZE;
    }
    if (toy.copy_under_lock) {
        lck_mtx_lock(mutex);
    }
    error = uiomove(message, (int)bytes, uio);
    toy.last_error = error;
    if (error != 0) {
        return error;
    }
    lck_mtx_lock(mutex);
    memcpy(unit->message, message, bytes);
    unit->message_bytes = bytes;
    unit->full = true;
    selwakeup(toy_selinfo(unit));
    wakeup(unit);
    lck_mtx_unlock(mutex);
    return 0;
}

static void
toy_measure(const struct toy_unit *unit)
{
    const unsigned char *bytes = (const unsigned char *)unit->selinfo;

    toy.selinfo_bytes_touched = 0;
    for (unsigned i = 0; i < sizeof(unit->selinfo); i++) {
        if (bytes[i] != 0) {
            toy.selinfo_bytes_touched = i + 1;
        }
    }
}

static int
toy_ioctl(dev_t device, unsigned long command, caddr_t data, int flags, struct proc *process)
{
    struct toy_unit *unit = units[minor(device)];

    (void)flags;
    (void)process;
    toy.ioctls++;
    toy.last_command = command;
    switch (command) {
    case FIONBIO:
        toy.last_ioctl_value = *(int *)(void *)data;
        return 0;
    case TIOCSPGRP:
        toy.last_ioctl_value = *(int *)(void *)data;
        return toy.last_ioctl_value == 0 ? ENOTTY : 0;
    case TIOCGPGRP:
        *(int *)(void *)data = toy.last_ioctl_value;
        return 0;
    case FIOASYNC:
        return *(int *)(void *)data != 0 ? toy.ioctl_async_error : 0;
    case TOY_GET_NUMBER:
        *(int *)(void *)data = 42;
        return 0;
    case TOY_SET_NUMBER:
        toy.last_ioctl_value = *(int *)(void *)data;
        return 0;
    case TOY_NO_DATA:
        return 0;
    case TOY_WAKE:
        lck_mtx_lock(mutex);
        unit->broken = true;
        wakeup(unit);
        lck_mtx_unlock(mutex);
        return 0;
    case TOY_CLEAR_SELINFO:
        selthreadclear(toy_selinfo(unit));
        toy_measure(unit);
        return 0;
    case TOY_MEASURE_SELINFO:
        toy_measure(unit);
        return 0;
    default:
        return ENOTTY;
    }
}

static int
toy_select(dev_t device, int which, void *wait_link, struct proc *process)
{
    struct toy_unit *unit = units[minor(device)];
    int ready = 0;

    toy.selects++;
    toy.selects_unlinked += wait_link == NULL;
    toy.last_which = which;
    lck_mtx_lock(mutex);
    if (which == FWRITE || (which == FREAD && unit->full)) {
        ready = 1;
    } else if (!toy.select_forgets) {
        selrecord(process, toy_selinfo(unit), wait_link);
    }
    lck_mtx_unlock(mutex);
    return ready;
}

static struct cdevsw toy_switch = {
    .d_open = toy_open,
    .d_close = toy_close,
    .d_read = toy_read,
    .d_write = toy_write,
    .d_ioctl = toy_ioctl,
    .d_stop = eno_stop,
    .d_reset = eno_reset,
    .d_select = toy_select,
    .d_mmap = eno_mmap,
    .d_strategy = eno_strat,
};

static void
toy_release(void)
{
    for (int i = 0; i < TOY_UNITS; i++) {
        if (nodes[i] != NULL && !(toy.node_forgotten && i == 1)) {
            devfs_remove(nodes[i]);
            nodes[i] = NULL;
        }
        if (units[i] != NULL) {
            if (!toy.clear_forgotten) {
                selthreadclear(toy_selinfo(units[i]));
            }
            OSFree(units[i], sizeof(*units[i]), tag);
            units[i] = NULL;
        }
    }
    if (toy.major >= 0 && !toy.remove_forgotten) {
        (void)cdevsw_remove(toy.major, &toy_switch);
    }
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    OSMalloc_Tagfree(tag);
}

static kern_return_t
toy_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    tag = OSMalloc_Tagalloc(TOY_BUNDLE, OSMT_DEFAULT);
    group = lck_grp_alloc_init("toy", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    toy.major = cdevsw_add(-1, &toy_switch);
    for (int i = 0; i < TOY_UNITS; i++) {
        units[i] = OSMalloc(sizeof(*units[i]), tag);
        if (units[i] == NULL) {
            toy_release();
            return KERN_FAILURE;
        }
        memset(units[i], 0, sizeof(*units[i]));
        nodes[i] = devfs_make_node(makedev(toy.major, i), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0660,
                                   "toy%d", i);
    }
    if (toy.major < 0 || nodes[0] == NULL || nodes[1] == NULL) {
        toy_release();
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

static kern_return_t
toy_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    if (toy.stop_fails) {
        return KERN_FAILURE;
    }
    toy_release();
    return KERN_SUCCESS;
}

KMOD_EXPLICIT_DECL(org.example.toy, "1.0.0", toy_start, toy_stop)
