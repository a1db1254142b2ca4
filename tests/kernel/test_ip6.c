/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * IPv6 on a host: header and extension headers, options and fragments (RFC 8200, 5095, 5722), addresses
 * and their scopes (RFC 4291, 4007), and the errors of RFC 4443.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const struct ip6_fields to_us = {.from = peer6, .to = us6, .next = PROTOCOL_UDP};
static uint8_t packet[BUILD_BYTES], message[BUILD_BYTES], data[BUILD_BYTES];

/* A UDP message of the peer for the echo service. */
static size_t
build_echo(size_t bytes)
{
    fill_pattern(data, bytes);
    return build_udp(message, pseudo6(peer6, us6, PROTOCOL_UDP, 8 + bytes), 5000, 7, data, bytes);
}

static void
expect_echo(size_t bytes)
{
    struct sent sent = take_ip6(PROTOCOL_UDP);

    expect_bytes(sent.bytes + 8, us6, 16);
    expect_bytes(sent.bytes + 24, peer6, 16);
    expect_int(sent.bytes[7], 64);
    expect_int(sent.length, IP6_BYTES + 8 + bytes);
    expect_bytes(sent.bytes + IP6_BYTES + 8, data, bytes);
    expect_silence();
}

/* An ICMPv6 error to the peer that quotes `packet` of `length` bytes. */
static void
expect_error(unsigned type, unsigned code, uint32_t pointer, size_t length)
{
    struct sent sent = take_ip6(PROTOCOL_ICMP6);
    const uint8_t *error = sent.bytes + IP6_BYTES;
    size_t quoted = length < 1232 ? length : 1232;

    expect_bytes(sent.bytes + 8, us6, 16);
    expect_bytes(sent.bytes + 24, peer6, 16);
    expect_int(error[0], type);
    expect_int(error[1], code);
    expect_int(get32(error + 4), pointer);
    expect_int(sent.length, IP6_BYTES + 8 + quoted);
    expect_int(checksum(pseudo6(us6, peer6, PROTOCOL_ICMP6, 8 + quoted), error, 8 + quoted), 0);
    expect_bytes(error + 8, packet, quoted);
    expect_silence();
}

/* The peer's packet with `chain` (whose first header is `next`) in front of a message. */
static size_t
arrive_chain(uint8_t next, const uint8_t *chain, size_t chain_bytes, size_t message_bytes)
{
    struct ip6_fields fields = to_us;
    uint8_t payload[2048];
    size_t length;

    fields.next = next;
    memcpy(payload, chain, chain_bytes);
    memcpy(payload + chain_bytes, message, message_bytes);
    length = build_ip6(packet, &fields, payload, chain_bytes + message_bytes);
    arrive(packet, length);
    return length;
}

/* --- header -------------------------------------------------------------------------------------- */

PEER_TEST(packet_for_us_is_delivered_and_answered, peer_run_both)
{
    arrive6(&to_us, message, build_echo(30));
    expect_fate(UDP_ECHOED);
    expect_echo(30);
}

PEER_TEST(packet_shorter_than_a_header_is_short, peer_run_both)
{
    build_ip6(packet, &to_us, message, build_echo(4));
    for (size_t length = 1; length < IP6_BYTES; length++) {
        arrive(packet, length);
        expect_fate(IP6_SHORT);
    }
}

PEER_TEST(other_versions_in_an_ipv6_frame_are_refused, peer_run)
{
    uint8_t frame[128];
    size_t length = build_ip6(packet, &to_us, message, build_echo(4));

    for (unsigned version = 0; version < 16; version++) {
        if (version == 6)
            continue;
        packet[0] = (uint8_t)(version << 4);
        build_ether(frame, us_link, peer_link, 0x86dd);
        memcpy(frame + ETHER_BYTES, packet, length);
        arrive_frame(0, frame, ETHER_BYTES + length);
        expect_fate(IP6_BAD_VERSION);
    }
}

PEER_TEST(payload_length_rules_what_is_there, peer_run_both)
{
    size_t length = build_ip6(packet, &to_us, message, build_echo(4));

    for (size_t kept = IP6_BYTES; kept < length; kept++) {
        arrive(packet, kept);
        expect_fate(IP6_TRUNCATED);
    }
    arrive(packet, length + 13); /* padding */
    expect_fate(UDP_ECHOED);
    expect_echo(4);
    put16(packet + 4, 0); /* a jumbogram would say so */
    arrive(packet, length);
    expect_fate(IP6_BAD_LENGTH);
}

