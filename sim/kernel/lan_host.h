/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_LAN_HOST_H
#define KSIM_LAN_HOST_H

/*
 * The network on the other side of en0, as host code (userland, tests) sees it. It is there when the
 * Mac was booted with ksim_options.ethernet. Plain types only, as in inet_host.h.
 *
 *     en0 of the Mac --- switch ---+--- desk    192.168.1.20   00:00:5e:00:53:20
 *     00:00:5e:00:53:01            +--- router  192.168.1.1    00:00:5e:00:53:fe
 *                                         |     203.0.113.1    00:00:5e:00:53:fd
 *                                         +--- outside 203.0.113.5 00:00:5e:00:53:05
 *
 * Each host answers ARP, ping, UDP to port 7 (echo), says "port unreachable" to other ports and resets
 * TCP. The router forwards between its two networks, and to others when it was given a route; the
 * outside host knows nobody but the router. Hosts do not reassemble fragments and know no IPv6, whose
 * frames they see like all others. A frame takes 250 us of virtual time from one end of a segment to
 * the other; switches learn addresses and flood unknown ones. Nothing is lost unless a counter says so.
 *
 * Functions need the entered machine. Addresses are 4 bytes in network order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;

/* What one host saw and did since boot. */
struct ksim_lan_seen {
    uint64_t frames;            /* addressed to it, to all, or to a group */
    uint64_t bytes;             /* of these */
    uint64_t frames_for_others; /* flooded by the switch, or an IP packet not for it */
    uint64_t arp_requests;      /* for its address */
    uint64_t arp_replies;
    uint64_t echo_requests;     /* answered */
    uint64_t echo_replies;
    uint64_t udp_echoed;
    uint64_t udp_refused;
    uint64_t udp_replies;       /* datagrams to a port that it sent from */
    uint64_t tcp_refused;
    uint64_t icmp_errors;
    uint64_t forwarded;         /* by the router */
    uint64_t no_route;          /* the router had no way on */
    uint64_t expired;           /* the router's time exceeded */
    uint64_t bad;               /* checksums and lengths */
    uint64_t other;
    uint8_t last_source[4];     /* of the newest IP packet for it, */
    uint8_t last_hop_limit;     /* its time to live when it came, */
    uint8_t last_protocol;      /* its protocol, */
    uint16_t last_port;         /* and its source port or ICMP identifier; 0 for others */
    uint8_t last_error_type;    /* of the newest ICMP error, */
    uint8_t last_error_code;
    uint8_t last_error_about[4]; /* and the destination of the packet it is about */
};

struct ksim_lan_host {
    const char *name; /* "desk" */
    uint8_t link[6];
    uint8_t address[4];
    unsigned prefix_bits;
    struct ksim_lan_seen seen;
};

/* True when there is a LAN. */
bool ksim_lan_present(const struct ksim *ksim);

/* The index-th host in order of making; false past the last. */
bool ksim_lan_host_at(const struct ksim *ksim, unsigned index, struct ksim_lan_host *host);
/* The same by name. */
bool ksim_lan_host_find(const struct ksim *ksim, const char *name, struct ksim_lan_host *host);

/*
 * Tells a host to send one ICMP echo request of `bytes` of payload (at most 1472). 0, or a Darwin errno:
 * ENXIO no such host, EMSGSIZE, EHOSTUNREACH it has no route. That nobody answers ARP shows in no
 * error: the packet then never leaves the host.
 */
int ksim_lan_ping(struct ksim *ksim, const char *name, const uint8_t to[4], uint16_t identifier,
                  uint16_t sequence, size_t bytes);
/* The same for a UDP datagram. */
int ksim_lan_udp(struct ksim *ksim, const char *name, const uint8_t to[4], uint16_t from_port,
                 uint16_t to_port, const uint8_t *payload, size_t bytes);
/*
 * Hears each echo reply that comes to a host, on the LAN's thread: must not block or call back. NULL
 * ends it.
 */
typedef void (*ksim_lan_echo_listener)(void *context, const char *name, const uint8_t from[4],
                                       uint16_t identifier, uint16_t sequence, uint8_t hop_limit,
                                       size_t bytes);
void ksim_lan_echo_listen(struct ksim *ksim, ksim_lan_echo_listener listener, void *context);

/* Puts a frame (14 to 1514 bytes) on the wire at a host's plug, whatever is in it. ENXIO, EMSGSIZE. */
int ksim_lan_send_frame(struct ksim *ksim, const char *name, const uint8_t *frame, size_t bytes);

/* Gives a host a route, or another gateway when it has one for that network. ENXIO, EINVAL, ENOBUFS. */
int ksim_lan_route_add(struct ksim *ksim, const char *name, const uint8_t network[4],
                       unsigned prefix_bits, const uint8_t gateway[4]);

/*
 * Pulls the cable out of en0, or puts it in: the driver's media status changes and it posts
 * KEV_DL_LINK_OFF or KEV_DL_LINK_ON. On a thread: listeners of the event may block.
 */
void ksim_lan_cable(struct ksim *ksim, bool plugged);

#endif
