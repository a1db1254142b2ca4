/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAMILY_TUN_H
#define FAMILY_TUN_H

/*
 * An interface of IFNET_FAMILY_TUN as the kexts of other vendors make one, compiled like a kext: one number of
 * interface family for all of them, and IPv4 through a plumber that is registered for the family and not for
 * the interface (facts museum F01, F13). vendor_tun and naive_tun stand on it.
 */

#include <stdbool.h>

#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>

/* Part of the kext's variables; the interface's cookie. */
struct family_tun {
    ifnet_t interface;
    unsigned plumbed_own, plumbed_foreign; /* how often the plumber was called for whom */
    unsigned sent;                         /* packets from the stack; all are dropped */
    bool detached;
};

/*
 * Makes and attaches unit 0 of `name`, point to point, mtu 1500; `bundle` is the unique id. The family is
 * IFNET_FAMILY_TUN, or with `family_owner` the one that this bundle got for itself. The error is that of
 * ifnet_interface_family_find, ifnet_allocate or ifnet_attach, and then nothing is held. May block; no locks held.
 */
errno_t family_tun_create(struct family_tun *tun, const char *bundle, const char *name,
                          const char *family_owner);

/* Detaches, waits for the kernel's callback, releases. The error is that of ifnet_detach: nothing was done. */
errno_t family_tun_destroy(struct family_tun *tun);

/* What the kext's plumber does: its own interface is attached, any other is refused with ENXIO. */
errno_t family_tun_plumb(struct family_tun *tun, ifnet_t interface, protocol_family_t protocol);

#endif
