/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BRIDGE_FRAME_H
#define KSIM_BRIDGE_FRAME_H

/* Frames as the bridge_*.c files see them. Nobody else includes this. */

#include <bridge.h>
#include <mbuf.h>
#include <net/ethernet.h>

/* Marks a frame as the bridge's own work; copies carry the mark on. */
static inline void
frame_mark(mbuf_t frame)
{
    frame->flags |= BRIDGE_MARK;
}

static inline bool
frame_is_marked(mbuf_t frame)
{
    return (frame->flags & BRIDGE_MARK) != 0;
}

/* Addressed to a group or to all, as demux or the sender has flagged it. */
static inline bool
frame_is_group(mbuf_t frame)
{
    return (frame->flags & (MBUF_BCAST | MBUF_MCAST)) != 0;
}

/* Moves the start of the packet to its frame header (more) or behind it (less). */
static inline void
frame_move_start(mbuf_t frame, int64_t bytes)
{
    (void)mbuf_setdata(frame, (char *)mbuf_data(frame) - bytes,
                       (size_t)((int64_t)mbuf_len(frame) + bytes));
    mbuf_pkthdr_adjustlen(frame, (int)bytes);
}

#endif
