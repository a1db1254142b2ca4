/* SPDX-License-Identifier: BSD-2-Clause */
/* nat on en0 from tun0:network to any -> (en0): ip_nat.h. */
#include "network.h"

#include <ifconfig.h>
#include <nat_host.h>
#include <sysctl_host.h>

#include <string.h>

static uint8_t packet[2048], answer[2048];
static int tun;

static void
rule_load(const char *from, unsigned from_bits)
{
    struct ksim_nat_rule rule = {.interface = "en0", .from_bits = from_bits, .target_dynamic = true,
                                 .target_interface = "en0"};

    memcpy(rule.from, network_address(from).bytes, 4);
    say("load", ksim_nat_load(world.root, &rule, 1));
    say("enable", ksim_nat_enable(world.root, true));
}

/* A router with clients behind tun0 and a LAN that knows nothing of 10.0.0.0. */
static void
nat_begin(void)
{
    const struct ksim_sysctl_value on = {.number = 1};
    const struct ksim_inet_address clients = {.family = 4, .bytes = {10, 0, 0, 0}};

    tun = network_device("tun0");
    network_configure("en0", "192.168.1.10", 24);
    network_point_to_point("tun0", "10.0.0.1", "10.0.0.2");
    ksim_route_add(world.kernel, &clients, 24, NULL, "tun0");
    network_route("0.0.0.0", 0, "192.168.1.1", "en0");
    ksim_system_sysctl(world.root, "net.inet.ip.forwarding", NULL, &on);
}

static void
nat_end(void)
{
    ksim_system_close(world.root, tun);
    network_unload();
}

static int64_t
client_asks(size_t bytes)
{
    int64_t result = ksim_system_write(world.root, tun, packet, bytes);

    if (result != (int64_t)bytes) {
        say("write", result);
    }
    ksim_system_sleep(world.root, 20000000);
    return network_read(tun, answer, sizeof(answer));
}

static unsigned
state_count(void)
{
    struct ksim_nat_status status;
    unsigned count = 0;

    while (ksim_nat_state_at(world.root, count, &status) == 1) {
        count++;
    }
    return count;
}

static void
say_answer(int64_t length)
{
    say("got", length);
    if (length > 0) {
        say("right", network_sums_are_right(answer, (size_t)length));
        say("from", answer[12] * 1000 + answer[15]);
        say("to", answer[16] * 1000 + answer[19]);
    }
}

/* --- protocols ----------------------------------------------------------------------------------- */

static void
ping_body(void *argument)
{
    struct ksim_lan_seen seen;
    int64_t length;

    (void)argument;
    nat_begin();
    say_answer(client_asks(network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 77, 9)));
    say("without", (long long)network_seen("router").no_route);
    rule_load("10.0.0.0", 24);
    length = client_asks(network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 77, 9));
    say_answer(length);
    say("identifier", network_get16(answer + 24));
    say("payload", memcmp(answer + 28, packet + 28, 9));
    seen = network_seen("outside");
    say("seen_from", seen.last_source[0] * 1000 + seen.last_source[3]);
    say("seen_id", seen.last_port);
    say("bad", (long long)seen.bad);
    nat_end();
}

START_TEST(a_ping_from_the_tunnel_leaves_with_the_address_of_en0)
{
    world_check(ping_body);
    ck_assert_str_eq(said(), "got=0 without=1 load=0 enable=0 got=37 right=1 from=203005 to=10002 "
                             "identifier=77 payload=0 seen_from=192010 seen_id=50001 bad=0 ");
}
END_TEST

static void
ports_body(void *argument)
{
    struct ksim_nat_status status;

    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    say_answer(client_asks(network_make_udp(packet, "10.0.0.2", 1234, "203.0.113.5", 7, 5)));
    say("port", network_get16(answer + 22));
    say("seen", network_seen("outside").last_port);
    say_answer(client_asks(network_make_udp(packet, "10.0.0.3", 1234, "203.0.113.5", 7, 6)));
    say("port", network_get16(answer + 22));
    say("seen", network_seen("outside").last_port);
    say_answer(client_asks(network_make_udp(packet, "10.0.0.2", 1234, "203.0.113.5", 7, 5)));
    say("seen", network_seen("outside").last_port);
    say("states", state_count());
    say_answer(client_asks(network_make_tcp(packet, "10.0.0.2", 1234, "203.0.113.5", 80, 2)));
    say("flags", answer[33]);
    say("port", network_get16(answer + 22));
    say("bad", (long long)network_seen("outside").bad);
    say("state", ksim_nat_state_at(world.root, 0, &status));
    say("protocol", status.protocol);
    say("progress", status.progress[0] * 10 + status.progress[1]);
    nat_end();
}

