/* SPDX-License-Identifier: BSD-2-Clause */
#include <arp.h>

#include <inet_neighbour.h>

enum {
    ARP_HARDWARE = 0,
    ARP_PROTOCOL = 2,
    ARP_HARDWARE_BYTES = 4,
    ARP_PROTOCOL_BYTES = 5,
    ARP_OPERATION = 6,
    ARP_SENDER_LINK = 8,
    ARP_SENDER = 14,
    ARP_TARGET_LINK = 18,
    ARP_TARGET = 24,
    ARP_HARDWARE_ETHERNET = 1
};

struct arp_message {
    uint16_t operation;
    uint8_t sender_link[WIRE_LINK_BYTES];
    uint32_t sender;
    uint32_t target;
};

errno_t
ksim_arp_send(ifnet_t interface, uint16_t operation, const uint8_t *sender_link, uint32_t sender,
              const uint8_t *target_link, uint32_t target)
{
    uint8_t frame[WIRE_ETHERNET_BYTES + WIRE_ARP_BYTES] = {0};
    uint8_t *body = frame + WIRE_ETHERNET_BYTES;
    mbuf_t packet;

    machine_fill(frame, 0xff, WIRE_LINK_BYTES);
    if (target_link != NULL) {
        machine_copy(frame, target_link, WIRE_LINK_BYTES);
        machine_copy(body + ARP_TARGET_LINK, target_link, WIRE_LINK_BYTES);
    }
    machine_copy(frame + WIRE_LINK_BYTES, sender_link, WIRE_LINK_BYTES);
    wire_store16(frame + 12, WIRE_TYPE_ARP);
    wire_store16(body + ARP_HARDWARE, ARP_HARDWARE_ETHERNET);
    wire_store16(body + ARP_PROTOCOL, WIRE_TYPE_IP4);
    body[ARP_HARDWARE_BYTES] = WIRE_LINK_BYTES;
    body[ARP_PROTOCOL_BYTES] = 4;
    wire_store16(body + ARP_OPERATION, operation);
    machine_copy(body + ARP_SENDER_LINK, sender_link, WIRE_LINK_BYTES);
    wire_store32(body + ARP_SENDER, sender);
    wire_store32(body + ARP_TARGET, target);
    packet = inet_mbuf_make(frame, sizeof(frame));
    if (packet == NULL) {
        return ENOBUFS;
    }
    if (target_link == NULL) {
        (void)mbuf_setflags_mask(packet, MBUF_BCAST, MBUF_BCAST);
    }
    return ifnet_output_raw(interface, PF_INET, packet);
}

/* The address to ask from: one in the subnet of the target, else the first. */
static const struct inet4_address *
arp_source(ifnet_t interface, uint32_t target)
{
    const struct inet4_address *at, *first = NULL;

    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        if (at->head.interface != interface || inet4_address_value(at) == 0) {
            continue;
        }
        if (((inet4_address_value(at) ^ target) & at->subnet_mask) == 0) {
            return at;
        }
        if (first == NULL) {
            first = at;
        }
    }
    return first;
}

errno_t
ksim_arp_ask(ifnet_t interface, uint32_t address)
{
    const struct inet4_address *source = arp_source(interface, address);
    uint8_t link[WIRE_LINK_BYTES];
    errno_t error;

    if (source == NULL || !inet_link_address(interface, link)) {
        return inet_count_unsent(EADDRNOTAVAIL);
    }
    error = ksim_arp_send(interface, WIRE_ARP_REQUEST, link, inet4_address_value(source), NULL,
                          address);
    if (error == 0) {
        inet_count(INET_COUNT_SENT_ARP_REQUEST);
    }
    return inet_count_unsent(error);
}

errno_t
ksim_arp_announce(ifnet_t interface, uint32_t address)
{
    uint8_t link[WIRE_LINK_BYTES];
    errno_t error;

    if (!inet_link_address(interface, link)) {
        return inet_count_unsent(EADDRNOTAVAIL);
    }
    error = ksim_arp_send(interface, WIRE_ARP_REQUEST, link, address, NULL, address);
    if (error == 0) {
        inet_count(INET_COUNT_SENT_ARP_ANNOUNCEMENT);
    }
    return inet_count_unsent(error);
}

