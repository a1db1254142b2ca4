/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_stack.h>

#include <net/kpi_protocol.h>

enum { LINK_HEADER_ROOM_BYTES = 16, LARGEST_CLUSTER_BYTES = 16384 };

enum packet_shape { SHAPE_ONE, SHAPE_NO_ROOM, SHAPE_EMPTY_FIRST, SHAPE_SPLIT_HEADER, SHAPE_COUNT };

struct inet_packet *
inet_packet_allocate(ifnet_t interface, size_t length)
{
    struct inet_packet *packet;

    if (machine_fault("inet packet")) {
        return NULL;
    }
    packet = machine_allocate(sizeof(*packet) + length, "inet packet");
    packet->interface = interface;
    packet->group = false;
    packet->looped = false;
    packet->length = length;
    return packet;
}

void
inet_packet_free(struct inet_packet *packet)
{
    machine_free(packet);
}

struct inet_packet *
inet_packet_take(mbuf_t mbuf)
{
    struct inet_packet *packet;
    size_t length = mbuf_pkthdr_len(mbuf), chain = 0;
    mbuf_t at;

    /* A driver may have lied about the packet length: the chain decides, as it does in m_pullup. */
    for (at = mbuf; at != NULL; at = mbuf_next(at)) {
        chain += mbuf_len(at);
    }
    if (length > chain) {
        length = chain;
    }
    packet = inet_packet_allocate(mbuf_pkthdr_rcvif(mbuf), length);
    if (packet != NULL) {
        packet->group = (mbuf_flags(mbuf) & (MBUF_BCAST | MBUF_MCAST)) != 0;
        packet->looped = (mbuf_flags(mbuf) & MBUF_LOOP) != 0;
        if (length != 0) {
            (void)mbuf_copydata(mbuf, 0, length, packet->bytes);
        }
    }
    mbuf_freem(mbuf);
    return packet;
}

/*
 * One mbuf, with a cluster when the data asks for it and the data `room` bytes behind its start. What no
 * cluster can hold (only looped packets are so long) is a chain without room.
 */
static errno_t
make_single(const uint8_t *bytes, size_t length, size_t room, mbuf_t *out)
{
    const bool fits = length + room <= LARGEST_CLUSTER_BYTES;
    unsigned chunks = fits ? 1 : 0;
    mbuf_t packet = NULL;
    errno_t error = mbuf_allocpacket(MBUF_WAITOK, length + room, &chunks, &packet);

    if (error != 0) {
        return error;
    }
    if (fits) {
        mbuf_setlen(packet, length + room);
        mbuf_pkthdr_setlen(packet, length + room);
        machine_copy((uint8_t *)mbuf_data(packet) + room, bytes, length);
        mbuf_adj(packet, (int)room);
    } else {
        error = mbuf_copyback(packet, 0, length, bytes, MBUF_WAITOK);
    }
    if (error != 0) {
        mbuf_freem(packet);
        return error;
    }
    *out = packet;
    return 0;
}

/* A small header mbuf with the first `head` bytes in front of a packet with the rest. */
static errno_t
make_split(const uint8_t *bytes, size_t length, size_t head, mbuf_t *out)
{
    mbuf_t first = NULL, rest = NULL;
    errno_t error = mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &first);

    if (error != 0) {
        return error;
    }
    machine_copy(mbuf_data(first), bytes, head);
    mbuf_setlen(first, head);
    mbuf_pkthdr_setlen(first, length);
    error = mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &rest);
    if (error == 0 && length - head > mbuf_maxlen(rest)) {
        error = mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_DATA, &rest);
    }
    if (error != 0) {
        mbuf_freem(first);
        if (rest != NULL) {
            mbuf_freem(rest);
        }
        return error;
    }
    machine_copy(mbuf_data(rest), bytes + head, length - head);
    mbuf_setlen(rest, length - head);
    (void)mbuf_setnext(first, rest);
    *out = first;
    return 0;
}

mbuf_t
inet_mbuf_make(const uint8_t *bytes, size_t length)
{
    uint32_t shape = SHAPE_ONE;
    size_t head = 0;
    mbuf_t packet = NULL;
    errno_t error;

    if (machine_fault("inet mbuf")) {
        return NULL;
    }
    if (length > 20 && length <= 2048) {
        shape = machine_choose(CHOICE_WORKLOAD, SHAPE_COUNT, "shape of an outgoing packet");
    }
    if (shape == SHAPE_SPLIT_HEADER) {
        head = 13;
    }
    if (shape == SHAPE_EMPTY_FIRST || shape == SHAPE_SPLIT_HEADER) {
        error = make_split(bytes, length, head, &packet);
    } else {
        error = make_single(bytes, length, shape == SHAPE_ONE ? LINK_HEADER_ROOM_BYTES : 0, &packet);
    }
    return error == 0 ? packet : NULL;
}

errno_t
inet_loop(protocol_family_t family, ifnet_t interface, const uint8_t *bytes, size_t length)
{
    mbuf_t packet = inet_mbuf_make(bytes, length);
    errno_t error;

    if (packet == NULL) {
        return ENOBUFS;
    }
    (void)mbuf_pkthdr_setrcvif(packet, interface);
    (void)mbuf_setflags_mask(packet, MBUF_LOOP, MBUF_LOOP);
    error = proto_inject(family, packet);
    if (error != 0) {
        mbuf_freem(packet);
        return error;
    }
    inet_count(INET_COUNT_LOOPED);
    return 0;
}
