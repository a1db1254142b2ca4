/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VENDOR_KEXTS_H
#define VENDOR_KEXTS_H

/*
 * A kext of another vendor, compiled like a kext, that lives on the same Mac as ours:
 * com.vendor.nodes owns /dev/tun3 and /dev/tap3. One machine at a time: its variables are not saved.
 * com.vendor.tun is in sim/userland/vendor_tun.h.
 */

#include <system.h>

#include <vendor_tun.h>

extern const struct ksim_kext_image vendor_nodes_image;

#endif
