/* SPDX-License-Identifier: BSD-2-Clause */

/* Chains: growing at the front, trimming, making contiguous, splitting, joining. */

#include <kern/debug.h>
#include <sys/errno.h>

#include "mbuf.h"

static unsigned
rule_for(mbuf_how_t how)
{
    return (how & MBUF_DONTWAIT) != 0 ? KPI_ANY_CONTEXT : KPI_MAY_BLOCK;
}

static size_t
smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Moves the (empty) data of an internal mbuf so that `bytes` end at the end of `capacity`, on a multiple of 8. */
static void
data_place_at_end(struct __mbuf *m, size_t capacity_bytes, size_t bytes)
{
    if (bytes < capacity_bytes)
        m->data += (capacity_bytes - bytes) & ~(size_t)7;
}

/* --- prepend ------------------------------------------------------------------------------------ */

static struct __mbuf *
prepend_new(struct __mbuf *m, size_t bytes, mbuf_how_t how)
{
    const struct mbuf_geometry *geometry = &m->system->geometry;
    bool packet = mbuf_is_packet(m);
    size_t capacity_bytes =
        packet || !geometry->prepend_plain_in_mlen ? geometry->mhlen_bytes : geometry->mlen_bytes;
    struct __mbuf *head = mbuf_take(how, m->type, 0, MBUF_WHO("mbuf_prepend"));

    if (head == NULL) {
        mbuf_release_chain(m, "mbuf_prepend (no memory)");
        return NULL;
    }
    if (geometry->prepend_oversize_panics && bytes > capacity_bytes)
        panic("mbuf_prepend: %lu bytes do not fit in a new mbuf of %lu", (unsigned long)bytes,
              (unsigned long)capacity_bytes);
    if (packet) {
        mbuf_header_move(head, m);
        m->flags &= ~(uint32_t)MBUF_PKTHDR;
    }
    head->next = m;
    data_place_at_end(head, capacity_bytes, bytes);
    head->len_bytes = (int32_t)bytes;
    return head;
}

errno_t
mbuf_prepend(mbuf_t *mbuf, size_t len, mbuf_how_t how)
{
    ksim_kpi_enter("mbuf_prepend", rule_for(how));
    mbuf_require(*mbuf, "mbuf_prepend");
    if (mbuf_space_before(*mbuf) >= (int64_t)len) {
        (*mbuf)->data -= len;
        (*mbuf)->len_bytes += (int32_t)len;
    } else {
        *mbuf = prepend_new(*mbuf, len, how);
        if (*mbuf == NULL)
            return ENOMEM;
    }
    if (mbuf_is_packet(*mbuf))
        (*mbuf)->packet.len_bytes += (int32_t)len;
    return 0;
}

/* --- trim --------------------------------------------------------------------------------------- */

static void
packet_length_reduce(struct __mbuf *m, int64_t removed_bytes)
{
    if (mbuf_is_packet(m))
        m->packet.len_bytes -= (int32_t)removed_bytes;
}

static void
trim_head(struct __mbuf *packet, int64_t amount)
{
    int64_t left = amount;

    for (struct __mbuf *m = packet; m != NULL && left > 0; m = m->next) {
        if (m->len_bytes <= left) {
            left -= m->len_bytes;
            m->len_bytes = 0;
        } else {
            m->len_bytes -= (int32_t)left;
            m->data += left;
            left = 0;
        }
    }
    packet_length_reduce(packet, amount - left);
}

static void
trim_tail(struct __mbuf *packet, int64_t amount)
{
    int64_t total = 0, keep;
    struct __mbuf *m = packet;

    for (total = m->len_bytes; m->next != NULL; total += m->len_bytes)
        m = m->next;
    if (m->len_bytes >= amount) {
        m->len_bytes -= (int32_t)amount;
        packet_length_reduce(packet, amount);
        return;
    }
    /* Here the packet length becomes what is really kept, whatever it was before. */
    keep = total > amount ? total - amount : 0;
    if (mbuf_is_packet(packet))
        packet->packet.len_bytes = (int32_t)keep;
    for (m = packet; m != NULL; m = m->next) {
        if (m->len_bytes > keep)
            m->len_bytes = (int32_t)keep;
        keep -= m->len_bytes;
    }
}

