/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_STACK_H
#define KSIM_INET_STACK_H

/*
 * What the files of the stack share: the context record, counters, packets as bytes, and interface
 * addresses. Nobody else includes this.
 *
 * IPv4 addresses are numbers of the host (10.0.0.1 is 0x0a000001); IPv6 addresses are 16 bytes without
 * an embedded scope, which goes beside them as the interface. Only the sockaddrs that drivers
 * can see carry xnu's embedded scope.
 */

#include <interface.h>
#include <inet.h>
#include <inet_wire.h>
#include <netinet/in.h>
#include <sys/errno.h>

struct fiber;

/* --- context ------------------------------------------------------------------------------------- */

struct inet_neighbour;
struct inet_datagram;
struct inet_route;
struct inet_group;
struct inet_port;
struct nat_system;

/* What sysctl can change (sysctl.c). */
struct inet_settings {
    int32_t forwarding4, forwarding6; /* 0: a host, else a router */
    int32_t hop_limit4, hop_limit6;   /* of packets that are made here */
    int32_t neighbour_known_seconds;  /* how long an answer is good */
    int32_t neighbour_dead_seconds;   /* how long a neighbour that did not answer is given up */
    int32_t arp_questions;            /* until it is */
};

struct inet_system {
    struct inet_settings settings;
    uint64_t count[INET_COUNTER_COUNT];
    struct inet4_address *addresses4; /* all interfaces, in order of creation */
    struct inet6_address *addresses6;
    struct inet_route *routes;         /* inet_route.c */
    struct inet_group *groups;         /* inet_group.c */
    struct inet_neighbour *neighbours; /* inet_neighbour.c */
    struct inet_datagram *datagrams;   /* inet_fragment.c */
    struct inet_port *ports;           /* udp.c */
    ksim_echo_listener echo_listener;
    void *echo_context;
    struct fiber *timer; /* inet_timer.c */
    uint64_t timer_wakes_ns;
    uint32_t next_fragment_id; /* IPv4 and IPv6 identification */
    struct nat_system *nat;    /* ip_nat.h */
};

static inline struct inet_system *
inet_current(void)
{
    return ksim_current()->inet;
}

static inline void
inet_count(enum ksim_inet_counter counter)
{
    inet_current()->count[counter]++;
}

static inline void
inet_count_many(enum ksim_inet_counter counter, uint64_t many)
{
    inet_current()->count[counter] += many;
}

/* --- packets as bytes ---------------------------------------------------------------------------- */

/* One arrived packet, copied out of its mbufs. */
struct inet_packet {
    ifnet_t interface; /* where it arrived */
    bool group;        /* came by link-layer or IP broadcast or multicast */
    bool looped;       /* sent by ourselves */
    size_t length;
    uint8_t bytes[];
};

/* A packet with room for `length` bytes (contents undefined); NULL on the fault "inet packet". */
struct inet_packet *inet_packet_allocate(ifnet_t interface, size_t length);
void inet_packet_free(struct inet_packet *packet);

/* Copies the data of one mbuf packet and frees the mbufs, whatever it returns. NULL: no memory. */
struct inet_packet *inet_packet_take(mbuf_t mbuf);

/*
 * An mbuf packet of these bytes with room for a link header in front; NULL: no memory. The shape of the
 * chain is a CHOICE_WORKLOAD (0 = one mbuf): no room in front, a zero-length first mbuf, a
 * header split over two mbufs.
 */
mbuf_t inet_mbuf_make(const uint8_t *bytes, size_t length);

/* Queues a packet to our own domain input as if it had arrived on `interface` (lo0 traffic). */
errno_t inet_loop(protocol_family_t family, ifnet_t interface, const uint8_t *bytes, size_t length);

/* Counts a failed transmission by its errno and passes the errno on. */
errno_t inet_count_unsent(errno_t error);

/* --- addresses ----------------------------------------------------------------------------------- */

struct inet4_address {
    struct __ifaddr head; /* what drivers hold */
    struct inet4_address *next;
    struct sockaddr_in address;
    struct sockaddr_in destination; /* or broadcast */
    struct sockaddr_in netmask;     /* trimmed as in_socktrim does */
    uint32_t subnet_mask;           /* 0 until known */
    uint32_t net_mask;              /* of the address class, widened by subnet_mask */
    bool routed;
    bool all_hosts_joined;
};

