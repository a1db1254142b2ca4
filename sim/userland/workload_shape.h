/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_SHAPE_H
#define WORKLOAD_SHAPE_H

/* How a workload is written down; for workload*.c. */

#include <stdbool.h>

/* X(ACT, word): what a step does. The unit is 0; "fd" is its process's descriptor of the device. */
#define WORKLOAD_ACTS(X)                                                                           \
    X(END, "end")                                                                                  \
    X(LOAD, "kextload")                                                                            \
    X(UNLOAD, "kextunload")                                                                        \
    X(OPEN, "open")                                                                                \
    X(OPEN_NONBLOCK, "open nonblocking")                                                           \
    X(CLOSE, "close")                                                                              \
    X(READ, "read")                                                                                \
    X(READ_TO_END, "read until an error")                                                          \
    X(READ_FAULT, "read into a bad buffer")                                                        \
    X(WRITE, "write")                                                                              \
    X(WRITE_FAULT, "write from a bad buffer")                                                      \
    X(FILL, "write until refused")                                                                 \
    X(ADDRESS, "ifconfig inet")                                                                    \
    X(ADDRESS6, "ifconfig inet6")                                                                  \
    X(ADDRESSES, "count addresses")                                                                \
    X(UP, "ifconfig up")                                                                           \
    X(DOWN, "ifconfig down")                                                                       \
    X(MTU, "ifconfig mtu")                                                                         \
    X(LLADDR, "ifconfig lladdr")                                                                   \
    X(CONFIGURE, "configd up")                                                                     \
    X(STILL_UP, "configd looks")                                                                   \
    X(STATUS, "ifconfig status")                                                                   \
    X(SEND, "send")                                                                                \
    X(SELECT_READ, "select for reading")                                                           \
    X(SELECT_WRITE, "select for writing")                                                          \
    X(NONBLOCK, "ioctl FIONBIO")                                                                   \
    X(ASYNC, "ioctl FIOASYNC")                                                                     \
    X(HEAD, "ioctl TUNSIFHEAD")                                                                    \
    X(READABLE, "ioctl FIONREAD")                                                                  \
    X(OWNER, "ioctl TIOCSPGRP")                                                                    \
    X(CAPTURE, "bpf attach")                                                                       \
    X(CAPTURE_END, "bpf close")                                                                    \
    X(DETACH, "foreign ifnet_detach")                                                              \
    X(REVOKE, "revoke")                                                                            \
    X(USER, "setuid")                                                                              \
    X(SIGNAL, "kill")                                                                              \
    X(WAIT, "sleep")                                                                               \
    X(DUP, "dup")                                                                                  \
    X(FORK, "fork")                                                                                \
    X(KILL, "kill -9")

enum workload_act {
#define WORKLOAD_ACT_ENUMERATOR(act, word) WORKLOAD_##act,
    WORKLOAD_ACTS(WORKLOAD_ACT_ENUMERATOR)
#undef WORKLOAD_ACT_ENUMERATOR
    WORKLOAD_ACT_COUNT
};

/* Its word. */
const char *workload_act_name(enum workload_act act);

/*
 * `argument`: the packets to send, the port to write to (0: where the workload listens), the value of an ioctl, the
 * process to signal or kill, milliseconds to sleep or that a child lives, a user. `expect` 0: any answer that the manual
 * allows at any time; WORKLOAD_GOOD: no error; else the one errno there may be, and an error there must be. Under faults
 * `expect` is not looked at.
 */
enum { WORKLOAD_GOOD = -1 };
struct workload_step {
    enum workload_act act;
    int argument;
    int expect;
};

struct workload_thread {
    const char *name;
    unsigned process; /* 0 to 2; process 1 is a child of 0 that has its descriptors, if `forks` */
    const struct workload_step *steps; /* ended by WORKLOAD_END */
};

struct workload_shape {
    const char *name, *summary;
    bool core;
    bool forks;
    bool tun_only;
    bool net_async_off; /* the Mac is booted so (system.h) */
    bool releases; /* its sleepers may be released, and nothing is said of what wakes them: workload_program.h */
    bool lossless; /* no packet may be lost in it, unless operations fail */
    int first_darwin; /* the oldest release that it is for; 0 = all */
    const struct workload_step *before;
    struct workload_thread threads[4];
};

/* kextload; open too; address and up too; by enum workload_before. */
extern const struct workload_step *const workload_before_steps[];

extern const struct workload_shape workload_shapes[];
extern const unsigned workload_shape_count;

#endif
