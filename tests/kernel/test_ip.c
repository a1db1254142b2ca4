/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a host takes from the wire as IPv4: RFC 791 and the host requirements of RFC 1122 3.2.1. Each
 * packet that arrives has exactly one fate.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const struct ip4_fields to_us = {.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP};
static uint8_t packet[2048];

/* A datagram for the echo service, 20 + 8 + 4 bytes without options. */
static size_t
build_echo(const struct ip4_fields *fields)
{
    uint8_t message[12];
    size_t length = build_udp(message, pseudo4(fields->from, fields->to, PROTOCOL_UDP, 12), 5000,
                              7, "ping", 4);

    return build_ip4(packet, fields, message, length);
}

static void
arrive_echo(const struct ip4_fields *fields)
{
    arrive(packet, build_echo(fields));
}

static void
expect_echo(uint32_t from, uint32_t to)
{
    struct sent sent = take_ip4(PROTOCOL_UDP);

    expect_int(get32(sent.bytes + 12), from);
    expect_int(get32(sent.bytes + 16), to);
    expect_int(sent.bytes[8], 64);
    expect_int(sent.length, 32);
    expect_bytes(sent.bytes + 28, "ping", 4);
    expect_silence();
}

PEER_TEST(datagram_for_us_is_delivered_and_answered, peer_run_both)
{
    arrive_echo(&to_us);
    expect_fate(UDP_ECHOED);
    expect_echo(US4, PEER4);
    expect_int(counted(INET_COUNT_IP4_ARRIVED), 1);
}

PEER_TEST(packet_shorter_than_a_header_is_short, peer_run_both)
{
    build_echo(&to_us);
    for (size_t length = inet_wire_is_ethernet(0) ? 0 : 1; length < IP4_BYTES; length++) {
        arrive(packet, length);
        expect_fate(IP4_SHORT);
    }
    expect_silence();
}

PEER_TEST(other_versions_are_refused, peer_run)
{
    size_t length = build_echo(&to_us);

    for (unsigned version = 0; version < 16; version++) {
        if (version == 4 || version == 6)
            continue;
        packet[0] = (uint8_t)(version << 4 | 5);
        repair_ip4(packet);
        arrive(packet, length);
        expect_fate(IP4_BAD_VERSION);
    }
    expect_silence();
}

PEER_TEST(header_length_is_at_least_five_words_and_at_most_the_packet, peer_run_both)
{
    size_t length = build_echo(&to_us);

    for (unsigned words = 0; words < 5; words++) {
        packet[0] = (uint8_t)(0x40 | words);
        arrive(packet, length);
        expect_fate(IP4_BAD_HEADER_LENGTH);
    }
    packet[0] = 0x4f; /* 60 bytes in a packet of 32 */
    arrive(packet, length);
    expect_fate(IP4_BAD_HEADER_LENGTH);
    expect_silence();
}

