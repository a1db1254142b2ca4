/* SPDX-License-Identifier: BSD-2-Clause */
#include "inet_peer.h"

#include <stdio.h>
#include <string.h>

#include <ifconfig.h>

const uint8_t us6[16] = {0xfd, [15] = 1};
const uint8_t peer6[16] = {0xfd, [15] = 2};
const uint8_t stranger6[16] = {0xfd, [15] = 0x63};
const uint8_t local6[16] = {0xfe, 0x80, [9] = 0x11, 0x22, 0xff, 0xfe, 0x33, 0x44, 0x55};
const uint8_t peer_local6[16] = {0xfe, 0x80, [15] = 0x99};
const uint8_t nobody6[16];
const uint8_t all_nodes6[16] = {0xff, 2, [15] = 1};
const uint8_t us_solicited6[16] = {0xff, 2, [11] = 1, 0xff, 0, 0, 1};
const uint8_t us_link[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
const uint8_t peer_link[6] = {0x02, 0, 0, 0, 0, 0x99};
const uint8_t broadcast_link[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct {
    void (*body)(void);
    enum inet_wire_kind kind;
    unsigned complaints;
    char complaint[1024]; /* the first */
    struct ksim_inet_statistics marked, judged;
} peer;

static uint8_t packet_buffer[BUILD_BYTES], frame_buffer[BUILD_BYTES];

/* --- expectations -------------------------------------------------------------------------------- */

bool
peer_expect(bool condition, const char *words, const char *file, int line)
{
    if (!condition && peer.complaints++ == 0)
        snprintf(peer.complaint, sizeof(peer.complaint), "%s:%d: %.900s", file, line, words);
    return condition;
}

bool
peer_expect_int(long long value, long long wanted, const char *words, const char *file, int line)
{
    char text[512];

    snprintf(text, sizeof(text), "%s: %lld (0x%llx), not %lld (0x%llx)", words, value,
             (unsigned long long)value, wanted, (unsigned long long)wanted);
    return peer_expect(value == wanted, text, file, line);
}

bool
peer_expect_bytes(const void *value, const void *wanted, size_t bytes, const char *words,
                  const char *file, int line)
{
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s:", words);

    for (size_t at = 0; at < bytes && at < 40; at++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, " %02x/%02x",
                                 ((const uint8_t *)value)[at], ((const uint8_t *)wanted)[at]);
    return peer_expect(memcmp(value, wanted, bytes) == 0, text, file, line);
}

void
peer_expect_fate(enum ksim_inet_counter fate, unsigned many, const char *file, int line)
{
    struct ksim_inet_statistics now;
    char text[768];
    size_t used;
    bool right = true;

    ksim_inet_statistics(world.kernel, &now);
    used = (size_t)snprintf(text, sizeof(text), "%u times \"%s\", but:", many,
                            ksim_inet_counter_text(fate));
    for (int counter = 0; counter < INET_COUNTER_COUNT; counter++) {
        uint64_t rise = now.count[counter] - peer.judged.count[counter];

        if (ksim_inet_counter_class((enum ksim_inet_counter)counter) != INET_FATE)
            continue;
        right = right && rise == (counter == (int)fate ? many : 0);
        if (rise != 0 && used < sizeof(text))
            used += (size_t)snprintf(text + used, sizeof(text) - used, " %llu \"%s\"",
                                     (unsigned long long)rise,
                                     ksim_inet_counter_text((enum ksim_inet_counter)counter));
    }
    peer.judged = now;
    peer_expect(right, text, file, line);
}

void
peer_expect_silence(unsigned wire, const char *file, int line)
{
    const struct inet_wire_frame *frame = inet_wire_take(wire);
    char text[256];
    size_t used;

    if (frame == NULL)
        return;
    used = (size_t)snprintf(text, sizeof(text), "silence, but a frame of %zu bytes:", frame->bytes);
    for (size_t at = 0; at < frame->bytes && at < 48; at++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, " %02x", frame->data[at]);
    peer_expect(false, text, file, line);
}

uint64_t
counted(enum ksim_inet_counter counter)
{
    struct ksim_inet_statistics now;

    ksim_inet_statistics(world.kernel, &now);
    return now.count[counter] - peer.marked.count[counter];
}

void
peer_mark(void)
{
    ksim_inet_statistics(world.kernel, &peer.marked);
    peer.judged = peer.marked;
}

/* --- the wire ------------------------------------------------------------------------------------ */

void
sleep_ns(uint64_t duration_ns)
{
    ksim_system_sleep(world.root, duration_ns);
}

void
settle(void)
{
    sleep_ns(MILLISECOND_NS);
}

void
forget_sent(void)
{
    while (inet_wire_take(0) != NULL)
        ;
}

void
arrive_frame(unsigned wire, const uint8_t *frame, size_t bytes)
{
    expect_int(inet_wire_arrive(wire, frame, bytes, 0), 0);
    settle();
}

/* The link address for an IP destination: groups and 255.255.255.255 have their own. */
static void
link_for(const uint8_t *packet, size_t bytes, unsigned wire, uint8_t link[6])
{
    memcpy(link, us_link, 6);
    link[5] = (uint8_t)(link[5] + wire);
    if (bytes >= IP4_BYTES && packet[0] >> 4 == 4 && packet[16] >> 4 == 14) {
        memcpy(link, "\x01\x00\x5e", 3);
        link[3] = packet[17] & 0x7f;
        memcpy(link + 4, packet + 18, 2);
    } else if (bytes >= IP4_BYTES && packet[0] >> 4 == 4 && packet[19] == 0xff) {
        memcpy(link, broadcast_link, 6);
    } else if (bytes >= IP6_BYTES && packet[0] >> 4 == 6 && packet[24] == 0xff) {
        memcpy(link, "\x33\x33", 2);
        memcpy(link + 2, packet + 36, 4);
    }
}

void
arrive_on(unsigned wire, const uint8_t *packet, size_t bytes)
{
    uint8_t link[6];
    size_t header = 0;

    if (inet_wire_is_ethernet(wire)) {
        link_for(packet, bytes, wire, link);
        header = build_ether(frame_buffer, link, peer_link,
                             bytes != 0 && packet[0] >> 4 == 6 ? 0x86dd : 0x0800);
    }
    memcpy(frame_buffer + header, packet, bytes);
    arrive_frame(wire, frame_buffer, header + bytes);
}

void
arrive(const uint8_t *packet, size_t bytes)
{
    arrive_on(0, packet, bytes);
}

void
arrive4(const struct ip4_fields *fields, const void *payload, size_t bytes)
{
    arrive(packet_buffer, build_ip4(packet_buffer, fields, payload, bytes));
}

void
arrive6(const struct ip6_fields *fields, const void *payload, size_t bytes)
{
    arrive(packet_buffer, build_ip6(packet_buffer, fields, payload, bytes));
}

void
arrive_arp(unsigned operation, const uint8_t sender_link[6], uint32_t sender,
           const uint8_t target_link[6], uint32_t target)
{
    uint8_t frame[ETHER_BYTES + ARP_BYTES];
    size_t header =
        build_ether(frame, operation == 1 ? broadcast_link : us_link, sender_link, 0x0806);

    arrive_frame(0, frame,
                 header + build_arp(frame + header, operation, sender_link, sender, target_link,
                                    target));
}

void
arrive_ping(uint16_t sequence)
{
    const struct ip4_fields fields = {.from = PEER4, .to = US4, .protocol = PROTOCOL_ICMP};
    uint8_t message[64], data[56];

    fill_pattern(data, sizeof(data));
    arrive4(&fields, message,
            build_icmp(message, 8, 0, 0x77770000 | sequence, data, sizeof(data)));
}

void
arrive_ping6(uint16_t sequence)
{
    const struct ip6_fields fields = {.from = peer6, .to = us6, .next = PROTOCOL_ICMP6};
    uint8_t message[64], data[56];

    fill_pattern(data, sizeof(data));
    arrive6(&fields, message,
            build_icmp6(message, &fields, 128, 0, 0x77770000 | sequence, data, sizeof(data)));
}

struct sent
take_sent_on(unsigned wire)
{
    static const uint8_t nothing[IP6_BYTES + 80];
    const struct inet_wire_frame *frame = inet_wire_take(wire);
    struct sent sent = {nothing, 0, nothing, 0};
    size_t header = inet_wire_is_ethernet(wire) ? ETHER_BYTES : 0;

    if (!expect(frame != NULL) || !expect(frame->bytes >= header + IP4_BYTES))
        return sent;
    expect(frame->chain_is_right);
    /* Choice 0 of "shape of an outgoing packet", unless a copy that was looped shares the data. */
    if (header == 0 || (frame->data[0] & 1) == 0)
        expect_int(frame->mbufs, 1);
    sent.frame = frame->data;
    sent.bytes = frame->data + header;
    sent.length = frame->bytes - header;
    sent.type = header != 0 ? get16(frame->data + 12) : sent.bytes[0] >> 4 == 6 ? 0x86dd : 0x0800;
    return sent;
}

struct sent
take_sent(void)
{
    return take_sent_on(0);
}

struct sent
take_ip4(uint8_t protocol)
{
    struct sent sent = take_sent();

    expect_int(sent.type, 0x0800);
    expect_int(sent.bytes[0] >> 4, 4);
    expect_int(get16(sent.bytes + 2), sent.length);
    expect_int(checksum(0, sent.bytes, (size_t)(sent.bytes[0] & 15) * 4), 0);
    expect_int(sent.bytes[9], protocol);
    return sent;
}

struct sent
take_ip6(uint8_t next)
{
    struct sent sent = take_sent();

    expect_int(sent.type, 0x86dd);
    expect_int(sent.bytes[0] >> 4, 6);
    expect_int(get16(sent.bytes + 4) + IP6_BYTES, sent.length);
    expect_int(sent.bytes[6], next);
    return sent;
}

/* --- configuration ------------------------------------------------------------------------------- */

int
configure(int domain, unsigned long command, const char *name, void *data)
{
    int socket = ksim_system_socket(world.root, domain, KSIM_SOCK_DGRAM, 0), result;

    if (socket < 0)
        return socket;
    memset(data, 0, 16);
    memcpy(data, name, strlen(name));
    result = ksim_system_ioctl(world.root, socket, command, data);
    ksim_system_close(world.root, socket);
    return result;
}

struct ksim_inet_address
address4(uint32_t address)
{
    struct ksim_inet_address out = {.family = 4};

    put32(out.bytes, address);
    return out;
}

struct ksim_inet_address
address6(const uint8_t *address, unsigned interface_index)
{
    struct ksim_inet_address out = {.family = 6, .interface_index = (uint16_t)interface_index};

    memcpy(out.bytes, address, 16);
    return out;
}

/* --- running ------------------------------------------------------------------------------------- */

/* ARP and a neighbour solicitation with the peer's link address, both for us. */
static void
introduce(void)
{
    static const uint8_t nowhere[6];
    const struct ip6_fields fields = {
        .from = peer6, .to = us_solicited6, .next = PROTOCOL_ICMP6, .hop_limit = 255};
    uint8_t message[32], data[24] = {0};

    arrive_arp(1, peer_link, PEER4, nowhere, US4);
    memcpy(data, us6, 16);
    data[16] = data[17] = 1;
    memcpy(data + 18, peer_link, 6);
    arrive6(&fields, message, build_icmp6(message, &fields, 135, 0, 0, data, sizeof(data)));
}

static void
body_with_interface(void *argument)
{
    static const uint8_t ours[4] = {10, 0, 0, 1}, theirs[4] = {10, 0, 0, 2};
    const bool ethernet = peer.kind == INET_WIRE_ETHERNET;

    (void)argument;
    expect_int(inet_wire_create(0, peer.kind), 0);
    expect_int(ifconfig_inet(world.root, "nv0", ours, ethernet ? 24 : 32,
                             ethernet ? NULL : theirs), 0);
    expect_int(ifconfig_inet6(world.root, "nv0", us6, 64), 0);
    expect_int(ifconfig_up(world.root, "nv0"), 0);
    settle();
    if (ethernet)
        introduce();
    forget_sent();
    peer_mark();
    peer.body();
    expect_int(inet_wire_destroy(0), 0);
}

static void
body_bare(void *argument)
{
    (void)argument;
    peer_mark();
    peer.body();
}

static void
run_kind(void (*body)(void), enum inet_wire_kind kind, void (*thread)(void *))
{
    memset(&peer, 0, sizeof(peer));
    peer.body = body;
    peer.kind = kind;
    world_check(thread);
    ck_assert_msg(peer.complaints == 0, "%s (the first of %u)%s", peer.complaint, peer.complaints,
                  kind == INET_WIRE_ETHERNET ? "" : ", point to point");
}

void
peer_run(void (*body)(void))
{
    run_kind(body, INET_WIRE_ETHERNET, body_with_interface);
}

void
peer_run_point_to_point(void (*body)(void))
{
    run_kind(body, INET_WIRE_POINT_TO_POINT, body_with_interface);
}

void
peer_run_both(void (*body)(void))
{
    peer_run(body);
    world_end();
    world_begin(0);
    peer_run_point_to_point(body);
}

void
peer_run_bare(void (*body)(void))
{
    run_kind(body, INET_WIRE_ETHERNET, body_bare);
}
