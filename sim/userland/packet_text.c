/* SPDX-License-Identifier: BSD-2-Clause */
#include "packet_text.h"

#include <arpa/inet.h>
#include <string.h>

#include "capture_file.h"
#include "packet_text_internal.h"

enum {
    LINK_RAW_FILE = 101, /* what a file calls raw IP */
    ETHER_BYTES = 14,
    VLAN_BYTES = 4,
    ARP_BYTES = 28,
    ETHERTYPE_IP = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IP6 = 0x86dd,
    ETHERTYPE_MIN = 1536, /* below it is a length */
    FAMILY_INET = 2
};

/* --- addresses --------------------------------------------------------------------------------- */

void
packet_text_add_link_address(struct text *out, const uint8_t address[6])
{
    for (int i = 0; i < 6; i++)
        text_add(out, "%s%02x", i == 0 ? "" : ":", address[i]);
}

void
packet_text_add_ip4(struct text *out, const uint8_t address[4])
{
    text_add(out, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}

void
packet_text_add_ip6(struct text *out, const uint8_t address[16])
{
    char buffer[INET6_ADDRSTRLEN];

    text_add(out, "%s", inet_ntop(AF_INET6, address, buffer, sizeof(buffer)));
}

static void
add_host(struct text *out, const uint8_t *address, bool ip6, const uint8_t *port)
{
    if (ip6)
        packet_text_add_ip6(out, address);
    else
        packet_text_add_ip4(out, address);
    if (port != NULL)
        text_add(out, ".%u", load16(port));
}

void
packet_text_add_hosts(struct text *out, struct packet_hosts hosts, const uint8_t *ports)
{
    add_host(out, hosts.at, hosts.ip6, ports);
    text_add(out, " > ");
    add_host(out, hosts.at + (hosts.ip6 ? 16 : 4), hosts.ip6, ports != NULL ? ports + 2 : NULL);
}

void
packet_text_add_hex(struct text *out, const uint8_t *bytes, size_t length)
{
    for (size_t line = 0; line < length; line += 16) {
        text_add(out, "\t0x%04zx: ", line);
        for (size_t i = line; i < line + 16 && i < length; i++)
            text_add(out, "%s%02x", (i - line) % 2 == 0 ? " " : "", bytes[i]);
        text_add(out, "\n");
    }
}

/* --- ARP --------------------------------------------------------------------------------------- */

static void
add_arp_request(struct text *out, const uint8_t *arp)
{
    static const uint8_t unknown[6];

    text_add(out, "Request who-has ");
    packet_text_add_ip4(out, arp + 24);
    if (memcmp(arp + 18, unknown, 6) != 0) {
        text_add(out, " (");
        packet_text_add_link_address(out, arp + 18);
        text_add(out, ")");
    }
    text_add(out, " tell ");
    packet_text_add_ip4(out, arp + 14);
}

static void
add_arp(struct text *out, struct packet_bytes packet, bool link_header)
{
    if (!link_header)
        text_add(out, "ARP, ");
    if (packet.length < ARP_BYTES) {
        text_add(out, "[|arp]");
        return;
    }
    if (load16(packet.at) != 1 || load16(packet.at + 2) != ETHERTYPE_IP || packet.at[4] != 6 ||
        packet.at[5] != 4) {
        text_add(out, "Unknown Hardware (%u), Unknown Protocol (0x%04x) (len %u), ",
                 load16(packet.at), load16(packet.at + 2), packet.at[5]);
    }
    switch (load16(packet.at + 6)) {
    case 1:
        add_arp_request(out, packet.at);
        break;
    case 2:
        text_add(out, "Reply ");
        packet_text_add_ip4(out, packet.at + 14);
        text_add(out, " is-at ");
        packet_text_add_link_address(out, packet.at + 8);
        break;
    default:
        text_add(out, "Unknown (%u)", load16(packet.at + 6));
        break;
    }
    text_add(out, ", length %zu", packet.wire);
}

/* --- link headers ------------------------------------------------------------------------------ */

static const char *
ethertype_name(unsigned type)
{
    switch (type) {
    case ETHERTYPE_IP:
        return "IPv4";
    case ETHERTYPE_ARP:
        return "ARP";
    case ETHERTYPE_VLAN:
        return "802.1Q";
    case ETHERTYPE_IP6:
        return "IPv6";
    default:
        return "Unknown";
    }
}

static void
add_payload(struct text *out, unsigned type, struct packet_bytes packet, bool link_header,
            const struct packet_text_options *options)
{
    if (type == ETHERTYPE_IP)
        packet_text_add_ip(out, packet, link_header, options);
    else if (type == ETHERTYPE_IP6)
        packet_text_add_ip6_packet(out, packet, link_header, options);
    else if (type == ETHERTYPE_ARP)
        add_arp(out, packet, link_header);
}

static bool
ethertype_is_known(unsigned type)
{
    return type == ETHERTYPE_IP || type == ETHERTYPE_IP6 || type == ETHERTYPE_ARP ||
           type == ETHERTYPE_VLAN;
}

static void
add_ethernet_header(struct text *out, const uint8_t *frame, size_t wire)
{
    unsigned type = load16(frame + 12);

    packet_text_add_link_address(out, frame + 6);
    text_add(out, " > ");
    packet_text_add_link_address(out, frame);
    if (type < ETHERTYPE_MIN)
        text_add(out, ", 802.3, length %u", type);
    else
        text_add(out, ", ethertype %s (0x%04x), length %zu", ethertype_name(type), type, wire);
}

static void
add_ethernet(struct text *out, struct packet_bytes frame, const struct packet_text_options *options)
{
    bool shown = options->link_header;
    unsigned type;

    if (frame.length < ETHER_BYTES) {
        text_add(out, "[|ether]");
        return;
    }
    type = load16(frame.at + 12);
    /* A frame of which nothing else can be said is shown by its header. */
    if (shown || !ethertype_is_known(type))
        add_ethernet_header(out, frame.at, frame.wire);
    if (shown && ethertype_is_known(type))
        text_add(out, ": ");
    frame = packet_rest(frame, ETHER_BYTES);
    while (type == ETHERTYPE_VLAN) {
        if (frame.length < VLAN_BYTES) {
            text_add(out, "[|vlan]");
            return;
        }
        type = load16(frame.at + 2);
        if (shown)
            text_add(out, "vlan %u, p %u, ethertype %s, ", load16(frame.at) & 0xfff,
                     load16(frame.at) >> 13, ethertype_name(type));
        frame = packet_rest(frame, VLAN_BYTES);
    }
    add_payload(out, type, frame, shown, options);
}

/* The family is in the byte order of whoever captured: small numbers tell which. */
static void
add_null(struct text *out, struct packet_bytes frame, const struct packet_text_options *options)
{
    uint32_t family;

    if (frame.length < 4) {
        text_add(out, "[|null]");
        return;
    }
    family = load32(frame.at);
    if (family > 0xffff)
        family = (uint32_t)frame.at[0] | (uint32_t)frame.at[1] << 8;
    if (options->link_header)
        text_add(out, "AF %s (%u), length %zu: ",
                 family == FAMILY_INET ? "IPv4"
                 : family == 24 || family == 28 || family == 30 ? "IPv6"
                                                                : "Unknown",
                 family, frame.wire);
    frame = packet_rest(frame, 4);
    if (family == FAMILY_INET)
        packet_text_add_ip(out, frame, options->link_header, options);
    else if (family == 24 || family == 28 || family == 30)
        packet_text_add_ip6_packet(out, frame, options->link_header, options);
    else if (!options->link_header)
        text_add(out, "AF Unknown (%u), length %zu: ", family, frame.wire + 4);
}

static void
add_raw(struct text *out, struct packet_bytes packet, const struct packet_text_options *options)
{
    unsigned version = packet.length > 0 ? packet.at[0] >> 4 : 0;

    if (options->link_header)
        text_add(out, "ip: ");
    if (version == 4)
        packet_text_add_ip(out, packet, options->link_header, options);
    else if (version == 6)
        packet_text_add_ip6_packet(out, packet, options->link_header, options);
    else if (packet.length == 0)
        text_add(out, "[|ip]");
    else
        text_add(out, "unknown ip %u", version);
}

void
packet_text_add(struct text *out, int link, const uint8_t *bytes, size_t captured, size_t original,
                const struct packet_text_options *options)
{
    struct packet_bytes packet = {bytes, captured, original};

    switch (link) {
    case CAPTURE_LINK_ETHERNET:
        add_ethernet(out, packet, options);
        break;
    case CAPTURE_LINK_NULL:
    case CAPTURE_LINK_LOOP:
        add_null(out, packet, options);
        break;
    case CAPTURE_LINK_RAW:
    case LINK_RAW_FILE:
        add_raw(out, packet, options);
        break;
    default:
        text_add(out, "link type %d, length %zu", link, original);
        break;
    }
}
