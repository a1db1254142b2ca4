/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_IP_ICMP_H
#define KPI_NETINET_IP_ICMP_H

/* ICMP messages. */

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/types.h>

struct icmp_ra_addr {
    uint32_t ira_addr;
    uint32_t ira_preference;
};

struct ih_idseq {
    uint16_t icd_id;
    uint16_t icd_seq;
};

struct ih_pmtu {
    uint16_t ipm_void;
    uint16_t ipm_nextmtu;
};

struct ih_rtradv {
    uint8_t irt_num_addrs;
    uint8_t irt_wpa;
    uint16_t irt_lifetime;
};

struct id_ts {
    uint32_t its_otime;
    uint32_t its_rtime;
    uint32_t its_ttime;
};

struct id_ip {
    struct ip idi_ip;
};

struct icmp {
    uint8_t icmp_type;
    uint8_t icmp_code;
    uint16_t icmp_cksum;
    union {
        struct in_addr ih_gwaddr;
        struct ih_idseq ih_idseq;
        struct ih_pmtu ih_pmtu;
        uint8_t ih_pptr;
        struct ih_rtradv ih_rtradv;
        int ih_void;
    } icmp_hun;
    union {
        char id_data[1];
        struct id_ip id_ip;
        uint32_t id_mask;
        struct icmp_ra_addr id_radv;
        struct id_ts id_ts;
    } icmp_dun;
};

#define icmp_id icmp_hun.ih_idseq.icd_id
#define icmp_seq icmp_hun.ih_idseq.icd_seq
#define icmp_nextmtu icmp_hun.ih_pmtu.ipm_nextmtu
#define icmp_data icmp_dun.id_data

#define ICMP_ECHOREPLY        0
#define ICMP_UNREACH_NET      0
#define ICMP_UNREACH_HOST     1
#define ICMP_UNREACH_PROTOCOL 2
#define ICMP_UNREACH          3
#define ICMP_UNREACH_PORT     3
#define ICMP_UNREACH_NEEDFRAG 4
#define ICMP_ECHO             8
#define ICMP_MINLEN           8
#define ICMP_TIMXCEED         11

#endif
