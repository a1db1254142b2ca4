/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BRIDGE_H
#define KSIM_BRIDGE_H

/*
 * Ethernet bridges, bridge0 and so on (bsd/net/if_bridge.c, facts kpi-ifnet.md section 19): made by
 * SIOCIFCREATE, gone by SIOCIFDESTROY, given members by SIOCSDRVSPEC with BRDGADD and BRDGDEL.
 *
 * A bridge puts an interface filter on each member and its own protocol, PF_BRIDGE, beside, and makes the
 * member promiscuous. What a member receives is learnt from, given to the bridge interface, to the member
 * whose address it carries, sent out of the member where its destination was last heard, or out of all;
 * what the stack sends through a member goes the same ways. Frames that the bridge sends or gives to
 * a member are marked, and marked ones are left alone. From darwin13 on frames for all go only to
 * members whose driver says that its link is active. From darwin24 on frames are taken before the
 * driver's demux, on interfaces with an input thread of their own, and the filter leaves them alone.
 *
 * An address that was learnt lives 20 minutes after it was last heard and then until the next pruning, every
 * 5 minutes from the moment the bridge came up; 100 are kept. Not emulated, because nobody here can see
 * them: spanning tree (its frames are swallowed and no member takes part), span ports, MAC NAT, the host
 * filter, pf on members, 802.1Q beyond passing tagged frames.
 *
 * Locks: bridge->lock is taken inside filters and outside everything else; a bridge holds it over no call of
 * a driver but those that XNU makes so as well (promiscuous mode and media status when a member comes).
 * A walk over the members outside it counts as a reader; taking a member out waits for readers.
 */

#include <interface.h>

enum {
    BRIDGE_ADDRESSES_MAX = 100,
    BRIDGE_TIMEOUT_SECONDS = 20 * 60,
    BRIDGE_PRUNE_SECONDS = 5 * 60,
    BRIDGE_UNIT_LARGEST = 0x7fff,
    BRIDGE_LINK_BYTES = 6,
    BRIDGE_MEMBER_LEARNING = 1,
    BRIDGE_MEMBER_DISCOVER = 2,
    BRIDGE_MARK = 0x0008 /* of struct __mbuf.flags: M_PROTO1, which no driver can see */
};

struct bridge_member {
    struct bridge_member *next; /* in order of joining */
    struct bridge *bridge;
    ifnet_t interface;
    interface_filter_t filter;
    uint32_t flags; /* as BRDGGIFS shows them */
    bool promiscuous, media_active, filter_attached, protocol_attached;
    bool input_broadcast; /* others use the interface as well: frames for all come in there too */
};

struct bridge_address {
    struct bridge_address *next; /* newest first */
    uint8_t link[BRIDGE_LINK_BYTES];
    struct bridge_member *member;
    uint64_t expires_ns;
};

struct bridge {
    ifnet_t interface;
    struct bridge *next;
    lck_mtx_t *lock;
    struct bridge_member *members;
    unsigned readers, excluders;
    struct bridge_address *addresses;
    unsigned address_count;
    uint64_t up_since_ns; /* pruning counts from here */
    bool detaching, media_active;
    bpf_packet_func bpf_in, bpf_out;
    uint8_t default_link[BRIDGE_LINK_BYTES];
    char name[IFNAMSIZ];
};

/* --- bridge.c ------------------------------------------------------------------------------------ */

/*
 * SIOCIFCREATE: `name` ("bridge0", or "bridge" for the first free unit, which is then written back) has
 * room for IFNAMSIZ bytes. EINVAL no such kind of interface; EEXIST; ENXIO unit too large; EBUSY the
 * last one of that name is still being detached. Bridges exist from darwin11 on.
 */
errno_t ksim_interface_clone_create(char *name);
/* SIOCIFDESTROY: EINVAL, ENXIO. The interface goes when the detacher comes to it. */
errno_t ksim_interface_clone_destroy(const char *name);

void ksim_bridge_lock(struct bridge *bridge);
void ksim_bridge_unlock(struct bridge *bridge);
/* Begins a walk over the members, giving the lock up: false (lock given up as well) while one leaves. */
bool ksim_bridge_read_begin(struct bridge *bridge);
void ksim_bridge_read_end(struct bridge *bridge);

/* --- bridge_member.c ----------------------------------------------------------------------------- */

/* BRDGADD, BRDGDEL with the lock held, which they give up in between. Errors: kpi-ifnet.md 19. */
errno_t ksim_bridge_member_add(struct bridge *bridge, const char *name);
errno_t ksim_bridge_member_delete(struct bridge *bridge, const char *name);
/* Takes a member out; `gone`: its interface is going away, so its mode is left alone. Lock held. */
void ksim_bridge_member_remove(struct bridge *bridge, struct bridge_member *member, bool gone);
/* By interface; the lock is held. */
struct bridge_member *ksim_bridge_member_find(struct bridge *bridge, ifnet_t interface);

/* --- bridge_address.c; the lock is held ---------------------------------------------------------- */

/* Notes where a frame came from. Group and zero addresses teach nothing, nor does a 101st one. */
void ksim_bridge_learn(struct bridge *bridge, struct bridge_member *member, const uint8_t *link);
/* The member behind an address; NULL: unknown. */
struct bridge_member *ksim_bridge_lookup(struct bridge *bridge, const uint8_t *link);
/* Forgets what is behind a member, or everything with NULL. */
void ksim_bridge_forget(struct bridge *bridge, const struct bridge_member *member);
unsigned ksim_bridge_address_count(struct bridge *bridge, const struct bridge_member *member);
/* Drops what pruning would have dropped by now. */
void ksim_bridge_prune(struct bridge *bridge);

/* --- bridge_input.c ------------------------------------------------------------------------------ */

/* The member's filter. 0: the packet goes on where it was; EJUSTRETURN: it was taken. */
errno_t ksim_bridge_filter_input(void *cookie, ifnet_t interface, protocol_family_t family,
                                 mbuf_t *packet, char **header);
/*
 * Before demux (bridge_early_input), for a member: the packet to go on with, or NULL when it was taken.
 * Called for interfaces with a thread of their own on releases that have it.
 */
mbuf_t ksim_bridge_early_input(ifnet_t interface, mbuf_t packet);

/* --- bridge_output.c ----------------------------------------------------------------------------- */

errno_t ksim_bridge_filter_output(void *cookie, ifnet_t interface, protocol_family_t family,
                                  mbuf_t *packet);
/* if_output of the bridge interface itself. */
errno_t ksim_bridge_output(ifnet_t interface, mbuf_t packet);
/* Sends a whole frame out of a member, marked. No lock held. */
errno_t ksim_bridge_enqueue(struct bridge *bridge, ifnet_t to, mbuf_t packet);
/* Sends a frame out of all members but `from` (NULL: all). The lock is held and given up. */
void ksim_bridge_flood(struct bridge *bridge, ifnet_t from, mbuf_t packet);

/* --- bridge_ioctl.c ------------------------------------------------------------------------------ */

errno_t ksim_bridge_ioctl(ifnet_t interface, unsigned long command, void *argument);

#endif
