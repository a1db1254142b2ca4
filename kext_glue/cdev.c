/* SPDX-License-Identifier: BSD-2-Clause */
#include "cdev.h"

#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/ioctl.h>
#include <sys/proc.h>
#include <sys/select.h>

#include "cdev_io.h"
#include "driver.h"
#include "input.h"
#include "kind.h"
#include "session.h"

#define NODE_USER 0   /* root */
#define NODE_GROUP 0  /* wheel */
#define NODE_MODE 0660
/* Search for a free major number from here up: lower ones may be claimed by the kernel later. */
#define MAJOR_SEARCH (-24)

/* What the kernel passed to a device function, as far as somebody wants it. */
struct call {
    proc_t process;
    uio_t uio;
    int io_flags;
    const struct tuntap_device_ioctl *ioctl;
    caddr_t data;
    int which;
    void *wait_link;
};

/* The body runs inside the driver, without locks. ENXIO if the door is closed or there is no such
 * unit. */
static int
call_inside(dev_t device, int (*body)(struct tuntap_unit *, const struct call *),
    const struct call *call)
{
    struct tuntap_unit *unit;
    int result = tuntap_driver_enter_device(device, &unit);

    if (result != 0) {
        return result;
    }
    result = body(unit, call);
    tuntap_driver_leave();
    return result;
}

static int
call_open(struct tuntap_unit *unit, const struct call *call)
{
    return tuntap_session_open(unit, call->process);
}

static int
cdev_open(dev_t device, int flags, int device_type, proc_t process)
{
    const struct call call = {.process = process};

    (void)flags;
    (void)device_type;
    return call_inside(device, call_open, &call);
}

static int
call_close(struct tuntap_unit *unit, const struct call *call)
{
    (void)call;
    return tuntap_session_close(unit);
}

static int
cdev_close(dev_t device, int flags, int device_type, proc_t process)
{
    (void)flags;
    (void)device_type;
    (void)process;
    return call_inside(device, call_close, NULL);
}

static int
call_read(struct tuntap_unit *unit, const struct call *call)
{
    return tuntap_cdev_read(unit, call->uio, call->io_flags);
}

static int
cdev_read(dev_t device, uio_t uio, int io_flags)
{
    const struct call call = {.uio = uio, .io_flags = io_flags};

    return call_inside(device, call_read, &call);
}

static int
call_write(struct tuntap_unit *unit, const struct call *call)
{
    return tuntap_cdev_write(unit, call->uio);
}

static int
cdev_write(dev_t device, uio_t uio, int io_flags)
{
    const struct call call = {.uio = uio};

    (void)io_flags;
    return call_inside(device, call_write, &call);
}

static int
ioctl_nonblocking(struct tuntap_unit *unit, caddr_t data)
{
    /* F_SETFL sends 4, not 1. */
    unit->life.nonblocking = *(const int *)(const void *)data != 0;
    if (unit->life.nonblocking) {
        tuntap_session_wake_readers(unit);
    }
    return 0;
}

static int
ioctl_asynchronous(struct tuntap_unit *unit, caddr_t data)
{
    unit->life.asynchronous = *(const int *)(const void *)data != 0;
    return 0;
}

/* The kernel passes process groups only, also for FIOSETOWN of a process, and a kext can signal
 * processes only: the caller if it is in the group, else the leader of the group. Who calls is the
 * running process. */
static int
ioctl_signal_group_set(struct tuntap_unit *unit, caddr_t data)
{
    pid_t group = *(const int *)(const void *)data;

    if (group < 0) {
        return EINVAL;
    }
    unit->signal_group = group;
    unit->signal_pid = group == proc_pgrpid(current_proc()) ? proc_selfpid() : group;
    return 0;
}

static int
ioctl_signal_group_get(struct tuntap_unit *unit, caddr_t data)
{
    *(int *)(void *)data = unit->signal_group;
    return 0;
}

static int
ioctl_readable(struct tuntap_unit *unit, caddr_t data)
{
    *(int *)(void *)data = (int)tt_queue_peek_length_bytes(&unit->queue);
    return 0;
}

static const struct tuntap_device_ioctl common_ioctls[] = {
    {FIONBIO, ioctl_nonblocking},
    {FIOASYNC, ioctl_asynchronous},
    {FIONREAD, ioctl_readable},
    {TIOCSPGRP, ioctl_signal_group_set},
    {TIOCGPGRP, ioctl_signal_group_get},
    {0, NULL},
};

static const struct tuntap_device_ioctl *
ioctl_find(const struct tuntap_device_ioctl *table, u_long command)
{
    for (; table->command != 0; table++) {
        if (table->command == command) {
            return table;
        }
    }
    return NULL;
}

