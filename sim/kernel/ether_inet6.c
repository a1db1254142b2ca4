/* SPDX-License-Identifier: BSD-2-Clause */
#include <ether_inet.h>

#include <ether.h>
#include <inet_neighbour.h>

#include <net/kpi_protocol.h>
#include <sys/sockio.h>

static errno_t
inet6_input(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    uint8_t source[WIRE_LINK_BYTES], own_link[WIRE_LINK_BYTES];

    machine_copy(source, header + WIRE_LINK_BYTES, sizeof(source));
    if (inet_link_address(interface, own_link) && wire_same(source, own_link, sizeof(source))) {
        (void)mbuf_setflags_mask(packet, MBUF_LOOP, MBUF_LOOP);
    }
    return proto_input(family, packet);
}

static errno_t
inet6_pre_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                 const struct sockaddr *destination, void *route, char *frame_type, char *link)
{
    struct sockaddr_in6 to;
    uint8_t address[16], found[WIRE_LINK_BYTES];
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
    if (destination->sa_family != AF_INET6) {
        return EAFNOSUPPORT;
    }
    machine_copy(&to, destination, sizeof(to));
    inet6_sockaddr_bytes(&to, address);
    if (inet6_is_multicast(address)) {
        error = ksim_ether_multicast_link(interface, destination, found);
    } else {
        error = inet_neighbour_resolve(interface, 6, address, *packet, found);
    }
    if (error == 0) {
        wire_store16((uint8_t *)frame_type, WIRE_TYPE_IP6);
        machine_copy(link, found, sizeof(found));
    }
    return error;
}

/* 33:33 and the low 32 bits of the group (RFC 2464). */
static errno_t
inet6_resolve_multicast(ifnet_t interface, const struct sockaddr *group, struct sockaddr_dl *out,
                        size_t bytes)
{
    uint8_t link[WIRE_LINK_BYTES] = {0x33, 0x33};
    struct sockaddr_in6 address;

    if (group->sa_family != AF_INET6) {
        return EOPNOTSUPP;
    }
    machine_copy(&address, group, sizeof(address));
    if (!inet6_is_multicast((const uint8_t *)&address.sin6_addr)) {
        return EINVAL;
    }
    machine_copy(link + 2, (const uint8_t *)&address.sin6_addr + 12, 4);
    return ksim_ether_fill_link(interface, link, out, bytes);
}

static errno_t
inet6_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command, void *argument)
{
    (void)family;
    (void)argument;
    if (command != SIOCSIFADDR && command != SIOCAIFADDR) {
        return EOPNOTSUPP;
    }
    if ((interface->flags & IFF_RUNNING) == 0) {
        ksim_ether_start(interface);
    }
    return 0;
}

errno_t
ksim_ether_inet6_attach(ifnet_t interface, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptor;
    uint8_t type[2];

    wire_store16(type, WIRE_TYPE_IP6);
    machine_fill(&descriptor, 0, sizeof(descriptor));
    descriptor.type = DLIL_DESC_ETYPE2;
    descriptor.data = type;
    descriptor.datalen = 2;
    machine_fill(&parameters, 0, sizeof(parameters));
    parameters.demux_array = &descriptor;
    parameters.demux_count = 1;
    parameters.input = inet6_input;
    parameters.pre_output = inet6_pre_output;
    parameters.ioctl = inet6_ioctl;
    parameters.resolve = inet6_resolve_multicast;
    return ifnet_attach_protocol(interface, family, &parameters);
}
