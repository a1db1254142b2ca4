/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Input: ifnet_input only queues; a thread of the interface (or the main one) demuxes and hands the
 * packets to the protocols (kpi-ifnet.md section 15).
 */

#include <interface_internal.h>

#include <bridge.h>
#include <kext.h>
#include <mbuf.h>
#include <panic.h>
#include <protocol.h>
#include <thread.h>

#include <sys/param.h>
#include <sys/proc.h>

/* Profiles with input_burst_limit: a queue of more packets than net.link.generic.system.rcvq_burst_limit loses
 * its oldest until rcvq_trim_pct of that are left. The values of a Mac that nobody has tuned. */
enum { BURST_LIMIT_PACKETS = 8192, BURST_LEFT_PERCENT = 80 };

struct packet_queue {
    mbuf_t first, last;
    uint32_t count;
};

struct interface_input_thread {
    lck_mtx_t *lock;
    char name[48];
    ifnet_t interface; /* NULL: the main thread */
    struct packet_queue queued;
    struct packet_queue looped; /* main thread: what lo0 sent to itself, whatever its rcvif says */
    struct ifnet_stat_increment_param pending; /* applied when the thread next runs */
    bool started, running, terminate, ended;
    bool injecting; /* proto_inject queue is not empty */
    mbuf_t injected[2], injected_last[2];
    struct thread *thread;
};

/* --- statistics ----------------------------------------------------------------------------------*/

static void
statistics_add(ifnet_t interface, const struct ifnet_stat_increment_param *add)
{
    struct ifnet_stats_param *total = &interface->statistics;

    total->packets_in += add->packets_in;
    total->bytes_in += add->bytes_in;
    total->errors_in += add->errors_in;
    total->packets_out += add->packets_out;
    total->bytes_out += add->bytes_out;
    total->errors_out += add->errors_out;
    total->collisions += add->collisions;
    total->dropped += add->dropped;
    interface->last_change_ns = machine_now_ns();
}

static void
pending_add(struct ifnet_stat_increment_param *pending,
            const struct ifnet_stat_increment_param *add)
{
    pending->packets_in += add->packets_in;
    pending->bytes_in += add->bytes_in;
    pending->errors_in += add->errors_in;
    pending->packets_out += add->packets_out;
    pending->bytes_out += add->bytes_out;
    pending->errors_out += add->errors_out;
    pending->collisions += add->collisions;
    pending->dropped += add->dropped;
}

/* --- demux ---------------------------------------------------------------------------------------*/

/* What MBUF_INPUT_CHECK asserts of each packet. */
static void
packet_check(mbuf_t packet)
{
    if ((mbuf_flags(packet) & MBUF_PKTHDR) == 0)
        ksim_panic("Failed mbuf validity check: mbuf %p len %d type %d flags 0x%x data %p rcvif %s "
                   "ifflags 0x%x", (void *)packet, (int)mbuf_len(packet), (int)mbuf_type(packet),
                   (unsigned)mbuf_flags(packet), mbuf_data(packet), "-", 0xffffU);
}

static errno_t
packet_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    errno_t error;

    if (interface->callbacks.demux == NULL)
        ksim_panic_fault(0, "calling the demux function of an interface that has none");
    ksim_interface_lock_shared(interface);
    error = ksim_callback_demux(interface, packet, header, family);
    ksim_interface_unlock(interface);
    return error;
}

/* One v1 packet. Anything but 0 and EJUSTRETURN leaves it with the kernel. */
static void
deliver_single(struct interface_protocol *protocol, mbuf_t packet)
{
    char *header = mbuf_pkthdr_header(packet);
    const char *previous;
    errno_t error;

    if (protocol->input == NULL)
        ksim_panic_fault(0, "calling the input function of a protocol that has none");
    mbuf_pkthdr_setheader(packet, NULL);
    previous = ksim_kext_call_begin(protocol->owner, "input");
    error = protocol->input(protocol->interface, protocol->family, packet, header);
    ksim_kext_call_end(previous);
    if (error != 0 && error != EJUSTRETURN)
        mbuf_freem(packet);
}

