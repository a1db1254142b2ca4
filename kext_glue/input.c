/* SPDX-License-Identifier: BSD-2-Clause */
#include "input.h"

#include <backlog.h>
#include <libkern/OSAtomic.h>

#include "bpf.h"
#include "errno_map.h"
#include "kind.h"
#include "session.h"

/* 'brdg', which XNU's bridge attaches to each member; its name is in no public header. */
#define PROTOCOL_BRIDGE 0x62726467u

/* One word and nothing beside it: whoever sees the old one sees all that was known then. */
static struct tt_backlog_verdict
backlog_step(struct tuntap_unit *unit, struct tt_backlog_verdict (*step)(u_int32_t word))
{
    struct tt_backlog_verdict verdict;
    u_int32_t word;

    do {
        word = OSBitOrAtomic(0, &unit->backlog);
        verdict = step(word);
    } while (verdict.next != word && !OSCompareAndSwap(word, verdict.next, &unit->backlog));
    return verdict;
}

void
tuntap_input_begin(struct tuntap_unit *unit)
{
    (void)backlog_step(unit, tt_backlog_watch);
    (void)backlog_step(unit, tt_backlog_restart);
}

void
tuntap_input_restart(struct tuntap_unit *unit)
{
    (void)backlog_step(unit, tt_backlog_restart);
}

void
tuntap_input_protocols_changed(struct tuntap_unit *unit)
{
    bool bridged = tt_protocol_attached(&unit->protocols, PROTOCOL_BRIDGE);

    if (backlog_step(unit, bridged ? tt_backlog_unwatch : tt_backlog_watch).wake) {
        tuntap_session_wake_writers(unit);
    }
}

errno_t
tuntap_input_admit(struct tuntap_unit *unit)
{
    return tuntap_errno_from(backlog_step(unit, tt_backlog_add).error);
}

/* Whoever waits was recorded before the lock he held is free for this thread. */
void
tuntap_input_seen(struct tuntap_unit *unit)
{
    if (backlog_step(unit, tt_backlog_remove).wake) {
        tuntap_unit_lock(unit);
        tuntap_session_wake_writers(unit);
        tuntap_unit_unlock(unit);
    }
}

bool
tuntap_input_is_full(struct tuntap_unit *unit)
{
    return backlog_step(unit, tt_backlog_ask).error != TT_OK;
}

errno_t
tuntap_interface_input(ifnet_t interface, mbuf_t packet, u_int32_t family)
{
    const struct ifnet_stat_increment_param statistics = {
        .packets_in = 1, .bytes_in = (u_int32_t)mbuf_pkthdr_len(packet)};
    errno_t error;

    (void)mbuf_pkthdr_setrcvif(packet, interface);
    tuntap_bpf_tap_in(interface, packet, family);
    tuntap_kind.input_prepare(packet);
    /* Statistics given explicitly: with NULL kernels from 10.12 on count by themselves, older ones
     * do not. */
    error = ifnet_input(interface, packet, &statistics);
    if (error != 0) {
        tuntap_input_seen(ifnet_softc(interface));
    }
    return error;
}
