/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_packet.h"

#include <string.h>

enum { ETHER_BYTES = 14, IP_BYTES = 20, UDP_BYTES = 8, PROTOCOL_UDP = 17 };

const uint8_t bench_mac_lladdr[6] = {2, 0, 0, 0, 0, 1};
const uint8_t bench_mac_ip4[4] = {10, 7, 0, 1};
const uint8_t bench_peer_ip4[4] = {10, 7, 0, 2};
static const uint8_t peer_lladdr[6] = {2, 0, 0, 0, 0, 2};

static void
store16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static size_t
ether_bytes(enum packet_device device)
{
    return device == PACKET_DEVICE_TAP ? ETHER_BYTES : 0;
}

size_t
bench_packet_header_bytes(enum packet_device device)
{
    return ether_bytes(device) + IP_BYTES + UDP_BYTES;
}

static void
make_ether(uint8_t *packet, const uint8_t *destination, uint16_t type)
{
    memcpy(packet, destination, sizeof(bench_mac_lladdr));
    memcpy(packet + 6, peer_lladdr, sizeof(peer_lladdr));
    store16(packet + 12, type);
}

static void
make_ip(uint8_t *ip, size_t bytes)
{
    unsigned sum = 0;

    memset(ip, 0, IP_BYTES);
    ip[0] = 0x45;
    store16(ip + 2, bytes);
    ip[8] = 64;
    ip[9] = PROTOCOL_UDP;
    memcpy(ip + 12, bench_peer_ip4, sizeof(bench_peer_ip4));
    memcpy(ip + 16, bench_mac_ip4, sizeof(bench_mac_ip4));
    for (size_t i = 0; i < IP_BYTES; i += 2)
        sum += (unsigned)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    store16(ip + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
}

void
bench_packet_make(uint8_t *packet, size_t bytes, enum packet_device device, uint16_t port)
{
    size_t ether = ether_bytes(device);
    uint8_t *udp = packet + ether + IP_BYTES;

    if (ether != 0)
        make_ether(packet, bench_mac_lladdr, 0x0800);
    make_ip(packet + ether, bytes - ether);
    store16(udp, BENCH_PORT);
    store16(udp + 2, port);
    store16(udp + 4, bytes - ether - IP_BYTES);
    store16(udp + 6, 0);
    memset(udp + UDP_BYTES, 'x', bytes - ether - IP_BYTES - UDP_BYTES);
}

void
bench_packet_make_arp(uint8_t packet[BENCH_ARP_BYTES])
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t request[8] = {0, 1, 8, 0, 6, 4, 0, 1};
    uint8_t *arp = packet + ETHER_BYTES;

    memset(packet, 0, BENCH_ARP_BYTES);
    make_ether(packet, everybody, 0x0806);
    memcpy(arp, request, sizeof(request));
    memcpy(arp + 8, peer_lladdr, sizeof(peer_lladdr));
    memcpy(arp + 14, bench_peer_ip4, sizeof(bench_peer_ip4));
    memcpy(arp + 24, bench_mac_ip4, sizeof(bench_mac_ip4));
}

bool
bench_packet_is_ours(const uint8_t *packet, size_t bytes, enum packet_device device)
{
    size_t ether = ether_bytes(device);
    const uint8_t *ip = packet + ether;
    const uint8_t *udp = ip + IP_BYTES;

    if (bytes < bench_packet_header_bytes(device) || ip[0] != 0x45 || ip[9] != PROTOCOL_UDP)
        return false;
    return memcmp(ip + 16, bench_peer_ip4, sizeof(bench_peer_ip4)) == 0 &&
           (udp[2] << 8 | udp[3]) == BENCH_PORT;
}
