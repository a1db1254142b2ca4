/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

/*
 * Guest memory: what machine_allocate gives. Each allocation has a record beside it, not in it.
 *
 * Two ways of getting the bytes. Pooled: blocks of a few sizes, cut from chunks, with a fence
 * before and behind that is checked when they are freed; freed blocks are filled, wait in a queue,
 * and the filling is checked when they are used again. Direct, when a tool watches (sanitizers,
 * valgrind): malloc and free, so that the tool sees each allocation with its own bounds and
 * history. What a guest can observe is the same.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

enum { MACHINE_NAME_BYTES = 40, MEMORY_CLASSES = 128 };

/* Who did something, and when. Fiber 0 is host code. */
struct actor {
    uint64_t step;
    uint32_t fiber;
    char name[MACHINE_NAME_BYTES];
};

struct allocation {
    unsigned char *memory;
    size_t bytes;    /* as asked */
    size_t capacity; /* pooled: of the block */
    struct allocation *next, *previous;
    const char *kind;
    uint64_t serial; /* counts from 1 */
    bool live;
    struct actor maker;
    struct actor freer;
};

struct allocation_list {
    struct allocation *first, *last;
    size_t count;
};

struct memory {
    bool direct;
    uint64_t poison_seed;
    uint64_t serial;
    struct allocation_list live; /* oldest first */
    /* Pooled: free blocks by size. Direct: only [0], records of what was freed. */
    struct allocation_list waiting[MEMORY_CLASSES];
    struct allocation *spare; /* records without memory, through next */
    struct ledger ledger;
    struct memory_chunk *chunks;
    unsigned char *chunk_next, *chunk_end; /* room for blocks in the newest shared chunk */
    struct allocation *record_next, *record_end;
};

void memory_start(struct memory *memory, uint64_t poison_seed);

/* Frees everything, live or not. */
void memory_end(struct memory *memory);

#endif
