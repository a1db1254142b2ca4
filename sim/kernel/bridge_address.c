/* SPDX-License-Identifier: BSD-2-Clause */
#include <bridge.h>

#define SECOND_NS 1000000000ULL

static struct bridge_address **
address_find(struct bridge *bridge, const uint8_t *link)
{
    struct bridge_address **at = &bridge->addresses;

    while (*at != NULL && machine_compare((*at)->link, link, BRIDGE_LINK_BYTES) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void
address_drop(struct bridge *bridge, struct bridge_address **at)
{
    struct bridge_address *gone = *at;

    *at = gone->next;
    bridge->address_count--;
    machine_free(gone);
}

/* The pruning that finds an address expired: the first one at or after that moment. */
static uint64_t
pruned_at_ns(const struct bridge *bridge, const struct bridge_address *address)
{
    const uint64_t period_ns = BRIDGE_PRUNE_SECONDS * SECOND_NS;
    const uint64_t age_ns = address->expires_ns - bridge->up_since_ns;

    return bridge->up_since_ns + (age_ns + period_ns - 1) / period_ns * period_ns;
}

/* In place of XNU's timer, which would keep an idle machine awake for ever: looked at when asked. */
void
ksim_bridge_prune(struct bridge *bridge)
{
    struct bridge_address **at = &bridge->addresses;

    while (*at != NULL) {
        if (pruned_at_ns(bridge, *at) <= machine_now_ns()) {
            address_drop(bridge, at);
        } else {
            at = &(*at)->next;
        }
    }
}

void
ksim_bridge_learn(struct bridge *bridge, struct bridge_member *member, const uint8_t *link)
{
    static const uint8_t zero[BRIDGE_LINK_BYTES];
    struct bridge_address *address;

    if ((member->flags & BRIDGE_MEMBER_LEARNING) == 0 || (link[0] & 1) != 0 ||
        machine_compare(link, zero, sizeof(zero)) == 0) {
        return;
    }
    ksim_bridge_prune(bridge);
    address = *address_find(bridge, link);
    if (address == NULL) {
        if (bridge->address_count >= BRIDGE_ADDRESSES_MAX || machine_fault("bridge address")) {
            return;
        }
        address = machine_allocate(sizeof(*address), "bridge address");
        machine_copy(address->link, link, sizeof(address->link));
        address->next = bridge->addresses;
        bridge->addresses = address;
        bridge->address_count++;
    }
    address->member = member;
    address->expires_ns = machine_now_ns() + BRIDGE_TIMEOUT_SECONDS * SECOND_NS;
}

struct bridge_member *
ksim_bridge_lookup(struct bridge *bridge, const uint8_t *link)
{
    const struct bridge_address *address;

    ksim_bridge_prune(bridge);
    address = *address_find(bridge, link);
    return address == NULL ? NULL : address->member;
}

void
ksim_bridge_forget(struct bridge *bridge, const struct bridge_member *member)
{
    struct bridge_address **at = &bridge->addresses;

    while (*at != NULL) {
        if (member == NULL || (*at)->member == member) {
            address_drop(bridge, at);
        } else {
            at = &(*at)->next;
        }
    }
}

unsigned
ksim_bridge_address_count(struct bridge *bridge, const struct bridge_member *member)
{
    unsigned count = 0;

    ksim_bridge_prune(bridge);
    for (const struct bridge_address *at = bridge->addresses; at != NULL; at = at->next) {
        count += at->member == member;
    }
    return count;
}
