/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ARP over Ethernet: RFC 826, the host requirements of RFC 1122 2.3.2 and the conflict detection of
 * RFC 5227; Darwin's own numbers are a question each second, five in all, then 20 s of silence.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const uint8_t nowhere[6];
static const uint8_t other_link[6] = {0x02, 0, 0, 0, 0, 0x77};

static void
expect_arp(struct sent sent, unsigned operation, uint32_t sender, const uint8_t *target_link,
           uint32_t target)
{
    uint8_t wanted[ARP_BYTES];

    build_arp(wanted, operation, us_link, sender, target_link, target);
    expect_int(sent.type, 0x0806);
    expect_int(sent.length, ARP_BYTES);
    expect_bytes(sent.bytes, wanted, ARP_BYTES);
    expect_bytes(sent.frame + 6, us_link, 6);
    expect_bytes(sent.frame, operation == 1 ? broadcast_link : target_link, 6);
}

static int
send_udp(uint32_t to, const char *text)
{
    struct ksim_inet_address address = address4(to);

    return ksim_udp_send(world.kernel, &address, 5000, 6000, (const uint8_t *)text, strlen(text));
}

static void
expect_datagram(struct sent sent, const uint8_t *link, const char *text)
{
    expect_int(sent.type, 0x0800);
    expect_bytes(sent.frame, link, 6);
    expect_int(sent.length, 28 + strlen(text));
    expect_bytes(sent.bytes + 28, text, strlen(text));
}

PEER_TEST(request_for_our_address_is_answered_to_its_sender, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, nowhere, US4);
    expect_fate(ARP_REQUEST_ANSWERED);
    expect_arp(take_sent(), 2, US4, other_link, STRANGER4);
    expect_silence();
    expect_int(counted(INET_COUNT_SENT_ARP_REPLY), 1);
}

PEER_TEST(request_for_another_address_is_not_answered, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, nowhere, PEER4);
    expect_fate(ARP_REQUEST_OTHER);
    expect_silence();
}

PEER_TEST(sender_of_a_request_for_us_is_known_from_then_on, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, nowhere, US4);
    forget_sent();
    expect_int(send_udp(STRANGER4, "hello"), 0);
    expect_datagram(take_sent(), other_link, "hello");
}