void
mbuf_trim(struct __mbuf *m, int amount)
{
    if (m == NULL)
        return;
    if (amount >= 0)
        trim_head(m, amount);
    else
        trim_tail(m, -(int64_t)amount);
}

void
mbuf_adj(mbuf_t mbuf, int len)
{
    ksim_kpi_enter("mbuf_adj", KPI_ANY_CONTEXT);
    if (mbuf != NULL)
        mbuf_require(mbuf, "mbuf_adj");
    mbuf_trim(mbuf, len);
}

/* --- pullup ------------------------------------------------------------------------------------- */

/* An internal first mbuf with a successor and room strictly inside its storage can take more in place. */
static bool
pullup_fits_in_first(const struct __mbuf *m, size_t len)
{
    const uint8_t *end = m->area + m->system->geometry.mlen_bytes;

    return !mbuf_is_external(m) && m->next != NULL && m->data + len < end;
}

static struct __mbuf *
pullup_new_first(struct __mbuf *m)
{
    struct __mbuf *first = mbuf_take(MBUF_DONTWAIT, m->type, 0, MBUF_WHO("mbuf_pullup"));

    if (first == NULL)
        return NULL;
    if (mbuf_is_packet(m)) {
        mbuf_header_move(first, m);
        m->flags &= ~(uint32_t)MBUF_PKTHDR;
    }
    return first;
}

/* Moves bytes from the chain `from` to the end of `first` until `len` more are there; returns what remains. */
static struct __mbuf *
pullup_fill(struct __mbuf *first, struct __mbuf *from, int64_t *len)
{
    size_t space = (size_t)(first->area + first->system->geometry.mlen_bytes -
                            (first->data + first->len_bytes));

    do {
        size_t wanted = *len > MBUF_PULL_BYTES ? (size_t)*len : MBUF_PULL_BYTES;
        size_t count = smaller(smaller(wanted, space), (size_t)from->len_bytes);

        machine_copy(first->data + first->len_bytes, from->data, count);
        *len -= (int64_t)count;
        first->len_bytes += (int32_t)count;
        from->len_bytes -= (int32_t)count;
        space -= count;
        if (from->len_bytes != 0)
            from->data += count;
        else
            from = mbuf_release(from, "mbuf_pullup");
    } while (*len > 0 && from != NULL);
    return from;
}

errno_t
mbuf_pullup(mbuf_t *mbuf, size_t len)
{
    struct __mbuf *m = *mbuf, *first;
    int64_t left = (int64_t)len;

    ksim_kpi_enter("mbuf_pullup", KPI_ANY_CONTEXT);
    mbuf_require(m, "mbuf_pullup");
    if (pullup_fits_in_first(m, len)) {
        if ((size_t)m->len_bytes >= len)
            return 0;
        first = m;
        m = m->next;
        left -= first->len_bytes;
    } else {
        if (len > m->system->geometry.mhlen_bytes)
            goto free_chain;
        first = pullup_new_first(m);
        if (first == NULL)
            goto free_chain;
    }
    m = pullup_fill(first, m, &left);
    if (left > 0)
        goto free_first;
    first->next = m;
    *mbuf = first;
    return 0;

free_first:
    (void)mbuf_release(first, "mbuf_pullup (too short)");
free_chain:
    mbuf_release_chain(m, "mbuf_pullup (failed)");
    *mbuf = NULL;
    return ENOMEM;
}

/* --- pulldown ----------------------------------------------------------------------------------- */

static void
chain_copy_out(const struct __mbuf *m, uint8_t *to, size_t bytes)
{
    for (; bytes > 0; m = m->next) {
        size_t count = smaller(bytes, (size_t)m->len_bytes);

        machine_copy(to, m->data, count);
        to += count;
        bytes -= count;
    }
}

/* Bytes must not be moved into or out of a buffer with another holder, nor one with its own free function. */
static bool
cluster_is_foreign(const struct __mbuf *m)
{
    return mbuf_is_external(m) && (m->cluster->class != MBUF_CLASS_2K || mbuf_is_shared(m));
}

