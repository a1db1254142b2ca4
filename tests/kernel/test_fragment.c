/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fragments of IPv4: reassembly (RFC 791, 815, 1122 3.3.2) with its limits, and what is sent larger than the
 * interface's mtu. Those of IPv6 are in test_ip6.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

enum { MESSAGE_BYTES = 1208 }; /* a UDP datagram of 1200 bytes for the echo service */

static uint8_t message[BUILD_BYTES], packet[BUILD_BYTES], data[BUILD_BYTES];

/* The whole payload of the datagrams below. */
static void
make_message(size_t bytes)
{
    fill_pattern(data, bytes - 8);
    build_udp(message, pseudo4(PEER4, US4, PROTOCOL_UDP, bytes), 5000, 7, data, bytes - 8);
}

/* Bytes [at, at + bytes) of the message as one fragment of datagram `id`. */
static void
arrive_piece(uint16_t id, size_t at, size_t bytes, bool more)
{
    const struct ip4_fields fields = {.from = PEER4,
                                      .to = US4,
                                      .protocol = PROTOCOL_UDP,
                                      .id = id,
                                      .fragment = (uint16_t)(at / 8 | (more ? IP4_MF : 0))};

    arrive(packet, build_ip4(packet, &fields, message + at, bytes));
}

static void
expect_echo(size_t bytes)
{
    struct sent sent = take_ip4(PROTOCOL_UDP);

    expect_int(sent.length, IP4_BYTES + bytes);
    expect_bytes(sent.bytes + 28, data, bytes - 8);
    expect_silence();
}

/* One packet more had a fate, and the joined datagram its own. */
static void
expect_joined(unsigned kept)
{
    expect_int(counted(INET_COUNT_IP4_FRAGMENT_KEPT), kept);
    expect_int(counted(INET_COUNT_IP4_REASSEMBLED), 1);
    expect_int(counted(INET_COUNT_UDP_ECHOED), 1);
    expect_echo(MESSAGE_BYTES);
    peer_mark();
}

PEER_TEST(three_pieces_in_any_order_make_the_datagram, peer_run_both)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    make_message(MESSAGE_BYTES);
    for (unsigned order = 0; order < 6; order++) {
        for (unsigned step = 0; step < 3; step++) {
            unsigned piece = orders[order][step];

            expect_silence();
            arrive_piece((uint16_t)order, piece * 480, piece == 2 ? 248 : 480, piece != 2);
        }
        expect_joined(3);
    }
}

PEER_TEST(smallest_pieces_make_the_datagram_from_both_ends, peer_run)
{
    make_message(MESSAGE_BYTES);
    for (size_t at = 0; at + 8 < MESSAGE_BYTES / 2; at += 8) {
        arrive_piece(1, at, 8, true);
        arrive_piece(1, MESSAGE_BYTES - 8 - at, 8, at != 0);
    }
    arrive_piece(1, MESSAGE_BYTES / 2 - 4, 8, true);
    expect_joined(MESSAGE_BYTES / 8);
}

PEER_TEST(datagrams_are_told_apart_by_id_protocol_and_addresses, peer_run)
{
    struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP, .id = 7,
                                .fragment = 600 / 8};

    make_message(MESSAGE_BYTES);
    arrive_piece(7, 0, 600, true);
    arrive_piece(8, 600, 608, false);
    fields.from = STRANGER4;
    arrive4(&fields, message + 600, 608);
    fields.from = PEER4;
    fields.to = 0x0a0000ff;
    arrive4(&fields, message + 600, 608);
    fields.to = US4;
    fields.protocol = PROTOCOL_ICMP;
    arrive4(&fields, message + 600, 608);
    expect_fates(IP4_FRAGMENT_KEPT, 5);
    expect_silence();
    arrive_piece(7, 600, 608, false);
    expect_joined(6);
}