PEER_TEST(sender_of_a_request_for_others_is_not_noted, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, nowhere, PEER4);
    expect_int(send_udp(STRANGER4, "hello"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
}

/* RFC 826: an entry that is there is brought up to date by any packet of its host. */
PEER_TEST(known_neighbour_that_asks_for_another_moves_to_its_new_link_address, peer_run)
{
    arrive_arp(1, other_link, PEER4, nowhere, STRANGER4);
    expect_fate(ARP_REQUEST_OTHER);
    expect_int(send_udp(PEER4, "moved"), 0);
    expect_datagram(take_sent(), other_link, "moved");
}

PEER_TEST(announcement_of_a_known_neighbour_moves_it, peer_run)
{
    arrive_arp(1, other_link, PEER4, nowhere, PEER4);
    expect_int(send_udp(PEER4, "moved"), 0);
    expect_datagram(take_sent(), other_link, "moved");
    arrive_arp(2, peer_link, PEER4, broadcast_link, PEER4);
    expect_int(send_udp(PEER4, "back"), 0);
    expect_datagram(take_sent(), peer_link, "back");
}

PEER_TEST(probe_for_our_address_is_answered_and_teaches_nothing, peer_run)
{
    arrive_arp(1, other_link, 0, nowhere, US4);
    expect_fate(ARP_REQUEST_ANSWERED);
    expect_arp(take_sent(), 2, US4, other_link, 0);
    expect_silence();
}

/* RFC 826 looks at the target before the operation. */
PEER_TEST(reply_to_us_that_nobody_awaits_teaches_its_sender, peer_run)
{
    arrive_arp(2, other_link, STRANGER4, us_link, US4);
    expect_fate(ARP_REPLY_UNASKED);
    expect_int(send_udp(STRANGER4, "hello"), 0);
    expect_datagram(take_sent(), other_link, "hello");
}

PEER_TEST(reply_to_another_teaches_nothing_new, peer_run)
{
    arrive_arp(2, other_link, STRANGER4, peer_link, PEER4);
    expect_fate(ARP_REPLY_UNASKED);
    expect_int(send_udp(STRANGER4, "hello"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
}

/* xnu: net.link.ether.inet.keep_announcements */
PEER_TEST(stranger_that_announces_itself_is_noted, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, nowhere, STRANGER4);
    expect_fate(ARP_REQUEST_OTHER);
    expect_int(send_udp(STRANGER4, "hello"), 0);
    expect_datagram(take_sent(), other_link, "hello");
}

PEER_TEST(question_for_no_address_is_ignored, peer_run)
{
    arrive_arp(1, other_link, PEER4, nowhere, 0);
    expect_fate(ARP_REQUEST_OTHER);
    expect_silence();
    expect_int(send_udp(PEER4, "same"), 0);
    expect_datagram(take_sent(), peer_link, "same");
}

PEER_TEST(packet_waits_for_the_reply_and_leaves_then, peer_run)
{
    expect_int(send_udp(STRANGER4, "waits"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
    expect_silence();
    arrive_arp(2, other_link, STRANGER4, us_link, US4);
    expect_fate(ARP_REPLY_LEARNED);
    expect_datagram(take_sent(), other_link, "waits");
    expect_silence();
}

PEER_TEST(awaited_neighbour_may_answer_by_a_request_of_its_own, peer_run)
{
    expect_int(send_udp(STRANGER4, "waits"), 0);
    forget_sent();
    arrive_arp(1, other_link, STRANGER4, nowhere, US4);
    expect_datagram(take_sent(), other_link, "waits");
    expect_arp(take_sent(), 2, US4, other_link, STRANGER4);
}

/* RFC 1122 2.3.2.2: at least the latest packet for an unresolved address is kept. */
PEER_TEST(newest_packet_waits_and_the_older_is_counted_as_dropped, peer_run)
{
    expect_int(send_udp(STRANGER4, "first"), 0);
    expect_int(send_udp(STRANGER4, "second"), 0);
    expect_int(counted(INET_COUNT_WAITERS_DROPPED), 1);
    expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
    expect_silence();
    arrive_arp(2, other_link, STRANGER4, us_link, US4);
    expect_datagram(take_sent(), other_link, "second");
    expect_silence();
}

PEER_TEST(question_is_repeated_each_second_five_times_in_all, peer_run)
{
    expect_int(send_udp(STRANGER4, "never"), 0);
    for (unsigned second = 0; second < 5; second++) {
        expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
        expect_silence();
        sleep_ns(SECOND_NS);
    }
    expect_silence();
    expect_int(counted(INET_COUNT_SENT_ARP_REQUEST), 5);
    expect_int(counted(INET_COUNT_WAITERS_DROPPED), 1);
}

PEER_TEST(dead_neighbour_refuses_packets_for_twenty_seconds_and_is_asked_again, peer_run)
{
    expect_int(send_udp(STRANGER4, "never"), 0);
    sleep_ns(6 * SECOND_NS);
    forget_sent();
    expect_int(send_udp(STRANGER4, "refused"), KSIM_EHOSTUNREACH);
    expect_int(counted(INET_COUNT_UNSENT_NO_ROUTE), 1);
    expect_silence();
    sleep_ns(20 * SECOND_NS);
    expect_int(send_udp(STRANGER4, "again"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, STRANGER4);
    arrive_arp(2, other_link, STRANGER4, us_link, US4);
    expect_datagram(take_sent(), other_link, "again");
}

PEER_TEST(dead_neighbour_that_asks_for_us_is_alive, peer_run)
{
    expect_int(send_udp(STRANGER4, "never"), 0);
    sleep_ns(6 * SECOND_NS);
    arrive_arp(1, other_link, STRANGER4, nowhere, US4);
    forget_sent();
    expect_int(send_udp(STRANGER4, "alive"), 0);
    expect_datagram(take_sent(), other_link, "alive");
}

PEER_TEST(known_link_address_expires_after_twenty_minutes, peer_run)
{
    sleep_ns(1199 * SECOND_NS);
    expect_int(send_udp(PEER4, "known"), 0);
    expect_datagram(take_sent(), peer_link, "known");
    sleep_ns(2 * SECOND_NS);
    expect_int(send_udp(PEER4, "asked"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, PEER4);
    arrive_arp(2, other_link, PEER4, us_link, US4);
    expect_datagram(take_sent(), other_link, "asked");
}

PEER_TEST(claim_of_our_address_is_a_conflict_and_is_defended, peer_run)
{
    arrive_arp(1, other_link, US4, nowhere, US4);
    expect_fate(ARP_CONFLICT);
    expect_arp(take_sent(), 2, US4, other_link, US4);
    arrive_arp(1, other_link, US4, nowhere, PEER4);
    expect_fate(ARP_CONFLICT);
    arrive_arp(2, other_link, US4, us_link, US4);
    expect_fate(ARP_CONFLICT);
    expect_silence();
    expect_int(counted(INET_COUNT_DUPLICATE_ADDRESS), 3);
    arrive_ping(1);
    expect_fate(ICMP_ECHO_ANSWERED);
}

PEER_TEST(our_own_packet_heard_again_is_no_conflict, peer_run)
{
    arrive_arp(1, us_link, US4, nowhere, PEER4);
    expect_fate(ARP_OWN);
    expect_int(counted(INET_COUNT_DUPLICATE_ADDRESS), 0);
    expect_silence();
}

PEER_TEST(sender_with_a_group_link_address_is_refused, peer_run)
{
    static const uint8_t group_link[6] = {0x01, 0, 0x5e, 0, 0, 1};
    uint8_t frame[ETHER_BYTES + ARP_BYTES];

    build_ether(frame, us_link, peer_link, 0x0806);
    build_arp(frame + ETHER_BYTES, 1, group_link, STRANGER4, nowhere, US4);
    arrive_frame(0, frame, sizeof(frame));
    expect_fate(ARP_BAD_SENDER);
    expect_silence();
}

PEER_TEST(reply_from_nobody_is_refused, peer_run)
{
    arrive_arp(2, other_link, 0, us_link, US4);
    expect_fate(ARP_BAD_SENDER);
}

PEER_TEST(malformed_packets_have_their_own_fates, peer_run)
{
    static const struct {
        size_t at;
        unsigned value;
    } wrong[] = {{0, 6}, {2, 0x86dd}, {4, 0x0804}, {4, 0x0610}, {6, 0}, {6, 3}, {6, 8}};
    uint8_t frame[ETHER_BYTES + ARP_BYTES + 18];

    memset(frame, 0, sizeof(frame));
    build_ether(frame, us_link, peer_link, 0x0806);
    for (size_t at = 0; at < sizeof(wrong) / sizeof(wrong[0]); at++) {
        build_arp(frame + ETHER_BYTES, 1, peer_link, PEER4, nowhere, US4);
        put16(frame + ETHER_BYTES + wrong[at].at, wrong[at].value);
        arrive_frame(0, frame, ETHER_BYTES + ARP_BYTES);
        expect_fate(ARP_BAD_FORMAT);
    }
    build_arp(frame + ETHER_BYTES, 1, peer_link, PEER4, nowhere, US4);
    for (size_t length = 0; length < ARP_BYTES; length++) {
        arrive_frame(0, frame, ETHER_BYTES + length);
        expect_fate(ARP_SHORT);
    }
    expect_silence();
    /* The padding of a minimal Ethernet frame is no part of the packet. */
    arrive_frame(0, frame, sizeof(frame));
    expect_fate(ARP_REQUEST_ANSWERED);
}

PEER_TEST(packet_in_many_mbufs_is_read_as_in_one, peer_run)
{
    uint8_t frame[ETHER_BYTES + ARP_BYTES];

    build_ether(frame, us_link, peer_link, 0x0806);
    build_arp(frame + ETHER_BYTES, 1, peer_link, PEER4, nowhere, US4);
    for (size_t piece = 14; piece < sizeof(frame); piece += 3) {
        expect_int(inet_wire_arrive(0, frame, sizeof(frame), piece), 0);
        settle();
        expect_fate(ARP_REQUEST_ANSWERED);
        expect_arp(take_sent(), 2, US4, peer_link, PEER4);
    }
}

PEER_TEST(address_that_is_set_is_announced, peer_run)
{
    static const uint8_t second[4] = {10, 0, 0, 3};

    expect_int(ifconfig_inet(world.root, "nv0", second, 24, NULL), 0);
    expect_arp(take_sent(), 1, 0x0a000003, nowhere, 0x0a000003);
    expect(counted(INET_COUNT_SENT_ARP_ANNOUNCEMENT) >= 1);
}

PEER_TEST(each_alias_asks_with_the_source_of_its_own_subnet, peer_run)
{
    static const uint8_t second[4] = {172, 20, 0, 1};

    expect_int(ifconfig_inet(world.root, "nv0", second, 16, NULL), 0);
    forget_sent();
    expect_int(send_udp(0xac140009, "x"), 0);
    expect_arp(take_sent(), 1, 0xac140001, nowhere, 0xac140009);
    arrive_arp(1, other_link, STRANGER4, nowhere, 0xac140001);
    expect_arp(take_sent(), 2, 0xac140001, other_link, STRANGER4);
}

PEER_TEST(interface_that_goes_down_forgets_its_neighbours, peer_run)
{
    expect_int(send_udp(STRANGER4, "waits"), 0);
    expect_int(ifconfig_down(world.root, "nv0"), 0);
    expect_int(counted(INET_COUNT_WAITERS_DROPPED), 1);
    forget_sent();
    expect_int(ifconfig_up(world.root, "nv0"), 0);
    expect_int(send_udp(PEER4, "asked"), 0);
    expect_arp(take_sent(), 1, US4, nowhere, PEER4);
    sleep_ns(10 * SECOND_NS);
}

PEER_TEST(refusal_of_the_driver_is_counted_and_the_question_repeated, peer_run)
{
    inet_wire_set_output_error(0, KSIM_ENXIO);
    expect_int(send_udp(STRANGER4, "waits"), 0);
    expect_int(counted(INET_COUNT_UNSENT_INTERFACE), 1);
    expect_int(counted(INET_COUNT_SENT_ARP_REQUEST), 0);
    inet_wire_set_output_error(0, 0);
    sleep_ns(SECOND_NS);
    expect_int(counted(INET_COUNT_SENT_ARP_REQUEST), 1);
    arrive_arp(2, other_link, STRANGER4, us_link, US4);
    expect_fate(ARP_REPLY_LEARNED);
}

/* The cache holds 256 neighbours; a packet that waits does not make it grow without bounds. */
PEER_TEST(flood_of_strangers_drops_the_oldest_who_waits, peer_run)
{
    static const uint8_t second[4] = {172, 20, 0, 1};

    expect_int(ifconfig_inet(world.root, "nv0", second, 16, NULL), 0);
    forget_sent();
    peer_mark();
    for (unsigned host = 0; host < 300; host++)
        expect_int(send_udp(0xac140100 + host, "flood"), 0);
    expect(counted(INET_COUNT_WAITERS_DROPPED) >= 300 - 256);
    forget_sent();
    arrive_arp(2, other_link, 0xac140100 + 299, us_link, 0xac140001);
    expect_fate(ARP_REPLY_LEARNED);
    expect_datagram(take_sent(), other_link, "flood");
}

PEER_TEST(memory_that_is_short_loses_the_packet_and_not_the_kernel, peer_run)
{
    world_fault("inet mbuf", 1);
    arrive_arp(1, other_link, STRANGER4, nowhere, US4);
    expect_fate(ARP_REQUEST_ANSWERED);
    expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), 1);
    expect_int(counted(INET_COUNT_SENT_ARP_REPLY), 0);
    world_fault("inet mbuf", 2);
    expect_int(send_udp(0x0a000064, "waits"), 0);
    expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), 2);
    sleep_ns(SECOND_NS);
    expect_int(counted(INET_COUNT_SENT_ARP_REQUEST), 1);
}

int
main(void)
{
    const TTest *const tests[] = {
        request_for_our_address_is_answered_to_its_sender,
        request_for_another_address_is_not_answered,
        sender_of_a_request_for_us_is_known_from_then_on,
        sender_of_a_request_for_others_is_not_noted,
        known_neighbour_that_asks_for_another_moves_to_its_new_link_address,
        announcement_of_a_known_neighbour_moves_it,
        probe_for_our_address_is_answered_and_teaches_nothing,
        reply_to_us_that_nobody_awaits_teaches_its_sender,
        reply_to_another_teaches_nothing_new,
        stranger_that_announces_itself_is_noted,
        question_for_no_address_is_ignored,
        packet_waits_for_the_reply_and_leaves_then,
        awaited_neighbour_may_answer_by_a_request_of_its_own,
        newest_packet_waits_and_the_older_is_counted_as_dropped,
        question_is_repeated_each_second_five_times_in_all,
        dead_neighbour_refuses_packets_for_twenty_seconds_and_is_asked_again,
        dead_neighbour_that_asks_for_us_is_alive,
        known_link_address_expires_after_twenty_minutes,
        claim_of_our_address_is_a_conflict_and_is_defended,
        our_own_packet_heard_again_is_no_conflict,
        sender_with_a_group_link_address_is_refused,
        reply_from_nobody_is_refused,
        malformed_packets_have_their_own_fates,
        packet_in_many_mbufs_is_read_as_in_one,
        address_that_is_set_is_announced,
        each_alias_asks_with_the_source_of_its_own_subnet,
        interface_that_goes_down_forgets_its_neighbours,
        refusal_of_the_driver_is_counted_and_the_question_repeated,
        flood_of_strangers_drops_the_oldest_who_waits,
        memory_that_is_short_loses_the_packet_and_not_the_kernel,
        NULL,
    };

    return suite_main("arp", tests);
}
