/* SPDX-License-Identifier: BSD-2-Clause */

#include <interface_internal.h>

#include <panic.h>
#include <sys/param.h>
#include <sys/proc.h>

static bool
state_is_attached(const struct __ifnet *interface)
{
    const uint32_t mask = INTERFACE_EMBRYONIC | INTERFACE_ATTACHED | INTERFACE_DETACHING;

    /* Before 10.7 a detaching interface keeps working until its last use is gone. */
    if (ksim_interface_profile()->generation == KSIM_GENERATION_A)
        return (interface->state & INTERFACE_ATTACHED) != 0;
    return (interface->state & mask) == INTERFACE_ATTACHED;
}

bool
ksim_interface_is_attached(ifnet_t interface)
{
    return state_is_attached(interface);
}

bool
ksim_interface_io_begin(ifnet_t interface)
{
    bool attached;

    lck_mtx_lock(interface->reference_lock);
    attached = state_is_attached(interface);
    if (attached)
        interface->io_references++;
    lck_mtx_unlock(interface->reference_lock);
    return attached;
}

void
ksim_interface_io_end(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    if (interface->io_references == 0)
        ksim_panic("assertion failed: ifp->if_refio > 0, file: dlil.c");
    interface->io_references--;
    if (interface->io_references == 0 && (interface->state & INTERFACE_DETACHING) != 0)
        wakeup(&interface->io_references);
    lck_mtx_unlock(interface->reference_lock);
}

bool
ksim_interface_data_begin(ifnet_t interface)
{
    bool ready;

    lck_mtx_lock(interface->reference_lock);
    ready = state_is_attached(interface) && (interface->state & INTERFACE_READY) != 0;
    if (ready) {
        interface->io_references++;
        interface->data_movements++;
    }
    lck_mtx_unlock(interface->reference_lock);
    return ready;
}

void
ksim_interface_data_end(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    interface->data_movements--;
    lck_mtx_unlock(interface->reference_lock);
    ksim_interface_io_end(interface);
}

void
ksim_interface_io_drain(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    while (interface->io_references != 0) {
        machine_console("ifnet_detach_final: %s waiting for IO references to drain",
                        interface->xname);
        msleep(&interface->io_references, interface->reference_lock, PZERO - 1, "ifnet_ioref_wait",
               NULL);
    }
    lck_mtx_unlock(interface->reference_lock);
}

void
ksim_interface_lock_shared(ifnet_t interface)
{
    lck_rw_lock_shared(interface->lock);
}

void
ksim_interface_lock_exclusive(ifnet_t interface)
{
    lck_rw_lock_exclusive(interface->lock);
    interface->locked_exclusive = true;
}

void
ksim_interface_unlock(ifnet_t interface)
{
    if (interface->locked_exclusive) {
        interface->locked_exclusive = false;
        lck_rw_unlock_exclusive(interface->lock);
    } else {
        lck_rw_unlock_shared(interface->lock);
    }
}

void
ksim_interface_retain(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    interface->references++;
    if (interface->references == 0)
        ksim_panic("dlil_if_ref: wraparound refcnt for ifp=%p", (void *)interface);
    lck_mtx_unlock(interface->reference_lock);
}

void
ksim_interface_recycle(ifnet_t interface)
{
    struct interface_system *system = ksim_interfaces();

    lck_mtx_lock(system->dlil_lock);
    machine_format(interface->xname, sizeof(interface->xname), "%s?", interface->name);
    interface->in_use = false;
    lck_mtx_unlock(system->dlil_lock);
}

void
ksim_interface_drop(ifnet_t interface)
{
    bool unused;

    lck_mtx_lock(interface->reference_lock);
    if (interface->references == 0) {
        if (ksim_interface_profile()->generation == KSIM_GENERATION_A)
            ksim_panic("ifnet_release - refcount decremented past zero!");
        ksim_panic("dlil_if_free: negative refcnt for ifp=%p", (void *)interface);
    }
    interface->references--;
    unused = interface->references == 0 && (interface->state & INTERFACE_EMBRYONIC) != 0 &&
             !ksim_interface_profile()->allocate_leak_never_attached;
    if (unused)
        interface->state = 0;
    lck_mtx_unlock(interface->reference_lock);
    if (unused)
        ksim_interface_recycle(interface);
}

errno_t
ifnet_reference(ifnet_t interface)
{
    ksim_kpi_enter("ifnet_reference", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_retain(interface);
    return 0;
}

errno_t
ifnet_release(ifnet_t interface)
{
    ksim_kpi_enter("ifnet_release", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_drop(interface);
    return 0;
}

void
ksim_interface_start_late(const char *label, uint32_t count, lck_mtx_t *lock)
{
    static const long delays_ns[INTERFACE_LATE_COUNT] = {0, 1000000, 50000000, 1500000000};
    uint32_t choice = machine_choose(CHOICE_DELAY, count, label);
    struct timespec pause;

    if (choice == 0)
        return;
    pause.tv_sec = delays_ns[choice] / 1000000000;
    pause.tv_nsec = delays_ns[choice] % 1000000000;
    msleep(&pause, lock, PZERO, label, &pause);
}
