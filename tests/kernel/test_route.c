/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The way out of an address: interface subnets, point-to-point destinations, static routes, and the longest
 * prefix of them all (facts: kpi-ifnet.md 14.2, 14.4). Two wires: nv0 as in every suite, nv1 by hand.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

static const uint8_t other_link[6] = {0x02, 0, 0, 0, 0, 0x77};
static const uint8_t far6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};

static int
send4(uint32_t to)
{
    struct ksim_inet_address address = address4(to);

    return ksim_udp_send(world.kernel, &address, 1, 2, (const uint8_t *)"x", 1);
}

static int
send6(const uint8_t *to, unsigned interface_index)
{
    struct ksim_inet_address address = address6(to, interface_index);

    return ksim_udp_send(world.kernel, &address, 1, 2, (const uint8_t *)"x", 1);
}

static int
route_add(uint32_t network, unsigned bits, uint32_t gateway, const char *interface)
{
    struct ksim_inet_address to = address4(network), by = address4(gateway);

    if (gateway == 0)
        by.family = 0;
    return ksim_route_add(world.kernel, &to, bits, &by, interface);
}

static int
route_delete(uint32_t network, unsigned bits)
{
    struct ksim_inet_address to = address4(network);

    return ksim_route_delete(world.kernel, &to, bits);
}

static int
route6_add(const uint8_t *network, unsigned bits, const uint8_t *gateway, const char *interface)
{
    struct ksim_inet_address to = address6(network, 0), by;

    if (gateway != NULL)
        by = address6(gateway, 0);
    return ksim_route_add(world.kernel, &to, bits, gateway == NULL ? NULL : &by, interface);
}

/* A second wire, 10.0.9.1/24 on Ethernet or 10.0.9.1 -> 10.0.9.2. */
static void
second_wire(enum inet_wire_kind kind)
{
    static const uint8_t ours[4] = {10, 0, 9, 1}, theirs[4] = {10, 0, 9, 2};

    expect_int(inet_wire_create(1, kind), 0);
    expect_int(ifconfig_inet(world.root, "nv1", ours, kind == INET_WIRE_ETHERNET ? 24 : 32,
                             kind == INET_WIRE_ETHERNET ? NULL : theirs), 0);
    expect_int(ifconfig_up(world.root, "nv1"), 0);
    settle();
    while (inet_wire_take(1) != NULL)
        ;
}

/* What leaves nv0 goes to this link address and this destination. */
static void
expect_way(const uint8_t *link, uint32_t to)
{
    struct sent sent = take_ip4(PROTOCOL_UDP);

    expect_int(get32(sent.bytes + 12), US4);
    expect_int(get32(sent.bytes + 16), to);
    if (inet_wire_is_ethernet(0))
        expect_bytes(sent.frame, link, 6);
    expect_silence();
}

PEER_TEST(subnet_is_reachable_and_what_is_behind_it_is_not, peer_run)
{
    expect_int(send4(PEER4), 0);
    expect_way(peer_link, PEER4);
    expect_int(send4(FAR4), KSIM_EHOSTUNREACH);
    expect_int(send4(0x0a000102), KSIM_EHOSTUNREACH);
    expect_int(counted(INET_COUNT_UNSENT_NO_ROUTE), 2);
    expect_silence();
}

PEER_TEST(only_the_destination_of_a_point_to_point_link_is_reachable, peer_run_point_to_point)
{
    expect_int(send4(PEER4), 0);
    expect_way(NULL, PEER4);
    expect_int(send4(STRANGER4), KSIM_EHOSTUNREACH);
    expect_int(send4(0), KSIM_EHOSTUNREACH);
}

/* 14.4: nothing maps the local address of a point-to-point link to lo0. */
PEER_TEST(own_address_of_a_point_to_point_link_follows_the_routes, peer_run_point_to_point)
{
    expect_int(send4(US4), KSIM_EHOSTUNREACH);
    expect_int(route_add(0, 0, 0, "nv0"), 0);
    expect_int(send4(US4), 0);
    expect_way(NULL, US4);
}

