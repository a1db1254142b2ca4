/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ICMP (RFC 792, RFC 1122 3.2.2): echo, errors about what cannot be delivered, and the packets about which
 * no error may be sent.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const struct ip4_fields from_peer = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP};
static uint8_t message[BUILD_BYTES], data[BUILD_BYTES];

static void
arrive_echo(const struct ip4_fields *fields, size_t bytes)
{
    fill_pattern(data, bytes);
    arrive4(fields, message, build_icmp(message, 8, 0, 0x12345678, data, bytes));
}

static void
expect_reply(uint32_t source, size_t bytes)
{
    struct sent sent = take_ip4(PROTOCOL_ICMP);
    const uint8_t *reply = sent.bytes + IP4_BYTES;

    expect_int(get32(sent.bytes + 12), source);
    expect_int(get32(sent.bytes + 16), PEER4);
    expect_int(sent.length, IP4_BYTES + 8 + bytes);
    expect_int(get16(reply), 0);
    expect_int(get32(reply + 4), 0x12345678);
    expect_int(checksum(0, reply, 8 + bytes), 0);
    expect_bytes(reply + 8, data, bytes);
    expect_silence();
}

PEER_TEST(echo_of_any_size_comes_back_with_its_data, peer_run_both)
{
    for (size_t bytes = 0; bytes <= 1472; bytes += bytes < 64 ? 1 : 128) {
        arrive_echo(&from_peer, bytes);
        expect_fate(ICMP_ECHO_ANSWERED);
        expect_reply(US4, bytes);
    }
    expect_int(counted(INET_COUNT_SENT_ICMP_ECHO_REPLY), counted(INET_COUNT_ICMP_ECHO_ANSWERED));
}

PEER_TEST(echo_keeps_the_type_of_service_and_starts_a_new_time_to_live, peer_run_both)
{
    struct ip4_fields fields = from_peer;
    struct sent sent;

    fields.tos = 0xb8;
    fields.ttl = 3;
    fields.fragment = IP4_DF;
    arrive_echo(&fields, 4);
    sent = take_ip4(PROTOCOL_ICMP);
    expect_int(sent.bytes[1], 0xb8);
    expect_int(sent.bytes[8], 64);
    expect_int(get16(sent.bytes + 6), IP4_DF);
}

/* xnu: net.inet.icmp.bmcastecho is on; the answer comes from an address of the interface. */
PEER_TEST(echo_to_a_broadcast_or_joined_group_is_answered_from_our_address, peer_run)
{
    static const uint32_t groups[] = {0xffffffff, 0x0a0000ff, 0xe0000001};

    for (size_t at = 0; at < 3; at++) {
        struct ip4_fields fields = from_peer;

        fields.to = groups[at];
        arrive_echo(&fields, 10);
        expect_fate(ICMP_ECHO_ANSWERED);
        expect_reply(US4, 10);
    }
}

PEER_TEST(echo_to_an_alias_is_answered_from_the_alias, peer_run)
{
    struct ip4_fields fields = from_peer;

    expect_int(ifconfig_inet(world.root, "nv0", (const uint8_t *)"\xac\x14\0\1", 16, NULL), 0);
    forget_sent();
    fields.to = 0xac140001;
    arrive_echo(&fields, 10);
    expect_reply(0xac140001, 10);
}

PEER_TEST(echo_from_where_no_route_leads_is_not_answered, peer_run_both)
{
    struct ip4_fields fields = from_peer;

    fields.from = FAR4;
    arrive_echo(&fields, 10);
    expect_fate(ICMP_ECHO_ANSWERED);
    expect_int(counted(INET_COUNT_UNSENT_NO_ROUTE), 1);
    expect_int(counted(INET_COUNT_SENT_ICMP_ECHO_REPLY), 0);
    expect_silence();
}

