/* SPDX-License-Identifier: BSD-2-Clause */
/* What tcpdump on the Mac sees: each packet once per direction, when it passes (facts/museum.md B02, E08 to E11). */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include "kernel_view.h"
#include "main.h"
#include "wire.h"

enum { KIND_COUNT = 2, IP_BYTES = 84, LINK_NULL = 0, LINK_ETHERNET = 1, WORD_BYTES = 4 };

static const char *const names[KIND_COUNT] = {"tun0", "tap0"};
static const int link_types[KIND_COUNT] = {LINK_NULL, LINK_ETHERNET};
/* What a capture has before the IP packet. */
static const size_t link_bytes[KIND_COUNT] = {WORD_BYTES, WIRE_ETHER_BYTES};
static const uint8_t mac_ip6[16] = {0xfd, 7, [15] = 1};

struct sighting {
    unsigned in, out;
    uint64_t time_ns; /* of the last one */
    size_t length;
    uint8_t bytes[2048];
};

static void
see(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length_bytes)
{
    struct sighting *seen = context;

    if (outbound)
        seen->out++;
    else
        seen->in++;
    seen->time_ns = time_ns;
    seen->length = length_bytes;
    memcpy(seen->bytes, bytes, length_bytes < sizeof(seen->bytes) ? length_bytes : sizeof(seen->bytes));
}

static struct ksim_capture *
capture_open(struct world *world, int kind, struct sighting *seen)
{
    struct ksim_capture *capture;
    int link_type = -1;

    *seen = (struct sighting){0};
    ck_assert_int_eq(ksim_capture_open(world->kernel, names[kind], see, seen, &capture, &link_type), 0);
    ck_assert_int_eq(link_type, link_types[kind]);
    return capture;
}

/* A packet as the program writes it, and as the stack sends it. */
static size_t
packet_make(uint8_t *packet, int kind, uint16_t sequence)
{
    return kind == 0 ? world_echo_request(packet, sequence, IP_BYTES - 28)
                     : world_echo_frame(packet, wire_lladdr, sequence, IP_BYTES - 28);
}

/* --- once, and when ----------------------------------------------------------------------------- */

/* E11: no reader, more packets than the queue holds: all are seen now, and none again when it is read. */
static void
passing_body(struct world *world)
{
    uint8_t packet[IP_BYTES + WIRE_ETHER_BYTES];
    struct sighting seen;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        size_t length = packet_make(packet, kind, 1);
        struct ksim_capture *capture;
        uint64_t sent_ns;

        wire_open(&wire, world, names[kind]);
        capture = capture_open(world, kind, &seen);
        sent_ns = ksim_system_time_ns();
        ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 200), KSIM_ENOBUFS);
        ck_assert_uint_eq(seen.out, 200);
        ck_assert_uint_lt(seen.time_ns, sent_ns + WORLD_MS_NS);
        ck_assert_uint_eq(seen.length, link_bytes[kind] + IP_BYTES);
        ck_assert_mem_eq(seen.bytes + link_bytes[kind], packet + length - IP_BYTES, IP_BYTES);
        world_sleep_ms(world, 1000);
        for (int i = 0; i < 128; i++)
            ck_assert_int_gt(wire_read(&wire), 0);
        ck_assert_uint_eq(seen.out, 200);
        /* What is written is seen when it is written, before the stack has it. */
        wire_write(&wire, packet, length);
        ck_assert_uint_eq(seen.in, 1);
        ck_assert_mem_eq(seen.bytes + link_bytes[kind], packet + length - IP_BYTES, IP_BYTES);
        wire_drain(&wire);
        ck_assert_uint_eq(seen.in, 1);
        ksim_capture_close(capture);
        wire_close(&wire);
    }
}

START_TEST(a_packet_is_seen_once_when_it_passes_and_not_when_it_is_read)
{
    world_run(passing_body);
}
END_TEST

/* What never passes is not seen. */
static void
refused_body(struct world *world)
{
    uint8_t packet[IP_BYTES + WIRE_ETHER_BYTES];
    struct sighting seen;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        size_t length = packet_make(packet, kind, 1);
        struct ksim_capture *capture;

        wire_open(&wire, world, names[kind]);
        capture = capture_open(world, kind, &seen);
        ck_assert_int_eq(world_write(world, wire.fd, packet, 3), -KSIM_EINVAL);
        ck_assert_int_eq(kernel_view_output(names[kind], "", 1, 3), KSIM_EAFNOSUPPORT);
        ck_assert_int_eq(ifconfig_down(world->root, names[kind]), 0);
        ck_assert_int_eq(kernel_view_output(names[kind], packet, length, 3), KSIM_ENETDOWN);
        ck_assert_int_eq(world_write(world, wire.fd, packet, length), -KSIM_EIO);
        ck_assert_uint_eq(seen.in + seen.out, 0);
        ksim_capture_close(capture);
        wire_close(&wire);
    }
}

