/* SPDX-License-Identifier: BSD-2-Clause */
#include "network.h"

#include <ifconfig.h>
#include <native_kexts.h>

#include <stdio.h>
#include <string.h>

#define SECOND_NS 1000000000ULL
#define STEP_NS 1000000ULL

enum { PING_IDENTIFIER = 0x4d61 };

/* --- addresses ----------------------------------------------------------------------------------- */

struct network_address
network_address(const char *text)
{
    struct network_address address;
    unsigned part[4] = {0};

    ck_assert_int_eq(sscanf(text, "%u.%u.%u.%u", &part[0], &part[1], &part[2], &part[3]), 4);
    for (int i = 0; i < 4; i++) {
        address.bytes[i] = (uint8_t)part[i];
    }
    return address;
}

static struct ksim_inet_address
inet_address(const char *text)
{
    struct ksim_inet_address address = {.family = 4};

    memcpy(address.bytes, network_address(text).bytes, 4);
    return address;
}

/* --- interfaces ---------------------------------------------------------------------------------- */

static void
say_error(const char *what, int result)
{
    if (result != 0) {
        say(what, result);
    }
}

void
network_configure(const char *name, const char *address, unsigned prefix_bits)
{
    say_error("configure", ifconfig_inet(world.root, name, network_address(address).bytes,
                                         prefix_bits, NULL));
    say_error("up", ifconfig_up(world.root, name));
}

void
network_point_to_point(const char *name, const char *address, const char *destination)
{
    say_error("configure", ifconfig_inet(world.root, name, network_address(address).bytes, 32,
                                         network_address(destination).bytes));
    say_error("up", ifconfig_up(world.root, name));
}

void
network_route(const char *network, unsigned prefix_bits, const char *gateway, const char *interface)
{
    const struct ksim_inet_address to = inet_address(network), through = inet_address(gateway);

    say_error("route", ksim_route_add(world.kernel, &to, prefix_bits, &through, interface));
}

/* --- pings --------------------------------------------------------------------------------------- */

static int heard_hop_limit;
static uint16_t next_sequence;

static void
mac_hears(void *context, const struct ksim_inet_address *from, uint16_t identifier,
          uint16_t sequence, const uint8_t *payload, size_t bytes, uint8_t hop_limit)
{
    (void)context;
    (void)from;
    (void)payload;
    (void)bytes;
    if (identifier == PING_IDENTIFIER && sequence == next_sequence) {
        heard_hop_limit = hop_limit;
    }
}

static void
lan_hears(void *context, const char *name, const uint8_t from[4], uint16_t identifier,
          uint16_t sequence, uint8_t hop_limit, size_t bytes)
{
    (void)context;
    (void)name;
    (void)from;
    (void)bytes;
    if (identifier == PING_IDENTIFIER && sequence == next_sequence) {
        heard_hop_limit = hop_limit;
    }
}

static int
wait_for_reply(void)
{
    const uint64_t until_ns = ksim_system_time_ns() + SECOND_NS;

    while (heard_hop_limit == 0 && ksim_system_time_ns() < until_ns) {
        (void)ksim_system_sleep(world.root, STEP_NS);
    }
    return heard_hop_limit;
}

int
network_ping(const char *to, size_t bytes)
{
    const struct ksim_inet_address address = inet_address(to);
    static uint8_t payload[60000];
    int error;

    heard_hop_limit = 0;
    next_sequence++;
    ksim_echo_listen(world.kernel, mac_hears, NULL);
    error = ksim_echo_send(world.kernel, &address, PING_IDENTIFIER, next_sequence, payload, bytes);
    return error != 0 ? -error : wait_for_reply();
}

int
network_lan_ping(const char *host, const char *to, size_t bytes)
{
    heard_hop_limit = 0;
    next_sequence++;
    ksim_lan_echo_listen(world.kernel, lan_hears, NULL);
    say_error("lan_ping", ksim_lan_ping(world.kernel, host, network_address(to).bytes,
                                        PING_IDENTIFIER, next_sequence, bytes));
    return wait_for_reply();
}

struct ksim_lan_seen
network_seen(const char *host)
{
    struct ksim_lan_host found = {0};

    if (!ksim_lan_host_find(world.kernel, host, &found)) {
        say("no host", 0);
    }
    return found.seen;
}

/* --- devices ------------------------------------------------------------------------------------- */

static void
kext_load(const char *name)
{
    const struct ksim_kext_image *image = native_kext_image(name);

    if (!ksim_kext_is_loaded(world.kernel, image->bundle_id)) {
        ksim_kext_register(world.kernel, image);
        say_error("load", ksim_kext_load(world.kernel, image->bundle_id));
    }
}

int
network_device(const char *name)
{
    char path[32];
    int fd;

    kext_load(strncmp(name, "tun", 3) == 0 ? "tun" : "tap");
    snprintf(path, sizeof(path), "/dev/%s", name);
    fd = ksim_system_open(world.root, path, KSIM_O_RDWR | KSIM_O_NONBLOCK);
    if (fd < 0) {
        say("open", fd);
    }
    return fd;
}

