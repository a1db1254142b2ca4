/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SANITIZER_H
#define SANITIZER_H

/*
 * What AddressSanitizer, ThreadSanitizer and valgrind must be told about fibers and memory. In a
 * build without them everything here is a NULL pointer or an empty function.
 *
 * ThreadSanitizer: two fibers are two threads that nothing orders, except what sanitizer_order_* is
 * told (locks, wake-up, creation). The machine's own records are shared by all fibers, so every
 * file of sim/machine but sanitizer.c is compiled with -fno-sanitize=thread, and calls the runtime
 * through this table (the table's file is instrumented, and therefore knows that the runtime is
 * there).
 */

#include <stdbool.h>
#include <stddef.h>

struct sanitizer_threads {
    void *(*current_fiber)(void);
    void *(*create_fiber)(unsigned flags);
    void (*destroy_fiber)(void *fiber);
    void (*switch_to_fiber)(void *fiber, unsigned flags);
    void (*set_fiber_name)(void *fiber, const char *name);
    void (*acquire)(void *object);
    void (*release)(void *object);
    void (*ignore_reads_begin)(const char *file, int line);
    void (*ignore_reads_end)(const char *file, int line);
    void (*ignore_writes_begin)(const char *file, int line);
    void (*ignore_writes_end)(const char *file, int line);
};

/* All members are set under ThreadSanitizer, else all are NULL. */
extern const struct sanitizer_threads sanitizer_threads;

/* Flag of switch_to_fiber: the switch orders nothing. */
enum { SANITIZER_NO_ORDER = 1 };

/* Everything before order_release(object) happens before everything after order_acquire(object). */
static inline void
sanitizer_order_release(const void *object)
{
    if (sanitizer_threads.release != NULL)
        sanitizer_threads.release((void *)(size_t)object);
}

static inline void
sanitizer_order_acquire(const void *object)
{
    if (sanitizer_threads.acquire != NULL)
        sanitizer_threads.acquire((void *)(size_t)object);
}

/*
 * Between these ThreadSanitizer records no access of this fiber. They nest, and belong to the fiber: what
 * it has begun it must end before it is destroyed.
 */
static inline void
sanitizer_ignore_begin(void)
{
    if (sanitizer_threads.ignore_reads_begin != NULL) {
        sanitizer_threads.ignore_reads_begin(__FILE__, __LINE__);
        sanitizer_threads.ignore_writes_begin(__FILE__, __LINE__);
    }
}

static inline void
sanitizer_ignore_end(void)
{
    if (sanitizer_threads.ignore_reads_end != NULL) {
        sanitizer_threads.ignore_writes_end(__FILE__, __LINE__);
        sanitizer_threads.ignore_reads_end(__FILE__, __LINE__);
    }
}

/* True when a tool watches memory, so each allocation should be the host's own. */
bool sanitizer_watches_memory(void);

/* True in a build with AddressSanitizer. */
bool sanitizer_has_shadow_frames(void);

/* True in a build with a sanitizer, whose frames are larger. */
bool sanitizer_needs_large_stacks(void);

/*
 * AddressSanitizer's bracket around a change of stack. leave: `saved` NULL when the old stack will
 * never be used again. arrive: the new stack's own `saved`; tells where the old stack was.
 */
void sanitizer_stack_leave(void **saved, const void *low, size_t bytes);
void sanitizer_stack_arrive(void *saved, const void **old_low, size_t *old_bytes);

/* valgrind's register of stacks. */
unsigned sanitizer_stack_register(const void *low, size_t bytes);
void sanitizer_stack_deregister(unsigned slot);

void sanitizer_poison(const void *address, size_t bytes);
void sanitizer_unpoison(const void *address, size_t bytes);
void sanitizer_undefine(const void *address, size_t bytes);

#endif