START_TEST(what_is_refused_is_not_seen)
{
    world_run(refused_body);
}
END_TEST

/* --- DLT_NULL ----------------------------------------------------------------------------------- */

/* tcpdump's own filters, compiled by libpcap for this link type, on what was captured last. */
static bool
filter_matches(const struct sighting *seen, int link_type, const char *expression)
{
    pcap_t *pcap = pcap_open_dead(link_type, 65535);
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)seen->length, .len = (bpf_u_int32)seen->length};
    struct bpf_program program;
    bool matches;

    ck_assert_ptr_nonnull(pcap);
    ck_assert_int_eq(pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN), 0);
    matches = pcap_offline_filter(&program, &header, seen->bytes) != 0;
    pcap_freecode(&program);
    pcap_close(pcap);
    return matches;
}

static void
expect_filters(const struct sighting *seen, bool ip6)
{
    char ip6_of_a_mac[40];

    /* "ip6" compares with the AF_INET6 of the host that compiles it; here is what it is on a Mac. */
    snprintf(ip6_of_a_mac, sizeof(ip6_of_a_mac), "link[0:4] == %#x", (unsigned)htonl(30));
    ck_assert(filter_matches(seen, LINK_NULL, "ip") == !ip6);
    ck_assert(filter_matches(seen, LINK_NULL, "icmp") == !ip6);
    ck_assert(filter_matches(seen, LINK_NULL, "host 10.7.0.2") == !ip6);
    ck_assert(filter_matches(seen, LINK_NULL, ip6_of_a_mac) == ip6);
}

/* E08: the family is in the order of the machine, the same in both head modes and directions. */
static void
family_body(struct world *world)
{
    uint8_t written[WORD_BYTES + WIRE_ECHO6_BYTES] = {0};
    struct ksim_capture *capture;
    struct sighting seen;
    struct wire wire;

    wire_open(&wire, world, "tun0");
    ck_assert_int_eq(ifconfig_inet6(world->root, "tun0", mac_ip6, 64), 0);
    wire_drain(&wire);
    capture = capture_open(world, 0, &seen);
    for (int head = 0; head < 2; head++) {
        for (int ip6 = 0; ip6 < 2; ip6++) {
            size_t skip = head != 0 ? WORD_BYTES : 0;
            size_t length = ip6 != 0 ? wire_echo6(written + WORD_BYTES, 1)
                                     : world_echo_request(written + WORD_BYTES, 1, IP_BYTES - 28);
            uint32_t family = 0;

            ck_assert_int_eq(world_ioctl_int(world, wire.fd, WORLD_TUNSIFHEAD, &head), 0);
            written[3] = ip6 != 0 ? 30 : 2;
            wire_write(&wire, written + WORD_BYTES - skip, skip + length);
            ck_assert_uint_eq(seen.length, WORD_BYTES + length);
            memcpy(&family, seen.bytes, sizeof(family));
            ck_assert_uint_eq(family, written[3]);
            ck_assert_mem_eq(seen.bytes + WORD_BYTES, written + WORD_BYTES, length);
            expect_filters(&seen, ip6);
            seen.out = 0;
            world_sleep_ms(world, 20);
            ck_assert_uint_eq(seen.out, 1); /* the reply */
            memcpy(&family, seen.bytes, sizeof(family));
            ck_assert_uint_eq(family, written[3]);
            expect_filters(&seen, ip6);
            ck_assert_int_eq(wire_read(&wire), (int64_t)(skip + length));
            ck_assert_mem_eq(seen.bytes + WORD_BYTES, wire.packet + skip, length);
        }
    }
    ksim_capture_close(capture);
    wire_close(&wire);
}

START_TEST(tcpdump_filters_find_ip_and_ip6_on_tun_in_both_modes_and_directions)
{
    world_run(family_body);
}
END_TEST

/* --- captures come and go ----------------------------------------------------------------------- */

static void
traffic(struct world_thread *thread)
{
    uint8_t packet[IP_BYTES + WIRE_ETHER_BYTES];
    int kind = (int)thread->result;
    size_t length = packet_make(packet, kind, 1);

    for (int i = 0; i < 20; i++) {
        (void)kernel_view_output(names[kind], packet, length, 3);
        (void)ksim_system_write(thread->process, thread->fd, packet, length);
        (void)ksim_system_read(thread->process, thread->fd, thread->buffer, sizeof(thread->buffer));
    }
}

