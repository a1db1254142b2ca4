/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_buffer.h"

#include <string.h>

#include <machine.h>

enum { STORES_MAX = 16, STORE_BYTES_MAX = 16, FIBERS_MAX = 256 };

/* One store that others do not see yet. */
struct held_store {
    void *address;
    size_t bytes;
    unsigned char before[STORE_BYTES_MAX]; /* what others see, while the owner runs */
    unsigned char after[STORE_BYTES_MAX];  /* what it stored, while others run */
};

struct store_buffer {
    uint64_t step; /* when its owner was here last: any step since was a call of the kernel */
    size_t count;
    struct held_store stores[STORES_MAX]; /* oldest first */
};

bool store_buffer_on;
static struct store_buffer buffers[FIBERS_MAX]; /* by the fiber's id */

/* Of the running fiber, empty if it called the kernel since. NULL: outside a fiber there is none. */
static struct store_buffer *
buffer_of_caller(void)
{
    const struct fiber *fiber = machine_fiber_current();
    struct store_buffer *buffer;

    if (fiber == NULL || machine_fiber_id(fiber) >= FIBERS_MAX)
        return NULL;
    buffer = &buffers[machine_fiber_id(fiber)];
    if (buffer->step != machine_pulse->steps)
        buffer->count = 0;
    return buffer;
}

static void
oldest_leave(struct store_buffer *buffer)
{
    buffer->count--;
    memmove(&buffer->stores[0], &buffer->stores[1], buffer->count * sizeof(buffer->stores[0]));
}

/* The youngest first: where two stores overlap, each kept what the one before it had stored. */
static void
stores_undo(struct store_buffer *buffer)
{
    for (size_t i = buffer->count; i-- > 0;) {
        struct held_store *store = &buffer->stores[i];

        memcpy(store->after, store->address, store->bytes);
        memcpy(store->address, store->before, store->bytes);
    }
}

static void
stores_redo(struct store_buffer *buffer)
{
    for (size_t i = 0; i < buffer->count; i++) {
        struct held_store *store = &buffer->stores[i];

        memcpy(store->before, store->address, store->bytes);
        memcpy(store->address, store->after, store->bytes);
    }
}

/* --- where others get the processor --------------------------------------------------------------- */

/*
 * At the first step since its last access the owner's stores are still in its buffer, whether this is its next access or a
 * call: a call empties the buffer when it is made, behind its preemption point.
 */
static void
owner_leaves(void)
{
    const uint32_t id = machine_fiber_id(machine_fiber_current());
    struct store_buffer *buffer = &buffers[id % FIBERS_MAX];

    if (id >= FIBERS_MAX)
        return;
    if (buffer->step + 1 != machine_pulse->steps)
        buffer->count = 0;
    stores_undo(buffer);
}

static void
owner_returns(void)
{
    const uint32_t id = machine_fiber_id(machine_fiber_current());

    if (id < FIBERS_MAX)
        stores_redo(&buffers[id]);
}

/* --- accesses --------------------------------------------------------------------------------------- */

static void
point(struct store_buffer *buffer, const char *where)
{
    machine_yield(where);
    buffer->step = machine_pulse->steps;
}

void
store_buffer_point(const char *where)
{
    struct store_buffer *buffer = buffer_of_caller();

    if (buffer == NULL) {
        machine_yield(where);
        return;
    }
    point(buffer, where);
    while (buffer->count > 0 && machine_choose(CHOICE_DELAY, 2, "buffer drain") != 0) {
        oldest_leave(buffer);
        point(buffer, where);
    }
}

void
store_buffer_store(void *address, size_t bytes)
{
    struct store_buffer *buffer = buffer_of_caller();
    struct held_store *store;

    if (buffer == NULL)
        return;
    if (bytes > STORE_BYTES_MAX || machine_on_stack(address) ||
        machine_choose(CHOICE_DELAY, 2, "store buffer") == 0) {
        buffer->count = 0;
        return;
    }
    if (buffer->count == STORES_MAX)
        oldest_leave(buffer);
    store = &buffer->stores[buffer->count++];
    store->address = address;
    store->bytes = bytes;
    memcpy(store->before, address, bytes);
}

/* --- with or without -------------------------------------------------------------------------------- */

static void
buffers_forget(bool on)
{
    for (size_t i = 0; i < FIBERS_MAX; i++)
        buffers[i].count = 0;
    store_buffer_on = on;
}

void
store_buffer_begin(void)
{
    buffers_forget(true);
    machine_set_point_hooks(machine_current(), owner_leaves, owner_returns);
}

void
store_buffer_end(void)
{
    buffers_forget(false);
    machine_set_point_hooks(machine_current(), NULL, NULL);
}
