/* SPDX-License-Identifier: BSD-2-Clause */
/* tap: an Ethernet interface whose wire is a file. Its address, its frames, and what it takes and refuses. */
#include <string.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"

static const uint8_t all_hosts[6] = {1, 0, 0x5e, 0, 0, 1};
static const uint8_t stranger[6] = {2, 0, 0, 0, 0, 0x55};

/* Counter of the stack, for what leaves no trace on the wire. */
static uint64_t
stack_count(struct world *world, enum ksim_inet_counter counter)
{
    struct ksim_inet_statistics statistics;

    ksim_inet_statistics(world->kernel, &statistics);
    return statistics.count[counter];
}

/* --- the address -------------------------------------------------------------------------------- */

static void
random_lladdr_body(struct world *world)
{
    uint8_t seen[8][6];

    for (int i = 0; i < 8; i++) {
        int fd = world_open(world, i % 2 == 0 ? "tap0" : "tap1");

        ck_assert_int_eq(kernel_view_lladdr(i % 2 == 0 ? "tap0" : "tap1", seen[i]), 0);
        ck_assert_uint_eq(seen[i][0] & 3, 2); /* locally administered, unicast */
        for (int earlier = 0; earlier < i; earlier++)
            ck_assert_mem_ne(seen[i], seen[earlier], 6);
        world_close(world, fd);
        world_sleep_ms(world, 10);
    }
}

START_TEST(each_open_has_a_random_local_unicast_address)
{
    world_run(random_lladdr_body);
}
END_TEST

static void
set_lladdr_body(struct world *world)
{
    static const uint8_t chosen[6] = {0x02, 0xc0, 0xff, 0xee, 0, 1};
    unsigned changed = kernel_view_event_count(KERNEL_VIEW_LINK_ADDRESS_CHANGED);
    unsigned link_on = kernel_view_event_count(KERNEL_VIEW_LINK_ON);
    struct wire wire;
    uint8_t answered[6];

    wire_open(&wire, world, "tap0");
    ck_assert_uint_eq(kernel_view_event_count(KERNEL_VIEW_LINK_ON), link_on + 1);
    ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", chosen), 0);
    ck_assert_uint_eq(kernel_view_event_count(KERNEL_VIEW_LINK_ADDRESS_CHANGED), changed + 1);
    ck_assert_uint_eq(kernel_view_event_count(KERNEL_VIEW_LINK_ON), link_on + 2);
    ck_assert(wire_resolve(&wire, answered));
    ck_assert_mem_eq(answered, chosen, 6);
    ck_assert(wire_ping(&wire, chosen, 1));
    ck_assert_mem_eq(wire.packet + 6, chosen, 6);
    wire_close(&wire);
}

START_TEST(a_new_address_is_answered_and_announced_by_a_link_event)
{
    world_run(set_lladdr_body);
}
END_TEST

