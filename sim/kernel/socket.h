/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SOCKET_H
#define KSIM_SOCKET_H

/*
 * Sockets as far as drivers and ifconfig need them: creation with its privilege rule, interface
 * ioctls, close. Datagrams are the business of udp.h.
 */

#include <kern/locks.h>
#include <ksim.h>
#include <sys/kpi_socket.h>

struct process;

struct __socket {
    struct __socket *next; /* all open ones, for the audit */
    int domain, type, protocol;
    uint32_t references;
    lck_mtx_t *lock; /* of its own; NULL: the domain's, or that release holds none here */
    const char *owner;       /* kext that made it, or NULL: a process */
    struct process *process; /* NULL: made by the kernel */
    bool closed;
};

/*
 * socreate. EAFNOSUPPORT, EPROTONOSUPPORT; EPERM for SOCK_RAW in AF_INET and AF_INET6 unless the
 * process is root (`caller` NULL = the kernel). The caller owns one reference.
 */
errno_t ksim_socket_create(struct process *caller, int domain, int type, int protocol,
                           socket_t *out);
/* soioctl with a kernel copy of the argument: interface commands only, others ENOTTY. */
int ksim_socket_ioctl(struct process *caller, socket_t socket, unsigned long command, void *data);
void ksim_socket_release(socket_t socket);

/* Reports sockets a kext left open. */
void ksim_sockets_audit(struct ksim *kernel);

#endif
