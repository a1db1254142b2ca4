/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INTERFACE_H
#define KSIM_INTERFACE_H

/*
 * Network interfaces: what XNU keeps in bsd/net/dlil.c, if.c and kpi_interface.c.
 * Rules: facts/kpi-ifnet.md, whose section numbers are cited below.
 *
 * An interface record is never freed: it is marked not-in-use and recycled by (family, unique id).
 * Three counters live apart (section 1):
 *   references     KPI count: allocate, attach, bpf, lists
 *   in_use         recycling gate: set by allocate, cleared after the driver's detached callback
 *   io_references  threads that are inside the driver; the detacher waits until there are none
 *
 * Lock order, outermost first:
 *   proto_family_mutex (protocol.h) > dlil_lock > bpf_lock (bpf.h) > head_lock > interface->lock >
 *   interface->filter_lock, interface->reference_lock, input thread's lock, address_lock
 */

#include <ksim.h>

#include <net/if.h>
#include <net/kpi_interface.h>
#include <net/kpi_interfacefilter.h>
#include <net/kpi_protocol.h>
#include <kern/locks.h>
#include <sys/kpi_mbuf.h>
#include <sys/socket.h>

struct bpf_interface;
struct bridge;
struct ether_descriptor;
struct __socket;
struct interface_input_thread;

/*
 * A bridge that has the interface: takes of a list what it forwards and returns the rest. Called on the interface's
 * own input thread, before demux, no lock held (profiles with bridge_early_input; before, a bridge is an
 * interface filter only).
 */
typedef mbuf_t (*interface_bridge_func)(ifnet_t interface, mbuf_t packets);

/* Attach state (section 1). Fully attached means exactly ATTACHED of the first three. */
enum interface_state {
    INTERFACE_EMBRYONIC = 1, /* allocated, never attached since */
    INTERFACE_ATTACHED = 2,
    INTERFACE_DETACHING = 4,
    INTERFACE_READY = 8 /* data may move */
};

/* The driver's functions, or the kernel's stubs after final detach (section 4.2 step 7). */
struct interface_callbacks {
    ifnet_output_func output;
    ifnet_demux_func demux;
    ifnet_add_proto_func add_proto;
    ifnet_del_proto_func del_proto;
    ifnet_check_multi check_multi;
    ifnet_framer_func framer;
    ifnet_ioctl_func ioctl;
    ifnet_set_bpf_tap set_bpf_tap;
    ifnet_detached_func detached;
    ifnet_event_func event;
};

/*
 * One address of an interface. Helper code (inet) embeds this record as the first member of its own.
 * The three sockaddr pointers lead into the owner's record; NULL makes the matching ifaddr_ accessor
 * answer ENOTSUP. AF_INET keeps `destination` set always (section 10), with sa_len 0 when unused.
 */
struct __ifaddr {
    struct __ifaddr *next; /* on interface->addresses; link address first */
    ifnet_t interface;
    uint32_t references; /* 1 for the list while linked, 1 for each holder */
    sa_family_t family;
    bool linked;
    struct sockaddr *address;
    struct sockaddr *destination; /* or broadcast address */
    struct sockaddr *netmask;
    void (*destroy)(ifaddr_t address); /* at the last release; NULL = nothing (permanent storage) */
};

#define INTERFACE_LINK_ADDRESS_BYTES 64 /* sdl header, "name" and the hardware address */

/* The link-level address. Its storage is permanent (sections 3 and 7). */
struct interface_link_address {
    struct __ifaddr head;
    union {
        struct sockaddr sa;
        unsigned char bytes[INTERFACE_LINK_ADDRESS_BYTES];
    } address, netmask;
};

/* One multicast membership (section 18). Protocol-level ones point at the link-level one they use. */
struct __ifmultiaddr {
    struct __ifmultiaddr *next;
    struct __ifmultiaddr *next_known; /* every record there is, newest first */
    ifnet_t interface;
    struct __ifmultiaddr *link; /* or NULL; holds one membership of it */
    uint32_t references;        /* record */
    uint32_t memberships;       /* times joined */
    bool linked;                /* on interface->multicasts */
    union {
        struct sockaddr sa;
        unsigned char bytes[128];
    } address;
};

/* v2 protocols get lists, with the frame header in the pkthdr. */
typedef errno_t (*interface_input_list_func)(ifnet_t interface, protocol_family_t family,
                                             mbuf_t packets);

/* One attached protocol (section 16). Lives while referenced; `detached` runs at the last release. */
struct interface_protocol {
    struct interface_protocol *next;
    ifnet_t interface;
    protocol_family_t family;
    uint32_t references;
    bool detached;
    bool takes_lists;  /* v2 */
    const char *owner; /* kext whose functions these are, or NULL */
    proto_media_input input;
    interface_input_list_func input_list;
    proto_media_preout pre_output;
    proto_media_event event;
    proto_media_ioctl ioctl;
    proto_media_detached detached_callback;
    proto_media_resolve_multi resolve;
    proto_media_send_arp send_arp;
};