START_TEST(udp_and_tcp_ports_are_mapped_and_mapped_back)
{
    world_check(ports_body);
    ck_assert_str_eq(said(), "load=0 enable=0 got=33 right=1 from=203005 to=10002 port=1234 seen=50001 "
                             "got=34 right=1 from=203005 to=10003 port=1234 seen=50002 "
                             "got=33 right=1 from=203005 to=10002 seen=50001 states=2 "
                             "got=40 right=1 from=203005 to=10002 flags=20 port=1234 bad=0 "
                             "state=1 protocol=6 progress=14 ");
}
END_TEST

static void
errors_body(void *argument)
{
    int64_t length;

    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    length = client_asks(network_make_udp(packet, "10.0.0.2", 1234, "203.0.113.5", 9, 5));
    say_answer(length);
    say("type", answer[20] * 100 + answer[21]);
    say("quoted_from", answer[40] * 1000 + answer[43]);
    say("quoted_port", network_get16(answer + 48));
    say("quoted_sum", network_sum(0, answer + 28, 20) == 0xffff);
    length = client_asks(network_make_echo(packet, "10.0.0.2", "203.0.113.5", 2, 8, 78, 9));
    say_answer(length);
    say("type", answer[20] * 100 + answer[21]);
    say("quoted_from", answer[40] * 1000 + answer[43]);
    say("quoted_id", network_get16(answer + 52));
    /* The client refuses what came for its port: the outside host must be able to read that. */
    client_asks(network_make_udp(packet, "10.0.0.2", 1234, "203.0.113.5", 7, 5));
    memset(packet + 20, 0, 8);
    memcpy(packet + 28, answer, 28);
    packet[20] = packet[21] = 3;
    packet[0] = 0x45;
    network_put16(packet + 2, 56);
    packet[9] = 1;
    packet[8] = 64;
    network_put16(packet + 10, 0);
    network_put16(packet + 10, ~network_sum(0, packet, 20));
    network_put16(packet + 22, ~network_sum(0, packet + 20, 36));
    client_asks(56);
    say("outside_errors", (long long)network_seen("outside").icmp_errors);
    say("about", network_seen("outside").last_error_about[0] * 1000 +
                     network_seen("outside").last_error_about[3]);
    say("bad", (long long)network_seen("outside").bad);
    nat_end();
}

START_TEST(icmp_errors_are_translated_down_to_what_they_quote)
{
    world_check(errors_body);
    ck_assert_str_eq(said(), "load=0 enable=0 got=56 right=1 from=203005 to=10002 type=303 "
                             "quoted_from=10002 quoted_port=1234 quoted_sum=1 "
                             "got=56 right=1 from=192001 to=10002 type=1100 quoted_from=10002 "
                             "quoted_id=78 outside_errors=1 about=192010 bad=0 ");
}
END_TEST

static void
fragments_body(void *argument)
{
    static uint8_t whole[1600];
    size_t length;

    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    length = network_make_udp(packet, "10.0.0.2", 1234, "203.0.113.5", 7, 992);
    memcpy(whole, packet, length);
    for (int piece = 0; piece < 2; piece++) {
        memcpy(packet, whole, 20);
        memcpy(packet + 20, whole + 20 + 504 * piece, 504);
        network_put16(packet + 2, piece == 0 ? 524 : (unsigned)(length - 504));
        network_put16(packet + 6, piece == 0 ? 0x2000 : 63);
        network_put16(packet + 10, 0);
        network_put16(packet + 10, ~network_sum(0, packet, 20));
        say("got", client_asks(network_get16(packet + 2)));
    }
    say("right", network_sums_are_right(answer, 1020));
    say("same", memcmp(answer + 28, whole + 28, 992));
    say("seen", (long long)network_seen("outside").udp_echoed);
    nat_end();
}

