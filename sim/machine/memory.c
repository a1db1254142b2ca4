/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <string.h>

#include "machine_state.h"
#include "memory_pool.h"
#include "sanitizer.h"

/* --- life ------------------------------------------------------------------------------------- */

void
memory_start(struct memory *memory, uint64_t poison_seed)
{
    memory->direct = sanitizer_watches_memory();
    memory->poison_seed = poison_seed;
}

void
memory_end(struct memory *memory)
{
    memory_pool_end(memory);
    memset(memory, 0, sizeof(*memory));
}

static struct memory *
memory_current(void)
{
    struct machine *machine = machine_current();

    if (machine == NULL)
        host_stop("guest memory was asked for with no machine entered");
    return &machine->memory;
}

/* --- words about it --------------------------------------------------------------------------- */

static void
actor_note(struct actor *actor)
{
    const struct machine *machine = machine_current();

    actor->step = machine->pulse.steps;
    if (machine->running == NULL) {
        actor->fiber = 0;
        return;
    }
    actor->fiber = machine->running->id;
    memcpy(actor->name, machine->running->name, sizeof(actor->name));
}

static void
actor_format(char *buffer, size_t bytes, const struct actor *actor)
{
    unsigned long long step = actor->step;

    if (actor->fiber == 0)
        machine_format(buffer, bytes, "host code at step %llu", step);
    else
        machine_format(buffer, bytes, "fiber %u \"%s\" at step %llu", actor->fiber, actor->name,
                       step);
}

static void
freed_write_format(char *buffer, size_t bytes, const struct allocation *record)
{
    char freer[96];

    actor_format(freer, sizeof(freer), &record->freer);
    machine_format(buffer, bytes, "%s %llu (%zu bytes) was written after %s freed it", record->kind,
                   (unsigned long long)record->serial, record->bytes, freer);
}

static void
fence_format(char *buffer, size_t bytes, const struct allocation *record)
{
    char maker[96];

    actor_format(maker, sizeof(maker), &record->maker);
    machine_format(buffer, bytes, "%s %llu (%zu bytes, made by %s) was written outside its bounds",
                   record->kind, (unsigned long long)record->serial, record->bytes, maker);
}

void
machine_describe(char *buffer, size_t bytes, const void *address)
{
    const struct machine *machine = machine_current();
    const struct allocation *record = machine == NULL ? NULL : machine->memory.live.first;
    uintptr_t place = (uintptr_t)address;

    if (address == NULL) {
        machine_format(buffer, bytes, "NULL");
        return;
    }
    for (; record != NULL; record = record->next) {
        uintptr_t start = (uintptr_t)record->memory;

        /* Not one past the end: what begins there depends on the allocator of the host. */
        if (place == start || (place > start && place - start < record->bytes)) {
            machine_format(buffer, bytes, "%s %llu+%zu", record->kind,
                           (unsigned long long)record->serial, (size_t)(place - start));
            return;
        }
    }
    machine_format(buffer, bytes, "memory outside the machine");
}

/* --- allocate and free ------------------------------------------------------------------------ */

void *
machine_allocate(size_t bytes, const char *kind)
{
    struct memory *memory = memory_current();
    struct allocation *record;
    bool reused;

    record = memory_record_take(memory, bytes, &reused);
    if (reused && !memory_filling_intact(memory, record)) {
        char words[256];

        freed_write_format(words, sizeof(words), record);
        machine_fail(MACHINE_CONTRACT, "%s", words);
    }
    record->bytes = bytes;
    record->kind = kind;
    record->serial = ++memory->serial;
    record->live = true;
    actor_note(&record->maker);
    allocation_list_append(&memory->live, record);
    memory_fill_fresh(memory, record);
    return record->memory;
}

/* The live record of an address, or a failure that says what the address is instead. */
static struct allocation *
record_live(struct memory *memory, const void *address, const char *verb)
{
    struct allocation *record = ledger_find(&memory->ledger, (uintptr_t)address);
    char words[128];

    if (record != NULL && record->live)
        return record;
    if (record == NULL) {
        machine_describe(words, sizeof(words), address);
        machine_fail(MACHINE_CONTRACT, "%s of an address that no allocation begins at: %s", verb,
                     words);
    }
    actor_format(words, sizeof(words), &record->freer);
    machine_fail(MACHINE_CONTRACT, "%s of %s %llu (%zu bytes), which %s freed", verb, record->kind,
                 (unsigned long long)record->serial, record->bytes, words);
}

