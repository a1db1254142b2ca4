/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const uint8_t wire_lladdr[6] = {2, 0, 0, 0, 0, 0x99};
const uint8_t wire_broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static const uint8_t mac_ip4[4] = {10, 7, 0, 1};
static const uint8_t wire_ip4[4] = {10, 7, 0, 2};
static const uint8_t mac_ip6[16] = {0xfd, 7, [15] = 1};
static const uint8_t wire_ip6[16] = {0xfd, 7, [15] = 2};

static uint8_t packet_buffer[WIRE_PACKET_BYTES];

void
wire_adopt(struct wire *wire, struct world *world, int fd, bool ethernet)
{
    int on = 1;

    *wire = (struct wire){
        .world = world, .fd = fd, .ethernet = ethernet, .packet = packet_buffer};
    ck_assert_int_eq(world_ioctl_int(world, fd, WORLD_FIONBIO, &on), 0);
    wire_drain(wire);
}

void
wire_open(struct wire *wire, struct world *world, const char *name)
{
    wire_adopt(wire, world, world_open_up(world, name), strncmp(name, "tap", 3) == 0);
}

void
wire_close(struct wire *wire)
{
    world_close(wire->world, wire->fd);
}

int64_t
wire_read(struct wire *wire)
{
    int64_t result = world_read(wire->world, wire->fd, wire->packet, WIRE_PACKET_BYTES);

    wire->length = result > 0 ? (size_t)result : 0;
    return result;
}

void
wire_drain(struct wire *wire)
{
    for (int i = 0; i < 10; i++) {
        world_sleep_ms(wire->world, 10);
        while (wire_read(wire) > 0)
            ;
    }
}

void
wire_write(struct wire *wire, const void *bytes, size_t length)
{
    int64_t result = world_write(wire->world, wire->fd, bytes, length);

    ck_assert_msg(result == (int64_t)length, "write of %zu bytes: %" PRId64, length, result);
}

bool
wire_await(struct wire *wire, wire_predicate wanted, unsigned argument, unsigned milliseconds)
{
    for (unsigned waited = 0; waited <= milliseconds; waited++) {
        while (wire_read(wire) > 0) {
            if (wanted(wire, argument))
                return true;
        }
        world_sleep_ms(wire->world, 1);
    }
    return false;
}

static unsigned
get_u16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static bool
is_arp(const struct wire *wire, unsigned operation)
{
    return wire->ethernet && wire->length >= WIRE_ARP_BYTES && get_u16(wire->packet + 12) == 0x806 &&
           get_u16(wire->packet + 20) == operation;
}

bool
wire_is_arp_request(const struct wire *wire, unsigned argument)
{
    (void)argument;
    return is_arp(wire, 1);
}

bool
wire_is_arp_reply(const struct wire *wire, unsigned argument)
{
    (void)argument;
    return is_arp(wire, 2);
}

static bool
is_echo(const struct wire *wire, unsigned type, unsigned sequence)
{
    size_t skip = wire->ethernet ? WIRE_ETHER_BYTES : 0;
    const uint8_t *ip = wire->packet + skip;

    if (wire->length < skip + 28 || (wire->ethernet && get_u16(wire->packet + 12) != 0x800))
        return false;
    return ip[0] == 0x45 && ip[9] == 1 && ip[20] == type && get_u16(ip + 26) == sequence;
}

bool
wire_is_echo_request(const struct wire *wire, unsigned sequence)
{
    return is_echo(wire, 8, sequence);
}

bool
wire_is_echo_reply(const struct wire *wire, unsigned sequence)
{
    return is_echo(wire, 0, sequence);
}

bool
wire_is_echo6_reply(const struct wire *wire, unsigned sequence)
{
    size_t skip = wire->ethernet ? WIRE_ETHER_BYTES : 0;
    const uint8_t *ip = wire->packet + skip;

    return wire->length >= skip + 48 && ip[0] >> 4 == 6 && ip[6] == 58 && ip[40] == 129 &&
           get_u16(ip + 46) == sequence;
}

