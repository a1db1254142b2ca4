/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ETHERNET_NIC_H
#define KSIM_ETHERNET_NIC_H

/*
 * en0: an Ethernet card of the emulated Mac, 00:00:5e:00:53:01, 1 Gbit/s, and its driver, which is as
 * much a client of the interface layer as any kext (kpi_interface.h), but part of the kernel: it is
 * there from boot, belongs to no kext and cannot be unloaded. The card passes on what is addressed to
 * it, to all and to groups, and everything while promiscuous; it pads and it drops frames that are
 * longer than the interface's mtu. Its media status follows the cable (lan_host.h).
 */

#include <ksim.h>

/* Makes and attaches en0. After interfaces, bpf and the LAN. Outside every thread: blocks nowhere. */
void ksim_ethernet_nic_boot(struct ksim *kernel);

/* A frame comes out of the wire: on the LAN's thread, which stands for the card's interrupt. */
void ksim_ethernet_nic_receive(const uint8_t *frame, size_t bytes);

/* The cable goes in or out. On a thread: posts the link event. */
void ksim_ethernet_nic_cable(bool plugged);

#endif
