/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_DRIVER_H
#define TUNTAP_DRIVER_H

/*
 * The kext's one record: everything mutable hangs from tuntap_driver.
 *
 * LOCK ORDER (outermost first; never take one to the left while holding one to the right)
 *
 *     kernel's locks that may be held when it calls us: proto_family_mutex, ifnet_head, ifnet lock,
 *     bpf_mlock, socket locks
 *       -> unit->lock          mutex, one per unit: its life, queue, counters, protocol table
 *         -> driver->ledger_lock  spin, leaf: who is inside, which units are claimed, log budget
 *
 * With unit->lock held only these are called: core, atomics, lock-free accessors (ifnet_flags,
 * proc_pgrpid), wakeup,
 * selwakeup, selrecord, selthreadclear, mbuf_setnextpkt, mbuf_pkthdr_len, and msleep, which gives
 * it up. Never: proc_signal, ifnet_input, bpf, uiomove, attach, detach, proto_*, allocation, free, printf.
 *
 * unit->interface is written under unit->lock and, while a session has users (session.h), does not
 * change.
 */

#include <counters.h>
#include <kern/locks.h>
#include <libkern/OSTypes.h>
#include <mach/mach_types.h>
#include <net/kpi_interface.h>
#include <protocol.h>
#include <queue.h>
#include <sys/conf.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>
#include <unit.h>
#include <unit_table.h>

/* struct selinfo is opaque and at most 64 bytes; it wants the alignment of a pointer (kpi-rest
 * 2.7). */
#define TUNTAP_SELINFO_BYTES 128u
#define TUNTAP_OWNER_BYTES 32u
#define TUNTAP_UNIQUE_ID_BYTES 80u

struct tuntap_unit {
    u_int64_t selinfo[TUNTAP_SELINFO_BYTES / sizeof(u_int64_t)];
    lck_mtx_t *lock;
    u_int32_t number;
    void *devfs_node;
    u_int32_t attach_failures; /* of this load; part of the interface's unique id (ifnet.c) */
    volatile UInt32 backlog;   /* atomic: written packets on their way into the stack (input.h) */

    /* Under lock. */
    struct tt_unit life;
    struct tt_queue queue; /* its address is the channel readers sleep on */
    struct tt_counters counters;
    struct tt_protocol_table protocols; /* written under the ifnet lock too: demux */
    mbuf_t trash;       /* packets to free when the lock is dropped; list by nextpkt */
    ifnet_t interface;  /* NULL without one; holds the reference of ifnet_allocate */
    u_int32_t users;    /* threads that use the session's interface without the lock */
    bool finished;      /* the life is over, the claim goes with the last user */
    u_int64_t ended_us; /* uptime when the last session ended; 0 = none has. Of the claim's owner */
    pid_t signal_pid;   /* who gets SIGIO, 0 nobody; of this session */
    pid_t signal_group; /* what TIOCGPGRP says of it */
    pid_t signal_due;   /* to be sent SIGIO when the lock is dropped; 0 nobody */
    pid_t owner_pid;
    char owner_name[TUNTAP_OWNER_BYTES];
};

struct tuntap_driver {
    lck_grp_t *lock_group;
    lck_spin_t *ledger_lock;
    struct tt_unit_table ledger; /* under ledger_lock */
    u_int32_t log_window_seconds; /* under ledger_lock */
    u_int32_t log_count;          /* under ledger_lock */

    /* Set by start before anybody can come in, constant until stop. */
    ifnet_family_t family;
    ifnet_t loopback; /* lo0, referenced; NULL if there is none */
    u_int32_t plumbed_count; /* plumb.c: how many plumbers this load registered */
    int device_major;
    struct cdevsw device_switch;

    struct tuntap_unit units[TT_UNIT_COUNT];
};

extern struct tuntap_driver tuntap_driver;

/* Makes locks and units; the door stays closed (enter says ENXIO) until tuntap_driver_open_door.
 * ENOMEM with everything undone. */
errno_t tuntap_driver_create(void);

/* Undoes create. Nobody may be inside. */
void tuntap_driver_destroy(void);

void tuntap_driver_open_door(void);

/* Closes the door if no unit is claimed and nobody is inside: 0, or EBUSY and nothing changed. */
errno_t tuntap_driver_close_door(void);

/* First and last thing of every device function. ENXIO: the door is closed (do not leave then). */
errno_t tuntap_driver_enter(void);
void tuntap_driver_leave(void);

/* enter, and the unit of the device. ENXIO also if there is no such unit (do not leave then). */
errno_t tuntap_driver_enter_device(dev_t device, struct tuntap_unit **unit);

/* A session takes a unit (EBUSY, ENXIO), and is gone for good. */
errno_t tuntap_driver_claim(struct tuntap_unit *unit);
void tuntap_driver_release(struct tuntap_unit *unit);

/* The unit whose interface this is, NULL if it is not ours. Any context. */
struct tuntap_unit *tuntap_driver_unit_of(ifnet_t interface);

/* unlock frees what was put into unit->trash meanwhile, and sends SIGIO to unit->signal_due. */
void tuntap_unit_lock(struct tuntap_unit *unit);
void tuntap_unit_unlock(struct tuntap_unit *unit);

/* May another message be printed now? At most 10 in 10 seconds. Not with a lock held. */
bool tuntap_log_permit(void);

/* Microseconds since boot, never 0. Any context. */
u_int64_t tuntap_driver_uptime_us(void);

/* Lets threads that have left, or were turned away, execute their last instructions. Sleeps 100
 * ms. */
void tuntap_driver_grace_wait(void);

#endif
