/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * backlog.h - the packets that writers have given to the stack and the stack has not looked at yet.
 *
 * XNU takes every packet (ifnet_input queues without end up to 13; from 14 on it throws the oldest
 * away in silence), so the driver bounds what it gives. All that is known is one word, so that the
 * embedder can change it by compare-and-swap and needs no lock when the stack looks at a packet.
 * Every step takes the word as it is and answers with the word as it shall be:
 *
 *     do { old = word; verdict = step(old); } while (!compare_and_swap(&word, old, verdict.next));
 *
 * Policy: a packet is refused while TT_BACKLOG_LIMIT are on their way. Whoever was refused, or has
 * asked and was told to wait, may come again when no more than TT_BACKLOG_LOW are left. Exactly one
 * step says so (wake); until then whoever asks is told to wait.
 *
 * The count cannot get stuck. It never falls below zero: packets of strangers, which come by
 * uncounted, are forgiven. The kernel throws packets away only when more than 1024 are queued (the
 * least value of net.link.generic.system.rcvq_burst_limit) and leaves at least 20 % (the least of
 * rcvq_trim_pct), 204, which still come by: 512 - 204 is below the low mark. A link whose packets
 * may be taken before the driver sees them is not watched: nothing is counted or refused.
 *
 * Locks: none. A word that is none of ours is treated as far as its fields make sense; in debug
 * builds it is an assertion.
 */
#ifndef TT_BACKLOG_H
#define TT_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

#define TT_BACKLOG_LIMIT 512u
#define TT_BACKLOG_LOW 384u

/* Nothing on its way, nobody waits, the link is watched: how a session begins. */
#define TT_BACKLOG_EMPTY UINT32_C(0)

struct tt_backlog_verdict {
    uint32_t next;       /* the word from now on */
    enum tt_error error; /* TT_OK, or TT_ENOBUFS from add and ask */
    bool wake;           /* all who wait to write shall look again */
};

/* True if the word is one that the steps make: no more packets than the limit, and neither packets
 * nor waiters on a link that is not watched. */
bool tt_backlog_validate(uint32_t word);

/* A packet is about to be given to the stack. TT_OK: counted, give it. TT_ENOBUFS: too many are on
 * their way; the packet stays the caller's, who now counts as one who waits. */
struct tt_backlog_verdict tt_backlog_add(uint32_t word);

/* The stack has looked at a packet, or has not taken one that was counted. */
struct tt_backlog_verdict tt_backlog_remove(uint32_t word);

/* May a writer come? TT_OK, or TT_ENOBUFS: he now counts as one who waits. */
struct tt_backlog_verdict tt_backlog_ask(uint32_t word);

/* The interface went down: what is on its way is forgotten, and nobody waits any more. */
struct tt_backlog_verdict tt_backlog_restart(uint32_t word);

/* From now on packets may be taken before the driver sees them; and no more. The count begins anew
 * if that is a change. */
struct tt_backlog_verdict tt_backlog_unwatch(uint32_t word);
struct tt_backlog_verdict tt_backlog_watch(uint32_t word);

/* Packets on their way, as far as they are counted. */
uint32_t tt_backlog_count(uint32_t word);

#endif
