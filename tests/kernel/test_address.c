/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * IPv4 addresses of interfaces as ifconfig sets and reads them, and what the driver hears of it (facts:
 * kpi-ifnet.md 10, 14.4, 16.3, 17.1, 17.2). IPv6 is in test_address6.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

#define SET_ADDRESS 0x8020690cUL
#define SET_DESTINATION 0x8020690eUL
#define SET_BROADCAST 0x80206913UL
#define SET_MASK 0x80206916UL
#define DELETE_ADDRESS 0x80206919UL
#define ADD_ADDRESS 0x8040691aUL
#define GET_ADDRESS 0xc0206921UL
#define GET_DESTINATION 0xc0206922UL
#define GET_BROADCAST 0xc0206923UL
#define GET_MASK 0xc0206925UL
#define ATTACH_PROTOCOL 0xc0206950UL
#define DETACH_PROTOCOL 0xc0206951UL

enum { ADDRESS = 16, DESTINATION = 32, MASK = 48 };

#define ALIAS4 UINT32_C(0xac140001) /* 172.20.0.1 */

static void
put_sockaddr(uint8_t *out, uint32_t address)
{
    memset(out, 0, 16);
    out[0] = 16;
    out[1] = KSIM_AF_INET;
    put32(out + 4, address);
}

/* One ifreq command with an address. */
static int
set(unsigned long command, uint32_t address)
{
    uint8_t request[32] = {0};

    put_sockaddr(request + ADDRESS, address);
    return configure(KSIM_AF_INET, command, "nv0", request);
}

/* The address a command answers with; `about` chooses one of several, 0 = the first. */
static int
get_about(unsigned long command, uint32_t about, uint8_t sockaddr[16])
{
    uint8_t request[32] = {0};
    int result;

    if (about != 0)
        put_sockaddr(request + ADDRESS, about);
    result = configure(KSIM_AF_INET, command, "nv0", request);
    memcpy(sockaddr, request + ADDRESS, 16);
    return result;
}

static uint32_t
get(unsigned long command)
{
    uint8_t sockaddr[16];

    expect_int(get_about(command, 0, sockaddr), 0);
    return get32(sockaddr + 4);
}

/* SIOCAIFADDR; 0 leaves a part out. */
static int
add(uint32_t address, uint32_t destination, uint32_t mask)
{
    uint8_t request[64] = {0};

    put_sockaddr(request + ADDRESS, address);
    if (destination != 0)
        put_sockaddr(request + DESTINATION, destination);
    if (mask != 0)
        put_sockaddr(request + MASK, mask);
    return configure(KSIM_AF_INET, ADD_ADDRESS, "nv0", request);
}

static void
expect_reachable(uint32_t address, bool reachable)
{
    const struct ip4_fields fields = {.from = PEER4, .to = address, .protocol = PROTOCOL_ICMP};
    uint8_t message[8];

    arrive4(&fields, message, build_icmp(message, 8, 0, 1, NULL, 0));
    if (reachable)
        expect_fate(ICMP_ECHO_ANSWERED);
    else
        expect_fate(IP4_NOT_OURS);
}

PEER_TEST(address_mask_and_broadcast_can_be_read, peer_run)
{
    uint8_t sockaddr[16];

    expect_int(get(GET_ADDRESS), US4);
    expect_int(get(GET_BROADCAST), 0x0a0000ff);
    expect_int(get_about(GET_MASK, 0, sockaddr), 0);
    expect_int(get32(sockaddr + 4), 0xffffff00);
    expect_int(sockaddr[0], 7); /* in_socktrim: up to the last byte that is not zero */
    expect_int(get_about(GET_DESTINATION, 0, sockaddr), -KSIM_EINVAL);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET), 1);
}

PEER_TEST(point_to_point_address_has_a_destination, peer_run_point_to_point)
{
    uint8_t sockaddr[16];

    expect_int(get(GET_ADDRESS), US4);
    expect_int(get(GET_DESTINATION), PEER4);
    expect_int(get_about(GET_MASK, 0, sockaddr), 0);
    expect_int(sockaddr[0], 8);
    expect_int(get_about(GET_BROADCAST, 0, sockaddr), -KSIM_EINVAL);
    expect_int(set(SET_BROADCAST, 0x0a0000ff), -KSIM_EINVAL);
    expect_int(add(ALIAS4, 0, 0), -KSIM_EDESTADDRREQ);
}