PEER_TEST(traffic_class_flow_label_and_hop_limit_do_not_matter, peer_run_both)
{
    size_t length = build_ip6(packet, &to_us, message, build_echo(4));

    put32(packet, 0x6fffffff);
    packet[7] = 0;
    arrive(packet, length);
    expect_fate(UDP_ECHOED);
    expect_echo(4);
}

PEER_TEST(impossible_addresses_are_refused, peer_run_both)
{
    static const uint8_t loopback[16] = {[15] = 1};
    static const uint8_t mapped[16] = {[10] = 0xff, 0xff, 10, 0, 0, 2};
    static const uint8_t reserved_group[16] = {0xff, 0, [15] = 1};
    static const uint8_t own_group[16] = {0xff, 1, [15] = 1};
    const uint8_t *const sources[] = {all_nodes6, loopback, mapped};
    const uint8_t *const destinations[] = {nobody6, loopback, mapped, reserved_group, own_group};

    for (size_t at = 0; at < 3; at++) {
        struct ip6_fields fields = to_us;

        fields.from = sources[at];
        arrive6(&fields, message, build_echo(4));
        expect_fate(IP6_BAD_SOURCE);
    }
    /* RFC 4291 2.7: packets to a group of interface scope never come by a wire. */
    for (size_t at = 0; at < 5; at++) {
        struct ip6_fields fields = to_us;

        fields.to = destinations[at];
        arrive6(&fields, message, build_echo(4));
        expect_fate(IP6_BAD_DESTINATION);
    }
    expect_silence();
}

PEER_TEST(packets_for_others_and_groups_not_joined_are_dropped, peer_run_both)
{
    static const uint8_t group[16] = {0xff, 2, [15] = 0xfb};
    struct ip6_fields fields = to_us;

    fields.to = stranger6;
    arrive6(&fields, message, build_echo(4));
    expect_fate(IP6_NOT_OURS);
    fields.to = group;
    arrive6(&fields, message, build_echo(4));
    expect_fate(IP6_GROUP_NOT_JOINED);
    expect_silence();
}

/* RFC 4007: a link-local address is ours on its own link only. */
PEER_TEST(link_local_address_is_not_ours_on_another_link, peer_run)
{
    static const uint8_t other6[16] = {0xfd, 1, [15] = 1};
    const struct ip6_fields fields = {
        .from = peer_local6, .to = local6, .next = PROTOCOL_UDP};

    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet6(world.root, "nv1", other6, 64), 0);
    arrive_on(1, packet, build_ip6(packet, &fields, message, build_echo(4)));
    expect_fate(IP6_NOT_OURS);
    arrive_on(1, packet, build_ip6(packet, &to_us, message, build_echo(4)));
    expect_fate(UDP_ECHOED); /* a global one is, everywhere */
    expect_int(inet_wire_destroy(1), 0);
}

/* --- extension headers --------------------------------------------------------------------------- */

PEER_TEST(headers_in_any_order_lead_to_the_upper_protocol, peer_run_both)
{
    static const uint8_t chain[] = {
        60, 0, 1, 4, 0, 0, 0, 0,                             /* hop-by-hop, PadN */
        43, 1, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0,     /* destination, 16 bytes */
        44, 0, 99, 0, 0, 0, 0, 0,                            /* routing, nothing left */
        60, 0, 0, 0, 1, 2, 3, 4,                             /* fragment, but whole */
        17, 0, 0, 0x1e, 2, 9, 9, 0,                          /* destination, option to be skipped */
    };

    arrive_chain(0, chain, sizeof(chain), build_echo(20));
    expect_fate(UDP_ECHOED);
    expect_echo(20);
}

PEER_TEST(hop_by_hop_header_is_first_or_refused, peer_run_both)
{
    static const uint8_t chain[] = {0,  0, 1, 4, 0, 0, 0, 0, /* destination */
                                    17, 0, 1, 4, 0, 0, 0, 0};

    expect_error(4, 1, 40, arrive_chain(60, chain, sizeof(chain), build_echo(20)));
    expect_fate(IP6_PROTOCOL_UNKNOWN);
}

