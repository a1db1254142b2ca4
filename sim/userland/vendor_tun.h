/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VENDOR_TUN_H
#define VENDOR_TUN_H

/*
 * com.vendor.tun, a kext of another vendor, compiled like a kext, as Cisco's was: it owns the PF_INET plumber
 * of IFNET_FAMILY_TUN and an interface vtun0 of that family (facts museum F01: the plumber is
 * what errno 17 was about).
 */

#include <system.h>

#define VENDOR_TUN_BUNDLE "com.vendor.tun"

/* For ksim_kext_register. It lives for ever. */
extern const struct ksim_kext_image vendor_tun_image;

/*
 * From its next start on vtun0 takes the interface family of another kext (NULL: IFNET_FAMILY_TUN) and
 * relies on that kext's plumbers. For all machines; whoever loads it says so each time.
 */
void vendor_tun_use_family_of(const char *bundle_id);

/* How often vtun0 and interfaces that are not the vendor's came to its plumber since its start. */
unsigned vendor_tun_plumbed_own(void);
unsigned vendor_tun_plumbed_foreign(void);
/* Packets the stack sent through vtun0. */
unsigned vendor_tun_sent(void);

#endif
