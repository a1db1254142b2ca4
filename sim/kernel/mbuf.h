/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_MBUF_H
#define KSIM_MBUF_H

/*
 * Emulated mbufs: what the rest of the emulated kernel may see of them.
 *
 * The KPI functions (mbuf_get ... mbuf_tag_free) are declared in <sys/kpi_mbuf.h> and behave as recorded
 * in tests/vectors. This header adds what the kernel itself needs: the record, geometry by release,
 * cheap accessors that are not preemption points, the ledger and the audit.
 *
 * Ownership is that of XNU: whoever holds the head of a chain owns it. A function that takes a chain says
 * so. Nothing here blocks; MBUF_WAITOK never waits, because the pools grow on demand. An allocation fails
 * only when the tape says so: machine_fault(name) for MBUF_DONTWAIT, machine_fault(name "/waitok") for
 * MBUF_WAITOK, which on XNU needs an exhausted zone, so that a finding can be ranked.
 *
 * Differences from a real kernel, all in favour of finding mistakes: the packet header does not overlap
 * the data; each buffer stands between guard bytes, checked when it is freed; a freed mbuf goes to the
 * end of a queue and its buffer is poisoned, so a stale pointer is told from a live one for a while.
 */

#include <ksim.h>
#include <sys/kpi_mbuf.h>

/* --- geometry and quirks of a release ---------------------------------------------------------- */

/* Sizes from the profile; the quirks are those of tests/vectors (10.6.8, 10.9.5 and 10.15 are proven,
 * a release between two of them takes the newer behaviour only where kpi-rest.md section 1 says so). */
struct mbuf_geometry {
    uint32_t mlen_bytes;          /* data of a plain mbuf */
    uint32_t mhlen_bytes;         /* data of an mbuf with a packet header */
    uint32_t minclsize_bytes;     /* more than this goes to a cluster */
    uint32_t public_flags;        /* what mbuf_flags shows and mbuf_setflags accepts */
    uint32_t csum_request_flags;  /* what mbuf_set_csum_requested keeps */
    bool flags_unchecked;         /* up to 10.8: EXT and PKTHDR may be flipped at will */
    bool flags_ext_in_argument;   /* 10.9: EINVAL whenever EXT appears in flags or mask */
    bool flags_mask_only_checked; /* 10.10 on: bits outside the mask are ignored */
    bool shared_stays_shared;     /* 10.9 on: a cluster once shared stays read-only */
    bool prepend_oversize_panics; /* 10.11 on; before, the length exceeded the buffer */
    bool prepend_plain_in_mlen;   /* 10.11 on: without a header the data goes to the end of MLEN */
    bool split_boundary_fresh;    /* 10.11 on: an empty tail shares nothing */
    bool copy_keeps_empty_first;  /* 10.11 on: mbuf_copym copies an empty header mbuf */
    bool negative_length_hidden;  /* 10.11 on: mbuf_pkthdr_len answers 0 for a negative length */
};

/* --- records ----------------------------------------------------------------------------------- */

enum {
    MBUF_LIVE = 0x6d627546,
    MBUF_DEAD = 0x44454144,
    MBUF_OBJECT_BYTES = 256,           /* XNU's _MSIZE, header and storage of one mbuf */
    MBUF_GUARD_BYTES = 16,
    MBUF_EVENTS = 4,
    MBUF_HANDOVERS = 2,
    MBUF_REPORT_BYTES = 700, /* room for mbuf_history_report */
    MBUF_ACTORS = 64,
    MBUF_PULL_BYTES = 60,              /* max_protohdr: how far mbuf_pullup reaches by itself */
    MBUF_CSUM_SUM16 = 0x1000,          /* the one bit that is both requested and performed */
    MBUF_VLAN_TAG_VALID = 0x10000      /* of csum_flags */
};

/* Who did what to an mbuf, and when. `what` is a literal. */
struct mbuf_event {
    const char *what;
    uint64_t step;
    uint32_t fiber; /* machine_fiber_id, 0 = outside fibers */
};

