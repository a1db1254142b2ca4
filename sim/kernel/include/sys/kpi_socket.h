/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_KPI_SOCKET_H
#define KPI_SYS_KPI_SOCKET_H

/* Sockets for the kernel's own use. */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/socket.h>

__BEGIN_DECLS

/* Runs when data or a change arrives; may not block. */
typedef void (*sock_upcall)(socket_t socket, void *cookie, int wait_flag);

errno_t sock_socket(int domain, int type, int protocol, sock_upcall callback, void *cookie,
    socket_t *socket) KPI_SYMBOL(sock_socket);
errno_t sock_ioctl(socket_t socket, unsigned long request, void *argument) KPI_SYMBOL(sock_ioctl);
void sock_close(socket_t socket) KPI_SYMBOL(sock_close);

__END_DECLS

#endif
