/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip_nat.h>

#define SECOND_NS 1000000000ULL

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4 };

/* pf's defaults, in seconds (pf.conf(5), set timeout). */
enum {
    TCP_FIRST = 120,
    TCP_OPENING = 30,
    TCP_ESTABLISHED = 86400,
    TCP_CLOSING = 900,
    TCP_FINWAIT = 45,
    TCP_CLOSED = 90,
    UDP_FIRST = 60,
    UDP_SINGLE = 30,
    UDP_MULTIPLE = 60,
    ICMP_FIRST = 20,
    ICMP_ERROR = 10
};

static struct nat_system *
nat_current(void)
{
    return inet_current()->nat;
}

void
ksim_nat_boot(struct inet_system *inet)
{
    inet->nat = machine_allocate(sizeof(*inet->nat), "nat system");
    machine_fill(inet->nat, 0, sizeof(*inet->nat));
    inet->nat->next_port = NAT_PORT_FIRST;
}

/* --- states -------------------------------------------------------------------------------------- */

/* The state that `matches`, or NULL. States whose time has come are dropped on the way. */
static struct nat_state *
state_find(bool (*matches)(const struct nat_state *state, const struct nat_view *view),
           const struct nat_view *view)
{
    struct nat_system *nat = nat_current();
    struct nat_state **link = &nat->states, *at;

    while ((at = *link) != NULL) {
        if (at->until_ns <= machine_now_ns()) {
            *link = at->next;
            nat->state_count--;
            machine_free(at);
            continue;
        }
        if (matches(at, view)) {
            return at;
        }
        link = &at->next;
    }
    return NULL;
}

static bool
matches_outgoing(const struct nat_state *state, const struct nat_view *view)
{
    return state->protocol == view->protocol && state->inside == wire_load32(view->header + 12) &&
           state->remote == wire_load32(view->header + 16) &&
           state->inside_port == view->source_port &&
           (view->protocol == WIRE_ICMP || state->remote_port == view->destination_port);
}

static bool
matches_incoming(const struct nat_state *state, const struct nat_view *view)
{
    return state->protocol == view->protocol && state->mapped == wire_load32(view->header + 16) &&
           state->remote == wire_load32(view->header + 12) &&
           state->mapped_port == view->destination_port &&
           (view->protocol == WIRE_ICMP || state->remote_port == view->source_port);
}

/* The quoted packet had come from the remote for the inside. */
static bool
matches_outgoing_error(const struct nat_state *state, const struct nat_view *view)
{
    const struct nat_quote *quote = &view->quoted;

    return state->protocol == quote->protocol && state->inside == quote->destination &&
           state->remote == quote->source && state->inside_port == quote->destination_port &&
           (quote->protocol == WIRE_ICMP || state->remote_port == quote->source_port);
}

/* The quoted packet had left with the mapped address. */
static bool
matches_incoming_error(const struct nat_state *state, const struct nat_view *view)
{
    const struct nat_quote *quote = &view->quoted;

    return state->protocol == quote->protocol && state->mapped == quote->source &&
           state->remote == quote->destination && state->mapped_port == quote->source_port &&
           (quote->protocol == WIRE_ICMP || state->remote_port == quote->destination_port);
}

static unsigned
tcp_seconds(const struct nat_state *state)
{
    const enum nat_progress inside = state->progress[0], remote = state->progress[1];

    if (inside == NAT_RESET || remote == NAT_RESET) {
        return TCP_CLOSED;
    }
    if (inside == NAT_CLOSING && remote == NAT_CLOSING) {
        return TCP_FINWAIT;
    }
    if (inside == NAT_CLOSING || remote == NAT_CLOSING) {
        return TCP_CLOSING;
    }
    if (inside == NAT_ESTABLISHED && remote == NAT_ESTABLISHED) {
        return TCP_ESTABLISHED;
    }
    return remote == NAT_NOTHING ? TCP_FIRST : TCP_OPENING;
}

