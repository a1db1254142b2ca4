/* SPDX-License-Identifier: BSD-2-Clause */

#include <bpf_internal.h>

#include <interface_internal.h>
#include <panic.h>
#include <thread.h>

#include <net/if_types.h>
#include <sys/param.h>

static struct bpf_system *
bpf_system(void)
{
    return ksim_current()->bpf;
}

void
ksim_bpf_boot(struct ksim *kernel)
{
    struct bpf_system *system = ksim_interface_zalloc(sizeof(*system), "bpf system");

    system->lock_group = lck_grp_alloc_init("bpf", LCK_GRP_ATTR_NULL);
    system->lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    kernel->bpf = system;
}

void
ksim_bpf_audit(struct ksim *kernel)
{
    const struct bpf_interface *record;

    for (record = kernel->bpf->records; record != NULL; record = record->next) {
        if (record->owner != NULL && record->interface->state == 0)
            machine_finding(MACHINE_LEAK, "%s: bpfattach of %s without ifnet_detach", record->owner,
                            record->interface->xname);
    }
    if (kernel->bpf->leaked != 0)
        machine_console("bpf: %u interface records leaked, as in this release",
                        kernel->bpf->leaked);
}

/* --- records -------------------------------------------------------------------------------------*/

static struct bpf_interface *
record_find(ifnet_t interface, uint32_t link_type)
{
    struct bpf_interface *record;

    for (record = bpf_system()->records; record != NULL; record = record->next) {
        if (record->interface == interface && (link_type == 0 || record->link_type == link_type))
            return record;
    }
    return NULL;
}

/* DLT_NULL is 0, so "any" is asked for with the primary record of the interface. */
struct bpf_interface *
ksim_bpf_record(ifnet_t interface, uint32_t link_type)
{
    struct bpf_interface *record;

    if (link_type == 0)
        return interface->bpf;
    record = record_find(interface, link_type);
    return record;
}

errno_t
bpf_attach(ifnet_t interface, u_int32_t link_type, u_int32_t header_bytes, bpf_send_func send,
           bpf_tap_func tap)
{
    struct bpf_system *system = bpf_system();
    struct bpf_interface *record, **tail;
    errno_t error = 0;

    ksim_kpi_enter("bpf_attach", KPI_MAY_BLOCK);
    record = ksim_interface_zalloc(sizeof(*record), "bpf interface");
    record->interface = interface;
    record->link_type = link_type;
    record->header_bytes = header_bytes;
    record->send = send;
    record->tap = tap;
    record->owner = ksim_thread_owner();
    lck_mtx_lock(system->lock);
    for (tail = &system->records; *tail != NULL; tail = &(*tail)->next) {
        if ((*tail)->interface == interface && (*tail)->link_type == link_type)
            error = EEXIST;
    }
    if (error == 0) {
        *tail = record;
        if (interface->bpf == NULL || (link_type == DLT_EN10MB && interface->type == IFT_ETHER))
            interface->bpf = record;
    }
    lck_mtx_unlock(system->lock);
    if (error != 0) {
        machine_console("bpfattach - %s with dlt %u is already attached", interface->xname,
                        link_type);
        machine_free(record);
        return error;
    }
    ksim_interface_retain(interface);
    machine_console("bpf: %s attached", interface->xname);
    return 0;
}

void
bpfattach(ifnet_t interface, u_int link_type, u_int header_bytes)
{
    bpf_attach(interface, link_type, header_bytes, NULL, NULL);
}

static errno_t bpf_tap_callback(ifnet_t interface, mbuf_t packet);

/* The driver hears of the first and the last listener on the primary link type; bpf_lock is held. */
static void
driver_tell(struct bpf_interface *record, bool listening)
{
    ifnet_t interface = record->interface;

    if (record->tap != NULL)
        record->tap(interface, record->link_type,
                    listening ? BPF_MODE_INPUT_OUTPUT : BPF_MODE_DISABLED);
    if (interface->bpf != record || interface->callbacks.set_bpf_tap == NULL)
        return;
    if (!ksim_interface_io_begin(interface))
        return;
    ksim_callback_set_bpf_tap(interface, listening ? BPF_MODE_INPUT_OUTPUT : BPF_MODE_DISABLED,
                              listening ? bpf_tap_callback : NULL);
    ksim_interface_io_end(interface);
}

