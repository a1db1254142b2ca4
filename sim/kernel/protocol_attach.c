/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Attaching protocols to interfaces (kpi-ifnet.md sections 16.1 and 16.2).
 */

#include <interface_internal.h>

#include <kext.h>
#include <panic.h>
#include <protocol.h>
#include <thread.h>

#include <net/net_kev.h>
#include <sys/sockio.h>

struct interface_protocol *
ksim_protocol_find_locked(ifnet_t interface, protocol_family_t family)
{
    struct interface_protocol *protocol;

    for (protocol = interface->protocols; protocol != NULL; protocol = protocol->next) {
        if (protocol->family == family && !protocol->detached) {
            ksim_protocol_retain(protocol);
            return protocol;
        }
    }
    return NULL;
}

struct interface_protocol *
ksim_protocol_find(ifnet_t interface, protocol_family_t family)
{
    struct interface_protocol *protocol;

    ksim_interface_lock_shared(interface);
    protocol = ksim_protocol_find_locked(interface, family);
    ksim_interface_unlock(interface);
    return protocol;
}

uint32_t
ksim_protocol_count(ifnet_t interface)
{
    const struct interface_protocol *protocol;
    uint32_t count = 0;

    for (protocol = interface->protocols; protocol != NULL; protocol = protocol->next)
        count++;
    return count;
}

protocol_family_t
ksim_protocol_next_to_detach(ifnet_t interface)
{
    static const protocol_family_t order[] = {PF_INET, PF_INET6};
    const struct interface_protocol *protocol;
    protocol_family_t family = 0;
    size_t i;

    ksim_interface_lock_shared(interface);
    for (i = 0; i < sizeof(order) / sizeof(order[0]) && family == 0; i++) {
        for (protocol = interface->protocols; protocol != NULL; protocol = protocol->next) {
            if (protocol->family == order[i])
                family = order[i];
        }
    }
    if (family == 0 && interface->protocols != NULL)
        family = interface->protocols->family;
    ksim_interface_unlock(interface);
    return family;
}

void
ksim_protocol_retain(struct interface_protocol *protocol)
{
    lck_mtx_lock(protocol->interface->reference_lock);
    protocol->references++;
    lck_mtx_unlock(protocol->interface->reference_lock);
}

static void
post_protocol_event(ifnet_t interface, protocol_family_t family, uint32_t code)
{
    struct kev_dl_proto_data data;

    machine_fill(&data, 0, sizeof(data));
    data.proto_family = family;
    data.proto_remaining_count = ksim_protocol_count(interface);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, code, &data.link_data, sizeof(data));
}

/* The quirk of 10.13.4: the first protocol brings the interface up, the last one takes it down. */
static void
protocol_updown(ifnet_t interface, bool up)
{
    if (!ksim_interface_profile()->protocol_auto_up)
        return;
    ifnet_set_flags(interface, up ? IFF_UP : 0, IFF_UP);
    ksim_interface_ioctl(interface, 0, SIOCSIFFLAGS, NULL);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_SIFFLAGS, NULL, 0);
}

void
ksim_protocol_release(struct interface_protocol *protocol)
{
    ifnet_t interface = protocol->interface;
    const char *previous;
    bool last;

    lck_mtx_lock(interface->reference_lock);
    if (protocol->references == 0)
        ksim_panic("if_proto_free: negative refcnt for proto=%p", (void *)protocol);
    last = --protocol->references == 0;
    lck_mtx_unlock(interface->reference_lock);
    if (!last)
        return;
    if (protocol->detached_callback != NULL) {
        previous = ksim_kext_call_begin(protocol->owner, "protocol detached");
        protocol->detached_callback(interface, protocol->family);
        ksim_kext_call_end(previous);
    }
    post_protocol_event(interface, protocol->family, KEV_DL_PROTO_DETACHED);
    if (ksim_protocol_count(interface) == 0)
        protocol_updown(interface, false);
    machine_free(protocol);
}

static struct interface_protocol *
protocol_create(ifnet_t interface, protocol_family_t family,
                const struct ifnet_attach_proto_param *parameters,
                interface_input_list_func input_list)
{
    struct interface_protocol *protocol =
        ksim_interface_zalloc(sizeof(*protocol), "interface protocol");

    protocol->interface = interface;
    protocol->family = family;
    protocol->references = 1;
    protocol->takes_lists = input_list != NULL;
    protocol->owner = ksim_thread_owner();
    protocol->input = parameters->input;
    protocol->input_list = input_list;
    protocol->pre_output = parameters->pre_output;
    protocol->event = parameters->event;
    protocol->ioctl = parameters->ioctl;
    protocol->detached_callback = parameters->detached;
    protocol->resolve = parameters->resolve;
    protocol->send_arp = parameters->send_arp;
    return protocol;
}

