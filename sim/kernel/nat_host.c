/* SPDX-License-Identifier: BSD-2-Clause */
#include <ip_nat.h>

#include <process.h>
#include <system_call.h>

/* /dev/pf is root's alone. */
static int
nat_enter(struct process *process, const char *name)
{
    ksim_call_begin(process, name);
    return process->uid == 0 ? 0 : EACCES;
}

static int
nat_leave(int error, const char *name)
{
    ksim_return_to_user(name);
    return -error;
}

int
ksim_nat_enable(struct process *process, bool on)
{
    struct nat_system *nat = inet_current()->nat;
    int error = nat_enter(process, "pf start");

    if (error == 0 && nat->enabled == on) {
        error = on ? EEXIST : ENOENT;
    }
    if (error == 0) {
        nat->enabled = on;
    }
    return nat_leave(error, "pf start");
}

static bool
rule_is_possible(const struct ksim_nat_rule *rule)
{
    return rule->interface[0] != '\0' && rule->from_bits <= 32 && rule->to_bits <= 32 &&
           (!rule->target_dynamic || rule->target_interface[0] != '\0');
}

/* Names are compared as whole fields, so what stands behind their end is cleared. */
static void
name_copy(char out[16], const char *name)
{
    size_t i;

    machine_fill(out, 0, 16);
    for (i = 0; i < 15 && name[i] != '\0'; i++) {
        out[i] = name[i];
    }
}

int
ksim_nat_load(struct process *process, const struct ksim_nat_rule *rules, unsigned count)
{
    struct nat_system *nat = inet_current()->nat;
    int error = nat_enter(process, "pf load");

    if (error == 0 && count > NAT_RULES_MAX) {
        error = E2BIG;
    }
    for (unsigned i = 0; i < count && error == 0; i++) {
        error = rule_is_possible(&rules[i]) ? 0 : EINVAL;
    }
    if (error == 0) {
        nat->rule_count = count;
        for (unsigned i = 0; i < count; i++) {
            nat->rules[i] = rules[i];
            name_copy(nat->rules[i].interface, rules[i].interface);
            name_copy(nat->rules[i].target_interface, rules[i].target_interface);
        }
    }
    return nat_leave(error, "pf load");
}

int
ksim_nat_flush_states(struct process *process)
{
    int error = nat_enter(process, "pf flush"), flushed = 0;

    if (error == 0) {
        flushed = (int)ksim_nat_flush();
    }
    (void)nat_leave(error, "pf flush");
    return error == 0 ? flushed : -error;
}

int
ksim_nat_rule_at(struct process *process, unsigned index, struct ksim_nat_rule *rule)
{
    const struct nat_system *nat = inet_current()->nat;
    int error = nat_enter(process, "pf rules"), found = 0;

    if (error == 0 && index < nat->rule_count) {
        *rule = nat->rules[index];
        found = 1;
    }
    (void)nat_leave(error, "pf rules");
    return error == 0 ? found : -error;
}

static void
state_describe(const struct nat_state *state, struct ksim_nat_status *status)
{
    status->protocol = state->protocol;
    wire_store32(status->inside, state->inside);
    wire_store32(status->mapped, state->mapped);
    wire_store32(status->remote, state->remote);
    status->inside_port = state->inside_port;
    status->mapped_port = state->mapped_port;
    status->remote_port = state->remote_port;
    status->progress[0] = state->progress[0];
    status->progress[1] = state->progress[1];
    status->expires_in_ns = state->until_ns - machine_now_ns();
}

int
ksim_nat_state_at(struct process *process, unsigned index, struct ksim_nat_status *status)
{
    int error = nat_enter(process, "pf states"), found = 0;
    const struct nat_state *at = inet_current()->nat->states;

    for (; error == 0 && found == 0 && at != NULL; at = at->next) {
        if (at->until_ns > machine_now_ns() && index-- == 0) {
            state_describe(at, status);
            found = 1;
        }
    }
    (void)nat_leave(error, "pf states");
    return error == 0 ? found : -error;
}

int
ksim_nat_is_enabled(struct process *process)
{
    int error = nat_enter(process, "pf status");

    (void)nat_leave(error, "pf status");
    return error == 0 ? inet_current()->nat->enabled : -error;
}

bool
ksim_nat_interface_network(struct ksim *ksim, const char *name, uint8_t address[4],
                           unsigned *prefix_bits)
{
    const ifnet_t interface = ksim_interface_peek(name);
    const struct inet4_address *first =
        interface == NULL ? NULL : inet4_address_first(interface);
    uint32_t mask;

    (void)ksim;
    if (first == NULL) {
        return false;
    }
    wire_store32(address, inet4_address_value(first));
    *prefix_bits = 0;
    for (mask = first->subnet_mask; (mask & 0x80000000U) != 0; mask <<= 1) {
        (*prefix_bits)++;
    }
    return true;
}
