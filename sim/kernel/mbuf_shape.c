/* SPDX-License-Identifier: BSD-2-Clause */

/* Packets in the shapes that a driver must expect from the stack. */

#include "mbuf.h"

enum { LINK_HEADER_BYTES = 16, SPLIT_BYTES = 9, SINGLE_BYTES = 24 };

/* Appends an mbuf with `bytes` of data to the packet; clusters for what does not fit. */
static bool
packet_append(mbuf_t packet, const uint8_t **from, size_t bytes, uint32_t how)
{
    struct mbuf_who who = MBUF_WHO("stack output");
    mbuf_t last = packet, m;

    while (last->next != NULL)
        last = last->next;
    m = mbuf_take(how, MBUF_TYPE_DATA, 0, who);
    if (m == NULL)
        return false;
    last->next = m;
    if (bytes > mbuf_buffer_bytes(m) && !mbuf_take_cluster(m, mbuf_class_for(bytes), how, who))
        return false;
    machine_copy(m->data, *from, bytes);
    m->len_bytes = (int32_t)bytes;
    packet->packet.len_bytes += (int32_t)bytes;
    *from += bytes;
    return true;
}

static bool
packet_append_all(mbuf_t packet, const uint8_t **from, size_t bytes, uint32_t how)
{
    const size_t most_bytes = mbuf_class_bytes(MBUF_CLASS_16K);

    while (bytes > 0) {
        size_t part_bytes = bytes < most_bytes ? bytes : most_bytes;

        if (!packet_append(packet, from, part_bytes, how))
            return false;
        bytes -= part_bytes;
    }
    return true;
}

/* Fills the header mbuf itself with the first bytes, `lead_bytes` from its start; returns how many. */
static size_t
head_fill(mbuf_t packet, const uint8_t **from, size_t bytes, size_t lead_bytes)
{
    size_t room_bytes = mbuf_buffer_bytes(packet) - lead_bytes;
    size_t count = bytes < room_bytes ? bytes : room_bytes;

    packet->data = mbuf_buffer(packet) + lead_bytes;
    machine_copy(packet->data, *from, count);
    packet->len_bytes = (int32_t)count;
    packet->packet.len_bytes = (int32_t)count;
    *from += count;
    return count;
}

static bool
shape_fill(mbuf_t packet, enum mbuf_shape shape, const uint8_t *from, size_t bytes, uint32_t how)
{
    struct mbuf_who who = MBUF_WHO("stack output");
    size_t singles = bytes < SINGLE_BYTES ? bytes : SINGLE_BYTES;
    size_t lead_bytes = shape == MBUF_SHAPE_PLAIN ? LINK_HEADER_BYTES : 0;
    bool cluster = shape == MBUF_SHAPE_JUMBO || shape == MBUF_SHAPE_SHARED;
    size_t wanted_bytes = bytes + lead_bytes;

    switch (shape) {
    case MBUF_SHAPE_EMPTY_FIRST:
        return packet_append_all(packet, &from, bytes, how);
    case MBUF_SHAPE_SPLIT_HEADER:
        bytes -= head_fill(packet, &from, bytes < SPLIT_BYTES ? bytes : SPLIT_BYTES, 0);
        return packet_append_all(packet, &from, bytes, how);
    case MBUF_SHAPE_BYTES:
        for (size_t i = 0; i < singles; i++)
            if (!packet_append(packet, &from, 1, how))
                return false;
        return packet_append_all(packet, &from, bytes - singles, how);
    default:
        break;
    }
    if (shape == MBUF_SHAPE_JUMBO)
        wanted_bytes = mbuf_class_bytes(MBUF_CLASS_16K);
    if (wanted_bytes > mbuf_class_bytes(MBUF_CLASS_16K))
        wanted_bytes = mbuf_class_bytes(MBUF_CLASS_16K);
    cluster = cluster || wanted_bytes > mbuf_buffer_bytes(packet);
    if (cluster && !mbuf_take_cluster(packet, mbuf_class_for(wanted_bytes), how, who))
        return false;
    bytes -= head_fill(packet, &from, bytes, lead_bytes);
    return packet_append_all(packet, &from, bytes, how);
}

mbuf_t
mbuf_shape_packet(enum mbuf_shape shape, const void *bytes, size_t length_bytes, uint32_t how,
                  mbuf_t *keeper)
{
    struct mbuf_who who = MBUF_WHO("stack output");
    mbuf_t packet = mbuf_take(how, MBUF_TYPE_DATA, MBUF_PKTHDR, who);

    *keeper = NULL;
    if (packet == NULL)
        goto fail;
    if (!shape_fill(packet, shape, bytes, length_bytes, how))
        goto free_packet;
    if (shape == MBUF_SHAPE_SHARED) {
        *keeper = mbuf_take(how, MBUF_TYPE_DATA, 0, who);
        if (*keeper == NULL)
            goto free_packet;
        mbuf_share_cluster(*keeper, packet);
        (*keeper)->data = packet->data;
        (*keeper)->len_bytes = packet->len_bytes;
    }
    return packet;

free_packet:
    mbuf_release_chain(packet, who.name);
fail:
    return NULL;
}
