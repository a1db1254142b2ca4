/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_ADDRESS_H
#define TUNTAP_ADDRESS_H

/*
 * The end of an interface's network addresses. From 10.7 on the kernel removes them in its final
 * detach; 10.6 does not, and the next session of a recycled interface would meet them. Sources:
 * facts kpi-ifnet 4.3, 17; museum A07, A08.
 */

#include <net/kpi_interface.h>

/* Removes what IPv4 and IPv6 addresses an attached interface has, as `ifconfig delete` does but
 * whoever the caller is. Best effort: what cannot be removed stays. The stack asks the driver back
 * for each (if_ioctl), so no lock may be held. May block. */
void tuntap_addresses_remove(ifnet_t interface);

#endif