void
ksim_interface_input_deliver(struct interface_protocol *protocol, mbuf_t packets)
{
    const char *previous;
    mbuf_t next;
    errno_t error;

    mbuf_history_hand_over(packets, "if_input");
    if (!protocol->takes_lists) {
        for (; packets != NULL; packets = next) {
            next = mbuf_nextpkt(packets);
            mbuf_setnextpkt(packets, NULL);
            deliver_single(protocol, packets);
        }
        return;
    }
    if (protocol->input_list == NULL)
        ksim_panic_fault(0, "calling the input function of a protocol that has none");
    previous = ksim_kext_call_begin(protocol->owner, "input_list");
    error = protocol->input_list(protocol->interface, protocol->family, packets);
    ksim_kext_call_end(previous);
    if (error != 0 && error != EJUSTRETURN)
        mbuf_freem_list(packets);
}

static void
batch_flush(struct interface_protocol **protocol, mbuf_t *batch)
{
    if (*protocol == NULL)
        return;
    ksim_interface_input_deliver(*protocol, *batch);
    ksim_protocol_release(*protocol);
    *protocol = NULL;
    *batch = NULL;
}

/* Multicast count, filters, the PROMISC rule. False: the packet is gone. */
static bool
packet_admit(ifnet_t interface, protocol_family_t family, mbuf_t *packet, char **header)
{
    errno_t error;

    if ((mbuf_flags(*packet) & (MBUF_BCAST | MBUF_MCAST)) != 0)
        interface->statistics.multicasts_in++;
    error = ksim_interface_filter_input(interface, family, packet, header);
    if (error != 0) {
        if (error != EJUSTRETURN)
            mbuf_freem(*packet);
        return false;
    }
    if (family == 0 || (mbuf_flags(*packet) & MBUF_PROMISC) != 0) {
        if (family == 0)
            ksim_interfaces()->packets_without_protocol++;
        mbuf_freem(*packet);
        return false;
    }
    return true;
}

static void
packet_process(ifnet_t interface, mbuf_t packet, struct interface_protocol **batch_protocol,
               mbuf_t *batch, mbuf_t *batch_last)
{
    struct interface_protocol *protocol;
    protocol_family_t family = 0;
    char *header;
    errno_t error;

    header = mbuf_pkthdr_header(packet);
    mbuf_pkthdr_setheader(packet, NULL);
    error = packet_demux(interface, packet, header, &family);
    if (error == EJUSTRETURN)
        return;
    if (error != 0)
        family = 0;
    if (!packet_admit(interface, family, &packet, &header))
        return;
    protocol = ksim_protocol_find(interface, family);
    if (protocol == NULL) {
        ksim_interfaces()->packets_without_protocol++;
        mbuf_freem(packet);
        return;
    }
    if (protocol != *batch_protocol) {
        batch_flush(batch_protocol, batch);
        *batch_protocol = protocol;
    } else {
        ksim_protocol_release(protocol);
    }
    mbuf_pkthdr_setheader(packet, header);
    if (*batch == NULL)
        *batch = packet;
    else
        mbuf_setnextpkt(*batch_last, packet);
    *batch_last = packet;
}

/*
 * Which interface's demux sees the packet; rcvif decides up to 14.x (section 15.1). lo0 keeps the rcvif of
 * what a framer looped (lo_output) and demuxes it itself.
 */
static ifnet_t
packet_interface(ifnet_t owner, mbuf_t packet)
{
    ifnet_t received = mbuf_pkthdr_rcvif(packet);

    if (owner != NULL && (owner == ksim_interfaces()->loopback ||
                          !ksim_interface_profile()->input_rcvif_selects))
        return owner;
    if (received == NULL)
        ksim_panic_fault(0, "taking the demux function of a packet without receive interface");
    return received;
}

/* What a bridge leaves of a list before anybody else sees it (section 19). */
static mbuf_t
list_bridge(ifnet_t owner, mbuf_t packets)
{
    const bool early = ksim_interface_profile()->bridge_early_input;

    if (owner == NULL || packets == NULL || owner->bridge_input == NULL || !early)
        return packets;
    return owner->bridge_input(owner, packets);
}