/* events[0] is the allocation, the others are the latest, oldest overwritten first. */
struct mbuf_history {
    uint32_t count;
    uint32_t handovers; /* between driver and stack; the latest are kept */
    struct mbuf_event events[MBUF_EVENTS];
    struct mbuf_event handed[MBUF_HANDOVERS];
};

enum mbuf_class {
    MBUF_CLASS_2K,
    MBUF_CLASS_4K,
    MBUF_CLASS_16K,
    MBUF_CLASS_ATTACHED, /* the buffer belongs to the caller of mbuf_attachcluster */
    MBUF_CLASSES
};

struct mbuf_cluster {
    uint32_t state; /* MBUF_LIVE or MBUF_DEAD */
    enum mbuf_class class;
    uint32_t references;
    uint32_t size_bytes;
    uint8_t *buffer;
    void (*release)(caddr_t buffer, u_int size, caddr_t argument);
    caddr_t release_argument;
    struct mbuf_system *system;
    struct mbuf_cluster *next;
    bool shared_once;
    struct mbuf_history history;
};

struct mbuf_tag {
    struct mbuf_tag *next;
    uint32_t id;
    uint16_t type;
    uint64_t data_bytes;
    uint64_t data[];
};

struct mbuf_packet_header {
    int32_t len_bytes;
    uint32_t csum_flags;
    uint32_t csum_data;
    uint32_t traffic_class;
    uint16_t vlan_tag;
    uint16_t segment_bytes; /* TSO */
    bool garbage;           /* PKTHDR was set over data: freeing it would crash XNU */
    ifnet_t rcvif;
    void *header;
    struct mbuf_tag *tags;
};

struct __mbuf {
    uint32_t state; /* MBUF_LIVE or MBUF_DEAD */
    uint16_t type;
    int32_t len_bytes;
    uint32_t flags;
    struct __mbuf *next;
    struct __mbuf *nextpkt;
    uint8_t *data;
    uint8_t *area; /* internal storage of mlen_bytes; the header mbuf uses its last mhlen_bytes */
    struct mbuf_cluster *cluster;
    struct mbuf_system *system;
    struct mbuf_packet_header packet;
    uint64_t serial; /* of the allocation, from 1 */
    struct mbuf_history history;
};

/* Objects in use. */
struct mbuf_live {
    uint64_t mbufs;
    uint64_t clusters[MBUF_CLASSES];
    uint64_t release_calls; /* free functions of attached buffers run so far */
};

/* Name of a fiber that touched an mbuf, for the ledger: it may have ended when the ledger is read. */
struct mbuf_actor {
    uint32_t fiber; /* machine_fiber_id, 0 = slot is free */
    char name[28];
};

struct mbuf_name {
    struct mbuf_name *next;
    uint32_t id;
    char text[];
};

/* One machine_allocate of equal pieces. */
struct mbuf_slab {
    struct mbuf_slab *next;
    uint8_t *first;
    size_t stride_bytes;
    uint32_t count;
    uint32_t number; /* from 0, in order of birth */
    enum mbuf_class class;
};

struct mbuf_system {
    struct machine *machine;
    struct mbuf_geometry geometry;
    struct mbuf_live live;
    struct __mbuf *free_head, *free_tail; /* first in, first out */
    struct mbuf_cluster *cluster_head[MBUF_CLASSES], *cluster_tail[MBUF_CLASSES];
    const uint8_t *pattern; /* 16 KiB of what memory nobody wrote looks like on this machine */
    struct mbuf_slab *slabs, *cluster_slabs;
    uint32_t slab_count;
    uint64_t serial;
    struct mbuf_name *tag_names;
    uint64_t failures; /* for mbuf_stats */
    struct mbuf_actor actors[MBUF_ACTORS]; /* by fiber id, the latest of those that share a slot */
};

/* Name of an allocation for machine_fault and the ledger: MBUF_WHO("mbuf_get"). */
struct mbuf_who {
    const char *name;
    const char *name_waitok;
};
#define MBUF_WHO(literal) ((struct mbuf_who){literal, literal "/waitok"})

