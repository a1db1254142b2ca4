/* SPDX-License-Identifier: BSD-2-Clause */

/* The character device switch and devfs: kpi-rest.md 2.1 and 2.2. */

#include "guest.h"

#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>
#include <string.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <system.h>

static int
open_entry(dev_t device, int flags, int format, struct proc *process)
{
    (void)flags;
    (void)process;
    say("open", minor(device));
    say("character", format == S_IFCHR);
    return 0;
}

static struct cdevsw driver = {.d_open = open_entry, .d_close = eno_opcl, .d_select = eno_select};

static void
say_free_slots(void)
{
    struct cdevsw entry = driver;
    int slot;

    while ((slot = cdevsw_add(-1, &entry)) >= 0) {
        say("slot", slot);
    }
}

void
device_slots(void *argument)
{
    (void)argument;
    say_free_slots();
}

void
device_search(void *argument)
{
    int first = cdevsw_add(-24, &driver);

    (void)argument;
    say("first", first);
    say("next", cdevsw_add(-24, &driver));
    say("far", cdevsw_add(-1000, &driver));
    say("least", cdevsw_add(-2147483647 - 1, &driver));
    say("free", cdevsw_isfree(30));
    say("taken", cdevsw_isfree(first));
}

void
device_fixed(void *argument)
{
    (void)argument;
    say("console", cdevsw_add(0, &driver));
    say("free", cdevsw_add(20, &driver));
    say("again", cdevsw_add(20, &driver));
    say("beyond", cdevsw_add(64, &driver));
    say("both", cdevsw_add_with_bdev(21, &driver, 3));
}

/* The whole entry is compared, and a copy was made when it was added. */
void
device_remove(void *argument)
{
    struct cdevsw mine = driver;
    int slot = cdevsw_add(-1, &mine);

    (void)argument;
    mine.d_type = D_TTY;
    say("changed", cdevsw_remove(slot, &mine));
    say("same", cdevsw_remove(slot, &driver) == slot);
    say("again", cdevsw_remove(slot, &driver));
    say("negative", cdevsw_remove(-1, &driver));
    say("beyond", cdevsw_remove(64, &driver));
}

void
device_fillers(void *argument)
{
    (void)argument;
    say("enodev", enodev());
    enodev_strat();
    say("nullop", nullop());
    say("nulldev", nulldev());
    say("enoioctl", enoioctl());
    say("enxio", enxio());
    say("eopnotsupp", eopnotsupp());
    say("enosys", enosys());
}

static void
say_status(const char *path)
{
    struct ksim_device_status status;

    if (!ksim_system_device_status(NULL, path, &status)) {
        say_text("none");
        return;
    }
    say("major", status.major);
    say("minor", status.minor);
    say("mode", status.mode);
    say("uid", status.uid);
    say("gid", status.gid);
}

/* Two nodes of one number, opened by either name. */
void
device_nodes(void *argument)
{
    int slot = cdevsw_add(-24, &driver);
    void *first = devfs_make_node(makedev(slot, 3), DEVFS_CHAR, 5, 6, 0640, "guest%d", 3);
    void *second = devfs_make_node_clone(makedev(slot, 3), DEVFS_CHAR, 0, 0, 0666, NULL, "alias");
    void *block = devfs_make_node(makedev(slot, 4), DEVFS_BLOCK, 0, 0, 0600, "block");
    int fd;

    (void)argument;
    say_status("/dev/guest3");
    say_status("alias");
    fd = ksim_system_open(guest_root(), "/dev/guest3", KSIM_O_RDONLY);
    say("block", ksim_system_open(guest_root(), "/dev/block", KSIM_O_RDONLY));
    devfs_remove(first);
    say("gone", ksim_system_open(guest_root(), "/dev/guest3", KSIM_O_RDONLY));
    say("alias", ksim_system_open(guest_root(), "/dev/alias", KSIM_O_RDONLY));
    /* The entry goes while both are open: what comes later ends in the empty slot. */
    (void)cdevsw_remove(slot, &driver);
    say("ioctl", ksim_system_ioctl(guest_root(), fd, 0x20007401UL, NULL));
    say("read", ksim_system_read(guest_root(), fd, &slot, 1));
    say("close", ksim_system_close(guest_root(), fd));
    say("close", ksim_system_close(guest_root(), 1));
    say("alias", ksim_system_open(guest_root(), "/dev/alias", KSIM_O_RDONLY));
    devfs_remove(second);
    devfs_remove(block);
}

void
device_node_names(void *argument)
{
    char name[300];
    void *node = devfs_make_node(makedev(9, 0), DEVFS_CHAR, 0, 0, 0600, "name");

    (void)argument;
    memset(name, 'n', sizeof(name));
    name[299] = '\0';
    say("node", node != NULL);
    say("twice", devfs_make_node(makedev(9, 1), DEVFS_CHAR, 0, 0, 0600, "name") != NULL);
    say("long", devfs_make_node(makedev(9, 1), DEVFS_CHAR, 0, 0, 0600, "%s", name) != NULL);
    say("kind", devfs_make_node(makedev(9, 1), 2, 0, 0, 0600, "kind") != NULL);
    devfs_remove(node);
    say_status("name");
}

void
device_faults(void *argument)
{
    (void)argument;
    say("slot", cdevsw_add(20, &driver));
    say("node", devfs_make_node(makedev(9, 1), DEVFS_CHAR, 0, 0, 0600, "faults") != NULL);
}

/* --- misuse ------------------------------------------------------------------------------------ */

void
misuse_device_node_null(void *argument)
{
    (void)argument;
    devfs_remove(NULL);
}

void
misuse_device_node_twice(void *argument)
{
    void *node = devfs_make_node(makedev(9, 0), DEVFS_CHAR, 0, 0, 0600, "twice");

    (void)argument;
    devfs_remove(node);
    devfs_remove(node);
}

/* No pointer is looked at when an entry is added, only when it is used. */
void
misuse_device_function_null(void *argument)
{
    static struct cdevsw empty = {.d_open = open_entry};
    int slot = cdevsw_add(-24, &empty);
    char byte;
    int fd;

    (void)argument;
    (void)devfs_make_node(makedev(slot, 0), DEVFS_CHAR, 0, 0, 0600, "empty");
    fd = ksim_system_open(guest_root(), "/dev/empty", KSIM_O_RDONLY);
    say("read", ksim_system_read(guest_root(), fd, &byte, 1));
}
