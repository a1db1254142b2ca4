/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_TRANSPORT_H
#define KSIM_INET_TRANSPORT_H

/*
 * What UDP and TCP share over both versions of IP.
 */

#include <inet_stack.h>

/* The payload of one accepted datagram. Borrowed for the call. */
struct inet_segment {
    ifnet_t interface;
    struct ksim_inet_address from;
    struct ksim_inet_address to;
    bool group;
    const uint8_t *bytes;
    size_t length;
};

void inet_address4(struct ksim_inet_address *out, uint32_t address);
void inet_address6(struct ksim_inet_address *out, const uint8_t *address, ifnet_t interface);

/* Pseudo header sum for a message between two addresses of one family. */
uint32_t inet_pseudo_sum(const struct ksim_inet_address *from, const struct ksim_inet_address *to,
                         uint8_t protocol, size_t length);

/*
 * Sends a UDP or TCP message: stores its checksum at `checksum_at` (a UDP sum of 0 becomes 0xffff)
 * and hands it to the version of `to`. `from` NULL or family 0: the source is chosen. `interface`
 * decides for packets without a route of their own. Errors as ksim_ip_send and ksim_ip6_send.
 */
errno_t inet_transport_send(const struct ksim_inet_address *from,
                            const struct ksim_inet_address *to, uint8_t protocol, uint8_t *message,
                            size_t length, size_t checksum_at, ifnet_t interface,
                            enum ksim_inet_counter sent);

/*
 * Fate of a segment. UDP_PORT_CLOSED asks the caller for a port unreachable; TCP has answered
 * with its reset already.
 */
enum ksim_inet_counter ksim_udp_input(const struct inet_segment *segment);
enum ksim_inet_counter ksim_tcp_input(const struct inet_segment *segment);

#endif
