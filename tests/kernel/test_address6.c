/* SPDX-License-Identifier: BSD-2-Clause */

/* IPv6 addresses of interfaces (facts: kpi-ifnet.md 16.3, 17.1; RFC 2464 and 4291 for link-local ones). */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

#define ADD_ADDRESS 0x8080691aUL
#define DELETE_ADDRESS 0x81206919UL
#define GET_ADDRESS 0xc1206921UL
#define GET_DESTINATION 0xc1206922UL
#define GET_MASK 0xc1206925UL
#define GET_FLAGS 0xc1206949UL
#define ATTACH_PROTOCOL 0xc080696eUL
#define DETACH_PROTOCOL 0xc080696fUL
#define START_LINK_LOCAL 0xc0806982UL
#define SET_ADDRESS4 0x8020690cUL /* what the driver hears for either family */

enum { ADDRESS = 16, DESTINATION = 44, MASK = 72, SOCKADDR6 = 28, FLAG_DUPLICATED = 4 };

static const uint8_t second6[16] = {0xfd, 2, [15] = 1};

static void
put_sockaddr6(uint8_t *out, const uint8_t *address)
{
    memset(out, 0, SOCKADDR6);
    out[0] = SOCKADDR6;
    out[1] = KSIM_AF_INET6;
    memcpy(out + 8, address, 16);
}

/* A command with a struct in6_ifreq of 288 bytes, which begins with an address. */
static int
request6(unsigned long command, const uint8_t *address, uint8_t *answer)
{
    uint8_t request[288] = {0};
    int result;

    put_sockaddr6(request + ADDRESS, address);
    result = configure(KSIM_AF_INET6, command, "nv0", request);
    if (answer != NULL)
        memcpy(answer, request + ADDRESS, SOCKADDR6);
    return result;
}

static int
alias6(unsigned long command, const uint8_t *address, const uint8_t *destination)
{
    uint8_t request[128] = {0};

    if (address != NULL)
        put_sockaddr6(request + ADDRESS, address);
    if (destination != NULL)
        put_sockaddr6(request + DESTINATION, destination);
    return configure(KSIM_AF_INET6, command, "nv0", request);
}

static void
expect_reachable(const uint8_t *address, bool reachable)
{
    const struct ip6_fields fields = {.from = peer6, .to = address, .next = PROTOCOL_ICMP6};
    uint8_t message[8];

    arrive6(&fields, message, build_icmp6(message, &fields, 128, 0, 1, NULL, 0));
    if (reachable)
        expect_fate(ICMP6_ECHO_ANSWERED);
    else
        expect_fate(IP6_NOT_OURS);
}

PEER_TEST(address_and_mask_can_be_read, peer_run_both)
{
    static const uint8_t mask[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t answer[SOCKADDR6];

    expect_int(request6(GET_ADDRESS, us6, answer), 0);
    expect_int(answer[1], KSIM_AF_INET6);
    expect_bytes(answer + 8, us6, 16);
    expect_int(request6(GET_MASK, us6, answer), 0);
    expect_bytes(answer + 8, mask, 16);
    expect_int(request6(GET_MASK, second6, answer), -KSIM_EADDRNOTAVAIL);
    expect_int(request6(GET_ADDRESS, second6, answer), 0); /* none named: the first */
    expect_bytes(answer + 8, us6, 16);
}

/* RFC 2464 section 4: the modified EUI-64 of 02:11:22:33:44:55. */
PEER_TEST(ethernet_interface_has_a_link_local_address_with_its_first, peer_run)
{
    uint8_t answer[SOCKADDR6];

    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 2);
    expect_int(request6(GET_ADDRESS, local6, answer), 0);
    expect_bytes(answer + 8, local6, 16);
    expect(memcmp(answer + 24, nobody6, 4) != 0); /* scope */
    expect_reachable(local6, true);
}

