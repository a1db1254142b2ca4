/* SPDX-License-Identifier: BSD-2-Clause */

/* mbuf_get and its relatives, mbuf_free and its relatives. */

#include <sys/errno.h>

#include "mbuf.h"

static unsigned
rule_for(mbuf_how_t how)
{
    return (how & MBUF_DONTWAIT) != 0 ? KPI_ANY_CONTEXT : KPI_MAY_BLOCK;
}

errno_t
mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    ksim_kpi_enter("mbuf_get", rule_for(how));
    *mbuf = mbuf_take(how, type, 0, MBUF_WHO("mbuf_get"));
    return *mbuf == NULL ? ENOMEM : 0;
}

errno_t
mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf)
{
    ksim_kpi_enter("mbuf_gethdr", rule_for(how));
    *mbuf = mbuf_take(how, type, MBUF_PKTHDR, MBUF_WHO("mbuf_gethdr"));
    return *mbuf == NULL ? ENOMEM : 0;
}

errno_t
mbuf_getpacket(mbuf_how_t how, mbuf_t *mbuf)
{
    struct mbuf_who who = MBUF_WHO("mbuf_getpacket");
    mbuf_t m;

    ksim_kpi_enter("mbuf_getpacket", rule_for(how));
    m = mbuf_take(how, MBUF_TYPE_DATA, MBUF_PKTHDR, who);
    if (m == NULL)
        goto fail;
    if (!mbuf_take_cluster(m, MBUF_CLASS_2K, how, who))
        goto free_mbuf;
    *mbuf = m;
    return 0;

free_mbuf:
    (void)mbuf_release(m, "mbuf_getpacket");
fail:
    *mbuf = NULL;
    return (how & MBUF_DONTWAIT) != 0 ? EWOULDBLOCK : ENOMEM;
}

/* --- packets of a given size -------------------------------------------------------------------- */

/* How a packet of `packet_bytes` is laid out. */
struct packet_plan {
    bool small;           /* one header mbuf, or a header and a plain mbuf */
    unsigned int chunks;
    size_t packet_bytes;
};

static void
packet_plan_make(struct packet_plan *plan, const struct mbuf_geometry *geometry, size_t packet_bytes,
                 unsigned int chunks_max)
{
    size_t jumbo_bytes = mbuf_class_bytes(MBUF_CLASS_16K);

    plan->packet_bytes = packet_bytes;
    plan->small = packet_bytes <= geometry->minclsize_bytes &&
                  (packet_bytes <= geometry->mhlen_bytes || chunks_max != 1);
    if (plan->small)
        plan->chunks = packet_bytes <= geometry->mhlen_bytes ? 1 : 2;
    else
        plan->chunks = (unsigned int)((packet_bytes + jumbo_bytes - 1) / jumbo_bytes);
}

static mbuf_t
packet_build(const struct packet_plan *plan, mbuf_how_t how, struct mbuf_who who)
{
    size_t left_bytes = plan->packet_bytes;
    mbuf_t head = NULL, *tail = &head;

    for (unsigned int i = 0; i < plan->chunks; i++) {
        mbuf_t m = mbuf_take(how, MBUF_TYPE_DATA, i == 0 ? MBUF_PKTHDR : 0, who);
        size_t jumbo_bytes = mbuf_class_bytes(MBUF_CLASS_16K);
        size_t bytes = left_bytes < jumbo_bytes ? left_bytes : jumbo_bytes;

        if (m == NULL)
            goto free_packet;
        *tail = m;
        tail = &m->next;
        if (!plan->small && !mbuf_take_cluster(m, mbuf_class_for(bytes), how, who))
            goto free_packet;
        left_bytes -= bytes;
    }
    return head;

free_packet:
    mbuf_release_chain(head, who.name);
    return NULL;
}

static errno_t
packets_allocate(unsigned int count, mbuf_how_t how, size_t packet_bytes, unsigned int *chunks,
                 mbuf_t *mbuf, struct mbuf_who who)
{
    struct packet_plan plan;
    mbuf_t head = NULL, *tail = &head;

    *mbuf = NULL;
    if (packet_bytes == 0 || count == 0)
        return EINVAL;
    packet_plan_make(&plan, &ksim_current()->mbufs->geometry, packet_bytes, chunks == NULL ? 0 : *chunks);
    if (chunks != NULL && *chunks != 0 && *chunks < plan.chunks)
        return ENOBUFS;
    for (unsigned int i = 0; i < count; i++) {
        *tail = packet_build(&plan, how, who);
        if (*tail == NULL)
            goto free_packets;
        tail = &(*tail)->nextpkt;
    }
    if (chunks != NULL)
        *chunks = plan.chunks;
    *mbuf = head;
    return 0;

free_packets:
    while (head != NULL) {
        mbuf_t following = head->nextpkt;

        mbuf_release_chain(head, who.name);
        head = following;
    }
    return ENOMEM;
}

errno_t
mbuf_allocpacket(mbuf_how_t how, size_t packetlen, unsigned int *maxchunks, mbuf_t *mbuf)
{
    ksim_kpi_enter("mbuf_allocpacket", rule_for(how));
    return packets_allocate(1, how, packetlen, maxchunks, mbuf, MBUF_WHO("mbuf_allocpacket"));
}

errno_t
mbuf_allocpacket_list(unsigned int numpkts, mbuf_how_t how, size_t packetlen, unsigned int *maxchunks,
                      mbuf_t *mbuf)
{
    ksim_kpi_enter("mbuf_allocpacket_list", rule_for(how));
    return packets_allocate(numpkts, how, packetlen, maxchunks, mbuf, MBUF_WHO("mbuf_allocpacket_list"));
}

/* --- free --------------------------------------------------------------------------------------- */

mbuf_t
mbuf_free(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_free", KPI_ANY_CONTEXT);
    return mbuf_release(mbuf, "mbuf_free");
}

void
mbuf_freem(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_freem", KPI_ANY_CONTEXT);
    mbuf_release_chain(mbuf, "mbuf_freem");
}

int
mbuf_freem_list(mbuf_t mbuf)
{
    int count = 0;

    ksim_kpi_enter("mbuf_freem_list", KPI_ANY_CONTEXT);
    while (mbuf != NULL) {
        mbuf_t following = mbuf->nextpkt;

        mbuf_release_chain(mbuf, "mbuf_freem_list");
        mbuf = following;
        count++;
    }
    return count;
}
