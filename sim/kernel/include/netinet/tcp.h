/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_TCP_H
#define KPI_NETINET_TCP_H

/* The TCP header, in network order. */

#include <sys/types.h>

typedef u_int32_t tcp_seq;

struct tcphdr {
    uint16_t th_sport;
    uint16_t th_dport;
    uint32_t th_seq;
    uint32_t th_ack;
    uint32_t th_x2 : 4;
    uint32_t th_off : 4;
    uint8_t th_flags;
    uint16_t th_win;
    uint16_t th_sum;
    uint16_t th_urp;
};

#define TH_FIN  0x1
#define TH_SYN  0x2
#define TH_RST  0x4
#define TH_PUSH 0x8
#define TH_ACK  0x10
#define TH_URG  0x20
#define TH_ECE  0x40
#define TH_CWR  0x80

#endif
