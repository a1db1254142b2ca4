/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_HOST_H
#define KSIM_INET_HOST_H

/*
 * What host code (userland, cli, tests) may ask of the emulated IPv4/IPv6 stack. Plain types only:
 * this header can be read both by kernel files and by files compiled against the host's libc.
 * Functions that send must run on a fiber of the entered machine (they may block in the driver);
 * the others need only the entered machine.
 *
 * Counting. Every packet that reaches ARP, IPv4 or IPv6 is counted once as arrived
 * (INET_ARRIVED) and once by its fate (INET_FATE). A fragment that is kept has the fate
 * "fragment kept"; the datagram made of several is counted as INET_JOINED and then has a fate
 * of its own. When no packet is in flight:
 *     sum(INET_ARRIVED) + sum(INET_JOINED) == sum(INET_FATE)
 * INET_SENT counts what was handed to an interface by kind (a fragmented datagram once),
 * INET_UNSENT what was made and could not be sent, by cause; INET_EVENT everything else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;

enum ksim_inet_class {
    INET_ARRIVED,
    INET_JOINED,
    INET_FATE,
    INET_SENT,
    INET_UNSENT,
    INET_EVENT
};

/* name, class, text for people */
#define KSIM_INET_COUNTERS(X)                                                                      \
    X(ARP_ARRIVED, INET_ARRIVED, "arp packets arrived")                                            \
    X(IP4_ARRIVED, INET_ARRIVED, "ipv4 packets arrived")                                           \
    X(IP6_ARRIVED, INET_ARRIVED, "ipv6 packets arrived")                                           \
    X(IP4_REASSEMBLED, INET_JOINED, "ipv4 datagrams reassembled")                                  \
    X(IP6_REASSEMBLED, INET_JOINED, "ipv6 datagrams reassembled")                                  \
    X(ARP_REQUEST_ANSWERED, INET_FATE, "arp requests for us, answered")                            \
    X(ARP_REQUEST_OTHER, INET_FATE, "arp requests for others")                                     \
    X(ARP_REPLY_LEARNED, INET_FATE, "arp replies awaited, learned")                                \
    X(ARP_REPLY_UNASKED, INET_FATE, "arp replies nobody awaited")                                  \
    X(ARP_SHORT, INET_FATE, "arp packets too short")                                               \
    X(ARP_BAD_FORMAT, INET_FATE, "arp packets not ethernet/ipv4, or of unknown operation")         \
    X(ARP_BAD_SENDER, INET_FATE, "arp packets with a group or unspecified sender")                 \
    X(ARP_OWN, INET_FATE, "arp packets of our own heard again")                                    \
    X(ARP_CONFLICT, INET_FATE, "arp packets claiming our address")                                 \
    X(IP4_SHORT, INET_FATE, "ipv4 shorter than a header")                                          \
    X(IP4_BAD_VERSION, INET_FATE, "ipv4 with another version")                                     \
    X(IP4_BAD_HEADER_LENGTH, INET_FATE, "ipv4 with a bad header length")                           \
    X(IP4_BAD_CHECKSUM, INET_FATE, "ipv4 with a bad header checksum")                              \
    X(IP4_BAD_LENGTH, INET_FATE, "ipv4 with a total length below its header")                      \
    X(IP4_TRUNCATED, INET_FATE, "ipv4 shorter than its total length")                              \
    X(IP4_BAD_SOURCE, INET_FATE, "ipv4 from an impossible source")                                 \
    X(IP4_BAD_OPTION, INET_FATE, "ipv4 with malformed options")                                    \
    X(IP4_SOURCE_ROUTED, INET_FATE, "ipv4 with a source route, refused")                           \
    X(IP4_NOT_OURS, INET_FATE, "ipv4 for others (not forwarded)")                                  \
    X(IP4_FORWARDED, INET_FATE, "ipv4 for others, forwarded")                                      \
    X(IP4_CANNOT_FORWARD, INET_FATE, "ipv4 for others that no router may forward")                 \
    X(IP4_EXPIRED, INET_FATE, "ipv4 whose time to live ended here")                                \
    X(IP4_FORWARD_NO_ROUTE, INET_FATE, "ipv4 to forward, without a route")                         \
    X(IP4_FORWARD_TOO_BIG, INET_FATE, "ipv4 to forward, too big and not to be fragmented")         \
    X(IP4_FORWARD_REFUSED, INET_FATE, "ipv4 to forward, refused by the interface")                 \
    X(IP4_NAT_REFUSED, INET_FATE, "ipv4 to translate, without a free state or port")               \
    X(IP4_GROUP_NOT_JOINED, INET_FATE, "ipv4 for groups not joined")                               \
    X(IP4_FRAGMENT_KEPT, INET_FATE, "ipv4 fragment kept")                                          \
    X(IP4_FRAGMENT_BAD, INET_FATE, "ipv4 fragment with a bad length or offset")                    \
    X(IP4_FRAGMENT_OVERLAP, INET_FATE, "ipv4 fragment overlapping another")                        \
    X(IP4_FRAGMENT_LIMIT, INET_FATE, "ipv4 fragment beyond the limit")                             \
    X(IP4_PROTOCOL_UNKNOWN, INET_FATE, "ipv4 of unknown protocol")                                 \
    X(ICMP_SHORT, INET_FATE, "icmp too short")                                                     \
    X(ICMP_BAD_CHECKSUM, INET_FATE, "icmp with a bad checksum")                                    \
    X(ICMP_ECHO_ANSWERED, INET_FATE, "icmp echo requests, answered")                               \
    X(ICMP_ECHO_REPLY, INET_FATE, "icmp echo replies")                                             \
    X(ICMP_ERROR, INET_FATE, "icmp errors")                                                        \
    X(ICMP_OTHER, INET_FATE, "icmp of other types")                                                \
    X(IGMP_SHORT, INET_FATE, "igmp too short")                                                     \
    X(IGMP_BAD_CHECKSUM, INET_FATE, "igmp with a bad checksum")                                    \
    X(IGMP_QUERY, INET_FATE, "igmp queries")                                                       \
    X(IGMP_OTHER, INET_FATE, "igmp of other types")                                                \
    X(IP6_SHORT, INET_FATE, "ipv6 shorter than a header")                                          \
    X(IP6_BAD_VERSION, INET_FATE, "ipv6 with another version")                                     \
    X(IP6_TRUNCATED, INET_FATE, "ipv6 shorter than its payload length")                            \
    X(IP6_BAD_LENGTH, INET_FATE, "ipv6 with no payload length or a jumbogram")                     \
    X(IP6_BAD_SOURCE, INET_FATE, "ipv6 from an impossible source")                                 \
    X(IP6_BAD_DESTINATION, INET_FATE, "ipv6 to an impossible destination")                         \
    X(IP6_NOT_OURS, INET_FATE, "ipv6 for others (not forwarded)")                                  \
    X(IP6_FORWARDED, INET_FATE, "ipv6 for others, forwarded")                                      \
    X(IP6_CANNOT_FORWARD, INET_FATE, "ipv6 for others that no router may forward")                 \
    X(IP6_EXPIRED, INET_FATE, "ipv6 whose hop limit ended here")                                   \
    X(IP6_FORWARD_NO_ROUTE, INET_FATE, "ipv6 to forward, without a route")                         \
    X(IP6_FORWARD_TOO_BIG, INET_FATE, "ipv6 to forward, too big")                                  \
    X(IP6_FORWARD_REFUSED, INET_FATE, "ipv6 to forward, refused by the interface")                 \
    X(IP6_GROUP_NOT_JOINED, INET_FATE, "ipv6 for groups not joined")                               \
    X(IP6_BAD_OPTION, INET_FATE, "ipv6 with malformed or refused options")                         \
    X(IP6_BAD_ROUTING, INET_FATE, "ipv6 with a routing header, refused")                           \
    X(IP6_HEADER_SHORT, INET_FATE, "ipv6 with a truncated extension header")                       \
    X(IP6_FRAGMENT_KEPT, INET_FATE, "ipv6 fragment kept")                                          \
    X(IP6_FRAGMENT_BAD, INET_FATE, "ipv6 fragment with a bad length or offset")                    \
    X(IP6_FRAGMENT_OVERLAP, INET_FATE, "ipv6 fragment overlapping another")                        \
    X(IP6_FRAGMENT_LIMIT, INET_FATE, "ipv6 fragment beyond the limit")                             \
    X(IP6_PROTOCOL_UNKNOWN, INET_FATE, "ipv6 of unknown next header")                              \
    X(IP6_NO_NEXT_HEADER, INET_FATE, "ipv6 with no next header")                                   \
    X(ICMP6_SHORT, INET_FATE, "icmpv6 too short")                                                  \
    X(ICMP6_BAD_CHECKSUM, INET_FATE, "icmpv6 with a bad checksum")                                 \
    X(ICMP6_ECHO_ANSWERED, INET_FATE, "icmpv6 echo requests, answered")                            \
    X(ICMP6_ECHO_REPLY, INET_FATE, "icmpv6 echo replies")                                          \
    X(ICMP6_ERROR, INET_FATE, "icmpv6 errors")                                                     \
    X(ICMP6_OTHER, INET_FATE, "icmpv6 of other types")                                             \
    X(MLD_QUERY, INET_FATE, "multicast listener queries")                                          \
    X(MLD_OTHER, INET_FATE, "multicast listener messages of others")                               \
    X(ND6_SOLICIT_ANSWERED, INET_FATE, "neighbour solicitations for us, answered")                 \
    X(ND6_SOLICIT_OTHER, INET_FATE, "neighbour solicitations for others")                          \
    X(ND6_ADVERT_LEARNED, INET_FATE, "neighbour advertisements awaited, learned")                  \
    X(ND6_ADVERT_UNASKED, INET_FATE, "neighbour advertisements nobody awaited")                    \
    X(ND6_CONFLICT, INET_FATE, "neighbour discovery claiming our address")                         \
    X(ND6_ROUTER, INET_FATE, "router solicitations, advertisements and redirects")                 \
    X(ND6_BAD, INET_FATE, "neighbour discovery malformed or from off link")                        \
    X(UDP_SHORT, INET_FATE, "udp too short")                                                       \
    X(UDP_BAD_LENGTH, INET_FATE, "udp with a bad length")                                          \
    X(UDP_BAD_CHECKSUM, INET_FATE, "udp with a bad checksum")                                      \
    X(UDP_ECHOED, INET_FATE, "udp echoed")                                                         \
    X(UDP_ECHO_LOOP, INET_FATE, "udp echo to an echo service or a group, ignored")                 \
    X(UDP_DELIVERED, INET_FATE, "udp delivered")                                                   \
    X(UDP_PORT_CLOSED, INET_FATE, "udp to a closed port, answered unreachable")                    \
    X(UDP_PORT_CLOSED_GROUP, INET_FATE, "udp to a closed port by broadcast or multicast")          \
    X(TCP_SHORT, INET_FATE, "tcp too short")                                                       \
    X(TCP_BAD_CHECKSUM, INET_FATE, "tcp with a bad checksum")                                      \
    X(TCP_REFUSED, INET_FATE, "tcp segments refused with a reset")                                 \
    X(TCP_RESET, INET_FATE, "tcp resets ignored")                                                  \
    X(TCP_GROUP, INET_FATE, "tcp by broadcast or multicast, ignored")                              \
    X(NO_MEMORY, INET_FATE, "packets lost for want of memory")                                     \
    X(SENT_ARP_REQUEST, INET_SENT, "arp requests sent")                                            \
    X(SENT_ARP_REPLY, INET_SENT, "arp replies sent")                                               \
    X(SENT_ARP_ANNOUNCEMENT, INET_SENT, "arp announcements sent")                                  \
    X(SENT_ICMP_ECHO_REPLY, INET_SENT, "icmp echo replies sent")                                   \
    X(SENT_ICMP_ECHO, INET_SENT, "icmp echo requests sent")                                        \
    X(SENT_ICMP_ERROR, INET_SENT, "icmp errors sent")                                              \
    X(SENT_IGMP, INET_SENT, "igmp reports and leaves sent")                                        \
    X(SENT_UDP, INET_SENT, "udp sent")                                                             \
    X(SENT_TCP_RESET, INET_SENT, "tcp resets sent")                                                \
    X(SENT_ICMP6_ECHO_REPLY, INET_SENT, "icmpv6 echo replies sent")                                \
    X(SENT_ICMP6_ECHO, INET_SENT, "icmpv6 echo requests sent")                                     \
    X(SENT_ICMP6_ERROR, INET_SENT, "icmpv6 errors sent")                                           \
    X(SENT_ND6_SOLICIT, INET_SENT, "neighbour solicitations sent")                                 \
    X(SENT_ND6_ADVERT, INET_SENT, "neighbour advertisements sent")                                 \
    X(SENT_MLD, INET_SENT, "multicast listener reports sent")                                      \
    X(UNSENT_NO_ROUTE, INET_UNSENT, "not sent: no route")                                          \
    X(UNSENT_NO_MEMORY, INET_UNSENT, "not sent: no memory")                                        \
    X(UNSENT_TOO_BIG, INET_UNSENT, "not sent: too big")                                            \
    X(UNSENT_NOT_ALLOWED, INET_UNSENT, "not sent: broadcast or multicast not possible")            \
    X(UNSENT_INTERFACE, INET_UNSENT, "not sent: refused by the interface")                         \
    X(UNSENT_NO_SOURCE, INET_UNSENT, "not sent: no source address")                                \
    X(ERROR_SUPPRESSED, INET_EVENT, "icmp errors that must not be sent")                           \
    X(FRAGMENTS_SENT, INET_EVENT, "fragments sent")                                                \
    X(FRAGMENTS_EXPIRED, INET_EVENT, "fragments given up")                                         \
    X(WAITERS_DROPPED, INET_EVENT, "packets given up while their neighbour was unknown")           \
    X(LOOPED, INET_EVENT, "packets to our own addresses, looped back")                             \
    X(DUPLICATE_ADDRESS, INET_EVENT, "addresses found in use by another")

