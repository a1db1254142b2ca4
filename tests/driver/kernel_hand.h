/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HAND_H
#define KERNEL_HAND_H

/*
 * What the kernel keeps about an interface besides packets, as another kext counts it, and the one
 * thing another kext can do that no driver likes: detach it. Rules as in kernel_view.h.
 */

#include <stdint.h>

/* How many addresses of a family (KSIM_AF_*) an interface has, and how many multicast groups. */
int kernel_hand_addresses(const char *name, unsigned family, unsigned *count);
int kernel_hand_groups(const char *name, unsigned *count);

/* ifnet_detach; what it said. */
int kernel_hand_detach(const char *name);

/* The MTU, 0 when there is no such interface. */
uint32_t kernel_hand_mtu(const char *name);

#endif