PEER_TEST(exact_copy_and_overlaps_are_refused_alone, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 400, 400, true);
    expect_fate(IP4_FRAGMENT_KEPT);
    arrive_piece(1, 400, 400, true); /* the same again */
    expect_fate(IP4_FRAGMENT_OVERLAP);
    arrive_piece(1, 408, 8, true); /* inside */
    expect_fate(IP4_FRAGMENT_OVERLAP);
    arrive_piece(1, 0, 408, true); /* over the start */
    expect_fate(IP4_FRAGMENT_OVERLAP);
    arrive_piece(1, 792, 416, false); /* over the end */
    expect_fate(IP4_FRAGMENT_OVERLAP);
    arrive_piece(1, 392, 416, true); /* around */
    expect_fate(IP4_FRAGMENT_OVERLAP);
    peer_mark();
    arrive_piece(1, 0, 400, true);
    arrive_piece(1, 800, 408, false);
    expect_joined(2);
}

PEER_TEST(piece_that_contradicts_the_known_end_is_refused, peer_run)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 800, 408, false);
    expect_fate(IP4_FRAGMENT_KEPT);
    arrive_piece(1, 400, 200, false); /* another end, before */
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 1208, 8, false); /* another end, behind */
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 1208, 8, true); /* more behind the end */
    expect_fate(IP4_FRAGMENT_BAD);
    peer_mark();
    arrive_piece(1, 0, 800, true);
    expect_joined(1);
}

PEER_TEST(impossible_pieces_are_refused, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 0, 12, true); /* not a multiple of 8 */
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 8, 0, true); /* nothing in it */
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 8, 0, false);
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 65528, 16, false); /* beyond 65535 */
    expect_fate(IP4_FRAGMENT_BAD);
    arrive_piece(1, 65512, 8, true); /* with a header of 20 bytes */
    expect_fate(IP4_FRAGMENT_BAD);
    expect_silence();
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 0);
}

/* 64 KiB of the largest datagram: 65515 bytes behind a header of 20. */
PEER_TEST(largest_datagram_is_joined, peer_run)
{
    const size_t bytes = 65515;

    make_message(bytes);
    put16(message + 2, 9); /* a closed port: the answer is short */
    put16(message + 6, 0);
    for (size_t at = 0; at < bytes; at += 1480)
        arrive_piece(1, at, at + 1480 < bytes ? 1480 : bytes - at, at + 1480 < bytes);
    expect_int(counted(INET_COUNT_IP4_REASSEMBLED), 1);
    expect_int(counted(INET_COUNT_UDP_PORT_CLOSED), 1);
    expect_int(take_ip4(PROTOCOL_ICMP).length, IP4_BYTES + 8 + 28);
}

/* The first piece's header counts: 60 + 65515 bytes are too many. */
PEER_TEST(datagram_too_long_with_the_first_header_is_given_up, peer_run)
{
    uint8_t options[40];
    struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP, .id = 1,
                                .fragment = IP4_MF, .options = options, .option_bytes = 40};

    memset(options, 1, sizeof(options));
    make_message(65515);
    for (size_t at = 1400; at < 65515; at += 1480)
        arrive_piece(1, at, at + 1480 < 65515 ? 1480 : 65515 - at, at + 1480 < 65515);
    arrive4(&fields, message, 1400);
    expect_int(counted(INET_COUNT_IP4_REASSEMBLED), 0);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), counted(INET_COUNT_IP4_FRAGMENT_KEPT));
    expect_silence();
}