/* A new mbuf behind `m` takes its last `head` bytes and `tail` bytes of what follows. */
static struct __mbuf *
pulldown_new(struct __mbuf *m, size_t head_bytes, size_t tail_bytes)
{
    struct mbuf_who who = MBUF_WHO("mbuf_pulldown");
    struct __mbuf *taker = mbuf_take(MBUF_DONTWAIT, m->type, 0, who);

    if (taker == NULL)
        goto fail;
    if (head_bytes + tail_bytes > m->system->geometry.mhlen_bytes &&
        !mbuf_take_cluster(taker, MBUF_CLASS_2K, MBUF_DONTWAIT, who))
        goto free_taker;
    machine_copy(taker->data, m->data + m->len_bytes - head_bytes, head_bytes);
    m->len_bytes -= (int32_t)head_bytes;
    chain_copy_out(m->next, taker->data + head_bytes, tail_bytes);
    mbuf_trim(m->next, (int)tail_bytes);
    taker->len_bytes = (int32_t)(head_bytes + tail_bytes);
    taker->next = m->next;
    m->next = taker;
    return taker;

free_taker:
    (void)mbuf_release(taker, who.name);
fail:
    return NULL;
}

/* The mbuf where bytes *offset .. *offset + len lie in one piece, or NULL; *offset becomes relative to it. */
static struct __mbuf *
pulldown_find(struct __mbuf *m, size_t *offset, size_t len)
{
    size_t head_bytes, tail_bytes;

    while (m != NULL && *offset > 0 && (size_t)m->len_bytes <= *offset) {
        *offset -= (size_t)m->len_bytes;
        m = m->next;
    }
    while (m != NULL && m->len_bytes == 0)
        m = m->next;
    if (m == NULL)
        return NULL;
    if (len <= (size_t)m->len_bytes - *offset)
        return m;

    head_bytes = (size_t)m->len_bytes - *offset;
    tail_bytes = len - head_bytes;
    if (mbuf_chain_bytes(m->next) < tail_bytes)
        return NULL;
    if (!cluster_is_foreign(m) && mbuf_space_behind(m) >= (int64_t)tail_bytes) {
        chain_copy_out(m->next, m->data + m->len_bytes, tail_bytes);
        m->len_bytes += (int32_t)tail_bytes;
        mbuf_trim(m->next, (int)tail_bytes);
        return m;
    }
    /* XNU does not ask whether the next mbuf alone has the tail: the answer may be in less than one piece. */
    if (!cluster_is_foreign(m) && mbuf_space_before(m->next) >= (int64_t)head_bytes) {
        m->next->data -= head_bytes;
        m->next->len_bytes += (int32_t)head_bytes;
        machine_copy(m->next->data, m->data + *offset, head_bytes);
        m->len_bytes -= (int32_t)head_bytes;
        *offset = 0;
        return m->next;
    }
    *offset = 0;
    return pulldown_new(m, head_bytes, tail_bytes);
}

