/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue.h - the packets that wait for the program to read them.
 *
 * A bounded ring of opaque packet pointers. Every operation is O(1) per packet, allocates
 * nothing and never looks behind the pointer. Each entry remembers the framing it was queued
 * with, so that a later change of mode does not change packets already queued.
 *
 * Policy: when the ring or the byte bound is full the NEWEST packet is refused (the reader gets
 * the oldest ones, in order) and counted as dropped_full. Reads take a packet out only after the
 * wait is over, so a signal never costs a packet and there is no way back into the queue.
 *
 * Ownership: a packet belongs to the queue from a push that said TT_OK until the pop or purge
 * that hands it out. A refused packet stays the caller's, who frees it.
 *
 * Locks: none inside. The caller serialises all calls on one queue with the unit's lock. In
 * debug builds each call validates the queue before and after.
 */
#ifndef TT_QUEUE_H
#define TT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Packets in one queue. A power of two. */
#define TT_QUEUE_CAPACITY 128u

/* Default byte bound of one queue: 128 jumbo frames of 9018 bytes fit, 128 of 64 KiB do not. */
#define TT_QUEUE_BYTES_MAX (2u * 1024u * 1024u)

/* What stands before the payload when the packet is read. Other values may be stored too. */
enum tt_framing {
    TT_FRAMING_BARE = 0, /* the packet as it is: tun without head, every tap frame */
    TT_FRAMING_HEAD = 1  /* tun with TUNSIFHEAD: the packet begins with its family word */
};

struct tt_packet {
    void *packet;          /* opaque, never NULL in a queue */
    uint32_t length_bytes; /* what a read would deliver, family word included */
    uint8_t framing;       /* enum tt_framing at the time of queueing */
};

/* Length without the family word: what the stack handed over. */
uint32_t tt_packet_bare_length_bytes(struct tt_packet packet);

struct tt_queue_counters {
    uint64_t pushed;             /* packets accepted */
    uint64_t popped;             /* packets handed to readers */
    uint64_t purged;             /* packets handed out to be thrown away */
    uint64_t dropped_full;       /* packets refused because the queue was full */
    uint64_t dropped_full_bytes; /* their bytes */
};
/* Always: pushed == popped + purged + count (tt_queue_validate checks it). */

struct tt_queue {
    struct tt_packet ring[TT_QUEUE_CAPACITY];
    uint32_t head;        /* index of the oldest packet */
    uint32_t count;       /* packets queued */
    uint32_t bytes;       /* sum of their length_bytes, <= bytes_limit */
    uint32_t bytes_limit; /* set at init */
    struct tt_queue_counters counters;
};

/* Empties a queue of unknown contents (its memory may be poison) and zeroes the counters.
 * bytes_limit of 0 means TT_QUEUE_BYTES_MAX. Packets of an earlier life are forgotten, not
 * freed: purge first. */
void tt_queue_init(struct tt_queue *queue, uint32_t bytes_limit);

/* True if every invariant holds: indexes in range, byte sum right, no NULL packet among the queued
 * and no pointer left in a free slot, counters balance. */
bool tt_queue_validate(const struct tt_queue *queue);

/* Puts one packet at the end. TT_OK: the queue owns it. TT_ENOBUFS: full, counted, still the
 * caller's. TT_EINVAL: packet.packet is NULL, nothing counted. */
enum tt_error tt_queue_push(struct tt_queue *queue, struct tt_packet packet);

/* Puts packets[0..count) at the end, in order, as far as they fit. Returns how many were
 * accepted: always a prefix, so that order is kept. packets[accepted..count) stay the caller's
 * and are counted as dropped_full - except that a NULL packet ends the batch, and nothing from
 * it on is counted. */
size_t tt_queue_push_batch(struct tt_queue *queue, const struct tt_packet *packets, size_t count);

/* Takes the oldest packet out for a reader. False, and *packet untouched, if the queue is empty. */
bool tt_queue_pop(struct tt_queue *queue, struct tt_packet *packet);

/* Takes up to capacity of the oldest packets out for a reader. Returns how many. */
size_t tt_queue_pop_batch(struct tt_queue *queue, struct tt_packet *packets, size_t capacity);

/* Like pop_batch, but counted as purged: the caller frees them, outside its lock. Purging is
 * over when it returns 0 (or fewer than capacity). */
size_t tt_queue_purge(struct tt_queue *queue, struct tt_packet *packets, size_t capacity);

/* Packets queued. */
uint32_t tt_queue_count(const struct tt_queue *queue);

/* Bytes the next read would deliver, 0 if empty: the answer to FIONREAD. */
uint32_t tt_queue_peek_length_bytes(const struct tt_queue *queue);

#endif
