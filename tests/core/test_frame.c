/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "frame.h"

static struct tt_bytes
view(const void *data, size_t length_bytes)
{
    return (struct tt_bytes){ data, length_bytes };
}

/* ---- MTU ---- */

START_TEST(mtu_limits)
{
    static const int64_t good[] = { 72, 73, 576, 1280, 1500, 9000, 65534, 65535 };
    static const int64_t bad[] = { 71, 0, -1, 1, 65536, INT64_MAX, INT64_MIN, 0x100000000 + 1500,
        -1500, UINT32_MAX, INT32_MAX };

    /* given an MTU from SIOCSIFMTU, then 72 to 65535 are acceptable, nothing else (D18) */
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(tt_mtu_acceptable(good[i]), "%lld", (long long)good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!tt_mtu_acceptable(bad[i]), "%lld", (long long)bad[i]);
}
END_TEST

/* ---- tun ---- */

static const uint32_t mtus[] = { 72, 73, 576, 1280, 1499, 1500, 1501, 1984, 65535 };
#define MTU_COUNT ((int)(sizeof(mtus) / sizeof(mtus[0])))

START_TEST(tun_every_length_without_head)
{
    uint32_t mtu = mtus[_i];

    /* given a bare tun, when a write has any length, then 20..MTU pass (E01) */
    for (uint64_t length = 0; length <= 2000; length++) {
        enum tt_error expected = length < 20 ? TT_EINVAL : length <= mtu ? TT_OK : TT_EMSGSIZE;

        ck_assert_int_eq(tt_tun_length_check(length, false, mtu), expected);
    }
    ck_assert_int_eq(tt_tun_length_check(mtu, false, mtu), TT_OK);
    ck_assert_int_eq(tt_tun_length_check((uint64_t)mtu + 1, false, mtu), TT_EMSGSIZE);
}
END_TEST

START_TEST(tun_every_length_with_head)
{
    uint32_t mtu = mtus[_i];

    /* given head mode, then the word comes on top of both limits */
    for (uint64_t length = 0; length <= 2000; length++) {
        enum tt_error expected = length < 24 ? TT_EINVAL
            : length <= (uint64_t)mtu + 4    ? TT_OK
                                             : TT_EMSGSIZE;

        ck_assert_int_eq(tt_tun_length_check(length, true, mtu), expected);
    }
    ck_assert_int_eq(tt_tun_length_check((uint64_t)mtu + 4, true, mtu), TT_OK);
    ck_assert_int_eq(tt_tun_length_check((uint64_t)mtu + 5, true, mtu), TT_EMSGSIZE);
}
END_TEST

START_TEST(lengths_near_every_integer_limit)
{
    static const uint64_t lengths[] = { 0x7fffffff, 0x80000000, 0xfffffffa, 0xfffffffb, 0xfffffffc,
        0xffffffff, 0x100000000, 0x100000005, 0x1000005dc, 0x7fffffffffffffff, 0x8000000000000000,
        0xfffffffffffffff0, 0xffffffffffffffff };

    /* given lengths whose sum with a header would wrap (E02), then all are too long */
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        ck_assert_int_eq(tt_tun_length_check(lengths[i], false, 65535), TT_EMSGSIZE);
        ck_assert_int_eq(tt_tun_length_check(lengths[i], true, 65535), TT_EMSGSIZE);
        ck_assert_int_eq(tt_tap_length_check(lengths[i], 65535), TT_EMSGSIZE);
    }
}
END_TEST

START_TEST(tun_every_first_byte)
{
    uint8_t packet[40] = { (uint8_t)_i };
    int nibble = _i >> 4;
    enum tt_family family = nibble == 4 ? TT_FAMILY_INET
        : nibble == 6                   ? TT_FAMILY_INET6
                                        : TT_FAMILY_NONE;
    struct tt_tun_verdict verdict = tt_tun_parse(view(packet, 40), 40, false, 1500);

    /* given a packet that begins with byte _i, then the version nibble decides (D11) */
    ck_assert_int_eq(tt_family_of_packet(view(packet, 40)), family);
    ck_assert_int_eq(verdict.error, family == TT_FAMILY_NONE ? TT_EAFNOSUPPORT : TT_OK);
    ck_assert_int_eq(verdict.family, family);
    ck_assert_uint_eq(verdict.strip_bytes, 0);
}
END_TEST

