/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap's MAP_ANON is outside ISO C and POSIX; each libc has its own word for "show it". */
#define _DEFAULT_SOURCE  1
#define _DARWIN_C_SOURCE 1

#include "host_memory.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sanitizer.h"

enum { POOLED_STACKS_MAX = 512, POOLED_CHUNKS_MAX = 256 };

/* Shared by all host threads; a machine per thread is allowed, so the pool has its own lock. */
static struct {
    atomic_flag lock;
    unsigned count;
    struct host_stack stacks[POOLED_STACKS_MAX];
    unsigned chunk_count;
    struct {
        void *chunk;
        size_t bytes;
    } chunks[POOLED_CHUNKS_MAX];
} pool = {.lock = ATOMIC_FLAG_INIT};

static void
pool_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&pool.lock, memory_order_acquire))
        continue;
}

static void
pool_unlock(void)
{
    atomic_flag_clear_explicit(&pool.lock, memory_order_release);
}

_Noreturn void
host_stop(const char *line)
{
    fflush(stdout);
    fprintf(stderr, "machine: %s\n", line);
    fflush(stderr);
    abort();
}

/* --- what machines hold ------------------------------------------------------------------------ */

/* Several host threads may run machines; what is counted has no order that anybody relies on. */
static _Atomic size_t held_bytes, high_water_bytes;

