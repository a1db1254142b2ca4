/* SPDX-License-Identifier: BSD-2-Clause */

#include <ether.h>

#include <interface_internal.h>
#include <panic.h>

#include <net/if_dl.h>
#include <sys/socket.h>

/* Kinds of demux descriptors (kpi-ifnet.md 21.4). */

#define LENGTH_MAX 1500 /* a type field up to this is an 802.3 length */

static bool
descriptor_valid(const struct ifnet_demux_desc *descriptor)
{
    switch (descriptor->type) {
    case DLIL_DESC_ETYPE2:
        return descriptor->datalen == 2 && descriptor->data != NULL;
    case DLIL_DESC_SAP:
        return descriptor->datalen == 3 && descriptor->data != NULL;
    case DLIL_DESC_SNAP:
        return descriptor->datalen == 5 && descriptor->data != NULL;
    default:
        return false;
    }
}

static struct ether_descriptor *
descriptor_find(ifnet_t interface, uint32_t type, const unsigned char *bytes)
{
    struct ether_descriptor *each;

    for (each = interface->ether; each != NULL; each = each->next) {
        if (each->type == type && machine_compare(each->bytes, bytes, each->length_bytes) == 0)
            return each;
    }
    return NULL;
}

errno_t
ether_del_proto(ifnet_t interface, protocol_family_t family)
{
    struct ether_descriptor **each = &interface->ether, *descriptor;

    while ((descriptor = *each) != NULL) {
        if (descriptor->family != family) {
            each = &descriptor->next;
            continue;
        }
        *each = descriptor->next;
        machine_free(descriptor);
    }
    return 0;
}

errno_t
ether_add_proto(ifnet_t interface, protocol_family_t family,
                const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    struct ether_descriptor *descriptor;
    u_int32_t i;

    for (i = 0; i < count; i++) {
        if (!descriptor_valid(&descriptors[i]))
            return EINVAL;
        if (descriptor_find(interface, descriptors[i].type, descriptors[i].data) != NULL) {
            ether_del_proto(interface, family);
            return EEXIST;
        }
        descriptor = ksim_interface_zalloc(sizeof(*descriptor), "ether descriptor");
        descriptor->interface = interface;
        descriptor->family = family;
        descriptor->type = descriptors[i].type;
        descriptor->length_bytes = descriptors[i].datalen;
        machine_copy(descriptor->bytes, descriptors[i].data, descriptors[i].datalen);
        descriptor->next = interface->ether;
        interface->ether = descriptor;
    }
    return 0;
}

static bool
address_is_broadcast(const unsigned char *address)
{
    size_t i;

    for (i = 0; i < ETHER_ADDR_LEN; i++) {
        if (address[i] != 0xff)
            return false;
    }
    return true;
}

static const unsigned char *
own_address(ifnet_t interface)
{
    struct sockaddr_dl *link;

    if (interface->link_address == NULL)
        ksim_panic_fault(0, "reading the link address of an interface never attached");
    link = (struct sockaddr_dl *)(void *)interface->link_address->address;
    return (const unsigned char *)LLADDR(link);
}

void
ksim_ether_classify(ifnet_t interface, mbuf_t packet, const unsigned char *header)
{
    mbuf_flags_t flag = 0;

    if ((header[0] & 1) != 0)
        flag = address_is_broadcast(header) ? MBUF_BCAST : MBUF_MCAST;
    else if (machine_compare(header, own_address(interface), ETHER_ADDR_LEN) != 0)
        flag = MBUF_PROMISC;
    if (flag != 0)
        mbuf_setflags_mask(packet, flag, flag);
}

errno_t
ether_demux(ifnet_t interface, mbuf_t packet, char *frame_header, protocol_family_t *family)
{
    const unsigned char *header = (const unsigned char *)frame_header;
    const unsigned char *data = mbuf_data(packet);
    struct ether_descriptor *found;
    unsigned type;

    if (header == NULL)
        ksim_panic_fault(0, "ether_demux of a packet without frame header");
    type = (unsigned)header[12] << 8 | header[13];
    ksim_ether_classify(interface, packet, header);
    if (type == ETHERTYPE_VLAN) {
        *family = PF_VLAN;
        return 0;
    }
    if (type > LENGTH_MAX) {
        found = descriptor_find(interface, DLIL_DESC_ETYPE2, header + 12);
    } else {
        if (mbuf_len(packet) < 8)
            return ENOENT;
        if (data[0] == 0xaa && data[1] == 0xaa && data[2] == 3)
            found = descriptor_find(interface, DLIL_DESC_SNAP, data + 3);
        else
            found = descriptor_find(interface, DLIL_DESC_SAP, data);
    }
    if (found == NULL)
        return ENOENT;
    *family = found->family;
    return 0;
}

/* The SIMPLEX rule. True: the whole packet went to lo0. */
static bool
frame_loop(ifnet_t interface, mbuf_t packet, const struct sockaddr *destination,
           const unsigned char *to)
{
    mbuf_t copy = NULL;

    if ((interface->flags & IFF_SIMPLEX) == 0 || (mbuf_flags(packet) & MBUF_LOOP) == 0)
        return false;
    if ((mbuf_flags(packet) & MBUF_BCAST) != 0) {
        if (mbuf_copym(packet, 0, MBUF_COPYALL, MBUF_DONTWAIT, &copy) == 0)
            ksim_interface_output(ksim_interface_loopback(), destination->sa_family, copy, NULL,
                                  destination, false);
        return false;
    }
    if (machine_compare(to, own_address(interface), ETHER_ADDR_LEN) != 0)
        return false;
    ksim_interface_output(ksim_interface_loopback(), destination->sa_family, packet, NULL,
                          destination, false);
    return true;
}

errno_t
ether_frameout(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
               const char *link_destination, const char *frame_type)
{
    unsigned char header[ETHER_HDR_LEN];
    unsigned char *frame;

    if (frame_loop(interface, *packet, destination, (const unsigned char *)link_destination)) {
        *packet = NULL;
        return EJUSTRETURN;
    }
    machine_copy(header, link_destination, ETHER_ADDR_LEN);
    machine_copy(header + 6, own_address(interface), ETHER_ADDR_LEN);
    machine_copy(header + 12, frame_type, 2);
    if (mbuf_prepend(packet, ETHER_HDR_LEN, MBUF_DONTWAIT) != 0)
        return EJUSTRETURN;
    frame = mbuf_data(*packet);
    machine_copy(frame, header, sizeof(header));
    return 0;
}

errno_t
ether_check_multi(ifnet_t interface, const struct sockaddr *address)
{
    const struct sockaddr_dl *link = (const struct sockaddr_dl *)(const void *)address;

    (void)interface;
    switch (address->sa_family) {
    case AF_LINK:
        return (LLADDR(link)[0] & 1) == 0 ? EADDRNOTAVAIL : 0;
    case AF_UNSPEC:
        return (address->sa_data[0] & 1) == 0 ? EADDRNOTAVAIL : 0;
    default:
        return EAFNOSUPPORT;
    }
}

errno_t
ether_ioctl(ifnet_t interface, u_int32_t command, void *argument)
{
    (void)interface;
    (void)command;
    (void)argument;
    return EOPNOTSUPP;
}