PEER_TEST(point_to_point_interface_has_only_what_it_was_given, peer_run_point_to_point)
{
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 1);
    expect_int(alias6(START_LINK_LOCAL, NULL, NULL), -KSIM_EADDRNOTAVAIL);
}

PEER_TEST(link_local_address_can_be_started_alone, peer_run_bare)
{
    expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
    expect_int(alias6(START_LINK_LOCAL, NULL, NULL), 0);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 1);
    expect_int(alias6(START_LINK_LOCAL, NULL, NULL), 0);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 1);
    expect_int(inet_wire_destroy(0), 0);
}

PEER_TEST(driver_hears_of_the_first_address_only, peer_run_bare)
{
    expect_int(inet_wire_create(0, INET_WIRE_POINT_TO_POINT), 0);
    inet_wire_set_ioctl_error(0, SET_ADDRESS4, KSIM_EBUSY);
    expect_int(alias6(ADD_ADDRESS, us6, NULL), -KSIM_EBUSY);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 0);
    inet_wire_set_ioctl_error(0, SET_ADDRESS4, KSIM_EOPNOTSUPP);
    expect_int(alias6(ADD_ADDRESS, us6, NULL), 0);
    inet_wire_set_ioctl_error(0, SET_ADDRESS4, KSIM_EBUSY);
    expect_int(alias6(ADD_ADDRESS, second6, NULL), 0);
    expect_int(inet_wire_ioctls(0, SET_ADDRESS4), 2);
    expect_reachable(second6, true);
    expect_int(inet_wire_destroy(0), 0);
}

PEER_TEST(address_is_added_once_and_deleted_once, peer_run_both)
{
    unsigned before = inet_wire_addresses(0, KSIM_AF_INET6);

    expect_int(alias6(ADD_ADDRESS, second6, NULL), 0);
    expect_int(alias6(ADD_ADDRESS, second6, NULL), 0);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), before + 1);
    expect_reachable(second6, true);
    expect_int(request6(DELETE_ADDRESS, second6, NULL), 0);
    expect_int(request6(DELETE_ADDRESS, second6, NULL), -KSIM_EADDRNOTAVAIL);
    expect_reachable(second6, false);
    expect_reachable(us6, true);
}

PEER_TEST(destination_of_a_point_to_point_address_is_reachable, peer_run_point_to_point)
{
    static const uint8_t far6[16] = {0x20, 1, [15] = 9};
    struct ksim_inet_address to = address6(far6, 0);
    uint8_t answer[SOCKADDR6];

    expect_int(alias6(ADD_ADDRESS, second6, far6), 0);
    expect_int(request6(GET_DESTINATION, second6, answer), 0);
    expect_bytes(answer + 8, far6, 16);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0), 0);
    take_ip6(PROTOCOL_UDP);
}

PEER_TEST(ethernet_address_has_no_destination, peer_run)
{
    uint8_t answer[SOCKADDR6];

    expect_int(request6(GET_DESTINATION, us6, answer), -KSIM_EINVAL);
}

PEER_TEST(groups_and_nobody_are_no_addresses, peer_run)
{
    uint8_t request[128] = {0};

    expect_int(alias6(ADD_ADDRESS, all_nodes6, NULL), -KSIM_EINVAL);
    expect_int(alias6(ADD_ADDRESS, nobody6, NULL), -KSIM_EINVAL);
    put_sockaddr6(request + ADDRESS, second6);
    request[ADDRESS + 1] = KSIM_AF_INET;
    expect_int(configure(KSIM_AF_INET6, ADD_ADDRESS, "nv0", request), -KSIM_EINVAL);
    world_fault("inet6 address", 1);
    expect_int(alias6(ADD_ADDRESS, second6, NULL), -KSIM_ENOBUFS);
}

