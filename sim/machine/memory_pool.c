/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_pool.h"

#include <stdlib.h>
#include <string.h>

#include "host_memory.h"
#include "sanitizer.h"

enum {
    FENCE_BYTES = 16,
    SMALL_STEP_BYTES = 32,
    SMALL_MAX_BYTES = 512,
    SMALL_CLASSES = SMALL_MAX_BYTES / SMALL_STEP_BYTES, /* classes 1 .. 16 */
    CHUNK_BYTES = 64 * 1024, /* shared by blocks; what is larger than a quarter has its own */
    RECORDS_PER_CHUNK = 128,
    FREED_RECORDS_MAX = 16384 /* direct: so many freed addresses are remembered */
};

/* No user address of any host: a pointer read from freed memory or a fence faults at once. */
static const uint64_t freed_word = 0xf4eef4eef4eef4eeu;
static const uint64_t fence_word = 0xfdfdfdfdfdfdfdfdu;

typedef uint64_t __attribute__((may_alias)) word_t;
typedef uint64_t __attribute__((may_alias, aligned(1))) odd_word_t;
/* Every capacity is a multiple of it. */
typedef uint64_t __attribute__((vector_size(4 * sizeof(uint64_t)), aligned(8), may_alias)) block_t;

/* A multiple of 16 long, so that what follows stays aligned. */
struct memory_chunk {
    struct memory_chunk *next;
    size_t bytes; /* with this header */
};

/* --- lists ------------------------------------------------------------------------------------ */

void
allocation_list_append(struct allocation_list *list, struct allocation *record)
{
    record->next = NULL;
    record->previous = list->last;
    if (list->last == NULL)
        list->first = record;
    else
        list->last->next = record;
    list->last = record;
    list->count++;
}

void
allocation_list_remove(struct allocation_list *list, struct allocation *record)
{
    if (record->previous == NULL)
        list->first = record->next;
    else
        record->previous->next = record->next;
    if (record->next == NULL)
        list->last = record->previous;
    else
        record->next->previous = record->previous;
    list->count--;
}

/* --- what is in the bytes --------------------------------------------------------------------- */

/* Four words at a time: kernels allocate, fill and zero more than they do anything else. */
static void
blocks_fill(void *memory, size_t bytes, uint64_t value)
{
    const block_t filling = {value, value, value, value};
    block_t *blocks = memory;

    for (size_t index = 0; index * sizeof(*blocks) < bytes; index++)
        blocks[index] = filling;
}

static bool
blocks_are(const void *memory, size_t bytes, uint64_t value)
{
    const block_t filling = {value, value, value, value};
    const block_t *blocks = memory;
    block_t difference = {0};

    for (size_t index = 0; index * sizeof(*blocks) < bytes; index++)
        difference |= blocks[index] ^ filling;
    return (difference[0] | difference[1] | difference[2] | difference[3]) == 0;
}

/* As blocks_fill, and not a byte further. */
static void
bytes_fill(unsigned char *memory, size_t bytes, uint64_t value)
{
    unsigned char word[sizeof(value)];
    size_t filled = bytes < sizeof(word) ? bytes : sizeof(word);

    for (size_t offset = 0; offset < sizeof(word); offset++)
        word[offset] = (unsigned char)(value >> (8 * offset));
    memcpy(memory, word, filled);
    /* Whole words, then twice as much each time: a tool looks once at each copy and not at each byte. */
    while (filled < bytes) {
        size_t more = filled < bytes - filled ? filled : bytes - filled;

        memcpy(memory + filled, memory, more);
        filled += more;
    }
}

/*
 * The fence begins behind the last byte and ends at a multiple of 8, 16 to 23 bytes further. All its bytes are
 * equal, so three words that overlap cover it, wherever it begins.
 */
static size_t
fence_last_word(const struct allocation *record)
{
    return FENCE_BYTES - sizeof(word_t) + (0 - record->bytes) % sizeof(word_t);
}

void
memory_fill_fresh(const struct memory *memory, struct allocation *record)
{
    uint64_t word = memory->poison_seed + record->serial * 0x9e3779b97f4a7c15u;
    unsigned char *end = record->memory + record->bytes;
    word_t *front = (word_t *)(record->memory - FENCE_BYTES);

    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word ^= word >> 31;
    if (memory->direct) {
        bytes_fill(record->memory, record->bytes, word);
        sanitizer_undefine(record->memory, record->bytes);
        return;
    }
    /* Up to the block's end, and then the fence over what was too much. */
    blocks_fill(record->memory, record->bytes, word);
    *(odd_word_t *)end = fence_word;
    *(odd_word_t *)(end + sizeof(word_t)) = fence_word;
    *(odd_word_t *)(end + fence_last_word(record)) = fence_word;
    front[0] = fence_word;
    front[1] = fence_word;
}

bool
memory_fences_intact(const struct memory *memory, const struct allocation *record)
{
    const unsigned char *end = record->memory + record->bytes;
    const word_t *front = (const word_t *)(record->memory - FENCE_BYTES);
    uint64_t difference;

    if (memory->direct)
        return true;
    difference = front[0] ^ fence_word;
    difference |= front[1] ^ fence_word;
    difference |= *(const odd_word_t *)end ^ fence_word;
    difference |= *(const odd_word_t *)(end + sizeof(word_t)) ^ fence_word;
    difference |= *(const odd_word_t *)(end + fence_last_word(record)) ^ fence_word;
    return difference == 0;
}