static void
refuse_lladdr_body(struct world *world)
{
    static const uint8_t bad[][6] = {{0}, {1, 0, 0x5e, 0, 0, 1}, {3, 0, 0, 0, 0, 1},
                                     {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    uint8_t before[6], after[6];
    int fd = world_open(world, "tap0");

    ck_assert_int_eq(kernel_view_lladdr("tap0", before), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(ifconfig_lladdr(world->root, "tap0", bad[i]), -KSIM_EINVAL);
    ck_assert_int_eq(kernel_view_lladdr("tap0", after), 0);
    ck_assert_mem_eq(before, after, 6);
    world_close(world, fd);
}

START_TEST(group_and_zero_addresses_are_refused)
{
    world_run(refuse_lladdr_body);
}
END_TEST

/* --- the stack's side --------------------------------------------------------------------------- */

static void
arp_body(struct world *world)
{
    static const uint8_t other[4] = {10, 7, 0, 77};
    uint8_t own[6], asked[6], request[WIRE_ARP_BYTES];
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, asked));
    ck_assert_int_eq(kernel_view_lladdr("tap0", own), 0);
    ck_assert_mem_eq(asked, own, 6);
    wire_write(&wire, request, wire_arp(request, 1, wire_broadcast, other));
    ck_assert(!wire_await(&wire, wire_is_arp_reply, 0, 50));
    wire_close(&wire);
}

START_TEST(arp_for_our_address_is_answered)
{
    world_run(arp_body);
}
END_TEST

static void
hear_echo(void *context, const struct ksim_inet_address *from, uint16_t identifier,
          uint16_t sequence, const uint8_t *payload, size_t bytes, uint8_t hop_limit)
{
    unsigned *heard = context;

    (void)hop_limit;
    ck_assert_uint_eq(from->bytes[3], 2);
    ck_assert_uint_eq(identifier, 7);
    ck_assert_uint_eq(sequence, 3);
    ck_assert_uint_eq(bytes, 4);
    ck_assert_mem_eq(payload, "ping", 4);
    ++*heard;
}

static void
ping_out_body(struct world *world)
{
    struct ksim_inet_address peer = {.family = 4, .bytes = {10, 7, 0, 2}};
    uint8_t frame[WIRE_ARP_BYTES], own[6];
    static const uint8_t own_ip4[4] = {10, 7, 0, 1};
    unsigned heard = 0;
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(kernel_view_lladdr("tap0", own), 0);
    ksim_echo_listen(world->kernel, hear_echo, &heard);
    ck_assert_int_eq(ksim_echo_send(world->kernel, &peer, 7, 3, (const uint8_t *)"ping", 4), 0);
    /* Nobody knows 10.7.0.2 yet: it is asked for by broadcast; then the packet that waited comes. */
    ck_assert(wire_await(&wire, wire_is_arp_request, 0, 50));
    ck_assert_mem_eq(wire.packet, wire_broadcast, 6);
    wire_arp(frame, 2, own, own_ip4);
    wire_write(&wire, frame, WIRE_ARP_BYTES);
    ck_assert(wire_await(&wire, wire_is_echo_request, 3, 50));
    ck_assert_mem_eq(wire.packet, wire_lladdr, 6);
    ck_assert_mem_eq(wire.packet + 6, own, 6);
    memcpy(wire.packet, own, 6);
    memcpy(wire.packet + 6, wire_lladdr, 6);
    wire_echo_turn(wire.packet + WIRE_ETHER_BYTES, wire.length - WIRE_ETHER_BYTES);
    wire_write(&wire, wire.packet, wire.length);
    world_sleep_ms(world, 20);
    ck_assert_uint_eq(heard, 1);
    ksim_echo_listen(world->kernel, NULL, NULL);
    wire_close(&wire);
}

START_TEST(a_ping_of_ours_asks_by_arp_and_hears_its_reply)
{
    world_run(ping_out_body);
}
END_TEST

static void
demux_body(struct world *world)
{
    uint8_t own[6], frame[128];
    struct wire wire;
    uint64_t arrived;

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, own));
    ck_assert(wire_ping(&wire, own, 1));
    arrived = stack_count(world, INET_COUNT_IP4_ARRIVED);
    /* Broadcast and joined groups reach the stack, */
    wire_write(&wire, frame, world_echo_frame(frame, wire_broadcast, 2, 56));
    wire_write(&wire, frame, world_echo_frame(frame, all_hosts, 3, 56));
    world_sleep_ms(world, 20);
    ck_assert_uint_eq(stack_count(world, INET_COUNT_IP4_ARRIVED), arrived + 2);
    /* somebody else's unicast does not: it is for promiscuous listeners only. */
    ck_assert(!wire_ping(&wire, stranger, 4));
    ck_assert_uint_eq(stack_count(world, INET_COUNT_IP4_ARRIVED), arrived + 2);
    /* Protocols nobody attached are dropped. */
    world_echo_frame(frame, own, 5, 56);
    frame[12] = 0x88;
    frame[13] = 0xb5;
    wire_write(&wire, frame, 98);
    world_sleep_ms(world, 20);
    ck_assert_uint_eq(stack_count(world, INET_COUNT_IP4_ARRIVED), arrived + 2);
    ck_assert_uint_eq(wire_status_packets(world, "tap0", "in delivered"), 6);
    wire_close(&wire);
}

