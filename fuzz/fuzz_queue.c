/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core's queue against a naive model: a list that is moved up whenever something is taken from its front.
 * An input is the byte bound (4 bytes) and operations, each a byte for what, then its own operands.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fuzz_input.h"
#include "oracle.h"
#include "queue.h"

enum { BATCH_MAX = 160 };

struct model {
    struct tt_packet list[TT_QUEUE_CAPACITY];
    uint32_t count;
    uint64_t bytes_limit;
    struct tt_queue_counters counters;
};

static struct tt_queue queue;
static struct model model;
static uintptr_t next_name; /* each packet of an input has its own */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint64_t
model_bytes(void)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < model.count; i++)
        bytes += model.list[i].length_bytes;
    return bytes;
}

/* How many of them the model takes. */
static size_t
model_push(const struct tt_packet *packets, size_t count)
{
    size_t accepted = 0;
    bool full = false;

    for (size_t i = 0; i < count && packets[i].packet != NULL; i++) {
        full = full || model.count == TT_QUEUE_CAPACITY ||
               model_bytes() + packets[i].length_bytes > model.bytes_limit;
        if (full) {
            model.counters.dropped_full++;
            model.counters.dropped_full_bytes += packets[i].length_bytes;
        } else {
            model.list[model.count++] = packets[i];
            model.counters.pushed++;
            accepted++;
        }
    }
    return accepted;
}

/* What was taken is the model's front. */
static void
model_take(const struct tt_packet *taken, size_t count, size_t capacity)
{
    size_t wanted = capacity < model.count ? capacity : model.count;

    ORACLE(count == wanted, "%zu taken where the model gives %zu", count, wanted);
    for (size_t i = 0; i < count; i++)
        ORACLE(taken[i].packet == model.list[i].packet && taken[i].length_bytes == model.list[i].length_bytes &&
                   taken[i].framing == model.list[i].framing,
               "packet %zu of %zu is another", i, count);
    model.count -= (uint32_t)count;
    memmove(model.list, model.list + count, model.count * sizeof(model.list[0]));
}

/* One packet in 64 is none. */
static struct tt_packet
packet_take(struct fuzz_input *input)
{
    uint8_t shape = fuzz_input_u8(input);
    uint32_t length_bytes = (shape & 0x80) != 0 ? fuzz_input_u32(input) : (uint32_t)shape * 512;

    if ((shape & 0x3f) == 0x3f)
        return (struct tt_packet){NULL, length_bytes, shape & 1};
    return (struct tt_packet){(void *)++next_name, length_bytes, shape & 1};
}

static void
push_one(struct fuzz_input *input)
{
    struct tt_packet packet = packet_take(input);
    enum tt_error error = tt_queue_push(&queue, packet);
    enum tt_error wanted = packet.packet == NULL ? TT_EINVAL : model_push(&packet, 1) == 1 ? TT_OK : TT_ENOBUFS;

    ORACLE(error == wanted, "push says %d where the model says %d", (int)error, (int)wanted);
}

/* All of a batch are alike but for their names, and for the one that is none. */
static void
push_batch(struct fuzz_input *input)
{
    struct tt_packet packets[BATCH_MAX];
    size_t count = fuzz_input_below(input, BATCH_MAX + 1), hole = fuzz_input_u8(input), accepted, wanted;
    struct tt_packet like = packet_take(input);

    for (size_t i = 0; i < count; i++) {
        packets[i] = like;
        packets[i].packet = i == hole ? NULL : (void *)++next_name;
    }
    accepted = tt_queue_push_batch(&queue, packets, count);
    wanted = model_push(packets, count);
    ORACLE(accepted == wanted, "%zu accepted where the model takes %zu", accepted, wanted);
}

static void
pop_one(void)
{
    struct tt_packet packet = {&queue, 1, 2};
    bool popped = tt_queue_pop(&queue, &packet);

    ORACLE(popped || (packet.packet == &queue && packet.length_bytes == 1 && packet.framing == 2),
           "nothing popped, but the packet written");
    model.counters.popped += popped;
    model_take(&packet, popped, 1);
}

static void
take_batch(struct fuzz_input *input, bool purge)
{
    struct tt_packet packets[BATCH_MAX];
    size_t capacity = fuzz_input_below(input, BATCH_MAX + 1);
    size_t taken = purge ? tt_queue_purge(&queue, packets, capacity) : tt_queue_pop_batch(&queue, packets, capacity);

    *(purge ? &model.counters.purged : &model.counters.popped) += taken;
    model_take(packets, taken, capacity);
}

static void
begin(uint32_t bytes_limit)
{
    memset(&queue, 0xa5, sizeof(queue)); /* whatever the memory held */
    tt_queue_init(&queue, bytes_limit);
    memset(&model, 0, sizeof(model));
    model.bytes_limit = bytes_limit == 0 ? TT_QUEUE_BYTES_MAX : bytes_limit;
    next_name = 0;
}

static void
compare(void)
{
    uint32_t first = model.count == 0 ? 0 : model.list[0].length_bytes;

    ORACLE(tt_queue_count(&queue) == model.count, "%u packets where the model has %u", queue.count, model.count);
    ORACLE(queue.bytes == model_bytes(), "%u bytes where the model has %ju", queue.bytes, (uintmax_t)model_bytes());
    ORACLE(tt_queue_peek_length_bytes(&queue) == first, "FIONREAD is not %u", first);
    ORACLE(memcmp(&queue.counters, &model.counters, sizeof(model.counters)) == 0, "counters differ");
    ORACLE(tt_queue_validate(&queue), "the queue is damaged");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = fuzz_input_of(bytes, length);

    begin(fuzz_input_u32(&input));
    while (!fuzz_input_is_empty(&input)) {
        switch (fuzz_input_below(&input, 5)) {
        case 0:
            push_one(&input);
            break;
        case 1:
            push_batch(&input);
            break;
        case 2:
            pop_one();
            break;
        case 3:
            take_batch(&input, false);
            break;
        default:
            take_batch(&input, true);
            break;
        }
        compare();
    }
    return 0;
}
