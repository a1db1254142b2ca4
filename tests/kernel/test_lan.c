/* SPDX-License-Identifier: BSD-2-Clause */
/* en0 and the network behind it: lan_host.h, ethernet_nic.h. */
#include "network.h"

#include <bpf_host.h>
#include <ifconfig.h>

#include <stdio.h>
#include <string.h>

static const uint8_t mac_link[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01};
static const uint8_t desk_link[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x20};
static const uint8_t stranger[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

static void
ping_body(void *argument)
{
    struct ksim_lan_seen seen;
    uint64_t sent_ns;

    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("ping", network_ping("192.168.1.20", 56));
    sent_ns = ksim_system_time_ns();
    say("again", network_ping("192.168.1.20", 56));
    say("within_a_ms", (ksim_system_time_ns() - sent_ns) / 1000000);
    seen = network_seen("desk");
    say("arp", (long long)seen.arp_requests);
    say("echo", (long long)seen.echo_requests);
    say("bad", (long long)seen.bad);
    say("from", seen.last_source[3]);
    say("router_saw", (long long)network_seen("router").echo_requests);
}

START_TEST(a_mac_with_ethernet_pings_a_host_of_the_lan)
{
    world_check(ping_body);
    ck_assert_str_eq(said(), "ping=64 again=64 within_a_ms=1 arp=1 echo=2 bad=0 from=10 "
                             "router_saw=0 ");
}
END_TEST

static void
pinged_body(void *argument)
{
    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("small", network_lan_ping("desk", "192.168.1.10", 1));
    say("full", network_lan_ping("desk", "192.168.1.10", 1472));
    say("nobody", network_lan_ping("desk", "192.168.1.11", 56));
    say("arp", (long long)network_seen("desk").arp_replies);
}

START_TEST(a_host_of_the_lan_pings_the_mac)
{
    world_check(pinged_body);
    ck_assert_str_eq(said(), "small=64 full=64 nobody=0 arp=1 ");
}
END_TEST

static void
routed_body(void *argument)
{
    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("without_route", network_ping("203.0.113.5", 56));
    network_route("0.0.0.0", 0, "192.168.1.1", "en0");
    say("outside", network_ping("203.0.113.5", 56));
    say("forwarded", (long long)network_seen("router").forwarded);
    say("hop_limit", network_seen("outside").last_hop_limit);
    say("back", network_lan_ping("outside", "192.168.1.10", 100));
    say("elsewhere", network_ping("198.51.100.1", 56));
    say("no_route", (long long)network_seen("router").no_route);
}

START_TEST(the_outside_is_reached_through_the_router_only)
{
    world_check(routed_body);
    ck_assert_str_eq(said(), "without_route=-65 outside=63 forwarded=2 hop_limit=63 back=63 "
                             "elsewhere=0 no_route=1 ");
}
END_TEST

static char heard_payload[16];

static void
datagram_heard(void *context, const struct ksim_inet_address *from, uint16_t from_port,
               const uint8_t *payload, size_t bytes)
{
    (void)context;
    (void)from;
    snprintf(heard_payload, sizeof(heard_payload), "%.*s", (int)bytes, (const char *)payload);
    say("heard_from", from_port);
}

static void
services_body(void *argument)
{
    const struct ksim_inet_address desk = {.family = 4, .bytes = {192, 168, 1, 20}};
    const uint8_t *payload = (const uint8_t *)"odd";

    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    ksim_udp_listen(world.kernel, 5000, datagram_heard, NULL);
    say("echo", ksim_udp_send(world.kernel, &desk, 5000, 7, payload, 3));
    ksim_system_sleep(world.root, 10000000);
    say("same", strcmp(heard_payload, "odd") == 0);
    say("closed", ksim_udp_send(world.kernel, &desk, 5000, 9, payload, 3));
    ksim_system_sleep(world.root, 10000000);
    say("echoed", (long long)network_seen("desk").udp_echoed);
    say("refused", (long long)network_seen("desk").udp_refused);
    say("to_mac", ksim_lan_udp(world.kernel, "desk", network_address("192.168.1.10").bytes, 6000,
                               7, payload, 3));
    ksim_system_sleep(world.root, 10000000);
    say("answered", (long long)network_seen("desk").udp_replies);
    say("closed", ksim_lan_udp(world.kernel, "desk", network_address("192.168.1.10").bytes, 6000,
                               9, payload, 3));
    ksim_system_sleep(world.root, 10000000);
    say("error", network_seen("desk").last_error_type * 10 + network_seen("desk").last_error_code);
    ksim_udp_close(world.kernel, 5000);
}

START_TEST(udp_is_echoed_and_refused_both_ways)
{
    struct ksim_inet_statistics statistics;

    world_check(services_body);
    ck_assert_str_eq(said(), "echo=0 heard_from=7 same=1 closed=0 echoed=1 refused=1 to_mac=0 "
                             "answered=1 closed=0 error=33 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_ICMP_ERROR], 1);
}
END_TEST

/* Counts what a capture on en0 is handed. */
static unsigned captured_in, captured_out;
static uint8_t captured_frame[1600];
static size_t captured_bytes;

static void
frame_captured(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length)
{
    (void)context;
    (void)time_ns;
    if (outbound) {
        captured_out++;
    } else {
        captured_in++;
        captured_bytes = length;
        memcpy(captured_frame, bytes, length < sizeof(captured_frame) ? length : 0);
    }
}

/* The desk sends a frame to somebody; how many came in at en0. */
static unsigned
frames_that_came(const uint8_t to[6], const uint8_t from[6], size_t bytes)
{
    static const uint8_t payload[1500];
    uint8_t frame[1514];
    size_t length = network_make_frame(frame, to, from, 0x88b5, payload, bytes);

    captured_in = 0;
    say("send", ksim_lan_send_frame(world.kernel, "desk", frame, length));
    ksim_system_sleep(world.root, 10000000);
    return captured_in;
}

static void
filter_body(void *argument)
{
    static const uint8_t group[6] = {0x01, 0, 0x5e, 1, 2, 3};
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ksim_capture *capture;
    int link_type = 0;

    (void)argument;
    say("open", ksim_capture_open(world.kernel, "en0", frame_captured, NULL, &capture, &link_type));
    say("link_type", link_type);
    say("own", frames_that_came(mac_link, desk_link, 46));
    say("stranger", frames_that_came(stranger, desk_link, 46));
    say("group", frames_that_came(group, desk_link, 46));
    say("all", frames_that_came(everybody, desk_link, 1500));
    say("padded", frames_that_came(mac_link, desk_link, 1));
    say("bytes", (long long)captured_bytes);
    say("same", memcmp(captured_frame, mac_link, 6));
    say("down", ifconfig_down(world.root, "en0"));
    say("own", frames_that_came(mac_link, desk_link, 46));
    say("mtu", ifconfig_mtu(world.root, "en0", 1000));
    say("up", ifconfig_up(world.root, "en0"));
    say("big", frames_that_came(mac_link, desk_link, 1001));
    say("fits", frames_that_came(mac_link, desk_link, 1000));
    say("jumbo", ifconfig_mtu(world.root, "en0", 9000));
    ksim_capture_close(capture);
}

START_TEST(the_card_passes_on_what_is_for_it)
{
    world_check(filter_body);
    ck_assert_str_eq(said(), "open=0 link_type=1 send=0 own=1 send=0 stranger=0 send=0 group=1 "
                             "send=0 all=1 send=0 padded=1 bytes=60 same=0 down=0 send=0 own=0 "
                             "mtu=0 up=0 send=0 big=0 send=0 fits=1 jumbo=-22 ");
}
END_TEST

static void
cable_body(void *argument)
{
    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("plugged", network_ping("192.168.1.20", 56));
    ksim_lan_cable(world.kernel, false);
    say("pulled", network_ping("192.168.1.20", 56));
    ksim_lan_cable(world.kernel, true);
    say("plugged", network_ping("192.168.1.20", 56));
}

START_TEST(nothing_crosses_a_pulled_cable)
{
    world_check(cable_body);
    ck_assert_str_eq(said(), "plugged=64 pulled=0 plugged=64 ");
}
END_TEST

/* A second host that claims to be where the first one was: the switch follows the newest frame. */
static void
switch_body(void *argument)
{
    const uint8_t *payload = (const uint8_t *)"x";
    uint8_t frame[64];
    size_t length;

    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("ping", network_ping("192.168.1.20", 56));
    length = network_make_frame(frame, desk_link, stranger, 0x88b5, payload, 1);
    ksim_lan_send_frame(world.kernel, "router", frame, length);
    ksim_system_sleep(world.root, 1000000);
    say("desk_other", (long long)network_seen("desk").other);
    length = network_make_frame(frame, stranger, desk_link, 0x88b5, payload, 1);
    ksim_lan_send_frame(world.kernel, "desk", frame, length);
    ksim_system_sleep(world.root, 1000000);
    say("router_others", (long long)network_seen("router").frames_for_others);
    length = network_make_frame(frame, mac_link, stranger, 0x88b5, payload, 1);
    ksim_lan_send_frame(world.kernel, "desk", frame, length);
    ksim_system_sleep(world.root, 1000000);
    length = network_make_frame(frame, stranger, mac_link, 0x88b5, payload, 1);
    ksim_lan_send_frame(world.kernel, "router", frame, length);
    ksim_system_sleep(world.root, 1000000);
    say("desk_others", (long long)network_seen("desk").frames_for_others);
    say("none", ksim_lan_send_frame(world.kernel, "nobody", frame, length));
    say("short", ksim_lan_send_frame(world.kernel, "desk", frame, 13));
}

START_TEST(the_switch_learns_who_is_where)
{
    world_check(switch_body);
    ck_assert_str_eq(said(), "ping=64 desk_other=2 router_others=1 desk_others=1 none=6 short=40 ");
}
END_TEST

static void
loss_body(void *argument)
{
    (void)argument;
    network_configure("en0", "192.168.1.10", 24);
    say("ping", network_ping("192.168.1.20", 56));
}

START_TEST(en0_is_there_on_every_release)
{
    for (int darwin = 10; darwin <= 24; darwin++) {
        world_end();
        world_begin(darwin);
        world_check(loss_body);
        ck_assert_msg(strcmp(said(), "ping=64 ") == 0, "darwin%d", darwin);
    }
}
END_TEST

START_TEST(a_mac_without_ethernet_has_neither_en0_nor_a_lan)
{
    struct ksim_lan_host host;

    world_end();
    world_has_ethernet = false;
    world_begin(0);
    world_has_ethernet = true;
    ck_assert(!ksim_lan_present(world.kernel));
    ck_assert(!ksim_lan_host_at(world.kernel, 0, &host));
    ck_assert_int_eq(ksim_lan_ping(world.kernel, "desk", desk_link, 1, 1, 1), KSIM_ENXIO);
}
END_TEST

START_TEST(pings_come_home_on_every_schedule)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        world_end();
        world_begin(0);
        world_shuffle(seed);
        world_check(loss_body);
        ck_assert_msg(strcmp(said(), "ping=64 ") == 0, "seed %d", (int)seed);
    }
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_mac_with_ethernet_pings_a_host_of_the_lan,
        a_host_of_the_lan_pings_the_mac,
        the_outside_is_reached_through_the_router_only,
        udp_is_echoed_and_refused_both_ways,
        the_card_passes_on_what_is_for_it,
        nothing_crosses_a_pulled_cable,
        the_switch_learns_who_is_where,
        en0_is_there_on_every_release,
        a_mac_without_ethernet_has_neither_en0_nor_a_lan,
        pings_come_home_on_every_schedule,
        NULL,
    };

    world_has_ethernet = true;
    return suite_main("lan", tests);
}