START_TEST(tun_head_word_must_agree)
{
    static const uint32_t words[] = { 0, 1, 2, 3, 24, 28, 29, 30, 31, 255, 0x02000000, 0x1e000000,
        0x00020000, 0x10000002, 0x0000021e, UINT32_MAX };
    uint8_t data[44] = { 0 };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (int nibble = 0; nibble < 16; nibble++) {
            struct tt_tun_verdict verdict;
            bool good = (words[i] == 2 && nibble == 4) || (words[i] == 30 && nibble == 6);

            /* given a word in network order before a packet of some version */
            data[0] = (uint8_t)(words[i] >> 24);
            data[1] = (uint8_t)(words[i] >> 16);
            data[2] = (uint8_t)(words[i] >> 8);
            data[3] = (uint8_t)words[i];
            data[4] = (uint8_t)(nibble << 4 | 5);
            /* when written in head mode */
            verdict = tt_tun_parse(view(data, 44), 44, true, 1500);
            /* then only 2 with IPv4 and 30 with IPv6 pass, and the word is to be cut off */
            ck_assert_int_eq(verdict.error, good ? TT_OK : TT_EAFNOSUPPORT);
            ck_assert_int_eq(verdict.family, good ? (int)words[i] : (int)TT_FAMILY_NONE);
            ck_assert_uint_eq(verdict.strip_bytes, good ? 4 : 0);
        }
    }
}
END_TEST

START_TEST(tun_never_looks_beyond_the_view)
{
    /* given exactly _i bytes of heap, so that a sanitizer sees one byte too far (E01) */
    uint8_t *data = malloc((size_t)_i + 1);
    uint8_t *packet = _i == 0 ? data : realloc(data, (size_t)_i);
    struct tt_tun_verdict verdict;

    memset(packet, 0x45, (size_t)(_i == 0 ? 1 : _i));
    verdict = tt_tun_parse(view(packet, (size_t)_i), (uint64_t)_i, false, 1500);
    ck_assert_int_eq(verdict.error, _i < 20 ? TT_EINVAL : TT_OK);
    /* and in head mode, where 45454545 is no family */
    verdict = tt_tun_parse(view(packet, (size_t)_i), (uint64_t)_i, true, 1500);
    ck_assert_int_eq(verdict.error, _i < 24 ? TT_EINVAL : TT_EAFNOSUPPORT);
    free(packet);
}
END_TEST

START_TEST(tun_ip6_needs_its_whole_header)
{
    uint8_t packet[48] = { 0, 0, 0, 30, 0x60 };

    /* given IPv6 in either mode, then fewer than 40 bytes of it are no packet (E01) */
    for (size_t length = 20; length <= 44; length++) {
        enum tt_error expected = length < 40 ? TT_EINVAL : TT_OK;

        ck_assert_int_eq(tt_tun_parse(view(packet, length + 4), length + 4, true, 1500).error, expected);
        ck_assert_int_eq(tt_tun_parse(view(packet + 4, length), length, false, 1500).error, expected);
    }
    /* and what is no family at all is that first */
    packet[4] = 0x50;
    ck_assert_int_eq(tt_tun_parse(view(packet + 4, 20), 20, false, 1500).error, TT_EAFNOSUPPORT);
}
END_TEST