START_TEST(frames_are_sorted_by_whom_they_are_for)
{
    world_run(demux_body);
}
END_TEST

static void
protocols_body(struct world *world)
{
    static const uint8_t snap[5] = {0, 0, 0, 0x80, 0xf3}, sap[3] = {0xe0, 0xe0, 3};
    static const uint8_t type[2] = {0x88, 0xb5}, ip[2] = {8, 0};
    uint8_t own[6], frame[64] = {0};
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(kernel_view_protocol("tap0", 4, type, 2), 0);
    ck_assert_int_eq(kernel_view_protocol("tap0", 5, sap, 3), 0);
    ck_assert_int_eq(kernel_view_protocol("tap0", 6, snap, 5), 0);
    ck_assert_int_eq(kernel_view_protocol("tap0", 4, type, 1), KSIM_EINVAL);
    ck_assert_int_eq(kernel_view_protocol("tap0", 9, type, 2), KSIM_EINVAL);
    ck_assert_int_eq(kernel_view_protocol("tap0", 4, ip, 2), KSIM_EEXIST);
    /* LLC frames have no listener now and are dropped. */
    ck_assert(wire_resolve(&wire, own));
    memcpy(frame, own, 6);
    frame[13] = 46;
    memcpy(frame + 14, sap, 3);
    wire_write(&wire, frame, 60);
    ck_assert(wire_ping(&wire, own, 1));
    wire_close(&wire);
}

START_TEST(protocols_attach_by_type_sap_and_snap)
{
    world_run(protocols_body);
}
END_TEST

static void
multicast_body(struct world *world)
{
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert_int_eq(kernel_view_join_and_leave("tap0", KERNEL_VIEW_GROUP_LINK), 0);
    ck_assert_int_eq(kernel_view_join_and_leave("tap0", KERNEL_VIEW_UNICAST_LINK),
                     KSIM_EADDRNOTAVAIL);
    /* The kernel makes a link address of it before it asks the driver. */
    ck_assert_int_eq(kernel_view_join_and_leave("tap0", KERNEL_VIEW_GROUP_UNSPECIFIED), 0);
    wire_close(&wire);
}

START_TEST(link_groups_can_be_joined_and_left)
{
    world_run(multicast_body);
}
END_TEST

static void
own_broadcast_body(struct world *world)
{
    struct ksim_inet_address everybody = {.family = 4, .bytes = {10, 7, 0, 255}};
    struct ksim_inet_address self = {.family = 4, .bytes = {10, 7, 0, 1}};
    struct wire wire;

    /* A SIMPLEX interface does not hear what it sends, the stack does: through lo0. */
    wire_open(&wire, world, "tap0");
    (void)ksim_udp_send(world->kernel, &everybody, 4000, 4001, (const uint8_t *)"all", 3);
    ck_assert_int_eq(ksim_udp_send(world->kernel, &self, 4000, 4001, (const uint8_t *)"me", 2), 0);
    wire_drain(&wire);
    wire_close(&wire);
}

START_TEST(what_we_send_to_ourselves_does_not_break_anything)
{
    world_run(own_broadcast_body);
}
END_TEST

/* --- lengths ------------------------------------------------------------------------------------ */

static void
short_body(struct world *world)
{
    uint8_t frame[32] = {2};
    struct wire wire;

    wire_open(&wire, world, "tap0");
    for (size_t length = 0; length < 14; length++)
        ck_assert_int_eq(world_write(world, wire.fd, frame, length), -KSIM_EINVAL);
    wire_write(&wire, frame, 14);
    wire_write(&wire, frame, 15);
    /* A tagged frame has its tag, or is none. */
    frame[12] = 0x81;
    for (size_t length = 14; length < 18; length++)
        ck_assert_int_eq(world_write(world, wire.fd, frame, length), -KSIM_EINVAL);
    wire_write(&wire, frame, 18);
    world_sleep_ms(world, 20);
    wire_close(&wire);
}

START_TEST(a_frame_shorter_than_its_header_is_einval)
{
    world_run(short_body);
}
END_TEST

