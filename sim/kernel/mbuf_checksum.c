/* SPDX-License-Identifier: BSD-2-Clause */

/* Internet checksums over chains, and what the stack left for the interface to finish. */

#include <kern/debug.h>
#include <sys/errno.h>
#include <sys/socket.h>

#include "mbuf.h"

enum {
    IPV4_HEADER_BYTES = 20,
    IPV4_SUM_OFFSET = 10,
    IPV4_ADDRESSES_OFFSET = 12,
    IPV6_HEADER_BYTES = 40,
    IPV6_ADDRESSES_OFFSET = 8,
    DELAYED_IPV4 = MBUF_CSUM_REQ_TCP | MBUF_CSUM_REQ_UDP,
    DELAYED_IPV6 = MBUF_CSUM_REQ_TCPIPV6 | MBUF_CSUM_REQ_UDPIPV6
};

/* --- sums --------------------------------------------------------------------------------------- */

static uint32_t
folded(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

/* Sum of the 16-bit words of a byte string in network order; an odd last byte counts as the high half. */
static uint64_t
bytes_sum(const uint8_t *bytes, size_t count)
{
    uint64_t sum = 0;

    for (; count >= 2; count -= 2, bytes += 2)
        sum += ((uint32_t)bytes[0] << 8) | bytes[1];
    return count != 0 ? sum + ((uint32_t)bytes[0] << 8) : sum;
}

uint32_t
mbuf_sum16(const struct __mbuf *m, size_t offset_bytes, size_t bytes)
{
    bool odd = false; /* an odd number of bytes has been summed */
    uint64_t sum = 0;

    while (m != NULL && offset_bytes >= (size_t)m->len_bytes) {
        offset_bytes -= (size_t)m->len_bytes;
        m = m->next;
    }
    while (bytes > 0) {
        size_t count;
        uint64_t part;

        if (m == NULL)
            panic("mbuf_sum16: the chain ends %lu bytes too early", (unsigned long)bytes);
        count = (size_t)m->len_bytes - offset_bytes;
        if (count > bytes)
            count = bytes;
        part = folded(bytes_sum(m->data + offset_bytes, count));
        /* In the middle of a word high and low bytes change places. */
        sum += odd ? ((part << 8) | (part >> 8)) & 0xffff : part;
        odd ^= (count & 1) != 0;
        bytes -= count;
        offset_bytes = 0;
        m = m->next;
    }
    return folded(sum);
}

/* The number as the two bytes that go into a packet. */
static u_int16_t
network_order(uint32_t value)
{
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    u_int16_t word;

    __builtin_memcpy(&word, bytes, sizeof(word));
    return word;
}

static errno_t
pseudo_cksum(mbuf_t m, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum,
             size_t header_bytes, size_t addresses_offset, const char *who)
{
    uint64_t sum;

    if (m == NULL || csum == NULL)
        return EINVAL;
    mbuf_require(m, who);
    if (!mbuf_is_packet(m) || (uint64_t)offset + length > (uint64_t)(int64_t)m->packet.len_bytes)
        return EINVAL;
    sum = mbuf_sum16(m, offset, length);
    if (protocol != 0) {
        if ((size_t)m->len_bytes < header_bytes)
            panic("%s: the first mbuf holds %d bytes, less than an IP header", who, (int)m->len_bytes);
        sum += bytes_sum(m->data + addresses_offset, header_bytes - addresses_offset);
        sum += folded((uint64_t)length + (uint32_t)protocol);
    }
    *csum = network_order(~folded(sum) & 0xffff);
    return 0;
}

errno_t
mbuf_inet_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum)
{
    ksim_kpi_enter("mbuf_inet_cksum", KPI_ANY_CONTEXT);
    return pseudo_cksum(mbuf, protocol, offset, length, csum, IPV4_HEADER_BYTES, IPV4_ADDRESSES_OFFSET,
                        "mbuf_inet_cksum");
}

errno_t
mbuf_inet6_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum)
{
    ksim_kpi_enter("mbuf_inet6_cksum", KPI_ANY_CONTEXT);
    return pseudo_cksum(mbuf, protocol, offset, length, csum, IPV6_HEADER_BYTES, IPV6_ADDRESSES_OFFSET,
                        "mbuf_inet6_cksum");
}

