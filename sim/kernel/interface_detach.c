/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Detach in two parts: what ifnet_detach does on its caller, and what the one detacher thread of
 * the system does once nobody is inside the driver any more (kpi-ifnet.md section 4).
 */

#include <interface_internal.h>

#include <bpf.h>
#include <panic.h>
#include <protocol.h>
#include <thread.h>

#include <net/net_kev.h>
#include <sys/kern_event.h>
#include <sys/param.h>
#include <sys/proc.h>

#define DETACHER_QUEUE 512
#define UNPLUMB_ROUNDS_MAX 1000

struct interface_detacher {
    lck_mtx_t *lock;
    ifnet_t queue[DETACHER_QUEUE];
    uint32_t first, count;
    bool working;
    struct thread *thread;
};

/* --- stubs: what a detached interface answers -----------------------------------------------------*/

static errno_t
stub_output(ifnet_t interface, mbuf_t packet)
{
    (void)interface;
    mbuf_freem_list(packet);
    return 0;
}

static errno_t
stub_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    (void)interface;
    (void)header;
    (void)family;
    mbuf_freem(packet);
    return EJUSTRETURN;
}

static errno_t
stub_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
            const char *link_destination, const char *frame_type)
{
    (void)interface;
    (void)destination;
    (void)link_destination;
    (void)frame_type;
    mbuf_freem(*packet);
    *packet = NULL;
    return EJUSTRETURN;
}

static errno_t
stub_add_proto(ifnet_t interface, protocol_family_t family,
               const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)family;
    (void)descriptors;
    (void)count;
    return EINVAL;
}

static errno_t
stub_del_proto(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    (void)family;
    return EINVAL;
}

static errno_t
stub_check_multi(ifnet_t interface, const struct sockaddr *address)
{
    (void)interface;
    (void)address;
    return EOPNOTSUPP;
}

static errno_t
stub_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    (void)interface;
    (void)command;
    (void)argument;
    return EOPNOTSUPP;
}

static errno_t
stub_set_bpf_tap(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func callback)
{
    (void)interface;
    (void)mode;
    (void)callback;
    return 0;
}

static void
callbacks_stub(ifnet_t interface)
{
    struct interface_callbacks *callbacks = &interface->callbacks;

    interface->stubbed = true;
    callbacks->output = stub_output;
    callbacks->ioctl = stub_ioctl;
    callbacks->set_bpf_tap = stub_set_bpf_tap;
    callbacks->detached = NULL;
    if (ksim_interface_profile()->detach_demux_survives)
        return;
    callbacks->demux = stub_demux;
    callbacks->framer = stub_framer;
    callbacks->add_proto = stub_add_proto;
    callbacks->del_proto = stub_del_proto;
    callbacks->check_multi = stub_check_multi;
    callbacks->event = NULL;
    interface->frame_by_ether = false;
    interface->owner = NULL;
}

/* --- final part ----------------------------------------------------------------------------------*/

static void
purge_domain(const struct protocol_domain *domain, void *context)
{
    if (domain->interface_purge != NULL)
        domain->interface_purge(context);
}

static void
final_protocols_remove(ifnet_t interface)
{
    protocol_family_t family;
    uint32_t rounds = 0;

    /* XNU asks for ever; a plumber may leave the work to another thread, so not only once. */
    while ((family = ksim_protocol_next_to_detach(interface)) != 0) {
        if (++rounds == UNPLUMB_ROUNDS_MAX)
            machine_fail(MACHINE_HANG,
                         "ifnet_detach_final: the plumber of protocol family %u does not detach "
                         "it from %s, which is asked for in an endless loop", family,
                         interface->xname);
        ksim_protocol_unplumb(family, interface);
    }
    ksim_interface_lock_exclusive(interface);
    interface->protocols_ready = false;
    interface->addresses = interface->link_address != NULL ? interface->link_address->next : NULL;
    if (interface->link_address != NULL)
        interface->link_address->linked = false;
    ksim_interface_unlock(interface);
}

