/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include <packet_name.h>

#include <main.h>

static struct packet_named packet;
static char error[PACKET_NAME_ERROR_BYTES];

START_TEST(a_word_of_names_is_a_packet)
{
    ck_assert(packet_name_load(&packet, CAPTURES, "arp-request", error));
    ck_assert_int_eq(packet.link, 1);
    ck_assert_uint_eq(packet.length, 42);
    ck_assert_uint_eq(packet.bytes[13], 6); /* 0x0806 */
    packet_named_free(&packet);
}
END_TEST

START_TEST(a_file_and_a_number_are_a_packet)
{
    ck_assert(packet_name_load(&packet, CAPTURES, "raw.pcap:1", error));
    ck_assert_int_eq(packet.link, 12); /* as libpcap calls raw IP here, or 101 */
    ck_assert_uint_eq(packet.bytes[0], 0x45);
    packet_named_free(&packet);
}
END_TEST

/* Every word of NAMES leads to a packet: the file is part of the tests. */
START_TEST(every_name_is_good)
{
    FILE *file = fopen(CAPTURES "/NAMES", "r");
    char line[512], word[128];
    int names = 0;

    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (line[0] == '#' || sscanf(line, "%127s", word) != 1)
            continue;
        ck_assert_msg(packet_name_load(&packet, CAPTURES, word, error), "%s", error);
        packet_named_free(&packet);
        names++;
    }
    fclose(file);
    ck_assert_int_gt(names, 10);
}
END_TEST

static void
refuse(const char *folder, const char *name, const char *words)
{
    ck_assert(!packet_name_load(&packet, folder, name, error));
    ck_assert_ptr_nonnull(strstr(error, words));
    ck_assert_ptr_null(strchr(error, '\n'));
    ck_assert_ptr_null(packet.bytes);
}

START_TEST(what_is_no_packet_says_why)
{
    refuse(CAPTURES, "nobody", "no packet of that name");
    refuse(CAPTURES, "ethernet.pcap:118", "no packet of that number");
    refuse(CAPTURES, "ethernet.pcap:0", "not a packet of a capture");
    refuse(CAPTURES, "ethernet.pcap:", "not a packet of a capture");
    refuse(CAPTURES, "nothing.pcap:1", "No such file");
    refuse(CAPTURES, "NAMES:1", "not a capture");
    refuse(CAPTURES, "../captures/ethernet.pcap:1", "one folder only");
    refuse(CAPTURES, "/etc/passwd:1", "one folder only");
    refuse(NULL, "arp-request", "no folder named captures");
}
END_TEST

static Suite *
suite_make(void)
{
    Suite *suite = suite_create("packet_name");
    TCase *tests = tcase_create("packet_name");

    tcase_add_test(tests, a_word_of_names_is_a_packet);
    tcase_add_test(tests, a_file_and_a_number_are_a_packet);
    tcase_add_test(tests, every_name_is_good);
    tcase_add_test(tests, what_is_no_packet_says_why);
    suite_add_tcase(suite, tests);
    return suite;
}

TEST_MAIN(suite_make)
