/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_HAND_H
#define KERNEL_HAND_H

/*
 * What the kernel keeps about an interface besides packets, as another kext counts it, and what another kext
 * can take. (That it can detach the interface is foreign_hand.h's.) Rules as in kernel_view.h.
 */

#include <stdint.h>

/* How many addresses of a family (KSIM_AF_*) an interface has, and how many multicast groups. */
int kernel_hand_addresses(const char *name, unsigned family, unsigned *count);
int kernel_hand_groups(const char *name, unsigned *count);

/* How many protocols are attached. */
int kernel_hand_protocols(const char *name, unsigned *count);

/* A node /dev/NAME, root:wheel 0600, for any device number; NULL: none. And its end. */
void *kernel_hand_node_make(unsigned major, unsigned minor, const char *name);
void kernel_hand_node_remove(void *node);

/* The kernel takes a major number over that a kext has (museum F03). */
void kernel_hand_major_steal(unsigned major);

/* The MTU, 0 when there is no such interface. */
uint32_t kernel_hand_mtu(const char *name);

#endif