errno_t
mbuf_pulldown(mbuf_t mbuf, size_t *offset, size_t len, mbuf_t *location)
{
    ksim_kpi_enter("mbuf_pulldown", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_pulldown");
    *location = len > mbuf_class_bytes(MBUF_CLASS_2K) ? NULL : pulldown_find(mbuf, offset, len);
    if (*location != NULL)
        return 0;
    mbuf_release_chain(mbuf, "mbuf_pulldown (failed)");
    return ENOMEM;
}

/* --- split -------------------------------------------------------------------------------------- */

static struct __mbuf *split_chain(struct __mbuf *packet, size_t len, mbuf_how_t how);

/* The bytes of `m` from `len` on go to `tail`, with the rest of the chain. */
static void
split_mbuf(struct __mbuf *m, struct __mbuf *tail, size_t len, size_t remain_bytes)
{
    bool fresh = remain_bytes == 0 && m->system->geometry.split_boundary_fresh;

    if (mbuf_is_external(m) && !fresh) {
        mbuf_share_cluster(tail, m);
        tail->data = m->data + len;
    } else {
        machine_copy(tail->data, m->data + len, remain_bytes);
    }
    tail->len_bytes = (int32_t)remain_bytes;
    m->len_bytes = (int32_t)len;
    tail->next = m->next;
    m->next = NULL;
}

/* A packet: the tail needs a header of its own. */
static struct __mbuf *
split_packet(struct __mbuf *packet, struct __mbuf *m, size_t packet_len, size_t len, mbuf_how_t how)
{
    size_t capacity_bytes = packet->system->geometry.mhlen_bytes;
    size_t remain_bytes = (size_t)m->len_bytes - len;
    struct __mbuf *tail = mbuf_take(how, packet->type, MBUF_PKTHDR, MBUF_WHO("mbuf_split"));

    if (tail == NULL)
        return NULL;
    tail->packet.rcvif = packet->packet.rcvif;
    tail->packet.len_bytes = packet->packet.len_bytes;
    packet_length_reduce(tail, (int64_t)packet_len);
    packet->packet.len_bytes = (int32_t)packet_len;
    if (!mbuf_is_external(m) && remain_bytes > capacity_bytes) {
        data_place_at_end(tail, capacity_bytes, 0);
        tail->next = split_chain(m, len, how);
        if (tail->next == NULL)
            goto free_tail;
        return tail;
    }
    if (!mbuf_is_external(m) && !(remain_bytes == 0 && packet->system->geometry.split_boundary_fresh))
        data_place_at_end(tail, capacity_bytes, remain_bytes);
    split_mbuf(m, tail, len, remain_bytes);
    return tail;

free_tail:
    (void)mbuf_release(tail, "mbuf_split");
    return NULL;
}

static struct __mbuf *
split_chain(struct __mbuf *packet, size_t packet_len, mbuf_how_t how)
{
    struct __mbuf *m = packet, *tail;
    size_t len = packet_len, remain_bytes;

    while (m != NULL && len > (size_t)m->len_bytes) {
        len -= (size_t)m->len_bytes;
        m = m->next;
    }
    if (m == NULL)
        return NULL;
    if (mbuf_is_packet(packet))
        return split_packet(packet, m, packet_len, len, how);
    remain_bytes = (size_t)m->len_bytes - len;
    if (remain_bytes == 0) {
        tail = m->next;
        m->next = NULL;
        return tail;
    }
    tail = mbuf_take(how, m->type, 0, MBUF_WHO("mbuf_split"));
    if (tail == NULL)
        return NULL;
    data_place_at_end(tail, m->system->geometry.mlen_bytes, remain_bytes);
    split_mbuf(m, tail, len, remain_bytes);
    return tail;
}

errno_t
mbuf_split(mbuf_t mbuf, size_t offset, mbuf_how_t how, mbuf_t *new_mbuf)
{
    ksim_kpi_enter("mbuf_split", rule_for(how));
    mbuf_require(mbuf, "mbuf_split");
    *new_mbuf = split_chain(mbuf, offset, how);
    return *new_mbuf == NULL ? ENOMEM : 0;
}

/* --- concatenate -------------------------------------------------------------------------------- */

mbuf_t
mbuf_concatenate(mbuf_t dst, mbuf_t src)
{
    struct __mbuf *last = dst;

    ksim_kpi_enter("mbuf_concatenate", KPI_ANY_CONTEXT);
    if (dst == NULL)
        return NULL;
    mbuf_require(dst, "mbuf_concatenate");
    while (last->next != NULL)
        last = last->next;
    while (src != NULL) {
        const uint8_t *end = last->area + last->system->geometry.mlen_bytes;

        mbuf_require(src, "mbuf_concatenate");
        if (mbuf_is_external(last) || last->data + last->len_bytes + src->len_bytes >= end) {
            last->next = src;
            break;
        }
        machine_copy(last->data + last->len_bytes, src->data, (size_t)src->len_bytes);
        last->len_bytes += src->len_bytes;
        src = mbuf_release(src, "mbuf_concatenate");
    }
    return dst;
}