static void
long_frames(struct wire *wire, size_t mtu)
{
    static uint8_t frame[66000];
    struct world *world = wire->world;
    uint8_t own[6];
    size_t length;

    ck_assert_int_eq(kernel_view_lladdr("tap0", own), 0);
    length = world_echo_frame(frame, own, (uint16_t)mtu, mtu - 28);
    ck_assert_uint_eq(length, mtu + 14);
    wire_write(wire, frame, length);
    ck_assert(wire_await(wire, wire_is_echo_reply, (unsigned)(uint16_t)mtu, 50));
    ck_assert_uint_eq(wire->length, mtu + 14);
    ck_assert_mem_eq(wire->packet + 42, frame + 42, mtu - 28);
    ck_assert_int_eq(world_write(world, wire->fd, frame, mtu + 15), -KSIM_EMSGSIZE);
    ck_assert_int_eq(world_write(world, wire->fd, frame, mtu + 18), -KSIM_EMSGSIZE);
    frame[12] = 0x81;
    frame[13] = 0;
    wire_write(wire, frame, mtu + 18);
    ck_assert_int_eq(world_write(world, wire->fd, frame, mtu + 19), -KSIM_EMSGSIZE);
    world_sleep_ms(world, 10);
}

static void
mtu_body(struct world *world)
{
    uint8_t own[6];
    struct wire wire;

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, own));
    long_frames(&wire, 1500);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", 576), 0);
    long_frames(&wire, 576);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", 9000), 0);
    long_frames(&wire, 9000);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", 65535), 0);
    long_frames(&wire, 65535);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", 71), -KSIM_EINVAL);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", 65536), -KSIM_EINVAL);
    ck_assert_int_eq(ifconfig_mtu(world->root, "tap0", -1), -KSIM_EINVAL);
    long_frames(&wire, 65535);
    wire_close(&wire);
}

START_TEST(a_frame_may_be_as_long_as_the_mtu_and_a_tag)
{
    world_run(mtu_body);
}
END_TEST

static void
fault_body(struct world *world)
{
    uint8_t own[6], frame[128];
    struct wire wire;
    size_t length;

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, own));
    length = world_echo_frame(frame, own, 1, 56);
    ksim_user_fault_at(world->root, frame, sizeof(frame), 40);
    ck_assert_int_eq(world_write(world, wire.fd, frame, length), -KSIM_EFAULT);
    ksim_user_unmap(world->root, frame);
    ck_assert(!wire_await(&wire, wire_is_echo_reply, 1, 20));
    ck_assert(wire_ping(&wire, own, 2));
    ck_assert_uint_eq(wire_status_packets(world, "tap0", "in fault"), 1);
    wire_close(&wire);
}

START_TEST(a_write_from_bad_memory_is_efault_and_injects_nothing)
{
    world_run(fault_body);
}
END_TEST

/* --- media -------------------------------------------------------------------------------------- */

/* SIOCGIFMEDIA; `list_bytes` is the width of the caller's pointers. */
static int
media_request(struct world *world, size_t list_bytes, int32_t count, const void *list, int32_t answer[5])
{
    uint8_t request[44] = "tap0";
    uint64_t address = (uintptr_t)list;
    int socket = ksim_system_socket(world->root, KSIM_AF_INET, KSIM_SOCK_DGRAM, 0);
    int result;

    ck_assert_int_ge(socket, 0);
    memcpy(request + 32, &count, sizeof(count));
    memcpy(request + 36, &address, list_bytes);
    result = ksim_system_ioctl(world->root, socket,
                               list_bytes == 4 ? UINT32_C(0xc0286938) : UINT32_C(0xc02c6938), request);
    memcpy(answer, request + 16, 20);
    ck_assert_int_eq(ksim_system_close(world->root, socket), 0);
    return result;
}