/* --- listeners -----------------------------------------------------------------------------------*/

static void
listener_attach(struct bpf_listener *listener, struct bpf_interface *record)
{
    struct bpf_listener **tail = &record->listeners;
    bool first = record->listeners == NULL;

    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = listener;
    listener->next = NULL;
    listener->record = record;
    listener->link_type = record->link_type;
    listener->header_bytes = record->header_bytes;
    if (first)
        driver_tell(record, true);
}

static void
listener_detach(struct bpf_listener *listener)
{
    struct bpf_interface *record = listener->record;
    struct bpf_listener **each;

    if (record == NULL)
        return;
    for (each = &record->listeners; *each != listener; each = &(*each)->next) {
        if (*each == NULL)
            ksim_panic("bpf_detachd: descriptor not in list");
    }
    *each = listener->next;
    listener->record = NULL;
    if (record->listeners == NULL)
        driver_tell(record, false);
}

/* The record by interface name: bpf looks among its own, so it need not be attached yet. */
static struct bpf_interface *
record_find_name(const char *name, uint32_t link_type, bool any_type)
{
    struct bpf_interface *record;

    for (record = bpf_system()->records; record != NULL; record = record->next) {
        if (!ksim_text_equal(record->interface->xname, name))
            continue;
        if (any_type ? record->interface->bpf == record : record->link_type == link_type)
            return record;
    }
    return NULL;
}

errno_t
ksim_bpf_listener_bind(struct bpf_listener *listener, const char *name, uint32_t link_type,
                       bool any_type)
{
    struct bpf_system *system = bpf_system();
    struct bpf_interface *record;
    errno_t error = 0;

    lck_mtx_lock(system->lock);
    record = record_find_name(name, link_type, any_type);
    if (record == NULL)
        error = ENXIO;
    else if (ksim_interface_profile()->promiscuous_down_enetdown &&
             (record->interface->flags & IFF_UP) == 0)
        error = ENETDOWN;
    if (error == 0) {
        listener_detach(listener);
        listener_attach(listener, record);
    }
    lck_mtx_unlock(system->lock);
    return error;
}

void
ksim_bpf_listener_unbind(struct bpf_listener *listener)
{
    struct bpf_system *system = bpf_system();

    lck_mtx_lock(system->lock);
    listener_detach(listener);
    lck_mtx_unlock(system->lock);
}

errno_t
ksim_bpf_listener_open(const char *name, uint32_t link_type, bpf_deliver_func deliver,
                       bpf_gone_func gone, void *context, struct bpf_listener **out)
{
    struct bpf_listener *listener = ksim_interface_zalloc(sizeof(*listener), "bpf listener");
    errno_t error;

    listener->deliver = deliver;
    listener->gone = gone;
    listener->context = context;
    error = ksim_bpf_listener_bind(listener, name, link_type, link_type == 0);
    if (error != 0) {
        machine_free(listener);
        return error;
    }
    *out = listener;
    return 0;
}

void
ksim_bpf_listener_close(struct bpf_listener *listener)
{
    ksim_bpf_listener_unbind(listener);
    machine_free(listener);
}

uint32_t
ksim_bpf_listener_link_type(const struct bpf_listener *listener)
{
    return listener->link_type;
}

bool
ksim_bpf_has_listener(ifnet_t interface)
{
    const struct bpf_interface *record;

    for (record = bpf_system()->records; record != NULL; record = record->next) {
        if (record->interface == interface && record->listeners != NULL)
            return true;
    }
    return false;
}

uint32_t
ksim_bpf_record_count(const struct __ifnet *interface)
{
    const struct bpf_interface *record;
    uint32_t count = 0;

    for (record = bpf_system()->records; record != NULL; record = record->next)
        count += record->interface == interface ? 1 : 0;
    return count;
}

