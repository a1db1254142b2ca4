/* SPDX-License-Identifier: BSD-2-Clause */

/* The packet header and the flags: lengths, interface, offload marks, VLAN, traffic class. */

#include <kern/debug.h>
#include <sys/errno.h>

#include "mbuf.h"

enum {
    CSUM_LOW_BITS = 0xffff,
    CSUM_PERFORMED_FLAGS = MBUF_CSUM_DID_IP | MBUF_CSUM_IP_GOOD | MBUF_CSUM_DID_DATA |
                           MBUF_CSUM_PSEUDO_HDR | MBUF_CSUM_SUM16
};

/* --- moving a header ---------------------------------------------------------------------------- */

/* All public flags but EXT travel with the header. */
static uint32_t
flags_of_copy(const struct __mbuf *to, const struct __mbuf *from)
{
    return (from->flags & ~(uint32_t)MBUF_EXT) | (to->flags & MBUF_EXT);
}

void
mbuf_header_move(struct __mbuf *to, struct __mbuf *from)
{
    mbuf_tags_release(to);
    to->packet = from->packet;
    from->packet.tags = NULL;
    to->flags = flags_of_copy(to, from);
    if (!mbuf_is_external(to))
        to->data = mbuf_buffer(to);
}

bool
mbuf_header_duplicate(struct __mbuf *to, struct __mbuf *from, uint32_t how, struct mbuf_who who)
{
    struct mbuf_tag **tail = &to->packet.tags;

    to->packet = from->packet;
    to->packet.tags = NULL;
    to->flags = flags_of_copy(to, from);
    for (const struct mbuf_tag *tag = from->packet.tags; tag != NULL; tag = tag->next) {
        size_t bytes = sizeof(*tag) + tag->data_bytes;

        if (machine_fault((how & MBUF_DONTWAIT) != 0 ? who.name : who.name_waitok))
            return false;
        *tail = machine_allocate(bytes, "mbuf tag");
        machine_copy(*tail, tag, bytes);
        (*tail)->next = NULL;
        tail = &(*tail)->next;
    }
    return true;
}

errno_t
mbuf_copy_pkthdr(mbuf_t dest, mbuf_t src)
{
    ksim_kpi_enter("mbuf_copy_pkthdr", KPI_ANY_CONTEXT);
    mbuf_require(dest, "mbuf_copy_pkthdr");
    mbuf_require(src, "mbuf_copy_pkthdr");
    if (!mbuf_is_packet(src))
        return EINVAL;
    mbuf_header_move(dest, src);
    return 0;
}

/* --- fields ------------------------------------------------------------------------------------- */

/* Without a packet header XNU reads or writes payload bytes here. */
static struct mbuf_packet_header *
header_of(mbuf_t m, const char *who)
{
    mbuf_require(m, who);
    if (!mbuf_is_packet(m))
        machine_finding(MACHINE_CONTRACT, "%s: the mbuf has no packet header", who);
    return &m->packet;
}

size_t
mbuf_pkthdr_len(mbuf_t mbuf)
{
    int32_t bytes;

    ksim_kpi_enter("mbuf_pkthdr_len", KPI_ANY_CONTEXT);
    bytes = header_of(mbuf, "mbuf_pkthdr_len")->len_bytes;
    if (bytes < 0 && mbuf->system->geometry.negative_length_hidden)
        bytes = 0;
    return (size_t)(int64_t)bytes;
}

void
mbuf_pkthdr_setlen(mbuf_t mbuf, size_t len)
{
    ksim_kpi_enter("mbuf_pkthdr_setlen", KPI_ANY_CONTEXT);
    header_of(mbuf, "mbuf_pkthdr_setlen")->len_bytes = (int32_t)len;
}

void
mbuf_pkthdr_adjustlen(mbuf_t mbuf, int amount)
{
    ksim_kpi_enter("mbuf_pkthdr_adjustlen", KPI_ANY_CONTEXT);
    header_of(mbuf, "mbuf_pkthdr_adjustlen")->len_bytes += amount;
}

ifnet_t
mbuf_pkthdr_rcvif(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_pkthdr_rcvif", KPI_ANY_CONTEXT);
    return header_of(mbuf, "mbuf_pkthdr_rcvif")->rcvif;
}

errno_t
mbuf_pkthdr_setrcvif(mbuf_t mbuf, ifnet_t ifp)
{
    ksim_kpi_enter("mbuf_pkthdr_setrcvif", KPI_ANY_CONTEXT);
    header_of(mbuf, "mbuf_pkthdr_setrcvif")->rcvif = ifp;
    return 0;
}

void *
mbuf_pkthdr_header(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_pkthdr_header", KPI_ANY_CONTEXT);
    return header_of(mbuf, "mbuf_pkthdr_header")->header;
}

