/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET6_ADDRESS_H
#define KSIM_INET6_ADDRESS_H

/*
 * Making and removing IPv6 addresses of interfaces; the ioctls are in inet6_control.c.
 */

#include <inet_stack.h>
#include <netinet6/in6_var.h>

/* The record with this address on an interface; bytes NULL: its first. */
struct inet6_address *inet6_address_on(ifnet_t interface, const uint8_t *bytes);

/*
 * Adds an address or changes mask, destination and flags of one that is there. The driver is told of the
 * interface's first (SIOCSIFADDR; EOPNOTSUPP is success, another error undoes the addition). Joins
 * the solicited-node group, ff02::1 and ff01::1. Groups that the interface refuses are left out.
 * EINVAL, ENOBUFS, or the driver's error.
 */
errno_t inet6_address_add(ifnet_t interface, const struct in6_aliasreq *request);

/* fe80:: with the modified EUI-64 of the link address; 0 when there is one, EADDRNOTAVAIL without link address. */
errno_t inet6_address_add_link_local(ifnet_t interface);

/* Removes an address; the driver is not asked. EADDRNOTAVAIL when it has gone meanwhile. */
errno_t inet6_address_delete(struct inet6_address *address);

void inet6_address_post(const struct inet6_address *address, uint32_t code);

/* A prefix mask of so many bits. */
void inet6_mask(struct sockaddr_in6 *mask, unsigned bits);

#endif
