/* SPDX-License-Identifier: BSD-2-Clause */

/* One mbuf: its data pointer, length, links and type. */

#include <sys/errno.h>

#include "mbuf.h"

int64_t
mbuf_space_before(const struct __mbuf *m)
{
    return mbuf_is_shared(m) ? 0 : m->data - mbuf_buffer(m);
}

int64_t
mbuf_space_behind(const struct __mbuf *m)
{
    const uint8_t *end = mbuf_buffer(m) + mbuf_buffer_bytes(m);

    return mbuf_is_shared(m) ? 0 : end - (m->data + m->len_bytes);
}

size_t
mbuf_chain_bytes(const struct __mbuf *m)
{
    size_t bytes = 0;

    for (; m != NULL; m = m->next)
        bytes += (size_t)m->len_bytes;
    return bytes;
}

size_t
mbuf_chain_count(const struct __mbuf *m)
{
    size_t count = 0;

    for (; m != NULL; m = m->next)
        count++;
    return count;
}

void *
mbuf_data(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_data", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_data");
    return mbuf->data;
}

void *
mbuf_datastart(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_datastart", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_datastart");
    return mbuf_buffer(mbuf);
}

errno_t
mbuf_setdata(mbuf_t mbuf, void *data, size_t len)
{
    uintptr_t start, end;

    ksim_kpi_enter("mbuf_setdata", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setdata");
    start = (uintptr_t)mbuf_buffer(mbuf);
    end = start + mbuf_buffer_bytes(mbuf);
    /* The sum may wrap round and then passes, as on XNU: (size_t)-1 is accepted. */
    if ((uintptr_t)data < start || (uintptr_t)data + len > end)
        return EINVAL;
    mbuf->data = data;
    mbuf->len_bytes = (int32_t)len;
    return 0;
}

errno_t
mbuf_align_32(mbuf_t mbuf, size_t len)
{
    size_t space;

    ksim_kpi_enter("mbuf_align_32", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_align_32");
    if (mbuf_is_shared(mbuf))
        return ENOTSUP;
    mbuf->data = mbuf_buffer(mbuf);
    space = (size_t)mbuf_space_behind(mbuf);
    /* Unsigned on purpose: a length beyond the space moves the data before the buffer, as on XNU. */
    mbuf->data = (uint8_t *)((uintptr_t)mbuf->data + ((space - len) & ~(size_t)3));
    return 0;
}

size_t
mbuf_len(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_len", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_len");
    return (size_t)(int64_t)mbuf->len_bytes;
}

void
mbuf_setlen(mbuf_t mbuf, size_t len)
{
    ksim_kpi_enter("mbuf_setlen", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setlen");
    mbuf->len_bytes = (int32_t)len;
}

errno_t
mbuf_adjustlen(mbuf_t mbuf, int amount)
{
    ksim_kpi_enter("mbuf_adjustlen", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_adjustlen");
    if (amount > 0) {
        int64_t used = (mbuf->data - mbuf_buffer(mbuf)) + (int64_t)mbuf->len_bytes;

        if ((uint64_t)(used + amount) > mbuf_buffer_bytes(mbuf))
            return EINVAL;
    } else if (-(int64_t)amount > mbuf->len_bytes) {
        return EINVAL;
    }
    mbuf->len_bytes += amount;
    return 0;
}

size_t
mbuf_maxlen(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_maxlen", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_maxlen");
    return mbuf_buffer_bytes(mbuf);
}

size_t
mbuf_leadingspace(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_leadingspace", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_leadingspace");
    return (size_t)mbuf_space_before(mbuf);
}

size_t
mbuf_trailingspace(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_trailingspace", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_trailingspace");
    return (size_t)mbuf_space_behind(mbuf);
}

mbuf_t
mbuf_next(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_next", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_next");
    return mbuf->next;
}

errno_t
mbuf_setnext(mbuf_t mbuf, mbuf_t next)
{
    ksim_kpi_enter("mbuf_setnext", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setnext");
    if (next != NULL && (next->state == MBUF_DEAD || next->nextpkt != NULL || next->type == MBUF_TYPE_FREE))
        return EINVAL;
    mbuf->next = next;
    return 0;
}

mbuf_t
mbuf_nextpkt(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_nextpkt", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_nextpkt");
    return mbuf->nextpkt;
}

void
mbuf_setnextpkt(mbuf_t mbuf, mbuf_t nextpkt)
{
    ksim_kpi_enter("mbuf_setnextpkt", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setnextpkt");
    mbuf->nextpkt = nextpkt;
}

mbuf_type_t
mbuf_type(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_type", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_type");
    return mbuf->type;
}

errno_t
mbuf_settype(mbuf_t mbuf, mbuf_type_t new_type)
{
    ksim_kpi_enter("mbuf_settype", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_settype");
    if (new_type == MBUF_TYPE_FREE)
        return EINVAL;
    mbuf->type = (uint16_t)new_type;
    return 0;
}

u_int32_t
mbuf_get_mlen(void)
{
    ksim_kpi_enter("mbuf_get_mlen", KPI_ANY_CONTEXT);
    return ksim_current()->mbufs->geometry.mlen_bytes;
}

u_int32_t
mbuf_get_mhlen(void)
{
    ksim_kpi_enter("mbuf_get_mhlen", KPI_ANY_CONTEXT);
    return ksim_current()->mbufs->geometry.mhlen_bytes;
}

u_int32_t
mbuf_get_minclsize(void)
{
    ksim_kpi_enter("mbuf_get_minclsize", KPI_ANY_CONTEXT);
    return ksim_current()->mbufs->geometry.minclsize_bytes;
}
