/* SPDX-License-Identifier: BSD-2-Clause */
#include "echo_desk.h"

#include <string.h>

#include <inet_host.h>
#include <system.h>

static void
desk_hears(void *context, const struct ksim_inet_address *from, uint16_t identifier,
           uint16_t sequence, const uint8_t *payload, size_t bytes, uint8_t hop_limit)
{
    struct echo_desk *desk = context;

    (void)payload;
    for (struct echo_customer *at = desk->customers; at != NULL; at = at->next) {
        struct echo_reply *reply;

        if (at->identifier != identifier || at->family != from->family ||
            at->count == ECHO_REPLIES_MAX)
            continue;
        reply = &at->replies[at->count++];
        *reply = (struct echo_reply){.family = from->family, .sequence = sequence,
                                     .hop_limit = hop_limit, .bytes = bytes,
                                     .came_ns = ksim_system_time_ns()};
        memcpy(reply->from, from->bytes, sizeof(reply->from));
        ksim_system_wake(&at->came);
        return;
    }
}

void
echo_desk_enter(struct echo_desk *desk, struct ksim *kernel, struct echo_customer *customer)
{
    desk->kernel = kernel;
    ksim_echo_listen(kernel, desk_hears, desk);
    customer->next = desk->customers;
    desk->customers = customer;
}

void
echo_desk_leave(struct echo_desk *desk, struct echo_customer *customer)
{
    struct echo_customer **link = &desk->customers;

    while (*link != NULL && *link != customer)
        link = &(*link)->next;
    if (*link != NULL)
        *link = customer->next;
}

bool
echo_customer_take(struct echo_customer *customer, struct echo_reply *reply)
{
    if (customer->count == 0)
        return false;
    *reply = customer->replies[0];
    customer->count--;
    memmove(&customer->replies[0], &customer->replies[1],
            customer->count * sizeof(customer->replies[0]));
    return true;
}
