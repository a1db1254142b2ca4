/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that a program writes into the interface through bpf, as scapy does (facts/museum.md E01, E10, O38). */
#include <string.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"

enum { IP_BYTES = 84 };

#define BIOCSETIF UINT32_C(0x8020426c)
#define BIOCSHDRCMPLT UINT32_C(0x80044275)

/* A program that has /dev/bpf0 on an interface, as scapy does. */
static int
bpf_open(struct world *world, const char *name, int header_complete)
{
    uint8_t request[32] = {0};
    int fd = ksim_system_open(world->root, "/dev/bpf0", KSIM_O_RDWR);

    ck_assert_int_ge(fd, 0);
    strncpy((char *)request, name, 16);
    ck_assert_int_eq(ksim_system_ioctl(world->root, fd, BIOCSETIF, request), 0);
    ck_assert_int_eq(world_ioctl_int(world, fd, BIOCSHDRCMPLT, &header_complete), 0);
    return fd;
}

/* E10: on tun the family word that a capture shows is written too, in the order of the machine. */
static void
bpf_tun_body(struct world *world)
{
    static const uint8_t head[4] = {0, 0, 0, 2};
    uint8_t written[4 + IP_BYTES], swapped[4 + IP_BYTES];
    uint32_t family = 2;
    struct wire wire;
    int bpf;

    memcpy(written, &family, 4);
    world_echo_request(written + 4, 7, IP_BYTES - 28);
    memcpy(swapped, written, sizeof(swapped));
    memcpy(swapped, head, 4);
    for (int complete = 0; complete < 2; complete++) {
        for (int mode = 0; mode < 2; mode++) {
            wire_open(&wire, world, "tun0");
            ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNSIFHEAD, &mode), 0);
            bpf = bpf_open(world, "tun0", complete);
            ck_assert_int_eq(world_write(world, bpf, written, sizeof(written)), sizeof(written));
            ck_assert_int_eq(wire_read(&wire), IP_BYTES + 4 * mode);
            ck_assert_mem_eq(wire.packet, head, mode != 0 ? 4 : 0);
            ck_assert_mem_eq(wire.packet + 4 * mode, written + 4, IP_BYTES);
            /* Without the word it is a packet as well; any other word makes it none. */
            ck_assert_int_eq(world_write(world, bpf, written + 4, IP_BYTES), IP_BYTES);
            ck_assert_int_eq(wire_read(&wire), IP_BYTES + 4 * mode);
            ck_assert_int_eq(world_write(world, bpf, swapped, sizeof(swapped)), -KSIM_EAFNOSUPPORT);
            for (size_t length = 1; length < 5; length++)
                ck_assert_int_eq(world_write(world, bpf, written, length), -KSIM_EAFNOSUPPORT);
            ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
            ck_assert_uint_eq(wire_status_packets(world, "tun0", "out bad"), 5);
            ck_assert_uint_eq(wire_status_packets(world, "tun0", "out delivered"), 2);
            ck_assert_int_eq(ksim_system_close(world->root, bpf), 0);
            wire_close(&wire);
        }
    }
}

START_TEST(a_raw_bpf_write_to_tun_is_read_as_a_packet_of_its_mode)
{
    world_run(bpf_tun_body);
}
END_TEST

static void
bpf_tap_body(struct world *world)
{
    uint8_t packet[WIRE_ETHER_BYTES + IP_BYTES], own[6];
    size_t whole = world_echo_frame(packet, wire_lladdr, 0, IP_BYTES - 28);
    struct wire wire;
    int bpf;

    for (int complete = 0; complete < 2; complete++) {
        wire_open(&wire, world, "tap0");
        ck_assert_int_eq(kernel_view_lladdr("tap0", own), 0);
        bpf = bpf_open(world, "tap0", complete);
        ck_assert_int_eq(world_write(world, bpf, packet, whole), (int64_t)whole);
        ck_assert_int_eq(wire_read(&wire), (int64_t)whole);
        /* A header that is not complete gets the interface's address as its source. */
        ck_assert_mem_eq(wire.packet, packet, 6);
        ck_assert_mem_eq(wire.packet + 6, complete != 0 ? packet + 6 : own, 6);
        ck_assert_mem_eq(wire.packet + 12, packet + 12, whole - 12);
        for (size_t length = 1; length < WIRE_ETHER_BYTES; length++)
            ck_assert_int_eq(world_write(world, bpf, packet, length), -KSIM_EMSGSIZE);
        ck_assert_int_eq(wire_read(&wire), -KSIM_EWOULDBLOCK);
        ck_assert_int_eq(ksim_system_close(world->root, bpf), 0);
        wire_close(&wire);
    }
}

START_TEST(a_raw_bpf_write_to_tap_is_a_frame)
{
    world_run(bpf_tap_body);
}
END_TEST

static Suite *
inject_suite(void)
{
    Suite *suite = suite_create("inject");
    TCase *cases = tcase_create("inject");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_raw_bpf_write_to_tun_is_read_as_a_packet_of_its_mode);
    tcase_add_test(cases, a_raw_bpf_write_to_tap_is_a_frame);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(inject_suite)
