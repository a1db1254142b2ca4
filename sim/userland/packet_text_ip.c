/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 with ICMP and IGMP. */

#include "packet_text_internal.h"

enum {
    IP_BYTES = 20, ICMP_BYTES = 8, IGMP_BYTES = 8, MORE_FRAGMENTS = 0x2000, OFFSET_MASK = 0x1fff
};

void
packet_text_add_protocol(struct text *out, unsigned protocol,
                         const struct packet_text_options *options)
{
    static const struct {
        unsigned protocol;
        const char *name;
    } names[] = {{PROTOCOL_ICMP, "icmp"}, {PROTOCOL_IGMP, "igmp"}, {PROTOCOL_TCP, "tcp"},
                 {PROTOCOL_UDP, "udp"}, {47, "gre"}, {50, "esp"}, {51, "ah"},
                 {PROTOCOL_ICMP6, "ipv6-icmp"}, {132, "sctp"}};

    for (size_t i = 0; options->names && i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].protocol == protocol) {
            text_add(out, "%s", names[i].name);
            return;
        }
    }
    text_add(out, "ip-proto-%u", protocol);
}

/* --- ICMP -------------------------------------------------------------------------------------- */

/* "10.0.0.1 udp port 7 unreachable" and its kin; `inner` is the packet that could not be delivered. */
static void
add_unreachable(struct text *out, unsigned code, const uint8_t *icmp, struct packet_bytes inner)
{
    unsigned header = inner.length >= IP_BYTES ? (inner.at[0] & 15u) * 4 : 0;

    if (inner.length < IP_BYTES) {
        text_add(out, "type-#3, code %u", code);
        return;
    }
    if (code == 0)
        text_add(out, "net ");
    else if (code == 1 || code == 10 || code == 13)
        text_add(out, "host ");
    packet_text_add_ip4(out, inner.at + 16);
    if (code == 2) {
        text_add(out, " protocol %u unreachable", inner.at[9]);
    } else if (code == 3) {
        if (inner.at[9] == PROTOCOL_UDP || inner.at[9] == PROTOCOL_TCP)
            text_add(out, " %s", inner.at[9] == PROTOCOL_UDP ? "udp" : "tcp");
        else
            text_add(out, " protocol %u", inner.at[9]);
        if (inner.length >= header + 4)
            text_add(out, " port %u", load16(inner.at + header + 2));
        text_add(out, " unreachable");
    } else if (code == 4) {
        text_add(out, " unreachable - need to frag");
        if (load16(icmp + 6) != 0)
            text_add(out, " (mtu %u)", load16(icmp + 6));
    } else if (code <= 1) {
        text_add(out, " unreachable");
    } else if (code == 10 || code == 13) {
        text_add(out, " unreachable - admin prohibited%s", code == 13 ? " filter" : "");
    } else {
        text_add(out, " unreachable - #%u", code);
    }
}

static void
add_redirect(struct text *out, const uint8_t *icmp, struct packet_bytes inner)
{
    static const char *const kinds[] = {"net", "host", "tos-net", "tos-host"};

    text_add(out, "redirect ");
    if (inner.length >= IP_BYTES)
        packet_text_add_ip4(out, inner.at + 16);
    text_add(out, " to %s ", icmp[1] < 4 ? kinds[icmp[1]] : "unknown");
    packet_text_add_ip4(out, icmp + 4);
}

void
packet_text_add_icmp(struct text *out, struct packet_bytes message)
{
    const uint8_t *icmp = message.at;
    struct packet_bytes inner;

    text_add(out, "ICMP ");
    if (message.length < ICMP_BYTES) {
        text_add(out, "[|icmp]");
        return;
    }
    inner = packet_rest(message, ICMP_BYTES);
    switch (icmp[0]) {
    case 0:
    case 8:
        text_add(out, "echo %s, id %u, seq %u", icmp[0] == 8 ? "request" : "reply",
                 load16(icmp + 4), load16(icmp + 6));
        break;
    case 3:
        add_unreachable(out, icmp[1], icmp, inner);
        break;
    case 4:
        text_add(out, "source quench");
        break;
    case 5:
        add_redirect(out, icmp, inner);
        break;
    case 11:
        if (icmp[1] <= 1)
            text_add(out, icmp[1] == 0 ? "time exceeded in-transit" : "ip reassembly time exceeded");
        else
            text_add(out, "time exceeded-#%u", icmp[1]);
        break;
    case 12:
        text_add(out, "parameter problem - octet %u", icmp[4]);
        break;
    default:
        text_add(out, "type-#%u", icmp[0]);
        break;
    }
    text_add(out, ", length %zu", message.wire);
}

