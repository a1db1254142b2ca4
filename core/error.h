/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * error.h - the driver's own names for what can go wrong.
 *
 * core knows no host's errno. Every verdict of core is one of these; the glue translates them,
 * one to one, to the errno of the same name. The numbers are private to core and never leave the
 * kext.
 */
#ifndef TT_ERROR_H
#define TT_ERROR_H

enum tt_error {
    TT_OK = 0,
    TT_EIO,          /* the unit is open but its interface is not up (or has been removed) */
    TT_EBUSY,        /* another session has the unit, or the last one is not gone yet */
    TT_ENXIO,        /* no such unit, the session is over, or the kext is stopping */
    TT_EINVAL,       /* too short, senseless, out of range */
    TT_EMSGSIZE,     /* longer than the MTU allows; nothing of it was used */
    TT_EAFNOSUPPORT, /* neither IPv4 nor IPv6, or address family and packet disagree */
    TT_EWOULDBLOCK,  /* nothing to read and the session does not wait */
    TT_ENOBUFS,      /* no room: queue, protocol table, mbufs */
    TT_ENOMEM,       /* the glue's: an allocation failed */
    TT_ENOTTY,       /* the glue's: unknown ioctl */
    TT_EFAULT,       /* the glue's: user memory could not be read or written */
    TT_EINTR,        /* the glue's: a signal ended a wait */
    TT_EEXIST,       /* the protocol or one of its descriptors is attached already */
    TT_ENOENT,       /* the protocol is not attached; a frame nobody asked for */
    TT_ERROR_COUNT
};

#endif
