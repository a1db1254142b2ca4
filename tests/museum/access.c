/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preemption at each load and store of a driver: what compilers call for ThreadSanitizer before an access to memory that
 * others may see. The kexts of this folder named *-every-access are compiled so, and linked with this instead of the
 * sanitizer's library. An access is a step of the machine and a choice, like a call of the kernel; those named
 * *-store-buffer have store buffers as well.
 */
#include <machine.h>

#include "store_buffer.h"

static void
load(void)
{
    if (store_buffer_on)
        store_buffer_point("load");
    else
        machine_yield("load");
}

static void
store(void *address, size_t bytes)
{
    if (store_buffer_on) {
        store_buffer_point("store");
        store_buffer_store(address, bytes);
    } else {
        machine_yield("store");
    }
}

#define ACCESSES(X)                                                                                \
    X(1)                                                                                           \
    X(2)                                                                                           \
    X(4)                                                                                           \
    X(8)                                                                                           \
    X(16)

#define ACCESS(bytes)                                                                              \
    void __tsan_read##bytes(void *address);                                                        \
    void __tsan_write##bytes(void *address);                                                       \
    void __tsan_unaligned_read##bytes(void *address);                                              \
    void __tsan_unaligned_write##bytes(void *address);                                             \
    void __tsan_volatile_read##bytes(void *address);                                               \
    void __tsan_volatile_write##bytes(void *address);                                              \
    void __tsan_read##bytes(void *address)                                                         \
    {                                                                                              \
        (void)address;                                                                             \
        load();                                                                                    \
    }                                                                                              \
    void __tsan_write##bytes(void *address)                                                        \
    {                                                                                              \
        store(address, bytes);                                                                     \
    }                                                                                              \
    void __tsan_unaligned_read##bytes(void *address)                                               \
    {                                                                                              \
        __tsan_read##bytes(address);                                                               \
    }                                                                                              \
    void __tsan_unaligned_write##bytes(void *address)                                              \
    {                                                                                              \
        __tsan_write##bytes(address);                                                              \
    }                                                                                              \
    void __tsan_volatile_read##bytes(void *address)                                                \
    {                                                                                              \
        __tsan_read##bytes(address);                                                               \
    }                                                                                              \
    void __tsan_volatile_write##bytes(void *address)                                               \
    {                                                                                              \
        __tsan_write##bytes(address);                                                              \
    }

ACCESSES(ACCESS)

void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);
void __tsan_read_range(void *address, size_t bytes);
void __tsan_write_range(void *address, size_t bytes);

void
__tsan_init(void)
{
}

void
__tsan_func_entry(void *caller)
{
    (void)caller;
}

void
__tsan_func_exit(void)
{
}

void
__tsan_read_range(void *address, size_t bytes)
{
    (void)address;
    (void)bytes;
    load();
}

void
__tsan_write_range(void *address, size_t bytes)
{
    store(address, bytes);
}