PEER_TEST(mask_is_trimmed_to_its_last_byte, peer_run)
{
    static const struct {
        uint32_t mask;
        unsigned length;
    } masks[] = {{0xff000000, 5}, {0xffff0000, 6}, {0xffffff00, 7}, {0xfffffffc, 8}};
    uint8_t sockaddr[16];

    for (size_t at = 0; at < 4; at++) {
        expect_int(add(ALIAS4, 0, masks[at].mask), 0);
        expect_int(get_about(GET_MASK, ALIAS4, sockaddr), 0);
        expect_int(sockaddr[0], masks[at].length);
        expect_int(get_about(GET_BROADCAST, ALIAS4, sockaddr), 0);
        expect_int(get32(sockaddr + 4), ALIAS4 | ~masks[at].mask);
    }
    expect_int(inet_wire_addresses(0, KSIM_AF_INET), 2);
}

PEER_TEST(mask_left_out_is_that_of_the_address_class, peer_run)
{
    static const struct {
        uint32_t address, mask;
    } classes[] = {{0x0b000001, 0xff000000}, {ALIAS4, 0xffff0000}, {0xc6336401, 0xffffff00}};
    uint8_t sockaddr[16];

    for (size_t at = 0; at < 3; at++) {
        expect_int(add(classes[at].address, 0, 0), 0);
        expect_int(get_about(GET_MASK, classes[at].address, sockaddr), 0);
        expect_int(get32(sockaddr + 4), classes[at].mask);
    }
}

PEER_TEST(alias_is_ours_and_the_driver_hears_of_both, peer_run)
{
    unsigned adds = inet_wire_ioctls(0, ADD_ADDRESS), sets = inet_wire_ioctls(0, SET_ADDRESS);

    expect_reachable(ALIAS4, false);
    expect_int(add(ALIAS4, 0, 0xffff0000), 0);
    expect_int(inet_wire_ioctls(0, ADD_ADDRESS), adds + 1);
    expect_int(inet_wire_ioctls(0, SET_ADDRESS), sets + 1);
    expect_reachable(ALIAS4, true);
    expect_int(add(ALIAS4, 0, 0xffff0000), 0); /* the same again changes nothing */
    expect_int(inet_wire_addresses(0, KSIM_AF_INET), 2);
    expect_int(set(DELETE_ADDRESS, ALIAS4), 0);
    expect_reachable(ALIAS4, false);
    expect_reachable(US4, true);
    expect_int(set(DELETE_ADDRESS, ALIAS4), -KSIM_EADDRNOTAVAIL);
}

PEER_TEST(deleted_primary_makes_the_next_one_primary, peer_run_both)
{
    const uint32_t far = inet_wire_is_ethernet(0) ? 0 : 0xac140002;
    unsigned sets;

    expect_int(add(ALIAS4, far, 0xffff0000), 0);
    sets = inet_wire_ioctls(0, SET_ADDRESS);
    expect_int(set(DELETE_ADDRESS, US4), 0);
    expect_int(inet_wire_ioctls(0, DELETE_ADDRESS), 1);
    expect_int(inet_wire_ioctls(0, SET_ADDRESS), sets + 1);
    expect_int(get(GET_ADDRESS), ALIAS4);
    expect_reachable(US4, false);
}

PEER_TEST(set_replaces_the_first_address, peer_run)
{
    expect_int(set(SET_ADDRESS, 0x0a000009), 0);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET), 1);
    expect_reachable(US4, false);
    expect_reachable(0x0a000009, true);
}

