/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ICMPv6 (RFC 4443): echo of both directions and what is not answered. Errors are in test_ip6, neighbour
 * discovery and MLD in their own suites.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static uint8_t message[BUILD_BYTES], data[BUILD_BYTES];

PEER_TEST(echo_of_any_size_comes_back, peer_run_both)
{
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_ICMP6};

    for (size_t bytes = 0; bytes <= 1452; bytes += bytes < 32 ? 1 : 355) {
        struct sent sent;

        fill_pattern(data, bytes);
        arrive6(&fields, message, build_icmp6(message, &fields, 128, 0, 0x1234, data, bytes));
        expect_fate(ICMP6_ECHO_ANSWERED);
        sent = take_ip6(PROTOCOL_ICMP6);
        expect_int(sent.length, IP6_BYTES + 8 + bytes);
        expect_int(get16(sent.bytes + IP6_BYTES), 129 << 8);
        expect_int(get32(sent.bytes + IP6_BYTES + 4), 0x1234);
        expect_bytes(sent.bytes + IP6_BYTES + 8, data, bytes);
        expect_int(checksum(pseudo6(us6, peer6, 58, 8 + bytes), sent.bytes + IP6_BYTES, 8 + bytes),
                   0);
    }
}

PEER_TEST(echo_to_a_group_is_answered_from_our_address, peer_run)
{
    const struct ip6_fields fields = {.from = peer6, .to = all_nodes6, .next = PROTOCOL_ICMP6};

    arrive6(&fields, message, build_icmp6(message, &fields, 128, 0, 1, NULL, 0));
    expect_fate(ICMP6_ECHO_ANSWERED);
    expect_bytes(take_ip6(PROTOCOL_ICMP6).bytes + 8, us6, 16);
}

PEER_TEST(icmpv6_messages_that_are_not_answered_are_counted, peer_run_both)
{
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_ICMP6};
    size_t length = build_icmp6(message, &fields, 128, 0, 1, "abcd", 4);

    for (size_t kept = 1; kept < 4; kept++) {
        arrive6(&fields, message, kept);
        expect_fate(ICMP6_SHORT);
    }
    for (size_t bit = 0; bit < 8 * length; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arrive6(&fields, message, length);
        expect_fate(ICMP6_BAD_CHECKSUM);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (unsigned type = 1; type < 5; type++) {
        arrive6(&fields, message, build_icmp6(message, &fields, type, 0, 0, data, 48));
        expect_fate(ICMP6_ERROR);
    }
    arrive6(&fields, message, build_icmp6(message, &fields, 200, 0, 0, NULL, 0));
    expect_fate(ICMP6_OTHER);
    build_icmp6(message, &fields, 128, 0, 0, NULL, 0);
    put16(message + 2, 0);
    put16(message + 2, checksum(pseudo6(peer6, us6, PROTOCOL_ICMP6, 6), message, 6));
    arrive6(&fields, message, 6);
    expect_fate(ICMP6_SHORT);
    expect_silence();
}

/* --- ping of our own ----------------------------------------------------------------------------- */

static struct {
    unsigned count;
    struct ksim_inet_address from;
    unsigned identifier, sequence, hop_limit;
    size_t bytes;
} heard;

static void
hear(void *context, const struct ksim_inet_address *from, uint16_t identifier, uint16_t sequence,
     const uint8_t *payload, size_t bytes, uint8_t hop_limit)
{
    expect(context == &heard);
    heard.count++;
    heard.from = *from;
    heard.identifier = identifier;
    heard.sequence = sequence;
    heard.hop_limit = hop_limit;
    heard.bytes = bytes;
    expect_bytes(payload, data, bytes);
}

static int
ping(const uint8_t *to, unsigned interface_index, size_t bytes)
{
    struct ksim_inet_address address = address6(to, interface_index);

    fill_pattern(data, bytes);
    return ksim_echo_send(world.kernel, &address, 0x77, 9, data, bytes);
}