PEER_TEST(network_directly_on_the_interface_is_asked_for_itself, peer_run_both)
{
    expect_int(route_add(0xc0a80500, 24, 0, "nv0"), 0);
    expect_int(send4(FAR4), 0);
    if (inet_wire_is_ethernet(0)) {
        struct sent sent = take_sent();

        expect_int(sent.type, 0x0806);
        expect_int(get32(sent.bytes + 24), FAR4);
        arrive_arp(2, other_link, FAR4, us_link, US4);
    }
    expect_way(other_link, FAR4);
    expect_int(send4(0xc0a80609), KSIM_EHOSTUNREACH);
}

PEER_TEST(gateway_gets_the_packets_for_the_network_behind_it, peer_run_both)
{
    expect_int(route_add(0xc0a80000, 16, PEER4, "nv0"), 0);
    expect_int(send4(FAR4), 0);
    expect_way(peer_link, FAR4);
    expect_int(route_delete(0xc0a80000, 16), 0);
    expect_int(send4(FAR4), KSIM_EHOSTUNREACH);
}

PEER_TEST(longest_prefix_decides, peer_run)
{
    arrive_arp(1, other_link, STRANGER4, (const uint8_t[6]){0}, US4);
    forget_sent();
    expect_int(route_add(0, 0, PEER4, "nv0"), 0);
    expect_int(route_add(0xc0a80000, 16, STRANGER4, "nv0"), 0);
    expect_int(route_add(0xc0a80500, 24, PEER4, "nv0"), 0);
    expect_int(route_add(FAR4, 32, STRANGER4, "nv0"), 0);
    expect_int(send4(FAR4), 0);
    expect_way(other_link, FAR4);
    expect_int(send4(FAR4 + 1), 0);
    expect_way(peer_link, FAR4 + 1);
    expect_int(send4(0xc0a80601), 0);
    expect_way(other_link, 0xc0a80601);
    expect_int(send4(0x08080808), 0);
    expect_way(peer_link, 0x08080808);
    expect_int(send4(STRANGER4), 0); /* the subnet is longer than the default */
    expect_way(other_link, STRANGER4);
    expect_int(route_add(STRANGER4, 32, PEER4, "nv0"), 0); /* and shorter than a host */
    expect_int(send4(STRANGER4), 0);
    expect_way(peer_link, STRANGER4);
}

PEER_TEST(requests_that_make_no_route_say_why, peer_run)
{
    struct ksim_inet_address network = address4(0xc0a80000), gateway = address6(peer6, 0);

    expect_int(route_add(0xc0a80000, 33, PEER4, "nv0"), KSIM_EINVAL);
    expect_int(route6_add(far6, 129, NULL, "nv0"), KSIM_EINVAL);
    expect_int(ksim_route_add(world.kernel, &network, 16, &gateway, "nv0"), KSIM_EINVAL);
    network.family = 5;
    expect_int(ksim_route_add(world.kernel, &network, 16, NULL, "nv0"), KSIM_EINVAL);
    expect_int(route_add(0xc0a80000, 16, PEER4, "nv5"), KSIM_ENXIO);
    expect_int(route_add(0xc0a80000, 16, PEER4, "nv0"), 0);
    expect_int(route_add(0xc0a80001, 16, STRANGER4, "nv0"), KSIM_EEXIST); /* the same network */
    expect_int(route_add(0xc0a80000, 17, PEER4, "nv0"), 0);
    expect_int(route_delete(0xc0a80000, 18), KSIM_ESRCH);
    expect_int(route_delete(0xc0a80000, 33), KSIM_EINVAL);
    expect_int(route_delete(0xc0a8ffff, 16), 0);
    expect_int(route_delete(0xc0a80000, 16), KSIM_ESRCH);
}

PEER_TEST(table_holds_sixty_four_routes, peer_run)
{
    for (uint32_t at = 0; at < 64; at++)
        expect_int(route_add(0xc0a80000 + at, 32, PEER4, "nv0"), 0);
    expect_int(route_add(0xc0a90000, 32, PEER4, "nv0"), KSIM_ENOBUFS);
    expect_int(route_delete(0xc0a80007, 32), 0);
    expect_int(route_add(0xc0a90000, 32, PEER4, "nv0"), 0);
    expect_int(send4(0xc0a90000), 0);
    expect_way(peer_link, 0xc0a90000);
}

