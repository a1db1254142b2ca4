/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <capture_load.h>
#include <packet_name.h>
#include <packet_text.h>

#include <main.h>

static const struct packet_text_options plain = {0}, with_link = {.link_header = true};

/*
 * Real tcpdump 4.99's lines of these packets (-t -n -S, -e for the second), without what 4.9 does not
 * print (the identifier of an ICMPv6 echo) and what this does not look into (DNS).
 */
static const struct {
    const char *name, *line;
} lines[] = {
    {"arp-request", "ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28"},
    {"arp-reply", "ARP, Reply 10.77.0.2 is-at 5e:0c:ad:80:94:bb, length 28"},
    {"ethernet.pcap:97",
     "ARP, Request who-has 10.77.0.2 (ff:ff:ff:ff:ff:ff) tell 10.77.0.1, length 28"},
    {"echo-request", "IP 10.77.0.1 > 10.77.0.2: ICMP echo request, id 8044, seq 1, length 64"},
    {"echo-reply", "IP 10.77.0.2 > 10.77.0.1: ICMP echo reply, id 8044, seq 1, length 64"},
    {"echo-fragment-1",
     "IP 10.77.0.1 > 10.77.0.2: ICMP echo request, id 8046, seq 1, length 1480"},
    {"echo-fragment-2", "IP 10.77.0.1 > 10.77.0.2: ip-proto-1"},
    {"echo-fragment-3", "IP 10.77.0.1 > 10.77.0.2: ip-proto-1"},
    {"ethernet.pcap:60",
     "IP 10.77.0.2 > 10.77.0.1: ICMP 10.77.0.2 udp port 9 unreachable, length 88"},
    {"tcp-syn",
     "IP 10.77.0.1.42942 > 10.77.0.2.8080: Flags [S], seq 3033391827, win 64240, options "
     "[mss 1460,sackOK,TS val 738020235 ecr 0,nop,wscale 10], length 0"},
    {"ethernet.pcap:96",
     "IP 10.77.0.2.81 > 10.77.0.1.36394: Flags [R.], seq 0, ack 905292689, win 0, length 0"},
    {"udp-closed-port", "IP 10.77.0.1.46368 > 10.77.0.2.9: UDP, length 52"},
    {"listener-report",
     "IP6 :: > ff02::16: HBH ICMP6, multicast listener report v2, 2 group record(s), length 48"},
    {"neighbour-solicitation",
     "IP6 fd77::1 > ff02::1:ff00:2: ICMP6, neighbor solicitation, who has fd77::2, length 32"},
    {"ethernet.pcap:24",
     "IP6 fd77::2 > fd77::1: ICMP6, neighbor advertisement, tgt is fd77::2, length 32"},
    {"ethernet.pcap:10",
     "IP6 fe80::5c0c:adff:fe80:94bb > ff02::2: ICMP6, router solicitation, length 16"},
    {"echo6-request", "IP6 fd77::1 > fd77::2: ICMP6, echo request, seq 1, length 64"},
    {"ethernet.pcap:43",
     "IP6 fd77::1 > fd77::2: frag (0|1448) ICMP6, echo request, seq 1, length 1448"},
    {"ethernet.pcap:45", "IP6 fd77::1 > fd77::2: frag (2896|112)"},
    {"ip-echo-request", "IP 10.78.0.1 > 10.78.0.2: ICMP echo request, id 8208, seq 1, length 64"},
    {"ip6-echo-request", "IP6 fd78::1 > fd78::2: ICMP6, echo request, seq 1, length 64"},
};

static void
load(struct packet_named *packet, const char *name)
{
    char error[PACKET_NAME_ERROR_BYTES];

    ck_assert_msg(packet_name_load(packet, CAPTURES, name, error), "%s", error);
}

static void
expect(int link, const uint8_t *bytes, size_t captured, size_t original,
       const struct packet_text_options *options, const char *line)
{
    struct text text = {0};

    packet_text_add(&text, link, bytes, captured, original, options);
    ck_assert_str_eq(text_bytes(&text), line);
    text_free(&text);
}

START_TEST(a_recorded_packet_reads_as_tcpdump_says_it)
{
    struct packet_named packet;

    load(&packet, lines[_i].name);
    expect(packet.link, packet.bytes, packet.length, packet.length, &plain, lines[_i].line);
    packet_named_free(&packet);
}
END_TEST

