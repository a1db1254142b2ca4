/* SPDX-License-Identifier: BSD-2-Clause */
#include <ether_inet.h>

#include <arp.h>
#include <ether.h>
#include <inet_neighbour.h>

#include <net/if_dl.h>
#include <net/kpi_protocol.h>
#include <sys/sockio.h>

enum { RAW_HEADER_COMPLETE = 31 }; /* xnu: pseudo_AF_HDRCMPLT */

errno_t
ksim_ether_ready(ifnet_t interface)
{
    const unsigned needed = IFF_UP | IFF_RUNNING;

    return (interface->flags & needed) == needed ? 0 : ENETDOWN;
}

bool
ksim_ether_raw_destination(const struct sockaddr *destination, mbuf_t packet, char *frame_type,
                           char *link)
{
    /* struct ether_header in sa_data: destination, source, type */
    const char *header = destination->sa_data;

    if (destination->sa_family != AF_UNSPEC && destination->sa_family != RAW_HEADER_COMPLETE) {
        return false;
    }
    (void)mbuf_setflags_mask(packet, 0, MBUF_LOOP);
    machine_copy(link, header, WIRE_LINK_BYTES);
    machine_copy(frame_type, header + 12, 2);
    return true;
}

errno_t
ksim_ether_multicast_link(ifnet_t interface, const struct sockaddr *group, uint8_t *link)
{
    union {
        struct sockaddr sa;
        struct sockaddr_dl sdl;
        uint8_t bytes[128];
    } resolved;
    errno_t error;

    machine_fill(&resolved, 0, sizeof(resolved));
    error = ksim_interface_resolve_multicast(interface, group, &resolved.sa, sizeof(resolved));
    if (error != 0) {
        return error;
    }
    machine_copy(link, resolved.sdl.sdl_data + resolved.sdl.sdl_nlen, WIRE_LINK_BYTES);
    return 0;
}

errno_t
ksim_ether_fill_link(ifnet_t interface, const uint8_t *link, struct sockaddr_dl *out, size_t bytes)
{
    if (bytes < offsetof(struct sockaddr_dl, sdl_data) + WIRE_LINK_BYTES) {
        return EMSGSIZE;
    }
    machine_fill(out, 0, bytes < sizeof(*out) ? bytes : sizeof(*out));
    out->sdl_len = sizeof(*out);
    out->sdl_family = AF_LINK;
    out->sdl_index = (uint16_t)interface->index;
    out->sdl_type = interface->type;
    out->sdl_alen = WIRE_LINK_BYTES;
    machine_copy(out->sdl_data, link, WIRE_LINK_BYTES);
    return 0;
}

void
ksim_ether_start(ifnet_t interface)
{
    (void)ifnet_set_flags(interface, IFF_UP, IFF_UP);
    (void)ifnet_ioctl(interface, 0, SIOCSIFFLAGS, NULL);
}

static errno_t
inet_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    uint8_t frame[WIRE_ETHERNET_BYTES], own_link[WIRE_LINK_BYTES];
    bool from_us;

    /* XNU reads the header without a look at the pointer (15.3): a NULL one faults here as well. */
    machine_copy(frame, header, sizeof(frame));
    from_us = inet_link_address(interface, own_link) &&
              wire_same(frame + WIRE_LINK_BYTES, own_link, WIRE_LINK_BYTES);
    if (wire_load16(frame + 12) == WIRE_TYPE_ARP) {
        ksim_arp_input(interface, packet, from_us);
        return 0;
    }
    if (from_us) {
        (void)mbuf_setflags_mask(packet, MBUF_LOOP, MBUF_LOOP);
    }
    return proto_input(family, packet);
}

static errno_t
inet_pre_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                const struct sockaddr *destination, void *route, char *frame_type, char *link)
{
    const uint16_t flags = (uint16_t)mbuf_flags(*packet);
    struct sockaddr_in to;
    uint8_t address[4], found[WIRE_LINK_BYTES];
    errno_t error = ksim_ether_ready(interface);

    (void)family;
    (void)route;
    if (error != 0) {
        return error;
    }
    (void)mbuf_setflags_mask(*packet, MBUF_LOOP, MBUF_LOOP);
    if (ksim_ether_raw_destination(destination, *packet, frame_type, link)) {
        return 0;
    }
    if (destination->sa_family != AF_INET) {
        return EAFNOSUPPORT;
    }
    machine_copy(&to, destination, sizeof(to));
    wire_store32(address, wire_swap32(to.sin_addr.s_addr));
    if ((flags & MBUF_BCAST) != 0 || inet4_is_broadcast(interface, wire_load32(address))) {
        machine_fill(found, 0xff, sizeof(found));
    } else if (address[0] >= 224 && address[0] < 240) {
        error = ksim_ether_multicast_link(interface, destination, found);
    } else {
        error = inet_neighbour_resolve(interface, 4, address, *packet, found);
    }
    if (error == 0) {
        wire_store16((uint8_t *)frame_type, WIRE_TYPE_IP4);
        machine_copy(link, found, sizeof(found));
    }
    return error;
}

