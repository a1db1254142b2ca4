/* SPDX-License-Identifier: BSD-2-Clause */
#include "device.h"

#include "devfs.h"
#include "kext.h"
#include "panic.h"
#include "profile.h"
#include "thread.h"

#include <sys/errno.h>
#include <sys/stat.h>
#include <sys/systm.h>

/* What the kernel itself has in its table from the start (kpi-rest.md 2.1). */
static const int occupied_slots[] = {0, 2, 3, 4, 5, 6, 7, 8, 12};

static int
device_always_ready(dev_t device, int which, void *link, struct proc *process)
{
    (void)device;
    (void)which;
    (void)link;
    (void)process;
    return 1;
}

static void
device_entry_empty(struct cdevsw *entry)
{
    /* Padding included: a free slot is found by comparing bytes. */
    machine_fill(entry, 0, sizeof(*entry));
    entry->d_open = eno_opcl;
    entry->d_close = eno_opcl;
    entry->d_read = eno_rdwrt;
    entry->d_write = eno_rdwrt;
    entry->d_ioctl = eno_ioctl;
    entry->d_stop = eno_stop;
    entry->d_reset = eno_reset;
    entry->d_select = device_always_ready;
    entry->d_mmap = eno_mmap;
    entry->d_strategy = eno_strat;
}

static bool
device_slot_free(const struct device_slot *slot)
{
    struct cdevsw empty;

    device_entry_empty(&empty);
    return machine_compare(&slot->entry, &empty, sizeof(empty)) == 0;
}

void
ksim_devices_boot(struct ksim *kernel)
{
    struct device_system *system = machine_allocate(sizeof(*system), "device system");

    machine_fill(system, 0, sizeof(*system));
    system->slot_count = kernel->profile->cdevsw_slots;
    for (uint32_t i = 0; i < system->slot_count; i++) {
        device_entry_empty(&system->slots[i].entry);
    }
    for (uint32_t i = 0; i < sizeof(occupied_slots) / sizeof(occupied_slots[0]); i++) {
        system->slots[occupied_slots[i]].entry.d_type = D_TTY;
    }
    kernel->devices = system;
}

void
ksim_devices_audit(struct ksim *kernel)
{
    const struct device_system *system = kernel->devices;

    for (uint32_t i = 0; i < system->slot_count; i++) {
        if (system->slots[i].owner != NULL) {
            machine_finding(MACHINE_LEAK, "major %u of %s was never removed", i,
                            system->slots[i].owner);
        }
    }
    for (const struct devfs_node *node = system->nodes; node != NULL; node = node->next) {
        if (node->owner != NULL) {
            machine_finding(MACHINE_LEAK, "/dev/%s of %s was never removed", node->name,
                            node->owner);
        }
    }
}

void
ksim_devices_forget_owner(const char *bundle_id)
{
    struct device_system *system = ksim_current()->devices;

    for (uint32_t i = 0; i < system->slot_count; i++) {
        if (system->slots[i].owner == bundle_id) {
            machine_finding(MACHINE_LEAK, "major %u points into %s, which is gone", i, bundle_id);
        }
    }
    for (struct devfs_node *node = system->nodes; node != NULL; node = node->next) {
        if (node->owner == bundle_id) {
            machine_finding(MACHINE_LEAK, "/dev/%s was left behind by %s", node->name, bundle_id);
        }
    }
}

void
ksim_device_reserve(int slot, const struct cdevsw *entry)
{
    struct device_slot *taken = &ksim_current()->devices->slots[slot];

    if (!device_slot_free(taken)) {
        ksim_panic("major %d is taken", slot);
    }
    taken->entry = *entry;
    taken->owner = NULL;
}

/* --- dispatch ---------------------------------------------------------------------------------- */

static const struct device_slot *
device_slot_of(dev_t device)
{
    const struct device_system *system = ksim_current()->devices;

    if ((uint32_t)major(device) >= system->slot_count) {
        return NULL;
    }
    machine_order_acquire(&system->slots[major(device)]);
    return &system->slots[major(device)];
}

static void
device_check_function(bool present, const char *what)
{
    if (!present) {
        ksim_panic_fault(0, what);
    }
}

