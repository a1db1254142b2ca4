/* SPDX-License-Identifier: BSD-2-Clause */
#include "cdev_io.h"

#include <frame.h>
#include <libkern/libkern.h>
#include <net/kpi_interface.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/vnode.h>

#include "errno_map.h"
#include "input.h"
#include "kind.h"
#include "mbuf.h"
#include "session.h"

/* Lock held at entry and exit. 0: *packet is out of the queue and the caller's. */
static int
read_take(struct tuntap_unit *unit, bool nonblocking, struct tt_packet *packet)
{
    struct tt_unit_ticket ticket;
    enum tt_error verdict;
    bool wait;
    int error;

    (void)tuntap_session_access(unit);
    ticket = tt_unit_ticket_take(&unit->life);
    for (;;) {
        verdict = tt_unit_read_decide(&unit->life, ticket, tt_queue_count(&unit->queue) == 0,
            nonblocking, &wait);
        if (verdict != TT_OK) {
            return tuntap_errno_from(verdict);
        }
        if (!wait) {
            break;
        }
        error = msleep(&unit->queue, unit->lock, PZERO | PCATCH, tuntap_kind.name, NULL);
        if (error != 0) {
            return error; /* EINTR or ERESTART; nothing was taken */
        }
        (void)tuntap_session_access(unit);
    }
    (void)tt_queue_pop(&unit->queue, packet);
    return 0;
}

static int
read_copy_out(const struct tt_packet *packet, uio_t uio)
{
    u_int8_t word[TT_FAMILY_WORD_BYTES];
    int error = 0;

    if (packet->framing == TT_FRAMING_HEAD) {
        u_int32_t family = TT_FAMILY_NONE;

        (void)tuntap_kind.output_classify(packet->packet, &family);
        tt_family_word_encode((enum tt_family)family, word);
        error = uiomove((const char *)word, (int)sizeof(word), uio);
    }
    if (error == 0) {
        error = tuntap_packet_copy_out(packet->packet, uio);
    }
    return error;
}

/* Lock held. room_bytes is what the reader offered. */
static void
read_count(struct tuntap_unit *unit, const struct tt_packet *packet, user_ssize_t room_bytes,
    int error)
{
    struct tt_counters *counters = &unit->counters;
    u_int64_t bare_bytes = tt_packet_bare_length_bytes(*packet);
    u_int64_t lost_bytes;

    if (error != 0) {
        tt_counters_add(counters, TT_CAUSE_OUT_FAULT, 1, bare_bytes);
        return;
    }
    tt_counters_add(counters, TT_CAUSE_OUT_DELIVERED, 1, bare_bytes);
    if (room_bytes < (user_ssize_t)packet->length_bytes) {
        lost_bytes = packet->length_bytes - (u_int64_t)room_bytes;
        tt_counters_add(counters, TT_CAUSE_OUT_TRUNCATED, 1,
            lost_bytes < bare_bytes ? lost_bytes : bare_bytes);
    }
}

int
tuntap_cdev_read(struct tuntap_unit *unit, uio_t uio, int io_flags)
{
    user_ssize_t room_bytes = uio_resid(uio);
    struct tt_packet packet;
    ifnet_t interface;
    int error;

    tuntap_unit_lock(unit);
    error = read_take(unit, (io_flags & IO_NDELAY) != 0, &packet);
    if (error != 0) {
        tuntap_unit_unlock(unit);
        return error;
    }
    tuntap_session_use(unit);
    interface = unit->interface;
    tuntap_unit_unlock(unit);

    error = read_copy_out(&packet, uio);
    if (error == 0) {
        (void)ifnet_stat_increment_out(interface, 1, (u_int32_t)mbuf_pkthdr_len(packet.packet), 0);
    } else {
        (void)ifnet_stat_increment_out(interface, 0, 0, 1);
    }
    mbuf_freem(packet.packet);

    tuntap_unit_lock(unit);
    read_count(unit, &packet, room_bytes, error);
    tuntap_session_unuse_unlock(unit);
    return error;
}

/* What a write carries from step to step. */
struct write_state {
    struct tt_unit_ticket ticket;
    ifnet_t interface;
    bool head_mode;
    u_int32_t mtu_bytes;
    u_int64_t length_bytes; /* as written, family word included */
    u_int8_t start[TUNTAP_WRITE_START_BYTES];
    u_int32_t word_bytes; /* of start: the family word, which is not part of the packet */
    u_int32_t family;
    enum tt_cause cause; /* what became of it */
};

static enum tt_cause
cause_of_refusal(enum tt_error error)
{
    switch (error) {
    case TT_EMSGSIZE:
        return TT_CAUSE_IN_LONG;
    case TT_EAFNOSUPPORT:
        return TT_CAUSE_IN_FAMILY;
    default:
        return TT_CAUSE_IN_SHORT;
    }
}

