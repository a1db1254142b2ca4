/* SPDX-License-Identifier: BSD-2-Clause */

/* Copies: by reference (copym), deep (dup), to and from plain memory. */

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

/* --- copym -------------------------------------------------------------------------------------- */

/* A copy of bytes offset .. offset + bytes of one mbuf: shared when external. */
static struct __mbuf *
copy_one(struct __mbuf *m, size_t offset, size_t bytes, mbuf_how_t how, struct __mbuf *header)
{
    struct __mbuf *copy = mbuf_take(how, m->type, header != NULL ? MBUF_PKTHDR : 0, MBUF_WHO("mbuf_copym"));

    if (copy == NULL)
        return NULL;
    if (header != NULL)
        mbuf_header_move(copy, header);
    copy->len_bytes = (int32_t)bytes;
    if (mbuf_is_external(m)) {
        mbuf_share_cluster(copy, m);
        copy->data = m->data + offset;
        return copy;
    }
    if (bytes > mbuf_buffer_bytes(copy))
        panic("mbuf_copym: %lu bytes of a plain mbuf overrun the header mbuf of the copy",
              (unsigned long)bytes);
    machine_copy(copy->data, m->data + offset, bytes);
    return copy;
}

static struct __mbuf *
copy_start_find(struct __mbuf *m, size_t *offset)
{
    while (*offset >= (size_t)m->len_bytes) {
        if (m->next == NULL)
            panic("m_copym: invalid mbuf chain");
        *offset -= (size_t)m->len_bytes;
        m = m->next;
    }
    return m;
}

static struct __mbuf *
copy_chain(struct __mbuf *packet, size_t offset, size_t len, mbuf_how_t how)
{
    struct __mbuf *header = offset == 0 && mbuf_is_packet(packet) ? packet : NULL;
    struct __mbuf *m = copy_start_find(packet, &offset), *head = NULL, **tail = &head;
    bool all = len == MBUF_COPYALL;
    size_t left_bytes = len;

    if (header != NULL && header != m && packet->system->geometry.copy_keeps_empty_first)
        m = header;
    while (left_bytes > 0) {
        size_t bytes;

        if (m == NULL && !all)
            panic("m_copym: len != M_COPYALL");
        if (m == NULL)
            break;
        bytes = smaller(left_bytes, (size_t)m->len_bytes - offset);
        *tail = copy_one(m, offset, bytes, how, header);
        if (*tail == NULL)
            goto free_copy;
        if (header != NULL && !all)
            (*tail)->packet.len_bytes = (int32_t)len;
        left_bytes -= all ? 0 : bytes;
        offset = 0;
        m = m->next;
        if (header != NULL && m != NULL && head->len_bytes == 0)
            m = copy_start_find(m, &offset);
        header = NULL;
        tail = &(*tail)->next;
    }
    return head;

free_copy:
    mbuf_release_chain(head, "mbuf_copym");
    return NULL;
}

errno_t
mbuf_copym(mbuf_t src, size_t offset, size_t len, mbuf_how_t how, mbuf_t *new_mbuf)
{
    ksim_kpi_enter("mbuf_copym", rule_for(how));
    mbuf_require(src, "mbuf_copym");
    if ((int32_t)offset < 0 || (int32_t)len < 0)
        panic("m_copym: invalid offset %d or len %d", (int)offset, (int)len);
    *new_mbuf = copy_chain(src, offset, len, how);
    return *new_mbuf == NULL ? ENOMEM : 0;
}

/* --- dup ---------------------------------------------------------------------------------------- */

static struct __mbuf *
duplicate_one(struct __mbuf *m, bool packet, bool external, mbuf_how_t how)
{
    struct mbuf_who who = MBUF_WHO("mbuf_dup");
    struct __mbuf *copy = mbuf_take(how, m->type, packet ? MBUF_PKTHDR : 0, who);

    if (copy == NULL)
        goto fail;
    if (external && !mbuf_take_cluster(copy, mbuf_class_for((size_t)m->len_bytes), how, who))
        goto free_copy;
    if (packet && !mbuf_header_duplicate(copy, m, how, who))
        goto free_copy;
    copy->len_bytes = m->len_bytes;
    machine_copy(copy->data, m->data, (size_t)m->len_bytes);
    return copy;

free_copy:
    (void)mbuf_release(copy, who.name);
fail:
    return NULL;
}

/* A single mbuf whose data would fit inside an mbuf needs no cluster. */
static bool
duplicate_fits_inside(const struct __mbuf *m)
{
    const struct mbuf_geometry *geometry = &m->system->geometry;

    if (m->next != NULL)
        return false;
    if (!mbuf_is_packet(m))
        return (size_t)m->len_bytes <= geometry->mlen_bytes;
    return m->packet.len_bytes <= (int32_t)geometry->mhlen_bytes &&
           (size_t)m->len_bytes <= geometry->mhlen_bytes;
}

