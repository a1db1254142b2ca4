/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"

#include "assert.h"

#define LLADDR_GROUP_BIT 0x01u
#define LLADDR_LOCAL_BIT 0x02u
#define SNAP_BYTES 8u /* AA AA 03, organisation, type */
#define SAP_BYTES 3u

/* A view may be empty with any pointer, but bytes need one. */
static bool
view_validate(struct tt_bytes view)
{
    return view.data != NULL || view.length_bytes == 0;
}

bool
tt_mtu_acceptable(int64_t mtu_bytes)
{
    _Static_assert(TT_MTU_MIN < TT_MTU_DEFAULT && TT_MTU_DEFAULT < TT_MTU_MAX, "limits in order");
    return mtu_bytes >= (int64_t)TT_MTU_MIN && mtu_bytes <= (int64_t)TT_MTU_MAX;
}

enum tt_error
tt_tun_length_check(uint64_t length_bytes, bool head_mode, uint32_t mtu_bytes)
{
    uint64_t head_bytes = head_mode ? TT_FAMILY_WORD_BYTES : 0;

    TT_ASSERT(tt_mtu_acceptable(mtu_bytes));
    TT_ASSERT(head_bytes <= TT_TUN_PARSE_BYTES);
    if (length_bytes < head_bytes + TT_IP4_HEADER_BYTES)
        return TT_EINVAL;
    return length_bytes - head_bytes > mtu_bytes ? TT_EMSGSIZE : TT_OK;
}

enum tt_family
tt_family_from_number(uint32_t number)
{
    switch (number) {
    case TT_FAMILY_INET:
        return TT_FAMILY_INET;
    case TT_FAMILY_INET6:
        return TT_FAMILY_INET6;
    default:
        return TT_FAMILY_NONE;
    }
}

enum tt_family
tt_family_of_packet(struct tt_bytes packet)
{
    TT_ASSERT(view_validate(packet));
    if (packet.length_bytes == 0)
        return TT_FAMILY_NONE;
    switch (packet.data[0] >> 4) {
    case 4:
        return TT_FAMILY_INET;
    case 6:
        return TT_FAMILY_INET6;
    default:
        return TT_FAMILY_NONE;
    }
}

struct tt_tun_verdict
tt_tun_parse(struct tt_bytes start, uint64_t length_bytes, bool head_mode, uint32_t mtu_bytes)
{
    struct tt_tun_verdict verdict = { TT_EINVAL, TT_FAMILY_NONE, 0 };
    uint32_t strip_bytes = head_mode ? TT_FAMILY_WORD_BYTES : 0;
    enum tt_error error = tt_tun_length_check(length_bytes, head_mode, mtu_bytes);
    enum tt_family family;

    TT_ASSERT(view_validate(start));
    TT_ASSERT(start.length_bytes <= length_bytes);
    if (error != TT_OK) {
        verdict.error = error;
        return verdict;
    }
    if (start.length_bytes <= strip_bytes)
        return verdict;
    family = tt_family_of_packet(
        (struct tt_bytes){ start.data + strip_bytes, start.length_bytes - strip_bytes });
    if (family == TT_FAMILY_NONE ||
        (head_mode && tt_family_word_decode(start.data) != (uint32_t)family)) {
        verdict.error = TT_EAFNOSUPPORT;
        return verdict;
    }
    if (family == TT_FAMILY_INET6 && length_bytes - strip_bytes < TT_IP6_HEADER_BYTES)
        return verdict;
    return (struct tt_tun_verdict){ TT_OK, family, strip_bytes };
}

void
tt_family_word_encode(enum tt_family family, uint8_t word[TT_FAMILY_WORD_BYTES])
{
    uint32_t number = (uint32_t)family;

    TT_ASSERT(word != NULL);
    for (uint32_t i = 0; i < TT_FAMILY_WORD_BYTES; i++)
        word[i] = (uint8_t)(number >> (8u * (TT_FAMILY_WORD_BYTES - 1u - i)));
    TT_ASSERT(tt_family_word_decode(word) == number);
}