/* One interface filter (section 19); interface_filter_t points at it. */
struct __ifnet_filter {
    struct __ifnet_filter *next;
    ifnet_t interface;
    struct iff_filter callbacks;
    bool skip; /* being detached: no longer called */
    bool internal; /* the kernel's own, of its bridges */
    const char *owner; /* kext, or NULL: the kernel */
};

struct __ifnet {
    struct __ifnet *next_attached; /* order of attach; guarded by head_lock */
    struct __ifnet *next_known;    /* every record since boot, newest first; dlil_lock */

    /* recycling; guarded by dlil_lock */
    bool in_use;
    bool reused;
    bool built_in; /* the kernel's own (en0, bridges): may outlive every kext and process */
    unsigned char *uniqueid;
    size_t uniqueid_bytes;
    const char *owner; /* name of the kext that allocated it, for reports */

    char name[IFNAMSIZ];   /* without the unit */
    char xname[24];        /* with it; "tun?" while not in use */
    uint32_t unit;
    ifnet_family_t family;
    uint8_t type;
    uint32_t index; /* 0 until first attached; then for ever */

    lck_rw_t *lock;
    bool locked_exclusive;
    lck_mtx_t *reference_lock; /* state, io_references, references, flags' up/down monitor */
    lck_mtx_t *filter_lock;    /* filters, filter_busy, filter_waiters */
    lck_mtx_t *address_lock;   /* bytes of the link address */
    uint32_t references;
    uint32_t state; /* enum interface_state bits */
    uint32_t io_references;
    uint32_t data_movements;
    bool updown_busy;

    uint16_t flags; /* IFF_*; never reset by allocate or attach */
    uint32_t eflags;
    int32_t promiscuous_count;
    int32_t allmulti_count;
    uint32_t mtu;
    uint8_t header_bytes;
    uint8_t address_bytes;
    uint32_t metric;
    uint64_t baudrate;
    ifnet_offload_t offload;
    uint32_t capabilities_supported;
    uint32_t capabilities_enabled;
    uint32_t wake_flags;
    uint32_t tso_v4_mtu;
    uint32_t tso_v6_mtu;
    uint64_t last_change_ns;
    struct ifnet_stats_param statistics;
    void *link_mib;
    uint32_t link_mib_bytes;

    struct interface_callbacks callbacks;
    bool stubbed;        /* final detach took the driver's functions away */
    bool frame_by_ether; /* framer was the kernel's ether_frameout */
    void *softc;
    unsigned char *broadcast; /* link-level; NULL without */
    uint32_t broadcast_bytes;

    struct interface_link_address link_storage;
    ifaddr_t link_address;    /* NULL before the first attach */
    struct __ifaddr *addresses; /* link address first; `lock` */
    struct __ifmultiaddr *multicasts;
    uint32_t multicasts_to_announce; /* after recycling: SIOCADDMULTI(NULL) at the next packet */
    bool protocols_ready;            /* the protocol table exists: set by attach, cleared by detach */
    struct interface_protocol *protocols;
    struct __ifnet_filter *filters; /* order of attach */
    uint32_t filter_busy;
    uint32_t filter_waiters;

    struct interface_input_thread *input; /* NULL: the main input thread serves it */
    interface_bridge_func bridge_input;   /* of the bridge whose member it is; NULL: of none */
    struct bpf_interface *bpf;            /* bpf.h; one per attached link type */
    struct ether_descriptor *ether;       /* ether.h; `lock` */
    struct bridge *bridge;                /* bridge.h: whose member it is, or NULL */

    /* For the protocol stack (inet.h): kept across recycling, never touched here. */
    void *inet;
    void *inet6;
};

struct interface_system {
    lck_grp_t *lock_group;
    lck_mtx_t *raw_lock, *raw6_lock; /* of all raw sockets of a domain (socket.c); NULL: not needed yet */
    lck_mtx_t *dlil_lock; /* acquire, attach, the detacher's queue */
    lck_rw_t *head_lock;  /* list of attached interfaces */
    struct __ifnet *attached;
    struct __ifnet *known;
    struct __ifnet *loopback;
    uint32_t next_index;
    struct interface_detacher *detacher;
    struct interface_input_thread *main_input;
    struct string_ids *string_ids;
    struct __ifmultiaddr *memberships; /* all, also those that left their interface */
    struct __socket *sockets; /* socket.h: all open ones */
    struct bridge *bridges;    /* bridge.h: newest first */
    uint64_t packets_without_protocol; /* demuxed, but nobody took them */
};

/* Boot after locks, threads, mbufs, protocols, bpf and events. Makes lo0 (UP, RUNNING, mtu 16384). */
void ksim_interfaces_boot(struct ksim *kernel);

/*
 * Reports, naming the owner: IO references that were never given back, interfaces still attached
 * or filters still on whose kext is gone, KPI references beyond those the kernel itself holds.
 */
void ksim_interfaces_audit(struct ksim *kernel);

/* What if_bridge does when an interface becomes a member, and with NULL when it is one no more. */
void ksim_interface_bridge_set(ifnet_t interface, interface_bridge_func bridge_input);

/* --- finding -------------------------------------------------------------------------------------*/