/* RFC 791: the header of the joined datagram is the first piece's, whichever comes last. */
PEER_TEST(header_of_the_first_piece_is_the_datagrams, peer_run)
{
    static const uint8_t options[4] = {0x94, 4, 0, 0};
    struct ip4_fields first = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP, .id = 9,
                               .tos = 0x10, .fragment = IP4_MF, .options = options,
                               .option_bytes = 4};
    struct ip4_fields last = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP, .id = 9,
                              .tos = 0x80, .fragment = 2};
    struct sent sent;

    fill_pattern(data, 24);
    build_icmp(message, 8, 0, 0x12340001, data, 24);
    for (unsigned order = 0; order < 2; order++) {
        arrive4(order == 0 ? &first : &last, order == 0 ? message : message + 16, 16);
        arrive4(order == 0 ? &last : &first, order == 0 ? message + 16 : message, 16);
        sent = take_ip4(PROTOCOL_ICMP);
        expect_int(sent.bytes[1], 0x10);
        expect_int(sent.length, IP4_BYTES + 32);
        expect_bytes(sent.bytes + 28, data, 24);
    }
    expect_int(counted(INET_COUNT_ICMP_ECHO_ANSWERED), 2);
}

PEER_TEST(datagram_that_stays_incomplete_is_given_up_after_thirty_seconds, peer_run_both)
{
    struct sent sent;

    make_message(MESSAGE_BYTES);
    arrive_piece(1, 0, 400, true);
    arrive_piece(1, 800, 408, false);
    sleep_ns(29 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 0);
    sleep_ns(2 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 2);
    sent = take_ip4(PROTOCOL_ICMP);
    expect_int(get32(sent.bytes + 16), PEER4);
    expect_int(sent.bytes[IP4_BYTES], 11);
    expect_int(sent.bytes[IP4_BYTES + 1], 1);
    expect_int(checksum(0, sent.bytes + IP4_BYTES, sent.length - IP4_BYTES), 0);
    expect_int(sent.length, IP4_BYTES + 8 + 28);
    expect_bytes(sent.bytes + IP4_BYTES + 8 + 20, message, 8);
    expect_silence();
    arrive_piece(1, 400, 400, true);
    expect_silence();
}

/* RFC 792: without the first fragment no time exceeded is sent. */
PEER_TEST(datagram_without_its_first_piece_is_given_up_in_silence, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 800, 408, false);
    sleep_ns(31 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 1);
    expect_silence();
}

PEER_TEST(datagram_to_a_broadcast_is_given_up_in_silence, peer_run)
{
    const struct ip4_fields fields = {
        .from = PEER4, .to = 0x0a0000ff, .protocol = PROTOCOL_UDP, .fragment = IP4_MF};

    make_message(MESSAGE_BYTES);
    arrive4(&fields, message, 400);
    expect_fate(IP4_FRAGMENT_KEPT);
    sleep_ns(31 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 1);
    expect_int(counted(INET_COUNT_ERROR_SUPPRESSED), 1);
    expect_silence();
}

PEER_TEST(only_sixty_four_datagrams_wait_at_a_time, peer_run)
{
    make_message(MESSAGE_BYTES);
    for (uint16_t id = 0; id < 64; id++)
        arrive_piece(id, 800, 408, false);
    expect_fates(IP4_FRAGMENT_KEPT, 64);
    arrive_piece(64, 800, 408, false);
    expect_fate(IP4_FRAGMENT_LIMIT);
    arrive_piece(5, 0, 800, true);
    expect_echo(MESSAGE_BYTES);
    peer_mark();
    arrive_piece(64, 800, 408, false);
    expect_fate(IP4_FRAGMENT_KEPT);
    sleep_ns(31 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 64);
    arrive_piece(65, 800, 408, false);
    expect_fate(IP4_FRAGMENT_KEPT);
}

PEER_TEST(only_five_hundred_and_twelve_pieces_wait_at_a_time, peer_run)
{
    make_message(MESSAGE_BYTES);
    for (unsigned piece = 0; piece < 512; piece++)
        arrive_piece((uint16_t)(piece / 128), 8 + piece % 128 * 8, 8, true);
    expect_fates(IP4_FRAGMENT_KEPT, 512);
    arrive_piece(1, 0, 8, true);
    expect_fate(IP4_FRAGMENT_LIMIT);
}

