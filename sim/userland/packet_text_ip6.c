/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 with its extension headers, ICMPv6, neighbour discovery and multicast listeners. */
#include <string.h>

#include "packet_text_internal.h"

enum { IP6_BYTES = 40, ICMP6_BYTES = 8, EXTENSIONS_MAX = 16 };

/* --- ICMPv6 ------------------------------------------------------------------------------------ */

static void
add_unreachable(struct text *out, unsigned code, struct packet_bytes inner)
{
    static const char *const reasons[] = {"unreachable route", "unreachable prohibited",
                                          "beyond scope", "unreachable address",
                                          "unreachable port"};

    text_add(out, "destination unreachable, ");
    if (code < 5)
        text_add(out, "%s ", reasons[code]);
    else
        text_add(out, "unknown unreach code (%u)", code);
    if (code < 5 && inner.length >= IP6_BYTES) {
        packet_text_add_ip6(out, inner.at + 24);
        if (code == 4 && inner.length >= IP6_BYTES + 4)
            text_add(out, " %s port %u", inner.at[6] == PROTOCOL_UDP   ? "udp"
                                         : inner.at[6] == PROTOCOL_TCP ? "tcp"
                                                                       : "protocol",
                     load16(inner.at + IP6_BYTES + 2));
    }
}

/* A message whose 16 bytes at `offset` are an address: false when they are cut. */
static bool
add_address_at(struct text *out, struct packet_bytes message, size_t offset)
{
    if (message.length < offset + 16) {
        text_add(out, "[|icmp6]");
        return false;
    }
    packet_text_add_ip6(out, message.at + offset);
    return true;
}

static bool
add_listener(struct text *out, const char *what, struct packet_bytes message)
{
    text_add(out, "multicast listener %s max resp delay: %u addr: ", what, load16(message.at + 4));
    return add_address_at(out, message, 8);
}

static bool
add_listener_query(struct text *out, struct packet_bytes message)
{
    static const uint8_t everything[16];

    if (message.wire < 28)
        return add_listener(out, "query", message);
    text_add(out, "multicast listener query v2 [max resp delay=%u]", load16(message.at + 4));
    if (message.length < 24) {
        text_add(out, "[|icmp6]");
        return false;
    }
    if (memcmp(message.at + 8, everything, 16) != 0) {
        text_add(out, " [gaddr ");
        packet_text_add_ip6(out, message.at + 8);
        text_add(out, "]");
    }
    return true;
}

static bool
add_neighbour(struct text *out, struct packet_bytes message)
{
    text_add(out, message.at[0] == 135 ? "neighbor solicitation, who has "
                                       : "neighbor advertisement, tgt is ");
    return add_address_at(out, message, 8);
}

static void
add_exceeded(struct text *out, const uint8_t *icmp, struct packet_bytes inner)
{
    if (icmp[1] <= 1)
        text_add(out, icmp[1] == 0 ? "time exceeded in-transit" : "ip6 reassembly time exceeded");
    else
        text_add(out, "time exceeded, unknown code (%u)", icmp[1]);
    if (icmp[1] == 0 && inner.length >= IP6_BYTES) {
        text_add(out, " for ");
        packet_text_add_ip6(out, inner.at + 24);
    }
}

/* False: what it says ended in "[|icmp6]". */
static bool
add_message(struct text *out, struct packet_bytes message)
{
    const uint8_t *icmp = message.at;
    struct packet_bytes inner = packet_rest(message, ICMP6_BYTES);

    switch (icmp[0]) {
    case 1:
        add_unreachable(out, icmp[1], inner);
        return true;
    case 2:
        text_add(out, "packet too big, mtu %u", load32(icmp + 4));
        return true;
    case 3:
        add_exceeded(out, icmp, inner);
        return true;
    case 4:
        text_add(out, "parameter problem, code-#%u", icmp[1]);
        return true;
    case 128:
    case 129:
        text_add(out, "echo %s, seq %u", icmp[0] == 128 ? "request" : "reply", load16(icmp + 6));
        return true;
    case 130:
        return add_listener_query(out, message);
    case 131:
        return add_listener(out, "report", message);
    case 132:
        return add_listener(out, "done", message);
    case 133:
        text_add(out, "router solicitation");
        return true;
    case 134:
        text_add(out, "router advertisement");
        return true;
    case 135:
    case 136:
        return add_neighbour(out, message);
    case 137:
        text_add(out, "redirect");
        return true;
    case 143:
        text_add(out, "multicast listener report v2, %u group record(s)", load16(icmp + 6));
        return true;
    default:
        text_add(out, "type-#%u", icmp[0]);
        return true;
    }
}

