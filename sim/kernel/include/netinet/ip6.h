/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_IP6_H
#define KPI_NETINET_IP6_H

/* The IPv6 header and the fragment header, in network order. */

#include <netinet/in.h>
#include <sys/types.h>

struct ip6_hdrctl {
    u_int32_t ip6_un1_flow;
    u_int16_t ip6_un1_plen;
    u_int8_t ip6_un1_nxt;
    u_int8_t ip6_un1_hlim;
};

struct ip6_hdr {
    union {
        struct ip6_hdrctl ip6_un1;
        u_int8_t ip6_un2_vfc;
    } ip6_ctlun;
    struct in6_addr ip6_src;
    struct in6_addr ip6_dst;
} __packed;

#define ip6_vfc ip6_ctlun.ip6_un2_vfc
#define ip6_flow ip6_ctlun.ip6_un1.ip6_un1_flow
#define ip6_plen ip6_ctlun.ip6_un1.ip6_un1_plen
#define ip6_nxt ip6_ctlun.ip6_un1.ip6_un1_nxt
#define ip6_hlim ip6_ctlun.ip6_un1.ip6_un1_hlim

#define IPV6_VERSION      0x60
#define IPV6_VERSION_MASK 0xf0

struct ip6_ext {
    uint8_t ip6e_nxt;
    uint8_t ip6e_len;
} __packed;

struct ip6_frag {
    uint8_t ip6f_nxt;
    uint8_t ip6f_reserved;
    uint16_t ip6f_offlg;
    uint32_t ip6f_ident;
} __packed;

#define IP6F_MORE_FRAG     256
#define IP6F_RESERVED_MASK 1536
#define IP6F_OFF_MASK      63743

#endif