static void
state_clear(ifnet_t interface)
{
    lck_mtx_lock(interface->reference_lock);
    if (ksim_interface_profile()->generation != KSIM_GENERATION_A &&
        (interface->state & INTERFACE_DETACHING) == 0)
        ksim_panic("ifnet_detach_final: flags mismatch (detaching not set) ifp=%p",
                   (void *)interface);
    interface->state = 0;
    lck_mtx_unlock(interface->reference_lock);
}

static void
final_forget(ifnet_t interface)
{
    const struct ksim_profile *profile = ksim_interface_profile();

    if (!profile->recycle_offload_kept) {
        interface->offload = 0;
        interface->capabilities_enabled = 0;
    }
    if (profile->recycle_promiscuous_persist)
        return;
    interface->promiscuous_count = 0;
    interface->allmulti_count = 0;
    interface->flags &= (uint16_t)~(IFF_PROMISC | IFF_ALLMULTI);
}

/* ifnet_detach_final: on the detacher; darwin10 also on the caller. */
static void
detach_final(ifnet_t interface)
{
    const struct ksim_profile *profile = ksim_interface_profile();
    ifnet_detached_func detached;
    const char *owner;

    ksim_interface_io_drain(interface);
    if (profile->detach_bpf_in_detacher)
        ksim_bpf_interface_detach(interface);
    ksim_interface_filters_remove(interface);
    if (!profile->detach_no_address_purge)
        ksim_protocol_domains_each(purge_domain, interface);
    final_protocols_remove(interface);
    ksim_interface_input_stop(interface, profile->generation == KSIM_GENERATION_C);
    ksim_interface_lock_exclusive(interface);
    detached = interface->callbacks.detached;
    owner = interface->owner;
    callbacks_stub(interface);
    final_forget(interface);
    ksim_interface_unlock(interface);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_IF_DETACHED, NULL, 0);
    if (!profile->detach_callback_before_clear)
        state_clear(interface);
    machine_yield("before the detached callback");
    if (detached != NULL)
        ksim_callback_detached(interface, detached, owner);
    machine_yield("after the detached callback");
    if (profile->detach_callback_before_clear)
        state_clear(interface);
    ksim_interface_recycle(interface);
    if (profile->generation != KSIM_GENERATION_A)
        ksim_interface_drop(interface);
}

void
ksim_interface_use_reached_zero(ifnet_t interface)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet **each;

    lck_rw_lock_exclusive(system->head_lock);
    for (each = &system->attached; *each != NULL; each = &(*each)->next_attached) {
        if (*each == interface) {
            *each = interface->next_attached;
            break;
        }
    }
    lck_rw_unlock_exclusive(system->head_lock);
    lck_mtx_lock(interface->reference_lock);
    interface->state &= ~(uint32_t)INTERFACE_ATTACHED;
    lck_mtx_unlock(interface->reference_lock);
    ksim_interface_multicasts_forget(interface);
    detach_final(interface);
}

/* --- detacher thread -----------------------------------------------------------------------------*/

static void
detacher_loop(void *argument, wait_result_t result)
{
    struct interface_detacher *detacher = argument;
    ifnet_t interface;

    (void)result;
    for (;;) {
        lck_mtx_lock(detacher->lock);
        detacher->working = false;
        while (detacher->count == 0)
            msleep(&detacher->queue, detacher->lock, PZERO - 1, "ifnet_detacher", NULL);
        interface = detacher->queue[detacher->first];
        detacher->first = (detacher->first + 1) % DETACHER_QUEUE;
        detacher->count--;
        detacher->working = true;
        lck_mtx_unlock(detacher->lock);
        ksim_interface_start_late("detacher", INTERFACE_LATE_COUNT, NULL);
        detach_final(interface);
    }
}

