/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-host-tun NS: the work of `tuntapsim bench`'s packets through this Linux kernel's own tun and tap devices,
 * in a network namespace of its own. Prints "tun-write-64 NANOSECONDS" for each path. Root. For ci/bench.
 *
 * write: a burst of writes into the device, until the socket that the packets are for has them all.
 * read: a burst of sends, until as many packets were read from the device.
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 64, PORT = 4000, ETHER_BYTES = 14, IP_BYTES = 20, UDP_BYTES = 8, PACKET_BYTES = 9216,
       MTU = 9000, SOCKET_BUFFER_BYTES = 4 << 20, WARM_UP_BURSTS = 2 };

static const unsigned char peer_lladdr[6] = {2, 0, 0, 0, 0, 2};
static unsigned char packet[PACKET_BYTES];

struct path {
    bool tap;
    bool write;
    size_t bytes;
    int device;
    int socket;
    struct sockaddr_in peer;
    unsigned char lladdr[6];
};

static void
require(const char *what, long result)
{
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static uint64_t
clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct sockaddr_in
address(const char *text, uint16_t port)
{
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons(port)};

    inet_pton(AF_INET, text, &inet.sin_addr);
    return inet;
}

static void
set_address(int fd, struct ifreq *request, unsigned long command, const char *text)
{
    struct sockaddr_in inet = address(text, 0);

    memcpy(&request->ifr_addr, &inet, sizeof(inet));
    require(text, ioctl(fd, command, request));
}