START_TEST(tun_start_of_a_longer_write)
{
    static const uint8_t head[5] = { 0, 0, 0, 30, 0x60 };

    /* given only the first five bytes of a write of 1504, then that is enough */
    struct tt_tun_verdict verdict = tt_tun_parse(view(head, 5), 1504, true, 1500);
    ck_assert_int_eq(verdict.error, TT_OK);
    ck_assert_int_eq(verdict.family, TT_FAMILY_INET6);
    ck_assert_uint_eq(verdict.strip_bytes, 4);
    /* but a start that ends before the version nibble is not */
    for (size_t length = 0; length <= 4; length++)
        ck_assert_int_eq(tt_tun_parse(view(head, length), 1504, true, 1500).error, TT_EINVAL);
    ck_assert_int_eq(tt_tun_parse(view(NULL, 0), 100, false, 1500).error, TT_EINVAL);
    ck_assert_int_eq(tt_tun_parse(view(NULL, 0), 0, false, 1500).error, TT_EINVAL);
    /* and length comes before family: a senseless packet that is too long is too long */
    ck_assert_int_eq(tt_tun_parse(view(head, 5), 1505, true, 1500).error, TT_EMSGSIZE);
    ck_assert_int_eq(tt_tun_parse(view(head, 5), 1501, false, 1500).error, TT_EMSGSIZE);
    ck_assert_int_eq(tt_tun_parse(view(head, 5), 1500, false, 1500).error, TT_EAFNOSUPPORT);
}
END_TEST

START_TEST(family_numbers)
{
    for (uint32_t number = 0; number < 1000; number++) {
        enum tt_family expected = number == 2 ? TT_FAMILY_INET
            : number == 30                    ? TT_FAMILY_INET6
                                              : TT_FAMILY_NONE;

        ck_assert_int_eq(tt_family_from_number(number), expected);
    }
    ck_assert_int_eq(tt_family_from_number(0x02000000), TT_FAMILY_NONE);
    ck_assert_int_eq(tt_family_from_number(UINT32_MAX), TT_FAMILY_NONE);
    ck_assert_int_eq(tt_family_of_packet(view(NULL, 0)), TT_FAMILY_NONE);
}
END_TEST

START_TEST(family_word_is_in_network_order)
{
    static const uint8_t inet[4] = { 0, 0, 0, 2 }, inet6[4] = { 0, 0, 0, 30 };
    uint8_t word[4];

    tt_family_word_encode(TT_FAMILY_INET, word);
    ck_assert_mem_eq(word, inet, 4);
    ck_assert_uint_eq(tt_family_word_decode(word), 2);
    tt_family_word_encode(TT_FAMILY_INET6, word);
    ck_assert_mem_eq(word, inet6, 4);
    ck_assert_uint_eq(tt_family_word_decode(word), 30);
    ck_assert_uint_eq(tt_family_word_decode((const uint8_t[]){ 0xde, 0xad, 0xbe, 0xef }),
        0xdeadbeef);
}
END_TEST

START_TEST(null_word_is_in_host_order)
{
    uint32_t number;
    uint8_t word[4];

    /* given bpf's DLT_NULL (E08), then the machine reads the number as its own */
    tt_null_word_encode(TT_FAMILY_INET, word);
    memcpy(&number, word, sizeof(number));
    ck_assert_uint_eq(number, 2);
    tt_null_word_encode(TT_FAMILY_INET6, word);
    memcpy(&number, word, sizeof(number));
    ck_assert_uint_eq(number, 30);
}
END_TEST

START_TEST(null_word_before_a_packet)
{
    uint8_t bytes[16];
    struct tt_bytes view = { bytes, sizeof(bytes) };

    /* given what a program writes through bpf (E10): a word in host order and a packet of its family */
    memset(bytes, 0, sizeof(bytes));
    tt_null_word_encode(TT_FAMILY_INET, bytes);
    bytes[4] = 0x45;
    ck_assert_uint_eq(tt_null_word_length_bytes(view), 4);
    tt_null_word_encode(TT_FAMILY_INET6, bytes);
    bytes[4] = 0x60;
    ck_assert_uint_eq(tt_null_word_length_bytes(view), 4);
    /* when the packet is of the other family, or of none, then it is no word */
    bytes[4] = 0x45;
    ck_assert_uint_eq(tt_null_word_length_bytes(view), 0);
    bytes[4] = 0x05;
    ck_assert_uint_eq(tt_null_word_length_bytes(view), 0);
    memset(bytes, 0, sizeof(bytes));
    ck_assert_uint_eq(tt_null_word_length_bytes(view), 0);
}
END_TEST

