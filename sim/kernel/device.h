/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_DEVICE_H
#define KSIM_DEVICE_H

/*
 * The character device switch (kpi-rest.md 2.1): 43 or 64 slots by release, some taken at boot.
 * Dispatch looks at the table at the time of each call, so an open descriptor whose entry was removed
 * gets ENODEV. Neither removal waits for anybody.
 */

#include <ksim.h>
#include <sys/conf.h>
#include <sys/proc.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { DEVICE_SLOTS_MAX = 64 };

struct device_slot {
    struct cdevsw entry; /* a copy of the caller's */
    const char *owner;   /* bundle id or NULL */
};

struct device_system {
    struct device_slot slots[DEVICE_SLOTS_MAX];
    uint32_t slot_count;
    struct devfs_node *nodes; /* devfs.h; oldest first */
    struct device_lock *locks; /* one per dev_t that was ever opened */
};

void ksim_devices_boot(struct ksim *kernel);
/* Reports switch entries and nodes of kexts that are still there. */
void ksim_devices_audit(struct ksim *kernel);

/* Calls through the switch, for the owner of the entry. ENXIO: no such major. */
int ksim_device_open(dev_t device, int flags, proc_t process);
int ksim_device_close(dev_t device, int flags, proc_t process);
int ksim_device_read(dev_t device, uio_t uio, int flags);
int ksim_device_write(dev_t device, uio_t uio, int flags);
int ksim_device_ioctl(dev_t device, unsigned long command, void *data, int flags, proc_t process);
/* Nonzero = ready. `link` is the wait-queue link of select, or NULL on its second scan. */
int ksim_device_select(dev_t device, int which, void *link, proc_t process);

/* Takes a slot of a fixed number while the kernel boots (bpf); panics when it is taken. */
void ksim_device_reserve(int slot, const struct cdevsw *entry);

/* Forgets the entries and nodes of a kext that went away, each with a MACHINE_LEAK finding. */
void ksim_devices_forget_owner(const char *bundle_id);

#endif
