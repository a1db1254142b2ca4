/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_IOCTLS_H
#define TUNTAP_IOCTLS_H

/*
 * tun and tap: network interfaces whose wire is a file. The manual for programs that use them.
 *
 * DEVICES
 *   /dev/tun0 to /dev/tun15 (tun.kext) and /dev/tap0 to /dev/tap15 (tap.kext), root:wheel, mode
 *   0660, exist from load to unload. Opening a device makes the interface of the same name; the
 *   last close removes it. What the Mac sends through the interface is read from the descriptor;
 *   what is written to the descriptor is received by the Mac. tun carries IP packets (point to
 *   point), tap carries Ethernet frames. Bring the interface up first:
 *       ifconfig tun0 10.0.0.1 10.0.0.2 up
 *       ifconfig tap0 10.0.0.1/24 up
 *
 * OPEN
 *   EBUSY         somebody has it, or the last session is still going away: try again
 *   ENXIO         no such unit, or the kext is being unloaded
 *   anything else what the kernel said when the interface could not be made (ENOMEM, ENOBUFS, ...)
 *   tap: within 100 ms of the end of the last session it waits for the rest of that time.
 *   dup(2) and fork(2) share one session; the interface lives until the last descriptor is closed.
 *   close(2) and revoke(2) wait, as XNU does for every device, for a reader asleep in the device:
 *   release it first (a signal, FIONBIO, `ifconfig tun0 down`).
 *
 * READ: one packet per call
 *   A shorter buffer gets the beginning of the packet. The rest is gone, and counted as truncated.
 *   EIO           the interface is not up, went down while the call slept, or was removed
 *   ENXIO         the session ended while the call slept
 *   EWOULDBLOCK   nothing is queued, and O_NONBLOCK or FIONBIO is on
 *   EINTR         a signal came; no packet was consumed (with SA_RESTART the call starts again)
 *   EFAULT        bad buffer; the packet is dropped, once, and counted
 *   The queue holds 128 packets or 2 MiB; what does not fit is refused to the sender with ENOBUFS
 *   and counted. Going down or closing empties it.
 *
 * WRITE: one packet per call, whole or not at all
 *   EIO           the interface is not up, or was removed
 *   EMSGSIZE      longer than the MTU plus link header (tap: 4 bytes more for an 802.1Q tag)
 *   EINVAL        empty; tap: shorter than an Ethernet header; tun: shorter than an IP header
 *   EAFNOSUPPORT  tun: neither IPv4 nor IPv6, or the 4-byte header does not agree with the packet
 *   ENOBUFS       512 written packets are still waiting for the Mac to look at them, or there is no
 *                 memory for another; try again when select says writable
 *   EFAULT        bad buffer
 *   A write never sleeps for room. What it has taken is not thrown away on its way to the Mac, unless
 *   the interface goes away. While a bridge has the interface there is no limit but the Mac's own: from
 *   macOS 14 on it throws the oldest away when 8192 wait, without a word.
 *
 * SELECT, POLL, KEVENT
 *   select(2) is complete. Readable: a packet is queued, or the next read would fail at once
 *   because the interface is not up. Writable: the next write would not be refused for lack of room,
 *   or would fail at once. Once 512 packets wait to be looked at it is not, until 384 are left. For devices of third parties XNU answers
 *   poll(2) with POLLNVAL and kevent(2) with EINVAL; from 10.11 on kevent works with NOTE_LOWAT
 *   and data 1.
 *
 * IOCTL: all others answer ENOTTY
 *   FIONBIO       int: reads do not sleep, until the session ends; those that do wake with
 *                 EWOULDBLOCK. O_NONBLOCK does so per open file
 *   FIOASYNC      int, also O_ASYNC by fcntl(F_SETFL). Nonzero: SIGIO is sent when a packet comes into
 *                 an empty queue, and when the interface goes down or the session ends. Read until
 *                 EWOULDBLOCK: no further signal comes while something is queued. A read that sleeps
 *                 may be woken with EINTR by the signal and find the packet when it is called again.
 *                 Off at the beginning of each session
 *   TIOCSPGRP     int, a process group: who gets SIGIO. That is what XNU makes of FIOSETOWN and
 *                 fcntl(F_SETOWN), also of a process, of which it passes the group (ESRCH: there is no
 *                 such process). A kext can signal one process only: the caller if it is in that group,
 *                 else the leader of the group. 0: nobody. Negative: EINVAL. At the beginning of each
 *                 session it is the process that opened the device
 *   TIOCGPGRP     int: that group; FIOGETOWN answers with its negative
 *   FIONREAD      int: bytes the next read returns into a large enough buffer, 0 if none queued
 *   TUNSIFHEAD    int, tun only. Nonzero: a 4-byte address family (AF_INET or AF_INET6) in network
 *                 byte order stands before each packet, in both directions. A packet already queued
 *                 keeps the mode it was queued with. Off at the beginning of each session.
 *   TUNGIFHEAD    int, tun only: the mode now
 *
 * IOCTL OF THE INTERFACE (on a socket)
 *   SIOCSIFMTU    72 to 65535, else EINVAL. The MTU does not count the link header
 *   SIOCSIFLLADDR tap: a unicast address other than zero, else EINVAL. Each session begins with a
 *                 random, locally administered one
 *   SIOCGIFMEDIA  tap: Ethernet, auto, active while the device is open
 *   SIOCGIFSTATUS text: who has it open; packets and bytes by what became of them
 *
 * CAPTURE
 *   bpf sees each packet once per direction, when it passes between the stack and the driver.
 *   tun: DLT_NULL, family in host byte order; tap: DLT_EN10MB.
 *
 * The ioctl numbers are those of tuntaposx, so that its programs run unchanged.
 */

#ifdef KERNEL
#include <sys/types.h>
#include <sys/ioccom.h>
#else
#include <sys/ioctl.h>
#endif

#define TUNSIFHEAD _IOW('t', 96, int) /* 0x80047460 */
#define TUNGIFHEAD _IOR('t', 97, int) /* 0x40047461 */

#endif
