/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame.h - what bytes mean at the device and on the wire.
 *
 * Pure arithmetic on byte views: no state, no memory; any bytes, any length have a verdict. A view
 * {NULL, 0} is an empty one. Nothing beyond view.length_bytes is ever read. Two things are the
 * caller's and asserted: an mtu_bytes is acceptable (tt_mtu_acceptable), and a view of the start of
 * something is not longer than the whole. No locks needed, callable from any context.
 */
#ifndef TT_FRAME_H
#define TT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct tt_bytes {
    const uint8_t *data;
    size_t length_bytes;
};

/* ---- MTU -------------------------------------------------------------------------------------
 * The MTU counts payload only, in every mode: IP packet for tun (the family word comes on top),
 * what follows the Ethernet header for tap (14 bytes on top, 18 if tagged). The limits are the
 * same for both, XNU's own IF_MINMTU and IF_MAXMTU. IPv6 needs 1280, but to refuse it below that
 * is the stack's business. */
#define TT_MTU_MIN 72u
#define TT_MTU_MAX 65535u
#define TT_MTU_DEFAULT 1500u

bool tt_mtu_acceptable(int64_t mtu_bytes);

/* ---- tun ---------------------------------------------------------------- */

/* Darwin's numbers for the address families, on the wire of every release. */
enum tt_family { TT_FAMILY_NONE = 0, TT_FAMILY_INET = 2, TT_FAMILY_INET6 = 30 };

/* Length of the family word before a packet in head mode and before a DLT_NULL record. */
#define TT_FAMILY_WORD_BYTES 4u

/* Longest prefix tt_tun_parse looks at. */
#define TT_TUN_PARSE_BYTES 5u

/* The shortest header of each version; less is no packet. */
#define TT_IP4_HEADER_BYTES 20u
#define TT_IP6_HEADER_BYTES 40u

/* May a write of this many bytes be copied in at all? Asked before the bytes are touched.
 * TT_EINVAL: fewer than 20 bytes, or in head mode fewer than 24: no version has a shorter header.
 * TT_EMSGSIZE: more than mtu_bytes (+4 in head mode). */
enum tt_error tt_tun_length_check(uint64_t length_bytes, bool head_mode, uint32_t mtu_bytes);

struct tt_tun_verdict {
    enum tt_error error;
    enum tt_family family; /* TT_FAMILY_NONE on error */
    uint32_t strip_bytes;  /* family word to cut off before the packet goes to the stack: 0 or 4 */
};

/* Judges a whole write of length_bytes which begins with the bytes of start (start may be just
 * the first TT_TUN_PARSE_BYTES, or all, or fewer if the write is shorter). First the length as
 * in tt_tun_length_check; TT_EINVAL also if start is too short to tell. Then TT_EAFNOSUPPORT if
 * the version nibble is neither 4 nor 6, or if in head mode the family word (network order) is
 * neither AF_INET (2) nor AF_INET6 (30) or does not match the nibble. Last TT_EINVAL if it is IPv6 and
 * shorter than its header. */
struct tt_tun_verdict tt_tun_parse(struct tt_bytes start, uint64_t length_bytes, bool head_mode,
    uint32_t mtu_bytes);

/* The family of a bare IP packet by its version nibble; TT_FAMILY_NONE if the packet is empty or
 * the nibble neither 4 nor 6. */
enum tt_family tt_family_of_packet(struct tt_bytes packet);

/* Does the number of an address or protocol family name one that tun carries? 2 and 30 do; anything
 * else is TT_FAMILY_NONE. */
enum tt_family tt_family_from_number(uint32_t number);

/* The four bytes a program reads and writes before a packet in head mode: network order. */
void tt_family_word_encode(enum tt_family family, uint8_t word[TT_FAMILY_WORD_BYTES]);

/* The number in a family word in network order, whatever it is. */
uint32_t tt_family_word_decode(const uint8_t word[TT_FAMILY_WORD_BYTES]);

/* The four bytes before a packet for bpf's DLT_NULL: the order of the machine this is compiled for,
 * because libpcap compiles DLT_NULL filters that way. */
void tt_null_word_encode(enum tt_family family, uint8_t word[TT_FAMILY_WORD_BYTES]);

