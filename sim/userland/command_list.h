/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMMAND_LIST_H
#define COMMAND_LIST_H

/*
 * Every command that can be typed, once, in order of name. Each is defined as command_NAME in the
 * file for its subject: command_<subject>.c.
 */

#include "command.h"

#define COMMANDS(X)                                                                                \
    X(arp) X(close) X(dmesg) X(dup) X(echo) X(exit) X(fault) X(fork) X(help) X(ifconfig) X(ioctl)  \
    X(kevent) X(kextload) X(kextstat) X(kextunload) X(kill) X(lan) X(load_naive_tap)               \
    X(load_naive_tun) X(load_vendor_tun) X(locks) X(ls) X(mbufs) X(netstat) X(open) X(pfctl)       \
    X(ping) X(ping6) X(poll) X(ps) X(queues) X(read) X(readv) X(revoke) X(route) X(save) X(select) \
    X(setuid) X(signal) X(sleep) X(step) X(sysctl) X(tape) X(tcpdump) X(threads) X(time)           \
    X(unload_naive_tap) X(unload_naive_tun) X(unload_vendor_tun) X(write) X(writev)

/* Those that are programs (command_is_program). */
#define PROGRAMS(X)                                                                                \
    X(arp) X(dmesg) X(ifconfig) X(kextload) X(kextstat) X(kextunload) X(ls) X(netstat) X(pfctl)    \
    X(ping) X(ping6) X(route) X(sysctl) X(tcpdump)

/* Those that look at the machine from outside (command_looks). */
#define LOOKERS(X) X(locks) X(mbufs) X(save) X(step) X(tape) X(threads)

#define COMMAND_DECLARE(name) extern const struct command command_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
