/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOY_KEXT_H
#define TOY_KEXT_H

/*
 * A small character driver, /dev/toy0 to /dev/toy1, for the tests of devices, files, select, uio and
 * kexts: a mailbox of one message. Compiled like a kext; host code sees it through this header.
 *   write stores a message, read takes it or sleeps, select is ready to read when there is one.
 */

#include <stdbool.h>
#include <stdint.h>

struct kmod_info;

#define TOY_BUNDLE "org.example.toy"

enum { TOY_MESSAGE_BYTES = 64 };

/* Everything that can change, in one place: the data image of the kext. */
struct toy_state {
    /* what happened */
    unsigned opens, closes, reads, writes, ioctls, selects;
    unsigned selects_unlinked; /* of these, with no link to record: the second scan */
    int last_open_flags, last_close_flags, last_read_flags, last_ioctl_value, last_which;
    unsigned long last_command;
    int last_error; /* of uiomove or msleep */
    unsigned selinfo_bytes_touched; /* up to the last one that was not 0 */
    /* what it shall do */
    int open_error, ioctl_async_error;
    bool close_sleeps;      /* until a message is written, interruptibly */
    bool stop_fails;
    bool select_forgets;    /* no selrecord */
    bool clear_forgotten;   /* frees its selinfo without selthreadclear */
    bool lock_forgotten;    /* returns to user mode with the mutex held */
    bool copy_under_lock;   /* uiomove with the mutex held */
    bool remove_forgotten;  /* stop keeps its major */
    bool node_forgotten;    /* stop keeps /dev/toy1 */
    bool panics;            /* in open */
    bool accesses;          /* in open, what `address` points at */
    const volatile char *address;
    bool uninterruptible;   /* read sleeps without PCATCH */
    int major;
};

extern struct toy_state toy;
extern struct kmod_info kmod_info;

#define TOY_GET_NUMBER 0x40047401UL /* _IOR('t', 1, int): answers 42 */
#define TOY_SET_NUMBER 0x80047402UL /* _IOW('t', 2, int) */
#define TOY_NO_DATA 0x20007403UL    /* _IO('t', 3) */
#define TOY_WAKE 0x20007404UL       /* _IO('t', 4): wakes sleepers with EIO */
#define TOY_MEASURE_SELINFO 0x20007405UL /* _IO('t', 5): counts selinfo_bytes_touched */
#define TOY_CLEAR_SELINFO 0x20007406UL   /* _IO('t', 6): selthreadclear, and counts */

#endif
