/* SPDX-License-Identifier: BSD-2-Clause */
#include "packet_view.h"

#include <string.h>

#include "capture_file.h"

enum {
    ETHERNET_HEADER_BYTES = 14,
    VLAN_TAG_BYTES = 4,
    FAMILY_BYTES = 4,
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8,
    TYPE_IPV6 = 0x86dd,
    IPV4_HEADER_BYTES = 20,
    IPV6_HEADER_BYTES = 40,
    NEXT_HOP_BY_HOP = 0,
    NEXT_ICMP = 1,
    NEXT_TCP = 6,
    NEXT_UDP = 17,
    NEXT_FRAGMENT = 44,
    NEXT_ICMP6 = 58
};

static unsigned
read_u16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* Cuts the Ethernet header and up to two tags off; answers the type, or 0 when it is cut short. */
static unsigned
strip_ethernet(struct packet_view *view)
{
    size_t header = ETHERNET_HEADER_BYTES;
    unsigned type;

    if (view->length_bytes < header)
        return 0;
    type = read_u16(view->bytes + header - 2);
    for (int tags = 0; tags < 2 && (type == TYPE_VLAN || type == TYPE_QINQ); tags++) {
        header += VLAN_TAG_BYTES;
        if (view->length_bytes < header)
            return 0;
        type = read_u16(view->bytes + header - 2);
    }
    view->bytes += header;
    view->length_bytes -= header;
    return type;
}

bool
packet_link_fits(int link, enum packet_device device)
{
    if (device == PACKET_DEVICE_TAP)
        return link == CAPTURE_LINK_ETHERNET;
    return link == CAPTURE_LINK_ETHERNET || link == CAPTURE_LINK_RAW || link == CAPTURE_LINK_NULL ||
           link == CAPTURE_LINK_LOOP;
}

bool
packet_view_for_device(int link, enum packet_device device, struct packet_view captured,
                       struct packet_view *out)
{
    unsigned type;

    *out = captured;
    if (device == PACKET_DEVICE_TAP || link == CAPTURE_LINK_RAW)
        return true;
    if (link == CAPTURE_LINK_ETHERNET) {
        type = strip_ethernet(out);
        return type == TYPE_IPV4 || type == TYPE_IPV6;
    }
    if (out->length_bytes < FAMILY_BYTES)
        return false;
    out->bytes += FAMILY_BYTES;
    out->length_bytes -= FAMILY_BYTES;
    return true;
}

static enum packet_kind
kind_of_protocol(unsigned protocol)
{
    switch (protocol) {
    case NEXT_ICMP:
        return PACKET_ICMP;
    case NEXT_ICMP6:
        return PACKET_ICMP6;
    case NEXT_TCP:
        return PACKET_TCP;
    case NEXT_UDP:
        return PACKET_UDP;
    case NEXT_FRAGMENT:
        return PACKET_FRAGMENT;
    default:
        return PACKET_IP_OTHER;
    }
}

static enum packet_kind
kind_of_ip(struct packet_view view)
{
    unsigned next;

    if (view.length_bytes >= IPV4_HEADER_BYTES && view.bytes[0] >> 4 == 4) {
        if ((read_u16(view.bytes + 6) & 0x3fff) != 0) /* more fragments, or an offset */
            return PACKET_FRAGMENT;
        return kind_of_protocol(view.bytes[9]);
    }
    if (view.length_bytes < IPV6_HEADER_BYTES || view.bytes[0] >> 4 != 6)
        return PACKET_NOT_IP;
    next = view.bytes[6];
    if (next == NEXT_HOP_BY_HOP && view.length_bytes > IPV6_HEADER_BYTES)
        next = view.bytes[IPV6_HEADER_BYTES];
    return kind_of_protocol(next);
}

enum packet_kind
packet_kind_of(struct packet_view packet, enum packet_device device)
{
    unsigned type;

    if (device == PACKET_DEVICE_TUN)
        return kind_of_ip(packet);
    type = strip_ethernet(&packet);
    if (type == TYPE_ARP)
        return PACKET_ARP;
    return type == TYPE_IPV4 || type == TYPE_IPV6 ? kind_of_ip(packet) : PACKET_NOT_IP;
}

const char *
packet_kind_name(enum packet_kind kind)
{
    static const char *const names[PACKET_KIND_COUNT] = {
        [PACKET_ARP] = "ARP",           [PACKET_ICMP] = "ICMP",         [PACKET_ICMP6] = "ICMPv6",
        [PACKET_TCP] = "TCP",           [PACKET_UDP] = "UDP",           [PACKET_FRAGMENT] = "fragment",
        [PACKET_IP_OTHER] = "other IP", [PACKET_NOT_IP] = "not IP",
    };

    return names[kind];
}

static void
learn_ip(struct packet_target *target, struct packet_view view)
{
    const uint8_t *to;

    if (view.length_bytes >= IPV4_HEADER_BYTES && view.bytes[0] >> 4 == 4 && !target->has_ip4) {
        to = view.bytes + 16;
        if (to[0] == 0 || to[0] == 127 || to[0] >= 224 || to[3] == 255)
            return;
        memcpy(target->ip4, to, sizeof(target->ip4));
        target->has_ip4 = true;
    } else if (view.length_bytes >= IPV6_HEADER_BYTES && view.bytes[0] >> 4 == 6 &&
               !target->has_ip6) {
        to = view.bytes + 24;
        if (to[0] == 0xff || to[0] == 0 || (to[0] == 0xfe && (to[1] & 0xc0) == 0x80))
            return; /* multicast, unspecified or loopback, link-local */
        memcpy(target->ip6, to, sizeof(target->ip6));
        target->has_ip6 = true;
    }
}

void
packet_target_learn(struct packet_target *target, struct packet_view packet,
                    enum packet_device device)
{
    struct packet_view inner = packet;
    unsigned type;

    if (device == PACKET_DEVICE_TUN) {
        learn_ip(target, packet);
        return;
    }
    type = strip_ethernet(&inner);
    if (type != TYPE_IPV4 && type != TYPE_IPV6)
        return;
    learn_ip(target, inner);
    /* The hardware address that goes with the first address learnt. */
    if (!target->has_lladdr && (target->has_ip4 || target->has_ip6) && (packet.bytes[0] & 1) == 0) {
        memcpy(target->lladdr, packet.bytes, sizeof(target->lladdr));
        target->has_lladdr = true;
    }
}
