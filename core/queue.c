/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue.h"

#include "assert.h"
#include "frame.h"

#define INDEX_MASK (TT_QUEUE_CAPACITY - 1u)

_Static_assert((TT_QUEUE_CAPACITY & INDEX_MASK) == 0, "the capacity is a power of two");

uint32_t
tt_packet_bare_length_bytes(struct tt_packet packet)
{
    uint32_t word_bytes = packet.framing == TT_FRAMING_HEAD ? TT_FAMILY_WORD_BYTES : 0;

    TT_ASSERT(packet.length_bytes >= word_bytes);
    return packet.length_bytes - word_bytes;
}

void
tt_queue_init(struct tt_queue *queue, uint32_t bytes_limit)
{
    TT_ASSERT(queue != NULL);
    for (uint32_t i = 0; i < TT_QUEUE_CAPACITY; i++)
        queue->ring[i] = (struct tt_packet){ NULL, 0, 0 };
    queue->head = 0;
    queue->count = 0;
    queue->bytes = 0;
    queue->bytes_limit = bytes_limit == 0 ? TT_QUEUE_BYTES_MAX : bytes_limit;
    queue->counters = (struct tt_queue_counters){ 0, 0, 0, 0, 0 };
    TT_ASSERT(tt_queue_validate(queue));
}

bool
tt_queue_validate(const struct tt_queue *queue)
{
    uint64_t bytes = 0;

    if (queue == NULL || queue->head >= TT_QUEUE_CAPACITY || queue->count > TT_QUEUE_CAPACITY)
        return false;
    for (uint32_t i = 0; i < TT_QUEUE_CAPACITY; i++) {
        const struct tt_packet *entry = &queue->ring[(queue->head + i) & INDEX_MASK];

        /* Free slots hold NULL: a stale pointer would be a second owner. */
        if ((entry->packet != NULL) != (i < queue->count))
            return false;
        if (i < queue->count)
            bytes += entry->length_bytes;
    }
    if (bytes != queue->bytes || queue->bytes > queue->bytes_limit || queue->bytes_limit == 0)
        return false;
    return queue->counters.pushed ==
        queue->counters.popped + queue->counters.purged + queue->count;
}

static bool
queue_has_room(const struct tt_queue *queue, uint32_t length_bytes)
{
    TT_ASSERT(queue->bytes <= queue->bytes_limit);
    TT_ASSERT(queue->count <= TT_QUEUE_CAPACITY);
    return queue->count < TT_QUEUE_CAPACITY && length_bytes <= queue->bytes_limit - queue->bytes;
}

static void
queue_append(struct tt_queue *queue, struct tt_packet packet)
{
    uint32_t index = (queue->head + queue->count) & INDEX_MASK;

    TT_ASSERT(packet.packet != NULL);
    TT_ASSERT(queue->ring[index].packet == NULL);
    queue->ring[index] = packet;
    queue->count++;
    queue->bytes += packet.length_bytes;
    queue->counters.pushed++;
    TT_ASSERT(queue->count <= TT_QUEUE_CAPACITY && queue->bytes <= queue->bytes_limit);
}

static struct tt_packet
queue_take(struct tt_queue *queue)
{
    struct tt_packet packet = queue->ring[queue->head];

    TT_ASSERT(queue->count > 0);
    TT_ASSERT(packet.packet != NULL && packet.length_bytes <= queue->bytes);
    queue->ring[queue->head] = (struct tt_packet){ NULL, 0, 0 };
    queue->head = (queue->head + 1) & INDEX_MASK;
    queue->count--;
    queue->bytes -= packet.length_bytes;
    return packet;
}

static void
queue_count_drop(struct tt_queue *queue, uint32_t length_bytes)
{
    TT_ASSERT(queue != NULL);
    queue->counters.dropped_full++;
    queue->counters.dropped_full_bytes += length_bytes;
}

enum tt_error
tt_queue_push(struct tt_queue *queue, struct tt_packet packet)
{
    enum tt_error error = TT_OK;

    TT_ASSERT(tt_queue_validate(queue));
    if (packet.packet == NULL)
        return TT_EINVAL;
    if (queue_has_room(queue, packet.length_bytes)) {
        queue_append(queue, packet);
    } else {
        queue_count_drop(queue, packet.length_bytes);
        error = TT_ENOBUFS;
    }
    TT_ASSERT(tt_queue_validate(queue));
    return error;
}

size_t
tt_queue_push_batch(struct tt_queue *queue, const struct tt_packet *packets, size_t count)
{
    size_t accepted = 0;

    TT_ASSERT(tt_queue_validate(queue));
    TT_ASSERT(packets != NULL || count == 0);
    while (accepted < count && packets[accepted].packet != NULL &&
        queue_has_room(queue, packets[accepted].length_bytes))
        queue_append(queue, packets[accepted++]);
    for (size_t i = accepted; i < count && packets[i].packet != NULL; i++)
        queue_count_drop(queue, packets[i].length_bytes);
    TT_ASSERT(accepted <= count && accepted <= TT_QUEUE_CAPACITY);
    TT_ASSERT(tt_queue_validate(queue));
    return accepted;
}

bool
tt_queue_pop(struct tt_queue *queue, struct tt_packet *packet)
{
    TT_ASSERT(packet != NULL);
    return tt_queue_pop_batch(queue, packet, 1) == 1;
}

static size_t
queue_take_batch(struct tt_queue *queue, struct tt_packet *packets, size_t capacity)
{
    size_t taken = 0;

    TT_ASSERT(packets != NULL || capacity == 0);
    TT_ASSERT(tt_queue_validate(queue));
    while (taken < capacity && queue->count > 0)
        packets[taken++] = queue_take(queue);
    return taken;
}

size_t
tt_queue_pop_batch(struct tt_queue *queue, struct tt_packet *packets, size_t capacity)
{
    size_t taken = queue_take_batch(queue, packets, capacity);

    TT_ASSERT(taken <= capacity && taken <= TT_QUEUE_CAPACITY);
    queue->counters.popped += taken;
    TT_ASSERT(tt_queue_validate(queue));
    return taken;
}

size_t
tt_queue_purge(struct tt_queue *queue, struct tt_packet *packets, size_t capacity)
{
    size_t taken = queue_take_batch(queue, packets, capacity);

    TT_ASSERT(taken <= capacity && taken <= TT_QUEUE_CAPACITY);
    queue->counters.purged += taken;
    TT_ASSERT(tt_queue_validate(queue));
    return taken;
}

uint32_t
tt_queue_count(const struct tt_queue *queue)
{
    TT_ASSERT(tt_queue_validate(queue));
    return queue->count;
}

uint32_t
tt_queue_peek_length_bytes(const struct tt_queue *queue)
{
    TT_ASSERT(tt_queue_validate(queue));
    return queue->count == 0 ? 0 : queue->ring[queue->head].length_bytes;
}
