/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Packets that nobody should send: valid ones of every kind, damaged by a seeded generator, often with the
 * checksums made right again so that they reach the inner parsers. The machine must end well with
 * nothing left, and each packet must be counted once as arrived and once by its fate.
 */

#include "inet_peer.h"

#include <string.h>

#include <ifconfig.h>

enum { TEMPLATES = 24, TEMPLATE_BYTES = 512, ROUNDS = 4000 };

struct template {
    uint8_t bytes[TEMPLATE_BYTES];
    size_t length;
    size_t upper;     /* where the upper protocol begins; 0 = none */
    uint8_t protocol; /* of it */
};

static struct template templates[TEMPLATES];
static size_t template_count;
static uint64_t random_state;

static uint32_t
random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

/* --- valid packets ------------------------------------------------------------------------------- */

static void
add4(const struct ip4_fields *fields, const uint8_t *payload, size_t bytes)
{
    struct template *made = &templates[template_count++];

    made->length = build_ip4(made->bytes, fields, payload, bytes);
    made->upper = made->length - bytes;
    made->protocol = fields->fragment == 0 ? fields->protocol : 0;
}

static void
add6(const struct ip6_fields *fields, const uint8_t *payload, size_t bytes, size_t front,
     uint8_t protocol)
{
    struct template *made = &templates[template_count++];

    made->length = build_ip6(made->bytes, fields, payload, bytes);
    made->upper = IP6_BYTES + front;
    made->protocol = protocol;
}

static void
add_all4(void)
{
    static const uint8_t options[12] = {0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0};
    struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP};
    uint8_t data[64], message[128];

    fill_pattern(data, sizeof(data));
    add4(&fields, message, build_icmp(message, 8, 0, 1, data, 48));
    fields.options = options;
    fields.option_bytes = sizeof(options);
    add4(&fields, message, build_icmp(message, 8, 0, 2, data, 20));
    add4(&fields, message, build_icmp(message, 3, 3, 0, data, 28));
    fields.protocol = PROTOCOL_IGMP;
    fields.to = 0xe0000001;
    fields.ttl = 1;
    add4(&fields, message, build_icmp(message, 0x11, 100, 0, data, 4));
    fields = (struct ip4_fields){.from = PEER4, .to = US4, .protocol = PROTOCOL_UDP};
    add4(&fields, message, build_udp(message, pseudo4(PEER4, US4, 17, 38), 5000, 7, data, 30));
    add4(&fields, message, build_udp(message, pseudo4(PEER4, US4, 17, 28), 5000, 99, data, 20));
    fields.protocol = PROTOCOL_TCP;
    add4(&fields, message,
         build_tcp(message, pseudo4(PEER4, US4, 6, 30), 4000, 80, 1, 2, 2, data, 10));
    fields.protocol = PROTOCOL_UDP;
    for (unsigned piece = 0; piece < 3; piece++) {
        fields.id = 77;
        fields.fragment = (uint16_t)(piece * 4 | (piece < 2 ? IP4_MF : 0));
        add4(&fields, data, 32);
    }
}