PEER_TEST(unknown_next_header_is_reported_with_its_place, peer_run_both)
{
    static const uint8_t chain[] = {200, 0, 1, 4, 0, 0, 0, 0};

    expect_error(4, 1, 6, arrive_chain(200, chain, 8, 0));
    expect_fate(IP6_PROTOCOL_UNKNOWN);
    expect_error(4, 1, 40, arrive_chain(60, chain, 8, build_echo(2000 - 48 - 8)));
    expect_fate(IP6_PROTOCOL_UNKNOWN);
}

PEER_TEST(no_next_header_ends_a_packet_without_a_word, peer_run_both)
{
    static const uint8_t chain[] = {59, 0, 1, 4, 0, 0, 0, 0};

    arrive_chain(59, chain, 0, 0);
    expect_fate(IP6_NO_NEXT_HEADER);
    arrive_chain(60, chain, 8, build_echo(4));
    expect_fate(IP6_NO_NEXT_HEADER);
    expect_silence();
}

PEER_TEST(routing_header_with_segments_left_is_refused_with_its_type, peer_run_both)
{
    static const uint8_t chain[] = {17, 2, 0, 1, 0, 0, 0, 0, 0xfd, 0, 0, 0,
                                    0,  0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 9};

    expect_error(4, 0, 42, arrive_chain(43, chain, sizeof(chain), build_echo(4)));
    expect_fate(IP6_BAD_ROUTING);
}

PEER_TEST(headers_cut_off_are_refused, peer_run_both)
{
    static const uint8_t long_one[8] = {17, 1, 1, 4};

    for (unsigned next = 0; next < 61; next++) {
        if (next != 0 && next != 43 && next != 44 && next != 60)
            continue;
        for (size_t bytes = 1; bytes < 8; bytes++) {
            arrive_chain((uint8_t)next, long_one, bytes, 0);
            expect_fate(IP6_HEADER_SHORT);
        }
    }
    arrive_chain(60, long_one, 8, 0); /* says 16 */
    expect_fate(IP6_HEADER_SHORT);
    expect_silence();
}

PEER_TEST(chain_without_end_is_given_up, peer_run_both)
{
    uint8_t chain[400] = {0};

    for (size_t at = 0; at < sizeof(chain); at += 8)
        memcpy(chain + at, "\x3c\0\1\4\0\0\0\0", 8);
    arrive_chain(60, chain, sizeof(chain), 0);
    expect_fate(IP6_BAD_OPTION);
}

/* RFC 8200 4.2: the two top bits of an option that is not known. */
PEER_TEST(unknown_option_is_treated_as_its_number_says, peer_run_both)
{
    uint8_t chain[8] = {17, 0, 1, 0, 0, 2, 0, 0};
    static const unsigned headers[] = {0, 60};

    for (size_t at = 0; at < 2; at++) {
        chain[4] = 0x1e;
        arrive_chain((uint8_t)headers[at], chain, 8, build_echo(4));
        expect_fate(UDP_ECHOED);
        expect_echo(4);
        chain[4] = 0x5e;
        arrive_chain((uint8_t)headers[at], chain, 8, build_echo(4));
        expect_fate(IP6_BAD_OPTION);
        expect_silence();
        for (unsigned top = 2; top < 4; top++) {
            chain[4] = (uint8_t)(top << 6 | 0x1e);
            expect_error(4, 2, 44, arrive_chain((uint8_t)headers[at], chain, 8, build_echo(4)));
            expect_fate(IP6_BAD_OPTION);
        }
    }
}

PEER_TEST(option_of_a_group_packet_is_reported_by_one_kind_only, peer_run)
{
    struct ip6_fields fields = {.from = peer6, .to = all_nodes6, .next = 60};
    uint8_t chain[8] = {59, 0, 1, 0, 0x9e, 2, 0, 0};

    arrive(packet, build_ip6(packet, &fields, chain, 8));
    expect_fate(IP6_BAD_OPTION);
    expect_error(4, 2, 44, 48);
    chain[4] = 0xde;
    arrive(packet, build_ip6(packet, &fields, chain, 8));
    expect_fate(IP6_BAD_OPTION);
    expect_silence();
}