START_TEST(the_link_header_stands_before_with_e)
{
    struct packet_named packet;

    load(&packet, "arp-request");
    expect(packet.link, packet.bytes, packet.length, packet.length, &with_link,
           "f6:18:4f:d9:10:3b > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request "
           "who-has 10.77.0.2 tell 10.77.0.1, length 28");
    packet_named_free(&packet);
    load(&packet, "echo-request");
    expect(packet.link, packet.bytes, packet.length, packet.length, &with_link,
           "f6:18:4f:d9:10:3b > 5e:0c:ad:80:94:bb, ethertype IPv4 (0x0800), length 98: 10.77.0.1 > "
           "10.77.0.2: ICMP echo request, id 8044, seq 1, length 64");
    packet_named_free(&packet);
}
END_TEST

START_TEST(the_family_word_is_read_in_both_byte_orders)
{
    static const uint8_t little[] = {2, 0, 0, 0, 0x45}, big[] = {0, 0, 0, 2, 0x45};

    expect(0, little, sizeof(little), sizeof(little), &with_link,
           "AF IPv4 (2), length 5: truncated-ip 1");
    expect(108, big, sizeof(big), sizeof(big), &plain, "IP truncated-ip 1");
}
END_TEST

START_TEST(a_frame_of_which_nothing_is_known_is_shown_by_its_header)
{
    uint8_t frame[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x88, 0xb5};

    expect(1, frame, sizeof(frame), sizeof(frame), &plain,
           "07:08:09:0a:0b:0c > 01:02:03:04:05:06, ethertype Unknown (0x88b5), length 20");
    frame[12] = 0;
    frame[13] = 6;
    expect(1, frame, sizeof(frame), sizeof(frame), &plain,
           "07:08:09:0a:0b:0c > 01:02:03:04:05:06, 802.3, length 6");
}
END_TEST

START_TEST(padding_behind_a_packet_is_not_counted)
{
    struct packet_named packet;
    uint8_t frame[200] = {0};

    load(&packet, "echo-request");
    memcpy(frame, packet.bytes, packet.length);
    expect(1, frame, packet.length + 20, packet.length + 20, &plain, lines[3].line);
    packet_named_free(&packet);
}
END_TEST

START_TEST(a_header_that_reaches_into_the_padding_is_cut)
{
    static const uint8_t packet[46] = {0x45, 0, 0, 24, [8] = 64, 1, [12] = 10, 0, 0, 1,
                                       10, 0, 0, 2, 8};
    static const uint8_t packet6[60] = {0x60, 0, 0, 0, 0, 4, 58, 64, [23] = 1, [39] = 2, 128};

    expect(12, packet, sizeof(packet), sizeof(packet), &plain,
           "IP 10.0.0.1 > 10.0.0.2: ICMP [|icmp]");
    expect(12, packet6, sizeof(packet6), sizeof(packet6), &plain, "IP6 ::1 > ::2: ICMP6, [|icmp6]");
}
END_TEST

START_TEST(what_was_not_captured_is_still_counted)
{
    struct packet_named packet;

    load(&packet, "echo-request");
    expect(packet.link, packet.bytes, 60, packet.length, &plain, lines[3].line);
    expect(packet.link, packet.bytes, 60, 60, &plain,
           "IP truncated-ip - 38 bytes missing! 10.77.0.1 > 10.77.0.2: ICMP echo request, id 8044, "
           "seq 1, length 64");
    expect(packet.link, packet.bytes, 36, packet.length, &plain,
           "IP 10.77.0.1 > 10.77.0.2: ICMP [|icmp]");
    expect(packet.link, packet.bytes, 20, packet.length, &plain, "IP [|ip]");
    expect(packet.link, packet.bytes, 9, packet.length, &plain, "[|ether]");
    packet_named_free(&packet);
}
END_TEST

START_TEST(igmp_of_each_version_is_known)
{
    static const struct {
        uint8_t type, code;
        const char *words;
    } messages[] = {{0x11, 100, "igmp query v2 [gaddr 224.1.2.3]"},
                    {0x11, 0, "igmp query v1 [gaddr 224.1.2.3]"},
                    {0x12, 0, "igmp v1 report 224.1.2.3"},
                    {0x16, 0, "igmp v2 report 224.1.2.3"},
                    {0x17, 0, "igmp leave 224.1.2.3"},
                    {0x22, 0, "igmp v3 report, 515 group record(s)"},
                    {0x99, 0, "igmp-153"}};
    uint8_t packet[28] = {0x45, 0, 0, 28, [8] = 1, 2, [12] = 10, 0, 0, 1, 224, 1, 2, 3};
    char line[128];

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        memcpy(packet + 20, (const uint8_t[]){messages[i].type, messages[i].code, 0, 0, 224, 1, 2, 3},
               8);
        snprintf(line, sizeof(line), "IP 10.0.0.1 > 224.1.2.3: %s", messages[i].words);
        expect(12, packet, sizeof(packet), sizeof(packet), &plain, line);
    }
}
END_TEST

