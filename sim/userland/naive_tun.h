/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NAIVE_TUN_H
#define NAIVE_TUN_H

/*
 * org.example.naive-tun, a kext as somebody writes a tun who believes what it looks like: the interface ntun0 and
 * the device /dev/ntun0, whose written packets the stack receives. Two famous mistakes are in it, for sessions
 * to show what they look like on a Mac:
 *   it wants to be the plumber of IPv4 for IFNET_FAMILY_TUN, so it fails with 17 (EEXIST) to load beside another
 *   kext that is (facts museum F01);
 *   it frees a packet that ifnet_input refused, which XNU has freed already: the Mac panics (museum A01).
 */

#include <system.h>

#define NAIVE_TUN_BUNDLE "org.example.naive-tun"

/* For ksim_kext_register. It lives for ever. */
extern const struct ksim_kext_image naive_tun_image;

#endif
