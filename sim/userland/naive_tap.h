/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NAIVE_TAP_H
#define NAIVE_TAP_H

/*
 * org.example.naivetap, compiled like a kext: one tap, /dev/tap0 with interface tap0 while it is open,
 * written by somebody who tried it on one Mac. It believes one thing that XNU does not promise, which
 * one is chosen at load; museum.md tells where each was seen. A session types at it what it types at tap.kext.
 */

#include <system.h>

/* X(identifier, name, what it believes) */
#define NAIVE_TAP_BELIEFS(X)                                                                        \
    X(INPUT_ERROR, "input-error", "ifnet_input that fails leaves the packet to the caller")          \
    X(FRAMER, "framer", "a framer that fails frees its packet")                                      \
    X(DETACH, "detach", "an interface is gone when ifnet_detach returns")                            \
    X(MAJOR, "major", "the kernel takes the device away with the kext")                              \
    X(SELECT, "select", "select asks again by itself")                                               \
    X(MTU, "mtu", "an interface has an MTU")                                                         \
    X(LLADDR, "lladdr", "the link address can be set before attach")                                 \
    X(COUNT, "count", "ifnet_input without statistics counts nothing")                               \
    X(RCVIF, "rcvif", "ifnet_input knows for itself who received the packet")                        \
    X(MULTICAST, "multicast", "IPv6 does without IFF_MULTICAST")                                     \
    X(FLAGS, "flags", "nobody looks at what SIOCSIFFLAGS returns")                                   \
    X(MEMORY, "memory", "lck_mtx_alloc_init never fails")                                            \
    X(ADDRESS, "address", "addresses go with their interface")                                       \
    X(DATA, "data", "a request always has data")                                                     \
    X(LIBRARY, "library", "read_random is in com.apple.kpi.bsd")                                     \
    X(PRIVATE, "private", "com.apple.kpi.private is for everybody")

#define NAIVE_TAP_ENUMERATOR(identifier, name, meaning) NAIVE_TAP_##identifier,
enum naive_tap_belief { NAIVE_TAP_BELIEFS(NAIVE_TAP_ENUMERATOR) NAIVE_TAP_BELIEF_COUNT };
#undef NAIVE_TAP_ENUMERATOR

/* For ksim_kext_register: several, since libraries are what a property list says. They live for ever. */
enum { NAIVE_TAP_IMAGES = 3 };
extern const struct ksim_kext_image naive_tap_images[NAIVE_TAP_IMAGES];

/* The bundle id to load for that belief, with which the kext starts from now on. While it is not loaded. */
const char *naive_tap_believe(enum naive_tap_belief belief);
/* The bundle id of the last naive_tap_believe. */
const char *naive_tap_bundle(void);

#endif
