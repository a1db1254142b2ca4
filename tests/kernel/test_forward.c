/* SPDX-License-Identifier: BSD-2-Clause */
/* IP forwarding between tun0 and en0: ip_forward.c, ip6_forward.c. */
#include "network.h"

#include <ifconfig.h>
#include <sysctl_host.h>

#include <string.h>

static uint8_t packet[2048], answer[2048];

static int
setting(const char *name, int number)
{
    const struct ksim_sysctl_value value = {.number = number};

    return ksim_system_sysctl(world.root, name, NULL, &value);
}

/* The Mac of the FAQ: a client 10.0.0.2 behind tun0, the LAN behind en0. */
static int
router_begin(void)
{
    int tun = network_device("tun0");

    network_configure("en0", "192.168.1.10", 24);
    network_point_to_point("tun0", "10.0.0.1", "10.0.0.2");
    network_route("0.0.0.0", 0, "192.168.1.1", "en0");
    ksim_lan_route_add(world.kernel, "desk", network_address("10.0.0.0").bytes, 24,
                       network_address("192.168.1.10").bytes);
    ksim_lan_route_add(world.kernel, "router", network_address("10.0.0.0").bytes, 24,
                       network_address("192.168.1.10").bytes);
    return tun;
}

static void
router_end(int tun)
{
    ksim_system_close(world.root, tun);
    network_unload();
}

/* The client sends; what comes back within 20 ms is in `answer`: its length or 0. */
static int64_t
client_asks(int tun, size_t bytes)
{
    int64_t result = ksim_system_write(world.root, tun, packet, bytes);

    if (result != (int64_t)bytes) {
        say("write", result);
    }
    ksim_system_sleep(world.root, 20000000);
    return network_read(tun, answer, sizeof(answer));
}

static void
say_answer(int64_t length)
{
    say("got", length);
    if (length > 0) {
        say("right", network_sums_are_right(answer, (size_t)length));
        say("type", answer[20] * 100 + answer[21]);
        say("from", answer[12] * 1000 + answer[15]);
    }
}

static void
off_body(void *argument)
{
    int tun = router_begin();

    (void)argument;
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 8, 1, 8)));
    say("seen", (long long)network_seen("desk").frames);
    router_end(tun);
}

START_TEST(a_host_forwards_nothing)
{
    struct ksim_inet_statistics statistics;

    world_check(off_body);
    ck_assert_str_eq(said(), "got=0 seen=1 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_NOT_OURS], 1);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_FORWARDED], 0);
}
END_TEST

static void
on_body(void *argument)
{
    int tun = router_begin();

    (void)argument;
    say("on", setting("net.inet.ip.forwarding", 1));
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 8, 1, 8)));
    say("ttl", answer[8]);
    say("seen_ttl", network_seen("desk").last_hop_limit);
    say("seen_from", network_seen("desk").last_source[3]);
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 1, 8)));
    say("outside_ttl", network_seen("outside").last_hop_limit);
    say("off", setting("net.inet.ip.forwarding", 0));
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 8, 1, 8)));
    router_end(tun);
}

START_TEST(a_router_forwards_both_ways)
{
    struct ksim_inet_statistics statistics;

    world_check(on_body);
    ck_assert_str_eq(said(), "on=0 got=36 right=1 type=0 from=192020 ttl=63 seen_ttl=63 seen_from=2 "
                             "got=36 right=1 type=0 from=203005 outside_ttl=62 off=0 got=0 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_FORWARDED], 4);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_NOT_OURS], 1);
}
END_TEST

static void
lan_asks_body(void *argument)
{
    int tun = router_begin();
    int64_t length;

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    ksim_lan_ping(world.kernel, "desk", network_address("10.0.0.2").bytes, 77, 1, 8);
    ksim_system_sleep(world.root, 20000000);
    length = network_read(tun, answer, sizeof(answer));
    say_answer(length);
    length = client_asks(tun, network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 0, 77, 8));
    say("replies", (long long)network_seen("desk").echo_replies);
    router_end(tun);
}

START_TEST(a_host_of_the_lan_reaches_the_client_of_the_tunnel)
{
    world_check(lan_asks_body);
    ck_assert_str_eq(said(), "got=36 right=1 type=800 from=192020 replies=1 ");
}
END_TEST

static void
expired_body(void *argument)
{
    int tun = router_begin();
    size_t length = network_make_echo(packet, "10.0.0.2", "203.0.113.5", 1, 8, 9, 8);
    int64_t got;

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    got = client_asks(tun, length);
    say_answer(got);
    say("quotes", memcmp(answer + 28, packet, 28));
    got = client_asks(tun, network_make_echo(packet, "10.0.0.2", "203.0.113.5", 2, 8, 9, 8));
    say_answer(got);
    router_end(tun);
}