static void
add_all6(void)
{
    static const uint8_t front[] = {60, 0, 5, 2, 0, 0, 1, 0, 43, 0, 0x1e, 2, 0, 0, 1, 0,
                                    58, 0, 0, 0, 0, 0, 0, 0};
    struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_ICMP6};
    uint8_t data[64], message[160];
    size_t length;

    fill_pattern(data, sizeof(data));
    length = build_icmp6(message, &fields, 128, 0, 1, data, 40);
    add6(&fields, message, length, 0, PROTOCOL_ICMP6);
    memmove(message + 24, message, length);
    memcpy(message, front, 24);
    fields.next = 0;
    add6(&fields, message, 24 + length, 24, PROTOCOL_ICMP6);
    fields.next = PROTOCOL_UDP;
    add6(&fields, message, build_udp(message, pseudo6(peer6, us6, 17, 38), 1, 7, data, 30), 0, 17);
    add6(&fields, message, build_udp(message, pseudo6(peer6, us6, 17, 38), 1, 8, data, 30), 0, 17);
    fields.next = PROTOCOL_TCP;
    add6(&fields, message, build_tcp(message, pseudo6(peer6, us6, 6, 30), 1, 2, 3, 4, 2, data, 10),
         0, 6);
    for (unsigned piece = 0; piece < 3; piece++) {
        memset(message, 0, 8);
        message[0] = PROTOCOL_UDP;
        put16(message + 2, piece * 32 | (piece < 2));
        memcpy(message + 8, data, 32);
        fields.next = PROTOCOL_FRAGMENT;
        add6(&fields, message, 40, 0, 0);
    }
    fields = (struct ip6_fields){
        .from = peer6, .to = us_solicited6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    memcpy(data, us6, 16);
    memcpy(data + 16, "\1\1\2\0\0\0\0\x99", 8);
    add6(&fields, message, build_icmp6(message, &fields, 135, 0, 0, data, 24), 0, 58);
    fields.to = us6;
    memcpy(data, peer6, 16);
    data[16] = 2;
    add6(&fields, message, build_icmp6(message, &fields, 136, 0, 0x60000000, data, 24), 0, 58);
    fields = (struct ip6_fields){
        .from = peer_local6, .to = all_nodes6, .next = PROTOCOL_ICMP6, .hop_limit = 1};
    memset(data, 0, 20);
    length = build_icmp6(message + 8, &fields, 130, 0, 0, data, 20);
    memcpy(message, "\x3a\0\5\2\0\0\1\0", 8);
    fields.next = PROTOCOL_HOP_BY_HOP;
    add6(&fields, message, 8 + length, 8, 58);
}

/* --- damage -------------------------------------------------------------------------------------- */

static void
damage_once(struct template *packet)
{
    static const uint8_t favourites[] = {0, 1, 2, 4, 6, 7, 8, 17, 43, 44, 58, 59, 60, 0x7f, 0xff};
    size_t at = random_below((uint32_t)packet->length), other;

    switch (random_below(6)) {
    case 0:
        packet->bytes[at] ^= (uint8_t)(1 << random_below(8));
        break;
    case 1:
        packet->bytes[at] = (uint8_t)random_below(256);
        break;
    case 2:
        packet->bytes[at] = favourites[random_below(sizeof(favourites))];
        break;
    case 3:
        packet->length = at + 1; /* cut off */
        break;
    case 4: /* longer, by what happens to be there */
        packet->length += random_below(TEMPLATE_BYTES - (uint32_t)packet->length);
        break;
    default: /* a piece of it once more, elsewhere */
        other = random_below((uint32_t)packet->length);
        memmove(packet->bytes + at, packet->bytes + other,
                packet->length - (at > other ? at : other));
        break;
    }
}

static size_t
checksum_place(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP ? 16 : protocol == PROTOCOL_UDP ? 6 : 2;
}

/* Lengths and checksums as they would be right for what the packet is now. */
static void
repair(struct template *packet, bool lengths)
{
    uint8_t *bytes = packet->bytes, *upper = bytes + packet->upper;
    size_t place = checksum_place(packet->protocol), length = packet->length - packet->upper;
    uint32_t sum = 0;

    if (packet->length < packet->upper || packet->length < IP4_BYTES)
        return;
    if (bytes[0] >> 4 == 4) {
        if (lengths)
            put16(bytes + 2, (unsigned)packet->length);
        if ((size_t)(bytes[0] & 15) * 4 <= packet->length)
            repair_ip4(bytes);
        if (packet->protocol == PROTOCOL_UDP || packet->protocol == PROTOCOL_TCP)
            sum = pseudo4(get32(bytes + 12), get32(bytes + 16), packet->protocol, length);
    } else if (packet->length >= IP6_BYTES) {
        if (lengths)
            put16(bytes + 4, (unsigned)packet->length - IP6_BYTES);
        sum = pseudo6(bytes + 8, bytes + 24, packet->protocol, length);
    }
    if (packet->protocol == 0 || length < place + 2)
        return;
    put16(upper + place, 0);
    put16(upper + place, checksum(sum, upper, length));
}