/* B02: bpf holds its lock when it attaches and detaches, and takes it for each packet. */
static void
come_and_go_body(struct world *world)
{
    struct sighting seen;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct world_thread threads[2];

        wire_open(&wire, world, names[kind]);
        for (int i = 0; i < 2; i++) {
            threads[i] = (struct world_thread){.world = world, .process = world->root, .body = traffic,
                                               .fd = wire.fd, .result = kind};
            world_thread_start(&threads[i], "traffic");
        }
        for (int i = 0; i < 10; i++) {
            struct ksim_capture *capture = capture_open(world, kind, &seen);

            world_sleep_ms(world, 0);
            ksim_system_sleep(world->root, 3000);
            ksim_capture_close(capture);
        }
        world_thread_join(&threads[0]);
        world_thread_join(&threads[1]);
        wire_close(&wire);
        world_sleep_ms(world, 50);
    }
}

START_TEST(a_capture_comes_and_goes_while_packets_pass_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, come_and_go_body);
}
END_TEST

static void
gone_body(struct world *world)
{
    uint8_t packet[IP_BYTES + WIRE_ETHER_BYTES];
    struct ksim_capture *capture;
    struct sighting seen;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        size_t length = packet_make(packet, kind, 1);

        wire_open(&wire, world, names[kind]);
        capture = capture_open(world, kind, &seen);
        wire_write(&wire, packet, length);
        ck_assert_uint_eq(seen.in, 1);
        /* The interface goes away under the capture, which stays, silent, */
        wire_close(&wire);
        world_sleep_ms(world, 50);
        seen = (struct sighting){0};
        wire_open(&wire, world, names[kind]);
        wire_write(&wire, packet, length);
        ck_assert_uint_eq(seen.in + seen.out, 0);
        ksim_capture_close(capture);
        /* and the new interface has captures of its own. */
        capture = capture_open(world, kind, &seen);
        wire_write(&wire, packet, length);
        ck_assert_uint_eq(seen.in, 1);
        wire_close(&wire);
        world_sleep_ms(world, 50);
        ksim_capture_close(capture);
    }
}

START_TEST(a_capture_survives_its_interface_and_sees_nothing_of_the_next)
{
    world_run(gone_body);
}
END_TEST

START_TEST(a_capture_survives_its_interface_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, gone_body);
}
END_TEST

/* Another thread closes the device while packets pass and a capture is on. */
static void
close_body(struct world *world)
{
    struct sighting seen;
    struct wire wire;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct world_thread busy = {.world = world, .process = world->root, .body = traffic};
        struct ksim_capture *capture;

        wire_open(&wire, world, names[kind]);
        capture = capture_open(world, kind, &seen);
        busy.fd = wire.fd;
        busy.result = kind;
        world_thread_start(&busy, "traffic");
        ksim_system_sleep(world->root, 5000);
        wire_close(&wire);
        ksim_capture_close(capture);
        world_thread_join(&busy);
        world_sleep_ms(world, 50);
    }
}

START_TEST(the_device_closes_under_a_capture_while_packets_pass_on_every_schedule)
{
    struct tape_seed tape;
    struct world_options options = {.feeder = &tape.feeder};

    tape_seed_start(&tape, (uint64_t)_i);
    world_run_with(&options, close_body);
}
END_TEST

static Suite *
bpf_suite(void)
{
    Suite *suite = suite_create("bpf");
    TCase *cases = tcase_create("bpf");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_packet_is_seen_once_when_it_passes_and_not_when_it_is_read);
    tcase_add_test(cases, what_is_refused_is_not_seen);
    tcase_add_test(cases, tcpdump_filters_find_ip_and_ip6_on_tun_in_both_modes_and_directions);
    tcase_add_loop_test(cases, a_capture_comes_and_goes_while_packets_pass_on_every_schedule, 0, 30);
    tcase_add_test(cases, a_capture_survives_its_interface_and_sees_nothing_of_the_next);
    tcase_add_loop_test(cases, a_capture_survives_its_interface_on_every_schedule, 0, 20);
    tcase_add_loop_test(cases, the_device_closes_under_a_capture_while_packets_pass_on_every_schedule, 0, 30);
    suite_add_tcase(suite, cases);
    return suite;
}

TEST_MAIN(bpf_suite)