START_TEST(the_time_to_live_ends_at_each_router_in_turn)
{
    world_check(expired_body);
    ck_assert_str_eq(said(), "got=56 right=1 type=1100 from=10001 quotes=0 "
                             "got=56 right=1 type=1100 from=192001 ");
}
END_TEST

static void
refused_body(void *argument)
{
    static const char *const nowhere[] = {"169.254.1.1", "224.0.0.5", "0.1.2.3", "240.0.0.1",
                                          "192.168.1.255"};
    int tun = router_begin();

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    for (int i = 0; i < 5; i++) {
        say("got", client_asks(tun, network_make_echo(packet, "10.0.0.2", nowhere[i], 64, 8, 1, 8)));
    }
    say("link_local", client_asks(tun, network_make_echo(packet, "169.254.9.9", "192.168.1.20", 64,
                                                         8, 1, 8)));
    say("seen", (long long)network_seen("desk").echo_requests);
    router_end(tun);
}

START_TEST(groups_broadcasts_and_link_local_addresses_stay_where_they_are)
{
    struct ksim_inet_statistics statistics;

    world_check(refused_body);
    ck_assert_str_eq(said(), "got=0 got=0 got=0 got=0 got=0 link_local=0 seen=0 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_CANNOT_FORWARD], 5);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_GROUP_NOT_JOINED], 1);
}
END_TEST

static void
no_route_body(void *argument)
{
    const struct ksim_inet_address everywhere = {.family = 4};
    int tun = router_begin();

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    ksim_route_delete(world.kernel, &everywhere, 0);
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 9, 8)));
    say("down", ifconfig_down(world.root, "en0"));
    say_answer(client_asks(tun, network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 8, 9, 8)));
    router_end(tun);
}

START_TEST(a_packet_without_a_way_is_answered_host_unreachable)
{
    world_check(no_route_body);
    ck_assert_str_eq(said(), "got=56 right=1 type=301 from=10001 down=0 "
                             "got=56 right=1 type=301 from=10001 ");
}
END_TEST

static void
too_big_body(void *argument)
{
    int tun = router_begin();
    size_t length;
    int64_t got;

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    say("mtu", ifconfig_mtu(world.root, "en0", 600));
    length = network_make_echo(packet, "10.0.0.2", "192.168.1.20", 64, 8, 9, 1000);
    packet[6] = 0x40;
    network_put16(packet + 10, 0);
    network_put16(packet + 10, ~network_sum(0, packet, 20));
    got = client_asks(tun, length);
    say_answer(got);
    say("next_mtu", network_get16(answer + 26));
    say("quotes", memcmp(answer + 28, packet, 28));
    router_end(tun);
}

START_TEST(dont_fragment_is_answered_with_the_mtu_of_the_way_out)
{
    struct ksim_inet_statistics statistics;

    world_check(too_big_body);
    ck_assert_str_eq(said(), "mtu=0 got=56 right=1 type=304 from=10001 next_mtu=600 quotes=0 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_FORWARD_TOO_BIG], 1);
}
END_TEST

/* A fragment in the middle of a datagram is broken once more: offsets, flags and bytes of all pieces. */
static void
fragments_body(void *argument)
{
    static uint8_t whole[1600];
    int tun = router_begin();
    size_t length;
    int64_t got;

    (void)argument;
    setting("net.inet.ip.forwarding", 1);
    say("mtu", ifconfig_mtu(world.root, "tun0", 500));
    length = network_make_udp(packet, "192.168.1.20", 5, "10.0.0.2", 6, 992);
    memcpy(whole, packet, length);
    network_put16(packet + 6, 0x2000 | 100);
    network_put16(packet + 10, 0);
    network_put16(packet + 10, ~network_sum(0, packet, 20));
    memmove(packet + 14, packet, length);
    memcpy(packet, "\x00\x00\x5e\x00\x53\x01\x00\x00\x5e\x00\x53\x20\x08\x00", 14);
    ksim_lan_send_frame(world.kernel, "desk", packet, 14 + length);
    ksim_system_sleep(world.root, 20000000);
    while ((got = network_read(tun, answer, sizeof(answer))) > 0) {
        unsigned field = network_get16(answer + 6);
        size_t at = (field & 0x1fff) * 8 - 800;

        say("bytes", got);
        say("at", (long long)at);
        say("more", field >> 13);
        say("sum", network_sum(0, answer, 20) == 0xffff);
        say("same", memcmp(answer + 20, whole + 20 + at, (size_t)got - 20));
    }
    router_end(tun);
}

START_TEST(a_fragment_is_fragmented_again_in_its_place)
{
    world_check(fragments_body);
    ck_assert_str_eq(said(), "mtu=0 bytes=500 at=0 more=1 sum=1 same=0 "
                             "bytes=500 at=480 more=1 sum=1 same=0 "
                             "bytes=60 at=960 more=1 sum=1 same=0 ");
}
END_TEST

/* --- IPv6 ---------------------------------------------------------------------------------------- */

static const uint8_t near6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2};
static const uint8_t far6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 2};
static const uint8_t nowhere6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 9, [15] = 2};
static const uint8_t link_local6[16] = {0xfe, 0x80, [15] = 2};