static int
call_ioctl(struct tuntap_unit *unit, const struct call *call)
{
    int error;

    tuntap_unit_lock(unit);
    error = tt_unit_is_open(&unit->life) ? call->ioctl->handle(unit, call->data) : ENXIO;
    tuntap_unit_unlock(unit);
    return error;
}

static int
cdev_ioctl(dev_t device, u_long command, caddr_t data, int flags, proc_t process)
{
    struct call call = {.ioctl = ioctl_find(common_ioctls, command), .data = data};

    (void)flags;
    (void)process;
    if (call.ioctl == NULL) {
        call.ioctl = ioctl_find(tuntap_kind.device_ioctls, command);
    }
    return call.ioctl == NULL ? ENOTTY : call_inside(device, call_ioctl, &call);
}

/* Not ready: registered before the lock is dropped, so no wake-up is missed. */
static int
call_select(struct tuntap_unit *unit, const struct call *call)
{
    int ready;

    tuntap_unit_lock(unit);
    (void)tuntap_session_access(unit);
    switch (call->which) {
    case FREAD:
        ready = tt_unit_read_ready(&unit->life, tt_queue_count(&unit->queue) == 0);
        break;
    case FWRITE:
        ready = tt_unit_write_ready(&unit->life, tuntap_input_is_full(unit));
        break;
    default: /* exceptional conditions: there are none */
        ready = 0;
        break;
    }
    if (!ready) {
        selrecord(call->process, (struct selinfo *)unit->selinfo, call->wait_link);
    }
    tuntap_unit_unlock(unit);
    return ready;
}

/* An error of call_inside is "ready", too, so that the next call says why. */
static int
cdev_select(dev_t device, int which, void *wait_link, proc_t process)
{
    const struct call call = {.which = which, .wait_link = wait_link, .process = process};

    return call_inside(device, call_select, &call);
}

static void
nodes_remove(u_int32_t count)
{
    while (count > 0) {
        count--;
        devfs_remove(tuntap_driver.units[count].devfs_node);
        tuntap_driver.units[count].devfs_node = NULL;
    }
}

static errno_t
nodes_make(void)
{
    u_int32_t i;

    for (i = 0; i < TT_UNIT_COUNT; i++) {
        void *node = devfs_make_node(makedev(tuntap_driver.device_major, i), DEVFS_CHAR, NODE_USER,
            NODE_GROUP, NODE_MODE, "%s%u", tuntap_kind.name, i);

        if (node == NULL) {
            printf("%s: /dev/%s%u could not be made; does another kext have it?\n",
                tuntap_kind.name, tuntap_kind.name, i);
            nodes_remove(i);
            return EEXIST;
        }
        tuntap_driver.units[i].devfs_node = node;
    }
    return 0;
}

static void
switch_fill(struct cdevsw *device_switch)
{
    /* All of it, padding too: cdevsw_remove compares bytes. */
    memset(device_switch, 0, sizeof(*device_switch));
    device_switch->d_open = cdev_open;
    device_switch->d_close = cdev_close;
    device_switch->d_read = cdev_read;
    device_switch->d_write = cdev_write;
    device_switch->d_ioctl = cdev_ioctl;
    device_switch->d_select = cdev_select;
    /* The kernel's own refusals. Apple's macros for them convert in one step, which compilers
     * warn of. */
    device_switch->d_stop = (stop_fcn_t *)(void (*)(void))&enodev;
    device_switch->d_reset = (reset_fcn_t *)(void (*)(void))&enodev;
    device_switch->d_mmap = (mmap_fcn_t *)(void (*)(void))&enodev;
    device_switch->d_strategy = (strategy_fcn_t *)(void (*)(void))&enodev_strat;
}

errno_t
tuntap_cdev_register(void)
{
    errno_t error;

    switch_fill(&tuntap_driver.device_switch);
    tuntap_driver.device_major = cdevsw_add(MAJOR_SEARCH, &tuntap_driver.device_switch);
    if (tuntap_driver.device_major < 0) {
        printf("%s: no character device number is free\n", tuntap_kind.name);
        return ENXIO;
    }
    error = nodes_make();
    if (error != 0) {
        (void)cdevsw_remove(tuntap_driver.device_major, &tuntap_driver.device_switch);
    }
    return error;
}

void
tuntap_cdev_unregister(void)
{
    nodes_remove(TT_UNIT_COUNT);
    if (cdevsw_remove(tuntap_driver.device_major, &tuntap_driver.device_switch) < 0) {
        printf("%s: device number %d was taken over by somebody else\n", tuntap_kind.name,
            tuntap_driver.device_major);
    }
}
