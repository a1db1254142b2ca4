/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp6.h>

enum {
    MLD_BYTES = 8,
    MLD_QUERY_BYTES = 24,
    MLD_RECORD_BYTES = 20,
    MLD_IS_EXCLUDE = 2,
    MLD_TO_INCLUDE = 3,
    MLD_TO_EXCLUDE = 4
};

static const uint8_t all_nodes[16] = {0xff, 0x02, [15] = 1};
static const uint8_t mld_routers[16] = {0xff, 0x02, [15] = 0x16};

/* Interface-local groups and all-nodes never leave a report (RFC 3810, section 6). */
static bool
is_reported(const uint8_t *group)
{
    return (group[1] & 15) >= 2 && !wire_same(group, all_nodes, 16);
}

/* From the link-local address, or :: when there is none (RFC 3810, 5.2.13). */
static void
report_send(ifnet_t interface, const uint8_t *group, uint8_t record)
{
    const struct inet6_address *source = inet6_address_link_local(interface);
    uint8_t message[MLD_BYTES + MLD_RECORD_BYTES] = {0};
    struct ip6_send send = {0};

    message[0] = ICMP6_TYPE_MLD2_REPORT;
    wire_store16(message + 6, 1);
    message[MLD_BYTES] = record;
    machine_copy(message + MLD_BYTES + 4, group, 16);
    if (source != NULL) {
        machine_copy(send.source, source->bytes, 16);
    } else {
        send.source_unspecified = true;
    }
    machine_copy(send.destination, mld_routers, 16);
    send.hop_limit = 1;
    send.router_alert = true;
    send.no_loop = true;
    send.interface = interface;
    (void)ksim_icmp6_send(&send, message, sizeof(message), INET_COUNT_SENT_MLD);
}

void
ksim_mld_report(ifnet_t interface, const uint8_t *group, bool join)
{
    if (is_reported(group)) {
        report_send(interface, group, join ? MLD_TO_EXCLUDE : MLD_TO_INCLUDE);
    }
}

/* Sending yields, so the groups to answer for are noted first. */
static void
query_answer(ifnet_t interface, const uint8_t *wanted)
{
    enum { ANSWER_LIMIT = 32 };
    const struct inet_group *at;
    uint8_t groups[ANSWER_LIMIT][16];
    unsigned count = 0, index;

    for (at = inet_current()->groups; at != NULL && count < ANSWER_LIMIT; at = at->next) {
        if (at->interface == interface && at->family == 6 && is_reported(at->address) &&
            (inet6_is_unspecified(wanted) || wire_same(wanted, at->address, 16))) {
            machine_copy(groups[count++], at->address, 16);
        }
    }
    for (index = 0; index < count; index++) {
        report_send(interface, groups[index], MLD_IS_EXCLUDE);
    }
}

enum ksim_inet_counter
ksim_mld_input(const struct ip6_message *message)
{
    if (message->bytes[0] != ICMP6_TYPE_MLD_QUERY) {
        return INET_COUNT_MLD_OTHER;
    }
    /* Queries come from a link-local router, one hop away, with the router alert. */
    if (message->length < MLD_QUERY_BYTES || message->hop_limit != 1 || !message->router_alert ||
        !inet6_is_link_local(message->source)) {
        return INET_COUNT_MLD_OTHER;
    }
    query_answer(message->packet->interface, message->bytes + 8);
    return INET_COUNT_MLD_QUERY;
}
