/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit.h - one life of one unit: /dev/tunN or /dev/tapN together with its interface.
 *
 * The glue reports what happened as an event; tt_unit_step answers with the error to return and
 * with the actions to carry out. The state has changed when the call returns, so the actions may
 * be carried out after the lock is dropped. Every event in every state has a verdict; a refused
 * event changes nothing.
 *
 * Locks: none inside. The caller serialises all calls on one unit with the unit's lock.
 *
 * A life:  OPEN ->[ATTACH] ATTACHED -> (IF_UP | IF_DOWN)* -> CLOSE ->[.. PURGE DETACH]
 * DETACH_STARTED and DETACHED, in either order ->[FINISH]. The kernel's detached callback may
 * run before ifnet_detach returns or long after it, in another thread; only when both have been
 * reported is the unit free. Until then an open says EBUSY.
 *
 * What an open unit says to readers and writers: up: OK; not up or interface removed: EIO;
 * closing: ENXIO. Whoever sleeps takes a ticket first and asks with it after waking: a ticket is
 * void once the interface has been down or the session is over, even if by now all is up again.
 */
#ifndef TT_UNIT_H
#define TT_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum tt_unit_state {
    TT_UNIT_CLOSED = 0, /* nobody has it; no interface */
    TT_UNIT_OPENING,    /* a thread in open is creating the interface */
    TT_UNIT_OPENING_UP, /* the same, and somebody was quick to bring it up */
    TT_UNIT_DOWN,       /* open, interface not up */
    TT_UNIT_UP,         /* open, interface up: packets flow */
    TT_UNIT_GONE,       /* open, but the interface was removed by somebody else */
    TT_UNIT_CLOSING,    /* detach is to be called, or was and has not returned */
    TT_UNIT_DETACHING,  /* detach returned, the detached callback has not come */
    TT_UNIT_DETACHED,   /* the callback has come, detach has not returned */
    TT_UNIT_DEAD,       /* the kernel refused to detach: the unit is lost, the kext stays loaded */
    TT_UNIT_STOPPED,    /* the kext is being unloaded */
    TT_UNIT_STATE_COUNT
};

enum tt_unit_event {
    TT_EVENT_OPEN = 0,       /* open of the device */
    TT_EVENT_ATTACHED,       /* the interface is attached and set up: open succeeds */
    TT_EVENT_ATTACH_FAILED,  /* open fails and there is no interface */
    TT_EVENT_SETUP_FAILED,   /* open fails after attach: the interface must go again */
    TT_EVENT_IF_UP,          /* IFF_UP was set */
    TT_EVENT_IF_DOWN,        /* IFF_UP was cleared, or the interface is about to be detached */
    TT_EVENT_CLOSE,          /* last close of the device (also by revoke) */
    TT_EVENT_DETACH_STARTED, /* ifnet_detach returned success */
    TT_EVENT_DETACH_FAILED,  /* ifnet_detach returned an error */
    TT_EVENT_DETACHED,       /* the detached callback ran */
    TT_EVENT_STOP,           /* the kext wants to be unloaded */
    TT_EVENT_RESUME,         /* it could not be */
    TT_UNIT_EVENT_COUNT
};

/* Actions, to be carried out in the order of the bits. */
enum tt_unit_action {
    TT_ACTION_ATTACH = 1u << 0,        /* create and attach the interface, then report it */
    TT_ACTION_PURGE = 1u << 1,         /* take all packets out of the queue and free them */
    TT_ACTION_WAKE_READERS = 1u << 2,  /* wake every sleeping reader */
    TT_ACTION_NOTIFY_SELECT = 1u << 3, /* wake select, kevent and send SIGIO if asked for */
    TT_ACTION_DETACH = 1u << 4,        /* call ifnet_detach, then report what it returned */
    TT_ACTION_FINISH = 1u << 5         /* the session is over: release what it held */
};

struct tt_unit_verdict {
    enum tt_error error; /* TT_OK, or the reason why nothing changed */
    uint32_t actions;    /* enum tt_unit_action bits; 0 on error */
};

struct tt_unit {
    enum tt_unit_state state;
    uint32_t session;    /* number of the current or last open; 0 before the first, then never 0 */
    uint32_t down_count; /* times the interface went down or away, all sessions */
    bool nonblocking;    /* FIONBIO of this session; false at open */
    bool asynchronous;   /* FIOASYNC of this session; false at open */
    bool head_mode;      /* TUNSIFHEAD of this session; false at open */
};

/* What a thread keeps while it sleeps or copies without the lock. */
struct tt_unit_ticket {
    uint32_t session;
    uint32_t down_count;
};

/* A closed unit, whatever the memory held. */
void tt_unit_init(struct tt_unit *unit);

/* True if the state is one, and no session flag is set without a session. */
bool tt_unit_validate(const struct tt_unit *unit);

/* Reports an event. Errors: TT_EBUSY (open of an open or closing unit, stop of a unit in use),
 * TT_ENXIO (open of a stopped or dead unit, close or interface event without a session),
 * TT_EINVAL (an event that cannot happen in this state, or no event at all). Events that arrive
 * late and mean nothing any more, like IF_DOWN while detaching, are TT_OK without actions. */
struct tt_unit_verdict tt_unit_step(struct tt_unit *unit, enum tt_unit_event event);

/* May a packet pass now? TT_OK only in state UP. TT_EIO: open but not up. TT_ENXIO: not open.
 * For read, write, and the interface's output alike. */
enum tt_error tt_unit_access(const struct tt_unit *unit);

/* Taken before a sleep or a copy, under the lock. */
struct tt_unit_ticket tt_unit_ticket_take(const struct tt_unit *unit);

/* Asked after it, under the lock: TT_OK if the same session is up and has been all the time;
 * TT_EIO if it has been down since (even if it is up again); TT_ENXIO if the session is over. */
enum tt_error tt_unit_ticket_check(const struct tt_unit *unit, struct tt_unit_ticket ticket);

/* What a read should do now, under the lock: TT_OK take a packet; TT_EWOULDBLOCK nothing queued
 * and the caller must not wait (FIONBIO, or nonblocking_call for IO_NDELAY); TT_EIO, TT_ENXIO as
 * in ticket_check. If the caller is to sleep and ask again *wait is true and the error TT_OK; in
 * all other cases it is false. FIONBIO set by somebody else while the caller sleeps counts: wake
 * the readers after setting it. */
enum tt_error tt_unit_read_decide(const struct tt_unit *unit, struct tt_unit_ticket ticket,
    bool queue_empty, bool nonblocking_call, bool *wait);

/* Readiness for select: true if the next call would not wait - a packet is there, or the unit is
 * not up or dying and the call reports it. */
bool tt_unit_read_ready(const struct tt_unit *unit, bool queue_empty);

/* The same for writing; input_full says that the last packet was refused for lack of room. */
bool tt_unit_write_ready(const struct tt_unit *unit, bool input_full);

/* Is the device open, i.e. between a successful OPEN and CLOSE (or failure)? */
bool tt_unit_is_open(const struct tt_unit *unit);

/* Does the interface refer to us, so that the kext must stay? False only if CLOSED or STOPPED. */
bool tt_unit_in_use(const struct tt_unit *unit);

/* Names for people: "up", "closing", ...; "?" for a number that is none. Static strings. */
const char *tt_unit_state_name(enum tt_unit_state state);
const char *tt_unit_event_name(enum tt_unit_event event);

#endif
