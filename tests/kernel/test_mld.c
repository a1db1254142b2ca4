/* SPDX-License-Identifier: BSD-2-Clause */

/* IPv6 multicast membership as routers hear of it: MLDv2 (RFC 3810). */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const uint8_t routers6[16] = {0xff, 2, [15] = 0x16};
static const uint8_t mdns6[16] = {0xff, 2, [15] = 0xfb};
static const uint8_t site6[16] = {0xff, 5, [15] = 0x42};
static const uint8_t local_solicited6[16] = {0xff, 2, [11] = 1, 0xff, 0x33, 0x44, 0x55};
static const uint8_t alert[8] = {PROTOCOL_ICMP6, 0, 5, 2, 0, 0, 1, 0};
static uint8_t message[256];

enum { IS_EXCLUDE = 2, TO_INCLUDE = 3, TO_EXCLUDE = 4 };

/* A report with one record without sources, in its packet with the router alert. */
static void
expect_report(struct sent sent, const uint8_t *from, unsigned record, const uint8_t *group)
{
    const uint8_t *report = sent.bytes + IP6_BYTES + 8;

    expect_int(sent.length, IP6_BYTES + 8 + 28);
    expect_int(sent.bytes[6], PROTOCOL_HOP_BY_HOP);
    expect_int(sent.bytes[7], 1);
    expect_bytes(sent.bytes + 8, from, 16);
    expect_bytes(sent.bytes + 24, routers6, 16);
    expect_bytes(sent.bytes + IP6_BYTES, alert, 8);
    expect_int(report[0], 143);
    expect_int(report[1], 0);
    expect_int(get16(report + 6), 1);
    expect_int(report[8], record);
    expect_int(report[9], 0);
    expect_int(get16(report + 10), 0);
    expect_bytes(report + 12, group, 16);
    expect_int(checksum(pseudo6(from, routers6, PROTOCOL_ICMP6, 28), report, 28), 0);
}

struct query {
    const uint8_t *from, *to, *group;
    uint8_t hop_limit;
    bool alert;
    size_t bytes; /* 24 = MLDv1, 28 = MLDv2 */
};

static void
arrive_query(const struct query *query)
{
    struct ip6_fields fields = {.from = query->from, .to = query->to, .next = PROTOCOL_ICMP6,
                                .hop_limit = query->hop_limit};
    uint8_t payload[64], data[24] = {0};
    size_t length;

    memcpy(data, query->group, 16);
    memcpy(payload, alert, 8);
    length = build_icmp6(payload + 8, &fields, 130, 0, 0, data, query->bytes - 8);
    if (query->alert)
        fields.next = PROTOCOL_HOP_BY_HOP;
    arrive6(&fields, query->alert ? payload : payload + 8, query->alert ? length + 8 : length);
}

static const struct query general = {.from = peer_local6, .to = all_nodes6, .group = nobody6,
                                     .hop_limit = 1, .alert = true, .bytes = 28};

PEER_TEST(solicited_node_groups_of_our_addresses_are_reported, peer_run_bare)
{
    expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet6(world.root, "nv0", us6, 64), 0);
    expect_report(take_sent(), nobody6, TO_EXCLUDE, us_solicited6); /* before any address is local */
    forget_sent();
    expect_int(counted(INET_COUNT_SENT_MLD), 2);
    arrive_query(&general);
    expect_fate(MLD_QUERY);
    expect_report(take_sent(), local6, IS_EXCLUDE, us_solicited6);
    expect_report(take_sent(), local6, IS_EXCLUDE, local_solicited6);
    expect_silence();
    expect_int(inet_wire_destroy(0), 0);
}

PEER_TEST(removed_address_leaves_its_group, peer_run)
{
    uint8_t request[288] = {0};

    request[16] = 28;
    request[17] = KSIM_AF_INET6;
    memcpy(request + 24, us6, 16);
    expect_int(configure(KSIM_AF_INET6, 0x81206919, "nv0", request), 0);
    expect_report(take_sent(), local6, TO_INCLUDE, us_solicited6);
    expect_silence();
}

PEER_TEST(groups_of_programs_are_reported_on_their_link, peer_run)
{
    struct ksim_inet_address group = address6(mdns6, 0);

    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_report(take_sent(), local6, TO_EXCLUDE, mdns6);
    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    expect_silence();
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    expect_report(take_sent(), local6, TO_INCLUDE, mdns6);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), KSIM_EADDRNOTAVAIL);
    group = address6(peer6, 0);
    expect_int(ksim_group_join(world.kernel, &group, "nv0"), KSIM_EINVAL);
}

/* RFC 3810 section 6: all-nodes and groups of less than link scope are never reported. */
PEER_TEST(all_nodes_and_interface_groups_are_never_reported, peer_run)
{
    static const uint8_t own6[16] = {0xff, 1, [15] = 0xfb};
    struct ksim_inet_address group = address6(own6, 0);
    struct query query = general;

    expect_int(ksim_group_join(world.kernel, &group, "nv0"), 0);
    expect_int(ksim_group_leave(world.kernel, &group, "nv0"), 0);
    query.group = all_nodes6;
    arrive_query(&query);
    expect_fate(MLD_QUERY);
    expect_silence();
}

PEER_TEST(specific_query_is_answered_for_its_group_only, peer_run)
{
    struct ksim_inet_address first = address6(mdns6, 0), second = address6(site6, 0);
    struct query query = general;

    expect_int(ksim_group_join(world.kernel, &first, "nv0"), 0);
    expect_int(ksim_group_join(world.kernel, &second, "nv0"), 0);
    forget_sent();
    query.group = query.to = site6;
    for (query.bytes = 24; query.bytes <= 28; query.bytes += 4) {
        arrive_query(&query);
        expect_fate(MLD_QUERY);
        expect_report(take_sent(), local6, IS_EXCLUDE, site6);
        expect_silence();
    }
}

/* RFC 3810 6.2: from a link-local address, one hop away, with the router alert. */
PEER_TEST(query_that_is_no_routers_of_this_link_is_ignored, peer_run)
{
    struct query query = general;

    query.from = peer6;
    arrive_query(&query);
    expect_fate(MLD_OTHER);
    query = general;
    query.hop_limit = 2;
    arrive_query(&query);
    expect_fate(MLD_OTHER);
    query = general;
    query.alert = false;
    arrive_query(&query);
    expect_fate(MLD_OTHER);
    query = general;
    query.bytes = 23;
    arrive_query(&query);
    expect_fate(MLD_OTHER);
    expect_silence();
}

PEER_TEST(reports_of_others_are_counted, peer_run_both)
{
    static const unsigned types[] = {131, 132, 143};
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_ICMP6};
    uint8_t data[20] = {0};

    for (size_t at = 0; at < 3; at++) {
        arrive6(&fields, message, build_icmp6(message, &fields, types[at], 0, 0, data, 20));
        expect_fate(MLD_OTHER);
    }
    expect_silence();
}

int
main(void)
{
    const TTest *const tests[] = {
        solicited_node_groups_of_our_addresses_are_reported,
        removed_address_leaves_its_group,
        groups_of_programs_are_reported_on_their_link,
        all_nodes_and_interface_groups_are_never_reported,
        specific_query_is_answered_for_its_group_only,
        query_that_is_no_routers_of_this_link_is_ignored,
        reports_of_others_are_counted,
        NULL,
    };

    return suite_main("mld", tests);
}
