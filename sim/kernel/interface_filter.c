/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interface filters (kpi-ifnet.md section 19). A thread that walks the list is counted in filter_busy and
 * holds no lock while a filter runs; attach and detach wait until nobody walks.
 */

#include <interface_internal.h>

#include <kext.h>
#include <mbuf.h>
#include <thread.h>

#include <sys/kern_event.h>
#include <sys/param.h>
#include <sys/proc.h>

static void
monitor_busy(ifnet_t interface)
{
    lck_mtx_lock(interface->filter_lock);
    interface->filter_busy++;
    lck_mtx_unlock(interface->filter_lock);
}

static void
monitor_unbusy(ifnet_t interface)
{
    lck_mtx_lock(interface->filter_lock);
    interface->filter_busy--;
    if (interface->filter_busy == 0 && interface->filter_waiters != 0)
        wakeup(&interface->filter_busy);
    lck_mtx_unlock(interface->filter_lock);
}

/* Returns with filter_lock held and nobody on the list. A filter that detaches itself hangs here. */
static void
monitor_enter(ifnet_t interface)
{
    lck_mtx_lock(interface->filter_lock);
    while (interface->filter_busy != 0) {
        interface->filter_waiters++;
        msleep(&interface->filter_busy, interface->filter_lock, PZERO - 1, "if_flt_monitor", NULL);
        interface->filter_waiters--;
    }
}

static bool
filter_wants(const struct __ifnet_filter *filter, protocol_family_t family)
{
    return !filter->skip &&
           (filter->callbacks.iff_protocol == 0 || filter->callbacks.iff_protocol == family);
}

/* A packet with a VLAN tag for the hardware passes by third-party filters, and once the kernel's own too. */
static bool
filter_wants_packet(const struct __ifnet_filter *filter, protocol_family_t family, mbuf_t packet)
{
    const bool tagged = (packet->packet.csum_flags & MBUF_VLAN_TAG_VALID) != 0;

    if (tagged && (!filter->internal || ksim_interface_profile()->input_vlan_skip_all))
        return false;
    return filter_wants(filter, family);
}

errno_t
ksim_interface_filter_input(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                            char **header)
{
    struct __ifnet_filter *filter;
    const char *previous;
    errno_t error = 0;

    monitor_busy(interface);
    for (filter = interface->filters; filter != NULL && error == 0; filter = filter->next) {
        if (!filter_wants_packet(filter, family, *packet) ||
            filter->callbacks.iff_input == NULL)
            continue;
        previous = ksim_kext_call_begin(filter->owner, "iff_input");
        error = filter->callbacks.iff_input(filter->callbacks.iff_cookie, interface, family, packet,
                                            header);
        ksim_kext_call_end(previous);
    }
    monitor_unbusy(interface);
    return error;
}

errno_t
ksim_interface_filter_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet)
{
    struct __ifnet_filter *filter;
    const char *previous;
    errno_t error = 0;

    monitor_busy(interface);
    for (filter = interface->filters; filter != NULL && error == 0; filter = filter->next) {
        if (!filter_wants_packet(filter, family, *packet) ||
            filter->callbacks.iff_output == NULL)
            continue;
        previous = ksim_kext_call_begin(filter->owner, "iff_output");
        error = filter->callbacks.iff_output(filter->callbacks.iff_cookie, interface, family,
                                             packet);
        ksim_kext_call_end(previous);
    }
    monitor_unbusy(interface);
    return error;
}

void
ksim_interface_filter_event(ifnet_t interface, const struct kev_msg *message)
{
    struct __ifnet_filter *filter;
    const char *previous;

    monitor_busy(interface);
    for (filter = interface->filters; filter != NULL; filter = filter->next) {
        if (filter->skip || filter->callbacks.iff_event == NULL)
            continue;
        previous = ksim_kext_call_begin(filter->owner, "iff_event");
        filter->callbacks.iff_event(filter->callbacks.iff_cookie, interface,
                                    filter->callbacks.iff_protocol, message);
        ksim_kext_call_end(previous);
    }
    monitor_unbusy(interface);
}

