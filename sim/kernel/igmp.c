/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp.h>

enum {
    IGMP_BYTES = 8,
    IGMP_QUERY = 0x11,
    IGMP_V3_REPORT = 0x22,
    IGMP_RECORD_BYTES = 8,
    IGMP_IS_EXCLUDE = 2,
    IGMP_TO_INCLUDE = 3,
    IGMP_TO_EXCLUDE = 4,
    IGMP_SERVICE = 0xc0 /* internetwork control, RFC 3376 section 4 */
};

#define ALL_HOSTS 0xe0000001U
#define ALL_IGMP_ROUTERS 0xe0000016U

/* One report with one group record. */
static void
report_send(ifnet_t interface, uint32_t group, uint8_t record)
{
    uint8_t message[IGMP_BYTES + IGMP_RECORD_BYTES] = {0};
    struct ip_send send = {0};

    message[0] = IGMP_V3_REPORT;
    wire_store16(message + 6, 1);
    message[IGMP_BYTES] = record;
    wire_store32(message + IGMP_BYTES + 4, group);
    wire_store16(message + 2, wire_finish(wire_sum(0, message, sizeof(message))));
    send.destination = ALL_IGMP_ROUTERS;
    send.protocol = WIRE_IGMP;
    send.hop_limit = 1;
    send.service = IGMP_SERVICE;
    send.router_alert = true;
    send.no_loop = true;
    send.interface = interface;
    (void)ksim_ip_send(&send, message, sizeof(message), INET_COUNT_SENT_IGMP);
}

void
ksim_igmp_report(ifnet_t interface, uint32_t group, bool join)
{
    if (group != ALL_HOSTS) {
        report_send(interface, group, join ? IGMP_TO_EXCLUDE : IGMP_TO_INCLUDE);
    }
}

/* Sending yields, so the groups to answer for are noted first. */
static void
query_answer(ifnet_t interface, uint32_t wanted)
{
    enum { ANSWER_LIMIT = 32 };
    const struct inet_group *at;
    uint32_t groups[ANSWER_LIMIT], group;
    unsigned count = 0, index;

    for (at = inet_current()->groups; at != NULL && count < ANSWER_LIMIT; at = at->next) {
        group = wire_load32(at->address);
        if (at->interface == interface && at->family == 4 && group != ALL_HOSTS &&
            (wanted == 0 || wanted == group)) {
            groups[count++] = group;
        }
    }
    for (index = 0; index < count; index++) {
        report_send(interface, groups[index], IGMP_IS_EXCLUDE);
    }
}

enum ksim_inet_counter
ksim_igmp_input(const struct inet_packet *packet, const struct ip_header *header)
{
    const uint8_t *message = packet->bytes + header->header_bytes;
    const size_t length = header->total_bytes - header->header_bytes;

    if (length < IGMP_BYTES) {
        return INET_COUNT_IGMP_SHORT;
    }
    if (wire_finish(wire_sum(0, message, length)) != 0) {
        return INET_COUNT_IGMP_BAD_CHECKSUM;
    }
    /* Sent by a router of this link: RFC 3376 section 4. */
    if (message[0] != IGMP_QUERY || header->hop_limit != 1) {
        return INET_COUNT_IGMP_OTHER;
    }
    query_answer(packet->interface, wire_load32(message + 4));
    return INET_COUNT_IGMP_QUERY;
}