PEER_TEST(each_wrong_bit_of_a_message_is_seen_by_its_checksum, peer_run_point_to_point)
{
    size_t length = build_icmp(message, 8, 0, 1, "abcdefgh", 8);

    for (size_t bit = 0; bit < 8 * length; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arrive4(&from_peer, message, length);
        expect_fate(ICMP_BAD_CHECKSUM);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_silence();
}

PEER_TEST(message_shorter_than_eight_bytes_is_short, peer_run_both)
{
    build_icmp(message, 8, 0, 1, NULL, 0);
    for (size_t length = 0; length < 8; length++) {
        arrive4(&from_peer, message, length);
        expect_fate(ICMP_SHORT);
    }
    expect_silence();
}

PEER_TEST(errors_are_counted_and_never_answered, peer_run_both)
{
    static const unsigned errors[] = {3, 4, 5, 11, 12};

    fill_pattern(data, 28);
    for (size_t at = 0; at < 5; at++) {
        arrive4(&from_peer, message, build_icmp(message, errors[at], 1, 0, data, 28));
        expect_fate(ICMP_ERROR);
    }
    expect_silence();
}

PEER_TEST(other_types_are_counted_and_never_answered, peer_run_both)
{
    static const unsigned others[] = {1, 9, 10, 13, 14, 15, 16, 17, 18, 42, 255};

    for (size_t at = 0; at < sizeof(others) / sizeof(others[0]); at++) {
        arrive4(&from_peer, message, build_icmp(message, others[at], 0, 0, data, 12));
        expect_fate(ICMP_OTHER);
    }
    expect_silence();
}

/* --- errors that we send ------------------------------------------------------------------------- */

static size_t
build_closed_port(uint8_t *out, const struct ip4_fields *fields, size_t bytes)
{
    uint8_t udp[512];

    fill_pattern(data, bytes);
    return build_ip4(out, fields, udp,
                     build_udp(udp, pseudo4(fields->from, fields->to, PROTOCOL_UDP, 8 + bytes),
                               5000, 4444, data, bytes));
}

PEER_TEST(closed_port_is_reported_with_header_and_eight_bytes, peer_run_both)
{
    const struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP, .id = 3};
    uint8_t packet[600];
    struct sent sent;
    const uint8_t *error;

    arrive(packet, build_closed_port(packet, &fields, 100));
    expect_fate(UDP_PORT_CLOSED);
    sent = take_ip4(PROTOCOL_ICMP);
    error = sent.bytes + IP4_BYTES;
    expect_int(get32(sent.bytes + 12), US4);
    expect_int(get32(sent.bytes + 16), PEER4);
    expect_int(get16(error), 0x0303);
    expect_int(get32(error + 4), 0);
    expect_int(checksum(0, error, sent.length - IP4_BYTES), 0);
    expect_int(sent.length, IP4_BYTES + 8 + 28);
    expect_bytes(error + 8, packet, 28);
    expect_int(counted(INET_COUNT_SENT_ICMP_ERROR), 1);
    expect_silence();
}

PEER_TEST(packet_with_less_than_eight_bytes_is_quoted_as_far_as_it_goes, peer_run_both)
{
    const struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = 200};
    struct sent sent;

    arrive4(&fields, "abc", 3);
    expect_fate(IP4_PROTOCOL_UNKNOWN);
    sent = take_ip4(PROTOCOL_ICMP);
    expect_int(sent.length, IP4_BYTES + 8 + 23);
    expect_bytes(sent.bytes + IP4_BYTES + 28, "abc", 3);
}

/* RFC 1122 3.2.2: no error about an error, a group or broadcast, a later fragment, or to nobody. */
PEER_TEST(packets_about_which_no_error_may_be_sent, peer_run)
{
    static const uint8_t bad_option[4] = {7, 1, 0, 0};
    struct ip4_fields fields = from_peer;
    uint8_t packet[600];

    fields.options = bad_option;
    fields.option_bytes = 4;
    arrive4(&fields, message, build_icmp(message, 3, 1, 0, data, 28)); /* about an error */
    expect_fate(IP4_BAD_OPTION);
    fields.protocol = PROTOCOL_UDP;
    fields.fragment = 10; /* about a fragment that is not the first */
    arrive4(&fields, data, 40);
    expect_fate(IP4_BAD_OPTION);
    fields.fragment = 0;
    fields.from = 0; /* to nobody */
    arrive4(&fields, data, 40);
    expect_fate(IP4_BAD_OPTION);
    fields.from = PEER4;
    fields.to = 0x0a0000ff; /* about a broadcast */
    arrive4(&fields, data, 40);
    expect_fate(IP4_BAD_OPTION);
    expect_int(counted(INET_COUNT_ERROR_SUPPRESSED), 4);
    fields.option_bytes = 0;
    fields.to = 0xe0000001; /* a group: not even tried */
    arrive(packet, build_closed_port(packet, &fields, 10));
    expect_fate(UDP_PORT_CLOSED_GROUP);
    expect_silence();
}

