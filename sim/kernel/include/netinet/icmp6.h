/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_ICMP6_H
#define KPI_NETINET_ICMP6_H

/* ICMPv6 and neighbour discovery, in network order. */

#include <netinet/in.h>
#include <netinet/ip6.h>
#include <sys/types.h>

struct icmp6_hdr {
    uint8_t icmp6_type;
    uint8_t icmp6_code;
    uint16_t icmp6_cksum;
    union {
        uint16_t icmp6_un_data16[2];
        uint32_t icmp6_un_data32[1];
        uint8_t icmp6_un_data8[4];
    } icmp6_dataun;
} __packed;

#define icmp6_data32 icmp6_dataun.icmp6_un_data32
#define icmp6_data16 icmp6_dataun.icmp6_un_data16
#define icmp6_data8 icmp6_dataun.icmp6_un_data8
#define icmp6_id icmp6_data16[0]
#define icmp6_seq icmp6_data16[1]
#define icmp6_mtu icmp6_data32[0]

#define ICMP6_DST_UNREACH        1
#define ICMP6_PACKET_TOO_BIG     2
#define ICMP6_TIME_EXCEEDED      3
#define ICMP6_DST_UNREACH_NOPORT 4
#define ICMP6_PARAM_PROB         4
#define ICMP6_ECHO_REQUEST       128
#define ICMP6_ECHO_REPLY         129

#define ND_ROUTER_SOLICIT   133
#define ND_ROUTER_ADVERT    134
#define ND_NEIGHBOR_SOLICIT 135
#define ND_NEIGHBOR_ADVERT  136
#define ND_REDIRECT         137

#define MLD_LISTENER_QUERY     130
#define MLD_LISTENER_REPORT    131
#define MLD_LISTENER_DONE      132
#define MLD_LISTENER_REDUCTION 132

#define ND_OPT_PREF64_PLC_96               0
#define ND_OPT_PREF64_PLC_64               1
#define ND_OPT_SOURCE_LINKADDR             1
#define ND_OPT_PREF64_PLC_56               2
#define ND_OPT_TARGET_LINKADDR             2
#define ND_OPT_PREF64_PLC_48               3
#define ND_OPT_PREFIX_INFORMATION          3
#define ND_OPT_PREF64_PLC_40               4
#define ND_OPT_REDIRECTED_HEADER           4
#define ND_OPT_MTU                         5
#define ND_OPT_PREF64_PLC_32               5
#define ND_OPT_NONCE_LEN                   6
#define ND_OPT_PVD_MIN_LENGTH              6UL
#define ND_OPT_PREF64_PLC_MASK             7
#define ND_OPT_NONCE                       14
#define ND_OPT_PVD_DELAY_MASK              15
#define ND_OPT_PVD                         21
#define ND_OPT_RDNSS                       25
#define ND_OPT_DNSSL                       31
#define ND_OPT_PVD_FLAGS_RA                32
#define ND_OPT_CAPTIVE_PORTAL              37
#define ND_OPT_PREF64                      38
#define ND_OPT_PI_FLAG_AUTO                64
#define ND_OPT_PVD_FLAGS_LEGACY            64
#define ND_OPT_PI_FLAG_ONLINK              128
#define ND_OPT_PVD_FLAGS_HTTP              128
#define ND_OPT_ROUTE_INFO                  200
#define ND_OPT_PREF64_LIFETIME_MAX         65528
#define ND_OPT_PREF64_SCALED_LIFETIME_MASK 65528

#define ND_NA_FLAG_OVERRIDE  0x20
#define ND_NA_FLAG_SOLICITED 0x40
#define ND_NA_FLAG_ROUTER    0x80

struct nd_neighbor_solicit {
    struct icmp6_hdr nd_ns_hdr;
    struct in6_addr nd_ns_target;
} __packed;

struct nd_neighbor_advert {
    struct icmp6_hdr nd_na_hdr;
    struct in6_addr nd_na_target;
} __packed;

struct nd_opt_hdr {
    uint8_t nd_opt_type;
    uint8_t nd_opt_len;
} __packed;

#endif