enum ksim_inet_counter {
#define KSIM_INET_COUNTER_ENUM(name, kind, text) INET_COUNT_##name,
    KSIM_INET_COUNTERS(KSIM_INET_COUNTER_ENUM)
#undef KSIM_INET_COUNTER_ENUM
    INET_COUNTER_COUNT
};

struct ksim_inet_statistics {
    uint64_t count[INET_COUNTER_COUNT];
};

/* A copy of all counters since boot. */
void ksim_inet_statistics(const struct ksim *ksim, struct ksim_inet_statistics *statistics);
const char *ksim_inet_counter_text(enum ksim_inet_counter counter);
enum ksim_inet_class ksim_inet_counter_class(enum ksim_inet_counter counter);
uint64_t ksim_inet_class_total(const struct ksim_inet_statistics *statistics,
                               enum ksim_inet_class wanted);

/* An address with its family: 4 (bytes[0..3] used) or 6. Bytes are in network order. */
struct ksim_inet_address {
    uint8_t family;
    uint8_t bytes[16];
    uint16_t interface_index; /* scope of an IPv6 link-local address; otherwise 0 */
};

/*
 * UDP. A listener receives each datagram for its port on any address; `payload` is borrowed for
 * the call, which runs on the input thread and may send. EADDRINUSE when the port has a listener,
 * EINVAL for port 0 and for 7, which is the built-in echo service.
 */
