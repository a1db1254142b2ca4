/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counters.h - what became of every packet of a unit, by cause.
 *
 * Each packet is counted once, with the cause that ended its way through the driver. "out" is
 * the direction of the stack (stack to program, a read), "in" is program to stack (a write). The
 * sums are the promise: packets offered by the stack = OUT_* without OUT_TRUNCATED, + those
 * still queued or in a reader's hands; writes that reached the driver = IN_*. It holds for bytes too,
 * because they are counted as they were offered, whatever the cause: out, the packet without a
 * family word; in, all that the program wrote.
 *
 * Locks: none inside; the caller serialises. Totals run from load to unload unless the caller
 * clears.
 */
#ifndef TT_COUNTERS_H
#define TT_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum tt_cause {
    TT_CAUSE_OUT_DELIVERED = 0, /* read by the program, whole or short */
    TT_CAUSE_OUT_TRUNCATED,     /* of those: the buffer was shorter; bytes = what was lost of the packet */
    TT_CAUSE_OUT_FULL,          /* refused: the queue was full */
    TT_CAUSE_OUT_DOWN,          /* refused: not up, or no session */
    TT_CAUSE_OUT_PURGED,        /* thrown away at down or close */
    TT_CAUSE_OUT_FAULT,         /* lost: the reader's memory was bad */
    TT_CAUSE_OUT_BAD,           /* refused: family unknown, or not framable */
    TT_CAUSE_OUT_NO_MEMORY,     /* lost: no mbuf for a header */
    TT_CAUSE_IN_DELIVERED,      /* given to the stack */
    TT_CAUSE_IN_SHORT,          /* EINVAL */
    TT_CAUSE_IN_LONG,           /* EMSGSIZE */
    TT_CAUSE_IN_FAMILY,         /* EAFNOSUPPORT */
    TT_CAUSE_IN_DOWN,           /* EIO or ENXIO: not up, or the session ended during the copy */
    TT_CAUSE_IN_FAULT,          /* EFAULT: the writer's memory was bad */
    TT_CAUSE_IN_NO_MEMORY,      /* ENOBUFS: no mbuf */
    TT_CAUSE_IN_FULL,           /* ENOBUFS: too many are on their way to the stack (backlog.h) */
    TT_CAUSE_IN_REFUSED,        /* the stack did not take it */
    TT_CAUSE_COUNT
};

struct tt_counters {
    uint64_t packets[TT_CAUSE_COUNT];
    uint64_t bytes[TT_CAUSE_COUNT];
};

/* All zero, whatever the memory held. */
void tt_counters_init(struct tt_counters *counters);

/* True if no cause has bytes without packets and truncated reads are no more than reads. */
bool tt_counters_validate(const struct tt_counters *counters);

/* Counts packets with together so many bytes. A cause out of range is ignored. For a truncated
 * read count OUT_DELIVERED first, then OUT_TRUNCATED with the bytes lost. */
void tt_counters_add(struct tt_counters *counters, enum tt_cause cause, uint64_t packets,
    uint64_t bytes);

/* For the interface's statistics: a packet that did not arrive is an error if it was malformed or its
 * memory was bad, or if there was none for its header; it is a drop if it was good and had no place. */
enum tt_fate { TT_FATE_DELIVERED, TT_FATE_ERROR, TT_FATE_DROPPED };

/* TT_FATE_ERROR for a cause out of range. */
enum tt_fate tt_cause_fate(enum tt_cause cause);

/* A short name for logs and reports: "out full"; "?" if out of range. Static string. */
const char *tt_cause_name(enum tt_cause cause);

#endif
