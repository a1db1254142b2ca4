/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_fragment.h>
#include <inet_neighbour.h>
#include <inet_stack.h>

#include <ether_inet.h>
#include <ip.h>
#include <ip6.h>
#include <ip_nat.h>
#include <protocol.h>

struct counter_description {
    enum ksim_inet_class class;
    const char *text;
};

static const struct counter_description counter_descriptions[INET_COUNTER_COUNT] = {
#define COUNTER_DESCRIPTION(name, kind, text) {kind, text},
    KSIM_INET_COUNTERS(COUNTER_DESCRIPTION)
#undef COUNTER_DESCRIPTION
};

static const struct protocol_domain inet_domain = {
    .family = PF_INET,
    .input = ksim_ip_input,
    .takes_lists = true,
    .control = in_control,
    .interface_updown = in_ifupdown,
    .interface_purge = in_purgeaddrs,
};

static const struct protocol_domain inet6_domain = {
    .family = PF_INET6,
    .input = ksim_ip6_input,
    .takes_lists = false,
    .control = in6_control,
    .interface_updown = in6_ifupdown,
    .interface_purge = in6_purgeaddrs,
};

static const struct inet_settings inet_settings_at_boot = {
    .hop_limit4 = WIRE_HOP_LIMIT,
    .hop_limit6 = WIRE_HOP_LIMIT,
    .neighbour_known_seconds = 20 * 60,
    .neighbour_dead_seconds = 20,
    .arp_questions = 5,
};

void
ksim_inet_boot(struct ksim *ksim)
{
    struct inet_system *inet = machine_allocate(sizeof(*inet), "inet system");

    machine_fill(inet, 0, sizeof(*inet));
    inet->settings = inet_settings_at_boot;
    ksim->inet = inet;
    if (ksim_protocol_domain_register(&inet_domain) != 0 ||
        ksim_protocol_domain_register(&inet6_domain) != 0) {
        machine_fail(MACHINE_CONTRACT, "inet: a protocol domain is registered twice");
    }
    ksim_ether_inet_boot();
    ksim_nat_boot(inet);
    inet_timer_boot(ksim);
}

void
ksim_inet_audit(struct ksim *ksim)
{
    struct ksim_inet_statistics now;
    uint64_t arrived, fates;

    inet_neighbours_drain();
    inet_fragments_drain();
    ksim_inet_statistics(ksim, &now);
    arrived = ksim_inet_class_total(&now, INET_ARRIVED) + ksim_inet_class_total(&now, INET_JOINED);
    fates = ksim_inet_class_total(&now, INET_FATE);
    if (arrived != fates) {
        machine_finding(MACHINE_LEAK, "inet: %llu packets arrived or were joined, %llu have a fate",
                        (unsigned long long)arrived, (unsigned long long)fates);
    }
}

void
ksim_inet_statistics(const struct ksim *ksim, struct ksim_inet_statistics *statistics)
{
    machine_copy(statistics->count, ksim->inet->count, sizeof(statistics->count));
}

const char *
ksim_inet_counter_text(enum ksim_inet_counter counter)
{
    return counter_descriptions[counter].text;
}

enum ksim_inet_class
ksim_inet_counter_class(enum ksim_inet_counter counter)
{
    return counter_descriptions[counter].class;
}

uint64_t
ksim_inet_class_total(const struct ksim_inet_statistics *statistics, enum ksim_inet_class wanted)
{
    uint64_t total = 0;
    int counter;

    for (counter = 0; counter < INET_COUNTER_COUNT; counter++) {
        if (counter_descriptions[counter].class == wanted) {
            total += statistics->count[counter];
        }
    }
    return total;
}

errno_t
inet_count_unsent(errno_t error)
{
    switch (error) {
    case 0:
        break;
    case EHOSTUNREACH:
        inet_count(INET_COUNT_UNSENT_NO_ROUTE);
        break;
    case ENOBUFS:
    case ENOMEM:
        inet_count(INET_COUNT_UNSENT_NO_MEMORY);
        break;
    case EMSGSIZE:
        inet_count(INET_COUNT_UNSENT_TOO_BIG);
        break;
    case ENETUNREACH:
    case EACCES:
        inet_count(INET_COUNT_UNSENT_NOT_ALLOWED);
        break;
    case EADDRNOTAVAIL:
        inet_count(INET_COUNT_UNSENT_NO_SOURCE);
        break;
    default:
        inet_count(INET_COUNT_UNSENT_INTERFACE);
        break;
    }
    return error;
}