/* --- finalize ----------------------------------------------------------------------------------- */

/* The address of byte `offset` of a packet. */
static uint8_t *
byte_at(mbuf_t m, size_t offset)
{
    while (m != NULL && offset >= (size_t)m->len_bytes) {
        offset -= (size_t)m->len_bytes;
        m = m->next;
    }
    if (m == NULL)
        panic("mbuf_outbound_finalize: the packet is too short");
    return m->data + offset;
}

static void
sum_store(mbuf_t m, size_t offset, uint32_t sum)
{
    *byte_at(m, offset) = (uint8_t)(sum >> 8);
    *byte_at(m, offset + 1) = (uint8_t)sum;
}

/* The checksum field holds the sum of the pseudo header already: summing over it completes it. */
static void
transport_finish(mbuf_t m, size_t transport_offset, size_t transport_bytes, bool is_udp)
{
    uint32_t sum = ~mbuf_sum16(m, transport_offset, transport_bytes) & 0xffff;

    if (sum == 0 && is_udp)
        sum = 0xffff;
    sum_store(m, transport_offset + (m->packet.csum_data & 0xffff), sum);
}

static void
inet_finish(mbuf_t m, size_t offset)
{
    size_t header_bytes = (size_t)(*byte_at(m, offset) & 0x0f) * 4;
    size_t total_bytes = ((size_t)*byte_at(m, offset + 2) << 8) | *byte_at(m, offset + 3);

    if ((m->packet.csum_flags & DELAYED_IPV4) != 0) {
        if (total_bytes < header_bytes)
            panic("mbuf_outbound_finalize: ip_len %lu is shorter than the header", (unsigned long)total_bytes);
        transport_finish(m, offset + header_bytes, total_bytes - header_bytes,
                         (m->packet.csum_flags & MBUF_CSUM_REQ_UDP) != 0);
    }
    if ((m->packet.csum_flags & MBUF_CSUM_REQ_IP) != 0) {
        sum_store(m, offset + IPV4_SUM_OFFSET, 0);
        sum_store(m, offset + IPV4_SUM_OFFSET, ~mbuf_sum16(m, offset, header_bytes) & 0xffff);
    }
    m->packet.csum_flags &= ~(uint32_t)(DELAYED_IPV4 | MBUF_CSUM_REQ_IP);
}

/* Extension headers before the transport header: hop by hop, routing, destination options. */
static size_t
inet6_transport_offset(mbuf_t m, size_t offset)
{
    uint8_t next = *byte_at(m, offset + 6);

    offset += IPV6_HEADER_BYTES;
    while (next == 0 || next == 43 || next == 60) {
        next = *byte_at(m, offset);
        offset += ((size_t)*byte_at(m, offset + 1) + 1) * 8;
    }
    return offset;
}

static void
inet6_finish(mbuf_t m, size_t offset)
{
    size_t payload_bytes, transport_offset;

    if ((m->packet.csum_flags & DELAYED_IPV6) == 0)
        return;
    payload_bytes = ((size_t)*byte_at(m, offset + 4) << 8) | *byte_at(m, offset + 5);
    transport_offset = inet6_transport_offset(m, offset);
    if (transport_offset > offset + IPV6_HEADER_BYTES + payload_bytes)
        panic("mbuf_outbound_finalize: IPv6 extension headers exceed the payload");
    transport_finish(m, transport_offset, offset + IPV6_HEADER_BYTES + payload_bytes - transport_offset,
                     (m->packet.csum_flags & MBUF_CSUM_REQ_UDPIPV6) != 0);
    m->packet.csum_flags &= ~(uint32_t)DELAYED_IPV6;
}

void
mbuf_outbound_finalize(mbuf_t mbuf, u_int32_t protocol_family, size_t protocol_offset)
{
    ksim_kpi_enter("mbuf_outbound_finalize", KPI_ANY_CONTEXT);
    mbuf_require(mbuf, "mbuf_outbound_finalize");
    if (protocol_family == PF_INET)
        inet_finish(mbuf, protocol_offset);
    else if (protocol_family == PF_INET6)
        inet6_finish(mbuf, protocol_offset);
}