struct inet6_address {
    struct __ifaddr head;
    struct inet6_address *next;
    struct sockaddr_in6 address; /* with embedded scope */
    struct sockaddr_in6 destination;
    struct sockaddr_in6 netmask;
    uint8_t bytes[16];
    uint8_t peer[16];
    bool has_peer;
    unsigned prefix_bits;
    int flags; /* IN6_IFF_* as given */
    bool routed;
    bool duplicated; /* somebody else has it: no longer used */
};

/* The address record that holds this IPv4 address (any interface), or NULL. */
struct inet4_address *inet4_address_find(uint32_t address);
/* The first IPv4 address of an interface, or NULL. */
struct inet4_address *inet4_address_first(ifnet_t interface);
uint32_t inet4_address_value(const struct inet4_address *address);
/* True when `address` is a broadcast address of this interface (255.255.255.255 included). */
bool inet4_is_broadcast(ifnet_t interface, uint32_t address);

/* `scope` counts for link-local addresses only. Duplicated addresses are not found. */
struct inet6_address *inet6_address_find(const uint8_t *address, ifnet_t scope);
/* Best source for a destination on an interface: same scope first, then longest prefix. NULL: none. */
struct inet6_address *inet6_address_source(ifnet_t interface, const uint8_t *destination);
struct inet6_address *inet6_address_link_local(ifnet_t interface);

static inline bool
inet6_is_link_local(const uint8_t *address)
{
    return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static inline bool
inet6_is_multicast(const uint8_t *address)
{
    return address[0] == 0xff;
}

/* fe80::/10 and interface-local or link-local multicast: the address needs an interface. */
static inline bool
inet6_is_scoped(const uint8_t *address)
{
    return inet6_is_link_local(address) ||
           (inet6_is_multicast(address) && ((address[1] & 15) == 1 || (address[1] & 15) == 2));
}

/* ff01:: and its flags: a group that ends at the interface. */
static inline bool
inet6_is_interface_group(const uint8_t *address)
{
    return inet6_is_multicast(address) && (address[1] & 15) == 1;
}

bool inet6_is_unspecified(const uint8_t *address);
/* ff02::1:ffXX:XXXX of an address. */
void inet6_solicited_node(const uint8_t *address, uint8_t *group);

/* Sockaddrs for the KPI; `interface` embeds the scope of scoped addresses, NULL leaves it out. */
void inet4_sockaddr(struct sockaddr_in *out, uint32_t address);
void inet6_sockaddr(struct sockaddr_in6 *out, const uint8_t *address, ifnet_t interface);
/* The address without embedded scope. */
void inet6_sockaddr_bytes(const struct sockaddr_in6 *in, uint8_t *address);

/* --- hardware addresses -------------------------------------------------------------------------- */

/* The 6 bytes of an Ethernet-like interface; false when it has none. */
bool inet_link_address(ifnet_t interface, uint8_t *link);

/* True when ARP and ND are used on this interface. */
static inline bool
inet_has_neighbours(ifnet_t interface)
{
    return interface->family == IFNET_FAMILY_ETHERNET;
}

/* --- routes -------------------------------------------------------------------------------------- */

struct inet_route {
    struct inet_route *next;
    ifnet_t interface;
    uint8_t family; /* 4 or 6 */
    uint8_t network[16];
    unsigned prefix_bits;
    bool has_gateway;
    uint8_t gateway[16];
};

enum { INET_ROUTE_LIMIT = 64 };

/* The longest static route for an address (16 bytes, IPv4 in the first 4), or NULL. */
const struct inet_route *inet_route_find(uint8_t family, const uint8_t *address);
void inet_routes_remove(ifnet_t interface, uint8_t family);

/* --- multicast groups joined by the stack itself ------------------------------------------------- */

struct inet_group {
    struct inet_group *next;
    ifnet_t interface;
    uint8_t family;
    uint8_t address[16];
    uint32_t users;    /* all of them */
    uint32_t programs; /* those that joined by ksim_group_join */
};

/*
 * Join tells the interface first (section 18) and, for a new group, sends an IGMP or MLD report. The error
 * is what the interface said. Leave of a group not joined is ignored; the last one sends the leave.
 */
errno_t inet_group_join(ifnet_t interface, uint8_t family, const uint8_t *address);
void inet_group_leave(ifnet_t interface, uint8_t family, const uint8_t *address);
/* Forgets all groups of an interface without a word on the wire (detach). */
void inet_groups_forget(ifnet_t interface, uint8_t family);
bool inet_group_member(ifnet_t interface, uint8_t family, const uint8_t *address);

/* --- timer --------------------------------------------------------------------------------------- */

void inet_timer_boot(struct ksim *ksim);
/* Something now has this deadline. */
void inet_timer_need(uint64_t deadline_ns);

#endif
