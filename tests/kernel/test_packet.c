/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The mbufs in which the stack sends: whatever their shape, the driver is given the same bytes (an mbuf
 * chain may begin with an empty mbuf, split a header, or leave no room in front). And what other code
 * gives to the output of an interface through the stack's protocols.
 */

#include "inet_peer.h"

#include <string.h>

static const char shape[] = "shape of an outgoing packet";
static uint8_t data[2048], plain[4][2048];
static size_t plain_bytes[4];

static int
send_udp(unsigned version, size_t bytes)
{
    struct ksim_inet_address to = version == 4 ? address4(PEER4) : address6(peer6, 0);

    return ksim_udp_send(world.kernel, &to, 5000, 6000, data, bytes);
}

/* The next frame without what differs from packet to packet: identification and header checksum. */
static size_t
take_frame(uint8_t *out, unsigned *mbufs)
{
    const struct inet_wire_frame *frame = inet_wire_take(0);
    size_t header = inet_wire_is_ethernet(0) ? ETHER_BYTES : 0;

    if (!expect(frame != NULL) || !expect(frame->bytes <= 2048))
        return 0;
    expect(frame->chain_is_right);
    memcpy(out, frame->data, frame->bytes);
    *mbufs = frame->mbufs;
    if (out[header] >> 4 == 4) {
        memset(out + header + 4, 0, 2);
        memset(out + header + 10, 0, 2);
    }
    return frame->bytes;
}

PEER_TEST(every_shape_carries_the_same_bytes, peer_run_both)
{
    static const size_t sizes[] = {0, 13, 60, 200, 1400};
    static const unsigned in_chain[4] = {1, 1, 2, 2};
    uint8_t frame[2048];
    unsigned mbufs = 0;

    fill_pattern(data, sizeof(data));
    for (unsigned version = 4; version <= 6; version += 2) {
        for (size_t size = 0; size < 5; size++) {
            for (unsigned choice = 0; choice < 4; choice++) {
                world_answer(shape, choice);
                expect_int(send_udp(version, sizes[size]), 0);
                plain_bytes[choice] = take_frame(choice == 0 ? plain[0] : frame, &mbufs);
                expect_int(plain_bytes[choice], plain_bytes[0]);
                expect_bytes(choice == 0 ? plain[0] : frame, plain[0], plain_bytes[0]);
                if (!inet_wire_is_ethernet(0)) /* a framer may add one in front */
                    expect_int(mbufs, in_chain[choice]);
            }
        }
    }
}

PEER_TEST(every_shape_is_given_up_without_memory, peer_run_both)
{
    static const struct {
        unsigned choice;
        const char *point;
    } cases[] = {{0, "mbuf_allocpacket/waitok"}, {1, "mbuf_allocpacket/waitok"},
                 {2, "mbuf_gethdr/waitok"},      {2, "mbuf_get/waitok"},
                 {2, "mbuf_mclget/waitok"},      {3, "mbuf_gethdr/waitok"},
                 {3, "mbuf_get/waitok"},         {3, "mbuf_mclget/waitok"}};

    for (unsigned at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
        world_answer(shape, cases[at].choice);
        world_fault(cases[at].point, 1);
        expect_int(send_udp(4, 1400), KSIM_ENOBUFS);
        expect_int(counted(INET_COUNT_UNSENT_NO_MEMORY), at + 1);
        expect_silence();
    }
    expect_int(send_udp(4, 1400), 0);
}

PEER_TEST(looped_packets_of_any_shape_and_size_are_heard, peer_run)
{
    struct ksim_inet_address to = address4(US4);

    for (unsigned choice = 0; choice < 4; choice++) {
        world_answer(shape, choice);
        for (size_t bytes = 0; bytes < 1800; bytes += 299)
            expect_int(ksim_udp_send(world.kernel, &to, 1, 2, data, bytes), 0);
    }
    settle();
    expect_int(counted(INET_COUNT_UDP_PORT_CLOSED), 28);
    expect_silence();
}

/* AF_UNSPEC and bpf's "header complete" (31) carry an Ethernet header that is used as it is. */
PEER_TEST(raw_destination_names_its_own_header, peer_run)
{
    static const int families[] = {0, 31};
    static const uint8_t header[14] = {2, 0, 0, 0, 0, 0x55, 2, 0, 0, 0, 0, 0x66, 0x88, 0xb5};

    for (size_t at = 0; at < 2; at++) {
        for (unsigned inet6 = 0; inet6 < 2; inet6++) {
            const struct inet_wire_frame *frame;

            expect_int(inet_wire_output(0, inet6, families[at], header, "payload", 7), 0);
            frame = inet_wire_take(0);
            if (!expect(frame != NULL))
                return;
            expect_int(frame->bytes, ETHER_BYTES + 7);
            expect_bytes(frame->data, header, 6);
            expect_bytes(frame->data + 12, header + 12, 2);
            expect_bytes(frame->data + ETHER_BYTES, "payload", 7);
        }
    }
}

PEER_TEST(destination_of_a_foreign_family_is_refused, peer_run)
{
    static const uint8_t header[14];

    expect_int(inet_wire_output(0, false, KSIM_AF_INET6, header, "payload", 7),
               KSIM_EAFNOSUPPORT);
    expect_int(inet_wire_output(0, true, KSIM_AF_INET, header, "payload", 7), KSIM_EAFNOSUPPORT);
    inet_wire_flag(0, 0x40, false); /* IFF_RUNNING */
    expect_int(inet_wire_output(0, false, 0, header, "payload", 7), KSIM_ENETDOWN);
    expect_int(inet_wire_output(0, true, 0, header, "payload", 7), KSIM_ENETDOWN);
    expect_silence();
}

PEER_TEST(frame_of_our_own_that_comes_back_is_known_as_ours, peer_run)
{
    uint8_t frame[128], message[16];
    const struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP};

    build_ether(frame, us_link, us_link, 0x0800);
    arrive_frame(0, frame,
                 ETHER_BYTES + build_ip4(frame + ETHER_BYTES, &fields, message,
                                         build_icmp(message, 8, 0, 1, NULL, 0)));
    expect_fate(ICMP_ECHO_ANSWERED);
}

int
main(void)
{
    const TTest *const tests[] = {
        every_shape_carries_the_same_bytes,
        every_shape_is_given_up_without_memory,
        looped_packets_of_any_shape_and_size_are_heard,
        raw_destination_names_its_own_header,
        destination_of_a_foreign_family_is_refused,
        frame_of_our_own_that_comes_back_is_known_as_ours,
        NULL,
    };

    return suite_main("packet", tests);
}
