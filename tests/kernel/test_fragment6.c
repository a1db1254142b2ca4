/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fragments of IPv6 (RFC 8200 4.5, RFC 5722, RFC 6946): joined, refused, given up, and sent.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

enum { MESSAGE_BYTES = 1208 };

static uint8_t packet[BUILD_BYTES], message[BUILD_BYTES], data[BUILD_BYTES], joined[BUILD_BYTES];

static void
make_message(size_t bytes)
{
    fill_pattern(data, bytes - 8);
    build_udp(message, pseudo6(peer6, us6, PROTOCOL_UDP, bytes), 5000, 7, data, bytes - 8);
}

/* Bytes [at, at + bytes) of the message behind `front` bytes of headers; returns the packet's length. */
static size_t
arrive_piece(uint32_t id, size_t at, size_t bytes, bool more)
{
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_FRAGMENT};
    uint8_t payload[2048] = {PROTOCOL_UDP};
    size_t length;

    put16(payload + 2, (unsigned)at | more);
    put32(payload + 4, id);
    memcpy(payload + 8, message + at, bytes);
    length = build_ip6(packet, &fields, payload, 8 + bytes);
    arrive(packet, length);
    return length;
}

static void
expect_joined(unsigned kept)
{
    struct sent sent = take_ip6(PROTOCOL_UDP);

    expect_int(counted(INET_COUNT_IP6_FRAGMENT_KEPT), kept);
    expect_int(counted(INET_COUNT_IP6_REASSEMBLED), 1);
    expect_int(counted(INET_COUNT_UDP_ECHOED), 1);
    expect_int(sent.length, IP6_BYTES + MESSAGE_BYTES);
    expect_bytes(sent.bytes + IP6_BYTES + 8, data, MESSAGE_BYTES - 8);
    expect_silence();
    peer_mark();
}

static void
expect_error(unsigned type, unsigned code, uint32_t pointer, size_t quoted)
{
    struct sent sent = take_ip6(PROTOCOL_ICMP6);

    expect_int(sent.bytes[IP6_BYTES], type);
    expect_int(sent.bytes[IP6_BYTES + 1], code);
    expect_int(get32(sent.bytes + IP6_BYTES + 4), pointer);
    expect_int(sent.length, IP6_BYTES + 8 + quoted);
    expect_int(checksum(pseudo6(us6, peer6, PROTOCOL_ICMP6, 8 + quoted), sent.bytes + IP6_BYTES,
                        8 + quoted), 0);
    expect_silence();
}

PEER_TEST(three_pieces_in_any_order_make_the_packet, peer_run_both)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    make_message(MESSAGE_BYTES);
    for (unsigned order = 0; order < 6; order++) {
        for (unsigned step = 0; step < 3; step++) {
            unsigned piece = orders[order][step];

            arrive_piece(order, piece * 480, piece == 2 ? 248 : 480, piece != 2);
        }
        expect_joined(3);
    }
}

/* RFC 6946: a fragment that is the whole packet waits for nothing. */
PEER_TEST(atomic_fragment_is_a_packet_of_its_own, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 0, 400, true);
    arrive_piece(1, 0, MESSAGE_BYTES, false);
    expect_int(counted(INET_COUNT_UDP_ECHOED), 1);
    expect_int(counted(INET_COUNT_IP6_REASSEMBLED), 0);
    forget_sent();
    peer_mark();
    arrive_piece(1, 400, 808, false);
    expect_joined(1);
}

PEER_TEST(headers_in_front_of_the_first_fragment_stay, peer_run_both)
{
    struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_DESTINATION};
    uint8_t payload[1024] = {PROTOCOL_FRAGMENT, 0, 1, 4, 0, 0, 0, 0, PROTOCOL_UDP};

    make_message(MESSAGE_BYTES);
    put16(payload + 10, 1);
    put32(payload + 12, 9);
    memcpy(payload + 16, message, 800);
    arrive6(&fields, payload, 816);
    arrive_piece(9, 800, 408, false);
    expect_joined(2);
}

PEER_TEST(overlap_gives_the_whole_packet_up, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 0, 400, true);
    arrive_piece(1, 400, 400, true);
    expect_fates(IP6_FRAGMENT_KEPT, 2);
    arrive_piece(1, 792, 416, false);
    expect_fate(IP6_FRAGMENT_OVERLAP);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 2);
    arrive_piece(1, 800, 408, false);
    expect_fate(IP6_FRAGMENT_KEPT);
    expect_silence();
}

/* RFC 8200 4.5: the pointer names the payload length, or the offset that leads too far. */
PEER_TEST(impossible_pieces_are_reported, peer_run_both)
{
    size_t length;

    make_message(MESSAGE_BYTES);
    length = arrive_piece(1, 0, 12, true);
    expect_fate(IP6_FRAGMENT_BAD);
    expect_error(4, 0, 4, length);
    length = arrive_piece(1, 65528, 16, false);
    expect_fate(IP6_FRAGMENT_BAD);
    expect_error(4, 0, 42, length);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 0);
}

PEER_TEST(fragment_header_cut_off_is_refused, peer_run_both)
{
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_FRAGMENT};

    make_message(MESSAGE_BYTES);
    arrive6(&fields, message, 7);
    expect_fate(IP6_HEADER_SHORT);
    expect_silence();
}

PEER_TEST(packet_that_stays_incomplete_is_given_up_after_sixty_seconds, peer_run_both)
{
    make_message(MESSAGE_BYTES);
    arrive_piece(1, 0, 400, true);
    arrive_piece(2, 400, 400, true);
    sleep_ns(59 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 0);
    sleep_ns(2 * SECOND_NS);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 2);
    expect_error(3, 1, 0, IP6_BYTES + 8 + 400);
}

