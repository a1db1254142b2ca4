/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp.h>
#include <icmp6.h>

void
ksim_echo_listen(struct ksim *ksim, ksim_echo_listener listener, void *context)
{
    ksim->inet->echo_listener = listener;
    ksim->inet->echo_context = context;
}

static errno_t
echo_send4(const struct ksim_inet_address *to, ifnet_t interface, uint8_t *message, size_t length)
{
    struct ip_send send = {0};

    message[0] = ICMP_TYPE_ECHO;
    wire_store16(message + 2, wire_finish(wire_sum(0, message, length)));
    send.destination = wire_load32(to->bytes);
    send.protocol = WIRE_ICMP;
    send.interface = interface;
    return ksim_ip_send(&send, message, length, INET_COUNT_SENT_ICMP_ECHO);
}

static errno_t
echo_send6(const struct ksim_inet_address *to, ifnet_t interface, uint8_t *message, size_t length)
{
    struct ip6_route route;
    struct ip6_send send = {0};
    errno_t error = ksim_ip6_route(to->bytes, interface, &route);

    if (error == 0 && inet6_is_unspecified(route.source)) {
        error = EADDRNOTAVAIL;
    }
    if (error != 0) {
        return inet_count_unsent(error);
    }
    message[0] = ICMP6_TYPE_ECHO;
    machine_copy(send.source, route.source, 16);
    machine_copy(send.destination, to->bytes, 16);
    send.interface = interface;
    return ksim_icmp6_send(&send, message, length, INET_COUNT_SENT_ICMP6_ECHO);
}

int
ksim_echo_send(struct ksim *ksim, const struct ksim_inet_address *to, uint16_t identifier,
               uint16_t sequence, const uint8_t *payload, size_t bytes)
{
    const size_t length = WIRE_ICMP_BYTES + bytes;
    ifnet_t interface = NULL;
    uint8_t *message;
    errno_t error;

    (void)ksim;
    if (length > 65535) {
        return inet_count_unsent(EMSGSIZE);
    }
    if (machine_fault("echo message")) {
        return inet_count_unsent(ENOBUFS);
    }
    if (to->interface_index != 0) {
        interface = ksim_interface_find_index(to->interface_index);
        if (interface == NULL) {
            return ENXIO;
        }
    }
    message = machine_allocate(length, "echo message");
    machine_fill(message, 0, WIRE_ICMP_BYTES);
    wire_store16(message + 4, identifier);
    wire_store16(message + 6, sequence);
    machine_copy(message + WIRE_ICMP_BYTES, payload, bytes);
    error = to->family == 4 ? echo_send4(to, interface, message, length)
                            : echo_send6(to, interface, message, length);
    machine_free(message);
    if (interface != NULL) {
        ksim_interface_io_end(interface);
    }
    return error;
}