typedef void (*ksim_udp_listener)(void *context, const struct ksim_inet_address *from,
                                  uint16_t from_port, const uint8_t *payload, size_t bytes);
int ksim_udp_listen(struct ksim *ksim, uint16_t port, ksim_udp_listener listener, void *context);
void ksim_udp_close(struct ksim *ksim, uint16_t port);
/* Darwin errno: EHOSTUNREACH, EADDRNOTAVAIL, EMSGSIZE, ENOBUFS or what the interface said. */
int ksim_udp_send(struct ksim *ksim, const struct ksim_inet_address *to, uint16_t from_port,
                  uint16_t to_port, const uint8_t *payload, size_t bytes);

/* ICMP echo (`ping`). The listener hears every echo reply of either family. */
typedef void (*ksim_echo_listener)(void *context, const struct ksim_inet_address *from,
                                   uint16_t identifier, uint16_t sequence, const uint8_t *payload,
                                   size_t bytes, uint8_t hop_limit);
void ksim_echo_listen(struct ksim *ksim, ksim_echo_listener listener, void *context);
int ksim_echo_send(struct ksim *ksim, const struct ksim_inet_address *to, uint16_t identifier,
                   uint16_t sequence, const uint8_t *payload, size_t bytes);

/*
 * Multicast membership of a program (IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP and their opposites) on one
 * interface. The first member of a group makes the stack report it by IGMP or MLD, the last one's
 * leave as well. EINVAL: not a group; ENXIO: no such interface; EADDRNOTAVAIL: the interface can do no
 * multicast, or no program is a member; or what the driver's check_multi said. A detach ends all.
 */
int ksim_group_join(struct ksim *ksim, const struct ksim_inet_address *group,
                    const char *interface_name);
int ksim_group_leave(struct ksim *ksim, const struct ksim_inet_address *group,
                     const char *interface_name);

/*
 * Static routes (`route add`). Without one, only interface subnets and point-to-point destinations
 * are reachable. A gateway of family 0 means that the network is directly on the interface. The
 * routes of an interface vanish with its last address of that family. EEXIST, ENOBUFS (table full),
 * ENXIO (no such interface), EINVAL; ESRCH from delete.
 */
int ksim_route_add(struct ksim *ksim, const struct ksim_inet_address *network,
                   unsigned prefix_bits, const struct ksim_inet_address *gateway,
                   const char *interface_name);
int ksim_route_delete(struct ksim *ksim, const struct ksim_inet_address *network,
                      unsigned prefix_bits);

#endif
