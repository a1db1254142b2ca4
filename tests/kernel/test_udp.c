/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * UDP over both versions (RFC 768, RFC 8200 8.1, RFC 1122 4.1) with the echo service of RFC 862 on port 7.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static uint8_t message[BUILD_BYTES], data[BUILD_BYTES];

static struct {
    unsigned count;
    struct ksim_inet_address from;
    unsigned from_port;
    size_t bytes;
    uint8_t payload[64];
} heard;

static void
hear(void *context, const struct ksim_inet_address *from, uint16_t from_port,
     const uint8_t *payload, size_t bytes)
{
    expect(context == &heard);
    heard.count++;
    heard.from = *from;
    heard.from_port = from_port;
    heard.bytes = bytes;
    memcpy(heard.payload, payload, bytes < 64 ? bytes : 64);
}

static void
listen_on(uint16_t port)
{
    memset(&heard, 0, sizeof(heard));
    expect_int(ksim_udp_listen(world.kernel, port, hear, &heard), 0);
}

/* A datagram from the peer by IPv4 (version 4) or IPv6, to `to_port`, checksummed right. */
static size_t
build(unsigned version, uint16_t from_port, uint16_t to_port, size_t bytes)
{
    const uint32_t sum = version == 4 ? pseudo4(PEER4, US4, PROTOCOL_UDP, 8 + bytes)
                                      : pseudo6(peer6, us6, PROTOCOL_UDP, 8 + bytes);

    fill_pattern(data, bytes);
    return build_udp(message, sum, from_port, to_port, data, bytes);
}

static void
arrive_message(unsigned version, size_t length)
{
    const struct ip4_fields fields4 = {.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP};
    const struct ip6_fields fields6 = {.from = peer6, .to = us6, .next = PROTOCOL_UDP};

    if (version == 4)
        arrive4(&fields4, message, length);
    else
        arrive6(&fields6, message, length);
}

/* The UDP header of the next packet sent. */
static const uint8_t *
take_udp(unsigned version, size_t bytes)
{
    struct sent sent = version == 4 ? take_ip4(PROTOCOL_UDP) : take_ip6(PROTOCOL_UDP);
    const size_t header = version == 4 ? IP4_BYTES : IP6_BYTES;
    const uint8_t *udp = sent.bytes + header;
    uint32_t sum = version == 4 ? pseudo4(get32(sent.bytes + 12), get32(sent.bytes + 16),
                                          PROTOCOL_UDP, 8 + bytes)
                                : pseudo6(sent.bytes + 8, sent.bytes + 24, PROTOCOL_UDP, 8 + bytes);

    expect_int(sent.length, header + 8 + bytes);
    expect_int(get16(udp + 4), 8 + bytes);
    expect(get16(udp + 6) != 0);
    expect_int(checksum(sum, udp, 8 + bytes), 0);
    return udp;
}

static void
expect_echo(unsigned version, size_t bytes)
{
    const uint8_t *udp = take_udp(version, bytes);

    expect_int(get16(udp), 7);
    expect_int(get16(udp + 2), 5000);
    expect_bytes(udp + 8, data, bytes);
    expect_silence();
}

PEER_TEST(echo_service_returns_any_payload, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t bytes = 0; bytes < 1440; bytes += bytes < 20 ? 1 : 355) {
            arrive_message(version, build(version, 5000, 7, bytes));
            expect_fate(UDP_ECHOED);
            expect_echo(version, bytes);
        }
    }
}

PEER_TEST(listener_hears_payload_and_sender, peer_run_both)
{
    listen_on(99);
    arrive_message(4, build(4, 1234, 99, 40));
    expect_fate(UDP_DELIVERED);
    expect_int(heard.count, 1);
    expect_int(heard.from.family, 4);
    expect_int(get32(heard.from.bytes), PEER4);
    expect_int(heard.from_port, 1234);
    expect_int(heard.bytes, 40);
    expect_bytes(heard.payload, data, 40);
    arrive_message(6, build(6, 4321, 99, 0));
    expect_fate(UDP_DELIVERED);
    expect_int(heard.from.family, 6);
    expect_bytes(heard.from.bytes, peer6, 16);
    expect_int(heard.from.interface_index, 0);
    expect_int(heard.bytes, 0);
    ksim_udp_close(world.kernel, 99);
    arrive_message(4, build(4, 1234, 99, 40));
    expect_fate(UDP_PORT_CLOSED);
    expect_int(heard.count, 2);
}

PEER_TEST(sender_on_the_link_comes_with_its_interface, peer_run)
{
    const struct ip6_fields fields = {.from = peer_local6, .to = local6, .next = PROTOCOL_UDP};

    listen_on(99);
    arrive6(&fields, message,
            build_udp(message, pseudo6(peer_local6, local6, PROTOCOL_UDP, 8), 1, 99, NULL, 0));
    expect_fate(UDP_DELIVERED);
    expect(heard.from.interface_index != 0);
    expect_int(ksim_udp_send(world.kernel, &heard.from, 99, 1, data, 4), 0);
    ksim_udp_close(world.kernel, 99);
}

