/* SPDX-License-Identifier: BSD-2-Clause */

/* Where mbufs and clusters come from and where they return to. */

#include <kern/debug.h>

#include "mbuf.h"
#include "panic.h"
#include "profile.h"

enum {
    GUARD_BYTE = 0xb5,
    SLAB_MBUFS = 32,
    SLAB_CLUSTER_BYTES = 16 * 2048,
    PATTERN_BYTES = 16384,
    FIRST_TAG_ID = 1000,
    PUBLIC_FLAGS_10_6 = MBUF_EXT | MBUF_PKTHDR | MBUF_EOR | MBUF_BCAST | MBUF_MCAST | MBUF_FRAG |
                        MBUF_FIRSTFRAG | MBUF_LASTFRAG | MBUF_PROMISC,
    PUBLIC_FLAGS_10_7 = PUBLIC_FLAGS_10_6 | MBUF_LOOP | MBUF_HASFCS,
    REQUEST_FLAGS_10_6 = MBUF_CSUM_REQ_IP | MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP | MBUF_CSUM_SUM16,
    REQUEST_FLAGS_10_7 = REQUEST_FLAGS_10_6 | MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6
};

static size_t
rounded(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

static void
geometry_set(struct mbuf_geometry *geometry, const struct ksim_profile *profile)
{
    geometry->mlen_bytes = profile->mlen_bytes;
    geometry->mhlen_bytes = profile->mhlen_bytes;
    geometry->minclsize_bytes = profile->minclsize_bytes;
    geometry->public_flags = profile->mbuf_newer_flags ? PUBLIC_FLAGS_10_7 : PUBLIC_FLAGS_10_6;
    geometry->csum_request_flags =
        profile->mbuf_newer_flags ? REQUEST_FLAGS_10_7 : REQUEST_FLAGS_10_6;
    geometry->flags_unchecked = profile->mbuf_flags_unchecked;
    geometry->flags_ext_in_argument = profile->mbuf_flags_ext_in_argument;
    geometry->flags_mask_only_checked = profile->mbuf_flags_mask_only_checked;
    geometry->shared_stays_shared = profile->mbuf_shared_stays_shared;
    geometry->prepend_oversize_panics = profile->mbuf_prepend_oversize_panics;
    geometry->prepend_plain_in_mlen = profile->mbuf_prepend_plain_in_mlen;
    geometry->split_boundary_fresh = profile->mbuf_split_boundary_fresh;
    geometry->copy_keeps_empty_first = profile->mbuf_copy_keeps_empty_first;
    geometry->negative_length_hidden = profile->mbuf_negative_length_hidden;
}

void
ksim_mbufs_boot(struct ksim *ksim)
{
    struct mbuf_system *system = machine_allocate(sizeof(*system), "mbuf system");

    machine_fill(system, 0, sizeof(*system));
    system->machine = ksim->machine;
    /* Fresh machine memory is the pattern: whatever the seed makes of it, reused buffers look the same. */
    system->pattern = machine_allocate(PATTERN_BYTES, "mbuf pattern");
    geometry_set(&system->geometry, ksim->profile);
    ksim->mbufs = system;
}

/* --- guards ------------------------------------------------------------------------------------- */

static void
guard_set(uint8_t *guard)
{
    machine_fill(guard, GUARD_BYTE, MBUF_GUARD_BYTES);
    machine_poison(guard, MBUF_GUARD_BYTES);
}

static bool
guard_intact(uint8_t *guard)
{
    uint64_t halves[2];
    const uint64_t expected = 0x0101010101010101ULL * GUARD_BYTE;

    machine_unpoison(guard, MBUF_GUARD_BYTES);
    __builtin_memcpy(halves, guard, sizeof(halves));
    machine_poison(guard, MBUF_GUARD_BYTES);
    return ((halves[0] ^ expected) | (halves[1] ^ expected)) == 0;
}

static void
guards_set(uint8_t *buffer, size_t bytes)
{
    guard_set(buffer - MBUF_GUARD_BYTES);
    guard_set(buffer + bytes);
    machine_poison(buffer, bytes);
}

static void
guards_check(uint8_t *buffer, size_t bytes, const char *who)
{
    if (!guard_intact(buffer - MBUF_GUARD_BYTES))
        machine_fail(MACHINE_CONTRACT, "%s: bytes before the buffer of an mbuf were overwritten", who);
    if (!guard_intact(buffer + bytes))
        machine_fail(MACHINE_CONTRACT, "%s: bytes behind the buffer of an mbuf were overwritten", who);
}

static void
buffer_make_fresh(struct mbuf_system *system, uint8_t *buffer, size_t bytes)
{
    machine_unpoison(buffer, bytes);
    machine_copy(buffer, system->pattern, bytes);
    machine_undefine(buffer, bytes);
}

/* --- slabs -------------------------------------------------------------------------------------- */

static struct mbuf_slab *
slab_new(struct mbuf_system *system, size_t stride_bytes, uint32_t count, const char *kind)
{
    size_t header_bytes = rounded(sizeof(struct mbuf_slab));
    struct mbuf_slab *slab = machine_allocate(header_bytes + stride_bytes * count, kind);

    slab->first = (uint8_t *)slab + header_bytes;
    slab->stride_bytes = stride_bytes;
    slab->count = count;
    slab->number = system->slab_count++;
    slab->class = MBUF_CLASSES;
    return slab;
}

static void
mbuf_queue_append(struct mbuf_system *system, struct __mbuf *m)
{
    m->next = NULL;
    if (system->free_tail != NULL)
        system->free_tail->next = m;
    else
        system->free_head = m;
    system->free_tail = m;
}

static void
mbufs_grow(struct mbuf_system *system)
{
    size_t record_bytes = rounded(sizeof(struct __mbuf));
    size_t area_bytes = rounded(system->geometry.mlen_bytes);
    struct mbuf_slab *slab =
        slab_new(system, record_bytes + area_bytes + 2 * MBUF_GUARD_BYTES, SLAB_MBUFS, "mbuf slab");

    slab->next = system->slabs;
    system->slabs = slab;
    for (uint32_t i = 0; i < slab->count; i++) {
        struct __mbuf *m = (struct __mbuf *)(void *)(slab->first + i * slab->stride_bytes);

        machine_fill(m, 0, sizeof(*m));
        m->state = MBUF_DEAD;
        m->system = system;
        m->area = (uint8_t *)m + record_bytes + MBUF_GUARD_BYTES;
        guards_set(m->area, system->geometry.mlen_bytes);
        mbuf_queue_append(system, m);
    }
}

static void
cluster_queue_append(struct mbuf_system *system, struct mbuf_cluster *cluster)
{
    enum mbuf_class class = cluster->class;

    cluster->next = NULL;
    if (system->cluster_tail[class] != NULL)
        system->cluster_tail[class]->next = cluster;
    else
        system->cluster_head[class] = cluster;
    system->cluster_tail[class] = cluster;
}

static void
clusters_grow(struct mbuf_system *system, enum mbuf_class class)
{
    size_t record_bytes = rounded(sizeof(struct mbuf_cluster));
    uint32_t bytes = mbuf_class_bytes(class);
    uint32_t count = bytes == 0 ? SLAB_MBUFS : SLAB_CLUSTER_BYTES / bytes;
    struct mbuf_slab *slab =
        slab_new(system, record_bytes + bytes + 2 * MBUF_GUARD_BYTES, count, "mbuf cluster slab");

    slab->class = class;
    slab->next = system->cluster_slabs;
    system->cluster_slabs = slab;
    for (uint32_t i = 0; i < count; i++) {
        struct mbuf_cluster *cluster = (void *)(slab->first + i * slab->stride_bytes);

        machine_fill(cluster, 0, sizeof(*cluster));
        cluster->state = MBUF_DEAD;
        cluster->class = class;
        cluster->system = system;
        if (bytes != 0) {
            cluster->buffer = (uint8_t *)cluster + record_bytes + MBUF_GUARD_BYTES;
            cluster->size_bytes = bytes;
            guards_set(cluster->buffer, bytes);
        }
        cluster_queue_append(system, cluster);
    }
}

/* --- history of an allocation -------------------------------------------------------------------- */

static uint32_t
actor_note(struct mbuf_system *system)
{
    struct fiber *fiber = machine_fiber_current();
    uint32_t id = fiber == NULL ? 0 : machine_fiber_id(fiber);
    struct mbuf_actor *actor = &system->actors[id % MBUF_ACTORS];

    if (actor->fiber != id) {
        actor->fiber = id;
        (void)machine_format(actor->name, sizeof(actor->name), "%s", machine_fiber_name(fiber));
    }
    return id;
}

static void
event_set(struct mbuf_system *system, struct mbuf_event *event, const char *what)
{
    event->what = what;
    event->step = machine_steps(system->machine);
    event->fiber = actor_note(system);
}

static void
history_add(struct mbuf_system *system, struct mbuf_history *history, const char *what)
{
    uint32_t slot = history->count == 0 ? 0 : 1 + (history->count - 1) % (MBUF_EVENTS - 1);

    event_set(system, &history->events[slot], what);
    history->count++;
}

void
mbuf_history_note(mbuf_t m, const char *what_literal)
{
    history_add(m->system, &m->history, what_literal);
    machine_tell_handled(m->serial, what_literal);
}

void
mbuf_history_hand_over(mbuf_t packets, const char *what_literal)
{
    for (struct __mbuf *packet = packets; packet != NULL; packet = packet->nextpkt) {
        for (struct __mbuf *m = packet; m != NULL; m = m->next) {
            struct mbuf_history *history = &m->history;

            event_set(m->system, &history->handed[history->handovers++ % MBUF_HANDOVERS], what_literal);
            machine_tell_handled(m->serial, what_literal);
        }
    }
}

/* --- mbufs -------------------------------------------------------------------------------------- */

static bool
allocation_fails(struct mbuf_system *system, uint32_t how, struct mbuf_who who)
{
    if (!machine_fault((how & MBUF_DONTWAIT) != 0 ? who.name : who.name_waitok))
        return false;
    system->failures++;
    return true;
}

struct __mbuf *
mbuf_take(uint32_t how, uint32_t type, uint32_t flags, struct mbuf_who who)
{
    struct mbuf_system *system = ksim_current()->mbufs;
    struct __mbuf *m;

    if (allocation_fails(system, how, who))
        return NULL;
    if (system->free_head == NULL)
        mbufs_grow(system);
    m = system->free_head;
    system->free_head = m->next;
    if (system->free_head == NULL)
        system->free_tail = NULL;

    buffer_make_fresh(system, m->area, system->geometry.mlen_bytes);
    m->state = MBUF_LIVE;
    m->type = (uint16_t)type;
    m->len_bytes = 0;
    m->flags = flags;
    m->next = NULL;
    m->nextpkt = NULL;
    m->cluster = NULL;
    __builtin_memset(&m->packet, 0, sizeof(m->packet));
    m->data = mbuf_buffer(m);
    m->serial = ++system->serial;
    m->history.count = 0;
    m->history.handovers = 0;
    mbuf_history_note(m, who.name);
    system->live.mbufs++;
    return m;
}

static void
mbuf_release_check(struct __mbuf *m, const char *who)
{
    char text[MBUF_REPORT_BYTES];

    if (m != NULL && m->state == MBUF_DEAD) {
        (void)mbuf_history_report(m, text, sizeof(text));
        machine_console("%s: double free of %s", who, text);
        ksim_panic("m_free: freeing an already freed mbuf");
    }
    mbuf_require(m, who);
    guards_check(m->area, m->system->geometry.mlen_bytes, who);
    if (mbuf_is_packet(m) && m->packet.garbage)
        panic("%s: the packet header was made over data with mbuf_setflags and is garbage", who);
}

struct __mbuf *
mbuf_release(struct __mbuf *m, const char *who)
{
    struct mbuf_system *system;
    struct __mbuf *next;

    mbuf_release_check(m, who);
    system = m->system;
    next = m->next;
    if (m->packet.tags != NULL)
        mbuf_tags_release(m);
    /* The free function of an attached buffer is the driver's code: the mbuf is whole while it runs. */
    if (mbuf_is_external(m))
        mbuf_cluster_release(m->cluster, who);
    mbuf_history_note(m, who);
    m->state = MBUF_DEAD;
    m->flags = 0;
    m->len_bytes = 0;
    m->cluster = NULL;
    m->nextpkt = NULL;
    machine_poison(m->area, system->geometry.mlen_bytes);
    mbuf_queue_append(system, m);
    system->live.mbufs--;
    return next;
}

void
mbuf_release_chain(struct __mbuf *m, const char *who)
{
    while (m != NULL)
        m = mbuf_release(m, who);
}

/* --- clusters ----------------------------------------------------------------------------------- */

uint32_t
mbuf_class_bytes(enum mbuf_class class)
{
    static const uint32_t bytes[MBUF_CLASSES + 1] = {2048, 4096, 16384, 0, 0};

    return bytes[class];
}

enum mbuf_class
mbuf_class_for(size_t bytes)
{
    if (bytes <= 2048)
        return MBUF_CLASS_2K;
    if (bytes <= 4096)
        return MBUF_CLASS_4K;
    return bytes <= 16384 ? MBUF_CLASS_16K : MBUF_CLASS_ATTACHED;
}

struct mbuf_cluster *
mbuf_cluster_take(struct mbuf_system *system, enum mbuf_class class, uint32_t how, struct mbuf_who who)
{
    struct mbuf_cluster *cluster;

    if (allocation_fails(system, how, who))
        return NULL;
    if (system->cluster_head[class] == NULL)
        clusters_grow(system, class);
    cluster = system->cluster_head[class];
    system->cluster_head[class] = cluster->next;
    if (system->cluster_head[class] == NULL)
        system->cluster_tail[class] = NULL;

    if (class != MBUF_CLASS_ATTACHED)
        buffer_make_fresh(system, cluster->buffer, cluster->size_bytes);
    cluster->state = MBUF_LIVE;
    cluster->references = 1;
    cluster->shared_once = false;
    cluster->release = NULL;
    cluster->history.count = 0;
    history_add(system, &cluster->history, who.name);
    system->live.clusters[class]++;
    return cluster;
}

void
mbuf_cluster_release(struct mbuf_cluster *cluster, const char *who)
{
    struct mbuf_system *system = cluster->system;

    if (cluster->state != MBUF_LIVE || cluster->references == 0)
        machine_fail(MACHINE_CONTRACT, "%s: cluster was freed already", who);
    if (--cluster->references > 0)
        return;
    if (cluster->class == MBUF_CLASS_ATTACHED) {
        system->live.release_calls++;
        cluster->release((caddr_t)cluster->buffer, cluster->size_bytes, cluster->release_argument);
    } else {
        guards_check(cluster->buffer, cluster->size_bytes, who);
        machine_poison(cluster->buffer, cluster->size_bytes);
    }
    history_add(system, &cluster->history, who);
    cluster->state = MBUF_DEAD;
    cluster_queue_append(system, cluster);
    system->live.clusters[cluster->class]--;
}

struct mbuf_cluster *
mbuf_cluster_of_buffer(caddr_t buffer, const char *who)
{
    size_t before_bytes = rounded(sizeof(struct mbuf_cluster)) + MBUF_GUARD_BYTES;
    struct mbuf_system *system = ksim_current()->mbufs;

    for (struct mbuf_slab *slab = system->cluster_slabs; slab != NULL; slab = slab->next) {
        size_t offset = (uintptr_t)buffer - (uintptr_t)slab->first;

        if ((uintptr_t)buffer < (uintptr_t)slab->first || slab->class == MBUF_CLASS_ATTACHED ||
            offset >= slab->stride_bytes * slab->count || offset % slab->stride_bytes != before_bytes)
            continue;
        return (struct mbuf_cluster *)(void *)((uint8_t *)buffer - before_bytes);
    }
    machine_fail(MACHINE_CONTRACT, "%s: %p is not a cluster", who, (void *)buffer);
}