/* From user memory to an mbuf. Error: no packet, state->cause says why. */
static int
write_copy_in(struct write_state *state, uio_t uio, mbuf_t *packet)
{
    int error;

    state->word_bytes = state->head_mode ? TT_FAMILY_WORD_BYTES : 0;
    if (state->word_bytes > 0) {
        error = uiomove((const char *)state->start, (int)state->word_bytes, uio);
        if (error != 0) {
            state->cause = TT_CAUSE_IN_FAULT;
            return error;
        }
    }
    error = tuntap_packet_allocate((size_t)state->length_bytes - state->word_bytes,
        tuntap_kind.write_pad_bytes, packet);
    if (error != 0) {
        state->cause = TT_CAUSE_IN_NO_MEMORY;
        return error;
    }
    error = tuntap_packet_copy_in(*packet, uio);
    if (error != 0) {
        state->cause = TT_CAUSE_IN_FAULT;
        mbuf_freem(*packet);
        *packet = NULL;
    }
    return error;
}

/* Is it a packet? */
static int
write_judge(struct write_state *state, mbuf_t packet)
{
    struct tt_bytes start = {state->start, state->word_bytes};
    struct tuntap_write_verdict verdict;

    if (state->word_bytes == 0) {
        start = tuntap_packet_start(packet, state->start, sizeof(state->start));
    } else {
        start.length_bytes += tuntap_packet_peek(packet, state->start + state->word_bytes,
            sizeof(state->start) - state->word_bytes);
    }
    verdict = tuntap_kind.write_parse(start, state->length_bytes, state->head_mode,
        state->mtu_bytes);
    if (verdict.error != TT_OK) {
        state->cause = cause_of_refusal(verdict.error);
    }
    state->family = verdict.family;
    return tuntap_errno_from(verdict.error);
}

/* Has the session been up all the time the copying took? */
static int
write_recheck(struct tuntap_unit *unit, struct write_state *state)
{
    enum tt_error verdict;

    tuntap_unit_lock(unit);
    (void)tuntap_session_access(unit);
    verdict = tt_unit_ticket_check(&unit->life, state->ticket);
    tuntap_unit_unlock(unit);
    if (verdict != TT_OK) {
        state->cause = TT_CAUSE_IN_DOWN;
    }
    return tuntap_errno_from(verdict);
}

/* Last, so that what is no packet is told so, and nothing between here and the stack can fail. */
static int
write_admit(struct tuntap_unit *unit, struct write_state *state)
{
    int error = tuntap_input_admit(unit);

    if (error != 0) {
        state->cause = TT_CAUSE_IN_FULL;
    }
    return error;
}

/* The program is told by errno; whoever looks for the fault is told here. */
static void
write_log_family(const struct tuntap_unit *unit)
{
    if (tuntap_log_permit()) {
        printf("%s%u: refused a packet that is neither IPv4 nor IPv6, or not what its head says\n",
            tuntap_kind.name, unit->number);
    }
}

/* Everything between the two locks of a write. */
static int
write_carry(struct tuntap_unit *unit, struct write_state *state, uio_t uio)
{
    mbuf_t packet = NULL;
    enum tt_error verdict;
    int error;

    state->mtu_bytes = ifnet_mtu(state->interface);
    verdict = tuntap_kind.write_length_check(state->length_bytes, state->head_mode,
        state->mtu_bytes);
    if (verdict != TT_OK) {
        state->cause = cause_of_refusal(verdict);
        return tuntap_errno_from(verdict);
    }
    error = write_copy_in(state, uio, &packet);
    if (error != 0) {
        return error;
    }
    error = write_judge(state, packet);
    if (error == 0) {
        error = write_recheck(unit, state);
    }
    if (error == 0) {
        error = write_admit(unit, state);
    }
    if (error != 0) {
        mbuf_freem(packet);
        if (state->cause == TT_CAUSE_IN_FAMILY) {
            write_log_family(unit);
        }
        return error;
    }
    /* Gone whatever it says. An error means that the interface is being removed. */
    if (tuntap_interface_input(state->interface, packet, state->family) != 0) {
        state->cause = TT_CAUSE_IN_REFUSED;
        return EIO;
    }
    state->cause = TT_CAUSE_IN_DELIVERED;
    return 0;
}

/* What was delivered the kernel counts itself (tuntap_interface_input). */
static void
write_count_lost(const struct write_state *state)
{
    struct ifnet_stat_increment_param statistics;

    memset(&statistics, 0, sizeof(statistics));
    statistics.errors_in = tt_cause_fate(state->cause) == TT_FATE_ERROR;
    statistics.dropped = tt_cause_fate(state->cause) == TT_FATE_DROPPED;
    (void)ifnet_stat_increment(state->interface, &statistics);
}

int
tuntap_cdev_write(struct tuntap_unit *unit, uio_t uio)
{
    struct write_state state = {.length_bytes = (u_int64_t)uio_resid(uio)};
    enum tt_error verdict;
    int error;

    tuntap_unit_lock(unit);
    verdict = tuntap_session_access(unit);
    if (verdict != TT_OK) {
        tt_counters_add(&unit->counters, TT_CAUSE_IN_DOWN, 1, state.length_bytes);
        tuntap_unit_unlock(unit);
        return tuntap_errno_from(verdict);
    }
    state.ticket = tt_unit_ticket_take(&unit->life);
    state.head_mode = unit->life.head_mode;
    state.interface = unit->interface;
    tuntap_session_use(unit);
    tuntap_unit_unlock(unit);

    error = write_carry(unit, &state, uio);
    if (error != 0) {
        write_count_lost(&state);
    }

    tuntap_unit_lock(unit);
    tt_counters_add(&unit->counters, state.cause, 1, state.length_bytes);
    tuntap_session_unuse_unlock(unit);
    return error;
}
