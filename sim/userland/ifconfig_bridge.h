/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef IFCONFIG_BRIDGE_H
#define IFCONFIG_BRIDGE_H

/*
 * The part of ifconfig(8) that is about bridges, as the system calls it makes: SIOCIFCREATE,
 * SIOCIFDESTROY, and SIOCSDRVSPEC or SIOCGDRVSPEC with the requests of bsd/net/if_bridgevar.h. Each must
 * run on a thread of `process` and returns 0 or more, or -errno (Darwin). ifconfig's words for a failure
 * are "ifconfig: SIOCIFCREATE2: ..." and "SIOCIFDESTROY: ...", and "ifconfig: BRDGADD MEMBER: ..." and
 * "BRDGDEL MEMBER: ...", each with exit status 1.
 */

#include <stddef.h>
#include <stdint.h>

struct process;

enum { IFCONFIG_BRIDGE_NAME_BYTES = 16, IFCONFIG_BRIDGE_LINES_BYTES = 4096 };

/*
 * ifconfig NAME create. `name` has room for IFCONFIG_BRIDGE_NAME_BYTES; "bridge" becomes the name of the one
 * that was made, which ifconfig then prints. -EINVAL no such kind, -EEXIST, -EPERM.
 */
int ifconfig_bridge_create(struct process *process, char *name);
/* ifconfig NAME destroy. -EINVAL, -ENXIO, -EPERM. */
int ifconfig_bridge_destroy(struct process *process, const char *name);
/*
 * ifconfig NAME addm MEMBER, deletem MEMBER. -ENOENT no such interface, or not a member; -EEXIST member
 * already; -EBUSY of another bridge; -EINVAL not Ethernet, another mtu, or NAME is no bridge.
 */
int ifconfig_bridge_add(struct process *process, const char *name, const char *member);
int ifconfig_bridge_delete(struct process *process, const char *name, const char *member);
/* ifconfig NAME flush: forgets the addresses that were learnt. */
int ifconfig_bridge_flush(struct process *process, const char *name);

/* What the bridge knows of one member and of one address. */
struct ifconfig_bridge_member {
    char name[IFCONFIG_BRIDGE_NAME_BYTES];
    uint32_t flags;
    unsigned port, address_count, address_limit, priority, path_cost;
};
struct ifconfig_bridge_address {
    char member[IFCONFIG_BRIDGE_NAME_BYTES];
    uint8_t link[6];
    unsigned expires_seconds;
    uint8_t flags;
    unsigned vlan;
};
/* Up to `room` of them; how many there were. In order of joining; newest first. */
int ifconfig_bridge_members(struct process *process, const char *name,
                            struct ifconfig_bridge_member *members, unsigned room);
int ifconfig_bridge_addresses(struct process *process, const char *name,
                              struct ifconfig_bridge_address *addresses, unsigned room);

/*
 * The lines that `ifconfig bridge0` prints between the addresses and the media: "Configuration:" and one
 * block for each member. "" and 0 when `name` is no bridge. Always ended by NUL.
 */
int ifconfig_bridge_lines(struct process *process, const char *name, char *lines, size_t room);
/* The lines of `ifconfig bridge0 addr`, one for each address. */
int ifconfig_bridge_address_lines(struct process *process, const char *name, char *lines,
                                  size_t room);

#endif
