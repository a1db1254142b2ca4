/* SPDX-License-Identifier: BSD-2-Clause */

/* What the KPI shows of packets, for the comparison. */

#include "replay_guest.h"

#include <mbuf.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>

static int
handle_find(const struct replay_guest *guest, mbuf_t m)
{
    if (m == NULL)
        return -1;
    for (int h = 0; h < REPLAY_HANDLES; h++)
        if (guest->handles[h] == m)
            return h;
    return REPLAY_HANDLES;
}

bool
replay_guest_look(const struct replay_guest *guest, int handle, struct replay_packet *packet)
{
    mbuf_t m = guest->handles[handle];

    if (m == NULL)
        return false;
    packet->has_header = (mbuf_flags(m) & MBUF_PKTHDR) != 0;
    packet->length = 0;
    if (packet->has_header && !packet->length_unknown)
        packet->length = (int64_t)mbuf_pkthdr_len(m);
    packet->next_packet = handle_find(guest, mbuf_nextpkt(m));
    packet->count = 0;
    for (; m != NULL && packet->count < REPLAY_CHAIN; m = mbuf_next(m)) {
        struct replay_mbuf *seen = &packet->mbufs[packet->count++];

        seen->data = mbuf_data(m);
        seen->offset = (int64_t)((uintptr_t)seen->data - (uintptr_t)mbuf_datastart(m));
        seen->len = (int64_t)mbuf_len(m);
        seen->max = (int64_t)mbuf_maxlen(m);
        seen->lead = (int64_t)mbuf_leadingspace(m);
        seen->trail = (int64_t)mbuf_trailingspace(m);
        seen->flags = mbuf_flags(m);
        seen->type = mbuf_type(m);
        seen->external = (seen->flags & MBUF_EXT) != 0;
        seen->shared = mbuf_mclhasreference(m) != 0;
    }
    return true;
}

void
replay_guest_live(uint64_t live[5])
{
    const struct mbuf_live *now = &ksim_current()->mbufs->live;

    live[0] = now->mbufs;
    live[1] = now->clusters[MBUF_CLASS_2K];
    live[2] = now->clusters[MBUF_CLASS_4K];
    live[3] = now->clusters[MBUF_CLASS_16K];
    live[4] = now->release_calls;
}

void
replay_guest_sizes(uint32_t sizes[3])
{
    sizes[0] = mbuf_get_mlen();
    sizes[1] = mbuf_get_mhlen();
    sizes[2] = mbuf_get_minclsize();
}

const char *
replay_guest_error_name(int error)
{
    switch (error) {
    case 0: return "0";
    case ENOENT: return "ENOENT";
    case ENXIO: return "ENXIO";
    case ENOMEM: return "ENOMEM";
    case EBUSY: return "EBUSY";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EWOULDBLOCK: return "EWOULDBLOCK";
    case ENOTSUP: return "ENOTSUP";
    case ENOBUFS: return "ENOBUFS";
    default: return "E?";
    }
}
