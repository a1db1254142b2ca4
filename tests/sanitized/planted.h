/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PLANTED_H
#define PLANTED_H

/*
 * A kext with one mistake behind each request of /dev/planted, built and sealed like tun and tap.
 * Every sanitized build proves with it that it would have seen the mistake in a driver.
 */

#define PLANTED_BUNDLE "org.example.planted"

enum planted_request {
    PLANTED_NONE = 0x20007000,           /* _IO('p', n): no mistake */
    PLANTED_USE_AFTER_FREE = 0x20007001, /* reads memory it gave back */
    PLANTED_OVERRUN = 0x20007002,        /* writes one byte behind its memory */
    PLANTED_STACK_OVERRUN = 0x20007003,  /* reads one element behind a local array */
    PLANTED_GLOBAL_OVERRUN = 0x20007004, /* reads one element behind a variable of the kext */
    PLANTED_OVERFLOW = 0x20007005,       /* adds 1 to the largest int */
    PLANTED_UNINITIALISED = 0x20007006,  /* decides on a byte nobody wrote */
    PLANTED_LEAK = 0x20007007,           /* forgets memory it has */
    PLANTED_RACE = 0x20007008,           /* adds to a variable of all threads without a lock */
    PLANTED_NO_RACE = 0x20007009         /* the same with a lock */
};

#endif
