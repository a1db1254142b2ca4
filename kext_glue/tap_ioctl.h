/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_TAP_IOCTL_H
#define TUNTAP_TAP_IOCTL_H

/*
 * The interface ioctls that only an Ethernet interface has: SIOCSIFLLADDR, SIOCGIFMEDIA.
 *
 * No public kernel header has SIOCGIFMEDIA's record; both widths are defined here (facts
 * kpi-exports/constants.md). Sources of behaviour: kpi-ifnet 7, 17, 19.
 */

#include "kind.h"

/* Ends with command 0. */
extern const struct tuntap_interface_ioctl tuntap_tap_interface_ioctls[];

#endif