void
machine_free(void *address)
{
    struct memory *memory;
    struct allocation *record;

    if (address == NULL)
        return;
    memory = memory_current();
    record = record_live(memory, address, "free");
    if (!memory_fences_intact(memory, record)) {
        char words[256];

        fence_format(words, sizeof(words), record);
        machine_fail(MACHINE_CONTRACT, "%s", words);
    }
    record->live = false;
    actor_note(&record->freer);
    allocation_list_remove(&memory->live, record);
    memory_record_give(memory, record);
}

size_t
machine_allocation_bytes(const void *address)
{
    return record_live(memory_current(), address, "size")->bytes;
}

/* --- what is there ---------------------------------------------------------------------------- */

size_t
machine_live_count(const char *kind)
{
    const struct memory *memory = memory_current();
    const struct allocation *record = memory->live.first;
    size_t count = 0;

    if (kind == NULL)
        return memory->live.count;
    for (; record != NULL; record = record->next)
        count += strcmp(record->kind, kind) == 0;
    return count;
}

void
machine_each_live(const char *kind,
                  void (*visit)(void *context, void *memory, size_t bytes, const char *owner),
                  void *context)
{
    struct allocation *record = memory_current()->live.first;
    struct allocation *next;
    char owner[96];

    for (; record != NULL; record = next) {
        next = record->next;
        if (kind != NULL && strcmp(record->kind, kind) != 0)
            continue;
        actor_format(owner, sizeof(owner), &record->maker);
        visit(context, record->memory, record->bytes, owner);
    }
}

static const struct allocation *
waiting_find_written(const struct memory *memory)
{
    for (unsigned class = 0; class < MEMORY_CLASSES; class ++) {
        const struct allocation *record = memory->waiting[class].first;

        for (; record != NULL; record = record->next) {
            if (!memory_filling_intact(memory, record))
                return record;
        }
    }
    return NULL;
}

void
machine_memory_audit(void)
{
    const struct memory *memory = memory_current();
    const struct allocation *record = memory->live.first;
    char words[256];

    while (record != NULL && memory_fences_intact(memory, record))
        record = record->next;
    if (record != NULL) {
        fence_format(words, sizeof(words), record);
        machine_finding(MACHINE_CONTRACT, "%s", words);
        return;
    }
    record = waiting_find_written(memory);
    if (record != NULL) {
        freed_write_format(words, sizeof(words), record);
        machine_finding(MACHINE_CONTRACT, "%s", words);
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

void
machine_poison(const void *address, size_t bytes)
{
    sanitizer_poison(address, bytes);
}

void
machine_unpoison(const void *address, size_t bytes)
{
    sanitizer_unpoison(address, bytes);
}

void
machine_undefine(void *address, size_t bytes)
{
    sanitizer_undefine(address, bytes);
}

/*
 * The kernel moves its records and the packets with these. ThreadSanitizer sees into memmove whoever
 * calls it, and would take one fiber's copy and another's later free for a race: the locks that
 * order them are the emulated ones. What a driver does with its own loads and stores it still sees.
 */
void
machine_copy(void *destination, const void *source, size_t bytes)
{
    if (bytes == 0)
        return;
    sanitizer_ignore_begin();
    memmove(destination, source, bytes);
    sanitizer_ignore_end();
}

void
machine_fill(void *destination, int byte, size_t bytes)
{
    if (bytes == 0)
        return;
    sanitizer_ignore_begin();
    memset(destination, byte, bytes);
    sanitizer_ignore_end();
}

int
machine_compare(const void *left, const void *right, size_t bytes)
{
    int order;

    if (bytes == 0)
        return 0;
    sanitizer_ignore_begin();
    order = memcmp(left, right, bytes);
    sanitizer_ignore_end();
    return order;
}