/* add_proto runs with head_lock shared and the interface lock exclusive. */
static errno_t
protocol_insert(ifnet_t interface, struct interface_protocol *protocol,
                const struct ifnet_attach_proto_param *parameters)
{
    struct interface_protocol **tail, *each;
    errno_t error = 0;

    ksim_interface_lock_exclusive(interface);
    for (each = interface->protocols; each != NULL; each = each->next) {
        if (each->family == protocol->family)
            error = EEXIST;
    }
    if (error == 0)
        error = ksim_callback_add_proto(interface, protocol->family, parameters->demux_array,
                                        parameters->demux_count);
    if (error == 0) {
        for (tail = &interface->protocols; *tail != NULL; tail = &(*tail)->next)
            ;
        *tail = protocol;
    }
    ksim_interface_unlock(interface);
    return error;
}

static bool
interface_is_listed(const struct interface_system *system, ifnet_t interface)
{
    const struct __ifnet *each;

    for (each = system->attached; each != NULL; each = each->next_attached) {
        if (each == interface)
            return (interface->state & INTERFACE_DETACHING) == 0;
    }
    return false;
}

errno_t
ksim_protocol_attach(ifnet_t interface, protocol_family_t family,
                     const struct ifnet_attach_proto_param *parameters,
                     interface_input_list_func input_list)
{
    struct interface_system *system = ksim_interfaces();
    struct interface_protocol *protocol;
    const char *owner;
    errno_t error;

    if (interface == NULL || family == 0 || parameters == NULL)
        return EINVAL;
    protocol = protocol_create(interface, family, parameters, input_list);
    owner = ksim_thread_set_owner(NULL);
    lck_rw_lock_shared(system->head_lock);
    error = ENXIO;
    if (interface_is_listed(system, interface))
        error = protocol_insert(interface, protocol, parameters);
    if (error == 0)
        post_protocol_event(interface, family, KEV_DL_PROTO_ATTACHED);
    lck_rw_unlock_shared(system->head_lock);
    if (error == 0)
        protocol_updown(interface, true);
    else
        machine_free(protocol);
    ksim_thread_set_owner(owner);
    return error;
}

errno_t
ifnet_attach_protocol(ifnet_t interface, protocol_family_t family,
                      const struct ifnet_attach_proto_param *parameters)
{
    ksim_kpi_enter("ifnet_attach_protocol", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (machine_fault("ifnet_attach_protocol"))
        return ENOMEM;
    return ksim_protocol_attach(interface, family, parameters, NULL);
}

static errno_t
stub_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    (void)interface;
    (void)family;
    (void)packet;
    (void)header;
    return ENXIO;
}

static errno_t
stub_pre_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                const struct sockaddr *destination, void *route, char *frame_type,
                char *link_destination)
{
    (void)interface;
    (void)family;
    (void)packet;
    (void)destination;
    (void)route;
    (void)frame_type;
    (void)link_destination;
    return ENXIO;
}

static void
protocol_stub(struct interface_protocol *protocol)
{
    protocol->detached = true;
    protocol->takes_lists = false;
    protocol->input = stub_input;
    protocol->pre_output = stub_pre_output;
    protocol->event = NULL;
    protocol->ioctl = NULL;
    protocol->resolve = NULL;
    protocol->send_arp = NULL;
}

errno_t
ifnet_detach_protocol(ifnet_t interface, protocol_family_t family)
{
    struct interface_protocol **each, *protocol = NULL;
    const char *owner;
    bool last;

    ksim_kpi_enter("ifnet_detach_protocol", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || family == 0)
        return EINVAL;
    owner = ksim_thread_set_owner(NULL);
    ksim_interface_lock_exclusive(interface);
    for (each = &interface->protocols; *each != NULL; each = &(*each)->next) {
        if ((*each)->family == family) {
            protocol = *each;
            break;
        }
    }
    if (protocol != NULL) {
        ksim_callback_del_proto(interface, family);
        *each = protocol->next;
        protocol_stub(protocol);
    }
    last = interface->protocols == NULL;
    ksim_interface_unlock(interface);
    if (protocol != NULL)
        ksim_protocol_release(protocol);
    if (protocol != NULL && last && ksim_interface_profile()->detach_sync_callback &&
        (interface->state & INTERFACE_DETACHING) != 0 &&
        (interface->state & INTERFACE_ATTACHED) != 0)
        ksim_interface_use_reached_zero(interface);
    ksim_thread_set_owner(owner);
    return protocol != NULL ? 0 : ENXIO;
}
