/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Multicast membership as routers hear of it: IGMPv3 (RFC 3376) here, MLDv2 (RFC 3810) in test_mld.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

#define ALL_HOSTS UINT32_C(0xe0000001)
#define ALL_ROUTERS UINT32_C(0xe0000016)
#define SIOCADDMULTI 0x80206931UL

static const uint8_t router_alert[4] = {0x94, 4, 0, 0};
static uint8_t message[64];

static void
arrive_igmp(uint32_t to, uint8_t ttl, const uint8_t *bytes, size_t length)
{
    const struct ip4_fields fields = {.from = PEER4,
                                      .to = to,
                                      .protocol = PROTOCOL_IGMP,
                                      .ttl = ttl,
                                      .options = router_alert,
                                      .option_bytes = 4};

    arrive4(&fields, bytes, length);
}

static size_t
build_query(uint32_t group, size_t length)
{
    memset(message, 0, sizeof(message));
    message[0] = 0x11;
    message[1] = 100;
    put32(message + 4, group);
    put16(message + 2, checksum(0, message, length));
    return length;
}

PEER_TEST(all_hosts_is_joined_with_the_first_address_and_never_reported, peer_run_both)
{
    const struct ip4_fields fields = {.from = PEER4, .to = ALL_HOSTS, .protocol = PROTOCOL_ICMP};

    arrive4(&fields, message, build_icmp(message, 8, 0, 1, NULL, 0));
    expect_fate(ICMP_ECHO_ANSWERED);
    forget_sent();
    arrive_igmp(ALL_HOSTS, 1, message, build_query(0, 8));
    expect_fate(IGMP_QUERY);
    expect_int(counted(INET_COUNT_SENT_IGMP), 0);
    expect_silence();
}

PEER_TEST(last_address_takes_the_membership_along, peer_run)
{
    const struct ip4_fields fields = {.from = PEER4, .to = ALL_HOSTS, .protocol = PROTOCOL_ICMP};
    uint8_t request[32] = {0};

    put16(request + 16, 16 << 8 | KSIM_AF_INET);
    put32(request + 20, US4);
    expect_int(configure(KSIM_AF_INET, 0x80206919, "nv0", request), 0);
    arrive4(&fields, message, build_icmp(message, 8, 0, 1, NULL, 0));
    expect_fate(IP4_GROUP_NOT_JOINED);
}

PEER_TEST(queries_of_every_version_are_understood, peer_run_both)
{
    static const size_t lengths[] = {8, 12, 16};

    for (size_t at = 0; at < 3; at++) {
        arrive_igmp(ALL_HOSTS, 1, message, build_query(0, lengths[at]));
        expect_fate(IGMP_QUERY);
        arrive_igmp(US4, 1, message, build_query(0xe00000fb, lengths[at]));
        expect_fate(IGMP_QUERY);
    }
    expect_silence();
}

/* RFC 3376 section 4: every message is sent with a time to live of 1; one from afar is no router's. */
PEER_TEST(query_from_more_than_one_hop_away_is_ignored, peer_run_both)
{
    arrive_igmp(ALL_HOSTS, 2, message, build_query(0, 8));
    expect_fate(IGMP_OTHER);
    arrive_igmp(ALL_HOSTS, 64, message, build_query(0, 12));
    expect_fate(IGMP_OTHER);
}

PEER_TEST(reports_and_leaves_of_others_are_counted, peer_run_both)
{
    static const uint8_t types[] = {0x12, 0x16, 0x17, 0x22, 0x13, 0, 0xff};

    for (size_t at = 0; at < sizeof(types); at++) {
        build_query(0xe00000fb, 8);
        message[0] = types[at];
        put16(message + 2, 0);
        put16(message + 2, checksum(0, message, 8));
        arrive_igmp(ALL_HOSTS, 1, message, 8);
        expect_fate(IGMP_OTHER);
    }
    expect_silence();
}

