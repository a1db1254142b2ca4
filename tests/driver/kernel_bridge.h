/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_BRIDGE_H
#define KERNEL_BRIDGE_H

/*
 * The kernel's own bridge with one member, as far as a driver can tell: it attaches its protocol, makes the
 * member promiscuous, and takes every frame of it; from macOS 15 on before the driver's demux is asked,
 * earlier as an interface filter (facts kpi-ifnet 19). Rules as in kernel_view.h.
 */

/* Darwin errno. One bridge at a time. */
int kernel_bridge_join(const char *name);
/* Before the interface goes away. */
void kernel_bridge_leave(void);
/* Frames taken since it joined. */
unsigned kernel_bridge_taken(void);

#endif