/* Exported by XNU without a public prototype (kpi-exports/candidate-imports.md). */
errno_t mbuf_set_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t request, u_int32_t value)
    KPI_SYMBOL(mbuf_set_csum_requested);
errno_t mbuf_get_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t *flags, u_int32_t *value)
    KPI_SYMBOL(mbuf_get_csum_performed);
int mbuf_is_traffic_class_privileged(mbuf_t mbuf) KPI_SYMBOL(mbuf_is_traffic_class_privileged);

/* --- boot and audit ---------------------------------------------------------------------------- */

void ksim_mbufs_boot(struct ksim *ksim);

/* Each mbuf and cluster still in use becomes a MACHINE_LEAK finding with its history. */
void ksim_mbufs_audit(struct ksim *ksim);

/* --- ledger ------------------------------------------------------------------------------------ */

/* Adds an event to the history, for example mbuf_history_note(m, "handed to ifnet_input"). */
void mbuf_history_note(mbuf_t m, const char *what_literal);
/* The same for each mbuf of each packet of a list. */
void mbuf_history_note_list(mbuf_t packets, const char *what_literal);
/* Each mbuf of each packet of a list goes from the stack to a driver or back; kept beside the history. */
void mbuf_history_hand_over(mbuf_t packets, const char *what_literal);
/* "mbuf 17: mbuf_gethdr step 3 by tun_write#4; ..."; returns the length like snprintf. */
int mbuf_history_text(mbuf_t m, char *buffer, size_t bytes);
/* The same for a report: with a second line that tells the latest hand-overs, if there were any. */
int mbuf_history_report(mbuf_t m, char *buffer, size_t bytes);

/*
 * The rules of a hand-over to the stack: packet header, no NULL or freed mbuf, lengths inside their
 * buffers, pkthdr.len the sum of the lengths, nextpkt NULL unless `list_allowed`. A breach is a
 * MACHINE_CONTRACT finding naming `who`; the packet stays the caller's. True when all is well.
 */
bool mbuf_handover_check(mbuf_t m, const char *who, bool list_allowed);

/* An mbuf that is NULL, freed or not an mbuf at all was given to `who`: panics or fails, no return. */
_Noreturn void mbuf_misused(const struct __mbuf *m, const char *who);

/* --- accessors for the kernel (no preemption point) --------------------------------------------- */

static inline void
mbuf_require(const struct __mbuf *m, const char *who)
{
    if (__builtin_expect(m == NULL || m->state != MBUF_LIVE, 0))
        mbuf_misused(m, who);
}

static inline bool
mbuf_is_external(const struct __mbuf *m)
{
    return (m->flags & MBUF_EXT) != 0;
}

static inline bool
mbuf_is_packet(const struct __mbuf *m)
{
    return (m->flags & MBUF_PKTHDR) != 0;
}

/* Start and size of the buffer that `data` points into. */
static inline uint8_t *
mbuf_buffer(const struct __mbuf *m)
{
    if (mbuf_is_external(m))
        return m->cluster->buffer;
    if (mbuf_is_packet(m))
        return m->area + (m->system->geometry.mlen_bytes - m->system->geometry.mhlen_bytes);
    return m->area;
}

static inline uint32_t
mbuf_buffer_bytes(const struct __mbuf *m)
{
    if (mbuf_is_external(m))
        return m->cluster->size_bytes;
    return mbuf_is_packet(m) ? m->system->geometry.mhlen_bytes : m->system->geometry.mlen_bytes;
}

/* What mbuf_mclhasreference answers. */
static inline bool
mbuf_is_shared(const struct __mbuf *m)
{
    if (!mbuf_is_external(m))
        return false;
    return m->cluster->references > 1 ||
           (m->cluster->shared_once && m->system->geometry.shared_stays_shared);
}

/* Space before and behind the data; 0 in a shared cluster. Negative in an mbuf a driver has broken. */
int64_t mbuf_space_before(const struct __mbuf *m);
int64_t mbuf_space_behind(const struct __mbuf *m);

