/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IFCONFIG_H
#define IFCONFIG_H

/*
 * What ifconfig(8) asks the kernel, as the system calls it makes: a datagram socket and one interface
 * request. Each returns 0 or -errno (Darwin) and must run on a thread of `process`, whose user has
 * to be root for everything that changes something. Addresses are in network order.
 */

#include <stddef.h>
#include <stdint.h>

struct process;

enum { IFCONFIG_STATUS_BYTES = 801 };

/* ifconfig NAME up, ifconfig NAME down */
int ifconfig_up(struct process *process, const char *name);
int ifconfig_down(struct process *process, const char *name);

/* ifconfig NAME mtu N */
int ifconfig_mtu(struct process *process, const char *name, int mtu);

/* ifconfig NAME lladdr XX:XX:XX:XX:XX:XX */
int ifconfig_lladdr(struct process *process, const char *name, const uint8_t lladdr[6]);

/*
 * ifconfig NAME inet ADDRESS/PREFIX, or with `destination` (NULL for none) the point-to-point form
 * ifconfig NAME ADDRESS DESTINATION.
 */
int ifconfig_inet(struct process *process, const char *name, const uint8_t address[4],
                  unsigned prefix_bits, const uint8_t destination[4]);

/* ifconfig NAME inet6 ADDRESS prefixlen PREFIX */
int ifconfig_inet6(struct process *process, const char *name, const uint8_t address[16],
                   unsigned prefix_bits);

/* The driver's own lines, as ifconfig prints them after "status"; always ended by NUL. */
int ifconfig_status(struct process *process, const char *name, char status[IFCONFIG_STATUS_BYTES]);

#endif
