/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_ARP_H
#define KPI_NET_IF_ARP_H

/* The fixed part of an ARP packet; addresses follow. All in network order. */

#include <sys/cdefs.h>
#include <sys/types.h>
#include <net/if.h>

#define ARPHRD_ETHER          1
#define ARPHRD_IEEE802        6
#define ARPHRD_FRELAY         15
#define ARPHRD_IEEE1394       24
#define ARPHRD_IEEE1394_EUI64 27

#define ARPOP_REQUEST    1
#define ARPOP_REPLY      2
#define ARPOP_REVREQUEST 3
#define ARPOP_REVREPLY   4
#define ARPOP_INVREQUEST 8
#define ARPOP_INVREPLY   9

struct arphdr {
    uint16_t ar_hrd;
    uint16_t ar_pro;
    uint8_t ar_hln;
    uint8_t ar_pln;
    uint16_t ar_op;
};

#endif