/* How many bytes of a packet from the stack are not part of it: 4 if start begins with a DLT_NULL
 * family word in the order of this machine and the packet behind it is of that family, as a program
 * writes it through bpf; else 0. start holds the first TT_TUN_PARSE_BYTES, or all of a shorter packet.
 * A bare packet is never mistaken: no word begins with the nibble 4 or 6. */
uint32_t tt_null_word_length_bytes(struct tt_bytes start);

/* ---- tap ---------------------------------------------------------------- */

#define TT_LLADDR_BYTES 6u
#define TT_ETHER_HEADER_BYTES 14u
#define TT_VLAN_TAG_BYTES 4u
#define TT_ETHERTYPE_VLAN 0x8100u
#define TT_ETHERTYPE_MIN 0x0600u     /* from here on the type field is an Ethernet II type */
#define TT_ETHER_LENGTH_MAX 1500u    /* up to here it is an 802.3 length */

/* May a write of this many bytes be copied in at all? TT_EINVAL: fewer than 14. TT_EMSGSIZE:
 * more than mtu_bytes + 18, which even a tagged frame cannot be. */
enum tt_error tt_tap_length_check(uint64_t length_bytes, uint32_t mtu_bytes);

/* Judges a whole frame of length_bytes which begins with the bytes of start (at least the 14 of
 * the header, else TT_EINVAL). TT_EMSGSIZE: longer than mtu_bytes + 14, or + 18 if the type is
 * 802.1Q (0x8100). TT_EINVAL: an 802.1Q frame without room for its tag (under 18 bytes). A
 * header without any payload is a frame. */
enum tt_error tt_tap_parse(struct tt_bytes start, uint64_t length_bytes, uint32_t mtu_bytes);

/* Whom an Ethernet frame is for. */
enum tt_destination {
    TT_DESTINATION_US,        /* our own unicast address */
    TT_DESTINATION_OTHER,     /* somebody else's: only for promiscuous listeners */
    TT_DESTINATION_BROADCAST, /* ff:ff:ff:ff:ff:ff */
    TT_DESTINATION_MULTICAST  /* any other group address */
};

/* destination is the first six bytes of the frame. lladdr must be the address of the moment, copied
 * whole under the unit's lock. */
enum tt_destination tt_ether_classify(const uint8_t destination[TT_LLADDR_BYTES],
    const uint8_t lladdr[TT_LLADDR_BYTES]);

/* May it be an interface's address? Neither a group address nor all zero. */
bool tt_lladdr_acceptable(const uint8_t lladdr[TT_LLADDR_BYTES]);

/* Turns six random bytes into a locally administered unicast address: the group bit goes, the
 * local bit comes. The result is always acceptable. */
void tt_lladdr_from_random(uint8_t lladdr[TT_LLADDR_BYTES]);

/* How a frame says what it carries. The values are Darwin's DLIL_DESC_ numbers. */
enum tt_demux_kind {
    TT_DEMUX_NONE = 0,
    TT_DEMUX_ETYPE2 = 4, /* 2 bytes: Ethernet II type, network order */
    TT_DEMUX_SAP = 5,    /* 3 bytes: DSAP, SSAP, control */
    TT_DEMUX_SNAP = 6    /* 5 bytes: organisation (3), type (2), network order */
};

#define TT_DEMUX_BYTES_MAX 5u

struct tt_demux {
    enum tt_demux_kind kind;
    uint8_t length_bytes; /* 2, 3 or 5 according to kind; 0 for NONE */
    uint8_t bytes[TT_DEMUX_BYTES_MAX];
};

/* Reads what a received frame carries. header is its Ethernet header (shorter than 14 bytes:
 * NONE), payload what follows as far as it is contiguous - 8 bytes are enough. Types 0x0600 and
 * up are ETYPE2. Lengths up to 1500 are LLC: AA AA 03 with five bytes behind is SNAP, three
 * bytes of anything else SAP, and less than that is NONE. 1501 to 1535 mean nothing: NONE. */
struct tt_demux tt_ether_demux_read(struct tt_bytes header, struct tt_bytes payload);

/* Builds a descriptor from what a protocol hands over at attach (kind and data as in Darwin's
 * struct ifnet_demux_desc). TT_EINVAL if the kind is unknown, the length is not the kind's, or
 * data is NULL. */
enum tt_error tt_demux_make(uint32_t kind, struct tt_bytes data, struct tt_demux *demux);

#endif