static void
list_process(ifnet_t owner, mbuf_t packets)
{
    struct interface_protocol *protocol = NULL;
    mbuf_t batch = NULL, batch_last = NULL, next;
    ifnet_t interface, previous = NULL;

    packets = list_bridge(owner, packets);
    for (; packets != NULL; packets = next) {
        next = mbuf_nextpkt(packets);
        mbuf_setnextpkt(packets, NULL);
        packet_check(packets);
        interface = packet_interface(owner, packets);
        if (interface != previous) {
            batch_flush(&protocol, &batch);
            if (previous != NULL)
                ksim_interface_data_end(previous);
            previous = ksim_interface_data_begin(interface) ? interface : NULL;
        }
        if (previous == NULL) {
            mbuf_freem(packets);
            continue;
        }
        if (owner != NULL && interface->bridge != NULL &&
            ksim_interface_profile()->bridge_early_input)
            packets = ksim_bridge_early_input(interface, packets);
        if (packets != NULL)
            packet_process(interface, packets, &protocol, &batch, &batch_last);
        ksim_interface_multicast_announce(interface);
    }
    batch_flush(&protocol, &batch);
    if (previous != NULL)
        ksim_interface_data_end(previous);
}

void
ksim_interface_bridge_set(ifnet_t interface, interface_bridge_func bridge_input)
{
    interface->bridge_input = bridge_input;
}

void
ksim_interface_input_now(ifnet_t interface, mbuf_t packets)
{
    list_process(interface, packets);
}

/* --- thread --------------------------------------------------------------------------------------*/

static void
input_inject_run(struct interface_input_thread *input)
{
    static const protocol_family_t families[2] = {PF_INET, PF_INET6};
    mbuf_t packets;
    size_t i;

    for (i = 0; i < 2; i++) {
        lck_mtx_lock(input->lock);
        packets = input->injected[i];
        input->injected[i] = NULL;
        lck_mtx_unlock(input->lock);
        if (packets != NULL && ksim_protocol_input(families[i], packets) != 0)
            mbuf_freem_list(packets);
    }
}

/* Everything; the queue is empty then. */
static mbuf_t
queue_take(struct packet_queue *queue)
{
    mbuf_t packets = queue->first;

    machine_fill(queue, 0, sizeof(*queue));
    return packets;
}

static void
queue_append(struct packet_queue *queue, mbuf_t packets, mbuf_t last, uint32_t count)
{
    if (queue->first == NULL)
        queue->first = packets;
    else
        mbuf_setnextpkt(queue->last, packets);
    queue->last = last;
    queue->count += count;
}

/* The oldest of a queue that has grown too long, and what that does to the statistics of those just added. */
static mbuf_t
queue_trim(struct packet_queue *queue, struct ifnet_stat_increment_param *statistics)
{
    const uint32_t left = BURST_LIMIT_PACKETS * BURST_LEFT_PERCENT / 100;
    mbuf_t trimmed = queue->first, last = NULL;
    uint64_t bytes = 0;
    uint32_t packets;

    if (!ksim_interface_profile()->input_burst_limit || queue->count <= BURST_LIMIT_PACKETS)
        return NULL;
    packets = queue->count - left;
    for (uint32_t i = 0; i < packets; i++) {
        last = last == NULL ? trimmed : mbuf_nextpkt(last);
        bytes += mbuf_pkthdr_len(last);
    }
    queue->first = mbuf_nextpkt(last);
    queue->count = left;
    mbuf_setnextpkt(last, NULL);
    statistics->dropped += packets;
    statistics->packets_in -= packets < statistics->packets_in ? packets : statistics->packets_in;
    statistics->bytes_in -= (uint32_t)(bytes < statistics->bytes_in ? bytes : statistics->bytes_in);
    return trimmed;
}

static void
input_end(struct interface_input_thread *input)
{
    mbuf_t packets;

    lck_mtx_lock(input->lock);
    packets = queue_take(&input->queued);
    lck_mtx_unlock(input->lock);
    if (packets != NULL)
        mbuf_freem_list(packets);
    lck_mtx_lock(input->lock);
    input->ended = true;
    wakeup(&input->ended);
    lck_mtx_unlock(input->lock);
}

/* Lock held: until there is work, and for as long as the thread is late for it. */
static void
input_wait(struct interface_input_thread *input)
{
    while (input->queued.count == 0 && input->looped.count == 0 && !input->terminate &&
           !input->injecting)
        msleep(&input->queued, input->lock, PZERO - 1, "dlil_input", NULL);
    if (ksim_current()->input_late && !input->terminate && input->queued.count > 0)
        ksim_interface_start_late("input thread", INTERFACE_INPUT_LATE_COUNT, input->lock);
}

