/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_transport.h>

#include <ip.h>
#include <ip6.h>

void
inet_address4(struct ksim_inet_address *out, uint32_t address)
{
    machine_fill(out, 0, sizeof(*out));
    out->family = 4;
    wire_store32(out->bytes, address);
}

void
inet_address6(struct ksim_inet_address *out, const uint8_t *address, ifnet_t interface)
{
    machine_fill(out, 0, sizeof(*out));
    out->family = 6;
    machine_copy(out->bytes, address, 16);
    if (interface != NULL && inet6_is_scoped(address)) {
        out->interface_index = (uint16_t)interface->index;
    }
}

uint32_t
inet_pseudo_sum(const struct ksim_inet_address *from, const struct ksim_inet_address *to,
                uint8_t protocol, size_t length)
{
    if (to->family == 4) {
        return wire_pseudo4(wire_load32(from->bytes), wire_load32(to->bytes), protocol, length);
    }
    return wire_pseudo6(from->bytes, to->bytes, protocol, length);
}

/* The checksum covers the source, so it must be known before the packet is sent. */
static errno_t
source_choose(const struct ksim_inet_address *to, ifnet_t interface, struct ksim_inet_address *from)
{
    struct ip_route route4;
    struct ip6_route route6;
    errno_t error;

    if (to->family == 4) {
        error = ksim_ip_route(wire_load32(to->bytes), interface, &route4);
        inet_address4(from, route4.source);
        return error == 0 && route4.source == 0 ? EADDRNOTAVAIL : error;
    }
    error = ksim_ip6_route(to->bytes, interface, &route6);
    inet_address6(from, route6.source, NULL);
    return error == 0 && inet6_is_unspecified(route6.source) ? EADDRNOTAVAIL : error;
}

static errno_t
send_by_version(const struct ksim_inet_address *from, const struct ksim_inet_address *to,
                uint8_t protocol, const uint8_t *message, size_t length, ifnet_t interface,
                enum ksim_inet_counter sent)
{
    struct ip_send send4 = {0};
    struct ip6_send send6 = {0};

    if (to->family == 4) {
        send4.source = wire_load32(from->bytes);
        send4.destination = wire_load32(to->bytes);
        send4.protocol = protocol;
        send4.interface = interface;
        return ksim_ip_send(&send4, message, length, sent);
    }
    machine_copy(send6.source, from->bytes, 16);
    machine_copy(send6.destination, to->bytes, 16);
    send6.protocol = protocol;
    send6.interface = interface;
    return ksim_ip6_send(&send6, message, length, sent);
}

errno_t
inet_transport_send(const struct ksim_inet_address *from, const struct ksim_inet_address *to,
                    uint8_t protocol, uint8_t *message, size_t length, size_t checksum_at,
                    ifnet_t interface, enum ksim_inet_counter sent)
{
    struct ksim_inet_address chosen;
    uint16_t checksum;
    errno_t error;

    if (from == NULL || from->family == 0) {
        error = source_choose(to, interface, &chosen);
        if (error != 0) {
            return inet_count_unsent(error);
        }
        from = &chosen;
    }
    wire_store16(message + checksum_at, 0);
    checksum = wire_finish(
        wire_sum(inet_pseudo_sum(from, to, protocol, length), message, length));
    if (checksum == 0 && protocol == WIRE_UDP) {
        checksum = 0xffff;
    }
    wire_store16(message + checksum_at, checksum);
    return send_by_version(from, to, protocol, message, length, interface, sent);
}