/* 01:00:5e and the low 23 bits of the group (RFC 1112). */
static errno_t
inet_resolve_multicast(ifnet_t interface, const struct sockaddr *group, struct sockaddr_dl *out,
                       size_t bytes)
{
    uint8_t link[WIRE_LINK_BYTES] = {0x01, 0x00, 0x5e};
    struct sockaddr_in address;
    uint32_t value;

    if (group->sa_family != AF_INET) {
        return EOPNOTSUPP;
    }
    machine_copy(&address, group, sizeof(address));
    value = wire_swap32(address.sin_addr.s_addr);
    if (value >> 28 != 14) {
        return EINVAL;
    }
    link[3] = (uint8_t)(value >> 16 & 0x7f);
    wire_store16(link + 4, value);
    return ksim_ether_fill_link(interface, link, out, bytes);
}

static errno_t
inet_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command, void *argument)
{
    const struct inet4_address *address = argument;
    struct ifreq *request = argument;

    (void)family;
    switch (command) {
    case SIOCSIFADDR:
    case SIOCAIFADDR:
        if ((interface->flags & IFF_RUNNING) == 0) {
            ksim_ether_start(interface);
        }
        if (address->head.family == AF_INET) {
            (void)ksim_arp_announce(interface, inet4_address_value(address));
        }
        return 0;
    case SIOCGIFADDR:
        return inet_link_address(interface, (uint8_t *)request->ifr_addr.sa_data) ? 0 : EOPNOTSUPP;
    default:
        return EOPNOTSUPP;
    }
}

static errno_t
inet_send_arp(ifnet_t interface, uint16_t operation, const struct sockaddr_dl *sender_link,
              const struct sockaddr *sender, const struct sockaddr_dl *target_link,
              const struct sockaddr *target)
{
    const struct inet4_address *first = inet4_address_first(interface);
    struct sockaddr_in from, to;
    uint8_t link[WIRE_LINK_BYTES];

    if (target == NULL || target->sa_family != AF_INET ||
        (sender != NULL && sender->sa_family != AF_INET)) {
        return EAFNOSUPPORT;
    }
    machine_copy(&to, target, sizeof(to));
    if (sender != NULL) {
        machine_copy(&from, sender, sizeof(from));
    } else if (first != NULL) {
        from = first->address;
    } else {
        return ENXIO;
    }
    if (sender_link != NULL) {
        machine_copy(link, sender_link->sdl_data + sender_link->sdl_nlen, sizeof(link));
    } else if (!inet_link_address(interface, link)) {
        return ENXIO;
    }
    return ksim_arp_send(
        interface, operation, link, wire_swap32(from.sin_addr.s_addr),
        target_link == NULL
            ? NULL
            : (const uint8_t *)target_link->sdl_data + target_link->sdl_nlen,
        wire_swap32(to.sin_addr.s_addr));
}

errno_t
ksim_ether_inet_attach(ifnet_t interface, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];
    uint8_t types[2][2];

    wire_store16(types[0], WIRE_TYPE_IP4);
    wire_store16(types[1], WIRE_TYPE_ARP);
    machine_fill(descriptors, 0, sizeof(descriptors));
    descriptors[0].type = DLIL_DESC_ETYPE2;
    descriptors[0].data = types[0];
    descriptors[0].datalen = 2;
    descriptors[1].type = DLIL_DESC_ETYPE2;
    descriptors[1].data = types[1];
    descriptors[1].datalen = 2;
    machine_fill(&parameters, 0, sizeof(parameters));
    parameters.demux_array = descriptors;
    parameters.demux_count = 2;
    parameters.input = inet_input;
    parameters.pre_output = inet_pre_output;
    parameters.ioctl = inet_ioctl;
    parameters.resolve = inet_resolve_multicast;
    parameters.send_arp = inet_send_arp;
    return ifnet_attach_protocol(interface, family, &parameters);
}

void
ksim_ether_inet_boot(void)
{
    if (proto_register_plumber(PF_INET, IFNET_FAMILY_ETHERNET, ksim_ether_inet_attach, NULL) != 0 ||
        proto_register_plumber(PF_INET6, IFNET_FAMILY_ETHERNET, ksim_ether_inet6_attach, NULL) !=
            0) {
        machine_fail(MACHINE_CONTRACT, "inet: an Ethernet plumber is registered twice");
    }
}