bool
ksim_interface_filter_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command,
                            void *argument, errno_t *result)
{
    struct __ifnet_filter *filter;
    const char *previous;
    errno_t error;
    bool stop = false;

    monitor_busy(interface);
    for (filter = interface->filters; filter != NULL && !stop; filter = filter->next) {
        if (!filter_wants(filter, family) || filter->callbacks.iff_ioctl == NULL)
            continue;
        previous = ksim_kext_call_begin(filter->owner, "iff_ioctl");
        error = filter->callbacks.iff_ioctl(filter->callbacks.iff_cookie, interface, family,
                                            command, argument);
        ksim_kext_call_end(previous);
        if (*result == EOPNOTSUPP || error == EJUSTRETURN)
            *result = error == ENOTSUP ? EOPNOTSUPP : error;
        stop = *result != 0 && *result != EOPNOTSUPP;
    }
    monitor_unbusy(interface);
    return stop;
}

static void
filter_remove(struct __ifnet_filter *filter)
{
    struct __ifnet_filter **each;
    ifnet_t interface = filter->interface;
    const char *previous;

    filter->skip = true;
    monitor_enter(interface);
    for (each = &interface->filters; *each != NULL; each = &(*each)->next) {
        if (*each == filter) {
            *each = filter->next;
            break;
        }
    }
    lck_mtx_unlock(interface->filter_lock);
    if (filter->callbacks.iff_detached != NULL) {
        previous = ksim_kext_call_begin(filter->owner, "iff_detached");
        filter->callbacks.iff_detached(filter->callbacks.iff_cookie, interface);
        ksim_kext_call_end(previous);
    }
    machine_free(filter);
}

void
ksim_interface_filters_remove(ifnet_t interface)
{
    while (interface->filters != NULL)
        filter_remove(interface->filters);
}

errno_t
ksim_interface_filter_attach(ifnet_t interface, const struct iff_filter *callbacks, bool internal,
                             interface_filter_t *out)
{
    struct __ifnet_filter *filter, **tail;
    bool detached;

    if (machine_fault("iflt_attach"))
        return ENOMEM;
    if (!ksim_interface_io_begin(interface))
        return ENXIO;
    filter = ksim_interface_zalloc(sizeof(*filter), "interface filter");
    filter->interface = interface;
    filter->callbacks = *callbacks;
    filter->internal = internal;
    filter->owner = ksim_thread_owner();
    monitor_enter(interface);
    detached = !ksim_interface_is_attached(interface);
    for (tail = &interface->filters; *tail != NULL; tail = &(*tail)->next)
        ;
    if (!detached)
        *tail = filter;
    lck_mtx_unlock(interface->filter_lock);
    ksim_interface_io_end(interface);
    if (detached) {
        machine_free(filter);
        return ENXIO;
    }
    *out = filter;
    return 0;
}

errno_t
iflt_attach(ifnet_t interface, const struct iff_filter *callbacks, interface_filter_t *out)
{
    ksim_kpi_enter("iflt_attach", KPI_MAY_BLOCK | ksim_interface_reader_rule());
    if (interface == NULL)
        return ENOENT;
    ksim_interface_touch(callbacks, "iflt_attach without callbacks");
    return ksim_interface_filter_attach(interface, callbacks, false, out);
}

void
iflt_detach(interface_filter_t filter)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet_filter *candidate;
    struct __ifnet *each;

    ksim_kpi_enter("iflt_detach", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    /*
     * A handle is looked for, never followed, and only on interfaces that are attached: one on an
     * interface that goes away is removed by its final detach (6153: dlil_detach_filter_internal).
     */
    for (each = system->attached; each != NULL; each = each->next_attached) {
        for (candidate = each->filters; candidate != NULL; candidate = candidate->next) {
            if (candidate == filter && !filter->skip) {
                filter_remove(filter);
                return;
            }
        }
    }
}