static unsigned
state_seconds(const struct nat_state *state)
{
    const bool answered = state->progress[1] != NAT_NOTHING;

    switch (state->protocol) {
    case WIRE_TCP:
        return tcp_seconds(state);
    case WIRE_ICMP:
        return answered ? ICMP_ERROR : ICMP_FIRST;
    default:
        if (!answered) {
            return UDP_FIRST;
        }
        return state->progress[0] == NAT_ESTABLISHED ? UDP_MULTIPLE : UDP_SINGLE;
    }
}

/* One more packet from an end (0 the inside): how far the flow is, and how long it may now be silent. */
static void
state_advance(struct nat_state *state, unsigned end, uint8_t tcp_flags)
{
    enum nat_progress *now = &state->progress[end];

    if (state->protocol != WIRE_TCP) {
        *now = *now == NAT_NOTHING ? NAT_OPENING : NAT_ESTABLISHED;
    } else if ((tcp_flags & TCP_RST) != 0) {
        *now = NAT_RESET;
    } else if ((tcp_flags & TCP_FIN) != 0) {
        *now = *now == NAT_RESET ? NAT_RESET : NAT_CLOSING;
    } else if ((tcp_flags & TCP_SYN) != 0) {
        *now = NAT_OPENING;
    } else if (*now < NAT_ESTABLISHED) {
        *now = NAT_ESTABLISHED;
    }
    /* The remote's SYN is acknowledged by what the inside sends next, so both are there. */
    if (state->protocol == WIRE_TCP && end == 0 && *now == NAT_ESTABLISHED &&
        state->progress[1] == NAT_OPENING) {
        state->progress[1] = NAT_ESTABLISHED;
    }
    state->until_ns = machine_now_ns() + state_seconds(state) * SECOND_NS;
}

/* --- a new flow ---------------------------------------------------------------------------------- */

static bool
in_network(uint32_t address, const uint8_t network[4], unsigned prefix_bits)
{
    uint8_t bytes[4];

    wire_store32(bytes, address);
    return wire_same_prefix(bytes, network, prefix_bits);
}

static const struct ksim_nat_rule *
rule_find(ifnet_t interface, const struct nat_view *view)
{
    const struct nat_system *nat = nat_current();
    const struct ksim_nat_rule *at;

    for (unsigned i = 0; i < nat->rule_count; i++) {
        at = &nat->rules[i];
        if (wire_same(at->interface, interface->xname, sizeof(at->interface)) &&
            in_network(wire_load32(view->header + 12), at->from, at->from_bits) &&
            in_network(wire_load32(view->header + 16), at->to, at->to_bits)) {
            return at;
        }
    }
    return NULL;
}

/* The address that flows get; 0 when the interface has none now. */
static uint32_t
rule_target(const struct ksim_nat_rule *rule)
{
    ifnet_t interface;
    const struct inet4_address *first;

    if (!rule->target_dynamic) {
        return wire_load32(rule->target);
    }
    interface = ksim_interface_peek(rule->target_interface);
    first = interface == NULL ? NULL : inet4_address_first(interface);
    return first == NULL ? 0 : inet4_address_value(first);
}

/* Two flows to one remote end must not look the same from there. */
static bool
port_is_taken(const struct nat_system *nat, const struct nat_state *wanted, uint16_t port)
{
    const struct nat_state *at;

    for (at = nat->states; at != NULL; at = at->next) {
        if (at->protocol == wanted->protocol && at->mapped == wanted->mapped &&
            at->remote == wanted->remote && at->remote_port == wanted->remote_port &&
            at->mapped_port == port) {
            return true;
        }
    }
    return false;
}

static bool
port_choose(struct nat_system *nat, struct nat_state *state)
{
    const bool numbered = state->protocol == WIRE_TCP || state->protocol == WIRE_UDP ||
                          state->protocol == WIRE_ICMP;
    uint16_t port;

    if (!numbered) {
        return !port_is_taken(nat, state, 0);
    }
    for (unsigned tries = 0; tries <= NAT_PORT_LAST - NAT_PORT_FIRST; tries++) {
        port = nat->next_port;
        nat->next_port = port == NAT_PORT_LAST ? NAT_PORT_FIRST : (uint16_t)(port + 1);
        if (!port_is_taken(nat, state, port)) {
            state->mapped_port = port;
            return true;
        }
    }
    return false;
}

