/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INET_FRAGMENT_H
#define KSIM_INET_FRAGMENT_H

/*
 * Reassembly for IPv4 and IPv6. At most 64 datagrams and 512 fragments are kept. A fragment that
 * overlaps another is refused: for IPv6 the whole datagram goes with it (RFC 5722); for IPv4 an
 * exact copy and a partial overlap are refused alone. What would be longer than 65535 bytes with the first
 * fragment's headers is given up. A datagram not complete after 30 s (IPv4)
 * or 60 s (IPv6) of virtual time is given up (FRAGMENTS_EXPIRED); if its first fragment was there
 * an ICMP time exceeded goes back.
 */

#include <inet_stack.h>

enum { FRAGMENT_DATAGRAM_LIMIT = 64, FRAGMENT_LIMIT = 512 };

struct inet_fragment_key {
    uint8_t family;
    uint8_t protocol; /* IPv4 only: part of the key */
    uint32_t identification;
    uint8_t source[16];
    uint8_t destination[16];
    ifnet_t scope; /* with a link-local address: whose link; else NULL */
};

/* A piece of a datagram. */
struct inet_fragment {
    size_t header_bytes;  /* unfragmented part of this packet: what stands in front of the piece */
    size_t payload_at;    /* where the piece begins in the packet */
    size_t payload_bytes;
    size_t offset_bytes;  /* where it belongs */
    bool more;
    uint8_t next;         /* IPv6: the header that the piece begins with, if it is the first */
    size_t named_at;      /* IPv6: the byte in front that names the fragment header */
};

enum inet_fragment_result {
    FRAGMENT_KEPT,     /* packet taken */
    FRAGMENT_COMPLETE, /* packet taken; *whole = what stood in front of the first piece, and all payload */
    FRAGMENT_BAD,      /* packet stays the caller's in these cases */
    FRAGMENT_OVERLAPS,
    FRAGMENT_BEYOND_LIMIT,
    FRAGMENT_NO_MEMORY
};

/*
 * Gives a piece to its datagram. In the whole packet the first `header_bytes` of the first piece come
 * unchanged: the caller corrects lengths, flags and the next header. `first` describes the first piece.
 */
enum inet_fragment_result inet_fragment_add(const struct inet_fragment_key *key,
                                            struct inet_packet *packet,
                                            const struct inet_fragment *fragment,
                                            struct inet_packet **whole, struct inet_fragment *first);

void inet_fragments_forget(ifnet_t interface, uint8_t family);
uint64_t inet_fragments_tick(uint64_t now_ns);
void inet_fragments_drain(void);

#endif