PEER_TEST(port_has_one_listener_and_some_have_none, peer_run)
{
    listen_on(99);
    expect_int(ksim_udp_listen(world.kernel, 99, hear, NULL), KSIM_EADDRINUSE);
    expect_int(ksim_udp_listen(world.kernel, 0, hear, NULL), KSIM_EINVAL);
    expect_int(ksim_udp_listen(world.kernel, 7, hear, NULL), KSIM_EINVAL);
    expect_int(ksim_udp_listen(world.kernel, 98, NULL, NULL), KSIM_EINVAL);
    ksim_udp_close(world.kernel, 98);
    ksim_udp_close(world.kernel, 99);
    listen_on(99);
    listen_on(100);
    ksim_udp_close(world.kernel, 99);
    arrive_message(4, build(4, 1, 100, 4));
    expect_fate(UDP_DELIVERED);
    ksim_udp_close(world.kernel, 100);
}

PEER_TEST(each_wrong_bit_of_a_datagram_is_seen, peer_run_point_to_point)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        size_t length = build(version, 5000, 7, 9);

        for (size_t bit = 0; bit < 8 * length; bit++) {
            if (bit / 8 == 4 || bit / 8 == 5)
                continue; /* the length has its own test */
            message[bit / 8] ^= (uint8_t)(1 << bit % 8);
            arrive_message(version, length);
            expect_fate(UDP_BAD_CHECKSUM);
            message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        expect_silence();
    }
}

PEER_TEST(checksum_of_0_means_none_in_ipv4_only, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        size_t length = build(version, 5000, 7, 9);

        put16(message + 6, 0);
        arrive_message(version, length);
        if (version == 4) {
            expect_fate(UDP_ECHOED);
            expect_echo(4, 9);
        } else {
            expect_fate(UDP_BAD_CHECKSUM);
            expect_silence();
        }
    }
}

/* A sum that comes out as 0 is sent as 0xffff (RFC 768): some payload of two bytes makes it so. */
PEER_TEST(sum_of_0_is_sent_as_all_ones, peer_run_both)
{
    struct ksim_inet_address to = address4(PEER4);
    uint8_t pair[2] = {0, 0};
    uint32_t sum = pseudo4(US4, PEER4, PROTOCOL_UDP, 10);

    build_udp(message, sum, 5000, 6000, pair, 2);
    put16(pair, get16(message + 6)); /* what was missing */
    expect_int(ksim_udp_send(world.kernel, &to, 5000, 6000, pair, 2), 0);
    expect_int(get16(take_udp(4, 2) + 6), 0xffff);
}

PEER_TEST(length_field_is_at_least_a_header_and_at_most_what_is_there, peer_run_both)
{
    for (unsigned version = 4; version <= 6; version += 2) {
        size_t length = build(version, 5000, 7, 10);

        for (size_t kept = version == 4 ? 0 : 1; kept < 8; kept++) {
            arrive_message(version, kept);
            expect_fate(UDP_SHORT);
        }
        for (unsigned field = 0; field < 8; field++) {
            put16(message + 4, field);
            arrive_message(version, length);
            expect_fate(UDP_BAD_LENGTH);
        }
        put16(message + 4, 19);
        arrive_message(version, length);
        expect_fate(UDP_BAD_LENGTH);
        expect_silence();
    }
}

PEER_TEST(bytes_behind_the_length_are_no_payload, peer_run_both)
{
    size_t length = build(4, 5000, 7, 10);

    memset(message + length, 0xee, 6);
    arrive_message(4, length + 6);
    expect_fate(UDP_ECHOED);
    expect_echo(4, 10);
}

PEER_TEST(echo_services_do_not_answer_each_other_nor_groups, peer_run)
{
    const struct ip4_fields group = {.from = PEER4, .to = 0x0a0000ff, .protocol = PROTOCOL_UDP};

    arrive_message(4, build(4, 7, 7, 10));
    expect_fate(UDP_ECHO_LOOP);
    arrive_message(6, build(6, 7, 7, 10));
    expect_fate(UDP_ECHO_LOOP);
    arrive_message(4, build(4, 0, 7, 10)); /* nobody to answer */
    expect_fate(UDP_ECHO_LOOP);
    arrive4(&group, message,
            build_udp(message, pseudo4(PEER4, 0x0a0000ff, PROTOCOL_UDP, 8), 5000, 7, NULL, 0));
    expect_fate(UDP_ECHO_LOOP);
    expect_silence();
}

PEER_TEST(sent_datagram_has_the_source_of_its_way_out, peer_run_both)
{
    struct ksim_inet_address to = address4(PEER4);

    fill_pattern(data, 100);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 100), 0);
    expect_bytes(take_udp(4, 100) + 8, data, 100);
    to = address6(peer6, 0);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 100), 0);
    expect_bytes(take_udp(6, 100) + 8, data, 100);
    expect_int(counted(INET_COUNT_SENT_UDP), 2);
}