bool
wire_ping(struct wire *wire, const uint8_t to[6], uint16_t sequence)
{
    uint8_t packet[WIRE_ECHO_BYTES + WIRE_ETHER_BYTES];
    size_t length = wire->ethernet ? world_echo_frame(packet, to, sequence, 56)
                                   : world_echo_request(packet, sequence, 56);

    wire_write(wire, packet, length);
    return wire_await(wire, wire_is_echo_reply, sequence, 50);
}

size_t
wire_arp(uint8_t *out, unsigned operation, const uint8_t to[6], const uint8_t target[4])
{
    static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 0};

    memset(out, 0, WIRE_ARP_BYTES);
    memcpy(out, to, 6);
    memcpy(out + 6, wire_lladdr, 6);
    out[12] = 8;
    out[13] = 6;
    memcpy(out + 14, head, sizeof(head));
    out[21] = (uint8_t)operation;
    memcpy(out + 22, wire_lladdr, 6);
    memcpy(out + 28, wire_ip4, 4);
    if (operation != 1)
        memcpy(out + 32, to, 6);
    memcpy(out + 38, target, 4);
    return WIRE_ARP_BYTES;
}

bool
wire_resolve(struct wire *wire, uint8_t lladdr[6])
{
    uint8_t request[WIRE_ARP_BYTES];

    wire_write(wire, request, wire_arp(request, 1, wire_broadcast, mac_ip4));
    if (!wire_await(wire, wire_is_arp_reply, 0, 100))
        return false;
    ck_assert_mem_eq(wire->packet, wire_lladdr, 6);
    ck_assert_mem_eq(wire->packet + 28, mac_ip4, 4);
    ck_assert_mem_eq(wire->packet + 6, wire->packet + 22, 6);
    memcpy(lladdr, wire->packet + 22, 6);
    return true;
}

/* Ones' complement sum without the last inversion. */
static uint32_t
sum_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void
put_u16(uint8_t *out, unsigned value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

size_t
wire_echo6(uint8_t *out, uint16_t sequence)
{
    enum { ICMP_BYTES = 64 };
    uint8_t *icmp = out + 40;

    memset(out, 0, WIRE_ECHO6_BYTES);
    out[0] = 0x60;
    put_u16(out + 4, ICMP_BYTES);
    out[6] = 58;
    out[7] = 64;
    memcpy(out + 8, wire_ip6, 16);
    memcpy(out + 24, mac_ip6, 16);
    icmp[0] = 128;
    put_u16(icmp + 4, 0x7475);
    put_u16(icmp + 6, sequence);
    for (int i = 8; i < ICMP_BYTES; i++)
        icmp[i] = (uint8_t)i;
    put_u16(icmp + 2, ~sum_words(sum_words(ICMP_BYTES + 58, out + 8, 32), icmp, ICMP_BYTES) &
                          0xffff);
    return WIRE_ECHO6_BYTES;
}

void
wire_echo_turn(uint8_t *packet, size_t length)
{
    uint8_t source[4];

    memcpy(source, packet + 12, 4);
    memcpy(packet + 12, packet + 16, 4);
    memcpy(packet + 16, source, 4);
    packet[20] = 0;
    put_u16(packet + 22, 0);
    put_u16(packet + 22, ~sum_words(0, packet + 20, length - 20) & 0xffff);
}

bool
wire_status(struct world *world, const char *name, const char *cause, uint64_t *packets,
            uint64_t *bytes)
{
    char status[IFCONFIG_STATUS_BYTES];
    char wanted[40];
    const char *line;

    *packets = *bytes = 0;
    if (ifconfig_status(world->root, name, status) != 0)
        return false;
    snprintf(wanted, sizeof(wanted), "\t%s: ", cause);
    line = strstr(status, wanted);
    if (line != NULL)
        ck_assert_int_eq(sscanf(line + strlen(wanted), "%" SCNu64 " packets, %" SCNu64 " bytes",
                                packets, bytes), 2);
    return true;
}

uint64_t
wire_status_packets(struct world *world, const char *name, const char *cause)
{
    uint64_t packets, bytes;

    ck_assert(wire_status(world, name, cause, &packets, &bytes));
    return packets;
}