PEER_TEST(each_wire_has_its_own_subnet_and_source, peer_run)
{
    struct sent sent;

    second_wire(INET_WIRE_POINT_TO_POINT);
    expect_int(send4(0x0a000902), 0);
    expect_silence();
    sent = take_sent_on(1);
    expect_int(get32(sent.bytes + 12), 0x0a000901);
    expect_int(send4(PEER4), 0);
    expect_way(peer_link, PEER4);
    expect(inet_wire_take(1) == NULL);
    expect_int(route_add(0xc0a80000, 16, 0x0a000902, "nv1"), 0);
    expect_int(send4(FAR4), 0);
    expect_silence();
    expect_int(get32(take_sent_on(1).bytes + 16), FAR4);
    expect_int(inet_wire_destroy(1), 0);
    expect_int(send4(FAR4), KSIM_EHOSTUNREACH); /* the route went along */
    expect_int(route_delete(0xc0a80000, 16), KSIM_ESRCH);
}

/* A host: nothing is forwarded, whatever the routes say. */
PEER_TEST(packet_for_the_other_wire_is_not_forwarded, peer_run)
{
    const struct ip4_fields fields = {.from = PEER4, .to = 0x0a000902, .protocol = PROTOCOL_UDP};

    second_wire(INET_WIRE_POINT_TO_POINT);
    arrive4(&fields, "12345678", 8);
    expect_fate(IP4_NOT_OURS);
    expect(inet_wire_take(1) == NULL);
    expect_int(inet_wire_destroy(1), 0);
}

PEER_TEST(interface_that_goes_down_loses_its_routes_and_gets_its_subnet_back, peer_run_both)
{
    expect_int(route_add(0xc0a80000, 16, PEER4, "nv0"), 0);
    expect_int(ifconfig_down(world.root, "nv0"), 0);
    forget_sent();
    expect_int(send4(PEER4), KSIM_EHOSTUNREACH);
    expect_int(send4(FAR4), KSIM_EHOSTUNREACH);
    expect_int(send6(peer6, 0), KSIM_EHOSTUNREACH);
    expect_int(ifconfig_up(world.root, "nv0"), 0);
    expect_int(send4(PEER4), 0);
    expect_int(send6(peer6, 0), 0);
    expect_int(send4(FAR4), KSIM_EHOSTUNREACH);
    expect(inet_wire_outputs(0) > 0);
    sleep_ns(10 * SECOND_NS);
}

/* 14.2: Ethernet wants UP and RUNNING of the interface, a tun gets its packets anyway. */
PEER_TEST(interface_that_does_not_run_gets_packets_without_a_link_layer_only, peer_run_both)
{
    inet_wire_flag(0, 0x40, false); /* IFF_RUNNING */
    expect_int(send4(PEER4), inet_wire_is_ethernet(0) ? KSIM_ENETDOWN : 0);
    expect_int(send6(peer6, 0), inet_wire_is_ethernet(0) ? KSIM_ENETDOWN : 0);
    expect_int(counted(INET_COUNT_UNSENT_INTERFACE), inet_wire_is_ethernet(0) ? 2 : 0);
    inet_wire_flag(0, 0x40, true);
}

PEER_TEST(group_needs_an_interface_that_can_do_multicast, peer_run_bare)
{
    static const uint8_t ours[4] = {10, 0, 0, 1}, theirs[4] = {10, 0, 0, 2};

    expect_int(send4(0xe00000fb), KSIM_EHOSTUNREACH);
    expect_int(send6(all_nodes6, 0), KSIM_EHOSTUNREACH);
    expect_int(inet_wire_create(0, INET_WIRE_PLAIN), 0);
    expect_int(ifconfig_inet(world.root, "nv0", ours, 32, theirs), 0);
    expect_int(ifconfig_up(world.root, "nv0"), 0);
    expect_int(send4(0xe00000fb), KSIM_EHOSTUNREACH);
    expect_int(send4(0xffffffff), KSIM_EHOSTUNREACH);
    expect_silence();
    expect_int(inet_wire_destroy(0), 0);
}

