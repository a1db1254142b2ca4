/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VENDOR_KEXTS_H
#define VENDOR_KEXTS_H

/*
 * Kexts of another vendor, compiled like kexts, that live on the same Mac as ours:
 *   com.vendor.tun    owns the PF_INET plumber of IFNET_FAMILY_TUN and an interface vtun0 of that
 *                     family (facts museum F01: the plumber is what errno 17 was about)
 *   com.vendor.nodes  owns /dev/tun3 and /dev/tap3
 * One machine at a time: their variables are not saved.
 */

#include <system.h>

extern const struct ksim_kext_image vendor_tun_image;
extern const struct ksim_kext_image vendor_nodes_image;

/*
 * From its next start on vtun0 takes the interface family of another kext (NULL: IFNET_FAMILY_TUN) and
 * relies on that kext's plumbers.
 */
void vendor_tun_use_family_of(const char *bundle_id);

/* How often vtun0 and interfaces that are not the vendor's came to its plumber since its start. */
unsigned vendor_tun_plumbed_own(void);
unsigned vendor_tun_plumbed_foreign(void);
/* Packets the stack sent through vtun0. */
unsigned vendor_tun_sent(void);

#endif