void
mbuf_pkthdr_setheader(mbuf_t mbuf, void *header)
{
    ksim_kpi_enter("mbuf_pkthdr_setheader", KPI_ANY_CONTEXT);
    header_of(mbuf, "mbuf_pkthdr_setheader")->header = header;
}

/* --- flags -------------------------------------------------------------------------------------- */

mbuf_flags_t
mbuf_flags(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_flags", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_flags");
    return mbuf->flags & mbuf->system->geometry.public_flags;
}

/* Up to 10.8 nothing is checked: PKTHDR set over data makes a header of whatever is there. */
static void
flags_flip(mbuf_t m, uint32_t flags)
{
    bool becomes_packet = (flags & MBUF_PKTHDR) != 0 && !mbuf_is_packet(m);

    if ((flags & MBUF_EXT) != 0 && m->cluster == NULL)
        machine_fail(MACHINE_CONTRACT, "mbuf_setflags: MBUF_EXT set on an mbuf without a cluster");
    m->flags = flags;
    if (becomes_packet) {
        machine_copy(&m->packet.len_bytes, m->area, sizeof(m->packet.len_bytes));
        m->packet.garbage = true;
    }
}

/* From 10.9 on a change of PKTHDR re-makes the header. */
static errno_t
flags_change(mbuf_t m, uint32_t flags)
{
    bool was_packet = mbuf_is_packet(m);
    bool is_packet = (flags & MBUF_PKTHDR) != 0;

    if (is_packet && !was_packet) {
        if (!mbuf_is_external(m) && m->len_bytes > 0)
            return EBUSY;
        __builtin_memset(&m->packet, 0, sizeof(m->packet));
    } else if (was_packet && !is_packet) {
        mbuf_tags_release(m);
    }
    m->flags = flags;
    return 0;
}

errno_t
mbuf_setflags(mbuf_t mbuf, mbuf_flags_t flags)
{
    const struct mbuf_geometry *geometry;
    uint32_t changed;

    ksim_kpi_enter("mbuf_setflags", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setflags");
    geometry = &mbuf->system->geometry;
    if ((flags & ~geometry->public_flags) != 0)
        return EINVAL;
    flags |= mbuf->flags & ~geometry->public_flags;
    changed = flags ^ mbuf->flags;
    if (geometry->flags_unchecked) {
        flags_flip(mbuf, flags);
        return 0;
    }
    if (geometry->flags_ext_in_argument && ((flags | mbuf->flags) & MBUF_EXT) != 0)
        return EINVAL;
    return (changed & MBUF_EXT) != 0 ? EINVAL : flags_change(mbuf, flags);
}

errno_t
mbuf_setflags_mask(mbuf_t mbuf, mbuf_flags_t flags, mbuf_flags_t mask)
{
    const struct mbuf_geometry *geometry;
    uint32_t checked, result;

    ksim_kpi_enter("mbuf_setflags_mask", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_setflags_mask");
    geometry = &mbuf->system->geometry;
    checked = geometry->flags_mask_only_checked ? mask : flags | mask;
    if ((checked & ~geometry->public_flags) != 0)
        return EINVAL;
    result = (flags & mask) | (mbuf->flags & ~mask);
    if (geometry->flags_unchecked) {
        flags_flip(mbuf, result);
        return 0;
    }
    return (checked & MBUF_EXT) != 0 ? EINVAL : flags_change(mbuf, result);
}

/* --- checksum marks: requested and performed share one word -------------------------------------- */

static errno_t
csum_set(mbuf_t m, uint32_t flags, uint32_t value, const char *who)
{
    struct mbuf_packet_header *header = header_of(m, who);

    header->csum_flags = (header->csum_flags & ~(uint32_t)CSUM_LOW_BITS) | flags;
    header->csum_data = value;
    return 0;
}

static errno_t
csum_get(mbuf_t m, uint32_t mask, uint32_t *flags, uint32_t *value, const char *who)
{
    struct mbuf_packet_header *header = header_of(m, who);

    *flags = header->csum_flags & mask;
    *value = header->csum_data;
    return 0;
}

errno_t
mbuf_set_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t performed, u_int32_t value)
{
    ksim_kpi_enter("mbuf_set_csum_performed", KPI_ANY_CONTEXT);
    return csum_set(mbuf, performed & CSUM_PERFORMED_FLAGS, value, "mbuf_set_csum_performed");
}

errno_t
mbuf_get_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t *performed, u_int32_t *value)
{
    ksim_kpi_enter("mbuf_get_csum_performed", KPI_ANY_CONTEXT);
    return csum_get(mbuf, CSUM_PERFORMED_FLAGS, performed, value, "mbuf_get_csum_performed");
}