PEER_TEST(each_wrong_bit_of_the_header_is_seen_by_its_checksum, peer_run)
{
    size_t length = build_echo(&to_us);

    for (size_t bit = 8; bit < 8 * IP4_BYTES; bit++) {
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arrive(packet, length);
        expect_fate(IP4_BAD_CHECKSUM);
        packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_silence();
}

PEER_TEST(total_length_below_the_header_is_refused, peer_run_both)
{
    size_t length = build_echo(&to_us);

    for (unsigned total = 0; total < IP4_BYTES; total += 19) {
        put16(packet + 2, total);
        repair_ip4(packet);
        arrive(packet, length);
        expect_fate(IP4_BAD_LENGTH);
    }
}

PEER_TEST(packet_cut_off_before_its_total_length_is_truncated, peer_run_both)
{
    size_t length = build_echo(&to_us);

    for (size_t kept = IP4_BYTES; kept < length; kept++) {
        arrive(packet, kept);
        expect_fate(IP4_TRUNCATED);
    }
    expect_silence();
}

PEER_TEST(bytes_behind_the_total_length_are_padding, peer_run_both)
{
    size_t length = build_echo(&to_us);

    memset(packet + length, 0xee, 20);
    arrive(packet, length + 20);
    expect_fate(UDP_ECHOED);
    expect_echo(US4, PEER4);
}

PEER_TEST(header_in_many_mbufs_is_read_as_in_one, peer_run_point_to_point)
{
    size_t length = build_echo(&to_us);

    for (size_t piece = 1; piece < length; piece++) {
        expect_int(inet_wire_arrive(0, packet, length, piece), 0);
        settle();
        expect_fate(UDP_ECHOED);
        expect_echo(US4, PEER4);
    }
}

/* RFC 1122 3.2.1.7: a host must not discard a datagram because of its time to live. */
PEER_TEST(time_to_live_of_0_and_1_is_no_reason_to_refuse, peer_run_both)
{
    for (unsigned ttl = 0; ttl < 2; ttl++) {
        size_t length = build_echo(&to_us);

        packet[8] = (uint8_t)ttl;
        repair_ip4(packet);
        arrive(packet, length);
        expect_fate(UDP_ECHOED);
        expect_echo(US4, PEER4);
    }
}

PEER_TEST(packet_for_another_host_is_dropped_without_a_word, peer_run_both)
{
    static const uint32_t others[] = {STRANGER4, FAR4, 0x0a000000 - 1, 0xf0000001};

    for (size_t at = 0; at < sizeof(others) / sizeof(others[0]); at++) {
        struct ip4_fields fields = to_us;

        fields.to = others[at];
        arrive_echo(&fields);
        expect_fate(IP4_NOT_OURS);
    }
    expect_silence();
}

/* RFC 1122 3.2.1.3: a source that no host can have. */
PEER_TEST(impossible_sources_are_dropped_without_a_word, peer_run)
{
    static const uint32_t sources[] = {
        0xe0000001, /* a group */
        0xffffffff, /* limited broadcast */
        0x7f000001, /* loopback on a wire */
        0x0a0000ff, /* broadcast of our subnet */
        0x0a000000, /* its old form */
        0x0affffff, /* broadcast of our network */
    };

    for (size_t at = 0; at < sizeof(sources) / sizeof(sources[0]); at++) {
        struct ip4_fields fields = to_us;

        fields.from = sources[at];
        arrive_echo(&fields);
        expect_fate(IP4_BAD_SOURCE);
    }
    expect_silence();
}

PEER_TEST(loopback_destination_on_a_wire_is_refused, peer_run_both)
{
    struct ip4_fields fields = to_us;

    fields.to = 0x7f000001;
    arrive_echo(&fields);
    expect_fate(IP4_BAD_SOURCE);
    expect_silence();
}

PEER_TEST(datagram_from_nobody_is_taken_and_cannot_be_answered, peer_run)
{
    struct ip4_fields fields = to_us;

    fields.from = 0;
    arrive_echo(&fields);
    expect_fate(UDP_ECHOED);
    expect_int(counted(INET_COUNT_UNSENT_NO_ROUTE), 1);
    expect_silence();
}

static unsigned heard;

static void
hear(void *context, const struct ksim_inet_address *from, uint16_t from_port,
     const uint8_t *payload, size_t bytes)
{
    (void)context;
    heard++;
    expect_int(get32(from->bytes), PEER4);
    expect_int(from_port, 5000);
    expect_int(bytes, 5);
    expect_bytes(payload, "group", 5);
}

static void
arrive_group(uint32_t to)
{
    struct ip4_fields fields = to_us;
    uint8_t message[13];

    fields.to = to;
    arrive4(&fields, message,
            build_udp(message, pseudo4(PEER4, to, PROTOCOL_UDP, 13), 5000, 99, "group", 5));
}

PEER_TEST(broadcasts_of_the_subnet_and_joined_groups_are_for_us, peer_run)
{
    static const uint32_t ours[] = {0xffffffff, 0x0a0000ff, 0x0a000000, 0x0affffff, 0xe0000001};

    heard = 0;
    expect_int(ksim_udp_listen(world.kernel, 99, hear, NULL), 0);
    for (size_t at = 0; at < sizeof(ours) / sizeof(ours[0]); at++) {
        arrive_group(ours[at]);
        expect_fate(UDP_DELIVERED);
        expect_int(heard, at + 1);
    }
    ksim_udp_close(world.kernel, 99);
}

PEER_TEST(groups_not_joined_and_broadcasts_of_others_are_not_for_us, peer_run)
{
    arrive_group(0xe00000fb);
    expect_fate(IP4_GROUP_NOT_JOINED);
    arrive_group(0x0a0001ff);
    expect_fate(IP4_NOT_OURS);
    arrive_group(0xac1000ff);
    expect_fate(IP4_NOT_OURS);
    expect_silence();
}

PEER_TEST(subnet_broadcast_means_nothing_without_a_broadcast_interface, peer_run_point_to_point)
{
    arrive_group(0x0a0000ff);
    expect_fate(IP4_NOT_OURS);
    arrive_group(0xffffffff);
    expect_fate(UDP_PORT_CLOSED_GROUP);
    expect_silence();
}

PEER_TEST(unicast_frame_for_another_link_address_never_reaches_ip, peer_run)
{
    uint8_t frame[64];

    build_echo(&to_us);
    build_ether(frame, (const uint8_t *)"\x02\x99\x99\x99\x99\x99", peer_link, 0x0800);
    memcpy(frame + ETHER_BYTES, packet, 32);
    arrive_frame(0, frame, ETHER_BYTES + 32);
    expect_int(counted(INET_COUNT_IP4_ARRIVED), 0);
    expect_silence();
}

/* RFC 1122 3.2.1.3 again: a unicast destination in a broadcast frame gets no error back. */
PEER_TEST(unicast_datagram_in_a_broadcast_frame_provokes_no_error, peer_run)
{
    uint8_t frame[64];

    build_echo(&to_us);
    put16(packet + IP4_BYTES + 2, 9); /* a closed port */
    put16(packet + IP4_BYTES + 6, 0);
    build_ether(frame, broadcast_link, peer_link, 0x0800);
    memcpy(frame + ETHER_BYTES, packet, 32);
    arrive_frame(0, frame, ETHER_BYTES + 32);
    expect_fate(UDP_PORT_CLOSED_GROUP);
    expect_silence();
}

PEER_TEST(address_of_another_interface_of_ours_is_ours, peer_run)
{
    static const uint8_t other[4] = {172, 20, 0, 1};
    struct ip4_fields fields = to_us;

    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet(world.root, "nv1", other, 16, NULL), 0);
    fields.to = 0xac140001;
    arrive_echo(&fields);
    expect_fate(UDP_ECHOED);
    expect_echo(0xac140001, PEER4);
    expect_int(inet_wire_destroy(1), 0);
    arrive_echo(&fields);
    expect_fate(IP4_NOT_OURS);
}

