/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Flags, up and down, promiscuous mode and the driver's ioctl (kpi-ifnet.md sections 6, 12, 13).
 */

#include <interface_internal.h>

#include <kext.h>
#include <protocol.h>

#include <sys/param.h>
#include <sys/proc.h>
#include <sys/sockio.h>

#define UPDOWN_NAP_NS 100000000

struct updown_job {
    ifnet_t interface;
    bool up;
};

static void
updown_tell_domain(const struct protocol_domain *domain, void *context)
{
    const struct updown_job *job = context;

    if (domain->interface_updown != NULL)
        domain->interface_updown(job->interface, job->up);
}

/* One change at a time: others nap, 100 ms each, as in if_updown. */
static void
updown_begin(ifnet_t interface)
{
    struct timespec nap = {0, UPDOWN_NAP_NS};

    lck_mtx_lock(interface->reference_lock);
    while (interface->updown_busy)
        msleep(&interface->updown_busy, interface->reference_lock, PZERO - 1, "if_updown", &nap);
    interface->updown_busy = true;
    lck_mtx_unlock(interface->reference_lock);
}

void
ksim_interface_updown(ifnet_t interface, bool up)
{
    struct updown_job job = {interface, up};
    bool changed;

    updown_begin(interface);
    changed = ((interface->flags & IFF_UP) != 0) != up;
    if (changed && up)
        interface->flags |= IFF_UP;
    else if (changed)
        interface->flags &= (uint16_t)~IFF_UP;
    if (changed) {
        interface->last_change_ns = machine_now_ns();
        ksim_protocol_domains_each(updown_tell_domain, &job);
    }
    lck_mtx_lock(interface->reference_lock);
    interface->updown_busy = false;
    wakeup(&interface->updown_busy);
    lck_mtx_unlock(interface->reference_lock);
}

errno_t
ifnet_set_flags(ifnet_t interface, u_int16_t flags, u_int16_t mask)
{
    ksim_kpi_enter("ifnet_set_flags", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    /* XNU takes the interface lock first; a call from demux or add_proto hangs here, as there. */
    ksim_interface_lock_exclusive(interface);
    if ((mask & IFF_UP) != 0 && ((flags ^ interface->flags) & IFF_UP) != 0) {
        ksim_interface_unlock(interface);
        ksim_interface_updown(interface, (flags & IFF_UP) != 0);
        ksim_interface_lock_exclusive(interface);
    }
    interface->flags = (uint16_t)((flags & mask) | (interface->flags & ~mask));
    ksim_interface_unlock(interface);
    return 0;
}

/* 10.6: not while down, and a driver's error leaves the count as it is. */
static errno_t
promiscuous_set_old(ifnet_t interface, bool on)
{
    struct ifreq request;
    uint16_t before = interface->flags;
    errno_t error;

    if (on) {
        if ((interface->flags & IFF_UP) == 0)
            return ENETDOWN;
        if (interface->promiscuous_count++ != 0)
            return 0;
        interface->flags |= IFF_PROMISC;
    } else {
        if (--interface->promiscuous_count > 0)
            return 0;
        interface->flags &= (uint16_t)~IFF_PROMISC;
        if ((interface->flags & IFF_UP) == 0)
            return 0;
    }
    machine_fill(&request, 0xa5, sizeof(request));
    request.ifr_flags = (short)interface->flags;
    error = ksim_interface_ioctl(interface, 0, SIOCSIFFLAGS, &request);
    if (error != 0)
        interface->flags = before;
    return error;
}

errno_t
ifnet_set_promiscuous(ifnet_t interface, int on)
{
    uint16_t before, after;
    errno_t error = 0;

    ksim_kpi_enter("ifnet_set_promiscuous", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    ksim_interface_touch(interface, "ifnet_set_promiscuous of no interface");
    if (ksim_interface_profile()->promiscuous_down_enetdown)
        return promiscuous_set_old(interface, on != 0);
    ksim_interface_lock_exclusive(interface);
    before = interface->flags;
    interface->promiscuous_count += on != 0 ? 1 : -1;
    if (interface->promiscuous_count > 0)
        interface->flags |= IFF_PROMISC;
    else
        interface->flags &= (uint16_t)~IFF_PROMISC;
    after = interface->flags;
    ksim_interface_unlock(interface);
    if (after == before || (after & IFF_UP) == 0)
        return 0;
    error = ksim_interface_ioctl(interface, 0, SIOCSIFFLAGS, NULL);
    if (error != 0) {
        ksim_interface_lock_exclusive(interface);
        interface->promiscuous_count -= on != 0 ? 1 : -1;
        interface->flags = (uint16_t)((interface->flags & ~IFF_PROMISC) | (before & IFF_PROMISC));
        ksim_interface_unlock(interface);
    }
    return error;
}

/* A stage of ifnet_ioctl answers only while nobody has, or with EJUSTRETURN. */
static void
stage_merge(errno_t *result, errno_t error)
{
    if (*result == EOPNOTSUPP || error == EJUSTRETURN)
        *result = error == ENOTSUP ? EOPNOTSUPP : error;
}

static bool
stage_protocol(ifnet_t interface, protocol_family_t family, unsigned long command, void *argument,
               errno_t *result)
{
    struct interface_protocol *protocol = ksim_protocol_find(interface, family);
    const char *previous;
    errno_t error = EOPNOTSUPP;

    if (protocol == NULL)
        return false;
    if (protocol->ioctl != NULL) {
        previous = ksim_kext_call_begin(protocol->owner, "protocol ioctl");
        error = protocol->ioctl(interface, family, command, argument);
        ksim_kext_call_end(previous);
    }
    ksim_protocol_release(protocol);
    stage_merge(result, error);
    return *result != 0 && *result != EOPNOTSUPP;
}

int
ksim_interface_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command,
                     void *argument)
{
    errno_t result = EOPNOTSUPP;

    if (interface == NULL || command == 0)
        return EINVAL;
    if (!ksim_interface_io_begin(interface))
        return EOPNOTSUPP;
    if (ksim_interface_filter_ioctl(interface, family, command, argument, &result))
        goto end;
    if (family != 0 && stage_protocol(interface, family, command, argument, &result))
        goto end;
    if (interface->callbacks.ioctl != NULL)
        stage_merge(&result, ksim_callback_ioctl(interface, command, argument));
end:
    ksim_interface_io_end(interface);
    return result == EJUSTRETURN ? 0 : result;
}

errno_t
ifnet_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command, void *argument)
{
    ksim_kpi_enter("ifnet_ioctl", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    return ksim_interface_ioctl(interface, family, command, argument);
}