static void
media_check(struct world *world, size_t list_bytes)
{
    enum { ETHERNET_AUTO = 0x20, VALID_AND_ACTIVE = 3 };
    int32_t answer[5]; /* current, mask, status, active, count */

    ck_assert_int_eq(media_request(world, list_bytes, 0, NULL, answer), 0);
    ck_assert_int_eq(answer[0], ETHERNET_AUTO);
    ck_assert_int_eq(answer[2], VALID_AND_ACTIVE);
    ck_assert_int_eq(answer[3], ETHERNET_AUTO);
    ck_assert_int_eq(answer[4], 1);
    ck_assert_int_eq(media_request(world, list_bytes, -1, NULL, answer), -KSIM_EINVAL);
}

static void
media_body(struct world *world)
{
    int32_t answer[5], list[2] = {-1, -1};
    int fd = world_open(world, "tap0");

    media_check(world, 4);
    media_check(world, 8);
    ksim_user_map(world->root, list, sizeof(list));
    ck_assert_int_eq(media_request(world, 8, 2, list, answer), 0);
    ck_assert_int_eq(list[0], 0x20);
    ck_assert_int_eq(list[1], -1);
    ksim_user_unmap(world->root, list);
    ck_assert_int_eq(media_request(world, 8, 1, list, answer), -KSIM_EFAULT);
    world_close(world, fd);
}

START_TEST(media_is_ethernet_auto_and_active_for_both_widths)
{
    world_run(media_body);
}
END_TEST

/* --- bpf ---------------------------------------------------------------------------------------- */

struct sighting {
    unsigned in, out;
};

static void
see(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length_bytes)
{
    struct sighting *seen = context;

    (void)time_ns;
    if (length_bytes < 42 || bytes[12] != 8 || bytes[13] != 0)
        return; /* not IPv4 */
    ck_assert_uint_eq(length_bytes, 98);
    if (outbound)
        seen->out++;
    else
        seen->in++;
}

static void
bpf_body(struct world *world)
{
    struct ksim_capture *capture;
    struct sighting seen = {0, 0};
    struct wire wire;
    uint8_t own[6];
    int link_type;

    wire_open(&wire, world, "tap0");
    ck_assert(wire_resolve(&wire, own));
    ck_assert_int_eq(ksim_capture_open(world->kernel, "tap0", see, &seen, &capture, &link_type), 0);
    ck_assert_int_eq(link_type, 1); /* DLT_EN10MB */
    for (uint16_t i = 1; i <= 5; i++)
        ck_assert(wire_ping(&wire, own, i));
    ck_assert(!wire_ping(&wire, stranger, 6)); /* tcpdump is promiscuous */
    ck_assert_uint_eq(seen.in, 6);
    ck_assert_uint_eq(seen.out, 5);
    wire_close(&wire);
    world_sleep_ms(world, 10);
    ksim_capture_close(capture);
}

START_TEST(bpf_sees_each_frame_once_per_direction)
{
    world_run(bpf_body);
}
END_TEST

static Suite *
tap_suite(void)
{
    Suite *suite = suite_create("tap");
    TCase *cases = tcase_create("tap");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, each_open_has_a_random_local_unicast_address);
    tcase_add_test(cases, a_new_address_is_answered_and_announced_by_a_link_event);
    tcase_add_test(cases, group_and_zero_addresses_are_refused);
    tcase_add_test(cases, arp_for_our_address_is_answered);
    tcase_add_test(cases, a_ping_of_ours_asks_by_arp_and_hears_its_reply);
    tcase_add_test(cases, frames_are_sorted_by_whom_they_are_for);
    tcase_add_test(cases, protocols_attach_by_type_sap_and_snap);
    tcase_add_test(cases, link_groups_can_be_joined_and_left);
    tcase_add_test(cases, what_we_send_to_ourselves_does_not_break_anything);
    tcase_add_test(cases, a_frame_shorter_than_its_header_is_einval);
    tcase_add_test(cases, a_frame_may_be_as_long_as_the_mtu_and_a_tag);
    tcase_add_test(cases, a_write_from_bad_memory_is_efault_and_injects_nothing);
    tcase_add_test(cases, media_is_ethernet_auto_and_active_for_both_widths);
    tcase_add_test(cases, bpf_sees_each_frame_once_per_direction);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(tap_suite)