bool
memory_filling_intact(const struct memory *memory, const struct allocation *record)
{
    return memory->direct || blocks_are(record->memory, record->capacity, freed_word);
}

/* --- blocks and records ----------------------------------------------------------------------- */

static unsigned
class_of(size_t bytes, size_t *capacity)
{
    unsigned class = SMALL_CLASSES + 1;
    size_t step = SMALL_MAX_BYTES / 4;

    if (bytes <= SMALL_MAX_BYTES) {
        class = bytes == 0 ? 1 : (unsigned)((bytes + SMALL_STEP_BYTES - 1) / SMALL_STEP_BYTES);
        *capacity = (size_t) class * SMALL_STEP_BYTES;
        return class;
    }
    /* Four classes from one power of two to the next, each of which has steps twice as large. */
    for (*capacity = SMALL_MAX_BYTES + step; *capacity < bytes; *capacity += step) {
        if (++class == MEMORY_CLASSES)
            host_stop("an allocation is larger than any memory");
        if (*capacity == 8 * step)
            step *= 2;
    }
    return class;
}

static void *
chunk_add(struct memory *memory, size_t bytes)
{
    struct memory_chunk *chunk;

    bytes += sizeof(*chunk);
    chunk = host_chunk_take(bytes);
    chunk->bytes = bytes;
    chunk->next = memory->chunks;
    memory->chunks = chunk;
    return chunk + 1;
}

static unsigned char *
block_cut(struct memory *memory, size_t capacity)
{
    size_t bytes = FENCE_BYTES + capacity + FENCE_BYTES;
    unsigned char *block;

    if (bytes > CHUNK_BYTES / 4) {
        block = chunk_add(memory, bytes);
    } else {
        if ((size_t)(memory->chunk_end - memory->chunk_next) < bytes) {
            size_t room = CHUNK_BYTES - sizeof(struct memory_chunk);

            memory->chunk_next = chunk_add(memory, room);
            memory->chunk_end = memory->chunk_next + room;
        }
        block = memory->chunk_next;
        memory->chunk_next += bytes;
    }
    return block + FENCE_BYTES;
}

static struct allocation *
record_new(struct memory *memory)
{
    struct allocation *record = memory->spare;

    if (record != NULL) {
        memory->spare = record->next;
    } else {
        if (memory->record_next == memory->record_end) {
            memory->record_next = chunk_add(memory, RECORDS_PER_CHUNK * sizeof(*record));
            memory->record_end = memory->record_next + RECORDS_PER_CHUNK;
        }
        record = memory->record_next++;
    }
    memset(record, 0, sizeof(*record));
    return record;
}

static struct allocation *
pooled_take(struct memory *memory, size_t bytes, bool *reused)
{
    size_t capacity;
    struct allocation_list *waiting = &memory->waiting[class_of(bytes, &capacity)];
    struct allocation *record = waiting->first;

    *reused = record != NULL;
    if (record != NULL) {
        allocation_list_remove(waiting, record);
        return record;
    }
    record = record_new(memory);
    record->capacity = capacity;
    record->memory = block_cut(memory, capacity);
    ledger_add(&memory->ledger, record);
    return record;
}

/* ThreadSanitizer sees the free: it is an access of the driver that calls. */
static struct allocation *
direct_take(struct memory *memory, size_t bytes)
{
    unsigned char *block;
    struct allocation *record;

    /* Fresh, not written: whoever gets a part of it later need not be ordered after this fiber. */
    sanitizer_ignore_begin();
    block = malloc(bytes == 0 ? 1 : bytes);
    sanitizer_ignore_end();
    if (block == NULL)
        host_stop("the host has no memory left");
    record = ledger_find(&memory->ledger, (uintptr_t)block);
    if (record != NULL) {
        allocation_list_remove(&memory->waiting[0], record);
        return record;
    }
    record = record_new(memory);
    record->memory = block;
    ledger_add(&memory->ledger, record);
    return record;
}

struct allocation *
memory_record_take(struct memory *memory, size_t bytes, bool *reused)
{
    if (!memory->direct)
        return pooled_take(memory, bytes, reused);
    *reused = false;
    return direct_take(memory, bytes);
}

static void
direct_give(struct memory *memory, struct allocation *record)
{
    struct allocation_list *freed = &memory->waiting[0];

    free(record->memory);
    allocation_list_append(freed, record);
    if (freed->count > FREED_RECORDS_MAX) {
        struct allocation *oldest = freed->first;

        allocation_list_remove(freed, oldest);
        ledger_remove(&memory->ledger, oldest);
        oldest->next = memory->spare;
        memory->spare = oldest;
    }
}

void
memory_record_give(struct memory *memory, struct allocation *record)
{
    size_t capacity;

    if (memory->direct) {
        direct_give(memory, record);
        return;
    }
    blocks_fill(record->memory, record->capacity, freed_word);
    allocation_list_append(&memory->waiting[class_of(record->bytes, &capacity)], record);
}

void
memory_pool_end(struct memory *memory)
{
    struct memory_chunk *chunk = memory->chunks;

    if (memory->direct) {
        struct allocation *record = memory->live.first;

        /* Whoever used it, the machine is gone: no access of a fiber to order this free with. */
        sanitizer_ignore_begin();
        for (; record != NULL; record = record->next)
            free(record->memory);
        sanitizer_ignore_end();
    }
    while (chunk != NULL) {
        struct memory_chunk *next = chunk->next;

        host_chunk_give(chunk, chunk->bytes);
        chunk = next;
    }
    ledger_free(&memory->ledger);
}