static void
input_loop(void *argument, wait_result_t result)
{
    struct interface_input_thread *input = argument;
    struct ifnet_stat_increment_param statistics;
    mbuf_t packets, looped;

    (void)result;
    lck_mtx_lock(input->lock);
    input->started = true;
    wakeup(&input->started);
    for (;;) {
        input->running = false;
        input_wait(input);
        if (input->terminate)
            break;
        input->running = true;
        input->injecting = false;
        packets = queue_take(&input->queued);
        looped = queue_take(&input->looped);
        statistics = input->pending;
        machine_fill(&input->pending, 0, sizeof(input->pending));
        lck_mtx_unlock(input->lock);
        if (input->interface != NULL)
            statistics_add(input->interface, &statistics);
        else
            input_inject_run(input);
        list_process(ksim_interfaces()->loopback, looped);
        list_process(input->interface, packets);
        lck_mtx_lock(input->lock);
    }
    lck_mtx_unlock(input->lock);
    input_end(input);
}

struct interface_input_thread *
ksim_interface_input_start(ifnet_t interface, bool wait)
{
    struct interface_system *system = ksim_interfaces();
    struct interface_input_thread *input = interface != NULL ? interface->input : NULL;

    /* R1: the record of the last attach is still owned by a thread that has not ended. */
    if (input != NULL && !input->ended)
        ksim_panic("assertion failed: dl_inp->input_waiting == 0, file: dlil.c");
    if (input == NULL) {
        input = ksim_interface_zalloc(sizeof(*input), "interface input thread");
        input->lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    } else {
        thread_deallocate((thread_t)input->thread);
        input->started = input->terminate = input->ended = input->running = false;
    }
    machine_format(input->name, sizeof(input->name), "dlil_input_%s",
                   interface != NULL ? interface->xname : "main");
    input->interface = interface;
    if (interface != NULL)
        interface->input = input;
    input->thread = ksim_thread_create(input->name, true, input_loop, input);
    /* Boot, outside every thread, cannot wait: the thread runs before anybody else can. */
    wait = wait && machine_fiber_current() != NULL;
    lck_mtx_lock(input->lock);
    while (wait && !input->started)
        msleep(&input->started, input->lock, PZERO - 1, "dlil_input_start", NULL);
    lck_mtx_unlock(input->lock);
    return input;
}

void
ksim_interface_input_stop(ifnet_t interface, bool wait)
{
    struct interface_input_thread *input = interface->input;

    if (input == NULL || input->ended)
        return;
    lck_mtx_lock(input->lock);
    input->terminate = true;
    wakeup(&input->queued);
    while (wait && !input->ended)
        msleep(&input->ended, input->lock, PZERO - 1, "dlil_input_terminate", NULL);
    lck_mtx_unlock(input->lock);
    /* Only the race of 10.8 to 10.12 keeps the record in the interface while its thread still runs. */
    if (!wait && !ksim_interface_profile()->attach_input_waiting_race)
        interface->input = NULL;
}

static bool
input_is_idle(const struct interface_input_thread *input)
{
    return input == NULL || input->ended ||
           (input->queued.count == 0 && input->looped.count == 0 && !input->running &&
            !input->injecting);
}

bool
ksim_interface_input_idle(const struct interface_system *system)
{
    const struct __ifnet *each;

    if (!input_is_idle(system->main_input))
        return false;
    for (each = system->known; each != NULL; each = each->next_known) {
        if (!input_is_idle(each->input))
            return false;
    }
    return true;
}

uint32_t
ksim_interface_input_count(ifnet_t interface)
{
    return interface->input == NULL ? 0 : interface->input->queued.count;
}

void
ksim_interface_input_inject(protocol_family_t family, mbuf_t packets)
{
    struct interface_input_thread *input = ksim_interfaces()->main_input;
    size_t which = family == PF_INET6 ? 1 : 0;
    mbuf_t last = packets;

    while (mbuf_nextpkt(last) != NULL)
        last = mbuf_nextpkt(last);
    lck_mtx_lock(input->lock);
    if (input->injected[which] == NULL)
        input->injected[which] = packets;
    else
        mbuf_setnextpkt(input->injected_last[which], packets);
    input->injected_last[which] = last;
    input->injecting = true;
    wakeup(&input->queued);
    lck_mtx_unlock(input->lock);
}