uint32_t
tt_family_word_decode(const uint8_t word[TT_FAMILY_WORD_BYTES])
{
    uint32_t number = 0;

    TT_ASSERT(word != NULL);
    for (uint32_t i = 0; i < TT_FAMILY_WORD_BYTES; i++)
        number = number << 8 | word[i];
    return number;
}

void
tt_null_word_encode(enum tt_family family, uint8_t word[TT_FAMILY_WORD_BYTES])
{
    /* The machine's own order is whatever its memory shows of the number. */
    union {
        uint32_t number;
        uint8_t bytes[TT_FAMILY_WORD_BYTES];
    } host = { (uint32_t)family };

    TT_ASSERT(word != NULL);
    TT_ASSERT(sizeof(host) == TT_FAMILY_WORD_BYTES);
    for (uint32_t i = 0; i < TT_FAMILY_WORD_BYTES; i++)
        word[i] = host.bytes[i];
}

uint32_t
tt_null_word_length_bytes(struct tt_bytes start)
{
    uint8_t word[TT_FAMILY_WORD_BYTES];
    enum tt_family family;
    uint8_t difference = 0;

    TT_ASSERT(view_validate(start));
    TT_ASSERT(TT_TUN_PARSE_BYTES > TT_FAMILY_WORD_BYTES);
    if (start.length_bytes <= TT_FAMILY_WORD_BYTES)
        return 0;
    family = tt_family_of_packet((struct tt_bytes){
        start.data + TT_FAMILY_WORD_BYTES, start.length_bytes - TT_FAMILY_WORD_BYTES });
    tt_null_word_encode(family, word);
    for (uint32_t i = 0; i < TT_FAMILY_WORD_BYTES; i++)
        difference |= (uint8_t)(word[i] ^ start.data[i]);
    return family != TT_FAMILY_NONE && difference == 0 ? TT_FAMILY_WORD_BYTES : 0;
}

enum tt_error
tt_tap_length_check(uint64_t length_bytes, uint32_t mtu_bytes)
{
    uint64_t longest_bytes = (uint64_t)mtu_bytes + TT_ETHER_HEADER_BYTES + TT_VLAN_TAG_BYTES;

    TT_ASSERT(tt_mtu_acceptable(mtu_bytes));
    TT_ASSERT(longest_bytes > mtu_bytes);
    if (length_bytes < TT_ETHER_HEADER_BYTES)
        return TT_EINVAL;
    return length_bytes > longest_bytes ? TT_EMSGSIZE : TT_OK;
}

/* The type or length field of a header of at least 14 bytes. */
static uint32_t
ether_type(struct tt_bytes header)
{
    TT_ASSERT(view_validate(header));
    TT_ASSERT(header.length_bytes >= TT_ETHER_HEADER_BYTES);
    return (uint32_t)header.data[12] << 8 | header.data[13];
}

enum tt_error
tt_tap_parse(struct tt_bytes start, uint64_t length_bytes, uint32_t mtu_bytes)
{
    enum tt_error error = tt_tap_length_check(length_bytes, mtu_bytes);
    uint64_t header_bytes = TT_ETHER_HEADER_BYTES;

    TT_ASSERT(view_validate(start));
    TT_ASSERT(start.length_bytes <= length_bytes);
    if (error != TT_OK)
        return error;
    if (start.length_bytes < TT_ETHER_HEADER_BYTES)
        return TT_EINVAL;
    if (ether_type(start) == TT_ETHERTYPE_VLAN)
        header_bytes += TT_VLAN_TAG_BYTES;
    if (length_bytes < header_bytes)
        return TT_EINVAL;
    return length_bytes - header_bytes > mtu_bytes ? TT_EMSGSIZE : TT_OK;
}

static bool
lladdr_equal(const uint8_t *one, const uint8_t *other)
{
    uint8_t difference = 0;

    TT_ASSERT(one != NULL);
    TT_ASSERT(other != NULL);
    for (uint32_t i = 0; i < TT_LLADDR_BYTES; i++)
        difference |= (uint8_t)(one[i] ^ other[i]);
    return difference == 0;
}

