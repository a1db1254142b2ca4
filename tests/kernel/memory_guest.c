/* SPDX-License-Identifier: BSD-2-Clause */

/* OSMalloc and _MALLOC: kpi-rest.md 4.8. */

#include "guest.h"

#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <machine.h>
#include <string.h>
#include <sys/malloc.h>

/* Also of memory that nobody has written: to memcheck it is a mistake to look, here it is the question. */
static bool
all_bytes(const unsigned char *memory, size_t bytes, unsigned char value)
{
    machine_unpoison(memory, bytes);
    for (size_t i = 0; i < bytes; i++) {
        if (memory[i] != value) {
            return false;
        }
    }
    return true;
}

void
memory_contents(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("contents", OSMT_DEFAULT);
    unsigned char *memory = OSMalloc(256, tag);

    (void)argument;
    say("zeroed", all_bytes(memory, 256, 0));
    memset(memory, 7, 256);
    say("kept", all_bytes(memory, 256, 7));
    OSFree(memory, 256, tag);
    OSMalloc_Tagfree(tag);
}

/* A tag that was freed lives as long as its blocks, and still works. */
void
memory_tags(void *argument)
{
    OSMallocTag tag;
    void *first;
    void *second;

    (void)argument;
    guest_acts(true);
    tag = OSMalloc_Tagalloc("tags", OSMT_DEFAULT);
    first = OSMalloc(16, tag);
    OSMalloc_Tagfree(tag);
    second = OSMalloc(32, tag);
    say("second", second != NULL);
    OSFree(first, 16, tag);
    OSFree(second, 32, tag);
    guest_acts(false);
}

void
memory_pageable(void *argument)
{
    OSMallocTag plain = OSMalloc_Tagalloc("plain", OSMT_DEFAULT);
    OSMallocTag pageable = OSMalloc_Tagalloc("pageable", OSMT_PAGEABLE);
    void *waited = OSMalloc(16, pageable);
    void *nowait = OSMalloc_nowait(16, plain);
    void *noblock = OSMalloc_noblock(16, plain);

    (void)argument;
    say("waited", waited != NULL);
    say("nowait", nowait != NULL);
    say("noblock", noblock != NULL);
    say("nowait", OSMalloc_nowait(16, pageable) != NULL);
    say("noblock", OSMalloc_noblock(16, pageable) != NULL);
    OSFree(noblock, 16, plain);
    OSFree(nowait, 16, plain);
    OSFree(waited, 16, pageable);
    OSMalloc_Tagfree(pageable);
    OSMalloc_Tagfree(plain);
}

/* Says which of the four allocations gave nothing. A failure leaves no reference on the tag. */
void
memory_fails(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("fails", OSMT_DEFAULT);
    void *memory[3] = {OSMalloc(8, tag), OSMalloc_nowait(8, tag), OSMalloc_noblock(8, tag)};
    void *bsd = _MALLOC(8, M_TEMP, M_NOWAIT);

    (void)argument;
    for (int i = 0; i < 3; i++) {
        say("got", memory[i] != NULL);
        if (memory[i] != NULL) {
            OSFree(memory[i], 8, tag);
        }
    }
    say("got", bsd != NULL);
    _FREE(bsd, M_TEMP);
    OSMalloc_Tagfree(tag);
}

void
memory_zeroed(void *argument)
{
    unsigned char *zeroed = _MALLOC(128, M_TEMP, M_WAITOK | M_ZERO);
    unsigned char *raw = _MALLOC(128, M_TEMP, M_WAITOK);

    (void)argument;
    say("zeroed", all_bytes(zeroed, 128, 0));
    say("raw", all_bytes(raw, 128, 0));
    _FREE(zeroed, M_TEMP);
    FREE(raw, M_TEMP);
}

void
memory_empty(void *argument)
{
    (void)argument;
    say("empty", _MALLOC(0, M_TEMP, M_WAITOK) != NULL);
    _FREE(NULL, M_TEMP);
}

/* --- misuse ------------------------------------------------------------------------------------ */

void
misuse_memory_size(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("size", OSMT_DEFAULT);

    (void)argument;
    OSFree(OSMalloc(100, tag), 101, tag);
}

void
misuse_memory_tag(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("right", OSMT_DEFAULT);
    OSMallocTag other = OSMalloc_Tagalloc("wrong", OSMT_DEFAULT);

    (void)argument;
    OSFree(OSMalloc(100, tag), 100, other);
}

void
misuse_memory_twice(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("twice", OSMT_DEFAULT);
    void *memory = OSMalloc(64, tag);

    (void)argument;
    OSFree(memory, 64, tag);
    OSFree(memory, 64, tag);
}

void
misuse_memory_family(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("family", OSMT_DEFAULT);

    (void)argument;
    _FREE(OSMalloc(64, tag), M_TEMP);
}

void
misuse_memory_foreign(void *argument)
{
    static int variable;

    (void)argument;
    _FREE(&variable, M_TEMP);
}

void
misuse_memory_tag_twice(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("twice", OSMT_DEFAULT);

    (void)argument;
    (void)OSMalloc(8, tag);
    OSMalloc_Tagfree(tag);
    OSMalloc_Tagfree(tag);
}

void
misuse_memory_tag_freed(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("freed", OSMT_DEFAULT);

    (void)argument;
    OSMalloc_Tagfree(tag);
    (void)OSMalloc(8, tag);
}

void
misuse_memory_tag_null(void *argument)
{
    (void)argument;
    (void)OSMalloc(8, NULL);
}

void
misuse_memory_type(void *argument)
{
    (void)argument;
    (void)_MALLOC(8, 1000, M_WAITOK);
}

void
misuse_memory_wait_fails(void *argument)
{
    (void)argument;
    say("null", _MALLOC(8, M_TEMP, M_WAITOK | M_NULL) == NULL);
}

void
misuse_memory_overrun(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("overrun", OSMT_DEFAULT);
    unsigned char *memory = OSMalloc(24, tag);
    volatile unsigned char *end = memory + 24;

    (void)argument;
    *end = 1;
    OSFree(memory, 24, tag);
}

void
misuse_memory_under_spin(void *argument)
{
    OSMallocTag tag = OSMalloc_Tagalloc("spin", OSMT_DEFAULT);
    lck_spin_t *spin = lck_spin_alloc_init(lck_grp_alloc_init("spin", LCK_GRP_ATTR_NULL),
                                           LCK_ATTR_NULL);

    (void)argument;
    lck_spin_lock(spin);
    say("noblock", OSMalloc_noblock(8, tag) != NULL);
    (void)OSMalloc(8, tag);
}
