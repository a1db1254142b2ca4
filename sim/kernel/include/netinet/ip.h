/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_IP_H
#define KPI_NETINET_IP_H

/* The IPv4 header, in network order. */

#include <netinet/in.h>
#include <sys/types.h>

#define IPVERSION 4

#define IP_OFFMASK   0x1fff
#define IP_MF        0x2000
#define IP_DF        0x4000
#define IP_RF        0x8000
#define IP_MAXPACKET 0xffff

struct ip {
    u_int ip_hl : 4; /* header length in 32-bit words */
    u_int ip_v : 4;
    u_char ip_tos;
    u_short ip_len;
    u_short ip_id;
    u_short ip_off;
    u_char ip_ttl;
    u_char ip_p;
    u_short ip_sum;
    struct in_addr ip_src;
    struct in_addr ip_dst;
};

#define IPDEFTTL 64
#define MAXTTL   255

#endif