PEER_TEST(pieces_without_memory_are_lost_and_leave_nothing, peer_run)
{
    make_message(MESSAGE_BYTES);
    world_fault("inet fragment", 1);
    arrive_piece(1, 0, 800, true);
    expect_fate(NO_MEMORY);
    arrive_piece(1, 0, 800, true);
    expect_fate(IP4_FRAGMENT_KEPT);
    world_fault("inet packet", 2);
    arrive_piece(1, 800, 408, false);
    expect_fate(IP4_FRAGMENT_KEPT);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 2);
    expect_silence();
}

PEER_TEST(interface_that_goes_away_takes_its_pieces_along, peer_run)
{
    make_message(MESSAGE_BYTES);
    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet(world.root, "nv1", (const uint8_t *)"\xac\x14\0\1", 16, NULL), 0);
    build_ip4(packet,
              &(struct ip4_fields){.from = 0xac140002, .to = 0xac140001, .protocol = 17,
                                   .fragment = IP4_MF}, message, 400);
    arrive_on(1, packet, 420);
    arrive_piece(1, 0, 400, true);
    expect_fates(IP4_FRAGMENT_KEPT, 2);
    expect_int(inet_wire_destroy(1), 0);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 1);
}

/* --- sending ------------------------------------------------------------------------------------- */

/* Takes the fragments of one datagram of `bytes` behind the header and compares them to `data`. */
static void
expect_fragments(uint8_t protocol, size_t bytes, size_t piece, size_t header)
{
    unsigned id = 0;

    for (size_t at = 0; at < bytes; at += piece) {
        size_t length = bytes - at < piece ? bytes - at : piece;
        struct sent sent = take_ip4(protocol);

        if (at == 0)
            id = get16(sent.bytes + 4);
        expect_int(get16(sent.bytes + 4), id);
        expect_int(sent.length, header + length);
        expect_int(get16(sent.bytes + 6), at / 8 | (at + length < bytes ? IP4_MF : 0));
        memcpy(packet + at, sent.bytes + header, length);
    }
    expect_silence();
    expect_bytes(packet + 8, data, bytes - 8);
}

static int
send_udp(uint32_t to, size_t bytes)
{
    struct ksim_inet_address address = address4(to);

    fill_pattern(data, bytes);
    return ksim_udp_send(world.kernel, &address, 5000, 6000, data, bytes);
}

PEER_TEST(datagram_of_exactly_the_mtu_is_not_cut, peer_run_both)
{
    expect_int(send_udp(PEER4, 1472), 0);
    expect_int(take_ip4(PROTOCOL_UDP).length, 1500);
    expect_int(counted(INET_COUNT_FRAGMENTS_SENT), 0);
    expect_int(send_udp(PEER4, 1473), 0);
    expect_fragments(PROTOCOL_UDP, 1481, 1480, IP4_BYTES);
    expect_int(counted(INET_COUNT_FRAGMENTS_SENT), 2);
    expect_int(counted(INET_COUNT_SENT_UDP), 2);
}

PEER_TEST(largest_datagram_is_cut_at_any_mtu, peer_run_both)
{
    static const unsigned mtus[] = {1500, 576, 1006, 1499, 2000};

    for (unsigned at = 0; at < sizeof(mtus) / sizeof(mtus[0]); at++) {
        inet_wire_set_mtu(0, mtus[at]);
        expect_int(send_udp(PEER4, 65507), 0);
        expect_fragments(PROTOCOL_UDP, 65515, (mtus[at] - IP4_BYTES) / 8 * 8, IP4_BYTES);
    }
    expect_int(send_udp(PEER4, 65508), KSIM_EMSGSIZE);
    expect_int(counted(INET_COUNT_UNSENT_TOO_BIG), 1);
}

