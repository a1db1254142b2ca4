/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_PLUMB_H
#define TUNTAP_PLUMB_H

/*
 * tun's protocol plumbing: what connects IPv4 and IPv6 to a tun interface when it gets its first
 * address.
 *
 * A plumber is keyed by (protocol family, interface family). tun has an interface family of its own
 * (ifnet_interface_family_find), so that it never meets another vendor's plumber for
 * IFNET_FAMILY_TUN and its errno 17. Only interfaces of ours are plumbed, so none keeps pointers
 * into this kext after unload. Sources: facts kpi-ifnet 11, 16.3; museum F01, F13.
 */

#include <sys/types.h>

/* Finds the family (tuntap_driver.family) and registers both plumbers. 0, or the errno of the step
 * that failed, which is printed; what this load registered is unregistered, nothing else is. No
 * locks. */
errno_t tuntap_plumb_start(void);

/* Unregisters both. No interface of ours may be left. No locks. */
void tuntap_plumb_stop(void);

#endif