START_TEST(fragments_are_joined_before_they_are_translated)
{
    world_check(fragments_body);
    ck_assert_str_eq(said(), "load=0 enable=0 got=0 got=1020 right=1 same=0 seen=1 ");
}
END_TEST

static void
others_body(void *argument)
{
    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 30);
    say("outside_rule", client_asks(network_make_udp(packet, "10.0.0.9", 5, "203.0.113.5", 7, 5)));
    say("router_told", network_seen("outside").last_error_about[0]);
    say("states", state_count());
    say("own", network_ping("203.0.113.5", 56));
    say("lan", network_lan_ping("desk", "192.168.1.10", 56));
    say("states", state_count());
    say("stranger", ksim_lan_udp(world.kernel, "outside", network_address("192.168.1.10").bytes, 7,
                                 50001, (const uint8_t *)"x", 1));
    ksim_system_sleep(world.root, 20000000);
    say("came", network_read(tun, answer, sizeof(answer)));
    say("refused", network_seen("outside").last_error_type * 100 +
                       network_seen("outside").last_error_code);
    nat_end();
}

START_TEST(what_no_rule_and_no_state_names_is_left_alone)
{
    world_check(others_body);
    ck_assert_str_eq(said(), "load=0 enable=0 outside_rule=0 router_told=10 states=0 own=63 lan=64 "
                             "states=0 stranger=0 came=0 refused=303 ");
}
END_TEST

/* --- states -------------------------------------------------------------------------------------- */

static uint64_t
newest_expires_s(void)
{
    struct ksim_nat_status status = {0};

    ksim_nat_state_at(world.root, 0, &status);
    return (status.expires_in_ns + 500000000) / 1000000000;
}

static void
timeouts_body(void *argument)
{
    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    client_asks(network_make_udp(packet, "10.0.0.2", 1, "198.51.100.1", 7, 5));
    say("udp_first", (long long)newest_expires_s());
    client_asks(network_make_udp(packet, "10.0.0.2", 2, "203.0.113.5", 7, 5));
    say("udp_single", (long long)newest_expires_s());
    client_asks(network_make_udp(packet, "10.0.0.2", 2, "203.0.113.5", 7, 5));
    say("udp_multiple", (long long)newest_expires_s());
    client_asks(network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 3, 9));
    say("icmp", (long long)newest_expires_s());
    client_asks(network_make_tcp(packet, "10.0.0.2", 4, "198.51.100.1", 80, 2));
    say("tcp_first", (long long)newest_expires_s());
    client_asks(network_make_tcp(packet, "10.0.0.2", 5, "203.0.113.5", 80, 2));
    say("tcp_closed", (long long)newest_expires_s());
    say("states", state_count());
    ksim_system_sleep(world.root, 12000000000ULL);
    say("states", state_count());
    ksim_system_sleep(world.root, 80000000000ULL);
    say("states", state_count());
    client_asks(network_make_udp(packet, "10.0.0.2", 2, "203.0.113.5", 7, 5));
    say("new_port", network_seen("outside").last_port);
    say("flush", ksim_nat_flush_states(world.root));
    say("states", state_count());
    nat_end();
}

START_TEST(a_state_ends_some_time_after_its_last_packet)
{
    world_check(timeouts_body);
    ck_assert_str_eq(said(), "load=0 enable=0 udp_first=60 udp_single=30 udp_multiple=60 icmp=10 "
                             "tcp_first=120 tcp_closed=90 states=5 states=4 states=1 new_port=50006 "
                             "flush=2 states=0 ");
}
END_TEST