PEER_TEST(option_that_does_not_fit_its_header_is_refused, peer_run_both)
{
    static const uint8_t chains[][8] = {
        {17, 0, 1, 5, 0, 0, 0, 0}, /* PadN one too long */
        {17, 0, 0, 0, 0, 0, 0, 1}, /* without its length */
        {17, 0, 5, 9, 0, 0, 1, 0}, /* a long router alert */
    };

    for (size_t at = 0; at < 3; at++) {
        arrive_chain(0, chains[at], 8, build_echo(4));
        expect_fate(IP6_BAD_OPTION);
    }
    expect_silence();
}

PEER_TEST(errors_are_not_sent_about_errors_groups_or_nobody, peer_run)
{
    static const uint8_t bad_chain[] = {58, 0, 1, 0, 0x9e, 2, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0};
    struct ip6_fields fields = {.from = peer6, .to = all_nodes6, .next = 200};

    arrive_chain(60, bad_chain, sizeof(bad_chain), 0); /* about an unreachable */
    expect_fate(IP6_BAD_OPTION);
    arrive6(&fields, "x", 1);
    expect_fate(IP6_PROTOCOL_UNKNOWN);
    fields.to = us6;
    fields.from = nobody6;
    arrive6(&fields, "x", 1);
    expect_fate(IP6_PROTOCOL_UNKNOWN);
    expect_int(counted(INET_COUNT_ERROR_SUPPRESSED), 3);
    expect_silence();
}

/* --- errors and scopes of what is sent ------------------------------------------------------------ */

PEER_TEST(closed_port_is_reported_with_as_much_as_fits, peer_run_both)
{
    for (size_t bytes = 0; bytes < 1440; bytes += 400) {
        size_t length;

        build_echo(bytes);
        put16(message + 2, 4444);
        put16(message + 6, 0);
        put16(message + 6, checksum(pseudo6(peer6, us6, 17, 8 + bytes), message, 8 + bytes));
        length = build_ip6(packet, &to_us, message, 8 + bytes);
        arrive(packet, length);
        expect_fate(UDP_PORT_CLOSED);
        expect_error(1, 4, 0, length);
    }
}

PEER_TEST(group_of_interface_scope_is_heard_by_us_and_never_sent, peer_run)
{
    static const uint8_t own_nodes[16] = {0xff, 1, [15] = 1};
    struct ksim_inet_address to = address6(own_nodes, 0);

    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), 0);
    settle();
    expect_silence();
    expect_fate(UDP_PORT_CLOSED_GROUP);
}

PEER_TEST(group_of_link_scope_is_sent_from_the_link_local_address_and_heard, peer_run)
{
    struct ksim_inet_address to = address6(all_nodes6, 0);
    struct sent sent;

    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), 0);
    sent = take_ip6(PROTOCOL_UDP);
    expect_bytes(sent.frame, "\x33\x33\0\0\0\1", 6);
    expect_bytes(sent.bytes + 8, local6, 16);
    expect_int(sent.bytes[7], 1);
    settle();
    expect_fate(UDP_PORT_CLOSED_GROUP);
}

int
main(void)
{
    const TTest *const tests[] = {
        packet_for_us_is_delivered_and_answered,
        packet_shorter_than_a_header_is_short,
        other_versions_in_an_ipv6_frame_are_refused,
        payload_length_rules_what_is_there,
        traffic_class_flow_label_and_hop_limit_do_not_matter,
        impossible_addresses_are_refused,
        packets_for_others_and_groups_not_joined_are_dropped,
        link_local_address_is_not_ours_on_another_link,
        headers_in_any_order_lead_to_the_upper_protocol,
        hop_by_hop_header_is_first_or_refused,
        unknown_next_header_is_reported_with_its_place,
        no_next_header_ends_a_packet_without_a_word,
        routing_header_with_segments_left_is_refused_with_its_type,
        headers_cut_off_are_refused,
        chain_without_end_is_given_up,
        unknown_option_is_treated_as_its_number_says,
        option_of_a_group_packet_is_reported_by_one_kind_only,
        option_that_does_not_fit_its_header_is_refused,
        errors_are_not_sent_about_errors_groups_or_nobody,
        closed_port_is_reported_with_as_much_as_fits,
        group_of_interface_scope_is_heard_by_us_and_never_sent,
        group_of_link_scope_is_sent_from_the_link_local_address_and_heard,
        NULL,
    };

    return suite_main("ip6", tests);
}