PEER_TEST(mtu_below_a_header_and_eight_bytes_sends_nothing, peer_run_both)
{
    inet_wire_set_mtu(0, 28);
    expect_int(send_udp(PEER4, 16), 0);
    expect_fragments(PROTOCOL_UDP, 24, 8, IP4_BYTES);
    for (unsigned mtu = 1; mtu < 28; mtu += 9) {
        inet_wire_set_mtu(0, mtu);
        expect_int(send_udp(PEER4, 16), KSIM_EMSGSIZE);
    }
    expect_silence();
}

PEER_TEST(broadcast_larger_than_the_mtu_is_refused, peer_run)
{
    expect_int(send_udp(0x0a0000ff, 1472), 0);
    expect_int(take_ip4(PROTOCOL_UDP).length, 1500);
    expect_int(send_udp(0x0a0000ff, 1473), KSIM_EMSGSIZE);
    expect_silence();
}

/* The answer keeps the question's "don't fragment". */
PEER_TEST(answer_that_must_not_be_cut_is_too_big, peer_run_both)
{
    struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP,
                                .fragment = IP4_DF};

    fill_pattern(data, 1400);
    build_icmp(message, 8, 0, 1, data, 1400);
    inet_wire_set_mtu(0, 1000);
    arrive4(&fields, message, 1408);
    expect_fate(ICMP_ECHO_ANSWERED);
    expect_int(counted(INET_COUNT_UNSENT_TOO_BIG), 1);
    expect_silence();
    fields.fragment = 0;
    arrive4(&fields, message, 1408);
    expect_fragments(PROTOCOL_ICMP, 1408, 976, IP4_BYTES);
}

PEER_TEST(fragments_that_the_interface_refuses_are_not_counted_as_sent, peer_run_both)
{
    inet_wire_set_output_error(0, KSIM_ENOBUFS);
    expect_int(send_udp(PEER4, 4000), KSIM_ENOBUFS);
    expect_int(counted(INET_COUNT_FRAGMENTS_SENT), 0);
    expect_int(counted(INET_COUNT_SENT_UDP), 0);
    expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), 1);
    expect_int(inet_wire_outputs(0) >= 1, 1);
}

PEER_TEST(sending_without_memory_sends_nothing_and_leaves_nothing, peer_run_both)
{
    static const char *const points[] = {"udp message", "ip datagram", "ip fragment", "inet mbuf"};

    for (unsigned at = 0; at < 4; at++) {
        world_fault(points[at], 1);
        expect_int(send_udp(PEER4, 3000), KSIM_ENOBUFS);
        expect_silence();
        expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), at + 1);
    }
}

int
main(void)
{
    const TTest *const tests[] = {
        three_pieces_in_any_order_make_the_datagram,
        smallest_pieces_make_the_datagram_from_both_ends,
        datagrams_are_told_apart_by_id_protocol_and_addresses,
        exact_copy_and_overlaps_are_refused_alone,
        piece_that_contradicts_the_known_end_is_refused,
        impossible_pieces_are_refused,
        largest_datagram_is_joined,
        datagram_too_long_with_the_first_header_is_given_up,
        header_of_the_first_piece_is_the_datagrams,
        datagram_that_stays_incomplete_is_given_up_after_thirty_seconds,
        datagram_without_its_first_piece_is_given_up_in_silence,
        datagram_to_a_broadcast_is_given_up_in_silence,
        only_sixty_four_datagrams_wait_at_a_time,
        only_five_hundred_and_twelve_pieces_wait_at_a_time,
        pieces_without_memory_are_lost_and_leave_nothing,
        interface_that_goes_away_takes_its_pieces_along,
        datagram_of_exactly_the_mtu_is_not_cut,
        largest_datagram_is_cut_at_any_mtu,
        mtu_below_a_header_and_eight_bytes_sends_nothing,
        broadcast_larger_than_the_mtu_is_refused,
        answer_that_must_not_be_cut_is_too_big,
        fragments_that_the_interface_refuses_are_not_counted_as_sent,
        sending_without_memory_sends_nothing_and_leaves_nothing,
        NULL,
    };

    return suite_main("fragment", tests);
}
