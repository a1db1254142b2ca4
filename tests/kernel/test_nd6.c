/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Neighbour discovery on Ethernet: RFC 4861, with the one solicitation of duplicate address detection as
 * RFC 4429 allows it for an address that is used at once.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const uint8_t other_link[6] = {0x02, 0, 0, 0, 0, 0x77};
static const uint8_t stranger_solicited6[16] = {0xff, 2, [11] = 1, 0xff, 0, 0, 0x63};
enum { SOLICIT = 135, ADVERT = 136, SOURCE_LINK = 1, TARGET_LINK = 2 };
enum { ROUTER = 0x80, SOLICITED = 0x40, OVERRIDE = 0x20 };

static uint8_t message[256];

struct nd {
    const uint8_t *from, *to, *target;
    unsigned type, flags, option; /* option 0 = none */
    const uint8_t *link;
    uint8_t hop_limit; /* 0 = 255 */
};

static void
arrive_nd(const struct nd *nd)
{
    const struct ip6_fields fields = {.from = nd->from, .to = nd->to, .next = PROTOCOL_ICMP6,
                                      .hop_limit = nd->hop_limit == 0 ? 255 : nd->hop_limit};
    uint8_t data[24] = {0};

    memcpy(data, nd->target, 16);
    data[16] = (uint8_t)nd->option;
    data[17] = 1;
    if (nd->option != 0)
        memcpy(data + 18, nd->link, 6);
    arrive6(&fields, message,
            build_icmp6(message, &fields, nd->type, 0, (uint32_t)nd->flags << 24, data,
                        nd->option != 0 ? 24 : 16));
}

static void
expect_nd(struct sent sent, const uint8_t *from, const uint8_t *to, unsigned type, unsigned flags,
          const uint8_t *target, unsigned option)
{
    const uint8_t *body = sent.bytes + IP6_BYTES;
    const size_t length = option != 0 ? 32 : 24;

    expect_int(sent.type, 0x86dd);
    expect_int(sent.length, IP6_BYTES + length);
    expect_int(sent.bytes[6], PROTOCOL_ICMP6);
    expect_int(sent.bytes[7], 255);
    expect_bytes(sent.bytes + 8, from, 16);
    expect_bytes(sent.bytes + 24, to, 16);
    expect_int(body[0], type);
    expect_int(body[1], 0);
    expect_int(get32(body + 4), (uint32_t)flags << 24);
    expect_bytes(body + 8, target, 16);
    expect_int(checksum(pseudo6(from, to, PROTOCOL_ICMP6, length), body, length), 0);
    if (option != 0) {
        expect_int(body[24], option);
        expect_int(body[25], 1);
        expect_bytes(body + 26, us_link, 6);
    }
}

static int
send_udp(const uint8_t *to, const char *text)
{
    struct ksim_inet_address address = address6(to, 0);

    return ksim_udp_send(world.kernel, &address, 5000, 6000, (const uint8_t *)text, strlen(text));
}

static void
expect_datagram(struct sent sent, const uint8_t *link, const char *text)
{
    expect_int(sent.bytes[6], PROTOCOL_UDP);
    expect_bytes(sent.frame, link, 6);
    expect_bytes(sent.bytes + IP6_BYTES + 8, text, strlen(text));
}

static const struct nd question = {.from = stranger6, .to = us_solicited6, .target = us6,
                                   .type = SOLICIT, .option = SOURCE_LINK, .link = other_link};
static const struct nd answer = {.from = stranger6, .to = us6, .target = stranger6, .type = ADVERT,
                                 .flags = SOLICITED | OVERRIDE, .option = TARGET_LINK,
                                 .link = other_link};

PEER_TEST(solicitation_for_us_is_answered_to_its_sender, peer_run)
{
    struct sent sent;

    arrive_nd(&question);
    expect_fate(ND6_SOLICIT_ANSWERED);
    sent = take_sent();
    expect_nd(sent, us6, stranger6, ADVERT, SOLICITED | OVERRIDE, us6, TARGET_LINK);
    expect_bytes(sent.frame, other_link, 6);
    expect_silence();
    expect_int(send_udp(stranger6, "known"), 0);
    expect_datagram(take_sent(), other_link, "known");
}

PEER_TEST(solicitation_without_link_address_makes_us_ask_first, peer_run)
{
    struct nd nd = question;

    nd.option = 0;
    nd.to = us6;
    arrive_nd(&nd);
    expect_fate(ND6_SOLICIT_ANSWERED);
    expect_nd(take_sent(), us6, stranger_solicited6, SOLICIT, 0, stranger6, SOURCE_LINK);
    arrive_nd(&answer);
    expect_fate(ND6_ADVERT_LEARNED);
    expect_nd(take_sent(), us6, stranger6, ADVERT, SOLICITED | OVERRIDE, us6, TARGET_LINK);
}

PEER_TEST(solicitation_for_another_is_not_answered, peer_run)
{
    struct nd nd = question;

    nd.to = all_nodes6;
    nd.target = peer6;
    arrive_nd(&nd);
    expect_fate(ND6_SOLICIT_OTHER);
    expect_silence();
}