/* The only thing that is quiet about a new interface is one without IPv6. */
static void
quiet(const char *name)
{
    char file[80];
    int fd;

    snprintf(file, sizeof(file), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
    fd = open(file, O_WRONLY);
    if (fd >= 0 && write(fd, "1", 1) != 1)
        fprintf(stderr, "%s: %s\n", file, strerror(errno));
    if (fd >= 0)
        close(fd);
}

static void
know_peer(struct path *path, struct ifreq *request)
{
    struct arpreq arp = {.arp_flags = ATF_PERM | ATF_COM};

    require("SIOCGIFHWADDR", ioctl(path->socket, SIOCGIFHWADDR, request));
    memcpy(path->lladdr, request->ifr_hwaddr.sa_data, sizeof(path->lladdr));
    memcpy(&arp.arp_pa, &path->peer, sizeof(path->peer));
    arp.arp_ha.sa_family = ARPHRD_ETHER;
    memcpy(arp.arp_ha.sa_data, peer_lladdr, sizeof(peer_lladdr));
    memcpy(arp.arp_dev, request->ifr_name, sizeof(arp.arp_dev));
    require("SIOCSARP", ioctl(path->socket, SIOCSARP, &arp));
}

static void
set_up(struct path *path)
{
    struct ifreq request = {.ifr_flags = (short)((path->tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI)};
    struct sockaddr_in own = address("10.7.0.1", PORT);
    int room = SOCKET_BUFFER_BYTES;

    path->device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    require("/dev/net/tun", path->device);
    require("TUNSETIFF", ioctl(path->device, TUNSETIFF, &request));
    path->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    require("socket", path->socket);
    quiet(request.ifr_name);
    set_address(path->socket, &request, SIOCSIFADDR, "10.7.0.1");
    set_address(path->socket, &request, SIOCSIFNETMASK, "255.255.255.0");
    request.ifr_mtu = MTU;
    require("SIOCSIFMTU", ioctl(path->socket, SIOCSIFMTU, &request));
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    require("SIOCSIFFLAGS", ioctl(path->socket, SIOCSIFFLAGS, &request));
    path->peer = address("10.7.0.2", PORT);
    if (path->tap)
        know_peer(path, &request);
    setsockopt(path->socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    setsockopt(path->socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    require("bind", bind(path->socket, (struct sockaddr *)&own, sizeof(own)));
}

static void
store16(unsigned char *at, size_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static void
make_packet(const struct path *path)
{
    size_t ether = path->tap ? ETHER_BYTES : 0;
    unsigned char *ip = packet + ether, *udp = ip + IP_BYTES;
    struct sockaddr_in own = address("10.7.0.1", 0);
    unsigned sum = 0;

    memset(packet, 0, sizeof(packet));
    memcpy(packet, path->lladdr, ether == 0 ? 0 : sizeof(path->lladdr));
    memcpy(packet + 6, peer_lladdr, ether == 0 ? 0 : sizeof(peer_lladdr));
    store16(packet + 12, 0x0800);
    memset(ip, 0, IP_BYTES);
    ip[0] = 0x45;
    store16(ip + 2, path->bytes - ether);
    ip[8] = 64;
    ip[9] = IPPROTO_UDP;
    memcpy(ip + 12, &path->peer.sin_addr, 4);
    memcpy(ip + 16, &own.sin_addr, 4);
    for (int i = 0; i < IP_BYTES; i += 2)
        sum += (unsigned)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    store16(ip + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
    store16(udp, PORT);
    store16(udp + 2, PORT);
    store16(udp + 4, path->bytes - ether - IP_BYTES);
}

/* Taking them out of the socket is no part of it: the emulated Mac's program is called, and copies nothing. */
static uint64_t
write_burst(const struct path *path)
{
    unsigned char buffer[1];
    uint64_t begin_ns = clock_ns(), end_ns;

    for (int i = 0; i < BURST; i++)
        require("write", write(path->device, packet, path->bytes));
    end_ns = clock_ns();
    for (int i = 0; i < BURST; i++)
        require("a written packet", recv(path->socket, buffer, sizeof(buffer), 0));
    return end_ns - begin_ns;
}

static bool
is_ours(const struct path *path, const unsigned char *bytes, ssize_t length)
{
    return length == (ssize_t)path->bytes && bytes[(path->tap ? ETHER_BYTES : 0) + 9] == IPPROTO_UDP;
}

static uint64_t
read_burst(const struct path *path)
{
    static unsigned char payload[MTU], buffer[PACKET_BYTES];
    size_t bytes = path->bytes - IP_BYTES - UDP_BYTES - (path->tap ? ETHER_BYTES : 0);
    uint64_t begin_ns = clock_ns();
    int got = 0;

    for (int i = 0; i < BURST; i++)
        require("send", sendto(path->socket, payload, bytes, 0, (const struct sockaddr *)&path->peer,
                               sizeof(path->peer)));
    while (got < BURST) {
        ssize_t length = read(path->device, buffer, sizeof(buffer));

        require("a sent packet", length);
        got += is_ours(path, buffer, length);
    }
    return clock_ns() - begin_ns;
}

static void
measure(struct path *path, uint64_t for_ns)
{
    uint64_t ns = 0, packets = 0;

    set_up(path);
    make_packet(path);
    for (int i = 0; ns < for_ns; i++) {
        uint64_t burst_ns;

        burst_ns = path->write ? write_burst(path) : read_burst(path);
        if (i >= WARM_UP_BURSTS) {
            ns += burst_ns;
            packets += BURST;
        }
    }
    printf("%s-%s-%zu %.1f\n", path->tap ? "tap" : "tun", path->write ? "write" : "read", path->bytes,
           (double)ns / (double)packets);
    close(path->socket);
    close(path->device);
}

int
main(int argc, char **argv)
{
    static const size_t sizes[] = {64, 576, 1400, 9000};

    if (argc != 2) {
        fputs("usage: bench-host-tun NANOSECONDS\n", stderr);
        return 2;
    }
    require("a network namespace", unshare(CLONE_NEWNET));
    for (int way = 0; way < 4; way++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct path path = {.tap = way >= 2, .write = way % 2 == 0, .bytes = sizes[i]};

            measure(&path, strtoull(argv[1], NULL, 10));
        }
    }
    return 0;
}
