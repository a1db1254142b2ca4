/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NETINET_IF_ETHER_H
#define KPI_NETINET_IF_ETHER_H

/* ARP over Ethernet. */

#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/types.h>

struct ether_arp {
    struct arphdr ea_hdr;
    uint8_t arp_sha[6];
    uint8_t arp_spa[4];
    uint8_t arp_tha[6];
    uint8_t arp_tpa[4];
};

#endif