errno_t
mbuf_clear_csum_performed(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_clear_csum_performed", KPI_ANY_CONTEXT);
    return csum_set(mbuf, 0, 0, "mbuf_clear_csum_performed");
}

errno_t
mbuf_set_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t request, u_int32_t value)
{
    ksim_kpi_enter("mbuf_set_csum_requested", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_set_csum_requested");
    return csum_set(mbuf, request & mbuf->system->geometry.csum_request_flags, value,
                    "mbuf_set_csum_requested");
}

errno_t
mbuf_get_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t *request, u_int32_t *value)
{
    ksim_kpi_enter("mbuf_get_csum_requested", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_get_csum_requested");
    return csum_get(mbuf, mbuf->system->geometry.csum_request_flags, request, value,
                    "mbuf_get_csum_requested");
}

errno_t
mbuf_clear_csum_requested(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_clear_csum_requested", KPI_ANY_CONTEXT);
    return csum_set(mbuf, 0, 0, "mbuf_clear_csum_requested");
}

errno_t
mbuf_get_tso_requested(mbuf_t mbuf, mbuf_tso_request_flags_t *request, u_int32_t *value)
{
    ksim_kpi_enter("mbuf_get_tso_requested", KPI_ANY_CONTEXT);
    if (mbuf == NULL || request == NULL || value == NULL)
        return EINVAL;
    mbuf_require(mbuf, "mbuf_get_tso_requested");
    if (!mbuf_is_packet(mbuf))
        return EINVAL;
    *request = mbuf->packet.csum_flags & (MBUF_TSO_IPV4 | MBUF_TSO_IPV6);
    if (*request != 0)
        *value = mbuf->packet.segment_bytes;
    return 0;
}

/* XNU forgets the VLAN tag as well. */
void
mbuf_inbound_modified(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_inbound_modified", KPI_ANY_CONTEXT);
    header_of(mbuf, "mbuf_inbound_modified")->csum_flags = 0;
}

/* --- VLAN and traffic class ---------------------------------------------------------------------- */

errno_t
mbuf_set_vlan_tag(mbuf_t mbuf, u_int16_t vlan)
{
    struct mbuf_packet_header *header;

    ksim_kpi_enter("mbuf_set_vlan_tag", KPI_ANY_CONTEXT);
    header = header_of(mbuf, "mbuf_set_vlan_tag");
    header->csum_flags |= MBUF_VLAN_TAG_VALID;
    header->vlan_tag = vlan;
    return 0;
}

errno_t
mbuf_get_vlan_tag(mbuf_t mbuf, u_int16_t *vlan)
{
    struct mbuf_packet_header *header;

    ksim_kpi_enter("mbuf_get_vlan_tag", KPI_ANY_CONTEXT);
    header = header_of(mbuf, "mbuf_get_vlan_tag");
    if ((header->csum_flags & MBUF_VLAN_TAG_VALID) == 0)
        return ENXIO;
    *vlan = header->vlan_tag;
    return 0;
}

errno_t
mbuf_clear_vlan_tag(mbuf_t mbuf)
{
    struct mbuf_packet_header *header;

    ksim_kpi_enter("mbuf_clear_vlan_tag", KPI_ANY_CONTEXT);
    header = header_of(mbuf, "mbuf_clear_vlan_tag");
    header->csum_flags &= ~(uint32_t)MBUF_VLAN_TAG_VALID;
    header->vlan_tag = 0;
    return 0;
}

mbuf_traffic_class_t
mbuf_get_traffic_class(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_get_traffic_class", KPI_ANY_CONTEXT);
    if (mbuf == NULL)
        return MBUF_TC_BE;
    mbuf_require(mbuf, "mbuf_get_traffic_class");
    return mbuf_is_packet(mbuf) ? mbuf->packet.traffic_class : MBUF_TC_BE;
}

errno_t
mbuf_set_traffic_class(mbuf_t mbuf, mbuf_traffic_class_t traffic_class)
{
    ksim_kpi_enter("mbuf_set_traffic_class", KPI_ANY_CONTEXT);
    if (mbuf == NULL || traffic_class > MBUF_TC_VO)
        return EINVAL;
    mbuf_require(mbuf, "mbuf_set_traffic_class");
    if (!mbuf_is_packet(mbuf))
        return EINVAL;
    mbuf->packet.traffic_class = traffic_class;
    return 0;
}

int
mbuf_is_traffic_class_privileged(mbuf_t mbuf)
{
    ksim_kpi_enter("mbuf_is_traffic_class_privileged", KPI_ANY_CONTEXT);
    if (mbuf != NULL)
        mbuf_require(mbuf, "mbuf_is_traffic_class_privileged");
    return 0;
}