PEER_TEST(echo_that_is_malformed_is_reported, peer_run_both)
{
    static const uint8_t bad_option[4] = {7, 1, 0, 0};
    struct ip4_fields fields = from_peer;

    fields.options = bad_option;
    fields.option_bytes = 4;
    arrive_echo(&fields, 4);
    expect_fate(IP4_BAD_OPTION);
    expect_int(take_ip4(PROTOCOL_ICMP).bytes[IP4_BYTES], 12);
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

PEER_TEST(echo_request_is_sent_and_its_reply_heard, peer_run_both)
{
    struct ksim_inet_address to = address4(PEER4);
    struct ip4_fields fields = from_peer;
    struct sent sent;

    memset(&heard, 0, sizeof(heard));
    ksim_echo_listen(world.kernel, hear, &heard);
    fill_pattern(data, 100);
    expect_int(ksim_echo_send(world.kernel, &to, 0x77, 9, data, 100), 0);
    sent = take_ip4(PROTOCOL_ICMP);
    expect_int(get16(sent.bytes + IP4_BYTES), 0x0800);
    expect_int(get32(sent.bytes + IP4_BYTES + 4), 0x00770009);
    expect_int(checksum(0, sent.bytes + IP4_BYTES, 108), 0);
    expect_bytes(sent.bytes + IP4_BYTES + 8, data, 100);
    fields.ttl = 33;
    arrive4(&fields, message, build_icmp(message, 0, 0, 0x00770009, data, 100));
    expect_fate(ICMP_ECHO_REPLY);
    expect_int(heard.count, 1);
    expect_int(get32(heard.from.bytes), PEER4);
    expect_int(heard.identifier, 0x77);
    expect_int(heard.sequence, 9);
    expect_int(heard.bytes, 100);
    expect_int(heard.hop_limit, 33);
    ksim_echo_listen(world.kernel, NULL, NULL);
    arrive4(&fields, message, build_icmp(message, 0, 0, 0x00770009, data, 100));
    expect_fate(ICMP_ECHO_REPLY);
    expect_int(heard.count, 1);
}

PEER_TEST(echo_to_our_own_address_stays_inside, peer_run)
{
    struct ksim_inet_address to = address4(US4);

    memset(&heard, 0, sizeof(heard));
    ksim_echo_listen(world.kernel, hear, &heard);
    fill_pattern(data, 60000);
    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 60000), 0);
    settle();
    expect_int(heard.count, 1);
    expect_int(heard.bytes, 60000);
    expect_int(counted(INET_COUNT_LOOPED), 2);
    expect_silence();
    ksim_echo_listen(world.kernel, NULL, NULL);
}

PEER_TEST(echo_that_cannot_be_sent_says_why, peer_run_both)
{
    struct ksim_inet_address to = address4(FAR4);

    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 10), KSIM_EHOSTUNREACH);
    to = address4(0);
    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 10), KSIM_EHOSTUNREACH);
    to = address4(PEER4);
    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 65536), KSIM_EMSGSIZE);
    to.interface_index = 77;
    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 10), KSIM_ENXIO);
    to.interface_index = 0;
    world_fault("echo message", 1);
    expect_int(ksim_echo_send(world.kernel, &to, 1, 1, data, 10), KSIM_ENOBUFS);
    expect_silence();
}

PEER_TEST(echo_without_memory_for_the_answer_is_lost, peer_run_both)
{
    world_fault("icmp message", 1);
    arrive_echo(&from_peer, 10);
    expect_fate(NO_MEMORY);
    world_fault("ip datagram", 1);
    arrive_echo(&from_peer, 10);
    expect_fate(ICMP_ECHO_ANSWERED);
    expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), 1);
    expect_silence();
}

int
main(void)
{
    const TTest *const tests[] = {
        echo_of_any_size_comes_back_with_its_data,
        echo_keeps_the_type_of_service_and_starts_a_new_time_to_live,
        echo_to_a_broadcast_or_joined_group_is_answered_from_our_address,
        echo_to_an_alias_is_answered_from_the_alias,
        echo_from_where_no_route_leads_is_not_answered,
        each_wrong_bit_of_a_message_is_seen_by_its_checksum,
        message_shorter_than_eight_bytes_is_short,
        errors_are_counted_and_never_answered,
        other_types_are_counted_and_never_answered,
        closed_port_is_reported_with_header_and_eight_bytes,
        packet_with_less_than_eight_bytes_is_quoted_as_far_as_it_goes,
        packets_about_which_no_error_may_be_sent,
        echo_that_is_malformed_is_reported,
        echo_request_is_sent_and_its_reply_heard,
        echo_to_our_own_address_stays_inside,
        echo_that_cannot_be_sent_says_why,
        echo_without_memory_for_the_answer_is_lost,
        NULL,
    };

    return suite_main("icmp", tests);
}
