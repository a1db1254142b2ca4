/* SPDX-License-Identifier: BSD-2-Clause */
#include <nd6.h>

#include <icmp6.h>
#include <inet_neighbour.h>

enum {
    ND_TARGET = 8,
    ND_BYTES = 24,
    ND_OPTION_BYTES = 8, /* link address option */
    ND_OPTION_SOURCE = 1,
    ND_OPTION_TARGET = 2,
    ND_HOP_LIMIT = 255,
    ND_FLAG_SOLICITED = 0x40,
    ND_FLAG_OVERRIDE = 0x20
};

/* A solicitation or advertisement that passed the checks of RFC 4861 7.1. */
struct nd6_message {
    uint8_t target[16];
    bool has_link;
    uint8_t link[WIRE_LINK_BYTES];
};

/* Fills message (ND_BYTES + ND_OPTION_BYTES); returns its length. */
static size_t
message_build(uint8_t *message, uint8_t type, uint8_t flags, const uint8_t *target, uint8_t option,
              const uint8_t *link)
{
    machine_fill(message, 0, ND_BYTES + ND_OPTION_BYTES);
    message[0] = type;
    message[4] = flags;
    machine_copy(message + ND_TARGET, target, 16);
    if (link == NULL) {
        return ND_BYTES;
    }
    message[ND_BYTES] = option;
    message[ND_BYTES + 1] = 1;
    machine_copy(message + ND_BYTES + 2, link, WIRE_LINK_BYTES);
    return ND_BYTES + ND_OPTION_BYTES;
}

errno_t
ksim_nd6_ask(ifnet_t interface, const uint8_t *address)
{
    const struct inet6_address *source = inet6_address_source(interface, address);
    uint8_t message[ND_BYTES + ND_OPTION_BYTES], link[WIRE_LINK_BYTES];
    struct ip6_send send = {0};
    size_t length;

    if (source == NULL || !inet_link_address(interface, link)) {
        return inet_count_unsent(EADDRNOTAVAIL);
    }
    length = message_build(message, ICMP6_TYPE_SOLICIT, 0, address, ND_OPTION_SOURCE, link);
    machine_copy(send.source, source->bytes, 16);
    inet6_solicited_node(address, send.destination);
    send.hop_limit = ND_HOP_LIMIT;
    send.no_loop = true;
    send.interface = interface;
    return ksim_icmp6_send(&send, message, length, INET_COUNT_SENT_ND6_SOLICIT);
}

void
ksim_nd6_detect(ifnet_t interface, const uint8_t *address)
{
    uint8_t message[ND_BYTES + ND_OPTION_BYTES];
    struct ip6_send send = {0};
    size_t length = message_build(message, ICMP6_TYPE_SOLICIT, 0, address, 0, NULL);

    send.source_unspecified = true;
    inet6_solicited_node(address, send.destination);
    send.hop_limit = ND_HOP_LIMIT;
    send.no_loop = true;
    send.interface = interface;
    (void)ksim_icmp6_send(&send, message, length, INET_COUNT_SENT_ND6_SOLICIT);
}

/* Answers a solicitation; one from :: is answered to all nodes and is not marked solicited. */
static void
advert_send(const struct ip6_message *message, const uint8_t *target)
{
    static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
    const bool from_nobody = inet6_is_unspecified(message->source);
    uint8_t advert[ND_BYTES + ND_OPTION_BYTES], link[WIRE_LINK_BYTES];
    struct ip6_send send = {0};
    size_t length;

    if (!inet_link_address(message->packet->interface, link)) {
        (void)inet_count_unsent(EADDRNOTAVAIL);
        return;
    }
    length = message_build(advert, ICMP6_TYPE_ADVERT,
                           ND_FLAG_OVERRIDE | (from_nobody ? 0 : ND_FLAG_SOLICITED), target,
                           ND_OPTION_TARGET, link);
    machine_copy(send.source, target, 16);
    machine_copy(send.destination, from_nobody ? all_nodes : message->source, 16);
    send.hop_limit = ND_HOP_LIMIT;
    send.no_loop = true;
    send.interface = message->packet->interface;
    (void)ksim_icmp6_send(&send, advert, length, INET_COUNT_SENT_ND6_ADVERT);
}

