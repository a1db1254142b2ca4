/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include <libkern/libkern.h>
#include <net/if.h>
#include <sys/errno.h>
#include <sys/select.h>
#include <sys/systm.h>

#include "errno_map.h"
#include "ifnet.h"
#include "input.h"
#include "kind.h"

#define PURGE_BATCH 16u
#define REATTACH_US 100000u /* what the kernel's input thread gets to end */
#define NS_PER_US 1000

/* To the trash list, which unlock frees. */
static void
session_purge(struct tuntap_unit *unit)
{
    struct tt_packet batch[PURGE_BATCH];
    size_t count;
    size_t i;

    do {
        count = tt_queue_purge(&unit->queue, batch, PURGE_BATCH);
        for (i = 0; i < count; i++) {
            mbuf_setnextpkt(batch[i].packet, unit->trash);
            unit->trash = batch[i].packet;
            tt_counters_add(&unit->counters, TT_CAUSE_OUT_PURGED, 1,
                tt_packet_bare_length_bytes(batch[i]));
        }
    } while (count == PURGE_BATCH);
}

/* Lock held. The signal is sent when it is dropped. */
static void
session_notify(struct tuntap_unit *unit, bool asynchronous)
{
    selwakeup((struct selinfo *)unit->selinfo);
    if (asynchronous) {
        unit->signal_due = unit->signal_pid;
    }
}

/* Lock held: the event, and those actions that belong under the lock. ATTACH and DETACH are the
 * caller's. */
static struct tt_unit_verdict
session_step(struct tuntap_unit *unit, enum tt_unit_event event)
{
    bool asynchronous = unit->life.asynchronous; /* the end of the session clears it */
    struct tt_unit_verdict verdict = tt_unit_step(&unit->life, event);

    if (verdict.actions & TT_ACTION_PURGE) {
        session_purge(unit);
        tuntap_input_restart(unit);
    }
    if (verdict.actions & TT_ACTION_WAKE_READERS) {
        tuntap_session_wake_readers(unit);
    }
    if (verdict.actions & TT_ACTION_NOTIFY_SELECT) {
        session_notify(unit, asynchronous);
    }
    if (verdict.actions & TT_ACTION_FINISH) {
        unit->finished = true;
    }
    return verdict;
}

/* Entered with the lock held. Ends the session if its life is over and this was the last user. */
static void
session_unlock(struct tuntap_unit *unit)
{
    ifnet_t interface;

    if (!unit->finished || unit->users > 0) {
        tuntap_unit_unlock(unit);
        return;
    }
    interface = unit->interface;
    unit->interface = NULL;
    unit->finished = false;
    unit->ended_us = tuntap_driver_uptime_us();
    selthreadclear((struct selinfo *)unit->selinfo);
    tuntap_unit_unlock(unit);
    if (interface != NULL) {
        (void)ifnet_release(interface);
    }
    /* From here on the unit may be opened again. */
    tuntap_driver_release(unit);
}

static struct tt_unit_verdict
session_report(struct tuntap_unit *unit, enum tt_unit_event event)
{
    struct tt_unit_verdict verdict;

    tuntap_unit_lock(unit);
    verdict = session_step(unit, event);
    session_unlock(unit);
    return verdict;
}

/* A dead unit says so; anything else that is claimed is busy. */
static errno_t
session_claim(struct tuntap_unit *unit)
{
    errno_t error = tuntap_driver_claim(unit);

    if (error == EBUSY) {
        tuntap_unit_lock(unit);
        if (unit->life.state == TT_UNIT_DEAD) {
            error = ENXIO;
        }
        tuntap_unit_unlock(unit);
    }
    return error;
}

/* From 10.8 to 10.12 the kernel does not wait for an interface's own input thread when it detaches, and panics
 * when it attaches the same interface again before the thread is gone (facts kpi-ifnet 3.1, R1). Nothing tells when
 * it is; it was woken to end before the detached callback, and this is a long time for it. */
static void
session_wait_for_input_thread(struct tuntap_unit *unit)
{
    u_int64_t since_us = tuntap_driver_uptime_us() - unit->ended_us;
    struct timespec rest;

    if (unit->ended_us == 0 || since_us >= REATTACH_US) {
        return;
    }
    rest.tv_sec = 0;
    rest.tv_nsec = (long)(REATTACH_US - since_us) * NS_PER_US;
    /* Nobody wakes this channel. */
    (void)msleep(&unit->ended_us, NULL, PZERO, "tuntapreattach", &rest);
}

