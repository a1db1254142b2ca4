/* SPDX-License-Identifier: BSD-2-Clause */
#include "sanitizer.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS 1
#endif
#if defined(__SANITIZE_THREAD__)
#define HAS_THREAD 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(HAS_ADDRESS)
#define HAS_ADDRESS 1
#endif
#if __has_feature(thread_sanitizer) && !defined(HAS_THREAD)
#define HAS_THREAD 1
#endif
#endif

/* valgrind runs no sanitized program. */
#if defined(__has_include) && !defined(HAS_ADDRESS) && !defined(HAS_THREAD)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define HAS_VALGRIND 1
#endif
#endif

#ifdef HAS_THREAD
/* Declared here and not included: not every compiler that has the runtime installs its header. */
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *fiber);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
void __tsan_set_fiber_name(void *fiber, const char *name);
void __tsan_acquire(void *object);
void __tsan_release(void *object);
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);

/*
 * The runtime sees into libc whoever calls it. Drivers have no printf of libc; programs of the
 * emulated Mac have, and share their variables as they like.
 */
const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
    return "race_top:printf\n";
}

const struct sanitizer_threads sanitizer_threads = {
    .current_fiber = __tsan_get_current_fiber,
    .create_fiber = __tsan_create_fiber,
    .destroy_fiber = __tsan_destroy_fiber,
    .switch_to_fiber = __tsan_switch_to_fiber,
    .set_fiber_name = __tsan_set_fiber_name,
    .acquire = __tsan_acquire,
    .release = __tsan_release,
    .ignore_reads_begin = AnnotateIgnoreReadsBegin,
    .ignore_reads_end = AnnotateIgnoreReadsEnd,
    .ignore_writes_begin = AnnotateIgnoreWritesBegin,
    .ignore_writes_end = AnnotateIgnoreWritesEnd,
};
#else
const struct sanitizer_threads sanitizer_threads = {NULL, NULL, NULL, NULL, NULL, NULL,
                                                    NULL, NULL, NULL, NULL, NULL};
#endif

#ifdef HAS_ADDRESS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

bool
sanitizer_watches_memory(void)
{
#if defined(HAS_ADDRESS) || defined(HAS_THREAD)
    return true;
#elif defined(HAS_VALGRIND)
    unsigned char byte = 0;

    /* Only memcheck answers; callgrind is to see the same allocator that is timed. */
    return VALGRIND_MAKE_MEM_DEFINED(&byte, sizeof(byte)) != 0;
#else
    return false;
#endif
}

bool
sanitizer_has_shadow_frames(void)
{
#ifdef HAS_ADDRESS
    return true;
#else
    return false;
#endif
}

bool
sanitizer_needs_large_stacks(void)
{
#if defined(HAS_ADDRESS) || defined(HAS_THREAD)
    return true;
#else
    return false;
#endif
}

void
sanitizer_stack_leave(void **saved, const void *low, size_t bytes)
{
#ifdef HAS_ADDRESS
    __sanitizer_start_switch_fiber(saved, low, bytes);
#else
    (void)saved;
    (void)low;
    (void)bytes;
#endif
}

void
sanitizer_stack_arrive(void *saved, const void **old_low, size_t *old_bytes)
{
#ifdef HAS_ADDRESS
    __sanitizer_finish_switch_fiber(saved, old_low, old_bytes);
#else
    (void)saved;
    (void)old_low;
    (void)old_bytes;
#endif
}

unsigned
sanitizer_stack_register(const void *low, size_t bytes)
{
#ifdef HAS_VALGRIND
    return VALGRIND_STACK_REGISTER(low, (const unsigned char *)low + bytes - 1);
#else
    (void)low;
    (void)bytes;
    return 0;
#endif
}

void
sanitizer_stack_deregister(unsigned slot)
{
#ifdef HAS_VALGRIND
    VALGRIND_STACK_DEREGISTER(slot);
#endif
    (void)slot;
}

void
sanitizer_poison(const void *address, size_t bytes)
{
#ifdef HAS_ADDRESS
    ASAN_POISON_MEMORY_REGION(address, bytes);
#endif
#ifdef HAS_VALGRIND
    (void)VALGRIND_MAKE_MEM_NOACCESS(address, bytes);
#endif
    (void)address;
    (void)bytes;
}

void
sanitizer_unpoison(const void *address, size_t bytes)
{
#ifdef HAS_ADDRESS
    ASAN_UNPOISON_MEMORY_REGION(address, bytes);
#endif
#ifdef HAS_VALGRIND
    (void)VALGRIND_MAKE_MEM_DEFINED(address, bytes);
#endif
    (void)address;
    (void)bytes;
}

void
sanitizer_undefine(const void *address, size_t bytes)
{
#ifdef HAS_ADDRESS
    ASAN_UNPOISON_MEMORY_REGION(address, bytes);
#endif
#ifdef HAS_VALGRIND
    (void)VALGRIND_MAKE_MEM_UNDEFINED(address, bytes);
#endif
    (void)address;
    (void)bytes;
}