/* Sum of the lengths, number of mbufs of one packet. */
size_t mbuf_chain_bytes(const struct __mbuf *m);
size_t mbuf_chain_count(const struct __mbuf *m);

/* --- allocation for the kernel ------------------------------------------------------------------ */

/* A fresh mbuf, plain (flags 0) or MBUF_PKTHDR; NULL when the tape says so. */
struct __mbuf *mbuf_take(uint32_t how, uint32_t type, uint32_t flags, struct mbuf_who who);
/* Gives a cluster to `m` whatever it had before (which leaks, as on XNU). False: EXT is clear now. */
bool mbuf_take_cluster(struct __mbuf *m, enum mbuf_class class, uint32_t how, struct mbuf_who who);
/* `taker` refers to the cluster of `m` too. */
void mbuf_share_cluster(struct __mbuf *taker, struct __mbuf *m);
/* Frees one mbuf and returns its next; frees a chain (NULL allowed). `who` is a literal. */
struct __mbuf *mbuf_release(struct __mbuf *m, const char *who);
void mbuf_release_chain(struct __mbuf *m, const char *who);

struct mbuf_cluster *mbuf_cluster_take(struct mbuf_system *system, enum mbuf_class class, uint32_t how,
                                       struct mbuf_who who);
/* Drops one reference; runs the free function or returns the buffer with the last one. */
void mbuf_cluster_release(struct mbuf_cluster *cluster, const char *who);
/* The record that belongs to a buffer of mbuf_alloccluster; contract failure if it is none. */
struct mbuf_cluster *mbuf_cluster_of_buffer(caddr_t buffer, const char *who);
/* The smallest class that holds `bytes`, MBUF_CLASS_ATTACHED when none does. */
enum mbuf_class mbuf_class_for(size_t bytes);
uint32_t mbuf_class_bytes(enum mbuf_class class);

/* Copies the header as XNU's M_COPY_PKTHDR does: flags, fields; tags move to `to`, whose data goes to
 * the start of its internal buffer. */
void mbuf_header_move(struct __mbuf *to, struct __mbuf *from);
/* The same with copied tags and without touching flags of `to` but the copied ones. False: no memory. */
bool mbuf_header_duplicate(struct __mbuf *to, struct __mbuf *from, uint32_t how, struct mbuf_who who);
void mbuf_tags_release(struct __mbuf *m);

/* Trims without preemption point; see mbuf_adj. */
void mbuf_trim(struct __mbuf *m, int amount);

/* Internet checksum over bytes of a chain, as a host number, not complemented. The range must exist. */
uint32_t mbuf_sum16(const struct __mbuf *m, size_t offset_bytes, size_t bytes);

/* --- shapes ------------------------------------------------------------------------------------- */

/* Forms in which the stack may hand a packet to a driver; each is legal and met in the field. */
enum mbuf_shape {
    MBUF_SHAPE_PLAIN,        /* 16 bytes of leading space, clusters for what is long */
    MBUF_SHAPE_TIGHT,        /* no leading space */
    MBUF_SHAPE_EMPTY_FIRST,  /* a header mbuf of length 0 in front */
    MBUF_SHAPE_SPLIT_HEADER, /* the first 9 bytes stand alone */
    MBUF_SHAPE_SHARED,       /* in a cluster that someone else refers to */
    MBUF_SHAPE_BYTES,        /* the first 24 bytes in mbufs of one byte each */
    MBUF_SHAPE_JUMBO,        /* one 16K cluster */
    MBUF_SHAPES
};

/*
 * A packet with these bytes in that shape, the caller's to free; NULL without memory. For
 * MBUF_SHAPE_SHARED *keeper is the other holder, to be freed with mbuf_freem; else *keeper is NULL.
 */
mbuf_t mbuf_shape_packet(enum mbuf_shape shape, const void *bytes, size_t length_bytes, uint32_t how,
                         mbuf_t *keeper);

#endif