void
packet_text_add_icmp6(struct text *out, struct packet_bytes message)
{
    text_add(out, "ICMP6, ");
    if (message.length < ICMP6_BYTES)
        text_add(out, "[|icmp6]");
    else if (add_message(out, message))
        text_add(out, ", length %zu", message.wire);
}

/* --- extension headers ------------------------------------------------------------------------- */

struct walk {
    unsigned next; /* header at `rest` */
    struct packet_bytes rest;
    bool later_fragment; /* the payload is not its beginning */
};

static bool
walk_cut(struct text *out, const char *what)
{
    text_add(out, "[|%s]", what);
    return false;
}

/* Adds one header, if it is an extension; false: there is nothing more to say. */
static bool
walk_step(struct text *out, struct walk *walk)
{
    const uint8_t *at = walk->rest.at;
    size_t bytes = 8;

    if (walk->next == PROTOCOL_FRAGMENT) {
        if (walk->rest.length < 8)
            return walk_cut(out, "frag");
        walk->later_fragment = (load16(at + 2) & 0xfff8u) != 0;
        text_add(out, "frag (%u|%zu)%s", load16(at + 2) & 0xfff8u,
                 walk->rest.wire > 8 ? walk->rest.wire - 8 : 0, walk->later_fragment ? "" : " ");
    } else {
        const char *name = walk->next == 0                  ? "HBH"
                           : walk->next == PROTOCOL_ROUTING ? "srcrt"
                                                            : "DSTOPT";

        if (walk->rest.length < 2 || walk->rest.length < ((size_t)at[1] + 1) * 8)
            return walk_cut(out, name);
        text_add(out, "%s ", name);
        bytes = ((size_t)at[1] + 1) * 8;
    }
    walk->next = at[0];
    walk->rest = packet_rest(walk->rest, bytes);
    return true;
}

static bool
is_extension(unsigned next)
{
    return next == 0 || next == PROTOCOL_ROUTING || next == PROTOCOL_FRAGMENT ||
           next == PROTOCOL_OPTIONS;
}

/* --- IPv6 -------------------------------------------------------------------------------------- */

static void
add_body(struct text *out, const uint8_t *header, struct packet_bytes body,
         const struct packet_text_options *options)
{
    struct packet_hosts hosts = {header + 8, true};
    struct walk walk = {header[6], body, false};
    int steps = 0;

    if (walk.next == PROTOCOL_UDP || walk.next == PROTOCOL_TCP) {
        packet_text_add_transport(out, walk.next, body, hosts);
        return;
    }
    packet_text_add_hosts(out, hosts, NULL);
    text_add(out, ": ");
    while (is_extension(walk.next) && !walk.later_fragment) {
        if (steps++ == EXTENSIONS_MAX || !walk_step(out, &walk))
            return;
    }
    if (walk.later_fragment)
        return;
    if (walk.next == PROTOCOL_ICMP6)
        packet_text_add_icmp6(out, walk.rest);
    else if (walk.next == PROTOCOL_UDP || walk.next == PROTOCOL_TCP)
        packet_text_add_transport(out, walk.next, walk.rest, hosts);
    else if (walk.next == PROTOCOL_NONE)
        text_add(out, "no next header");
    else {
        packet_text_add_protocol(out, walk.next, options);
        text_add(out, " %zu", walk.rest.wire);
    }
}

void
packet_text_add_ip6_packet(struct text *out, struct packet_bytes packet, bool link_header,
                           const struct packet_text_options *options)
{
    size_t total;

    if (!link_header)
        text_add(out, "IP6 ");
    if (packet.length < IP6_BYTES) {
        if (packet.wire < IP6_BYTES)
            text_add(out, "truncated-ip6 %zu", packet.wire);
        else
            text_add(out, "[|ip6]");
        return;
    }
    if (packet.at[0] >> 4 != 6) {
        text_add(out, "bad version %u", packet.at[0] >> 4);
        return;
    }
    total = load16(packet.at + 4) + (size_t)IP6_BYTES;
    if (packet.wire < total)
        text_add(out, "truncated-ip6 - %zu bytes missing!", total - packet.wire);
    if (packet.length > total)
        packet.length = total;
    packet.wire = total;
    add_body(out, packet.at, packet_rest(packet, IP6_BYTES), options);
}
