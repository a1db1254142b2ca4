/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_IN_H
#define KPI_NETINET_IN_H

/* IPv4 addresses; in6.h comes along. */

#include <machine/endian.h>
#include <sys/cdefs.h>
#include <sys/socket.h>
#include <sys/types.h>

#define IPPROTO_HOPOPTS  0
#define IPPROTO_IP       0
#define IPPROTO_ICMP     1
#define IPPROTO_IGMP     2
#define IPPROTO_TCP      6
#define IPPROTO_UDP      17
#define IPPROTO_IPV6     41
#define IPPROTO_ROUTING  43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_ESP      50
#define IPPROTO_AH       51
#define IPPROTO_ICMPV6   58
#define IPPROTO_NONE     59
#define IPPROTO_DSTOPTS  60
#define IPPROTO_RAW      255
#define IPPROTO_MAX      256

struct in_addr {
    in_addr_t s_addr;
};

struct sockaddr_in {
    uint8_t sin_len;
    sa_family_t sin_family;
    in_port_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};

#define INADDR_ANY ((u_int32_t)0x00000000)
#define INADDR_BROADCAST ((u_int32_t)0xffffffff)
#define INADDR_LOOPBACK ((u_int32_t)0x7f000001)

/* Host order. */
#define IN_MULTICAST(address) (((u_int32_t)(address) & 0xf0000000) == 0xe0000000)

#define INET_ADDRSTRLEN 16

#include <netinet6/in6.h>

__BEGIN_DECLS

const char *inet_ntop(int family, const void *address, char *buffer, socklen_t size)
    KPI_SYMBOL(inet_ntop);

__END_DECLS

#endif
