/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET6_IN6_H
#define KPI_NETINET6_IN6_H

/* IPv6 addresses. */

#include <sys/cdefs.h>
#include <sys/socket.h>
#include <sys/types.h>

struct in6_addr {
    union {
        uint16_t __u6_addr16[8];
        uint32_t __u6_addr32[4];
        uint8_t __u6_addr8[16];
    } __u6_addr;
};

#define s6_addr __u6_addr.__u6_addr8

struct sockaddr_in6 {
    uint8_t sin6_len;
    sa_family_t sin6_family;
    in_port_t sin6_port;
    uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    uint32_t sin6_scope_id;
};

#define INET6_ADDRSTRLEN 46

#define IN6_IS_ADDR_MULTICAST(address) ((address)->s6_addr[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(address) \
    ((address)->s6_addr[0] == 0xfe && ((address)->s6_addr[1] & 0xc0) == 0x80)

#endif
