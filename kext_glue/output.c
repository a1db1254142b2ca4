/* SPDX-License-Identifier: BSD-2-Clause */
/* if_output: from the stack into the queue. */
#include <frame.h>
#include <net/if.h>
#include <sys/errno.h>

#include "bpf.h"
#include "ifnet.h"
#include "kind.h"
#include "session.h"

/* Packets and bytes that ended the same way. */
struct tally {
    u_int32_t packets;
    u_int64_t bytes;
};

static void
tally_add(struct tally *tally, mbuf_t packet)
{
    tally->packets++;
    tally->bytes += mbuf_pkthdr_len(packet);
}

static void
list_push(mbuf_t *list, mbuf_t packet)
{
    mbuf_setnextpkt(packet, *list);
    *list = packet;
}

/* Takes the first packet off its list; returns the rest. */
static mbuf_t
list_pop(mbuf_t packet)
{
    mbuf_t next = mbuf_nextpkt(packet);

    if (next != NULL) {
        mbuf_setnextpkt(packet, NULL);
    }
    return next;
}

static bool
output_accept(mbuf_t packet, u_int32_t *family)
{
    if (tuntap_kind.output_classify(packet, family)) {
        return true;
    }
    if (tuntap_kind.output_prepare == NULL) {
        return false;
    }
    tuntap_kind.output_prepare(packet);
    return tuntap_kind.output_classify(packet, family);
}

/* Without the lock: takes out what cannot be carried and shows the rest to bpf, which has to
 * happen before a reader can have the packet. Returns the good ones, in order. */
static mbuf_t
output_sift(ifnet_t interface, mbuf_t packets, mbuf_t *rejected, struct tally *bad)
{
    mbuf_t first = NULL;
    mbuf_t last = NULL;
    mbuf_t packet;
    mbuf_t next;
    u_int32_t family;

    for (packet = packets; packet != NULL; packet = next) {
        next = list_pop(packet);
        if (!output_accept(packet, &family)) {
            tally_add(bad, packet);
            list_push(rejected, packet);
            continue;
        }
        tuntap_bpf_tap_out(interface, packet, family);
        if (last == NULL) {
            first = packet;
        } else {
            mbuf_setnextpkt(last, packet);
        }
        last = packet;
    }
    return first;
}

/* Lock held, unit up: in order, as long as there is room. */
static void
output_enqueue(struct tuntap_unit *unit, mbuf_t packets, mbuf_t *rejected, struct tally *full)
{
    bool was_empty = tt_queue_count(&unit->queue) == 0;
    struct tt_packet entry;
    mbuf_t next;

    entry.framing = unit->life.head_mode ? TT_FRAMING_HEAD : TT_FRAMING_BARE;
    for (; packets != NULL; packets = next) {
        next = list_pop(packets);
        entry.packet = packets;
        entry.length_bytes = (u_int32_t)mbuf_pkthdr_len(packets);
        if (entry.framing == TT_FRAMING_HEAD) {
            entry.length_bytes += TT_FAMILY_WORD_BYTES;
        }
        if (tt_queue_push(&unit->queue, entry) != TT_OK) {
            tally_add(full, packets);
            list_push(rejected, packets);
        }
    }
    /* Nobody sleeps while something is queued: one wake-up, of all, at the change is enough. */
    if (was_empty && tt_queue_count(&unit->queue) > 0) {
        tuntap_session_wake(unit);
    }
}

static void
output_drop_all(mbuf_t packets, mbuf_t *rejected, struct tally *down)
{
    mbuf_t next;

    for (; packets != NULL; packets = next) {
        next = mbuf_nextpkt(packets);
        tally_add(down, packets);
        list_push(rejected, packets);
    }
}

/* Lock held. */
static void
output_count_lost(struct tuntap_unit *unit, enum tt_cause cause, const struct tally *tally)
{
    if (tally->packets > 0) {
        tt_counters_add(&unit->counters, cause, tally->packets, tally->bytes);
    }
}

errno_t
tuntap_interface_output(ifnet_t interface, mbuf_t packets)
{
    struct tuntap_unit *unit = ifnet_softc(interface);
    struct tally bad = {0, 0};
    struct tally full = {0, 0};
    struct tally down = {0, 0};
    mbuf_t rejected = NULL;

    /* Down for sure: do not show to bpf what never passes. The lock decides below. */
    if ((ifnet_flags(interface) & IFF_UP) == 0) {
        output_drop_all(packets, &rejected, &down);
        packets = NULL;
    } else {
        packets = output_sift(interface, packets, &rejected, &bad);
    }
    tuntap_unit_lock(unit);
    if (tuntap_session_access(unit) == TT_OK) {
        output_enqueue(unit, packets, &rejected, &full);
    } else {
        output_drop_all(packets, &rejected, &down);
    }
    if (rejected != NULL) {
        output_count_lost(unit, TT_CAUSE_OUT_BAD, &bad);
        output_count_lost(unit, TT_CAUSE_OUT_FULL, &full);
        output_count_lost(unit, TT_CAUSE_OUT_DOWN, &down);
    }
    tuntap_unit_unlock(unit);

    if (rejected == NULL) {
        return 0;
    }
    (void)mbuf_freem_list(rejected);
    (void)ifnet_stat_increment_out(interface, 0, 0, bad.packets + full.packets + down.packets);
    if (down.packets > 0) {
        return ENETDOWN;
    }
    if (full.packets > 0) {
        return ENOBUFS;
    }
    return bad.packets > 0 ? EAFNOSUPPORT : 0;
}