/* --- ifnet_input ---------------------------------------------------------------------------------*/

static mbuf_t
list_measure(mbuf_t packets, struct ifnet_stat_increment_param *counted)
{
    mbuf_t packet, part, last = packets;

    machine_fill(counted, 0, sizeof(*counted));
    for (packet = packets; packet != NULL; packet = mbuf_nextpkt(packet)) {
        counted->packets_in++;
        for (part = packet; part != NULL; part = mbuf_next(part))
            counted->bytes_in += (u_int32_t)mbuf_len(part);
        last = packet;
    }
    return last;
}

/* What ifnet_input answers for an interface that is not attached; 0: queue all the same. */
static errno_t
input_refuse(ifnet_t interface)
{
    switch (ksim_interface_profile()->input_detached) {
    case KSIM_INPUT_DETACHED_ACCEPTS:
        return 0;
    case KSIM_INPUT_DETACHED_EINVAL:
        return EINVAL;
    case KSIM_INPUT_DETACHED_ENXIO:
        break;
    }
    return (interface->state & INTERFACE_DETACHING) != 0 && interface->stubbed ? ENXIO : EINVAL;
}

static void
input_queue(ifnet_t interface, mbuf_t packets, const struct ifnet_stat_increment_param *statistics)
{
    const bool loop = interface == ksim_interfaces()->loopback;
    struct interface_input_thread *input = interface->input;
    struct ifnet_stat_increment_param counted, adjusted;
    mbuf_t last = list_measure(packets, &counted), trimmed;
    struct packet_queue *queue;

    if (input == NULL || input->ended)
        input = ksim_interfaces()->main_input;
    queue = loop ? &input->looped : &input->queued;
    if (statistics == NULL && ksim_interface_profile()->input_null_stats_counted)
        statistics = &counted;
    machine_fill(&adjusted, 0, sizeof(adjusted));
    if (statistics != NULL)
        adjusted = *statistics;
    lck_mtx_lock(input->lock);
    queue_append(queue, packets, last, counted.packets_in);
    trimmed = queue_trim(queue, &adjusted);
    if (input->interface != NULL)
        pending_add(&input->pending, &adjusted);
    else if (statistics != NULL)
        statistics_add(interface, &adjusted);
    wakeup(&input->queued);
    lck_mtx_unlock(input->lock);
    if (trimmed != NULL)
        mbuf_freem_list(trimmed);
}

/* dlil_input_sync: the stack's answer, too, comes from here, through the driver's output function. */
static void
input_do(ifnet_t interface, mbuf_t packets, const struct ifnet_stat_increment_param *statistics)
{
    const char *owner = ksim_thread_set_owner(NULL);
    struct ifnet_stat_increment_param counted;

    (void)list_measure(packets, &counted);
    statistics_add(interface, statistics != NULL ? statistics : &counted);
    list_process(interface, packets);
    ksim_thread_set_owner(owner);
}

errno_t
ifnet_input(ifnet_t interface, mbuf_t packets, const struct ifnet_stat_increment_param *statistics)
{
    errno_t error = 0;
    bool referenced;

    ksim_kpi_enter("ifnet_input", KPI_MAY_BLOCK);
    if (packets == NULL)
        return EINVAL;
    if (interface == NULL) {
        mbuf_freem_list(packets);
        return EINVAL;
    }
    referenced = ksim_interface_data_begin(interface);
    if (!referenced || machine_fault("ifnet_input"))
        error = referenced ? EINVAL : input_refuse(interface);
    if (error != 0) {
        mbuf_freem_list(packets);
    } else if (ksim_current()->input_on_caller && interface != ksim_interfaces()->loopback) {
        mbuf_history_hand_over(packets, "ifnet_input");
        input_do(interface, packets, statistics);
    } else {
        mbuf_history_hand_over(packets, "ifnet_input");
        input_queue(interface, packets, statistics);
    }
    if (referenced)
        ksim_interface_data_end(interface);
    return error;
}