/* --- options ------------------------------------------------------------------------------------- */

static void
arrive_options(const uint8_t *options, size_t bytes)
{
    struct ip4_fields fields = to_us;

    fields.options = options;
    fields.option_bytes = bytes;
    arrive_echo(&fields);
}

static void
expect_icmp(unsigned type, unsigned code, unsigned pointer, size_t header_bytes)
{
    struct sent sent = take_ip4(PROTOCOL_ICMP);
    const uint8_t *message = sent.bytes + IP4_BYTES;

    expect_int(get32(sent.bytes + 16), PEER4);
    expect_int(message[0], type);
    expect_int(message[1], code);
    expect_int(message[4], pointer);
    expect_int(checksum(0, message, sent.length - IP4_BYTES), 0);
    expect_int(sent.length, IP4_BYTES + 8 + header_bytes + 8);
    expect_bytes(message + 8, packet, header_bytes + 8);
    expect_silence();
}

PEER_TEST(options_that_are_not_understood_are_passed_over, peer_run_both)
{
    static const uint8_t accepted[][8] = {
        {1, 1, 1, 1, 1, 1, 1, 0},             /* no operation */
        {0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0}, /* nothing counts behind the end */
        {7, 7, 4, 0, 0, 0, 0, 0},             /* record route */
        {0x44, 8, 5, 0, 0, 0, 0, 0},          /* timestamp */
        {0x94, 4, 0, 0, 0x99, 4, 1, 2},       /* router alert, then an unknown one */
    };

    for (size_t at = 0; at < sizeof(accepted) / sizeof(accepted[0]); at++) {
        arrive_options(accepted[at], 8);
        expect_fate(UDP_ECHOED);
        expect_echo(US4, PEER4);
    }
}

PEER_TEST(malformed_option_is_reported_with_a_pointer_to_its_length, peer_run_both)
{
    static const uint8_t too_small[4] = {1, 7, 1, 0};
    static const uint8_t too_long[8] = {1, 1, 1, 7, 9, 0, 0, 0};
    static const uint8_t cut_off[4] = {1, 1, 1, 7};

    arrive_options(too_small, 4);
    expect_fate(IP4_BAD_OPTION);
    expect_icmp(12, 0, 22, 24);
    arrive_options(too_long, 8);
    expect_fate(IP4_BAD_OPTION);
    expect_icmp(12, 0, 24, 28);
    arrive_options(cut_off, 4);
    expect_fate(IP4_BAD_OPTION);
    expect_icmp(12, 0, 24, 24);
}

