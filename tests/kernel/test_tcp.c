/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * TCP with every port closed (RFC 793 3.4 and 3.9, state CLOSED), over both versions.
 */

#include "inet_peer.h"

#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

static uint8_t message[512];

static void
arrive_message(unsigned version, size_t length)
{
    const struct ip4_fields fields4 = {.from = PEER4, .to = US4, .protocol = PROTOCOL_TCP};
    const struct ip6_fields fields6 = {.from = peer6, .to = us6, .next = PROTOCOL_TCP};

    if (version == 4)
        arrive4(&fields4, message, length);
    else
        arrive6(&fields6, message, length);
}

static uint32_t
pseudo(unsigned version, size_t length)
{
    return version == 4 ? pseudo4(PEER4, US4, PROTOCOL_TCP, length)
                        : pseudo6(peer6, us6, PROTOCOL_TCP, length);
}

static void
arrive_segment(unsigned version, uint32_t sequence, uint32_t acknowledge, unsigned flags,
               size_t bytes)
{
    uint8_t data[256];

    fill_pattern(data, bytes);
    arrive_message(version, build_tcp(message, pseudo(version, 20 + bytes), 4000, 80, sequence,
                                      acknowledge, flags, data, bytes));
}

static void
expect_reset(unsigned version, uint32_t sequence, uint32_t acknowledge, unsigned flags)
{
    struct sent sent = version == 4 ? take_ip4(PROTOCOL_TCP) : take_ip6(PROTOCOL_TCP);
    const size_t header = version == 4 ? IP4_BYTES : IP6_BYTES;
    const uint8_t *tcp = sent.bytes + header;
    uint32_t sum = version == 4 ? pseudo4(US4, PEER4, PROTOCOL_TCP, 20)
                                : pseudo6(us6, peer6, PROTOCOL_TCP, 20);

    expect_int(sent.length, header + 20);
    expect_int(get16(tcp), 80);
    expect_int(get16(tcp + 2), 4000);
    expect_int(get32(tcp + 4), sequence);
    expect_int(get32(tcp + 8), acknowledge);
    expect_int(tcp[12], 0x50);
    expect_int(tcp[13], flags);
    expect_int(checksum(sum, tcp, 20), 0);
    expect_silence();
}

PEER_TEST(syn_is_refused_with_an_acknowledgement_of_one_more, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        arrive_segment(version, 1000, 0, SYN, 0);
        expect_fate(TCP_REFUSED);
        expect_reset(version, 0, 1001, RST | ACK);
        arrive_segment(version, 0xffffffff, 0, SYN, 0);
        expect_fate(TCP_REFUSED);
        expect_reset(version, 0, 0, RST | ACK);
    }
    expect_int(counted(INET_COUNT_SENT_TCP_RESET), 4);
}

PEER_TEST(data_and_fin_without_ack_take_their_sequence_numbers, peer_run_both)
{
    static const struct {
        unsigned flags;
        size_t bytes;
        uint32_t taken;
    } cases[] = {{0, 0, 0},         {0, 10, 10},       {FIN, 0, 1},        {FIN, 10, 11},
                 {SYN | FIN, 5, 7}, {PSH | URG, 3, 3}, {SYN, 100, 101}};

    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        arrive_segment(4, 5000, 77, cases[at].flags, cases[at].bytes);
        expect_fate(TCP_REFUSED);
        expect_reset(4, 0, 5000 + cases[at].taken, RST | ACK);
    }
}

PEER_TEST(segment_with_ack_is_reset_at_the_sequence_it_acknowledges, peer_run_both)
{
    static const unsigned flags[] = {ACK, SYN | ACK, FIN | ACK, PSH | ACK};

    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t at = 0; at < 4; at++) {
            arrive_segment(version, 5000, 0xfedcba98, flags[at], 20);
            expect_fate(TCP_REFUSED);
            expect_reset(version, 0xfedcba98, 0, RST);
        }
    }
}

PEER_TEST(reset_is_never_answered, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        for (unsigned flags = 0; flags < 64; flags++) {
            if ((flags & RST) == 0)
                continue;
            arrive_segment(version, 1, 2, flags, 0);
            expect_fate(TCP_RESET);
        }
    }
    expect_silence();
}

PEER_TEST(options_are_no_data, peer_run_both)
{
    uint8_t options[4] = {2, 4, 5, 0xb4};
    size_t length = build_tcp(message, 0, 4000, 80, 1000, 0, SYN, options, 4);

    message[12] = 6 << 4;
    put16(message + 16, 0);
    put16(message + 16, checksum(pseudo(4, length), message, length));
    arrive_message(4, length);
    expect_fate(TCP_REFUSED);
    expect_reset(4, 0, 1001, RST | ACK);
}

PEER_TEST(short_segments_and_bad_offsets_are_refused_in_silence, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        size_t length = build_tcp(message, pseudo(version, 20), 4000, 80, 1, 0, SYN, NULL, 0);

        for (size_t kept = version == 4 ? 0 : 1; kept < 20; kept++) {
            arrive_message(version, kept);
            expect_fate(TCP_SHORT);
        }
        for (unsigned words = 0; words < 16; words++) {
            if (words == 5)
                continue;
            message[12] = (uint8_t)(words << 4);
            put16(message + 16, 0);
            put16(message + 16, checksum(pseudo(version, length), message, length));
            arrive_message(version, length);
            expect_fate(TCP_SHORT);
        }
    }
    expect_silence();
}

PEER_TEST(each_wrong_bit_of_a_segment_is_seen, peer_run_point_to_point)
{
    size_t length = build_tcp(message, pseudo(4, 23), 4000, 80, 1, 0, SYN, "abc", 3);

    for (size_t bit = 0; bit < 8 * length; bit++) {
        if (bit / 8 == 12)
            continue; /* the offset has its own test */
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arrive_message(4, length);
        expect_fate(TCP_BAD_CHECKSUM);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_silence();
}

PEER_TEST(segment_to_a_group_is_ignored, peer_run)
{
    const struct ip4_fields fields = {.from = PEER4, .to = 0x0a0000ff, .protocol = PROTOCOL_TCP};
    const struct ip6_fields fields6 = {.from = peer6, .to = all_nodes6, .next = PROTOCOL_TCP};

    arrive4(&fields, message,
            build_tcp(message, pseudo4(PEER4, 0x0a0000ff, PROTOCOL_TCP, 20), 4000, 80, 1, 0, SYN,
                      NULL, 0));
    expect_fate(TCP_GROUP);
    arrive6(&fields6, message,
            build_tcp(message, pseudo6(peer6, all_nodes6, PROTOCOL_TCP, 20), 4000, 80, 1, 0, SYN,
                      NULL, 0));
    expect_fate(TCP_GROUP);
    expect_silence();
}

int
main(void)
{
    const TTest *const tests[] = {
        syn_is_refused_with_an_acknowledgement_of_one_more,
        data_and_fin_without_ack_take_their_sequence_numbers,
        segment_with_ack_is_reset_at_the_sequence_it_acknowledges,
        reset_is_never_answered,
        options_are_no_data,
        short_segments_and_bad_offsets_are_refused_in_silence,
        each_wrong_bit_of_a_segment_is_seen,
        segment_to_a_group_is_ignored,
        NULL,
    };

    return suite_main("tcp", tests);
}