/* Prints from memory that ends where the packet ends. */
static void
print_cut(int link, const uint8_t *bytes, size_t captured, size_t original)
{
    uint8_t *exact = malloc(captured == 0 ? 1 : captured);
    struct text text = {0};

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, bytes, captured);
    packet_text_add(&text, link, captured == 0 ? exact + 1 : exact, captured, original, &plain);
    packet_text_add(&text, link, captured == 0 ? exact + 1 : exact, captured, original, &with_link);
    ck_assert_ptr_null(strchr(text_bytes(&text), '\n'));
    text_free(&text);
    free(exact);
}

START_TEST(every_packet_is_safe_at_every_length)
{
    static const char *const files[] = {CAPTURES "/ethernet.pcap", CAPTURES "/raw.pcap"};
    char error[CAPTURE_ERROR_BYTES];
    struct capture capture;

    ck_assert_msg(capture_load(&capture, files[_i], error), "%s", error);
    for (size_t i = 0; i < capture.count; i++) {
        const struct capture_packet *packet = &capture.packets[i];

        for (size_t length = 0; length <= packet->captured_bytes && length < 200; length++) {
            print_cut(capture.link, packet->bytes, length, packet->original_bytes);
            print_cut(capture.link, packet->bytes, length, length);
        }
    }
    capture_free(&capture);
}
END_TEST

START_TEST(bytes_that_were_changed_are_safe)
{
    char error[CAPTURE_ERROR_BYTES];
    struct capture capture;
    uint8_t bytes[160];
    uint32_t random = 12345 + (uint32_t)_i;

    ck_assert(capture_load(&capture, CAPTURES "/ethernet.pcap", error));
    for (int round = 0; round < 4000; round++) {
        const struct capture_packet *packet = &capture.packets[(size_t)round % capture.count];
        size_t length = packet->captured_bytes < sizeof(bytes) ? packet->captured_bytes
                                                               : sizeof(bytes);

        memcpy(bytes, packet->bytes, length);
        for (int change = 0; change < 4; change++) {
            random = random * 1664525 + 1013904223;
            bytes[(random >> 8) % length] = (uint8_t)(random >> 24);
        }
        random = random * 1664525 + 1013904223;
        print_cut(capture.link, bytes, (random >> 8) % (length + 1), length);
    }
    capture_free(&capture);
}
END_TEST

START_TEST(hex_stands_in_pairs_of_sixteen)
{
    uint8_t bytes[19];
    struct text text = {0};

    for (int i = 0; i < 19; i++)
        bytes[i] = (uint8_t)i;
    packet_text_add_hex(&text, bytes, sizeof(bytes));
    ck_assert_str_eq(text_bytes(&text), "\t0x0000:  0001 0203 0405 0607 0809 0a0b 0c0d 0e0f\n"
                                        "\t0x0010:  1011 12\n");
    text_free(&text);
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("packet_text");
    TCase *tests = tcase_create("packet_text");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_recorded_packet_reads_as_tcpdump_says_it, 0,
                        (int)(sizeof(lines) / sizeof(lines[0])));
    tcase_add_test(tests, the_link_header_stands_before_with_e);
    tcase_add_test(tests, the_family_word_is_read_in_both_byte_orders);
    tcase_add_test(tests, a_frame_of_which_nothing_is_known_is_shown_by_its_header);
    tcase_add_test(tests, padding_behind_a_packet_is_not_counted);
    tcase_add_test(tests, a_header_that_reaches_into_the_padding_is_cut);
    tcase_add_test(tests, what_was_not_captured_is_still_counted);
    tcase_add_test(tests, igmp_of_each_version_is_known);
    tcase_add_loop_test(tests, every_packet_is_safe_at_every_length, 0, 2);
    tcase_add_loop_test(tests, bytes_that_were_changed_are_safe, 0, 4);
    tcase_add_test(tests, hex_stands_in_pairs_of_sixteen);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