/* The attached interface of that name, with an IO reference, or NULL. Give back with _io_end. */
ifnet_t ksim_interface_find(const char *name);
/* The same without reference, for reading at rest (tests, reports). */
ifnet_t ksim_interface_peek(const char *name);
ifnet_t ksim_interface_loopback(void);
/* Attached interface by index with an IO reference, or NULL. */
ifnet_t ksim_interface_find_index(uint32_t index);

/*
 * Calls `visit` for each attached interface, in order of attach, holding an IO reference on it and
 * no lock. Stops at the first nonzero result and returns it.
 */
int ksim_interfaces_each(int (*visit)(ifnet_t interface, void *context), void *context);

/* --- state ---------------------------------------------------------------------------------------*/

bool ksim_interface_is_attached(ifnet_t interface);

/*
 * IO reference: while held, final detach waits. False when the interface is not fully attached.
 * Takes reference_lock only; legal under any lock but it.
 */
bool ksim_interface_io_begin(ifnet_t interface);
void ksim_interface_io_end(ifnet_t interface);
/* The same for moving data: READY is required as well. */
bool ksim_interface_data_begin(ifnet_t interface);
void ksim_interface_data_end(ifnet_t interface);

void ksim_interface_lock_shared(ifnet_t interface);
void ksim_interface_lock_exclusive(ifnet_t interface);
void ksim_interface_unlock(ifnet_t interface);

/*
 * IFF_UP goes on or off with everything that hangs from it (section 6): waits while another change
 * is under way, tells each protocol domain. `lock` is not held by the caller.
 */
void ksim_interface_updown(ifnet_t interface, bool up);

/* --- driver calls --------------------------------------------------------------------------------*/

/* ifnet_ioctl without the KPI entry (section 13). No lock held. */
int ksim_interface_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command,
                         void *argument);

/*
 * dlil_output (section 14.2). Owns the list `packets` whatever it returns. With raw the protocol's
 * pre_output and the framer are left out. No lock held; the caller may sit in a callback.
 */
errno_t ksim_interface_output(ifnet_t interface, protocol_family_t family, mbuf_t packets,
                              void *route, const struct sockaddr *destination, bool raw);

/*
 * Link address for a multicast protocol address (section 18, dlil_resolve_multi). 0: `link` holds an
 * AF_LINK address; EOPNOTSUPP: no mapping needed; other: refused.
 */
errno_t ksim_interface_resolve_multicast(ifnet_t interface, const struct sockaddr *protocol_address,
                                         struct sockaddr *link, size_t link_bytes);

/* --- addresses -----------------------------------------------------------------------------------*/

/* Fills the common part; references 1, the caller's. The sockaddr pointers are the caller's to set. */
void ksim_interface_address_initialize(ifaddr_t address, ifnet_t interface, sa_family_t family,
                                       void (*destroy)(ifaddr_t));
/* Appends to the interface's list, which takes a reference of its own. Takes `lock` exclusive. */
void ksim_interface_address_link(ifaddr_t address);
/* ifaddr_reference for the kernel itself: nobody can come between it and the look-up before it. */
void ksim_interface_address_hold(ifaddr_t address);
/* Takes it off and drops the list's reference; false when it was not linked. */
bool ksim_interface_address_unlink(ifaddr_t address);

/* --- multicast -----------------------------------------------------------------------------------*/

/*
 * Join and leave (section 18). `address` is AF_INET, AF_INET6, AF_LINK or AF_UNSPEC. EADDRNOTAVAIL
 * when the interface is not IFF_MULTICAST, or what the driver's check_multi said. With `out` the
 * caller gets a reference on the record (ifmaddr_release).
 */
errno_t ksim_interface_multicast_join(ifnet_t interface, const struct sockaddr *address,
                                      ifmultiaddr_t *out);
errno_t ksim_interface_multicast_leave(ifnet_t interface, const struct sockaddr *address);
/* True when the interface is a member of `address` (exact comparison). */
bool ksim_interface_multicast_member(ifnet_t interface, const struct sockaddr *address);
/* Re-announces memberships kept by a recycled interface, if any are pending. No lock held. */
void ksim_interface_multicast_announce(ifnet_t interface);

/* --- events --------------------------------------------------------------------------------------*/

/*
 * Posts a network event about an interface (dlil_post_msg): fills the net_event_data at the front of
 * `data` (bytes >= 24, or data NULL for the bare record), then filters, protocols, driver, userland.
 * vendor Apple, class network. No lock held, except head_lock shared for KEV_DL_PROTO_ATTACHED.
 */
void ksim_interface_post(ifnet_t interface, uint32_t subclass, uint32_t code,
                         struct net_event_data *data, uint32_t bytes);

/*
 * Numbers of strings, from 1000 on in order of first use: one counter for interface families, mbuf
 * tags and vendor codes, so the same string asked as another kind has the same number.
 */
uint32_t ksim_string_id_find(const char *string);
/* True when some string has this number. */
bool ksim_string_id_is_known(uint32_t id);

/* --- time ----------------------------------------------------------------------------------------*/

/* True when the detacher has nothing queued and every input queue is empty. */
bool ksim_interfaces_idle(void);

#endif