static void
ignore(void *context, const struct ksim_inet_address *from, uint16_t from_port,
       const uint8_t *payload, size_t bytes)
{
    uint32_t sum = from_port + from->bytes[0];

    for (size_t at = 0; at < bytes; at++) /* every byte may be read */
        sum += payload[at];
    *(uint32_t *)context += sum;
}

/* The arrivals of one class and what we sent to ourselves, which arrives as well. */
static uint64_t
arrived(void)
{
    return counted(INET_COUNT_ARP_ARRIVED) + counted(INET_COUNT_IP4_ARRIVED) +
           counted(INET_COUNT_IP6_ARRIVED) - counted(INET_COUNT_LOOPED);
}

static void
expect_sums(void)
{
    struct ksim_inet_statistics now;

    ksim_inet_statistics(world.kernel, &now);
    expect_int(ksim_inet_class_total(&now, INET_FATE),
               ksim_inet_class_total(&now, INET_ARRIVED) +
                   ksim_inet_class_total(&now, INET_JOINED));
}

static void
hurt(uint64_t seed)
{
    uint32_t heard = 0;

    random_state = seed;
    template_count = 0;
    add_all4();
    add_all6();
    expect_int(ksim_udp_listen(world.kernel, 99, ignore, &heard), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct template packet = templates[random_below((uint32_t)template_count)];
        uint64_t before = arrived();

        for (unsigned wounds = 1 + random_below(3); wounds != 0; wounds--)
            damage_once(&packet);
        if (random_below(4) != 0)
            repair(&packet, random_below(2) != 0);
        arrive(packet.bytes, packet.length);
        expect_int(arrived() - before, 1);
        if (round % 64 == 0)
            sleep_ns(random_below(3) * SECOND_NS);
        forget_sent();
    }
    expect_sums();
    ksim_udp_close(world.kernel, 99);
}

PEER_TEST(damaged_packets_without_a_link_layer, peer_run_point_to_point)
{
    hurt(1);
}

/* A version that is neither 4 nor 6 goes to IPv4, as the frame's type says. */
PEER_TEST(damaged_packets_on_ethernet, peer_run)
{
    hurt(2);
}

PEER_TEST(damaged_frames_and_arp, peer_run)
{
    uint8_t frame[128];
    uint64_t frames = 0;

    random_state = 3;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t length = ETHER_BYTES + ARP_BYTES;

        build_ether(frame, random_below(2) != 0 ? broadcast_link : us_link, peer_link, 0x0806);
        build_arp(frame + ETHER_BYTES, 1 + random_below(2), peer_link, PEER4 + random_below(3),
                  us_link, US4 + random_below(3));
        for (unsigned wounds = random_below(4); wounds != 0; wounds--)
            frame[random_below((uint32_t)length)] ^= (uint8_t)(1 << random_below(8));
        if (random_below(8) == 0)
            length = ETHER_BYTES + random_below(ARP_BYTES);
        arrive_frame(0, frame, length);
        frames++;
        forget_sent();
    }
    expect(arrived() <= frames);
    expect(arrived() > frames / 2);
    expect_sums();
}

/* The same packets cut into mbufs at every place. */
PEER_TEST(valid_packets_in_pieces_of_any_size, peer_run_point_to_point)
{
    uint64_t before;

    template_count = 0;
    add_all4();
    add_all6();
    for (size_t at = 0; at < template_count; at++) {
        for (size_t piece = 1; piece < 50; piece += 3) {
            before = arrived();
            expect_int(inet_wire_arrive(0, templates[at].bytes, templates[at].length, piece), 0);
            settle();
            expect_int(arrived() - before, 1);
            forget_sent();
        }
    }
    expect_sums();
}

PEER_TEST(nothing_at_all_without_a_link_layer_belongs_to_nobody, peer_run_point_to_point)
{
    expect_int(inet_wire_arrive(0, "", 0, 0), 0);
    settle();
    expect_int(arrived(), 0);
}

int
main(void)
{
    const TTest *const tests[] = {
        damaged_packets_without_a_link_layer,
        damaged_packets_on_ethernet,
        damaged_frames_and_arp,
        valid_packets_in_pieces_of_any_size,
        nothing_at_all_without_a_link_layer_belongs_to_nobody,
        NULL,
    };

    return suite_main("hostile", tests);
}