PEER_TEST(datagram_that_cannot_be_sent_says_why, peer_run_both)
{
    static const uint8_t far6[16] = {0x20, 1, [15] = 1};
    struct ksim_inet_address to = address4(FAR4);

    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_EHOSTUNREACH);
    to = address6(far6, 0);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_EHOSTUNREACH);
    to = address6(nobody6, 0);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_EHOSTUNREACH);
    expect_int(counted(INET_COUNT_UNSENT_NO_ROUTE), 3);
    to = address4(PEER4);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 65528), KSIM_EMSGSIZE);
    to.interface_index = 99;
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_ENXIO);
    expect_silence();
}

PEER_TEST(refusal_of_the_interface_comes_back_to_the_sender, peer_run_both)
{
    struct ksim_inet_address to = address4(PEER4);

    inet_wire_set_output_error(0, KSIM_EPIPE);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_EPIPE);
    to = address6(peer6, 0);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, 4), KSIM_EPIPE);
    expect_int(counted(INET_COUNT_UNSENT_INTERFACE), 2);
    expect_int(counted(INET_COUNT_SENT_UDP), 0);
}

PEER_TEST(datagram_to_ourselves_is_heard_without_the_wire, peer_run)
{
    struct ksim_inet_address to = address4(US4);

    listen_on(99);
    fill_pattern(data, 64);
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 64), 0);
    to = address6(us6, 0);
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 64), 0);
    settle();
    expect_int(heard.count, 2);
    expect_bytes(heard.payload, data, 64);
    expect_int(counted(INET_COUNT_LOOPED), 2);
    expect_silence();
    ksim_udp_close(world.kernel, 99);
}

/* The framer copies a broadcast of a SIMPLEX interface to lo0 (kpi-ifnet.md 14.4). */
PEER_TEST(own_broadcast_is_sent_and_heard, peer_run)
{
    struct ksim_inet_address to = address4(0x0a0000ff);
    struct sent sent;

    listen_on(99);
    fill_pattern(data, 20);
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 20), 0);
    sent = take_ip4(PROTOCOL_UDP);
    expect_bytes(sent.frame, broadcast_link, 6);
    settle();
    expect_int(heard.count, 1);
    ksim_udp_close(world.kernel, 99);
}

PEER_TEST(limited_broadcast_goes_out_of_a_broadcast_interface_only, peer_run)
{
    struct ksim_inet_address to = address4(0xffffffff);

    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 20), 0);
    expect_bytes(take_ip4(PROTOCOL_UDP).frame, broadcast_link, 6);
    inet_wire_flag(0, 2, false); /* IFF_BROADCAST */
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 20), KSIM_EHOSTUNREACH);
    inet_wire_flag(0, 2, true);
}

PEER_TEST(group_is_sent_with_a_hop_limit_of_1_and_heard_by_us_if_joined, peer_run)
{
    static const uint8_t group_link[6] = {0x01, 0, 0x5e, 0, 0, 1};
    struct ksim_inet_address to = address4(0xe0000001);
    struct sent sent;

    listen_on(99);
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 20), 0);
    sent = take_ip4(PROTOCOL_UDP);
    expect_bytes(sent.frame, group_link, 6);
    expect_int(sent.bytes[8], 1);
    settle();
    expect_int(heard.count, 1);
    to = address4(0xe7818283);
    expect_int(ksim_udp_send(world.kernel, &to, 98, 99, data, 20), 0);
    expect_bytes(take_ip4(PROTOCOL_UDP).frame, "\x01\0\x5e\x01\x82\x83", 6);
    settle();
    expect_int(heard.count, 1);
    ksim_udp_close(world.kernel, 99);
}

int
main(void)
{
    const TTest *const tests[] = {
        echo_service_returns_any_payload,
        listener_hears_payload_and_sender,
        sender_on_the_link_comes_with_its_interface,
        port_has_one_listener_and_some_have_none,
        each_wrong_bit_of_a_datagram_is_seen,
        checksum_of_0_means_none_in_ipv4_only,
        sum_of_0_is_sent_as_all_ones,
        length_field_is_at_least_a_header_and_at_most_what_is_there,
        bytes_behind_the_length_are_no_payload,
        echo_services_do_not_answer_each_other_nor_groups,
        sent_datagram_has_the_source_of_its_way_out,
        datagram_that_cannot_be_sent_says_why,
        refusal_of_the_interface_comes_back_to_the_sender,
        datagram_to_ourselves_is_heard_without_the_wire,
        own_broadcast_is_sent_and_heard,
        limited_broadcast_goes_out_of_a_broadcast_interface_only,
        group_is_sent_with_a_hop_limit_of_1_and_heard_by_us_if_joined,
        NULL,
    };

    return suite_main("udp", tests);
}