PEER_TEST(broadcast_and_mask_can_be_set_alone, peer_run)
{
    expect_int(set(SET_BROADCAST, 0x0a0000fe), 0);
    expect_int(get(GET_BROADCAST), 0x0a0000fe);
    expect_int(set(SET_MASK, 0xffff0000), 0);
    expect_int(get(GET_MASK), 0xffff0000);
    expect_int(set(SET_DESTINATION, PEER4), -KSIM_EINVAL);
}

PEER_TEST(destination_can_be_changed_and_the_driver_may_refuse, peer_run_point_to_point)
{
    struct ksim_inet_address to = address4(FAR4);

    expect_int(set(SET_DESTINATION, FAR4), 0);
    expect_int(get(GET_DESTINATION), FAR4);
    expect_int(ksim_udp_send(world.kernel, &to, 1, 2, NULL, 0), 0);
    take_ip4(PROTOCOL_UDP);
    inet_wire_set_ioctl_error(0, SET_DESTINATION, KSIM_EBUSY);
    expect_int(set(SET_DESTINATION, PEER4), -KSIM_EBUSY);
    expect_int(get(GET_DESTINATION), FAR4);
}

PEER_TEST(error_of_the_driver_rolls_the_value_back_and_keeps_the_record, peer_run_bare)
{
    uint8_t sockaddr[16];

    expect_int(inet_wire_create(0, INET_WIRE_POINT_TO_POINT), 0);
    inet_wire_set_ioctl_error(0, SET_ADDRESS, KSIM_EBUSY);
    expect_int(add(US4, PEER4, 0xffffffff), -KSIM_EBUSY);
    expect_int(get_about(GET_ADDRESS, 0, sockaddr), 0);
    expect_int(get32(sockaddr + 4), 0);
    expect_int(inet_wire_addresses(0, 0) + inet_wire_addresses(0, KSIM_AF_INET), 1);
    inet_wire_set_ioctl_error(0, SET_ADDRESS, KSIM_EOPNOTSUPP);
    expect_int(add(US4, PEER4, 0xffffffff), 0); /* "not supported" is success */
    expect_reachable(US4, true);
    expect_int(inet_wire_destroy(0), 0);
}

/* 13: the protocol's ioctl answered first, so what the driver says is discarded. */
PEER_TEST(error_of_an_ethernet_driver_is_discarded, peer_run)
{
    inet_wire_set_ioctl_error(0, SET_ADDRESS, KSIM_EBUSY);
    expect_int(set(SET_ADDRESS, 0x0a000009), 0);
    expect_reachable(0x0a000009, true);
}

PEER_TEST(driver_may_refuse_to_lose_an_address, peer_run_both)
{
    inet_wire_set_ioctl_error(0, DELETE_ADDRESS, KSIM_EBUSY);
    expect_int(set(DELETE_ADDRESS, US4), -KSIM_EBUSY);
    expect_reachable(US4, true);
    inet_wire_set_ioctl_error(0, DELETE_ADDRESS, KSIM_EOPNOTSUPP);
    expect_int(set(DELETE_ADDRESS, US4), 0);
    expect_reachable(US4, false);
}

PEER_TEST(requests_that_make_no_sense_are_refused, peer_run)
{
    uint8_t request[64] = {0};

    request[ADDRESS + 1] = KSIM_AF_INET6;
    expect_int(configure(KSIM_AF_INET, ADD_ADDRESS, "nv0", request), -KSIM_EINVAL);
    request[ADDRESS + 1] = KSIM_AF_INET6;
    expect_int(configure(KSIM_AF_INET, SET_ADDRESS, "nv0", request), -KSIM_EINVAL);
    expect_int(set(DELETE_ADDRESS, PEER4), -KSIM_EADDRNOTAVAIL);
    expect_int(configure(KSIM_AF_INET, GET_ADDRESS, "nv7", request), -KSIM_ENXIO);
    expect_int(configure(KSIM_AF_INET, GET_ADDRESS, "lo0", request), -KSIM_EADDRNOTAVAIL);
    expect_int(set(DELETE_ADDRESS, US4), 0);
    expect_int(set(SET_BROADCAST, 0x0a0000ff), -KSIM_EADDRNOTAVAIL);
}

