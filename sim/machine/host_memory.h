/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

/*
 * Memory of the host for the machine's own records, and stacks for fibers. The one place of the
 * machine that talks to the operating system (mmap). Not for guest memory: that is memory.h.
 *
 * ThreadSanitizer does not watch these blocks: all fibers of a machine share them, one at a time.
 */

#include <stdbool.h>
#include <stddef.h>

/* Prints one line on the host's stderr and aborts: a broken rule of the host program, no result. */
_Noreturn void host_stop(const char *line);

/* Zeroed memory; NULL when the host has none. */
void *host_allocate_try(size_t bytes);

/* Zeroed memory; host_stop when the host has none. */
void *host_allocate(size_t bytes);

/* The same, not zeroed. */
void *host_allocate_raw(size_t bytes);

/* Like realloc; the new part is not zeroed; host_stop when the host has no memory. */
void *host_reallocate(void *memory, size_t bytes);

/* NULL is a no-op. */
void host_free(void *memory);

/*
 * A stack: `bytes` usable bytes from `low` up, and below it a page that faults when touched. `slot`
 * is valgrind's number of the stack.
 */
struct host_stack {
    unsigned char *low;
    size_t bytes;
    unsigned slot;
};

/*
 * A stack of at least `bytes`, from the process's pool when it has one of that size. False: no
 * memory.
 */
bool host_stack_take(struct host_stack *stack, size_t bytes);

/* Gives a stack back, whatever is on it. The caller must not be running on it. */
void host_stack_give(struct host_stack *stack);

/*
 * A chunk: memory of a size that machines ask for again and again, not zeroed, from the process's pool
 * when it has one of that size; host_stop when the host has no memory. A new machine gets memory whose
 * pages are already there: to get pages from the operating system takes longer than to boot. Chunks
 * of more than HOST_CHUNK_BYTES_MAX are not kept. give: `bytes` as taken.
 */
enum { HOST_CHUNK_BYTES_MAX = 1024 * 1024 };
void *host_chunk_take(size_t bytes);
void host_chunk_give(void *chunk, size_t bytes);

/*
 * Bytes of the host's memory that machines hold now (records, chunks, whole stacks; not what is pooled),
 * over the whole process, and the most since the last restart. Restart returns what is held now.
 */
size_t host_memory_high_water_bytes(void);
size_t host_memory_high_water_restart(void);

/* Frees what is pooled. For programs that want to end with nothing held. */
void host_memory_trim(void);

#endif