static void
limit_body(void *argument)
{
    struct ksim_nat_status status;

    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    for (unsigned port = 1; port <= 10001; port++) {
        size_t length = network_make_udp(packet, "10.0.0.2", (uint16_t)port, "192.168.1.20", 7, 1);

        if (ksim_system_write(world.root, tun, packet, length) != (int64_t)length) {
            say("write", port);
        }
        if (port % 10 == 0) {
            ksim_system_sleep(world.root, 1000000);
        }
        while (network_read(tun, answer, sizeof(answer)) > 0) {
        }
    }
    ksim_system_sleep(world.root, 20000000);
    say("full", ksim_nat_state_at(world.root, 9999, &status));
    say("more", ksim_nat_state_at(world.root, 10000, &status));
    ksim_system_sleep(world.root, 61000000000ULL);
    say_answer(client_asks(network_make_udp(packet, "10.0.0.2", 10001, "192.168.1.20", 7, 5)));
    say("states", state_count());
    nat_end();
}

START_TEST(the_table_holds_ten_thousand_states)
{
    struct ksim_inet_statistics statistics;

    world_check(limit_body);
    ck_assert_str_eq(said(), "load=0 enable=0 full=1 more=0 got=33 right=1 from=192020 "
                             "to=10002 states=1 ");
    ksim_inet_statistics(world.kernel, &statistics);
    ck_assert_uint_eq(statistics.count[INET_COUNT_IP4_NAT_REFUSED], 1);
}
END_TEST

/* --- requests ------------------------------------------------------------------------------------ */

static void
requests_body(void *argument)
{
    struct ksim_nat_rule rule = {.interface = "en0"}, read, many[33] = {{.interface = "en0"}};
    struct ksim_nat_status status;

    (void)argument;
    say("on", ksim_nat_is_enabled(world.root));
    say("stop", ksim_nat_enable(world.root, false));
    say("start", ksim_nat_enable(world.root, true));
    say("again", ksim_nat_enable(world.root, true));
    say("on", ksim_nat_is_enabled(world.root));
    say("load", ksim_nat_load(world.root, &rule, 1));
    say("rule", ksim_nat_rule_at(world.root, 0, &read));
    say("none", ksim_nat_rule_at(world.root, 1, &read));
    rule.from_bits = 33;
    say("bad", ksim_nat_load(world.root, &rule, 1));
    say("many", ksim_nat_load(world.root, many, 33));
    say("empty", ksim_nat_load(world.root, NULL, 0));
    say("none", ksim_nat_rule_at(world.root, 0, &read));
    ksim_process_set_uid(world.root, 501);
    say("user", ksim_nat_enable(world.root, false));
    say("user", ksim_nat_load(world.root, NULL, 0));
    say("user", ksim_nat_state_at(world.root, 0, &status));
    say("user", ksim_nat_flush_states(world.root));
}

START_TEST(requests_say_no_in_the_right_words)
{
    world_check(requests_body);
    ck_assert_str_eq(said(), "on=0 stop=-2 start=0 again=-17 on=1 load=0 rule=1 none=0 bad=-22 "
                             "many=-7 empty=0 none=0 user=-13 user=-13 user=-13 user=-13 ");
}
END_TEST

static void
dynamic_body(void *argument)
{
    (void)argument;
    nat_begin();
    rule_load("10.0.0.0", 24);
    say("new_address", ifconfig_inet(world.root, "en0", network_address("192.168.1.11").bytes, 24,
                                     NULL));
    say_answer(client_asks(network_make_echo(packet, "10.0.0.2", "203.0.113.5", 64, 8, 1, 9)));
    say("seen", network_seen("outside").last_source[3]);
    nat_end();
}

START_TEST(a_dynamic_target_is_the_first_address_of_its_interface)
{
    world_check(dynamic_body);
    ck_assert_str_eq(said(), "load=0 enable=0 new_address=0 got=37 right=1 from=203005 to=10002 "
                             "seen=10 ");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_ping_from_the_tunnel_leaves_with_the_address_of_en0,
        udp_and_tcp_ports_are_mapped_and_mapped_back,
        icmp_errors_are_translated_down_to_what_they_quote,
        fragments_are_joined_before_they_are_translated,
        what_no_rule_and_no_state_names_is_left_alone,
        a_state_ends_some_time_after_its_last_packet,
        the_table_holds_ten_thousand_states,
        requests_say_no_in_the_right_words,
        a_dynamic_target_is_the_first_address_of_its_interface,
        NULL,
    };

    world_has_ethernet = true;
    return suite_main("nat", tests);
}