/* RFC 4861 7.2.4: who has no address yet is answered by all nodes, unsolicited. */
PEER_TEST(probe_for_our_address_is_answered_to_all_nodes, peer_run)
{
    struct nd nd = question;
    struct sent sent;

    nd.from = nobody6;
    nd.option = 0;
    arrive_nd(&nd);
    expect_fate(ND6_SOLICIT_ANSWERED);
    sent = take_sent();
    expect_nd(sent, us6, all_nodes6, ADVERT, OVERRIDE, us6, TARGET_LINK);
    expect_bytes(sent.frame, "\x33\x33\0\0\0\1", 6);
    expect_silence();
}

/* RFC 4861 7.1.1 and 7.1.2 */
PEER_TEST(messages_that_fail_a_check_are_dropped, peer_run)
{
    struct nd nd = question;

    nd.hop_limit = 254;
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd = question;
    nd.target = all_nodes6;
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd = question;
    nd.from = nobody6; /* with a link address */
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd.option = 0;
    nd.to = us6; /* not to the solicited-node group */
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd.to = all_nodes6;
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd = answer;
    nd.hop_limit = 1;
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd = answer;
    nd.to = all_nodes6; /* solicited, to a group */
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    nd = answer;
    nd.target = all_nodes6;
    arrive_nd(&nd);
    expect_fate(ND6_BAD);
    expect_silence();
}

