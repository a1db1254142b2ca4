/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_ADDRESS_H
#define KSIM_INET_ADDRESS_H

/*
 * Making, changing and removing IPv4 addresses of interfaces (inet_address.c), apart from the ioctls
 * that ask for it (inet_control.c). Facts: kpi-ifnet.md 17.1, 17.2.
 */

#include <inet_stack.h>

/*
 * A new record without address on the interface's list and the global one; then plumbs PF_INET,
 * whose error is discarded as xnu does. The lists own it; the caller has a reference as well, because it may be deleted
 * meanwhile. NULL on the fault "inet address".
 */
struct inet4_address *inet4_address_create(ifnet_t interface);

/*
 * in_ifinit: stores the address, tells the driver (SIOCSIFADDR for the interface's first, else
 * SIOCAIFADDR and SIOCSIFADDR for the primary), makes mask, broadcast and routes, joins 224.0.0.1.
 * EOPNOTSUPP from the driver is success; on any other error the old address is back.
 */
errno_t inet4_address_initialize(struct inet4_address *address, const struct sockaddr_in *value);

/*
 * SIOCDIFADDR: asks the driver (any error but EOPNOTSUPP ends it), removes the record, re-announces
 * the new primary, posts the event.
 */
errno_t inet4_address_delete(struct inet4_address *address);

/* Posts a KEV_INET event about an address. */
void inet4_address_post(const struct inet4_address *address, uint32_t code);

/* ifnet_ioctl in which "not supported" is success. */
errno_t inet_tell_driver(ifnet_t interface, protocol_family_t family, unsigned long command,
                         void *argument);

#endif