START_TEST(null_word_never_mistakes_a_packet)
{
    uint8_t bytes[16];

    /* given every first byte of a bare packet, whatever follows, then nothing is cut off */
    for (uint32_t second = 0; second < 256; second++) {
        for (uint32_t low = 0; low < 16; low++) {
            memset(bytes, (int)second, sizeof(bytes));
            bytes[0] = (uint8_t)(0x40 | low);
            ck_assert_uint_eq(tt_null_word_length_bytes((struct tt_bytes){ bytes, 16 }), 0);
            bytes[0] = (uint8_t)(0x60 | low);
            ck_assert_uint_eq(tt_null_word_length_bytes((struct tt_bytes){ bytes, 16 }), 0);
        }
    }
    /* given a word with nothing behind it, or less, then it is none */
    tt_null_word_encode(TT_FAMILY_INET, bytes);
    for (size_t length = 0; length <= 4; length++)
        ck_assert_uint_eq(tt_null_word_length_bytes((struct tt_bytes){ bytes, length }), 0);
    ck_assert_uint_eq(tt_null_word_length_bytes((struct tt_bytes){ NULL, 0 }), 0);
}
END_TEST

/* ---- tap ---- */

static void
header_make(uint8_t *frame, uint32_t type)
{
    memset(frame, 0x22, 12);
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
}

START_TEST(tap_every_length)
{
    uint32_t mtu = mtus[_i];
    uint8_t header[14];

    for (uint64_t length = 0; length <= 2000; length++) {
        size_t start = length < 14 ? (size_t)length : 14;
        enum tt_error untagged = length < 14  ? TT_EINVAL
            : length <= (uint64_t)mtu + 14 ? TT_OK
                                           : TT_EMSGSIZE;
        enum tt_error tagged = length < 18    ? TT_EINVAL
            : length <= (uint64_t)mtu + 18 ? TT_OK
                                           : TT_EMSGSIZE;
        enum tt_error before = length < 14    ? TT_EINVAL
            : length <= (uint64_t)mtu + 18 ? TT_OK
                                           : TT_EMSGSIZE;

        /* given a frame of any length: before its bytes are known a tag is possible */
        ck_assert_int_eq(tt_tap_length_check(length, mtu), before);
        /* then the header alone is a frame, and the MTU is payload (D14, D16) */
        header_make(header, 0x0800);
        ck_assert_int_eq(tt_tap_parse(view(header, start), length, mtu), untagged);
        /* and a tag has four bytes on top, which must be there */
        header_make(header, 0x8100);
        ck_assert_int_eq(tt_tap_parse(view(header, start), length, mtu), tagged);
    }
}
END_TEST

START_TEST(tap_full_size_frames)
{
    uint8_t header[14];

    /* given MTU 1500 */
    header_make(header, 0x86dd);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1514, 1500), TT_OK);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1515, 1500), TT_EMSGSIZE);
    header_make(header, TT_ETHERTYPE_VLAN);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1518, 1500), TT_OK);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1519, 1500), TT_EMSGSIZE);
    /* given the largest MTU */
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 65553, 65535), TT_OK);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 65554, 65535), TT_EMSGSIZE);
    header_make(header, 0x0800);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 65549, 65535), TT_OK);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 65550, 65535), TT_EMSGSIZE);
    /* other tags (802.1ad, MPLS) are payload, not our tag */
    header_make(header, 0x88a8);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1515, 1500), TT_EMSGSIZE);
    header_make(header, 0x0081);
    ck_assert_int_eq(tt_tap_parse(view(header, 14), 1515, 1500), TT_EMSGSIZE);
}
END_TEST

START_TEST(tap_needs_the_whole_header)
{
    uint8_t header[14];

    /* given a long enough frame of which only _i bytes can be seen, then EINVAL */
    header_make(header, 0x0800);
    ck_assert_int_eq(tt_tap_parse(view(header, (size_t)_i), 100, 1500), TT_EINVAL);
    ck_assert_int_eq(tt_tap_parse(view(NULL, 0), (uint64_t)_i, 1500), TT_EINVAL);
}
END_TEST

START_TEST(tap_never_looks_beyond_the_view)
{
    uint8_t *frame = malloc((size_t)_i);

    /* given exactly _i bytes of heap */
    memset(frame, 0x81, (size_t)_i);
    ck_assert_int_eq(
        tt_tap_parse(view(frame, (size_t)_i), (uint64_t)_i, 1500), _i < 14 ? TT_EINVAL : TT_OK);
    free(frame);
}
END_TEST