void
ksim_bpf_interface_detach(ifnet_t interface)
{
    struct bpf_system *system = bpf_system();
    struct bpf_interface **each, *record;
    struct bpf_listener *listener;
    uint32_t removed = 0;

    lck_mtx_lock(system->lock);
    for (each = &system->records; (record = *each) != NULL;) {
        if (record->interface != interface) {
            each = &record->next;
            continue;
        }
        while ((listener = record->listeners) != NULL) {
            listener_detach(listener);
            if (listener->gone != NULL)
                listener->gone(listener->context);
        }
        *each = record->next;
        removed++;
        if (ksim_interface_profile()->bpf_if_leaks)
            system->leaked++;
        machine_free(record);
    }
    interface->bpf = NULL;
    lck_mtx_unlock(system->lock);
    while (removed-- != 0)
        ksim_interface_drop(interface);
}

/* --- taps ----------------------------------------------------------------------------------------*/

static size_t
chain_bytes(mbuf_t packet)
{
    size_t bytes = 0;

    for (; packet != NULL; packet = mbuf_next(packet))
        bytes += mbuf_len(packet);
    return bytes;
}

static unsigned char *
chain_flatten(mbuf_t packet, const void *header, size_t header_bytes, size_t *total)
{
    size_t bytes = header_bytes + chain_bytes(packet), used = header_bytes;
    unsigned char *flat = machine_allocate(bytes + 1, "bpf packet");

    if (header_bytes != 0)
        machine_copy(flat, header, header_bytes);
    for (; packet != NULL; packet = mbuf_next(packet)) {
        machine_copy(flat + used, mbuf_data(packet), mbuf_len(packet));
        used += mbuf_len(packet);
    }
    *total = bytes;
    return flat;
}

/* Neither frees nor changes the packet. */
static void
tap(ifnet_t interface, uint32_t link_type, mbuf_t packet, const void *header, size_t header_bytes,
    enum bpf_direction direction)
{
    struct bpf_system *system = bpf_system();
    struct bpf_interface *record;
    struct bpf_listener *listener;
    struct bpf_packet seen = {.interface = interface, .direction = direction};
    unsigned char *flat;

    if (interface->bpf == NULL)
        return;
    lck_mtx_lock(system->lock);
    record = link_type == 0 ? interface->bpf : record_find(interface, link_type);
    if (record != NULL && record->listeners != NULL) {
        flat = chain_flatten(packet, header, header_bytes, &seen.length_bytes);
        seen.bytes = flat;
        seen.time_ns = machine_now_ns();
        seen.link_type = record->link_type;
        for (listener = record->listeners; listener != NULL; listener = listener->next) {
            if (direction == BPF_DIRECTION_IN || !listener->ignores_sent)
                listener->deliver(listener->context, &seen);
        }
        machine_free(flat);
    }
    lck_mtx_unlock(system->lock);
}

void
bpf_tap_in(ifnet_t interface, u_int32_t link_type, mbuf_t packet, void *header,
           size_t header_bytes)
{
    ksim_kpi_enter("bpf_tap_in", KPI_MAY_BLOCK);
    tap(interface, link_type, packet, header, header_bytes, BPF_DIRECTION_IN);
}

void
bpf_tap_out(ifnet_t interface, u_int32_t link_type, mbuf_t packet, void *header,
            size_t header_bytes)
{
    ksim_kpi_enter("bpf_tap_out", KPI_MAY_BLOCK);
    tap(interface, link_type, packet, header, header_bytes, BPF_DIRECTION_OUT);
}

/* What set_bpf_tap gave to the driver. The direction is guessed from the receive interface. */
static errno_t
bpf_tap_callback(ifnet_t interface, mbuf_t packet)
{
    bool inbound;

    ksim_kpi_enter("bpf_tap_callback", KPI_MAY_BLOCK);
    if ((mbuf_flags(packet) & MBUF_PKTHDR) != 0)
        inbound = mbuf_pkthdr_rcvif(packet) != NULL;
    else if (ksim_interface_profile()->bpf_direction_from_stale)
        inbound = machine_choose(CHOICE_WORKLOAD, 2, "stale receive interface") == 0;
    else
        inbound = true;
    tap(interface, 0, packet, NULL, 0, inbound ? BPF_DIRECTION_IN : BPF_DIRECTION_OUT);
    return 0;
}