enum tt_destination
tt_ether_classify(
    const uint8_t destination[TT_LLADDR_BYTES], const uint8_t lladdr[TT_LLADDR_BYTES])
{
    static const uint8_t broadcast[TT_LLADDR_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    TT_ASSERT(destination != NULL);
    TT_ASSERT(lladdr != NULL);
    if ((destination[0] & LLADDR_GROUP_BIT) == 0)
        return lladdr_equal(destination, lladdr) ? TT_DESTINATION_US : TT_DESTINATION_OTHER;
    /* Everybody is a group as well. */
    return lladdr_equal(destination, broadcast) ? TT_DESTINATION_BROADCAST
                                                : TT_DESTINATION_MULTICAST;
}

bool
tt_lladdr_acceptable(const uint8_t lladdr[TT_LLADDR_BYTES])
{
    static const uint8_t zero[TT_LLADDR_BYTES] = { 0, 0, 0, 0, 0, 0 };

    TT_ASSERT(lladdr != NULL);
    return (lladdr[0] & LLADDR_GROUP_BIT) == 0 && !lladdr_equal(lladdr, zero);
}

void
tt_lladdr_from_random(uint8_t lladdr[TT_LLADDR_BYTES])
{
    TT_ASSERT(lladdr != NULL);
    lladdr[0] = (uint8_t)((lladdr[0] & ~LLADDR_GROUP_BIT) | LLADDR_LOCAL_BIT);
    TT_ASSERT(tt_lladdr_acceptable(lladdr));
}

static struct tt_demux
demux_fill(enum tt_demux_kind kind, const uint8_t *data, uint8_t length_bytes)
{
    struct tt_demux demux = { kind, length_bytes, { 0 } };

    TT_ASSERT(data != NULL);
    TT_ASSERT(length_bytes <= TT_DEMUX_BYTES_MAX);
    for (uint32_t i = 0; i < length_bytes; i++)
        demux.bytes[i] = data[i];
    return demux;
}

struct tt_demux
tt_ether_demux_read(struct tt_bytes header, struct tt_bytes payload)
{
    struct tt_demux none = { TT_DEMUX_NONE, 0, { 0 } };
    const uint8_t *llc = payload.data;
    uint32_t type;

    TT_ASSERT(view_validate(header));
    TT_ASSERT(view_validate(payload));
    if (header.length_bytes < TT_ETHER_HEADER_BYTES)
        return none;
    type = ether_type(header);
    if (type >= TT_ETHERTYPE_MIN)
        return demux_fill(TT_DEMUX_ETYPE2, header.data + 12, 2);
    if (type > TT_ETHER_LENGTH_MAX || payload.length_bytes < SAP_BYTES)
        return none;
    if (llc[0] == 0xaa && llc[1] == 0xaa && llc[2] == 0x03 && payload.length_bytes >= SNAP_BYTES)
        return demux_fill(TT_DEMUX_SNAP, llc + SAP_BYTES, 5);
    return demux_fill(TT_DEMUX_SAP, llc, SAP_BYTES);
}

static size_t
demux_length_of_kind(uint32_t kind)
{
    switch (kind) {
    case TT_DEMUX_ETYPE2:
        return 2;
    case TT_DEMUX_SAP:
        return 3;
    case TT_DEMUX_SNAP:
        return 5;
    default:
        return 0;
    }
}

enum tt_error
tt_demux_make(uint32_t kind, struct tt_bytes data, struct tt_demux *demux)
{
    size_t length_bytes = demux_length_of_kind(kind);

    TT_ASSERT(demux != NULL);
    TT_ASSERT(length_bytes <= TT_DEMUX_BYTES_MAX);
    if (length_bytes == 0 || data.data == NULL || data.length_bytes != length_bytes)
        return TT_EINVAL;
    *demux = demux_fill((enum tt_demux_kind)kind, data.data, (uint8_t)length_bytes);
    return TT_OK;
}