static struct nat_state *
state_create(ifnet_t interface, const struct nat_view *view, uint32_t mapped)
{
    struct nat_system *nat = nat_current();
    struct nat_state wanted = {.interface = interface, .protocol = view->protocol}, *made;

    wanted.inside = wire_load32(view->header + 12);
    wanted.remote = wire_load32(view->header + 16);
    wanted.mapped = mapped;
    wanted.inside_port = view->source_port;
    wanted.remote_port = view->protocol == WIRE_ICMP ? 0 : view->destination_port;
    if (nat->state_count >= NAT_STATES_MAX || !port_choose(nat, &wanted) ||
        machine_fault("nat state")) {
        return NULL;
    }
    made = machine_allocate(sizeof(*made), "nat state");
    *made = wanted;
    made->next = nat->states;
    nat->states = made;
    nat->state_count++;
    return made;
}

/* --- packets ------------------------------------------------------------------------------------- */

static enum nat_verdict
error_output(struct nat_view *view)
{
    const struct nat_state *state = state_find(matches_outgoing_error, view);

    if (state == NULL) {
        return NAT_PASSED;
    }
    nat_view_set_quoted_destination(view, state->mapped, state->mapped_port);
    if (wire_load32(view->header + 12) != state->mapped) {
        nat_view_set_source(view, state->mapped, 0);
    }
    return NAT_TRANSLATED;
}

enum nat_verdict
ksim_nat_output(ifnet_t interface, uint8_t *datagram, size_t bytes)
{
    const struct ksim_nat_rule *rule;
    struct nat_state *state;
    struct nat_view view;
    uint32_t mapped;

    if (!nat_current()->enabled || !nat_view_read(&view, datagram, bytes)) {
        return NAT_PASSED;
    }
    if (view.error) {
        return error_output(&view);
    }
    state = state_find(matches_outgoing, &view);
    if (state == NULL || state->interface != interface) {
        rule = rule_find(interface, &view);
        if (rule == NULL) {
            return NAT_PASSED;
        }
        mapped = rule_target(rule);
        state = mapped == 0 ? NULL : state_create(interface, &view, mapped);
        if (state == NULL) {
            return NAT_REFUSED;
        }
    }
    state_advance(state, 0, view.tcp_flags);
    nat_view_set_source(&view, state->mapped, state->mapped_port);
    return NAT_TRANSLATED;
}

static bool
error_input(struct nat_view *view)
{
    const struct nat_state *state = state_find(matches_incoming_error, view);

    if (state == NULL) {
        return false;
    }
    nat_view_set_quoted_source(view, state->inside, state->inside_port);
    nat_view_set_destination(view, state->inside, 0);
    return true;
}

bool
ksim_nat_input(uint8_t *datagram, size_t bytes)
{
    struct nat_state *state;
    struct nat_view view;

    if (!nat_current()->enabled || !nat_view_read(&view, datagram, bytes)) {
        return false;
    }
    if (view.error) {
        return error_input(&view);
    }
    state = state_find(matches_incoming, &view);
    if (state == NULL) {
        return false;
    }
    state_advance(state, 1, view.tcp_flags);
    nat_view_set_destination(&view, state->inside, state->inside_port);
    return true;
}

bool
ksim_nat_joins(ifnet_t interface, uint32_t destination)
{
    const struct nat_system *nat = nat_current();

    return nat->enabled && nat->rule_count != 0 && inet_current()->settings.forwarding4 != 0 &&
           destination >> 28 != 14 && !inet4_is_broadcast(interface, destination);
}

unsigned
ksim_nat_flush(void)
{
    struct nat_system *nat = nat_current();
    const unsigned count = nat->state_count;
    struct nat_state *at;

    while ((at = nat->states) != NULL) {
        nat->states = at->next;
        machine_free(at);
    }
    nat->state_count = 0;
    return count;
}
