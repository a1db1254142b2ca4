/* SPDX-License-Identifier: BSD-2-Clause */
#include "mbuf.h"

#include <sys/errno.h>

/* The cluster sizes mbuf_getcluster knows, in every release. */
#define CLUSTER_SMALL_BYTES 2048u
#define CLUSTER_MEDIUM_BYTES 4096u
#define CLUSTER_LARGE_BYTES 16384u

/* Of the smallest cluster with so much room, which one of them has. */
static size_t
cluster_bytes_for(size_t room_bytes)
{
    if (room_bytes <= CLUSTER_SMALL_BYTES) {
        return CLUSTER_SMALL_BYTES;
    }
    return room_bytes <= CLUSTER_MEDIUM_BYTES ? CLUSTER_MEDIUM_BYTES : CLUSTER_LARGE_BYTES;
}

/* One packet header mbuf, with a cluster if it has to be larger than the header mbuf itself. */
static errno_t
packet_allocate_single(size_t length_bytes, size_t pad_bytes, mbuf_t *packet)
{
    size_t room_bytes = length_bytes + pad_bytes;
    mbuf_t m = NULL;
    errno_t error = 0;

    if (room_bytes > CLUSTER_LARGE_BYTES || mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_DATA, &m) != 0) {
        return ENOBUFS;
    }
    /* On failure an mbuf that was given in stays ours. */
    if (room_bytes > mbuf_get_mhlen()) {
        error = mbuf_getcluster(MBUF_DONTWAIT, MBUF_TYPE_DATA, cluster_bytes_for(room_bytes), &m);
    }
    if (error == 0 && pad_bytes == 0) {
        mbuf_setlen(m, length_bytes); /* its data begin where there is most room */
    } else if (error == 0) {
        error = mbuf_setdata(m, (u_int8_t *)mbuf_datastart(m) + pad_bytes, length_bytes);
    }
    if (error != 0) {
        mbuf_freem(m);
        return ENOBUFS;
    }
    *packet = m;
    return 0;
}

/* mbuf_allocpacket leaves every length at zero. */
static void
packet_spread_length(mbuf_t packet, size_t length_bytes)
{
    mbuf_t m;

    for (m = packet; m != NULL; m = mbuf_next(m)) {
        size_t part_bytes = mbuf_maxlen(m);

        if (part_bytes > length_bytes) {
            part_bytes = length_bytes;
        }
        mbuf_setlen(m, part_bytes);
        length_bytes -= part_bytes;
    }
}

static errno_t
packet_allocate_chain(size_t length_bytes, mbuf_t *packet)
{
    mbuf_t m = NULL;
    unsigned int chunk_count_max = 0; /* any number */

    if (mbuf_allocpacket(MBUF_DONTWAIT, length_bytes, &chunk_count_max, &m) != 0) {
        return ENOBUFS;
    }
    packet_spread_length(m, length_bytes);
    *packet = m;
    return 0;
}

errno_t
tuntap_packet_allocate(size_t length_bytes, size_t pad_bytes, mbuf_t *packet)
{
    mbuf_t m = NULL;
    errno_t error = packet_allocate_single(length_bytes, pad_bytes, &m);

    *packet = NULL;
    if (error != 0) {
        /* Too large for one cluster, or this kernel has no large ones at the moment. */
        error = packet_allocate_chain(length_bytes, &m);
    }
    if (error != 0) {
        return error;
    }
    mbuf_pkthdr_setlen(m, length_bytes);
    *packet = m;
    return 0;
}

errno_t
tuntap_packet_copy_in(mbuf_t packet, uio_t uio)
{
    mbuf_t m;
    errno_t error = 0;

    for (m = packet; m != NULL && error == 0; m = mbuf_next(m)) {
        error = uiomove(mbuf_data(m), (int)mbuf_len(m), uio);
    }
    return error;
}

errno_t
tuntap_packet_copy_out(mbuf_t packet, uio_t uio)
{
    mbuf_t m;
    errno_t error = 0;

    /* uiomove moves no more than there is room for. */
    for (m = packet; m != NULL && error == 0 && uio_resid(uio) > 0; m = mbuf_next(m)) {
        error = uiomove(mbuf_data(m), (int)mbuf_len(m), uio);
    }
    return error;
}

size_t
tuntap_packet_peek(mbuf_t packet, void *buffer, size_t capacity_bytes)
{
    size_t length_bytes = mbuf_pkthdr_len(packet);

    if (length_bytes > capacity_bytes) {
        length_bytes = capacity_bytes;
    }
    if (length_bytes == 0 || mbuf_copydata(packet, 0, length_bytes, buffer) != 0) {
        return 0;
    }
    return length_bytes;
}

struct tt_bytes
tuntap_packet_start(mbuf_t packet, void *buffer, size_t capacity_bytes)
{
    if (mbuf_len(packet) >= capacity_bytes) {
        return (struct tt_bytes){mbuf_data(packet), capacity_bytes};
    }
    return (struct tt_bytes){buffer, tuntap_packet_peek(packet, buffer, capacity_bytes)};
}