PEER_TEST(echo_request_is_sent_and_its_reply_heard, peer_run_both)
{
    const struct ip6_fields fields = {
        .from = peer6, .to = us6, .next = PROTOCOL_ICMP6, .hop_limit = 33};
    struct sent sent;
    const uint8_t *echo;

    memset(&heard, 0, sizeof(heard));
    ksim_echo_listen(world.kernel, hear, &heard);
    expect_int(ping(peer6, 0, 100), 0);
    sent = take_ip6(PROTOCOL_ICMP6);
    echo = sent.bytes + IP6_BYTES;
    expect_int(get16(echo), 128 << 8);
    expect_int(get32(echo + 4), 0x00770009);
    expect_int(checksum(pseudo6(us6, peer6, PROTOCOL_ICMP6, 108), echo, 108), 0);
    expect_bytes(echo + 8, data, 100);
    arrive6(&fields, message, build_icmp6(message, &fields, 129, 0, 0x00770009, data, 100));
    expect_fate(ICMP6_ECHO_REPLY);
    expect_int(heard.count, 1);
    expect_bytes(heard.from.bytes, peer6, 16);
    expect_int(heard.identifier, 0x77);
    expect_int(heard.sequence, 9);
    expect_int(heard.bytes, 100);
    expect_int(heard.hop_limit, 33);
    ksim_echo_listen(world.kernel, NULL, NULL);
    arrive6(&fields, message, build_icmp6(message, &fields, 129, 0, 0x00770009, data, 100));
    expect_fate(ICMP6_ECHO_REPLY);
    expect_int(heard.count, 1);
    expect_int(counted(INET_COUNT_SENT_ICMP6_ECHO), 1);
}

PEER_TEST(echo_to_our_own_address_stays_inside, peer_run_both)
{
    memset(&heard, 0, sizeof(heard));
    ksim_echo_listen(world.kernel, hear, &heard);
    expect_int(ping(us6, 0, 60000), 0);
    settle();
    expect_int(heard.count, 1);
    expect_int(heard.bytes, 60000);
    expect_silence();
    ksim_echo_listen(world.kernel, NULL, NULL);
}

PEER_TEST(echo_that_cannot_be_sent_says_why, peer_run_both)
{
    static const uint8_t far6[16] = {0x20, 1, [15] = 1};

    expect_int(ping(far6, 0, 4), KSIM_EHOSTUNREACH);
    expect_int(ping(peer6, 77, 4), KSIM_ENXIO);
    expect_int(ping(peer6, 0, 65528), KSIM_EMSGSIZE);
    expect_int(ping(all_nodes6, 1, 4), KSIM_EADDRNOTAVAIL); /* lo0 has no address */
    world_fault("ip6 datagram", 1);
    expect_int(ping(peer6, 0, 4), KSIM_ENOBUFS);
    expect_silence();
}

PEER_TEST(echo_without_memory_for_the_answer_is_lost, peer_run_both)
{
    world_fault("icmp6 message", 1);
    arrive_ping6(1);
    expect_fate(NO_MEMORY);
    expect_silence();
    arrive_ping6(2);
    expect_fate(ICMP6_ECHO_ANSWERED);
}

/* RFC 6724 in small: the source shares the scope, then the longest prefix, with the destination. */
PEER_TEST(answer_to_a_group_has_the_source_that_suits_its_sender, peer_run)
{
    const struct ip6_fields from_far = {
        .from = peer6, .to = all_nodes6, .next = PROTOCOL_ICMP6};
    const struct ip6_fields from_link = {
        .from = peer_local6, .to = all_nodes6, .next = PROTOCOL_ICMP6};
    struct sent sent;

    arrive6(&from_far, message, build_icmp6(message, &from_far, 128, 0, 1, NULL, 0));
    expect_bytes(take_ip6(PROTOCOL_ICMP6).bytes + 8, us6, 16);
    arrive6(&from_link, message, build_icmp6(message, &from_link, 128, 0, 1, NULL, 0));
    sent = take_ip6(PROTOCOL_ICMP6); /* the question who has the link-local address */
    expect_bytes(sent.bytes + 8, local6, 16);
    expect_int(sent.bytes[IP6_BYTES], 135);
}

int
main(void)
{
    const TTest *const tests[] = {
        echo_of_any_size_comes_back,
        echo_to_a_group_is_answered_from_our_address,
        icmpv6_messages_that_are_not_answered_are_counted,
        echo_request_is_sent_and_its_reply_heard,
        echo_to_our_own_address_stays_inside,
        echo_that_cannot_be_sent_says_why,
        echo_without_memory_for_the_answer_is_lost,
        answer_to_a_group_has_the_source_that_suits_its_sender,
        NULL,
    };

    return suite_main("icmp6", tests);
}