static void
detacher_enqueue(ifnet_t interface)
{
    struct interface_detacher *detacher = ksim_interfaces()->detacher;

    lck_mtx_lock(detacher->lock);
    if (detacher->count == DETACHER_QUEUE)
        ksim_panic("ifnet_detacher: queue overflow");
    detacher->queue[(detacher->first + detacher->count) % DETACHER_QUEUE] = interface;
    detacher->count++;
    wakeup(&detacher->queue);
    lck_mtx_unlock(detacher->lock);
}

void
ksim_interface_detacher_boot(struct interface_system *system)
{
    struct interface_detacher *detacher =
        ksim_interface_zalloc(sizeof(*detacher), "interface detacher");

    detacher->lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    system->detacher = detacher;
    detacher->thread = ksim_thread_create("ifnet_detacher", true, detacher_loop, detacher);
}

bool
ksim_interface_detacher_idle(const struct interface_system *system)
{
    return system->detacher->count == 0 && !system->detacher->working;
}

/* --- first part ----------------------------------------------------------------------------------*/

/* ATTACHED becomes DETACHING and the interface leaves the list, in one step. */
static errno_t
detach_begin(ifnet_t interface)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet **each;
    errno_t error = 0;

    lck_rw_lock_exclusive(system->head_lock);
    lck_rw_lock_exclusive(interface->lock);
    lck_mtx_lock(interface->reference_lock);
    if ((interface->state & INTERFACE_ATTACHED) == 0)
        error = EINVAL;
    else
        interface->state = INTERFACE_DETACHING;
    lck_mtx_unlock(interface->reference_lock);
    for (each = &system->attached; error == 0 && *each != NULL; each = &(*each)->next_attached) {
        if (*each == interface) {
            *each = interface->next_attached;
            break;
        }
    }
    lck_rw_unlock_exclusive(interface->lock);
    lck_rw_unlock_exclusive(system->head_lock);
    return error;
}

/* 10.6: no list removal, no down; events and bpf still reach the driver (section 4.3). */
static errno_t
detach_by_use_count(ifnet_t interface)
{
    bool last;

    lck_mtx_lock(interface->reference_lock);
    if ((interface->state & INTERFACE_DETACHING) != 0) {
        lck_mtx_unlock(interface->reference_lock);
        return ENXIO;
    }
    if ((interface->state & INTERFACE_ATTACHED) == 0) {
        lck_mtx_unlock(interface->reference_lock);
        return EINVAL;
    }
    interface->state |= INTERFACE_DETACHING;
    lck_mtx_unlock(interface->reference_lock);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_IF_DETACHING, NULL, 0);
    ksim_bpf_interface_detach(interface);
    ksim_interface_filters_remove(interface);
    last = ksim_protocol_count(interface) == 0;
    if (last)
        ksim_interface_use_reached_zero(interface);
    return 0;
}

errno_t
ifnet_detach(ifnet_t interface)
{
    const struct ksim_profile *profile = ksim_interface_profile();
    const char *owner;
    errno_t error;

    ksim_kpi_enter("ifnet_detach", KPI_MAY_BLOCK | ksim_interface_reader_rule());
    if (interface == NULL)
        return EINVAL;
    owner = ksim_thread_set_owner(NULL);
    if (profile->detach_sync_callback) {
        error = detach_by_use_count(interface);
        goto out;
    }
    if (profile->detach_if_down_first && ksim_interface_is_attached(interface))
        ksim_interface_updown(interface, false);
    error = detach_begin(interface);
    if (error != 0)
        goto out;
    if (!profile->detach_bpf_in_detacher)
        ksim_bpf_interface_detach(interface);
    if (!profile->detach_if_down_first)
        ksim_interface_updown(interface, false);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_IF_DETACHING, NULL, 0);
    detacher_enqueue(interface);
out:
    ksim_thread_set_owner(owner);
    return error;
}