/* The interface is named: the errors of ip_output. */
PEER_TEST(named_interface_without_multicast_or_broadcast_has_their_errors, peer_run_both)
{
    struct ksim_inet_address to = address4(0xe00000fb);

    to.interface_index = 1; /* lo0: multicast, no broadcast, no address */
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0), KSIM_EADDRNOTAVAIL);
    while (to.interface_index < 20 && ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0) != 0)
        to.interface_index++;
    expect(to.interface_index < 20); /* that is nv0 */
    inet_wire_flag(0, 0x8000, false); /* IFF_MULTICAST */
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0), KSIM_ENETUNREACH);
    expect_int(send6(all_nodes6, to.interface_index), KSIM_ENETUNREACH);
    inet_wire_flag(0, 0x8000, true);
    inet_wire_flag(0, 2, false); /* IFF_BROADCAST */
    put32(to.bytes, 0xffffffff);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0), KSIM_EADDRNOTAVAIL);
    expect_int(counted(INET_COUNT_UNSENT_NOT_ALLOWED), 2);
    if (inet_wire_is_ethernet(0))
        inet_wire_flag(0, 2, true);
}

/* --- IPv6 ---------------------------------------------------------------------------------------- */

PEER_TEST(prefix_and_static_routes_lead_out_by_ipv6, peer_run_both)
{
    expect_int(send6(peer6, 0), 0);
    expect_bytes(take_ip6(PROTOCOL_UDP).bytes + 24, peer6, 16);
    expect_int(send6(far6, 0), KSIM_EHOSTUNREACH);
    expect_int(route6_add(far6, 32, peer6, "nv0"), 0);
    expect_int(route6_add(far6, 32, peer6, "nv0"), KSIM_EEXIST);
    expect_int(send6(far6, 0), 0);
    expect_bytes(take_ip6(PROTOCOL_UDP).bytes + 24, far6, 16);
    expect_silence();
    expect_int(send6(nobody6, 0), KSIM_EHOSTUNREACH);
}

PEER_TEST(network_directly_on_the_interface_by_ipv6, peer_run_point_to_point)
{
    expect_int(route6_add(nobody6, 0, NULL, "nv0"), 0);
    expect_int(send6(far6, 0), 0);
    expect_bytes(take_ip6(PROTOCOL_UDP).bytes + 8, us6, 16);
}

PEER_TEST(own_ipv6_address_is_reached_inside_on_every_interface, peer_run_both)
{
    expect_int(send6(us6, 0), 0);
    settle();
    expect_int(counted(INET_COUNT_UDP_PORT_CLOSED), 1);
    expect_int(counted(INET_COUNT_ICMP6_ERROR), 1); /* our own answer */
    expect_int(counted(INET_COUNT_LOOPED), 2);
    expect_silence();
}

PEER_TEST(link_local_destination_is_sent_where_its_scope_says, peer_run)
{
    static const uint8_t other6[16] = {0xfd, 1, [15] = 1};
    unsigned index = 1;

    expect_int(inet_wire_create(1, INET_WIRE_ETHERNET), 0);
    expect_int(ifconfig_inet6(world.root, "nv1", other6, 64), 0);
    settle();
    forget_sent();
    while (inet_wire_take(1) != NULL)
        ;
    while (index < 20 && inet_wire_take(1) == NULL) {
        forget_sent();
        (void)send6(peer_local6, index++);
    }
    expect(index < 20);
    expect_silence(); /* the solicitation went out of nv1 alone */
    sleep_ns(5 * SECOND_NS);
    expect_int(inet_wire_destroy(1), 0);
}

int
main(void)
{
    const TTest *const tests[] = {
        subnet_is_reachable_and_what_is_behind_it_is_not,
        only_the_destination_of_a_point_to_point_link_is_reachable,
        own_address_of_a_point_to_point_link_follows_the_routes,
        network_directly_on_the_interface_is_asked_for_itself,
        gateway_gets_the_packets_for_the_network_behind_it,
        longest_prefix_decides,
        requests_that_make_no_route_say_why,
        table_holds_sixty_four_routes,
        each_wire_has_its_own_subnet_and_source,
        packet_for_the_other_wire_is_not_forwarded,
        interface_that_goes_down_loses_its_routes_and_gets_its_subnet_back,
        interface_that_does_not_run_gets_packets_without_a_link_layer_only,
        group_needs_an_interface_that_can_do_multicast,
        named_interface_without_multicast_or_broadcast_has_their_errors,
        prefix_and_static_routes_lead_out_by_ipv6,
        network_directly_on_the_interface_by_ipv6,
        own_ipv6_address_is_reached_inside_on_every_interface,
        link_local_destination_is_sent_where_its_scope_says,
        NULL,
    };

    return suite_main("route", tests);
}