PEER_TEST(only_root_changes_addresses, peer_run)
{
    uint8_t sockaddr[16];

    ksim_process_set_uid(world.root, 501);
    expect_int(set(SET_ADDRESS, 0x0a000009), -KSIM_EPERM);
    expect_int(add(ALIAS4, 0, 0), -KSIM_EPERM);
    expect_int(set(DELETE_ADDRESS, US4), -KSIM_EPERM);
    expect_int(set(ATTACH_PROTOCOL, 0), -KSIM_EPERM);
    expect_int(get_about(GET_ADDRESS, 0, sockaddr), 0);
    ksim_process_set_uid(world.root, 0);
}

PEER_TEST(protocol_with_addresses_is_not_taken_away, peer_run_both)
{
    uint8_t request[32] = {0};

    expect_int(configure(KSIM_AF_INET, ATTACH_PROTOCOL, "nv0", request), -KSIM_EEXIST);
    expect_int(configure(KSIM_AF_INET, DETACH_PROTOCOL, "nv0", request), -KSIM_EBUSY);
    expect_int(set(DELETE_ADDRESS, US4), 0);
    expect_int(configure(KSIM_AF_INET, DETACH_PROTOCOL, "nv0", request), 0);
    arrive_ping(1);
    expect_int(counted(INET_COUNT_IP4_ARRIVED), 0);
    expect_int(configure(KSIM_AF_INET, ATTACH_PROTOCOL, "nv0", request), 0);
    expect_reachable(US4, false);
}

PEER_TEST(interface_that_is_detached_takes_its_addresses_along, peer_run_bare)
{
    for (unsigned round = 0; round < 3; round++) {
        expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
        expect_int(inet_wire_addresses(0, KSIM_AF_INET), 0);
        expect_int(add(US4, 0, 0xffffff00), 0);
        expect_int(add(ALIAS4, 0, 0xffff0000), 0);
        expect_int(inet_wire_addresses(0, KSIM_AF_INET), 2);
        expect_int(inet_wire_destroy(0), 0);
    }
}

PEER_TEST(first_address_brings_an_ethernet_interface_up_if_it_is_not_running, peer_run_bare)
{
    uint8_t request[32] = {0};

    expect_int(inet_wire_create(0, INET_WIRE_ETHERNET), 0);
    inet_wire_flag(0, 0x40, false); /* IFF_RUNNING */
    expect_int(add(US4, 0, 0xffffff00), 0);
    expect_int(configure(KSIM_AF_INET, 0xc0206911, "nv0", request), 0);
    expect_int(request[ADDRESS] & 1, 1);
    expect(inet_wire_ioctls(0, 0x80206910) >= 1); /* SIOCSIFFLAGS */
    expect_int(inet_wire_destroy(0), 0);
}

PEER_TEST(address_without_memory_is_refused, peer_run)
{
    world_fault("inet address", 1);
    expect_int(add(ALIAS4, 0, 0), -KSIM_ENOBUFS);
    expect_int(inet_wire_addresses(0, KSIM_AF_INET), 1);
}

int
main(void)
{
    const TTest *const tests[] = {
        address_mask_and_broadcast_can_be_read,
        point_to_point_address_has_a_destination,
        mask_is_trimmed_to_its_last_byte,
        mask_left_out_is_that_of_the_address_class,
        alias_is_ours_and_the_driver_hears_of_both,
        deleted_primary_makes_the_next_one_primary,
        set_replaces_the_first_address,
        broadcast_and_mask_can_be_set_alone,
        destination_can_be_changed_and_the_driver_may_refuse,
        error_of_the_driver_rolls_the_value_back_and_keeps_the_record,
        error_of_an_ethernet_driver_is_discarded,
        driver_may_refuse_to_lose_an_address,
        requests_that_make_no_sense_are_refused,
        only_root_changes_addresses,
        protocol_with_addresses_is_not_taken_away,
        interface_that_is_detached_takes_its_addresses_along,
        first_address_brings_an_ethernet_interface_up_if_it_is_not_running,
        address_without_memory_is_refused,
        NULL,
    };

    return suite_main("address", tests);
}