PEER_TEST(messages_with_a_code_too_short_or_with_bad_options_are_dropped, peer_run)
{
    const struct ip6_fields fields = {
        .from = stranger6, .to = us6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    uint8_t data[40] = {0};

    memcpy(data, us6, 16);
    for (unsigned type = SOLICIT; type <= ADVERT; type++) {
        arrive6(&fields, message, build_icmp6(message, &fields, type, 1, 0, data, 16));
        expect_fate(ND6_BAD);
        for (size_t bytes = 0; bytes < 16; bytes++) {
            arrive6(&fields, message, build_icmp6(message, &fields, type, 0, 0, data, bytes));
            expect_fate(ND6_BAD);
        }
        data[16] = 1;
        data[17] = 0; /* an option without length */
        arrive6(&fields, message, build_icmp6(message, &fields, type, 0, 0, data, 24));
        expect_fate(ND6_BAD);
        data[17] = 2; /* one that is cut off */
        arrive6(&fields, message, build_icmp6(message, &fields, type, 0, 0, data, 24));
        expect_fate(ND6_BAD);
        arrive6(&fields, message, build_icmp6(message, &fields, type, 0, 0, data, 17));
        expect_fate(ND6_BAD);
    }
    expect_silence();
}

PEER_TEST(options_that_are_not_understood_are_passed_over, peer_run)
{
    const struct ip6_fields fields = {
        .from = stranger6, .to = us6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    uint8_t data[40] = {0};

    memcpy(data, us6, 16);
    data[16] = 14; /* a nonce */
    data[17] = 1;
    data[24] = SOURCE_LINK;
    data[25] = 1;
    memcpy(data + 26, other_link, 6);
    arrive6(&fields, message, build_icmp6(message, &fields, SOLICIT, 0, 0, data, 32));
    expect_fate(ND6_SOLICIT_ANSWERED);
    expect_bytes(take_sent().frame, other_link, 6);
}

PEER_TEST(packet_waits_for_the_advertisement_and_leaves_then, peer_run)
{
    struct sent sent;

    expect_int(send_udp(stranger6, "waits"), 0);
    sent = take_sent();
    expect_nd(sent, us6, stranger_solicited6, SOLICIT, 0, stranger6, SOURCE_LINK);
    expect_bytes(sent.frame, "\x33\x33\xff\0\0\x63", 6);
    expect_silence();
    arrive_nd(&answer);
    expect_fate(ND6_ADVERT_LEARNED);
    expect_datagram(take_sent(), other_link, "waits");
    expect_silence();
}

PEER_TEST(question_is_repeated_each_second_three_times_in_all, peer_run)
{
    expect_int(send_udp(stranger6, "never"), 0);
    for (unsigned second = 0; second < 3; second++) {
        expect_nd(take_sent(), us6, stranger_solicited6, SOLICIT, 0, stranger6, SOURCE_LINK);
        expect_silence();
        sleep_ns(SECOND_NS);
    }
    sleep_ns(SECOND_NS);
    expect_silence();
    expect_int(counted(INET_COUNT_WAITERS_DROPPED), 1);
    expect_int(send_udp(stranger6, "refused"), KSIM_EHOSTUNREACH);
}

/* RFC 4861 7.2.5: an advertisement changes what is known only if it may, and makes nothing new. */
PEER_TEST(unsolicited_advertisement_needs_override_and_an_entry, peer_run)
{
    struct nd nd = answer;

    nd.to = all_nodes6;
    nd.flags = OVERRIDE;
    arrive_nd(&nd);
    expect_fate(ND6_ADVERT_UNASKED);
    nd.from = nd.target = peer6;
    nd.flags = 0;
    arrive_nd(&nd);
    expect_fate(ND6_ADVERT_UNASKED);
    expect_int(send_udp(peer6, "same"), 0);
    expect_datagram(take_sent(), peer_link, "same");
    nd.flags = OVERRIDE;
    arrive_nd(&nd);
    expect_fate(ND6_ADVERT_UNASKED);
    expect_int(send_udp(peer6, "moved"), 0);
    expect_datagram(take_sent(), other_link, "moved");
}

PEER_TEST(awaited_answer_without_override_or_link_address, peer_run)
{
    struct nd nd = answer;

    expect_int(send_udp(stranger6, "waits"), 0);
    forget_sent();
    nd.option = 0;
    arrive_nd(&nd);
    expect_fate(ND6_ADVERT_UNASKED);
    expect_silence();
    nd.option = TARGET_LINK;
    nd.flags = SOLICITED;
    arrive_nd(&nd);
    expect_fate(ND6_ADVERT_LEARNED);
    expect_datagram(take_sent(), other_link, "waits");
}

PEER_TEST(known_link_address_expires_and_is_asked_for_again, peer_run)
{
    sleep_ns(1201 * SECOND_NS);
    expect_int(send_udp(peer6, "asked"), 0);
    expect_int(take_sent().bytes[IP6_BYTES], SOLICIT);
}

PEER_TEST(claim_of_our_address_ends_its_use, peer_run)
{
    struct nd nd = answer;

    nd.target = us6;
    arrive_nd(&nd);
    expect_fate(ND6_CONFLICT);
    expect_int(counted(INET_COUNT_DUPLICATE_ADDRESS), 1);
    expect(strstr(machine_console_text(world.machine), "duplicate IPv6 address") != NULL);
    arrive_ping6(1);
    expect_fate(IP6_NOT_OURS);
    expect_silence();
    arrive_nd(&question);
    expect_fate(ND6_SOLICIT_OTHER);
}

PEER_TEST(new_address_is_probed_once_from_nobody, peer_run)
{
    static const uint8_t second6[16] = {0xfd, [15] = 5};
    static const uint8_t second_solicited6[16] = {0xff, 2, [11] = 1, 0xff, 0, 0, 5};
    struct sent sent;

    expect_int(ifconfig_inet6(world.root, "nv0", second6, 64), 0);
    do
        sent = take_sent();
    while (sent.length != 0 && sent.bytes[6] != PROTOCOL_ICMP6);
    expect_nd(sent, nobody6, second_solicited6, SOLICIT, 0, second6, 0);
    expect_int(counted(INET_COUNT_SENT_ND6_SOLICIT), 1);
    sleep_ns(5 * SECOND_NS);
    expect_int(counted(INET_COUNT_SENT_ND6_SOLICIT), 1);
}

PEER_TEST(router_messages_are_counted_and_change_nothing, peer_run)
{
    static const unsigned types[] = {133, 134, 137};
    struct ip6_fields fields = {
        .from = peer_local6, .to = all_nodes6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    uint8_t data[32] = {0};

    for (size_t at = 0; at < 3; at++) {
        arrive6(&fields, message, build_icmp6(message, &fields, types[at], 0, 0, data, 32));
        expect_fate(ND6_ROUTER);
    }
    fields.hop_limit = 64;
    arrive6(&fields, message, build_icmp6(message, &fields, 134, 0, 0, data, 32));
    expect_fate(ND6_BAD);
    expect_silence();
}

PEER_TEST(link_without_link_layer_needs_no_neighbours, peer_run_point_to_point)
{
    expect_int(send_udp(stranger6, "straight"), 0);
    expect_bytes(take_ip6(PROTOCOL_UDP).bytes + 24, stranger6, 16);
    expect_int(counted(INET_COUNT_SENT_ND6_SOLICIT), 0);
}

int
main(void)
{
    const TTest *const tests[] = {
        solicitation_for_us_is_answered_to_its_sender,
        solicitation_without_link_address_makes_us_ask_first,
        solicitation_for_another_is_not_answered,
        probe_for_our_address_is_answered_to_all_nodes,
        messages_that_fail_a_check_are_dropped,
        messages_with_a_code_too_short_or_with_bad_options_are_dropped,
        options_that_are_not_understood_are_passed_over,
        packet_waits_for_the_advertisement_and_leaves_then,
        question_is_repeated_each_second_three_times_in_all,
        unsolicited_advertisement_needs_override_and_an_entry,
        awaited_answer_without_override_or_link_address,
        known_link_address_expires_and_is_asked_for_again,
        claim_of_our_address_ends_its_use,
        new_address_is_probed_once_from_nobody,
        router_messages_are_counted_and_change_nothing,
        link_without_link_layer_needs_no_neighbours,
        NULL,
    };

    return suite_main("nd6", tests);
}
