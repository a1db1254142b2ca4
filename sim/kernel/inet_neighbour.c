/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_neighbour.h>

#include <arp.h>
#include <nd6.h>

#define SECOND_NS 1000000000ULL

enum neighbour_state { NEIGHBOUR_UNRESOLVED, NEIGHBOUR_KNOWN, NEIGHBOUR_DEAD };

enum {
    ND6_QUESTIONS = 3,
    QUESTION_SECONDS = 1
};

struct inet_neighbour {
    struct inet_neighbour *next;
    ifnet_t interface;
    uint8_t family;
    uint8_t address[16];
    uint8_t link[WIRE_LINK_BYTES];
    enum neighbour_state state;
    unsigned questions;
    uint64_t until_ns; /* next question, or the end of KNOWN and DEAD */
    mbuf_t held;
};

static size_t
address_bytes(uint8_t family)
{
    return family == 4 ? 4 : 16;
}

static struct inet_neighbour *
neighbour_find(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    struct inet_neighbour *at;

    for (at = inet_current()->neighbours; at != NULL; at = at->next) {
        if (at->interface == interface && at->family == family &&
            wire_same(at->address, address, address_bytes(family))) {
            return at;
        }
    }
    return NULL;
}

/*
 * Takes an entry out of a full cache and returns it: the oldest without a packet, else the oldest. NULL:
 * there is room.
 */
static struct inet_neighbour *
neighbours_make_room(void)
{
    struct inet_neighbour **link, **oldest = NULL, **idle = NULL, *gone;
    size_t count = 0;

    for (link = &inet_current()->neighbours; *link != NULL; link = &(*link)->next) {
        count++;
        oldest = link;
        if ((*link)->held == NULL) {
            idle = link;
        }
    }
    if (count < NEIGHBOUR_LIMIT) {
        return NULL;
    }
    link = idle != NULL ? idle : oldest;
    gone = *link;
    *link = gone->next;
    return gone;
}

static void
held_drop(mbuf_t held)
{
    if (held != NULL) {
        inet_count(INET_COUNT_WAITERS_DROPPED);
        mbuf_freem(held);
    }
}

/* *evicted is a packet for the caller to drop, or NULL: dropping yields, after which entries may be gone. */
static struct inet_neighbour *
neighbour_create(ifnet_t interface, uint8_t family, const uint8_t *address, mbuf_t *evicted)
{
    struct inet_system *inet = inet_current();
    struct inet_neighbour *made, *gone = neighbours_make_room();

    *evicted = gone == NULL ? NULL : gone->held;
    machine_free(gone);
    made = machine_allocate(sizeof(*made), "inet neighbour");
    machine_fill(made, 0, sizeof(*made));
    made->interface = interface;
    made->family = family;
    machine_copy(made->address, address, address_bytes(family));
    made->state = NEIGHBOUR_UNRESOLVED;
    made->next = inet->neighbours;
    inet->neighbours = made;
    return made;
}

static void
neighbour_ask(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    if (family == 4) {
        (void)ksim_arp_ask(interface, wire_load32(address));
    } else {
        (void)ksim_nd6_ask(interface, address);
    }
}

bool
inet_neighbour_lookup(ifnet_t interface, uint8_t family, const uint8_t *address, uint8_t *link)
{
    const struct inet_neighbour *known = neighbour_find(interface, family, address);

    if (known == NULL || known->state != NEIGHBOUR_KNOWN || known->until_ns <= machine_now_ns()) {
        return false;
    }
    machine_copy(link, known->link, WIRE_LINK_BYTES);
    return true;
}

errno_t
inet_neighbour_resolve(ifnet_t interface, uint8_t family, const uint8_t *address, mbuf_t packet,
                       uint8_t *link)
{
    struct inet_neighbour *neighbour;
    uint64_t now_ns = machine_now_ns();
    uint8_t wanted[16] = {0};
    mbuf_t older, evicted = NULL;
    bool ask;

    if (inet_neighbour_lookup(interface, family, address, link)) {
        return 0;
    }
    machine_copy(wanted, address, address_bytes(family));
    neighbour = neighbour_find(interface, family, wanted);
    if (neighbour == NULL) {
        neighbour = neighbour_create(interface, family, wanted, &evicted);
    }
    if (neighbour->state == NEIGHBOUR_DEAD && neighbour->until_ns > now_ns) {
        return EHOSTUNREACH;
    }
    ask = neighbour->state != NEIGHBOUR_UNRESOLVED || neighbour->questions == 0;
    neighbour->state = NEIGHBOUR_UNRESOLVED;
    older = neighbour->held;
    neighbour->held = packet;
    if (ask) {
        neighbour->questions = 1;
        neighbour->until_ns = now_ns + QUESTION_SECONDS * SECOND_NS;
        inet_timer_need(neighbour->until_ns);
    }
    held_drop(evicted);
    held_drop(older);
    if (ask) {
        neighbour_ask(interface, family, wanted);
    }
    return EJUSTRETURN;
}

static void
held_send(ifnet_t interface, uint8_t family, const uint8_t *address, mbuf_t held)
{
    struct sockaddr_in destination4;
    struct sockaddr_in6 destination6;
    errno_t error;

    if (family == 4) {
        inet4_sockaddr(&destination4, wire_load32(address));
        error = ifnet_output(interface, PF_INET, held, NULL, (struct sockaddr *)&destination4);
    } else {
        inet6_sockaddr(&destination6, address, interface);
        error = ifnet_output(interface, PF_INET6, held, NULL, (struct sockaddr *)&destination6);
    }
    (void)inet_count_unsent(error);
}

