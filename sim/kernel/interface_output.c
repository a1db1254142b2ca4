/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Output: protocol, framer, filters, driver (kpi-ifnet.md section 14.2).
 */

#include <interface_internal.h>

#include <mbuf.h>
#include <panic.h>
#include <protocol.h>
#include <kext.h>

#define FRAME_TYPE_BYTES 16

struct output_job {
    ifnet_t interface;
    protocol_family_t family;
    struct interface_protocol *protocol;
    const struct sockaddr *destination;
    void *route;
    bool raw;
    /* XNU hands both to the protocol as they are on its stack: uninitialised. */
    char frame_type[FRAME_TYPE_BYTES];
    char link_destination[FRAME_TYPE_BYTES];
};

static mbuf_t
list_pop(mbuf_t *packets)
{
    mbuf_t packet = *packets;

    *packets = mbuf_nextpkt(packet);
    mbuf_setnextpkt(packet, NULL);
    return packet;
}

/* For the first packet only. 0: go on; other: packet and list are gone. */
static errno_t
output_prepare(struct output_job *job, mbuf_t *packets)
{
    const char *previous;
    mbuf_t packet;
    errno_t error;

    machine_fill(job->frame_type, 0xa5, sizeof(job->frame_type));
    machine_fill(job->link_destination, 0xa5, sizeof(job->link_destination));
    machine_undefine(job->frame_type, sizeof(job->frame_type));
    machine_undefine(job->link_destination, sizeof(job->link_destination));
    while (!job->raw && job->protocol->pre_output != NULL && *packets != NULL) {
        packet = list_pop(packets);
        previous = ksim_kext_call_begin(job->protocol->owner, "pre_output");
        error = job->protocol->pre_output(job->interface, job->family, &packet, job->destination,
                                          job->route, job->frame_type, job->link_destination);
        ksim_kext_call_end(previous);
        if (error == 0) {
            if (packet == NULL)
                ksim_panic_fault(0, "using the packet that pre_output took and answered 0 for");
            mbuf_setnextpkt(packet, *packets);
            *packets = packet;
            return 0;
        }
        if (error == EJUSTRETURN)
            continue;
        if (packet != NULL)
            mbuf_freem(packet);
        if (*packets != NULL)
            mbuf_freem_list(*packets);
        *packets = NULL;
        return error;
    }
    return 0;
}

/* 0: *packet is framed. Anything else: it is gone. */
static errno_t
output_frame(struct output_job *job, mbuf_t *packet)
{
    ifnet_t interface = job->interface;
    bool marked = false;
    errno_t error;

    if (job->raw || interface->callbacks.framer == NULL)
        return 0;
    if (ksim_interface_profile()->output_framer_rcvif && mbuf_pkthdr_rcvif(*packet) == NULL &&
        (mbuf_flags(*packet) & (MBUF_BCAST | MBUF_LOOP)) != 0) {
        mbuf_pkthdr_setrcvif(*packet, interface);
        marked = true;
    }
    error = ksim_callback_framer(interface, packet, job->destination, job->link_destination,
                                 job->frame_type);
    if (error != 0) {
        /* The kernel frees whatever *packet names now, also when the driver freed it already. */
        if (error != EJUSTRETURN && *packet != NULL)
            mbuf_freem(*packet);
        return error;
    }
    if (*packet == NULL)
        ksim_panic_fault(0, "using the packet that the framer took and answered 0 for");
    if (marked && mbuf_pkthdr_rcvif(*packet) == interface)
        mbuf_pkthdr_setrcvif(*packet, NULL);
    return 0;
}

/* True when the packet wants to be cut by hardware that the interface does not claim to have. */
static bool
segmentation_missing(const struct __ifnet *interface, mbuf_t packet)
{
    uint32_t request = packet->packet.csum_flags;

    return ((request & MBUF_TSO_IPV4) != 0 && (interface->offload & IFNET_TSO_IPV4) == 0) ||
           ((request & MBUF_TSO_IPV6) != 0 && (interface->offload & IFNET_TSO_IPV6) == 0);
}

/* One packet through framer, filters and driver. 0 also when it was consumed on the way. */
static errno_t
output_packet(struct output_job *job, mbuf_t packet, mbuf_t *rest)
{
    ifnet_t interface = job->interface;
    errno_t error;

    error = output_frame(job, &packet);
    if (error != 0)
        return error == EJUSTRETURN ? 0 : error;
    error = ksim_interface_filter_output(interface, job->family, &packet);
    if (error != 0) {
        if (error == EJUSTRETURN)
            return 0;
        mbuf_freem(packet);
        return error;
    }
    if (segmentation_missing(interface, packet)) {
        mbuf_freem(packet);
        if (*rest != NULL)
            mbuf_freem_list(*rest);
        *rest = NULL;
        return EMSGSIZE;
    }
    error = ksim_callback_output(interface, packet);
    return error == EJUSTRETURN ? 0 : error;
}

errno_t
ksim_interface_output(ifnet_t interface, protocol_family_t family, mbuf_t packets, void *route,
                      const struct sockaddr *destination, bool raw)
{
    struct output_job job = {.interface = interface,
                             .family = family,
                             .destination = destination,
                             .route = route,
                             .raw = raw};
    errno_t error = ENXIO;

    if (!ksim_interface_data_begin(interface)) {
        mbuf_freem_list(packets);
        return ENXIO;
    }
    ksim_interface_multicast_announce(interface);
    if (!raw) {
        job.protocol = ksim_protocol_find(interface, family);
        if (job.protocol == NULL) {
            mbuf_freem_list(packets);
            goto end;
        }
    }
    error = output_prepare(&job, &packets);
    while (packets != NULL)
        error = output_packet(&job, list_pop(&packets), &packets);
    if (job.protocol != NULL)
        ksim_protocol_release(job.protocol);
end:
    ksim_interface_data_end(interface);
    return error;
}

errno_t
ifnet_output(ifnet_t interface, protocol_family_t family, mbuf_t packets, void *route,
             const struct sockaddr *destination)
{
    ksim_kpi_enter("ifnet_output", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || packets == NULL || family == 0) {
        if (packets != NULL)
            mbuf_freem_list(packets);
        return EINVAL;
    }
    return ksim_interface_output(interface, family, packets, route, destination, false);
}

errno_t
ifnet_output_raw(ifnet_t interface, protocol_family_t family, mbuf_t packets)
{
    ksim_kpi_enter("ifnet_output_raw", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || packets == NULL) {
        if (packets != NULL)
            mbuf_freem_list(packets);
        return EINVAL;
    }
    return ksim_interface_output(interface, family, packets, NULL, NULL, true);
}