/* RFC 4007: the same link-local source on two links is two hosts. */
PEER_TEST(link_local_senders_of_two_links_are_told_apart, peer_run)
{
    static const uint8_t other6[16] = {0xfd, 1, [15] = 1};
    const struct ip6_fields fields = {
        .from = peer_local6, .to = us6, .next = PROTOCOL_FRAGMENT};
    uint8_t payload[2048] = {PROTOCOL_UDP};
    size_t length;

    make_message(MESSAGE_BYTES);
    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet6(world.root, "nv1", other6, 64), 0);
    put16(payload + 2, 1);
    memcpy(payload + 8, message, 800);
    length = build_ip6(packet, &fields, payload, 808);
    arrive_on(0, packet, length);
    put16(payload + 2, 800);
    memcpy(payload + 8, message + 800, 408);
    length = build_ip6(packet, &fields, payload, 416);
    arrive_on(1, packet, length);
    expect_fates(IP6_FRAGMENT_KEPT, 2);
    expect_int(inet_wire_destroy(1), 0);
    expect_int(counted(INET_COUNT_FRAGMENTS_EXPIRED), 1);
}

PEER_TEST(limits_and_memory_are_counted, peer_run_point_to_point)
{
    make_message(MESSAGE_BYTES);
    for (uint32_t id = 0; id < 64; id++)
        arrive_piece(id, 8, 8, true);
    expect_fates(IP6_FRAGMENT_KEPT, 64);
    arrive_piece(64, 8, 8, true);
    expect_fate(IP6_FRAGMENT_LIMIT);
    world_fault("inet fragment", 1);
    arrive_piece(5, 16, 8, true);
    expect_fate(NO_MEMORY);
    expect_silence();
}

/* --- sending ------------------------------------------------------------------------------------- */

static int
send_udp(size_t bytes)
{
    struct ksim_inet_address to = address6(peer6, 0);

    fill_pattern(data, bytes);
    return ksim_udp_send(world.kernel, &to, 5000, 6000, data, bytes);
}

static void
expect_fragments(size_t bytes, size_t piece)
{
    uint32_t id = 0;

    for (size_t at = 0; at < bytes; at += piece) {
        size_t length = bytes - at < piece ? bytes - at : piece;
        struct sent sent = take_ip6(PROTOCOL_FRAGMENT);
        const uint8_t *fragment = sent.bytes + IP6_BYTES;

        if (at == 0)
            id = get32(fragment + 4);
        expect_int(sent.length, IP6_BYTES + 8 + length);
        expect_int(fragment[0], PROTOCOL_UDP);
        expect_int(fragment[1], 0);
        expect_int(get16(fragment + 2), at | (at + length < bytes));
        expect_int(get32(fragment + 4), id);
        memcpy(joined + at, fragment + 8, length);
    }
    expect_silence();
    expect_int(checksum(pseudo6(us6, peer6, PROTOCOL_UDP, bytes), joined, bytes), 0);
    expect_bytes(joined + 8, data, bytes - 8);
}

PEER_TEST(packet_of_exactly_the_mtu_is_not_cut_and_a_larger_one_is, peer_run_both)
{
    expect_int(send_udp(1452), 0);
    expect_int(take_ip6(PROTOCOL_UDP).length, 1500);
    expect_int(send_udp(1453), 0);
    expect_fragments(1461, 1448);
    expect_int(counted(INET_COUNT_FRAGMENTS_SENT), 2);
    inet_wire_set_mtu(0, 1280);
    expect_int(send_udp(65000), 0);
    expect_fragments(65008, 1232);
}

PEER_TEST(packet_that_no_fragment_can_carry_is_too_big, peer_run_both)
{
    expect_int(send_udp(65528), KSIM_EMSGSIZE);
    inet_wire_set_mtu(0, 55);
    expect_int(send_udp(100), KSIM_EMSGSIZE);
    expect_int(counted(INET_COUNT_UNSENT_TOO_BIG), 2);
    inet_wire_set_mtu(0, 56);
    expect_int(send_udp(16), 0);
    expect_fragments(24, 8);
}

PEER_TEST(sending_without_memory_sends_nothing, peer_run_both)
{
    static const char *const points[] = {"udp message", "ip6 datagram", "ip6 fragment",
                                         "inet mbuf"};

    for (unsigned at = 0; at < 4; at++) {
        world_fault(points[at], 1);
        expect_int(send_udp(3000), KSIM_ENOBUFS);
        expect_silence();
    }
    expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), 4);
    expect_int(counted(INET_COUNT_FRAGMENTS_SENT), 0);
}

int
main(void)
{
    const TTest *const tests[] = {
        three_pieces_in_any_order_make_the_packet,
        atomic_fragment_is_a_packet_of_its_own,
        headers_in_front_of_the_first_fragment_stay,
        overlap_gives_the_whole_packet_up,
        impossible_pieces_are_reported,
        fragment_header_cut_off_is_refused,
        packet_that_stays_incomplete_is_given_up_after_sixty_seconds,
        link_local_senders_of_two_links_are_told_apart,
        limits_and_memory_are_counted,
        packet_of_exactly_the_mtu_is_not_cut_and_a_larger_one_is,
        packet_that_no_fragment_can_carry_is_too_big,
        sending_without_memory_sends_nothing,
        NULL,
    };

    return suite_main("fragment6", tests);
}