errno_t
mbuf_dup(mbuf_t src, mbuf_how_t how, mbuf_t *new_mbuf)
{
    struct __mbuf *head = NULL, **tail = &head;

    ksim_kpi_enter("mbuf_dup", rule_for(how));
    mbuf_require(src, "mbuf_dup");
    for (struct __mbuf *m = src; m != NULL; m = m->next) {
        bool external = mbuf_is_external(m) && !(m == src && duplicate_fits_inside(m));

        *tail = duplicate_one(m, m == src && mbuf_is_packet(m), external, how);
        if (*tail == NULL)
            goto free_copy;
        tail = &(*tail)->next;
    }
    *new_mbuf = head;
    return 0;

free_copy:
    mbuf_release_chain(head, "mbuf_dup");
    *new_mbuf = NULL;
    return ENOMEM;
}

/* --- copydata ----------------------------------------------------------------------------------- */

errno_t
mbuf_copydata(mbuf_t m, size_t off, size_t len, void *out_data)
{
    uint8_t *to = out_data;

    ksim_kpi_enter("mbuf_copydata", KPI_ANY_CONTEXT);
    while (off > 0) {
        if (m == NULL)
            return EINVAL;
        mbuf_require(m, "mbuf_copydata");
        if (off < (size_t)m->len_bytes)
            break;
        off -= (size_t)m->len_bytes;
        m = m->next;
    }
    while (len > 0) {
        size_t count;

        if (m == NULL)
            return EINVAL;
        mbuf_require(m, "mbuf_copydata");
        count = smaller((size_t)m->len_bytes - off, len);
        machine_copy(to, m->data + off, count);
        to += count;
        len -= count;
        off = 0;
        m = m->next;
    }
    return 0;
}

/* --- copyback ----------------------------------------------------------------------------------- */

/* The mbuf where the write begins, after a gap of zeros if need be; NULL without memory. */
static struct __mbuf *
copyback_seek(struct __mbuf *m, size_t *offset, size_t len, mbuf_how_t how, size_t *total_bytes)
{
    while (*offset > (size_t)m->len_bytes) {
        *offset -= (size_t)m->len_bytes;
        *total_bytes += (size_t)m->len_bytes;
        if (m->next == NULL) {
            struct __mbuf *gap = mbuf_take(how, m->type, 0, MBUF_WHO("mbuf_copyback"));

            if (gap == NULL)
                return NULL;
            machine_fill(gap->data, 0, mbuf_buffer_bytes(gap));
            gap->len_bytes = (int32_t)smaller(mbuf_buffer_bytes(gap), len + *offset);
            m->next = gap;
        }
        m = m->next;
    }
    return m;
}

static struct __mbuf *
copyback_extend(struct __mbuf *m, size_t len, mbuf_how_t how)
{
    struct mbuf_who who = MBUF_WHO("mbuf_copyback");
    struct __mbuf *extension = mbuf_take(how, m->type, 0, who);

    if (extension == NULL)
        return NULL;
    if (len > m->system->geometry.minclsize_bytes) /* without a cluster the chain grows by more mbufs */
        (void)mbuf_take_cluster(extension, MBUF_CLASS_2K, how, who);
    extension->len_bytes = (int32_t)smaller(mbuf_buffer_bytes(extension), len);
    m->next = extension;
    return extension;
}

errno_t
mbuf_copyback(mbuf_t packet, size_t off, size_t len, const void *data, mbuf_how_t how)
{
    struct __mbuf *m = packet;
    const uint8_t *from = data;
    size_t total_bytes = 0;
    errno_t error = ENOBUFS;

    ksim_kpi_enter("mbuf_copyback", rule_for(how));
    if (packet == NULL || len == 0 || data == NULL)
        return EINVAL;
    mbuf_require(packet, "mbuf_copyback");
    m = copyback_seek(packet, &off, len, how, &total_bytes);
    while (m != NULL) {
        size_t count = smaller((size_t)m->len_bytes - off, len);
        int64_t space = mbuf_space_behind(m);

        if (count < len && m->next == NULL && space > 0) {
            size_t growth = smaller((size_t)space, len - count);

            count += growth;
            m->len_bytes += (int32_t)growth;
        }
        machine_copy(m->data + off, from, count);
        from += count;
        len -= count;
        total_bytes += count + off;
        off = 0;
        if (len == 0) {
            error = 0;
            break;
        }
        m = m->next != NULL ? m->next : copyback_extend(m, len, how);
    }
    if (mbuf_is_packet(packet) && packet->packet.len_bytes < (int64_t)total_bytes)
        packet->packet.len_bytes = (int32_t)total_bytes;
    return error;
}
