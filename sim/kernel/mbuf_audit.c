/* SPDX-License-Identifier: BSD-2-Clause */

/* The ledger of mbufs: who did what, misuse, rules of a hand-over, leaks, statistics. */

#include <kern/debug.h>

#include "mbuf.h"

/* --- history ------------------------------------------------------------------------------------ */

void
mbuf_history_note_list(mbuf_t packets, const char *what_literal)
{
    for (struct __mbuf *packet = packets; packet != NULL; packet = packet->nextpkt)
        for (struct __mbuf *m = packet; m != NULL; m = m->next)
            mbuf_history_note(m, what_literal);
}

static int
event_text(const struct mbuf_system *system, const struct mbuf_event *event, const char *before,
           char *buffer, size_t bytes)
{
    const struct mbuf_actor *actor = &system->actors[event->fiber % MBUF_ACTORS];

    if (event->fiber == 0)
        return machine_format(buffer, bytes, "%s%s at step %llu", before, event->what,
                              (unsigned long long)event->step);
    return machine_format(buffer, bytes, "%s%s at step %llu by %s (thread %u)", before, event->what,
                          (unsigned long long)event->step,
                          actor->fiber == event->fiber ? actor->name : "an ended thread", event->fiber);
}

/* The allocation, then the latest events in order. */
static int
history_text(const struct mbuf_system *system, const struct mbuf_history *history, char *buffer,
             size_t bytes)
{
    const uint32_t ring = MBUF_EVENTS - 1;
    uint32_t later = history->count == 0 ? 0 : history->count - 1;
    uint32_t first = later > ring ? later - ring : 0;
    int used = 0;

    if (history->count == 0)
        return machine_format(buffer, bytes, "never allocated");
    used += event_text(system, &history->events[0], "", buffer, bytes);
    for (uint32_t i = first; i < later; i++) {
        size_t at = (size_t)used < bytes ? (size_t)used : bytes;

        used += event_text(system, &history->events[1 + i % ring],
                           i == first && first > 0 ? ", ..., " : ", ", buffer + at, bytes - at);
    }
    return used;
}

int
mbuf_history_text(mbuf_t m, char *buffer, size_t bytes)
{
    int used = machine_format(buffer, bytes, "mbuf %llu (%d bytes): ", (unsigned long long)m->serial,
                              (int)m->len_bytes);
    size_t at = (size_t)used < bytes ? (size_t)used : bytes;

    return used + history_text(m->system, &m->history, buffer + at, bytes - at);
}

int
mbuf_history_report(mbuf_t m, char *buffer, size_t bytes)
{
    const struct mbuf_history *history = &m->history;
    uint32_t first = history->handovers > MBUF_HANDOVERS ? history->handovers - MBUF_HANDOVERS : 0;
    int used = mbuf_history_text(m, buffer, bytes);

    for (uint32_t i = first; i < history->handovers; i++) {
        size_t at = (size_t)used < bytes ? (size_t)used : bytes;

        used += event_text(m->system, &history->handed[i % MBUF_HANDOVERS],
                           i == first ? "\n    handed over: " : ", ", buffer + at, bytes - at);
    }
    return used;
}

/* --- misuse ------------------------------------------------------------------------------------- */

_Noreturn void
mbuf_misused(const struct __mbuf *m, const char *who)
{
    char text[MBUF_REPORT_BYTES];

    if (m == NULL)
        panic("%s: NULL mbuf (on XNU a page fault at a small address)", who);
    if (m->state != MBUF_DEAD)
        machine_fail(MACHINE_CONTRACT, "%s: %p is not an mbuf", who, (const void *)m);
    (void)mbuf_history_report((mbuf_t)(uintptr_t)m, text, sizeof(text));
    machine_fail(MACHINE_CONTRACT, "%s: use of a freed mbuf (XNU would corrupt memory); %s", who, text);
}

/* What is wrong with one mbuf, or NULL. */
static const char *
mbuf_fault_find(const struct __mbuf *m)
{
    if (m->type == MBUF_TYPE_FREE)
        return "has type MBUF_TYPE_FREE";
    if (m->len_bytes < 0)
        return "has a negative length";
    if (m->data < mbuf_buffer(m) ||
        m->data + m->len_bytes > mbuf_buffer(m) + mbuf_buffer_bytes(m))
        return "has data outside its buffer";
    return NULL;
}

static const char *
packet_fault_find(const struct __mbuf *packet, const char *who)
{
    int64_t total = 0;

    if (!mbuf_is_packet(packet))
        return "has no packet header";
    for (const struct __mbuf *m = packet; m != NULL; m = m->next) {
        const char *fault;

        mbuf_require(m, who);
        fault = mbuf_fault_find(m);
        if (fault != NULL)
            return fault;
        total += m->len_bytes;
    }
    return total == packet->packet.len_bytes ? NULL : "has a packet length that is not the sum of its mbufs";
}

