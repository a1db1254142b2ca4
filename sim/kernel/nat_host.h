/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_NAT_HOST_H
#define KSIM_NAT_HOST_H

/*
 * What pfctl(8) asks of pf, one call for each of its requests on /dev/pf. Plain types only. Calls with
 * a process run on a thread of it; they return 0 or -errno (Darwin): EACCES for everybody but
 * root, because /dev/pf is 0600.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;
struct process;

/*
 * nat on `interface` [inet] from `from`/`from_bits` to `to`/`to_bits` -> target. With `target_dynamic` the
 * target is the first address of `target_interface` whenever a flow begins: "(en0)". Addresses are in
 * network order, masked.
 */
struct ksim_nat_rule {
    char interface[16];
    uint8_t from[4];
    unsigned from_bits;
    uint8_t to[4];
    unsigned to_bits;
    bool target_dynamic;
    char target_interface[16];
    uint8_t target[4];
};

/* One flow, as `pfctl -s state` shows it. Ports are 0 where the protocol has none. */
struct ksim_nat_status {
    uint8_t protocol;
    uint8_t inside[4], mapped[4], remote[4];
    uint16_t inside_port, mapped_port, remote_port;
    unsigned progress[2]; /* of the inside, of the remote: enum nat_progress of ip_nat.h */
    uint64_t expires_in_ns;
};

/* DIOCSTART, DIOCSTOP. EEXIST: is enabled already; ENOENT: is not. */
int ksim_nat_enable(struct process *process, bool on);
/* Puts these in the place of all rules; states stay. E2BIG for more than 32; EINVAL. */
int ksim_nat_load(struct process *process, const struct ksim_nat_rule *rules, unsigned count);
/* Forgets all states; their number. */
int ksim_nat_flush_states(struct process *process);
/* 1 and the index-th, 0 past the last one. States are newest first. */
int ksim_nat_rule_at(struct process *process, unsigned index, struct ksim_nat_rule *rule);
int ksim_nat_state_at(struct process *process, unsigned index, struct ksim_nat_status *status);
/* 1 when enabled, else 0. */
int ksim_nat_is_enabled(struct process *process);

/*
 * The first IPv4 address and mask of an interface: what pfctl looks up for `tun0:network` while it
 * reads the rules. False when there is none.
 */
bool ksim_nat_interface_network(struct ksim *ksim, const char *name, uint8_t address[4],
                                unsigned *prefix_bits);

#endif