static size_t
make_udp6(const uint8_t from[16], const uint8_t to[16], uint8_t hop_limit, size_t bytes)
{
    memset(packet, 0, 48 + bytes);
    packet[0] = 0x60;
    network_put16(packet + 4, (unsigned)(8 + bytes));
    packet[6] = 17;
    packet[7] = hop_limit;
    memcpy(packet + 8, from, 16);
    memcpy(packet + 24, to, 16);
    network_put16(packet + 40, 1000);
    network_put16(packet + 42, 2000);
    network_put16(packet + 44, (unsigned)(8 + bytes));
    network_put16(packet + 46, 0x1234);
    return 48 + bytes;
}

static int near_tun, far_tun;

static void
say6(const char *what, size_t bytes)
{
    int64_t got;

    say(what, ksim_system_write(world.root, near_tun, packet, bytes) == (int64_t)bytes);
    ksim_system_sleep(world.root, 20000000);
    while ((got = network_read(far_tun, answer, sizeof(answer))) > 0) {
        say("far", got);
        say("hops", answer[7]);
    }
    while ((got = network_read(near_tun, answer, sizeof(answer))) > 0) {
        if (answer[6] == 58 && answer[40] < 128) {
            say("error", answer[40] * 100 + answer[41]);
            say("word", answer[46] << 8 | answer[47]);
        }
    }
}

static void
six_body(void *argument)
{
    uint8_t near_own[16], far_own[16];

    (void)argument;
    memcpy(near_own, near6, 16);
    memcpy(far_own, far6, 16);
    near_own[15] = far_own[15] = 1;
    near_tun = network_device("tun0");
    far_tun = network_device("tun1");
    say("up", ifconfig_inet6(world.root, "tun0", near_own, 64) + ifconfig_up(world.root, "tun0"));
    say("up", ifconfig_inet6(world.root, "tun1", far_own, 64) + ifconfig_up(world.root, "tun1"));
    ksim_system_sleep(world.root, 3000000000);
    while (network_read(near_tun, answer, sizeof(answer)) > 0 ||
           network_read(far_tun, answer, sizeof(answer)) > 0) {
    }
    say6("off", make_udp6(near6, far6, 64, 10));
    setting("net.inet6.ip6.forwarding", 1);
    say6("on", make_udp6(near6, far6, 64, 10));
    say6("last_hop", make_udp6(near6, far6, 1, 10));
    say6("nowhere", make_udp6(near6, nowhere6, 64, 10));
    say6("link_local", make_udp6(near6, link_local6, 64, 10));
    ifconfig_mtu(world.root, "tun1", 1280);
    say6("big", make_udp6(near6, far6, 64, 1300));
    ksim_system_close(world.root, near_tun);
    ksim_system_close(world.root, far_tun);
    network_unload();
}

START_TEST(ipv6_is_forwarded_between_two_tunnels)
{
    struct ksim_inet_statistics statistics;

    world_check(six_body);
    ck_assert_str_eq(said(), "up=0 up=0 off=1 on=1 far=58 hops=63 last_hop=1 error=300 word=0 "
                             "nowhere=1 error=100 word=0 link_local=1 big=1 error=200 word=1280 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP6_FORWARDED], 1);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP6_EXPIRED], 1);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP6_FORWARD_NO_ROUTE], 1);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP6_FORWARD_TOO_BIG], 1);
}
END_TEST

START_TEST(forwarding_works_on_every_schedule_and_release)
{
    for (int darwin = 10; darwin <= 24; darwin += 7) {
        for (uint64_t seed = 1; seed <= 4; seed++) {
            world_end();
            world_begin(darwin);
            world_shuffle(seed);
            world_check(lan_asks_body);
            ck_assert_str_eq(said(), "got=36 right=1 type=800 from=192020 replies=1 ");
        }
    }
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_host_forwards_nothing,
        a_router_forwards_both_ways,
        a_host_of_the_lan_reaches_the_client_of_the_tunnel,
        the_time_to_live_ends_at_each_router_in_turn,
        groups_broadcasts_and_link_local_addresses_stay_where_they_are,
        a_packet_without_a_way_is_answered_host_unreachable,
        dont_fragment_is_answered_with_the_mtu_of_the_way_out,
        a_fragment_is_fragmented_again_in_its_place,
        ipv6_is_forwarded_between_two_tunnels,
        forwarding_works_on_every_schedule_and_release,
        NULL,
    };

    world_has_ethernet = true;
    return suite_main("forward", tests);
}
