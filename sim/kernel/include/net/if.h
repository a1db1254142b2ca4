/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_H
#define KPI_NET_IF_H

/* Interface flags, and the records of interface ioctls. */

#include <net/if_var.h>
#include <sys/cdefs.h>
#include <sys/socket.h>
#include <sys/types.h>

#define IF_NAMESIZE 16

#define IFF_UP          0x1
#define IFF_BROADCAST   0x2
#define IFF_DEBUG       0x4
#define IFF_LOOPBACK    0x8
#define IFF_POINTOPOINT 0x10
#define IFF_NOTRAILERS  0x20
#define IFF_RUNNING     0x40
#define IFF_NOARP       0x80
#define IFF_PROMISC     0x100
#define IFF_ALLMULTI    0x200
#define IFF_OACTIVE     0x400
#define IFF_SIMPLEX     0x800
#define IFF_LINK0       0x1000
#define IFF_LINK1       0x2000
#define IFF_ALTPHYS     0x4000
#define IFF_LINK2       0x4000
#define IFF_MULTICAST   0x8000

#define IFQ_MAXLEN 128

#define IFCAP_RXCSUM         0x1
#define IFCAP_TXCSUM         0x2
#define IFCAP_HWCSUM         0x3
#define IFCAP_VLAN_MTU       0x4
#define IFCAP_VLAN_HWTAGGING 0x8
#define IFCAP_JUMBO_MTU      0x10
#define IFCAP_TSO4           0x20
#define IFCAP_TSO6           0x40
#define IFCAP_TSO            0x60
#define IFCAP_LRO            0x80
#define IFCAP_AV             0x100

#define IFSTATMAX 800

struct ifdevmtu {
    int ifdm_current;
    int ifdm_min;
    int ifdm_max;
};

#pragma pack(push, 4)

struct ifkpi {
    uint32_t ifk_module_id;
    uint32_t ifk_type;
    union {
        void *ifk_ptr;
        uint64_t ifk_ptr64;
        int ifk_value;
    } ifk_data;
};

#pragma pack(pop)

/* The argument of most interface ioctls: a name, and what is asked or given. */
struct ifreq {
    char ifr_name[16];
    union {
        struct sockaddr ifru_addr;
        struct sockaddr ifru_broadaddr;
        int ifru_cap[2];
        char *ifru_data;
        struct ifdevmtu ifru_devmtu;
        struct sockaddr ifru_dstaddr;
        int16_t ifru_flags;
        uint32_t ifru_functional_type;
        int ifru_intval;
        struct ifkpi ifru_kpi;
        int ifru_media;
        int ifru_metric;
        int ifru_mtu;
        int ifru_phys;
        uint32_t ifru_route_refcnt;
        uint32_t ifru_wake_flags;
    } ifr_ifru;
};

#define ifr_addr ifr_ifru.ifru_addr
#define ifr_dstaddr ifr_ifru.ifru_dstaddr
#define ifr_broadaddr ifr_ifru.ifru_broadaddr
#define ifr_flags ifr_ifru.ifru_flags
#define ifr_metric ifr_ifru.ifru_metric
#define ifr_mtu ifr_ifru.ifru_mtu
#define ifr_phys ifr_ifru.ifru_phys
#define ifr_media ifr_ifru.ifru_media
#define ifr_data ifr_ifru.ifru_data
#define ifr_devmtu ifr_ifru.ifru_devmtu
#define ifr_intval ifr_ifru.ifru_intval
#define ifr_kpi ifr_ifru.ifru_kpi
#define ifr_wake_flags ifr_ifru.ifru_wake_flags
#define ifr_reqcap ifr_ifru.ifru_cap[0]
#define ifr_curcap ifr_ifru.ifru_cap[1]

/* SIOCAIFADDR. */
struct ifaliasreq {
    char ifra_name[16];
    struct sockaddr ifra_addr;
    struct sockaddr ifra_broadaddr;
    struct sockaddr ifra_mask;
};

#pragma pack(push, 4)

/* SIOCSDRVSPEC, SIOCGDRVSPEC. */
struct ifdrv {
    char ifd_name[16];
    unsigned long ifd_cmd;
    size_t ifd_len;
    void *ifd_data;
};

#pragma pack(pop)

/* SIOCGIFSTATUS: lines of text, ended with a NUL. */
struct ifstat {
    char ifs_name[16];
    char ascii[IFSTATMAX + 1];
};

/* What begins the data of every KEV_DL_SUBCLASS event. */
struct net_event_data {
    uint32_t if_family;
    uint32_t if_unit;
    char if_name[16];
};

struct kev_dl_proto_data {
    struct net_event_data link_data;
    uint32_t proto_family;
    uint32_t proto_remaining_count;
};

#endif