PEER_TEST(short_and_damaged_messages_are_refused, peer_run_both)
{
    build_query(0, 12);
    for (size_t length = 0; length < 8; length++) {
        arrive_igmp(ALL_HOSTS, 1, message, length);
        expect_fate(IGMP_SHORT);
    }
    for (size_t bit = 0; bit < 12 * 8; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        arrive_igmp(ALL_HOSTS, 1, message, 12);
        expect_fate(IGMP_BAD_CHECKSUM);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_silence();
}

PEER_TEST(message_is_for_the_link_on_which_it_was_heard, peer_run)
{
    uint8_t packet[64];
    const struct ip4_fields fields = {
        .from = 0xac140002, .to = ALL_HOSTS, .protocol = PROTOCOL_IGMP, .ttl = 1};

    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    build_query(0, 8);
    arrive_on(1, packet, build_ip4(packet, &fields, message, 8));
    expect_int(counted(INET_COUNT_IP4_ARRIVED), 0); /* no protocol yet */
    expect_int(ifconfig_inet(world.root, "nv1", (const uint8_t *)"\xac\x14\0\1", 16, NULL), 0);
    arrive_on(1, packet, build_ip4(packet, &fields, message, 8));
    expect_fate(IGMP_QUERY);
    expect_int(inet_wire_destroy(1), 0);
}

/* --- groups of programs -------------------------------------------------------------------------- */

#define MDNS UINT32_C(0xe00000fb)

enum { IS_EXCLUDE = 2, TO_INCLUDE = 3, TO_EXCLUDE = 4 };

/* One IGMPv3 report with one record without sources (RFC 3376 4.2). */
static void
expect_report(struct sent sent, uint32_t source, unsigned record, uint32_t group)
{
    const uint8_t *report = sent.bytes + 24;

    if (sent.type == 0x0800 && sent.frame != sent.bytes)
        expect_bytes(sent.frame, "\x01\0\x5e\0\0\x16", 6);
    expect_int(sent.bytes[0], 0x46);
    expect_int(sent.bytes[1], 0xc0);
    expect_int(sent.bytes[8], 1);
    expect_int(sent.bytes[9], PROTOCOL_IGMP);
    expect_int(get32(sent.bytes + 12), source);
    expect_int(get32(sent.bytes + 16), ALL_ROUTERS);
    expect_bytes(sent.bytes + 20, router_alert, 4);
    expect_int(sent.length, 24 + 16);
    expect_int(checksum(0, report, 16), 0);
    expect_int(report[0], 0x22);
    expect_int(get16(report + 6), 1);
    expect_int(report[8], record);
    expect_int(report[9], 0);
    expect_int(get16(report + 10), 0);
    expect_int(get32(report + 12), group);
}

PEER_TEST(first_member_and_last_leaver_are_reported, peer_run_both)
{
    struct ksim_inet_address group = address4(MDNS);

    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_report(take_ip4(PROTOCOL_IGMP), US4, TO_EXCLUDE, MDNS);
    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    expect_silence();
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    expect_report(take_ip4(PROTOCOL_IGMP), US4, TO_INCLUDE, MDNS);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), KSIM_EADDRNOTAVAIL);
    expect_silence();
    expect_int(counted(INET_COUNT_SENT_IGMP), 2);
}

PEER_TEST(joined_group_is_heard_and_a_left_one_is_not, peer_run_both)
{
    const struct ip4_fields fields = {.from = PEER4, .to = MDNS, .protocol = PROTOCOL_UDP};
    struct ksim_inet_address group = address4(MDNS);

    arrive4(&fields, message, build_udp(message, pseudo4(PEER4, MDNS, 17, 8), 1, 2, NULL, 0));
    expect_fate(IP4_GROUP_NOT_JOINED);
    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    arrive4(&fields, message, build_udp(message, pseudo4(PEER4, MDNS, 17, 8), 1, 2, NULL, 0));
    expect_fate(UDP_PORT_CLOSED_GROUP);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    arrive4(&fields, message, build_udp(message, pseudo4(PEER4, MDNS, 17, 8), 1, 2, NULL, 0));
    expect_fate(IP4_GROUP_NOT_JOINED);
}

