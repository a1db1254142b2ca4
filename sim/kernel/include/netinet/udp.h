/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_UDP_H
#define KPI_NETINET_UDP_H

/* The UDP header, in network order. */

#include <sys/types.h>

struct udphdr {
    uint16_t uh_sport;
    uint16_t uh_dport;
    uint16_t uh_ulen;
    uint16_t uh_sum;
};

#endif
