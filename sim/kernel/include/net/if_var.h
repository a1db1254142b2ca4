/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_VAR_H
#define KPI_NET_IF_VAR_H

/* Interface statistics as programs see them, and the families by Apple's number. */

#include <sys/time.h>
#include <sys/types.h>

#define IFNAMSIZ  16
#define IF_MINMTU 72
#define IF_MAXMTU 65535

#define APPLE_IF_FAM_LOOPBACK  1
#define APPLE_IF_FAM_ETHERNET  2
#define APPLE_IF_FAM_SLIP      3
#define APPLE_IF_FAM_TUN       4
#define APPLE_IF_FAM_VLAN      5
#define APPLE_IF_FAM_PPP       6
#define APPLE_IF_FAM_PVC       7
#define APPLE_IF_FAM_DISC      8
#define APPLE_IF_FAM_MDECAP    9
#define APPLE_IF_FAM_GIF       10
#define APPLE_IF_FAM_FAITH     11
#define APPLE_IF_FAM_STF       12
#define APPLE_IF_FAM_FIREWIRE  13
#define APPLE_IF_FAM_BOND      14
#define APPLE_IF_FAM_CELLULAR  15
#define APPLE_IF_FAM_6LOWPAN   16
#define APPLE_IF_FAM_UNUSED_16 16
#define APPLE_IF_FAM_UTUN      17
#define APPLE_IF_FAM_IPSEC     18

/* Packed to 4 bytes because routing messages carry it to 32-bit programs too. */
#pragma pack(push, 4)

struct if_data {
    uint8_t ifi_type;
    uint8_t ifi_typelen;
    uint8_t ifi_physical;
    uint8_t ifi_addrlen;
    uint8_t ifi_hdrlen;
    uint8_t ifi_recvquota;
    uint8_t ifi_xmitquota;
    uint8_t ifi_unused1;
    uint32_t ifi_mtu;
    uint32_t ifi_metric;
    uint32_t ifi_baudrate;
    uint32_t ifi_ipackets;
    uint32_t ifi_ierrors;
    uint32_t ifi_opackets;
    uint32_t ifi_oerrors;
    uint32_t ifi_collisions;
    uint32_t ifi_ibytes;
    uint32_t ifi_obytes;
    uint32_t ifi_imcasts;
    uint32_t ifi_omcasts;
    uint32_t ifi_iqdrops;
    uint32_t ifi_noproto;
    uint32_t ifi_recvtiming;
    uint32_t ifi_xmittiming;
    struct timeval32 ifi_lastchange;
    uint32_t ifi_unused2;
    uint32_t ifi_hwassist;
    uint32_t ifi_reserved1;
    uint32_t ifi_reserved2;
};

struct if_data64 {
    uint8_t ifi_type;
    uint8_t ifi_typelen;
    uint8_t ifi_physical;
    uint8_t ifi_addrlen;
    uint8_t ifi_hdrlen;
    uint8_t ifi_recvquota;
    uint8_t ifi_xmitquota;
    uint8_t ifi_unused1;
    uint32_t ifi_mtu;
    uint32_t ifi_metric;
    uint64_t ifi_baudrate;
    uint64_t ifi_ipackets;
    uint64_t ifi_ierrors;
    uint64_t ifi_opackets;
    uint64_t ifi_oerrors;
    uint64_t ifi_collisions;
    uint64_t ifi_ibytes;
    uint64_t ifi_obytes;
    uint64_t ifi_imcasts;
    uint64_t ifi_omcasts;
    uint64_t ifi_iqdrops;
    uint64_t ifi_noproto;
    uint32_t ifi_recvtiming;
    uint32_t ifi_xmittiming;
    struct timeval32 ifi_lastchange;
};

#pragma pack(pop)

#endif