PEER_TEST(general_query_is_answered_for_every_group_and_a_specific_one_for_its_own, peer_run_both)
{
    struct ksim_inet_address first = address4(MDNS), second = address4(0xefff0001);

    expect_int(ksim_group_join(world.kernel, &first, "nv0"), 0);
    expect_int(ksim_group_join(world.kernel, &second, "nv0"), 0);
    forget_sent();
    arrive_igmp(ALL_HOSTS, 1, message, build_query(0, 12));
    expect_report(take_ip4(PROTOCOL_IGMP), US4, IS_EXCLUDE, MDNS);
    expect_report(take_ip4(PROTOCOL_IGMP), US4, IS_EXCLUDE, 0xefff0001);
    expect_silence();
    arrive_igmp(0xefff0001, 1, message, build_query(0xefff0001, 12));
    expect_report(take_ip4(PROTOCOL_IGMP), US4, IS_EXCLUDE, 0xefff0001);
    arrive_igmp(ALL_HOSTS, 1, message, build_query(0xefff0002, 12));
    expect_silence();
}

PEER_TEST(report_leaves_on_the_link_of_the_membership_only, peer_run)
{
    struct ksim_inet_address group = address4(MDNS);

    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet(world.root, "nv1", (const uint8_t *)"\xac\x14\0\1", 16, NULL), 0);
    while (inet_wire_take(1) != NULL)
        ;
    expect_int(ksim_group_join(world.kernel, &group, "nv1"), 0);
    expect_silence();
    expect_report(take_sent_on(1), 0xac140001, TO_EXCLUDE, MDNS);
    arrive_igmp(ALL_HOSTS, 1, message, build_query(0, 12));
    expect_silence();
    expect(inet_wire_take(1) == NULL);
    expect_int(inet_wire_destroy(1), 0);
    expect_int(ksim_group_leave(world.kernel, &group, "nv1"), KSIM_ENXIO);
}

PEER_TEST(driver_is_told_of_the_link_address_of_a_group, peer_run)
{
    struct ksim_inet_address group = address4(MDNS), same_link = address4(0xe08000fb);
    unsigned before = inet_wire_ioctls(0, SIOCADDMULTI);

    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_int(inet_wire_ioctls(0, SIOCADDMULTI), before + 1);
    expect_int(ksim_group_join(world.kernel, &same_link, "nv0"), 0);
    expect_int(inet_wire_ioctls(0, SIOCADDMULTI), before + 1);
}

PEER_TEST(groups_that_cannot_be_joined_say_why, peer_run)
{
    struct ksim_inet_address group = address4(MDNS), host = address4(PEER4);

    expect_int(ksim_group_join(world.kernel, &host, "nv0"), KSIM_EINVAL);
    expect_int(ksim_group_leave(world.kernel, &host, "nv0"), KSIM_EINVAL);
    host.family = 5;
    expect_int(ksim_group_join(world.kernel, &host, "nv0"), KSIM_EINVAL);
    expect_int(ksim_group_join(world.kernel, &group, "nv9"), KSIM_ENXIO);
    expect_int(ksim_group_leave(world.kernel, &group, "nv9"), KSIM_ENXIO);
    expect_int(inet_wire_create(1, INET_WIRE_PLAIN), 0);
    expect_int(ksim_group_join(world.kernel, &group, "nv1"), KSIM_EADDRNOTAVAIL);
    expect_int(inet_wire_destroy(1), 0);
    group = address4(ALL_HOSTS); /* the stack's own membership is no program's to end */
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), KSIM_EADDRNOTAVAIL);
}

int
main(void)
{
    const TTest *const tests[] = {
        all_hosts_is_joined_with_the_first_address_and_never_reported,
        last_address_takes_the_membership_along,
        queries_of_every_version_are_understood,
        query_from_more_than_one_hop_away_is_ignored,
        reports_and_leaves_of_others_are_counted,
        short_and_damaged_messages_are_refused,
        message_is_for_the_link_on_which_it_was_heard,
        first_member_and_last_leaver_are_reported,
        joined_group_is_heard_and_a_left_one_is_not,
        general_query_is_answered_for_every_group_and_a_specific_one_for_its_own,
        report_leaves_on_the_link_of_the_membership_only,
        driver_is_told_of_the_link_address_of_a_group,
        groups_that_cannot_be_joined_say_why,
        NULL,
    };

    return suite_main("igmp", tests);
}