bool
mbuf_handover_check(mbuf_t m, const char *who, bool list_allowed)
{
    bool good = true;

    for (mbuf_t packet = m; packet != NULL; packet = packet->nextpkt) {
        const char *fault;
        char text[MBUF_REPORT_BYTES];

        mbuf_require(packet, who);
        fault = packet_fault_find(packet, who);
        if (fault == NULL && !list_allowed && packet->nextpkt != NULL)
            fault = "has mbuf_nextpkt set";
        if (fault == NULL)
            continue;
        good = false;
        (void)mbuf_history_report(packet, text, sizeof(text));
        machine_finding(MACHINE_CONTRACT, "%s: the packet %s; %s", who, fault, text);
        break;
    }
    return good;
}

/* --- audit -------------------------------------------------------------------------------------- */

static void
mbufs_audit_slab(const struct mbuf_slab *slab)
{
    char text[MBUF_REPORT_BYTES];

    for (uint32_t i = 0; i < slab->count; i++) {
        struct __mbuf *m = (struct __mbuf *)(void *)(slab->first + i * slab->stride_bytes);

        if (m->state != MBUF_LIVE)
            continue;
        (void)mbuf_history_report(m, text, sizeof(text));
        machine_finding(MACHINE_LEAK, "leaked %s", text);
    }
}

/* Clusters that an mbuf holds are told of with the mbuf. */
static bool
cluster_is_held(const struct mbuf_system *system, const struct mbuf_cluster *cluster)
{
    for (const struct mbuf_slab *slab = system->slabs; slab != NULL; slab = slab->next) {
        for (uint32_t i = 0; i < slab->count; i++) {
            const struct __mbuf *m = (const void *)(slab->first + i * slab->stride_bytes);

            if (m->state == MBUF_LIVE && mbuf_is_external(m) && m->cluster == cluster)
                return true;
        }
    }
    return false;
}

static void
clusters_audit_slab(const struct mbuf_system *system, const struct mbuf_slab *slab)
{
    char text[MBUF_REPORT_BYTES];

    for (uint32_t i = 0; i < slab->count; i++) {
        const struct mbuf_cluster *cluster = (const void *)(slab->first + i * slab->stride_bytes);

        if (cluster->state != MBUF_LIVE || cluster_is_held(system, cluster))
            continue;
        (void)history_text(system, &cluster->history, text, sizeof(text));
        machine_finding(MACHINE_LEAK, "leaked cluster of %u bytes: %s", cluster->size_bytes, text);
    }
}

void
ksim_mbufs_audit(struct ksim *ksim)
{
    struct mbuf_system *system = ksim->mbufs;
    const struct mbuf_live *live = &system->live;

    if (live->mbufs != 0)
        for (const struct mbuf_slab *slab = system->slabs; slab != NULL; slab = slab->next)
            mbufs_audit_slab(slab);
    for (const struct mbuf_slab *slab = system->cluster_slabs; slab != NULL; slab = slab->next)
        if (live->clusters[slab->class] != 0)
            clusters_audit_slab(system, slab);
}

/* --- statistics --------------------------------------------------------------------------------- */

static uint32_t
objects_count(const struct mbuf_slab *slab, enum mbuf_class class)
{
    uint32_t count = 0;

    for (; slab != NULL; slab = slab->next)
        if (slab->class == class)
            count += slab->count;
    return count;
}

void
mbuf_stats(struct mbuf_stat *stats)
{
    struct mbuf_system *system = ksim_current()->mbufs;

    ksim_kpi_enter("mbuf_stats", KPI_ANY_CONTEXT);
    machine_fill(stats, 0, sizeof(*stats));
    stats->mbufs = (uint32_t)system->live.mbufs;
    stats->clusters = objects_count(system->cluster_slabs, MBUF_CLASS_2K);
    stats->clfree = stats->clusters - (uint32_t)system->live.clusters[MBUF_CLASS_2K];
    stats->drops = (uint32_t)system->failures;
    stats->mtypes[MBUF_TYPE_DATA] = (uint16_t)system->live.mbufs;
    stats->msize = MBUF_OBJECT_BYTES;
    stats->mclbytes = mbuf_class_bytes(MBUF_CLASS_2K);
    stats->minclsize = system->geometry.minclsize_bytes;
    stats->mlen = system->geometry.mlen_bytes;
    stats->mhlen = system->geometry.mhlen_bytes;
    stats->bigclusters = objects_count(system->cluster_slabs, MBUF_CLASS_4K);
    stats->bigclfree = stats->bigclusters - (uint32_t)system->live.clusters[MBUF_CLASS_4K];
    stats->bigmclbytes = mbuf_class_bytes(MBUF_CLASS_4K);
}