/* A unit that could be claimed is closed: the claim went with the end of its last session. */
static void
session_begin(struct tuntap_unit *unit, proc_t process)
{
    char name[TUNTAP_OWNER_BYTES] = {0};
    pid_t pid = proc_pid(process);
    pid_t group = proc_pgrpid(process);

    proc_selfname(name, (int)sizeof(name));
    tuntap_unit_lock(unit);
    (void)session_step(unit, TT_EVENT_OPEN);
    tuntap_input_begin(unit);
    tt_queue_init(&unit->queue, 0);
    tt_counters_init(&unit->counters);
    tt_protocol_table_init(&unit->protocols);
    unit->signal_pid = pid;
    unit->signal_group = group;
    unit->owner_pid = pid;
    memcpy(unit->owner_name, name, sizeof(name));
    tuntap_unit_unlock(unit);
}

errno_t
tuntap_session_open(struct tuntap_unit *unit, proc_t process)
{
    struct tt_unit_verdict verdict;
    errno_t error = session_claim(unit);

    if (error != 0) {
        return error;
    }
    if (tuntap_kind.private_input_thread) {
        session_wait_for_input_thread(unit);
    }
    session_begin(unit, process);
    error = tuntap_interface_create(unit);
    if (error != 0) {
        (void)session_report(unit, TT_EVENT_ATTACH_FAILED);
        return error;
    }
    verdict = session_report(unit, TT_EVENT_ATTACHED);
    return tuntap_errno_from(verdict.error);
}

errno_t
tuntap_session_close(struct tuntap_unit *unit)
{
    struct tt_unit_verdict verdict = session_report(unit, TT_EVENT_CLOSE);
    errno_t error;

    if ((verdict.actions & TT_ACTION_DETACH) == 0) {
        return tuntap_errno_from(verdict.error);
    }
    error = tuntap_interface_detach(unit);
    if (error != 0 && tuntap_log_permit()) {
        printf("%s%u: the interface could not be detached (error %d); the unit stays unusable\n",
            tuntap_kind.name, unit->number, error);
    }
    (void)session_report(unit, error == 0 ? TT_EVENT_DETACH_STARTED : TT_EVENT_DETACH_FAILED);
    return 0;
}

void
tuntap_session_detached(struct tuntap_unit *unit)
{
    (void)session_report(unit, TT_EVENT_DETACHED);
}

/* Lock held. Not every change of IFF_UP comes with an ioctl: other kexts may call ifnet_set_flags.
 * */
static void
session_catch_up(struct tuntap_unit *unit)
{
    bool believed_up = unit->life.state == TT_UNIT_UP || unit->life.state == TT_UNIT_OPENING_UP;
    bool up = (ifnet_flags(unit->interface) & IFF_UP) != 0; /* no interface: no flags */

    if (up != believed_up) {
        (void)session_step(unit, up ? TT_EVENT_IF_UP : TT_EVENT_IF_DOWN);
    }
}

void
tuntap_session_flags_changed(struct tuntap_unit *unit)
{
    tuntap_unit_lock(unit);
    session_catch_up(unit);
    tuntap_unit_unlock(unit);
}

enum tt_error
tuntap_session_access(struct tuntap_unit *unit)
{
    session_catch_up(unit);
    return tt_unit_access(&unit->life);
}

void
tuntap_session_use(struct tuntap_unit *unit)
{
    unit->users++;
}

void
tuntap_session_unuse_unlock(struct tuntap_unit *unit)
{
    unit->users--;
    session_unlock(unit);
}

void
tuntap_session_wake_readers(struct tuntap_unit *unit)
{
    wakeup(&unit->queue);
}

void
tuntap_session_wake(struct tuntap_unit *unit)
{
    tuntap_session_wake_readers(unit);
    session_notify(unit, unit->life.asynchronous);
}

/* One selinfo for both directions: who selects for reading looks again for nothing. */
void
tuntap_session_wake_writers(struct tuntap_unit *unit)
{
    selwakeup((struct selinfo *)unit->selinfo);
}