static const uint8_t our_address[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

START_TEST(classify_kinds)
{
    static const struct {
        uint8_t destination[6];
        enum tt_destination expected;
    } cases[] = {
        { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 }, TT_DESTINATION_US },
        { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x56 }, TT_DESTINATION_OTHER },
        { { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55 }, TT_DESTINATION_OTHER },
        { { 0, 0, 0, 0, 0, 0 }, TT_DESTINATION_OTHER },
        { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, TT_DESTINATION_BROADCAST },
        { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe }, TT_DESTINATION_MULTICAST },
        { { 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff }, TT_DESTINATION_MULTICAST },
        { { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff }, TT_DESTINATION_OTHER },
        { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb }, TT_DESTINATION_MULTICAST },
        { { 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 }, TT_DESTINATION_MULTICAST },
        { { 0x03, 0x11, 0x22, 0x33, 0x44, 0x55 }, TT_DESTINATION_MULTICAST },
        { { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x00 }, TT_DESTINATION_MULTICAST },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_int_eq(tt_ether_classify(cases[i].destination, our_address), cases[i].expected);
}
END_TEST

START_TEST(classify_every_bit)
{
    uint8_t destination[6];

    /* given our address with bit _i turned, then it is not ours; the group bit makes it a group */
    memcpy(destination, our_address, 6);
    destination[_i / 8] ^= (uint8_t)(1u << (_i % 8));
    ck_assert_int_eq(tt_ether_classify(destination, our_address),
        _i == 0 ? TT_DESTINATION_MULTICAST : TT_DESTINATION_OTHER);
    /* given the broadcast address with bit _i turned, then it is none */
    memset(destination, 0xff, 6);
    destination[_i / 8] ^= (uint8_t)(1u << (_i % 8));
    ck_assert_int_eq(tt_ether_classify(destination, our_address),
        _i == 0 ? TT_DESTINATION_OTHER : TT_DESTINATION_MULTICAST);
}
END_TEST

START_TEST(lladdr_first_byte)
{
    uint8_t address[6] = { (uint8_t)_i, 0, 0, 0, 0, 9 };

    /* given SIOCSIFLLADDR with first byte _i, then odd ones (groups) are refused */
    ck_assert(tt_lladdr_acceptable(address) == (_i % 2 == 0));
    /* and with nothing else set, zero too */
    address[5] = 0;
    ck_assert(tt_lladdr_acceptable(address) == (_i % 2 == 0 && _i != 0));
}
END_TEST

START_TEST(lladdr_from_any_random_bytes)
{
    uint8_t address[6], before[6];
    uint64_t random = (uint64_t)_i;

    /* given random bytes, among them all zero and all one */
    for (int i = 0; i < 6; i++)
        before[i] = _i == 0 ? 0 : _i == 1 ? 0xff : (uint8_t)random_next(&random);
    memcpy(address, before, 6);
    tt_lladdr_from_random(address);
    /* then the address is unicast, locally administered, and keeps the other 46 bits */
    ck_assert(tt_lladdr_acceptable(address));
    ck_assert_uint_eq(address[0] & 3, 2);
    ck_assert_uint_eq(address[0] & 0xfc, before[0] & 0xfc);
    ck_assert_mem_eq(address + 1, before + 1, 5);
}
END_TEST

/* ---- demux ---- */

START_TEST(demux_every_type)
{
    static const uint8_t llc[8] = { 0x42, 0x42, 0x03, 0, 0, 0, 0, 0 };

    for (uint32_t type = 0; type <= 0xffff; type++) {
        uint8_t header[14];
        struct tt_demux demux;
        enum tt_demux_kind expected = type >= 0x600 ? TT_DEMUX_ETYPE2
            : type <= 1500                          ? TT_DEMUX_SAP
                                                    : TT_DEMUX_NONE;

        /* given a frame of any type or length field, with an LLC header behind */
        header_make(header, type);
        demux = tt_ether_demux_read(view(header, 14), view(llc, 8));
        ck_assert_int_eq(demux.kind, expected);
        /* then a type is kept in network order */
        if (expected == TT_DEMUX_ETYPE2) {
            ck_assert_uint_eq(demux.length_bytes, 2);
            ck_assert_mem_eq(demux.bytes, header + 12, 2);
        } else if (expected == TT_DEMUX_SAP) {
            ck_assert_uint_eq(demux.length_bytes, 3);
            ck_assert_mem_eq(demux.bytes, llc, 3);
        } else {
            ck_assert_uint_eq(demux.length_bytes, 0);
        }
    }
}
END_TEST