int
ksim_device_open(dev_t device, int flags, proc_t process)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int error;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_open != NULL, "d_open");
    previous = ksim_kext_call_begin(slot->owner, "d_open");
    error = slot->entry.d_open(device, flags, S_IFCHR, process);
    ksim_kext_call_end(previous);
    return error;
}

int
ksim_device_close(dev_t device, int flags, proc_t process)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int error;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_close != NULL, "d_close");
    previous = ksim_kext_call_begin(slot->owner, "d_close");
    error = slot->entry.d_close(device, flags, S_IFCHR, process);
    ksim_kext_call_end(previous);
    return error;
}

int
ksim_device_read(dev_t device, uio_t uio, int flags)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int error;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_read != NULL, "d_read");
    previous = ksim_kext_call_begin(slot->owner, "d_read");
    error = slot->entry.d_read(device, uio, flags);
    ksim_kext_call_end(previous);
    return error;
}

int
ksim_device_write(dev_t device, uio_t uio, int flags)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int error;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_write != NULL, "d_write");
    previous = ksim_kext_call_begin(slot->owner, "d_write");
    error = slot->entry.d_write(device, uio, flags);
    ksim_kext_call_end(previous);
    return error;
}

int
ksim_device_ioctl(dev_t device, unsigned long command, void *data, int flags, proc_t process)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int error;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_ioctl != NULL, "d_ioctl");
    previous = ksim_kext_call_begin(slot->owner, "d_ioctl");
    error = slot->entry.d_ioctl(device, command, data, flags, process);
    ksim_kext_call_end(previous);
    return error;
}

int
ksim_device_select(dev_t device, int which, void *link, proc_t process)
{
    const struct device_slot *slot = device_slot_of(device);
    const char *previous;
    int ready;

    if (slot == NULL) {
        return ENXIO;
    }
    device_check_function(slot->entry.d_select != NULL, "d_select");
    previous = ksim_kext_call_begin(slot->owner, "d_select");
    ready = slot->entry.d_select(device, which, link, process);
    ksim_kext_call_end(previous);
    return ready;
}

/* --- KPI --------------------------------------------------------------------------------------- */

int
cdevsw_isfree(int index)
{
    struct device_system *system = ksim_current()->devices;

    ksim_kpi_enter("cdevsw_isfree", KPI_MAY_BLOCK);
    if (index < 0) {
        uint32_t first = index == -1 ? 0 : 0U - (uint32_t)index;

        for (; first < system->slot_count; first++) {
            if (device_slot_free(&system->slots[first])) {
                return (int)first;
            }
        }
        return -1;
    }
    if ((uint32_t)index >= system->slot_count || !device_slot_free(&system->slots[index])) {
        return -1;
    }
    return index;
}

int
cdevsw_add(int index, struct cdevsw *driver)
{
    struct device_slot *slots = ksim_current()->devices->slots;
    int slot = cdevsw_isfree(index);

    if (slot < 0 || machine_fault("cdevsw_add")) {
        return -1;
    }
    slots[slot].entry = *driver;
    slots[slot].owner = ksim_thread_owner();
    /* The lock of devfs, which every open takes, orders what the driver did before. */
    machine_order_release(&slots[slot]);
    return slot;
}

int
cdevsw_add_with_bdev(int index, struct cdevsw *driver, int block_major)
{
    (void)block_major;
    return cdevsw_add(index, driver);
}

int
cdevsw_remove(int index, struct cdevsw *driver)
{
    struct device_system *system = ksim_current()->devices;

    ksim_kpi_enter("cdevsw_remove", KPI_MAY_BLOCK);
    if (index < 0 || (uint32_t)index >= system->slot_count ||
        machine_compare(&system->slots[index].entry, driver, sizeof(*driver)) != 0) {
        return -1;
    }
    device_entry_empty(&system->slots[index].entry);
    system->slots[index].owner = NULL;
    return index;
}

int
enodev(void)
{
    return ENODEV;
}

void
enodev_strat(void)
{
}

int
nullop(void)
{
    return 0;
}

int
nulldev(void)
{
    return 0;
}

int
enoioctl(void)
{
    return ENOTTY;
}

int
enxio(void)
{
    return ENXIO;
}

int
eopnotsupp(void)
{
    return EOPNOTSUPP;
}

int
enosys(void)
{
    return ENOSYS;
}
