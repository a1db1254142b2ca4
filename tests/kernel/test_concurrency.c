/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The stack's tables under every interleaving: programs send, addresses, routes and groups come and go,
 * the interface goes down and up and away, while packets arrive and deadlines pass. Nothing may be left,
 * counted twice, or touched after its end, whatever the schedule.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

enum { SEEDS = 24, ROUNDS = 12, WORKERS = 5 };

static unsigned working;
static const uint8_t second4[4] = {172, 20, 0, 1};
static const uint8_t second6[16] = {0xfd, 2, [15] = 1};

static void
send_round(unsigned round)
{
    struct ksim_inet_address to = address4(STRANGER4 + round % 5);

    (void)ksim_udp_send(world.kernel, &to, 1, 2, (const uint8_t *)"x", 1);
    to = address6(stranger6, 0);
    to.bytes[14] = (uint8_t)(round % 5);
    (void)ksim_udp_send(world.kernel, &to, 1, 2, (const uint8_t *)"x", 1);
    to = address4(US4);
    (void)ksim_udp_send(world.kernel, &to, 1, 2, (const uint8_t *)"x", 1);
}

static void
address_round(unsigned round)
{
    uint8_t request[288] = {0};

    (void)ifconfig_inet(world.root, "nv0", second4, 16, second4);
    (void)ifconfig_inet6(world.root, "nv0", second6, 64);
    request[16] = 16;
    request[17] = KSIM_AF_INET;
    memcpy(request + 20, second4, 4);
    (void)configure(KSIM_AF_INET, 0x80206919, "nv0", request);
    memset(request, 0, sizeof(request));
    request[16] = 28;
    request[17] = KSIM_AF_INET6;
    memcpy(request + 24, second6, 16);
    if (round % 2 == 0)
        (void)configure(KSIM_AF_INET6, 0x81206919, "nv0", request);
}

static void
table_round(unsigned round)
{
    struct ksim_inet_address group = address4(0xe00000fb), group6 = address6(all_nodes6, 0);
    struct ksim_inet_address network = address4(0xc0a80000 + round), gateway = address4(PEER4);

    group6.bytes[15] = 0xfb;
    (void)ksim_group_join(world.kernel, &group, "nv0");
    (void)ksim_group_join(world.kernel, &group6, "nv0");
    (void)ksim_route_add(world.kernel, &network, 32, &gateway, "nv0");
    (void)ksim_udp_send(world.kernel, &network, 1, 2, (const uint8_t *)"x", 1);
    (void)ksim_route_delete(world.kernel, &network, 32);
    (void)ksim_group_leave(world.kernel, &group, "nv0");
    (void)ksim_group_leave(world.kernel, &group6, "nv0");
}

static void
updown_round(unsigned round)
{
    sleep_ns(round * SECOND_NS / 2);
    (void)ifconfig_down(world.root, "nv0");
    sleep_ns(MILLISECOND_NS);
    (void)ifconfig_up(world.root, "nv0");
}

static void (*const rounds[WORKERS])(unsigned) = {send_round, address_round, table_round,
                                                  table_round, updown_round};

static void
worker(void *argument)
{
    void (*const *round)(unsigned) = argument;

    for (unsigned number = 0; number < ROUNDS; number++)
        (*round)(number);
    working--;
}

static void
start_workers(void)
{
    working = WORKERS;
    for (unsigned at = 0; at < WORKERS; at++)
        ksim_thread_run(world.root, "worker", worker, (void *)(uintptr_t)&rounds[at]);
}

/* A fragment, an echo and an ARP request, as the peer sends them now and then. */
static void
arrive_something(uint16_t round)
{
    static const uint8_t nowhere[6];
    const struct ip4_fields piece = {
        .from = PEER4, .to = US4, .protocol = PROTOCOL_UDP, .id = round, .fragment = IP4_MF};

    arrive4(&piece, "12345678", 8);
    arrive_ping(round);
    arrive_ping6(round);
    if (inet_wire_is_ethernet(0))
        arrive_arp(1, peer_link, PEER4, nowhere, US4);
    forget_sent();
}

static void
live_together(void)
{
    start_workers();
    for (uint16_t round = 0; working != 0 && round < 2000; round++) {
        arrive_something(round);
        sleep_ns(50 * MILLISECOND_NS);
    }
    expect_int(working, 0);
}

/* The interface goes while everybody is at work on it. */
static void
lose_the_interface(void)
{
    start_workers();
    for (uint16_t round = 0; round < 3; round++)
        arrive_something(round);
    expect_int(inet_wire_destroy(0), 0);
    while (working != 0)
        sleep_ns(SECOND_NS);
    expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
}

static void
on_every_schedule(void (*body)(void), void (*run)(void (*)(void)))
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world_end();
        world_begin(0);
        world_shuffle(seed);
        run(body);
    }
}

START_TEST(everything_at_once_on_ethernet_on_every_schedule)
{
    on_every_schedule(live_together, peer_run);
}
END_TEST

START_TEST(everything_at_once_without_a_link_layer_on_every_schedule)
{
    on_every_schedule(live_together, peer_run_point_to_point);
}
END_TEST

START_TEST(interface_goes_away_under_everybody_on_every_schedule)
{
    on_every_schedule(lose_the_interface, peer_run);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        everything_at_once_on_ethernet_on_every_schedule,
        everything_at_once_without_a_link_layer_on_every_schedule,
        interface_goes_away_under_everybody_on_every_schedule,
        NULL,
    };

    return suite_main("concurrency", tests);
}