START_TEST(demux_snap)
{
    static const uint8_t snap[9] = { 0xaa, 0xaa, 0x03, 0x08, 0x00, 0x07, 0x80, 0x9b, 1 };
    uint8_t header[14], changed[9];
    struct tt_demux demux;

    header_make(header, 100);
    /* given AA AA 03 and five bytes, then SNAP with organisation and type */
    demux = tt_ether_demux_read(view(header, 14), view(snap, 9));
    ck_assert_int_eq(demux.kind, TT_DEMUX_SNAP);
    ck_assert_uint_eq(demux.length_bytes, 5);
    ck_assert_mem_eq(demux.bytes, snap + 3, 5);
    ck_assert_int_eq(
        tt_ether_demux_read(view(header, 14), view(snap, 8)).kind, TT_DEMUX_SNAP);
    /* with fewer, a SAP; with less than three, nothing */
    for (size_t length = 3; length < 8; length++)
        ck_assert_int_eq(
            tt_ether_demux_read(view(header, 14), view(snap, length)).kind, TT_DEMUX_SAP);
    for (size_t length = 0; length < 3; length++)
        ck_assert_int_eq(
            tt_ether_demux_read(view(header, 14), view(snap, length)).kind, TT_DEMUX_NONE);
    ck_assert_int_eq(tt_ether_demux_read(view(header, 14), view(NULL, 0)).kind, TT_DEMUX_NONE);
    /* when any of the three bytes differs, then SAP */
    for (int i = 0; i < 3; i++) {
        memcpy(changed, snap, 9);
        changed[i] ^= 0x10;
        demux = tt_ether_demux_read(view(header, 14), view(changed, 9));
        ck_assert_int_eq(demux.kind, TT_DEMUX_SAP);
        ck_assert_mem_eq(demux.bytes, changed, 3);
    }
}
END_TEST

START_TEST(demux_short_header)
{
    uint8_t header[14];

    /* given _i bytes of a header, then nothing can be said */
    header_make(header, 0x0800);
    ck_assert_int_eq(
        tt_ether_demux_read(view(header, (size_t)_i), view(header, 14)).kind, TT_DEMUX_NONE);
}
END_TEST