static void
held_add(size_t bytes)
{
    size_t now = atomic_fetch_add_explicit(&held_bytes, bytes, memory_order_relaxed) + bytes;
    size_t highest = atomic_load_explicit(&high_water_bytes, memory_order_relaxed);

    while (now > highest &&
           !atomic_compare_exchange_weak_explicit(&high_water_bytes, &highest, now,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
}

static void
held_subtract(size_t bytes)
{
    atomic_fetch_sub_explicit(&held_bytes, bytes, memory_order_relaxed);
}

size_t
host_memory_high_water_bytes(void)
{
    return atomic_load_explicit(&high_water_bytes, memory_order_relaxed);
}

size_t
host_memory_high_water_restart(void)
{
    size_t now = atomic_load_explicit(&held_bytes, memory_order_relaxed);

    atomic_store_explicit(&high_water_bytes, now, memory_order_relaxed);
    return now;
}

/* --- records ----------------------------------------------------------------------------------- */

/* In front of each record: how much it is. */
union record_head {
    size_t bytes;
    max_align_t alignment;
};

void *
host_allocate_try(size_t bytes)
{
    union record_head *head;

    sanitizer_ignore_begin();
    head = calloc(1, sizeof(*head) + bytes);
    sanitizer_ignore_end();
    if (head == NULL)
        return NULL;
    head->bytes = bytes;
    held_add(bytes);
    return head + 1;
}

void *
host_allocate(size_t bytes)
{
    void *memory = host_allocate_try(bytes);

    if (memory == NULL)
        host_stop("the host has no memory left");
    return memory;
}

void *
host_allocate_raw(size_t bytes)
{
    return host_reallocate(NULL, bytes);
}

void *
host_reallocate(void *memory, size_t bytes)
{
    union record_head *head = memory == NULL ? NULL : (union record_head *)memory - 1;

    held_subtract(head == NULL ? 0 : head->bytes);
    sanitizer_ignore_begin();
    head = realloc(head, sizeof(*head) + bytes);
    sanitizer_ignore_end();
    if (head == NULL)
        host_stop("the host has no memory left");
    head->bytes = bytes;
    held_add(bytes);
    return head + 1;
}

void
host_free(void *memory)
{
    union record_head *head = memory;

    if (head == NULL)
        return;
    head--;
    held_subtract(head->bytes);
    sanitizer_ignore_begin();
    free(head);
    sanitizer_ignore_end();
}

/* --- stacks ----------------------------------------------------------------------------------- */

static size_t
page_bytes(void)
{
    static _Atomic size_t bytes;
    size_t known = atomic_load_explicit(&bytes, memory_order_relaxed);

    if (known == 0) {
        known = (size_t)sysconf(_SC_PAGESIZE);
        atomic_store_explicit(&bytes, known, memory_order_relaxed);
    }
    return known;
}

static bool
stack_map(struct host_stack *stack, size_t bytes)
{
    size_t guard = page_bytes();
    unsigned char *base;

    sanitizer_ignore_begin(); /* ThreadSanitizer takes it for fresh, not for written by this fiber */
    base = mmap(NULL, guard + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    sanitizer_ignore_end();
    if (base == MAP_FAILED)
        return false;
    if (mprotect(base, guard, PROT_NONE) != 0)
        goto unmap;
    stack->low = base + guard;
    stack->bytes = bytes;
    stack->slot = sanitizer_stack_register(stack->low, bytes);
    return true;

unmap:
    munmap(base, guard + bytes);
    return false;
}

static void
stack_unmap(struct host_stack *stack)
{
    size_t guard = page_bytes();

    sanitizer_stack_deregister(stack->slot);
    munmap(stack->low - guard, guard + stack->bytes);
}

/* Newest first: its pages are warm. Stacks of another size stay for whoever wants them. */
static bool
pool_take(struct host_stack *stack, size_t bytes)
{
    bool found = false;

    pool_lock();
    for (unsigned index = pool.count; index-- > 0 && !found;) {
        if (pool.stacks[index].bytes == bytes) {
            *stack = pool.stacks[index];
            pool.stacks[index] = pool.stacks[--pool.count];
            found = true;
        }
    }
    pool_unlock();
    return found;
}

bool
host_stack_take(struct host_stack *stack, size_t bytes)
{
    size_t page = page_bytes();

    bytes = (bytes + page - 1) / page * page;
    if (!pool_take(stack, bytes) && !stack_map(stack, bytes))
        return false;
    /* The last user may have been abandoned in mid call, with its frames still marked. */
    sanitizer_undefine(stack->low, stack->bytes);
    held_add(stack->bytes);
    return true;
}

void
host_stack_give(struct host_stack *stack)
{
    bool kept = false;

    held_subtract(stack->bytes);
    sanitizer_unpoison(stack->low, stack->bytes);
    pool_lock();
    /* ThreadSanitizer would take the next fiber on this stack for a race with the last one. */
    if (pool.count < POOLED_STACKS_MAX && sanitizer_threads.create_fiber == NULL) {
        pool.stacks[pool.count++] = *stack;
        kept = true;
    }
    pool_unlock();
    if (!kept)
        stack_unmap(stack);
    memset(stack, 0, sizeof(*stack));
}

/* --- chunks ----------------------------------------------------------------------------------- */

/* Newest first, as stacks. */
static void *
pool_take_chunk(size_t bytes)
{
    void *chunk = NULL;

    pool_lock();
    for (unsigned index = pool.chunk_count; index-- > 0 && chunk == NULL;) {
        if (pool.chunks[index].bytes == bytes) {
            chunk = pool.chunks[index].chunk;
            pool.chunks[index] = pool.chunks[--pool.chunk_count];
        }
    }
    pool_unlock();
    return chunk;
}

void *
host_chunk_take(size_t bytes)
{
    void *chunk = pool_take_chunk(bytes);

    if (chunk == NULL)
        return host_allocate_raw(bytes);
    held_add(bytes);
    return chunk;
}

void
host_chunk_give(void *chunk, size_t bytes)
{
    pool_lock();
    /* What is pooled at the end of the program a tool would take for a leak. */
    if (pool.chunk_count < POOLED_CHUNKS_MAX && bytes <= HOST_CHUNK_BYTES_MAX &&
        !sanitizer_watches_memory()) {
        pool.chunks[pool.chunk_count].chunk = chunk;
        pool.chunks[pool.chunk_count++].bytes = bytes;
        held_subtract(bytes);
        chunk = NULL;
    }
    pool_unlock();
    host_free(chunk);
}

void
host_memory_trim(void)
{
    pool_lock();
    while (pool.count > 0)
        stack_unmap(&pool.stacks[--pool.count]);
    while (pool.chunk_count > 0) {
        pool.chunk_count--;
        held_add(pool.chunks[pool.chunk_count].bytes);
        host_free(pool.chunks[pool.chunk_count].chunk);
    }
    pool_unlock();
}
