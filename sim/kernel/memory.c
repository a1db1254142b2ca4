/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include "panic.h"
#include "select.h"
#include "thread.h"

#include <sys/malloc.h>

enum { BLOCK_BUCKETS = 256 };
enum { TAG_VALID = 0xDEAB0000, TAG_RELEASED = 0xDEAB0001 };
enum { MALLOC_TYPE_LAST = 256 };

static const char *const family_names[] = {"OSMalloc", "_MALLOC", "operator new", "IOMalloc"};

struct __OSMallocTag__ {
    struct __OSMallocTag__ *next;
    uint32_t state;
    uint32_t flags;
    uint32_t references; /* creator + one per block */
    char name[64];
    const char *owner;
};

struct memory_block {
    struct memory_block *next;
    void *address;
    uint64_t bytes;
    enum memory_family family;
    struct __OSMallocTag__ *tag;
    const char *owner;
};

struct memory_system {
    struct memory_block *blocks[BLOCK_BUCKETS];
    struct __OSMallocTag__ *tags; /* newest first */
    struct random_state random;
};

void
ksim_memory_boot(struct ksim *kernel)
{
    struct memory_system *system = machine_allocate(sizeof(*system), "memory system");

    machine_fill(system, 0, sizeof(*system));
    kernel->memory = system;
}

struct random_state *
ksim_random_state(void)
{
    return &ksim_current()->memory->random;
}

/* --- blocks ------------------------------------------------------------------------------------ */

static struct memory_block **
block_bucket(const void *address)
{
    return &ksim_current()->memory->blocks[((uint64_t)(uintptr_t)address >> 4) % BLOCK_BUCKETS];
}

static void *
block_create(uint64_t bytes, enum memory_family family, struct __OSMallocTag__ *tag)
{
    struct memory_block *block = machine_allocate(sizeof(*block), "memory block");
    struct memory_block **bucket;

    block->address = machine_allocate(bytes, family_names[family]);
    block->bytes = bytes;
    block->family = family;
    block->tag = tag;
    block->owner = ksim_thread_owner();
    bucket = block_bucket(block->address);
    block->next = *bucket;
    *bucket = block;
    return block->address;
}

/* Takes the block out of the ledger; what the zone allocator would panic about is said in its words. */
static struct memory_block *
block_remove(void *address, enum memory_family family, const char *name)
{
    struct memory_block **link = block_bucket(address);

    while (*link != NULL && (*link)->address != address) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        ksim_panic("zfree: freeing invalid pointer %p to zone kalloc (%s: never allocated, or "
                   "freed before)",
                   address, name);
    }
    if ((*link)->family != family) {
        machine_fail(MACHINE_CONTRACT, "%s of memory that came from %s", name,
                     family_names[(*link)->family]);
    }
    struct memory_block *block = *link;
    *link = block->next;
    ksim_select_memory_freed(address, block->bytes, name);
    machine_free(address);
    return block;
}

void *
ksim_memory_take(uint64_t bytes, enum memory_family family)
{
    return block_create(bytes, family, NULL);
}

void
ksim_memory_give(void *address, uint64_t bytes, enum memory_family family, const char *name)
{
    struct memory_block *block = block_remove(address, family, name);

    if (bytes != 0 && block->bytes != bytes) {
        machine_fail(MACHINE_CONTRACT, "%s: %llu bytes were allocated, %llu are freed", name,
                     (unsigned long long)block->bytes, (unsigned long long)bytes);
    }
    machine_free(block);
}

void
ksim_memory_audit(struct ksim *kernel)
{
    for (int i = 0; i < BLOCK_BUCKETS; i++) {
        for (const struct memory_block *block = kernel->memory->blocks[i]; block != NULL;
             block = block->next) {
            if (block->owner != NULL) {
                machine_finding(MACHINE_LEAK, "%llu bytes of %s%s%s made by %s were never freed",
                                (unsigned long long)block->bytes, family_names[block->family],
                                block->tag == NULL ? "" : " with tag ",
                                block->tag == NULL ? "" : block->tag->name, block->owner);
            }
        }
    }
    for (const struct __OSMallocTag__ *tag = kernel->memory->tags; tag != NULL; tag = tag->next) {
        if (tag->owner != NULL && tag->state == TAG_VALID) {
            machine_finding(MACHINE_LEAK, "OSMalloc tag %s of %s was never freed", tag->name,
                            tag->owner);
        }
    }
}

/* --- OSMalloc ---------------------------------------------------------------------------------- */

static struct __OSMallocTag__ *
tag_check(struct __OSMallocTag__ *tag, const char *name)
{
    struct __OSMallocTag__ *known = ksim_current()->memory->tags;

    if (tag == NULL) {
        ksim_panic_fault(0x14, name);
    }
    while (known != NULL && known != tag) {
        known = known->next;
    }
    if (known == NULL) {
        machine_fail(MACHINE_CONTRACT, "%s: tag %p does not exist (freed?)", name, (void *)tag);
    }
    return tag;
}