PEER_TEST(source_routes_are_refused_as_failed, peer_run_both)
{
    static const uint8_t loose[8] = {131, 7, 4, 10, 0, 0, 2, 0};
    static const uint8_t strict[8] = {1, 137, 7, 8, 10, 0, 0, 2};

    arrive_options(loose, 8);
    expect_fate(IP4_SOURCE_ROUTED);
    expect_icmp(3, 5, 0, 28);
    arrive_options(strict, 8);
    expect_fate(IP4_SOURCE_ROUTED);
    expect_icmp(3, 5, 0, 28);
}

PEER_TEST(longest_header_is_quoted_whole, peer_run_both)
{
    uint8_t options[40];

    memset(options, 1, sizeof(options));
    options[39] = 7;
    arrive_options(options, sizeof(options));
    expect_fate(IP4_BAD_OPTION);
    expect_icmp(12, 0, 60, 60);
}

PEER_TEST(unknown_protocol_is_reported_and_a_group_is_not, peer_run_both)
{
    struct ip4_fields fields = to_us;

    fields.protocol = 99;
    arrive_echo(&fields);
    expect_fate(IP4_PROTOCOL_UNKNOWN);
    expect_icmp(3, 2, 0, 20);
    fields.to = 0xe0000001;
    arrive_echo(&fields);
    expect_fate(IP4_PROTOCOL_UNKNOWN);
    expect_silence();
    expect_int(counted(INET_COUNT_ERROR_SUPPRESSED), 1);
}

PEER_TEST(packet_without_memory_is_counted_as_lost, peer_run_both)
{
    world_fault("inet packet", 1);
    arrive_echo(&to_us);
    expect_fate(NO_MEMORY);
    expect_silence();
    arrive_echo(&to_us);
    expect_fate(UDP_ECHOED);
}

/* --- an interface without an MTU ------------------------------------------------------------------ */

/* 10.0.0.2 asks nv0, whose driver says that its MTU is 0. */
static void
ask_without_mtu(void *argument)
{
    static const uint8_t ours[4] = {10, 0, 0, 1}, theirs[4] = {10, 0, 0, 2};

    (void)argument;
    (void)inet_wire_create(0, INET_WIRE_POINT_TO_POINT);
    (void)ifconfig_inet(world.root, "nv0", ours, 32, theirs);
    (void)ifconfig_up(world.root, "nv0");
    settle();
    forget_sent();
    inet_wire_set_mtu(0, 0);
    arrive_echo(&to_us);
    settle();
    say("sent", inet_wire_take(0) != NULL);
    inet_wire_destroy(0);
}

START_TEST(answer_through_an_interface_without_mtu_was_too_long)
{
    world_end();
    world_begin(17);
    world_check(ask_without_mtu);
    ck_assert_str_eq(said(), "sent=0 ");
}
END_TEST

START_TEST(answer_through_an_interface_without_mtu_panics_since_darwin18)
{
    world_end();
    world_begin(18);
    world_expect(ask_without_mtu, MACHINE_PANIC, "assertion failed: interface_mtu != 0");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        datagram_for_us_is_delivered_and_answered,
        packet_shorter_than_a_header_is_short,
        other_versions_are_refused,
        header_length_is_at_least_five_words_and_at_most_the_packet,
        each_wrong_bit_of_the_header_is_seen_by_its_checksum,
        total_length_below_the_header_is_refused,
        packet_cut_off_before_its_total_length_is_truncated,
        bytes_behind_the_total_length_are_padding,
        header_in_many_mbufs_is_read_as_in_one,
        time_to_live_of_0_and_1_is_no_reason_to_refuse,
        packet_for_another_host_is_dropped_without_a_word,
        impossible_sources_are_dropped_without_a_word,
        loopback_destination_on_a_wire_is_refused,
        datagram_from_nobody_is_taken_and_cannot_be_answered,
        broadcasts_of_the_subnet_and_joined_groups_are_for_us,
        groups_not_joined_and_broadcasts_of_others_are_not_for_us,
        subnet_broadcast_means_nothing_without_a_broadcast_interface,
        unicast_frame_for_another_link_address_never_reaches_ip,
        unicast_datagram_in_a_broadcast_frame_provokes_no_error,
        address_of_another_interface_of_ours_is_ours,
        options_that_are_not_understood_are_passed_over,
        malformed_option_is_reported_with_a_pointer_to_its_length,
        source_routes_are_refused_as_failed,
        longest_header_is_quoted_whole,
        unknown_protocol_is_reported_and_a_group_is_not,
        packet_without_memory_is_counted_as_lost,
        answer_through_an_interface_without_mtu_was_too_long,
        answer_through_an_interface_without_mtu_panics_since_darwin18,
        NULL,
    };

    return suite_main("ip", tests);
}
