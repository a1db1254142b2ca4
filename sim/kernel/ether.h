/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ETHER_H
#define KSIM_ETHER_H

/*
 * The kernel's Ethernet family module: functions a driver may name in its ifnet_init_params
 * (ether_demux and the others below). They are not in Apple's public headers, so they are declared
 * here. Demux descriptors are kept by the kernel for each interface.
 */

#include <interface.h>
#include <net/ethernet.h>

/*
 * Kinds of demux descriptor (kpi-ifnet.md 21.4): two bytes of Ethernet type in network order, one byte
 * of SAP, five bytes of SNAP. Apple's net/dlil.h, which has them, is not in the SDK.
 */
enum { DLIL_DESC_ETYPE2 = 4, DLIL_DESC_SAP = 5, DLIL_DESC_SNAP = 6 };

/* One registered descriptor: packets of this kind belong to `family`. */
struct ether_descriptor {
    struct ether_descriptor *next;
    ifnet_t interface;
    protocol_family_t family;
    uint32_t type; /* DLIL_DESC_ETYPE2 or DLIL_DESC_SAP, DLIL_DESC_SNAP */
    unsigned char bytes[5];
    uint32_t length_bytes;
};

/* Marks BCAST, MCAST and PROMISC on a frame as every Ethernet demux must (section 15.4). */
void ksim_ether_classify(ifnet_t interface, mbuf_t packet, const unsigned char *frame_header);

/* The family module itself. */
errno_t ether_demux(ifnet_t interface, mbuf_t packet, char *frame_header,
                    protocol_family_t *protocol) KPI_SYMBOL(ether_demux);
errno_t ether_add_proto(ifnet_t interface, protocol_family_t protocol,
                        const struct ifnet_demux_desc *descriptors, u_int32_t count)
    KPI_SYMBOL(ether_add_proto);
errno_t ether_del_proto(ifnet_t interface, protocol_family_t protocol) KPI_SYMBOL(ether_del_proto);
/*
 * Prepends the Ethernet header. On a SIMPLEX interface a broadcast is copied to lo0 and a frame to the
 * interface's own address goes there instead (section 14.4). EJUSTRETURN: the packet is gone.
 */
errno_t ether_frameout(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
                       const char *link_destination, const char *frame_type)
    KPI_SYMBOL(ether_frameout);
/* AF_LINK, AF_UNSPEC: 0 for a group address, else EADDRNOTAVAIL. Any other family: EAFNOSUPPORT. */
errno_t ether_check_multi(ifnet_t interface, const struct sockaddr *address)
    KPI_SYMBOL(ether_check_multi);
/* Nothing is the family's own business: EOPNOTSUPP. */
errno_t ether_ioctl(ifnet_t interface, u_int32_t command, void *argument) KPI_SYMBOL(ether_ioctl);

#endif