static void
tag_reference_drop(struct __OSMallocTag__ *tag)
{
    struct __OSMallocTag__ **link = &ksim_current()->memory->tags;

    if (--tag->references > 0) {
        return;
    }
    while (*link != tag) {
        link = &(*link)->next;
    }
    *link = tag->next;
    machine_free(tag);
}

OSMallocTag
OSMalloc_Tagalloc(const char *name, uint32_t flags)
{
    struct memory_system *system = ksim_current()->memory;
    struct __OSMallocTag__ *tag;

    ksim_kpi_enter("OSMalloc_Tagalloc", KPI_MAY_BLOCK);
    tag = machine_allocate(sizeof(*tag), "OSMalloc tag");
    machine_fill(tag, 0, sizeof(*tag));
    machine_format(tag->name, sizeof(tag->name), "%s", name);
    tag->state = TAG_VALID;
    tag->flags = flags;
    tag->references = 1;
    tag->owner = ksim_thread_owner();
    tag->next = system->tags;
    system->tags = tag;
    return tag;
}

void
OSMalloc_Tagfree(OSMallocTag tag)
{
    ksim_kpi_enter("OSMalloc_Tagfree", KPI_MAY_BLOCK);
    tag_check(tag, "OSMalloc_Tagfree");
    if (tag->state != TAG_VALID) {
        ksim_panic("OSMalloc_Tagfree():'%s' has bad state 0x%08X", tag->name, tag->state);
    }
    tag->state = TAG_RELEASED;
    tag_reference_drop(tag);
}

static void *
osmalloc(uint32_t bytes, OSMallocTag tag, const char *name)
{
    tag_check(tag, name);
    if (machine_fault(name) || bytes == 0) {
        return NULL;
    }
    tag->references++;
    return block_create(bytes, FAMILY_OSMALLOC, tag);
}

void *
OSMalloc(uint32_t bytes, OSMallocTag tag)
{
    ksim_kpi_enter("OSMalloc", KPI_MAY_BLOCK);
    return osmalloc(bytes, tag, "OSMalloc");
}

void *
OSMalloc_nowait(uint32_t bytes, OSMallocTag tag)
{
    ksim_kpi_enter("OSMalloc_nowait", KPI_ANY_CONTEXT);
    tag_check(tag, "OSMalloc_nowait");
    return (tag->flags & OSMT_PAGEABLE) != 0 ? NULL : osmalloc(bytes, tag, "OSMalloc_nowait");
}

void *
OSMalloc_noblock(uint32_t bytes, OSMallocTag tag)
{
    ksim_kpi_enter("OSMalloc_noblock", KPI_ANY_CONTEXT);
    tag_check(tag, "OSMalloc_noblock");
    return (tag->flags & OSMT_PAGEABLE) != 0 ? NULL : osmalloc(bytes, tag, "OSMalloc_noblock");
}

void
OSFree(void *address, uint32_t bytes, OSMallocTag tag)
{
    struct memory_block *block;

    ksim_kpi_enter("OSFree", KPI_MAY_BLOCK);
    tag_check(tag, "OSFree");
    block = block_remove(address, FAMILY_OSMALLOC, "OSFree");
    if (block->bytes != bytes || block->tag != tag) {
        machine_fail(MACHINE_CONTRACT,
                     "OSFree: %llu bytes with tag %s were allocated, %u with tag %s are freed "
                     "(Element %p caught being freed to wrong zone)",
                     (unsigned long long)block->bytes, block->tag->name, bytes, tag->name, address);
    }
    machine_free(block);
    tag_reference_drop(tag);
}

/* --- _MALLOC ----------------------------------------------------------------------------------- */

void *
_MALLOC(size_t bytes, int type, int flags)
{
    void *address;

    ksim_kpi_enter("_MALLOC", (flags & M_NOWAIT) != 0 ? KPI_ANY_CONTEXT : KPI_MAY_BLOCK);
    if (type >= MALLOC_TYPE_LAST) {
        ksim_panic("_malloc TYPE");
    }
    if (bytes == 0) {
        return NULL;
    }
    if (machine_fault("_MALLOC")) {
        if ((flags & (M_NOWAIT | M_NULL)) == 0) {
            ksim_panic("_MALLOC: kalloc returned NULL (potential leak), size %llu",
                       (unsigned long long)bytes);
        }
        return NULL;
    }
    address = block_create(bytes, FAMILY_MALLOC, NULL);
    if ((flags & M_ZERO) != 0) {
        machine_fill(address, 0, bytes);
    }
    return address;
}

void
_FREE(void *address, int type)
{
    ksim_kpi_enter("_FREE", KPI_MAY_BLOCK);
    (void)type;
    if (address != NULL) {
        machine_free(block_remove(address, FAMILY_MALLOC, "_FREE"));
    }
}