/* Reads the packet and frees it; false when it was refused, with its fate in *fate. */
static bool
arp_parse(mbuf_t packet, struct arp_message *message, enum ksim_inet_counter *fate)
{
    uint8_t body[WIRE_ARP_BYTES];
    bool whole = mbuf_pkthdr_len(packet) >= sizeof(body) &&
                 mbuf_copydata(packet, 0, sizeof(body), body) == 0;

    mbuf_freem(packet);
    if (!whole) {
        *fate = INET_COUNT_ARP_SHORT;
        return false;
    }
    message->operation = wire_load16(body + ARP_OPERATION);
    if (wire_load16(body + ARP_HARDWARE) != ARP_HARDWARE_ETHERNET ||
        wire_load16(body + ARP_PROTOCOL) != WIRE_TYPE_IP4 ||
        body[ARP_HARDWARE_BYTES] != WIRE_LINK_BYTES || body[ARP_PROTOCOL_BYTES] != 4 ||
        (message->operation != WIRE_ARP_REQUEST && message->operation != WIRE_ARP_REPLY)) {
        *fate = INET_COUNT_ARP_BAD_FORMAT;
        return false;
    }
    machine_copy(message->sender_link, body + ARP_SENDER_LINK, WIRE_LINK_BYTES);
    message->sender = wire_load32(body + ARP_SENDER);
    message->target = wire_load32(body + ARP_TARGET);
    return true;
}

static void
arp_answer(ifnet_t interface, const struct arp_message *message, const uint8_t *own_link)
{
    errno_t error = ksim_arp_send(interface, WIRE_ARP_REPLY, own_link, message->target,
                                  message->sender_link, message->sender);

    if (error == 0) {
        inet_count(INET_COUNT_SENT_ARP_REPLY);
    }
    (void)inet_count_unsent(error);
}

/*
 * RFC 826 whatever the operation: a sender that is known is brought up to date, and noted when we are the
 * target. XNU notes one that announces itself as well, and learns nothing from a probe (sender 0.0.0.0).
 * True when the sender was awaited.
 */
static bool
arp_learn(ifnet_t interface, const struct arp_message *message, bool is_ours)
{
    const bool announced =
        message->operation == WIRE_ARP_REQUEST && message->sender == message->target;
    uint8_t sender[4];

    if (message->sender == 0) {
        return false;
    }
    wire_store32(sender, message->sender);
    return inet_neighbour_learn(interface, 4, sender, message->sender_link, is_ours || announced);
}

static bool
is_own_address(ifnet_t interface, uint32_t address)
{
    const struct inet4_address *ours = inet4_address_find(address);

    return ours != NULL && ours->head.interface == interface;
}

static enum ksim_inet_counter
arp_handle(ifnet_t interface, const struct arp_message *message, bool from_us)
{
    const bool request = message->operation == WIRE_ARP_REQUEST;
    const bool is_ours = is_own_address(interface, message->target);
    uint8_t own_link[WIRE_LINK_BYTES];
    bool awaited;

    if (!inet_link_address(interface, own_link)) {
        return INET_COUNT_ARP_BAD_FORMAT;
    }
    if (from_us || wire_same(message->sender_link, own_link, WIRE_LINK_BYTES)) {
        return INET_COUNT_ARP_OWN;
    }
    if ((message->sender_link[0] & 1) != 0) {
        return INET_COUNT_ARP_BAD_SENDER;
    }
    if (request && message->target == 0) {
        return INET_COUNT_ARP_REQUEST_OTHER;
    }
    if (is_own_address(interface, message->sender)) {
        /* XNU defends its address by the answer to a question for it. */
        inet_count(INET_COUNT_DUPLICATE_ADDRESS);
        if (request && is_ours) {
            arp_answer(interface, message, own_link);
        }
        return INET_COUNT_ARP_CONFLICT;
    }
    awaited = arp_learn(interface, message, is_ours);
    if (!request) {
        return message->sender == 0 ? INET_COUNT_ARP_BAD_SENDER
               : awaited            ? INET_COUNT_ARP_REPLY_LEARNED
                                    : INET_COUNT_ARP_REPLY_UNASKED;
    }
    if (!is_ours) {
        return INET_COUNT_ARP_REQUEST_OTHER;
    }
    arp_answer(interface, message, own_link);
    return INET_COUNT_ARP_REQUEST_ANSWERED;
}

void
ksim_arp_input(ifnet_t interface, mbuf_t packet, bool from_us)
{
    struct arp_message message;
    enum ksim_inet_counter fate;

    inet_count(INET_COUNT_ARP_ARRIVED);
    if (arp_parse(packet, &message, &fate)) {
        fate = arp_handle(interface, &message, from_us);
    }
    inet_count(fate);
}
