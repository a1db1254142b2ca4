/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ETHER_INET_H
#define KSIM_ETHER_INET_H

/*
 * The kernel's IPv4 and IPv6 over Ethernet: plumbers for IFNET_FAMILY_ETHERNET, with the protocols' input,
 * pre_output, ioctl, resolve and send_arp functions. Facts: kpi-ifnet.md 14.4, 16.3, 17.1.
 */

#include <inet_stack.h>

/* Registers both plumbers. */
void ksim_ether_inet_boot(void);

/* The plumbers' attach functions: EEXIST when the protocol is attached already. */
errno_t ksim_ether_inet_attach(ifnet_t interface, protocol_family_t family);
errno_t ksim_ether_inet6_attach(ifnet_t interface, protocol_family_t family);

/*
 * What both share. A raw destination (AF_UNSPEC, or bpf's "header complete") names its link address
 * and type itself: true, and both are filled.
 */
bool ksim_ether_raw_destination(const struct sockaddr *destination, mbuf_t packet, char *frame_type,
                                char *link);
/* ENETDOWN unless UP and RUNNING. */
errno_t ksim_ether_ready(ifnet_t interface);
/* The multicast link address of a group by asking the interface; 0 or its refusal. */
errno_t ksim_ether_multicast_link(ifnet_t interface, const struct sockaddr *group, uint8_t *link);
/* An AF_LINK sockaddr for a 6-byte address; ENOBUFS/EMSGSIZE when `bytes` is too small. */
errno_t ksim_ether_fill_link(ifnet_t interface, const uint8_t *link, struct sockaddr_dl *out,
                             size_t bytes);
/* Brings the interface up as the kernel does when it gets its first address while not RUNNING. */
void ksim_ether_start(ifnet_t interface);

#endif