PEER_TEST(only_root_changes_addresses, peer_run)
{
    ksim_process_set_uid(world.root, 501);
    expect_int(alias6(ADD_ADDRESS, second6, NULL), -KSIM_EPERM);
    expect_int(request6(DELETE_ADDRESS, us6, NULL), -KSIM_EPERM);
    expect_int(alias6(ATTACH_PROTOCOL, NULL, NULL), -KSIM_EPERM);
    expect_int(alias6(DETACH_PROTOCOL, NULL, NULL), -KSIM_EPERM);
    expect_int(alias6(START_LINK_LOCAL, NULL, NULL), -KSIM_EPERM);
    expect_int(request6(GET_FLAGS, us6, NULL), 0);
    ksim_process_set_uid(world.root, 0);
}

PEER_TEST(duplicated_address_says_so_in_its_flags, peer_run)
{
    const struct ip6_fields fields = {
        .from = stranger6, .to = us6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    uint8_t message[64], data[24] = {0}, answer[SOCKADDR6];

    expect_int(request6(GET_FLAGS, us6, answer), 0);
    expect_int(answer[0] & FLAG_DUPLICATED, 0);
    memcpy(data, us6, 16);
    memcpy(data + 16, "\2\1\2\0\0\0\0\x77", 8);
    arrive6(&fields, message, build_icmp6(message, &fields, 136, 0, 0x20000000, data, 24));
    expect_fate(ND6_CONFLICT);
    expect_int(request6(GET_FLAGS, us6, answer), 0);
    expect_int(answer[0] & FLAG_DUPLICATED, FLAG_DUPLICATED);
}

PEER_TEST(protocol_comes_and_goes_with_its_addresses, peer_run_both)
{
    expect_int(alias6(ATTACH_PROTOCOL, NULL, NULL), -KSIM_EEXIST);
    expect_int(alias6(DETACH_PROTOCOL, NULL, NULL), 0);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 0);
    arrive_ping6(1);
    expect_int(counted(INET_COUNT_IP6_ARRIVED), 0);
    expect_int(alias6(ATTACH_PROTOCOL, NULL, NULL), 0);
    expect_reachable(us6, false);
}

/* 16.3: from 10.9 on IPv6 needs multicast; before it did not. */
static void
add_without_multicast(void)
{
    expect_int(inet_wire_create(0, INET_WIRE_PLAIN), 0);
    expect_int(alias6(ADD_ADDRESS, us6, NULL),
               ksim_darwin_major(world.kernel) >= 13 ? -KSIM_EINVAL : 0);
    expect_int(inet_wire_destroy(0), 0);
}

START_TEST(interface_without_multicast_is_refused_from_darwin_13_on)
{
    static const int releases[] = {11, 12, 13, 19, 24};

    for (size_t at = 0; at < 5; at++) {
        world_end();
        world_begin(releases[at]);
        peer_run_bare(add_without_multicast);
    }
}
END_TEST

PEER_TEST(interface_that_is_detached_takes_its_addresses_along, peer_run_bare)
{
    for (unsigned round = 0; round < 3; round++) {
        expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
        expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 0);
        expect_int(alias6(ADD_ADDRESS, us6, NULL), 0);
        expect_int(alias6(ADD_ADDRESS, second6, NULL), 0);
        expect_int(inet_wire_addresses(0, KSIM_AF_INET6), 3);
        expect_int(inet_wire_destroy(0), 0);
    }
}

int
main(void)
{
    const TTest *const tests[] = {
        address_and_mask_can_be_read,
        ethernet_interface_has_a_link_local_address_with_its_first,
        point_to_point_interface_has_only_what_it_was_given,
        link_local_address_can_be_started_alone,
        driver_hears_of_the_first_address_only,
        address_is_added_once_and_deleted_once,
        destination_of_a_point_to_point_address_is_reachable,
        ethernet_address_has_no_destination,
        groups_and_nobody_are_no_addresses,
        only_root_changes_addresses,
        duplicated_address_says_so_in_its_flags,
        protocol_comes_and_goes_with_its_addresses,
        interface_without_multicast_is_refused_from_darwin_13_on,
        interface_that_is_detached_takes_its_addresses_along,
        NULL,
    };

    return suite_main("address6", tests);
}
