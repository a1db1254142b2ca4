/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_ETHERNET_H
#define KPI_NET_ETHERNET_H

/* Ethernet frames. */

#include <sys/cdefs.h>
#include <sys/types.h>

#define ETHER_ALIGN    2
#define ETHER_TYPE_LEN 2
#define ETHER_CRC_LEN  4
#define ETHER_ADDR_LEN 6
#define ETHER_HDR_LEN  14
#define ETHER_MIN_LEN  64
#define ETHER_MAX_LEN  1518

#define ETHERMIN 46
#define ETHERMTU 1500

#define ETHERTYPE_NTRAILER    0x10
#define ETHERTYPE_PUP         0x200
#define ETHERTYPE_IP          0x800
#define ETHERTYPE_ARP         0x806
#define ETHERTYPE_IEEE802154  0x809
#define ETHERTYPE_TRAIL       0x1000
#define ETHERTYPE_REVARP      0x8035
#define ETHERTYPE_VLAN        0x8100
#define ETHERTYPE_IPV6        0x86dd
#define ETHERTYPE_PAE         0x888e
#define ETHERTYPE_RSN_PREAUTH 0x88c7
#define ETHERTYPE_PTP         0x88f7
#define ETHERTYPE_LOOPBACK    0x9000

struct ether_header {
    uint8_t ether_dhost[6];
    uint8_t ether_shost[6];
    uint16_t ether_type;
};

struct ether_addr {
    uint8_t octet[6];
} __packed;

typedef struct ether_header ether_header_t;
typedef struct ether_addr ether_addr_t;

#endif