/* --- IGMP -------------------------------------------------------------------------------------- */

static void
add_igmp_query(struct text *out, struct packet_bytes message)
{
    const uint8_t *igmp = message.at;

    text_add(out, "igmp query v%d", message.wire >= 12 ? 3 : igmp[1] != 0 ? 2 : 1);
    if (load32(igmp + 4) != 0) {
        text_add(out, " [gaddr ");
        packet_text_add_ip4(out, igmp + 4);
        text_add(out, "]");
    }
}

void
packet_text_add_igmp(struct text *out, struct packet_bytes message)
{
    const uint8_t *igmp = message.at;

    if (message.length < IGMP_BYTES) {
        text_add(out, "[|igmp]");
        return;
    }
    switch (igmp[0]) {
    case 0x11:
        add_igmp_query(out, message);
        break;
    case 0x12:
    case 0x16:
        text_add(out, "igmp v%d report ", igmp[0] == 0x16 ? 2 : 1);
        packet_text_add_ip4(out, igmp + 4);
        break;
    case 0x17:
        text_add(out, "igmp leave ");
        packet_text_add_ip4(out, igmp + 4);
        break;
    case 0x22:
        text_add(out, "igmp v3 report, %u group record(s)", load16(igmp + 6));
        break;
    default:
        text_add(out, "igmp-%u", igmp[0]);
        break;
    }
}

/* --- IPv4 -------------------------------------------------------------------------------------- */

static void
add_body(struct text *out, const uint8_t *header, struct packet_bytes body,
         const struct packet_text_options *options)
{
    struct packet_hosts hosts = {header + 12, false};
    unsigned fragment = load16(header + 6), protocol = header[9];

    if ((fragment & OFFSET_MASK) != 0) {
        packet_text_add_hosts(out, hosts, NULL);
        text_add(out, ": ");
        packet_text_add_protocol(out, protocol, options);
        return;
    }
    if (protocol == PROTOCOL_UDP || protocol == PROTOCOL_TCP) {
        packet_text_add_transport(out, protocol, body, hosts);
        return;
    }
    packet_text_add_hosts(out, hosts, NULL);
    text_add(out, ": ");
    if (protocol == PROTOCOL_ICMP)
        packet_text_add_icmp(out, body);
    else if (protocol == PROTOCOL_IGMP)
        packet_text_add_igmp(out, body);
    else {
        packet_text_add_protocol(out, protocol, options);
        text_add(out, " %zu", body.wire);
    }
}

void
packet_text_add_ip(struct text *out, struct packet_bytes packet, bool link_header,
                   const struct packet_text_options *options)
{
    size_t header, total;

    if (!link_header)
        text_add(out, "IP ");
    if (packet.length < IP_BYTES) {
        if (packet.wire < IP_BYTES)
            text_add(out, "truncated-ip %zu", packet.wire);
        else
            text_add(out, "[|ip]");
        return;
    }
    header = (packet.at[0] & 15u) * 4;
    total = load16(packet.at + 2);
    if (packet.at[0] >> 4 != 4) {
        text_add(out, "bad version %u", packet.at[0] >> 4);
        return;
    }
    if (header < IP_BYTES) {
        text_add(out, "bad-hlen %zu", header);
        return;
    }
    if (total < header) {
        text_add(out, "bad-len %zu", total);
        return;
    }
    if (packet.wire < total)
        text_add(out, "truncated-ip - %zu bytes missing! ", total - packet.wire);
    if (packet.length < header) {
        text_add(out, "[|ip]");
        return;
    }
    /* What stands behind the packet is padding. */
    if (packet.length > total)
        packet.length = total;
    packet.wire = total;
    add_body(out, packet.at, packet_rest(packet, header), options);
}
