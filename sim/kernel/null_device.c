/* SPDX-License-Identifier: BSD-2-Clause */
#include <null_device.h>

#include <device.h>

#include <miscfs/devfs/devfs.h>
#include <sys/errno.h>
#include <sys/filio.h>

enum { MEMORY_MAJOR = 3, NULL_MINOR = 2 };

static int
null_open_close(dev_t device, int flags, int type, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)type;
    (void)process;
    return 0;
}

static int
null_read(dev_t device, struct uio *uio, int flags)
{
    (void)device;
    (void)uio;
    (void)flags;
    return 0;
}

/* The bytes are never copied, so a bad address is no error. */
static int
null_write(dev_t device, struct uio *uio, int flags)
{
    (void)device;
    (void)flags;
    uio_update(uio, (user_size_t)uio_resid(uio));
    return 0;
}

static int
null_ioctl(dev_t device, unsigned long command, caddr_t data, int flags, struct proc *process)
{
    (void)device;
    (void)data;
    (void)flags;
    (void)process;
    return command == FIONBIO || command == FIOASYNC ? 0 : ENODEV;
}

static int
null_select(dev_t device, int which, void *link, struct proc *process)
{
    (void)device;
    (void)which;
    (void)link;
    (void)process;
    return 1;
}

void
ksim_null_device_boot(struct ksim *kernel)
{
    static const struct cdevsw entry = {
        .d_open = null_open_close, .d_close = null_open_close, .d_read = null_read,
        .d_write = null_write,     .d_ioctl = null_ioctl,      .d_stop = eno_stop,
        .d_reset = eno_reset,      .d_select = null_select,    .d_mmap = eno_mmap,
        .d_strategy = eno_strat,   .d_type = D_DISK};

    kernel->devices->slots[MEMORY_MAJOR].entry = entry;
    devfs_make_node(makedev(MEMORY_MAJOR, NULL_MINOR), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0666, "null");
}