int64_t
network_read(int device, uint8_t *packet, size_t room)
{
    int64_t result = ksim_system_read(world.root, device, packet, room);

    return result == -KSIM_EWOULDBLOCK ? 0 : result;
}

void
network_unload(void)
{
    static const char *const names[] = {"tun", "tap"};

    for (int i = 0; i < 2; i++) {
        const struct ksim_kext_image *image = native_kext_image(names[i]);

        for (int tries = 0; tries < 20 && ksim_kext_is_loaded(world.kernel, image->bundle_id);
             tries++) {
            if (ksim_kext_unload(world.kernel, image->bundle_id) != KSIM_KEXT_OK) {
                (void)ksim_system_sleep(world.root, 100 * STEP_NS);
            }
        }
        if (ksim_kext_is_loaded(world.kernel, image->bundle_id)) {
            say("still loaded", i);
        }
    }
}

/* --- packets ------------------------------------------------------------------------------------- */

uint16_t
network_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

void
network_put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

uint32_t
network_sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static uint32_t
pseudo_sum(const uint8_t *packet, size_t length)
{
    uint32_t sum = network_sum(0, packet + 12, 8);

    return sum + packet[9] + (uint32_t)length;
}

/* The header around a message of `length` bytes at packet + 20, whose checksum goes to `sum_at`. */
static size_t
make_ip(uint8_t *packet, const char *from, const char *to, uint8_t hop_limit, uint8_t protocol,
        size_t length, size_t sum_at)
{
    static uint16_t identification;
    uint8_t *message = packet + 20;
    uint32_t sum;

    memset(packet, 0, 20);
    packet[0] = 0x45;
    network_put16(packet + 2, (unsigned)(20 + length));
    network_put16(packet + 4, ++identification);
    packet[8] = hop_limit;
    packet[9] = protocol;
    memcpy(packet + 12, network_address(from).bytes, 4);
    memcpy(packet + 16, network_address(to).bytes, 4);
    network_put16(packet + 10, ~network_sum(0, packet, 20));
    network_put16(message + sum_at, 0);
    sum = protocol == 1 ? 0 : pseudo_sum(packet, length);
    network_put16(message + sum_at, ~network_sum(sum, message, length));
    return 20 + length;
}

static void
fill(uint8_t *payload, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        payload[i] = (uint8_t)(i * 7 + 1);
    }
}

size_t
network_make_echo(uint8_t *packet, const char *from, const char *to, uint8_t hop_limit,
                  uint8_t type, uint16_t identifier, size_t bytes)
{
    memset(packet + 20, 0, 8);
    packet[20] = type;
    network_put16(packet + 24, identifier);
    network_put16(packet + 26, 1);
    fill(packet + 28, bytes);
    return make_ip(packet, from, to, hop_limit, 1, 8 + bytes, 2);
}

size_t
network_make_udp(uint8_t *packet, const char *from, uint16_t from_port, const char *to,
                 uint16_t to_port, size_t bytes)
{
    network_put16(packet + 20, from_port);
    network_put16(packet + 22, to_port);
    network_put16(packet + 24, (unsigned)(8 + bytes));
    fill(packet + 28, bytes);
    return make_ip(packet, from, to, 64, 17, 8 + bytes, 6);
}

size_t
network_make_tcp(uint8_t *packet, const char *from, uint16_t from_port, const char *to,
                 uint16_t to_port, uint8_t flags)
{
    memset(packet + 20, 0, 20);
    network_put16(packet + 20, from_port);
    network_put16(packet + 22, to_port);
    network_put16(packet + 26, 100);
    packet[32] = 5 << 4;
    packet[33] = flags;
    network_put16(packet + 34, 8192);
    return make_ip(packet, from, to, 64, 6, 20, 16);
}

size_t
network_make_frame(uint8_t *frame, const uint8_t to[6], const uint8_t from[6], uint16_t type,
                   const uint8_t *payload, size_t bytes)
{
    memmove(frame + 14, payload, bytes);
    memcpy(frame, to, 6);
    memcpy(frame + 6, from, 6);
    network_put16(frame + 12, type);
    return 14 + bytes;
}

size_t
network_make_arp(uint8_t *frame, const uint8_t link[6], const char *sender,
                 const uint8_t *target_link, const char *target)
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t body[28] = {0, 1, 8, 0, 6, 4, 0, target_link == NULL ? 1 : 2};

    memcpy(body + 8, link, 6);
    memcpy(body + 14, network_address(sender).bytes, 4);
    if (target_link != NULL) {
        memcpy(body + 18, target_link, 6);
    }
    memcpy(body + 24, network_address(target).bytes, 4);
    return network_make_frame(frame, target_link == NULL ? everybody : target_link, link, 0x0806,
                              body, sizeof(body));
}

bool
network_sums_are_right(const uint8_t *packet, size_t bytes)
{
    const size_t header = (size_t)(packet[0] & 15) * 4;
    const size_t length = bytes - header;
    uint32_t sum = packet[9] == 1 ? 0 : pseudo_sum(packet, length);

    return network_get16(packet + 2) == bytes && network_sum(0, packet, header) == 0xffff &&
           ((packet[9] == 17 && network_get16(packet + header + 6) == 0) ||
            network_sum(sum, packet + header, length) == 0xffff);
}