bool
inet_neighbour_learn(ifnet_t interface, uint8_t family, const uint8_t *address, const uint8_t *link,
                     bool create)
{
    const struct inet_settings *settings = &inet_current()->settings;
    struct inet_neighbour *neighbour = neighbour_find(interface, family, address);
    mbuf_t held, evicted = NULL;
    bool awaited;

    if (neighbour == NULL) {
        if (!create) {
            return false;
        }
        neighbour = neighbour_create(interface, family, address, &evicted);
        neighbour->state = NEIGHBOUR_KNOWN;
    }
    awaited = neighbour->state == NEIGHBOUR_UNRESOLVED;
    machine_copy(neighbour->link, link, WIRE_LINK_BYTES);
    neighbour->state = NEIGHBOUR_KNOWN;
    neighbour->questions = 0;
    neighbour->until_ns =
        machine_now_ns() + (uint64_t)settings->neighbour_known_seconds * SECOND_NS;
    held = neighbour->held;
    neighbour->held = NULL;
    held_drop(evicted);
    if (held != NULL) {
        held_send(interface, family, address, held);
    }
    return awaited;
}

/* Asks one more time, or gives the neighbour up. The entry may be gone when this returns. */
static void
neighbour_overdue(struct inet_neighbour *neighbour, uint64_t now_ns)
{
    const struct inet_settings *settings = &inet_current()->settings;
    unsigned limit = neighbour->family == 4 ? (unsigned)settings->arp_questions : ND6_QUESTIONS;
    uint8_t address[16];
    mbuf_t held;

    if (neighbour->questions < limit) {
        neighbour->questions++;
        neighbour->until_ns = now_ns + QUESTION_SECONDS * SECOND_NS;
        machine_copy(address, neighbour->address, sizeof(address));
        neighbour_ask(neighbour->interface, neighbour->family, address);
        return;
    }
    held = neighbour->held;
    neighbour->held = NULL;
    neighbour->state = NEIGHBOUR_DEAD;
    neighbour->questions = 0;
    neighbour->until_ns = now_ns + (uint64_t)settings->neighbour_dead_seconds * SECOND_NS;
    held_drop(held);
}

uint64_t
inet_neighbours_tick(uint64_t now_ns)
{
    struct inet_neighbour *at;
    uint64_t next_ns = 0;

    at = inet_current()->neighbours;
    while (at != NULL) {
        if (at->state != NEIGHBOUR_UNRESOLVED) {
            at = at->next;
            continue;
        }
        if (at->until_ns <= now_ns) {
            /* The driver ran: the list may be another one. */
            neighbour_overdue(at, now_ns);
            next_ns = 0;
            at = inet_current()->neighbours;
            continue;
        }
        if (next_ns == 0 || at->until_ns < next_ns) {
            next_ns = at->until_ns;
        }
        at = at->next;
    }
    return next_ns;
}

static struct inet_neighbour *
neighbour_unlink_first(ifnet_t interface, uint8_t family)
{
    struct inet_neighbour **link, *found;

    for (link = &inet_current()->neighbours; *link != NULL; link = &(*link)->next) {
        found = *link;
        if ((interface == NULL || found->interface == interface) &&
            (family == 0 || found->family == family)) {
            *link = found->next;
            return found;
        }
    }
    return NULL;
}

void
inet_neighbours_forget(ifnet_t interface, uint8_t family)
{
    struct inet_neighbour *gone;

    while ((gone = neighbour_unlink_first(interface, family)) != NULL) {
        held_drop(gone->held);
        machine_free(gone);
    }
}

bool
inet_neighbour_delete(uint8_t family, const uint8_t *address)
{
    struct inet_neighbour **link = &inet_current()->neighbours, *gone;
    bool found = false;

    while ((gone = *link) != NULL) {
        if (gone->family != family || !wire_same(gone->address, address, address_bytes(family))) {
            link = &gone->next;
            continue;
        }
        *link = gone->next;
        held_drop(gone->held);
        machine_free(gone);
        found = true;
        link = &inet_current()->neighbours; /* freeing is a preemption point */
    }
    return found;
}

bool
inet_neighbour_row(unsigned position, struct ksim_neighbour_status *status)
{
    const struct inet_neighbour *at = inet_current()->neighbours;

    while (at != NULL && position-- > 0) {
        at = at->next;
    }
    if (at == NULL) {
        return false;
    }
    machine_fill(status, 0, sizeof(*status));
    status->family = at->family;
    machine_copy(status->address, at->address, sizeof(status->address));
    machine_copy(status->link_address, at->link, sizeof(status->link_address));
    machine_format(status->interface, sizeof(status->interface), "%s", at->interface->xname);
    status->state = at->state == NEIGHBOUR_UNRESOLVED ? KSIM_NEIGHBOUR_INCOMPLETE
                    : at->state == NEIGHBOUR_KNOWN    ? KSIM_NEIGHBOUR_KNOWN
                                                      : KSIM_NEIGHBOUR_DEAD;
    status->until_ns = at->until_ns;
    return true;
}

void
inet_neighbours_drain(void)
{
    inet_neighbours_forget(NULL, 0);
}
