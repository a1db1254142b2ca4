/* SPDX-License-Identifier: BSD-2-Clause */
#include <udp.h>

struct inet_port {
    struct inet_port *next;
    uint16_t number;
    ksim_udp_listener listener;
    void *context;
};

static struct inet_port **
port_find(struct inet_system *inet, uint16_t number)
{
    struct inet_port **link = &inet->ports;

    while (*link != NULL && (*link)->number != number) {
        link = &(*link)->next;
    }
    return link;
}

int
ksim_udp_listen(struct ksim *ksim, uint16_t port, ksim_udp_listener listener, void *context)
{
    struct inet_port **link, *made;

    if (port == 0 || port == WIRE_PORT_ECHO || listener == NULL) {
        return EINVAL;
    }
    link = port_find(ksim->inet, port);
    if (*link != NULL) {
        return EADDRINUSE;
    }
    made = machine_allocate(sizeof(*made), "inet port");
    made->next = NULL;
    made->number = port;
    made->listener = listener;
    made->context = context;
    *link = made;
    return 0;
}

void
ksim_udp_close(struct ksim *ksim, uint16_t port)
{
    struct inet_port **link = port_find(ksim->inet, port), *gone = *link;

    if (gone != NULL) {
        *link = gone->next;
        machine_free(gone);
    }
}

static errno_t
udp_send(const struct ksim_inet_address *from, const struct ksim_inet_address *to,
         uint16_t from_port, uint16_t to_port, const uint8_t *payload, size_t bytes,
         ifnet_t interface)
{
    const size_t length = WIRE_UDP_BYTES + bytes;
    uint8_t *message;
    errno_t error;

    if (length > 65535) {
        return inet_count_unsent(EMSGSIZE);
    }
    if (machine_fault("udp message")) {
        return inet_count_unsent(ENOBUFS);
    }
    message = machine_allocate(length, "udp message");
    wire_store16(message + UDP_SOURCE, from_port);
    wire_store16(message + UDP_DESTINATION, to_port);
    wire_store16(message + UDP_LENGTH, (uint32_t)length);
    machine_copy(message + WIRE_UDP_BYTES, payload, bytes);
    error = inet_transport_send(from, to, WIRE_UDP, message, length, UDP_CHECKSUM, interface,
                                INET_COUNT_SENT_UDP);
    machine_free(message);
    return error;
}

int
ksim_udp_send(struct ksim *ksim, const struct ksim_inet_address *to, uint16_t from_port,
              uint16_t to_port, const uint8_t *payload, size_t bytes)
{
    ifnet_t interface = NULL;
    errno_t error;

    (void)ksim;
    if (to->interface_index != 0) {
        interface = ksim_interface_find_index(to->interface_index);
        if (interface == NULL) {
            return ENXIO;
        }
    }
    error = udp_send(NULL, to, from_port, to_port, payload, bytes, interface);
    if (interface != NULL) {
        ksim_interface_io_end(interface);
    }
    return error;
}

static bool
checksum_is_right(const struct inet_segment *segment, size_t length)
{
    uint32_t sum;

    /* Without a checksum: allowed in IPv4 only. */
    if (wire_load16(segment->bytes + UDP_CHECKSUM) == 0) {
        return segment->to.family == 4;
    }
    sum = inet_pseudo_sum(&segment->from, &segment->to, WIRE_UDP, length);
    return wire_finish(wire_sum(sum, segment->bytes, length)) == 0;
}

static enum ksim_inet_counter
udp_echo(const struct inet_segment *segment, uint16_t from_port, size_t length)
{
    if (from_port == WIRE_PORT_ECHO || from_port == 0 || segment->group) {
        return INET_COUNT_UDP_ECHO_LOOP;
    }
    (void)udp_send(&segment->to, &segment->from, WIRE_PORT_ECHO, from_port,
                   segment->bytes + WIRE_UDP_BYTES, length - WIRE_UDP_BYTES, segment->interface);
    return INET_COUNT_UDP_ECHOED;
}

enum ksim_inet_counter
ksim_udp_input(const struct inet_segment *segment)
{
    const struct inet_port *port;
    uint16_t from_port, to_port;
    size_t length;

    if (segment->length < WIRE_UDP_BYTES) {
        return INET_COUNT_UDP_SHORT;
    }
    length = wire_load16(segment->bytes + UDP_LENGTH);
    if (length < WIRE_UDP_BYTES || length > segment->length) {
        return INET_COUNT_UDP_BAD_LENGTH;
    }
    if (!checksum_is_right(segment, length)) {
        return INET_COUNT_UDP_BAD_CHECKSUM;
    }
    from_port = wire_load16(segment->bytes + UDP_SOURCE);
    to_port = wire_load16(segment->bytes + UDP_DESTINATION);
    if (to_port == WIRE_PORT_ECHO) {
        return udp_echo(segment, from_port, length);
    }
    port = *port_find(inet_current(), to_port);
    if (port != NULL) {
        port->listener(port->context, &segment->from, from_port, segment->bytes + WIRE_UDP_BYTES,
                       length - WIRE_UDP_BYTES);
        return INET_COUNT_UDP_DELIVERED;
    }
    return segment->group ? INET_COUNT_UDP_PORT_CLOSED_GROUP : INET_COUNT_UDP_PORT_CLOSED;
}