START_TEST(descriptor_lengths)
{
    static const uint8_t data[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

    /* given a descriptor of any kind and length, then only the kind's own length is good */
    for (uint32_t kind = 0; kind < 300; kind++) {
        for (size_t length = 0; length <= 9; length++) {
            struct tt_demux demux;
            bool good = (kind == 4 && length == 2) || (kind == 5 && length == 3) ||
                (kind == 6 && length == 5);

            memset(&demux, 0xee, sizeof(demux));
            ck_assert_int_eq(
                tt_demux_make(kind, view(data, length), &demux), good ? TT_OK : TT_EINVAL);
            if (good) {
                ck_assert_uint_eq(demux.kind, kind);
                ck_assert_uint_eq(demux.length_bytes, length);
                ck_assert_mem_eq(demux.bytes, data, length);
            }
        }
    }
}
END_TEST

START_TEST(descriptor_without_data)
{
    struct tt_demux demux;

    ck_assert_int_eq(tt_demux_make(TT_DEMUX_ETYPE2, view(NULL, 2), &demux), TT_EINVAL);
    ck_assert_int_eq(tt_demux_make(TT_DEMUX_NONE, view(NULL, 0), &demux), TT_EINVAL);
    ck_assert_int_eq(tt_demux_make(UINT32_MAX, view("ab", 2), &demux), TT_EINVAL);
    ck_assert_int_eq(tt_demux_make(TT_DEMUX_SNAP, view("abcde", SIZE_MAX), &demux), TT_EINVAL);
}
END_TEST

START_TEST(misuse_is_asserted)
{
    uint8_t bytes[14] = { 0 };

    EXPECT_ASSERTION((void)tt_tun_length_check(10, false, 0));
    EXPECT_ASSERTION((void)tt_tap_length_check(10, 65536));
    EXPECT_ASSERTION((void)tt_tun_parse(view(NULL, 3), 3, false, 1500));
    EXPECT_ASSERTION((void)tt_tun_parse(view(bytes, 14), 13, false, 1500));
    EXPECT_ASSERTION((void)tt_tap_parse(view(bytes, 14), 13, 1500));
    EXPECT_ASSERTION((void)tt_family_of_packet(view(NULL, 1)));
    EXPECT_ASSERTION(tt_family_word_encode(TT_FAMILY_INET, NULL));
    EXPECT_ASSERTION((void)tt_family_word_decode(NULL));
    EXPECT_ASSERTION(tt_null_word_encode(TT_FAMILY_INET, NULL));
    EXPECT_ASSERTION((void)tt_ether_classify(NULL, bytes));
    EXPECT_ASSERTION((void)tt_ether_classify(bytes, NULL));
    EXPECT_ASSERTION((void)tt_lladdr_acceptable(NULL));
    EXPECT_ASSERTION(tt_lladdr_from_random(NULL));
    EXPECT_ASSERTION((void)tt_ether_demux_read(view(NULL, 14), view(NULL, 0)));
    EXPECT_ASSERTION((void)tt_ether_demux_read(view(bytes, 14), view(NULL, 1)));
    EXPECT_ASSERTION((void)tt_demux_make(TT_DEMUX_SAP, view(bytes, 3), NULL));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.frame");
    TCase *tun = tcase_create("tun"), *tap = tcase_create("tap"), *demux = tcase_create("demux");

    tcase_set_timeout(tun, 60);
    tcase_set_timeout(tap, 60);
    tcase_set_timeout(demux, 60);
    tcase_add_test(tun, mtu_limits);
    tcase_add_loop_test(tun, tun_every_length_without_head, 0, MTU_COUNT);
    tcase_add_loop_test(tun, tun_every_length_with_head, 0, MTU_COUNT);
    tcase_add_test(tun, lengths_near_every_integer_limit);
    tcase_add_loop_test(tun, tun_every_first_byte, 0, 256);
    tcase_add_test(tun, tun_head_word_must_agree);
    tcase_add_loop_test(tun, tun_never_looks_beyond_the_view, 0, 30);
    tcase_add_test(tun, tun_ip6_needs_its_whole_header);
    tcase_add_test(tun, tun_start_of_a_longer_write);
    tcase_add_test(tun, family_numbers);
    tcase_add_test(tun, family_word_is_in_network_order);
    tcase_add_test(tun, null_word_is_in_host_order);
    tcase_add_test(tun, null_word_before_a_packet);
    tcase_add_test(tun, null_word_never_mistakes_a_packet);
    suite_add_tcase(suite, tun);
    tcase_add_loop_test(tap, tap_every_length, 0, MTU_COUNT);
    tcase_add_test(tap, tap_full_size_frames);
    tcase_add_loop_test(tap, tap_needs_the_whole_header, 0, 14);
    tcase_add_loop_test(tap, tap_never_looks_beyond_the_view, 1, 30);
    tcase_add_test(tap, classify_kinds);
    tcase_add_loop_test(tap, classify_every_bit, 0, 48);
    tcase_add_loop_test(tap, lladdr_first_byte, 0, 256);
    tcase_add_loop_test(tap, lladdr_from_any_random_bytes, 0, 100);
    suite_add_tcase(suite, tap);
    tcase_add_test(demux, demux_every_type);
    tcase_add_test(demux, demux_snap);
    tcase_add_loop_test(demux, demux_short_header, 0, 14);
    tcase_add_test(demux, descriptor_lengths);
    tcase_add_test(demux, descriptor_without_data);
    tcase_add_test(demux, misuse_is_asserted);
    suite_add_tcase(suite, demux);
    return check_main(suite);
}
