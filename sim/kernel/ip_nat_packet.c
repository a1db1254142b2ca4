/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip_nat.h>

#include <icmp.h>

/* Where the checksum of a message stands, and whether it covers the addresses. */
enum { SUM_NONE = 0, SUM_TCP = 16, SUM_UDP = 6, SUM_ICMP = 2, IP_SUM = 10 };

/* --- checksums ----------------------------------------------------------------------------------- */

/* One 16-bit word under the sum changes (RFC 1624, equation 3). */
static void
sum_change(uint8_t *sum, uint16_t before, uint16_t after)
{
    uint32_t total = (uint32_t)(uint16_t)~wire_load16(sum) + (uint16_t)~before + after;

    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    wire_store16(sum, (uint16_t)~total);
}

static void
sum_change_address(uint8_t *sum, uint32_t before, uint32_t after)
{
    sum_change(sum, (uint16_t)(before >> 16), (uint16_t)(after >> 16));
    sum_change(sum, (uint16_t)before, (uint16_t)after);
}

/* Which of these bytes carry a checksum; NULL when none is there (or UDP has none). */
static uint8_t *
message_sum(uint8_t protocol, uint8_t *message, size_t bytes)
{
    const size_t at = protocol == WIRE_TCP    ? SUM_TCP
                      : protocol == WIRE_UDP  ? SUM_UDP
                      : protocol == WIRE_ICMP ? SUM_ICMP
                                              : SUM_NONE;

    if (at == SUM_NONE || bytes < at + 2 ||
        (protocol == WIRE_UDP && wire_load16(message + at) == 0)) {
        return NULL;
    }
    return message + at;
}

/* A UDP sum that came out as 0 is sent as its other form. */
static void
udp_sum_finish(uint8_t protocol, uint8_t *sum)
{
    if (protocol == WIRE_UDP && sum != NULL && wire_load16(sum) == 0) {
        wire_store16(sum, 0xffff);
    }
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool
icmp_is_query(uint8_t type)
{
    return type == ICMP_TYPE_ECHO || type == ICMP_TYPE_ECHO_REPLY;
}

static bool
quote_read(struct nat_quote *quote, uint8_t *bytes, size_t length)
{
    size_t header_bytes;

    if (length < WIRE_IP4_BYTES || bytes[0] >> 4 != 4) {
        return false;
    }
    header_bytes = (size_t)(bytes[0] & 15) * 4;
    if (header_bytes < WIRE_IP4_BYTES || length < header_bytes + 8) {
        return false;
    }
    quote->header = bytes;
    quote->message = bytes + header_bytes;
    quote->message_bytes = length - header_bytes;
    quote->protocol = bytes[9];
    quote->source = wire_load32(bytes + 12);
    quote->destination = wire_load32(bytes + 16);
    if (quote->protocol == WIRE_TCP || quote->protocol == WIRE_UDP) {
        quote->source_port = wire_load16(quote->message);
        quote->destination_port = wire_load16(quote->message + 2);
    } else if (quote->protocol == WIRE_ICMP && icmp_is_query(quote->message[0])) {
        quote->source_port = quote->destination_port = wire_load16(quote->message + 4);
    }
    return true;
}

static bool
icmp_read(struct nat_view *view)
{
    if (view->message_bytes < WIRE_ICMP_BYTES) {
        return false;
    }
    if (ksim_icmp_is_error(view->message[0])) {
        view->error = true;
        return quote_read(&view->quoted, view->message + WIRE_ICMP_BYTES,
                          view->message_bytes - WIRE_ICMP_BYTES);
    }
    if (!icmp_is_query(view->message[0])) {
        return false;
    }
    view->source_port = view->destination_port = wire_load16(view->message + 4);
    return true;
}

bool
nat_view_read(struct nat_view *view, uint8_t *datagram, size_t bytes)
{
    const size_t header_bytes = (size_t)(datagram[0] & 15) * 4;

    machine_fill(view, 0, sizeof(*view));
    if ((wire_load16(datagram + 6) & (WIRE_IP4_MORE | WIRE_IP4_OFFSET)) != 0) {
        return false;
    }
    view->header = datagram;
    view->message = datagram + header_bytes;
    view->message_bytes = bytes - header_bytes;
    view->protocol = datagram[9];
    switch (view->protocol) {
    case WIRE_ICMP:
        return icmp_read(view);
    case WIRE_TCP:
    case WIRE_UDP:
        if (view->message_bytes < (view->protocol == WIRE_TCP ? WIRE_TCP_BYTES : WIRE_UDP_BYTES)) {
            return false;
        }
        view->source_port = wire_load16(view->message);
        view->destination_port = wire_load16(view->message + 2);
        view->tcp_flags = view->protocol == WIRE_TCP ? view->message[13] : 0;
        return true;
    default:
        return true;
    }
}

/* --- changing ------------------------------------------------------------------------------------ */

/* Where a port stands in a message; NULL when it has none (other protocols, ICMP errors). */
static uint8_t *
port_field(uint8_t protocol, uint8_t *message, bool source)
{
    if (protocol == WIRE_TCP || protocol == WIRE_UDP) {
        return source ? message : message + 2;
    }
    if (protocol == WIRE_ICMP && icmp_is_query(message[0])) {
        return message + 4;
    }
    return NULL;
}

/* An address and a port of a packet at `header`. */
static void
end_change(uint8_t *header, uint8_t protocol, uint8_t *message, size_t message_bytes, bool source,
           uint32_t address, uint16_t port)
{
    uint8_t *field = header + (source ? 12 : 16);
    const uint32_t before = wire_load32(field);
    uint8_t *sum = message_sum(protocol, message, message_bytes);
    uint8_t *number = port_field(protocol, message, source);

    wire_store32(field, address);
    sum_change_address(header + IP_SUM, before, address);
    if (sum != NULL && protocol != WIRE_ICMP) {
        sum_change_address(sum, before, address);
    }
    if (number != NULL) {
        if (sum != NULL) {
            sum_change(sum, wire_load16(number), port);
        }
        wire_store16(number, port);
    }
    udp_sum_finish(protocol, sum);
}

void
nat_view_set_source(struct nat_view *view, uint32_t address, uint16_t port)
{
    end_change(view->header, view->protocol, view->message, view->message_bytes, true, address,
               port);
}

void
nat_view_set_destination(struct nat_view *view, uint32_t address, uint16_t port)
{
    end_change(view->header, view->protocol, view->message, view->message_bytes, false, address,
               port);
}

/* The error's own sum covers all that is quoted: a wrong one stays as wrong as it was. */
static void
quoted_change(struct nat_view *view, bool source, uint32_t address, uint16_t port)
{
    const struct nat_quote *quote = &view->quoted;
    uint8_t *sum = view->message + SUM_ICMP;
    const uint16_t before = wire_load16(sum);
    uint32_t old_bytes = wire_sum(0, view->message, view->message_bytes), new_bytes;
    uint32_t total;

    end_change(quote->header, quote->protocol, quote->message, quote->message_bytes, source,
               address, port);
    new_bytes = wire_sum(0, view->message, view->message_bytes);
    total = (uint32_t)(uint16_t)~before + (uint16_t)~old_bytes + new_bytes;
    total = (total & 0xffff) + (total >> 16);
    total = (total & 0xffff) + (total >> 16);
    wire_store16(sum, (uint16_t)~total);
}

void
nat_view_set_quoted_source(struct nat_view *view, uint32_t address, uint16_t port)
{
    quoted_change(view, true, address, port);
}

void
nat_view_set_quoted_destination(struct nat_view *view, uint32_t address, uint16_t port)
{
    quoted_change(view, false, address, port);
}