/* Reads the options for one kind of link address; false when one has no length or is cut off. */
static bool
options_parse(const struct ip6_message *message, uint8_t wanted, struct nd6_message *out)
{
    size_t at = ND_BYTES, length;

    while (at < message->length) {
        if (at + 2 > message->length || message->bytes[at + 1] == 0) {
            return false;
        }
        length = (size_t)message->bytes[at + 1] * 8;
        if (at + length > message->length) {
            return false;
        }
        if (message->bytes[at] == wanted && length >= ND_OPTION_BYTES) {
            out->has_link = true;
            machine_copy(out->link, message->bytes + at + 2, WIRE_LINK_BYTES);
        }
        at += length;
    }
    return true;
}

static bool
message_parse(const struct ip6_message *message, uint8_t wanted, struct nd6_message *out)
{
    out->has_link = false;
    if (message->hop_limit != ND_HOP_LIMIT || message->bytes[1] != 0 ||
        message->length < ND_BYTES) {
        return false;
    }
    machine_copy(out->target, message->bytes + ND_TARGET, 16);
    return !inet6_is_multicast(out->target) && options_parse(message, wanted, out);
}

static enum ksim_inet_counter
conflict(struct inet6_address *ours)
{
    ours->duplicated = true;
    inet_count(INET_COUNT_DUPLICATE_ADDRESS);
    machine_console("%s: duplicate IPv6 address, no longer used", ours->head.interface->xname);
    return INET_COUNT_ND6_CONFLICT;
}

/* ff02::1:ff00:0/104 */
static bool
is_solicited_node(const uint8_t *address)
{
    static const uint8_t nobody[16];
    uint8_t prefix[16];

    inet6_solicited_node(nobody, prefix);
    return wire_same_prefix(address, prefix, 104);
}

static enum ksim_inet_counter
solicit_input(const struct ip6_message *message)
{
    ifnet_t interface = message->packet->interface;
    const bool from_nobody = inet6_is_unspecified(message->source);
    struct nd6_message solicit;
    const struct inet6_address *ours;

    if (!message_parse(message, ND_OPTION_SOURCE, &solicit)) {
        return INET_COUNT_ND6_BAD;
    }
    if (from_nobody && (solicit.has_link || !is_solicited_node(message->destination))) {
        return INET_COUNT_ND6_BAD;
    }
    ours = inet6_address_find(solicit.target, interface);
    if (ours == NULL || ours->head.interface != interface) {
        return INET_COUNT_ND6_SOLICIT_OTHER;
    }
    if (!from_nobody && solicit.has_link) {
        (void)inet_neighbour_learn(interface, 6, message->source, solicit.link, true);
    }
    advert_send(message, solicit.target);
    return INET_COUNT_ND6_SOLICIT_ANSWERED;
}

static enum ksim_inet_counter
advert_input(const struct ip6_message *message)
{
    ifnet_t interface = message->packet->interface;
    struct nd6_message advert;
    struct inet6_address *ours;
    uint8_t known[WIRE_LINK_BYTES];

    if (!message_parse(message, ND_OPTION_TARGET, &advert) ||
        (inet6_is_multicast(message->destination) &&
         (message->bytes[4] & ND_FLAG_SOLICITED) != 0)) {
        return INET_COUNT_ND6_BAD;
    }
    ours = inet6_address_find(advert.target, interface);
    if (ours != NULL && ours->head.interface == interface) {
        return conflict(ours);
    }
    /* RFC 4861 7.2.5: without the override flag what is known stays. */
    if (!advert.has_link || ((message->bytes[4] & ND_FLAG_OVERRIDE) == 0 &&
                             inet_neighbour_lookup(interface, 6, advert.target, known))) {
        return INET_COUNT_ND6_ADVERT_UNASKED;
    }
    return inet_neighbour_learn(interface, 6, advert.target, advert.link, false)
               ? INET_COUNT_ND6_ADVERT_LEARNED
               : INET_COUNT_ND6_ADVERT_UNASKED;
}

enum ksim_inet_counter
ksim_nd6_input(const struct ip6_message *message)
{
    if (message->hop_limit != ND_HOP_LIMIT) {
        return INET_COUNT_ND6_BAD;
    }
    switch (message->bytes[0]) {
    case ICMP6_TYPE_SOLICIT:
        return solicit_input(message);
    case ICMP6_TYPE_ADVERT:
        return advert_input(message);
    default:
        return INET_COUNT_ND6_ROUTER;
    }
}
