/* SPDX-License-Identifier: BSD-2-Clause */

#include <socket.h>

#include <interface_internal.h>
#include <ioctl.h>
#include <panic.h>
#include <process.h>
#include <thread.h>

static struct __socket **
socket_list(void)
{
    return &ksim_interfaces()->sockets;
}

static errno_t
socket_check(struct process *caller, int domain, int type, int protocol)
{
    if (domain == PF_SYSTEM)
        return 0;
    if (domain != PF_INET && domain != PF_INET6)
        return EAFNOSUPPORT;
    if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW)
        return EPROTONOSUPPORT;
    if (protocol < 0 || protocol > 255)
        return EPROTONOSUPPORT;
    if (type == SOCK_RAW && !ksim_ioctl_privileged(caller))
        return EPERM;
    return 0;
}

/* --- the lock of a socket ------------------------------------------------------------------------*/

/* Raw sockets have no lock function, so that those of a domain share its mutex (kpi-ifnet.md 17.1). */
static void
socket_lock_make(struct __socket *socket)
{
    const bool internet = socket->domain == PF_INET || socket->domain == PF_INET6;

    if (!ksim_interface_profile()->inet_socket_locked || !internet || socket->type == SOCK_RAW)
        return;
    socket->lock = lck_mtx_alloc_init(ksim_interfaces()->lock_group, LCK_ATTR_NULL);
}

/* The lock that a request holds while the driver answers it; NULL: none. */
static lck_mtx_t *
socket_lock(const struct __socket *socket)
{
    struct interface_system *system = ksim_interfaces();
    lck_mtx_t **domain = socket->domain == PF_INET ? &system->raw_lock : &system->raw6_lock;

    if (!ksim_interface_profile()->inet_socket_locked || socket->domain == PF_SYSTEM)
        return NULL;
    if (socket->lock != NULL)
        return socket->lock;
    if (*domain == NULL)
        *domain = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    return *domain;
}

errno_t
ksim_socket_create(struct process *caller, int domain, int type, int protocol, socket_t *out)
{
    errno_t error = socket_check(caller, domain, type, protocol);
    struct __socket *socket;

    if (error != 0)
        return error;
    socket = ksim_interface_zalloc(sizeof(*socket), "socket");
    socket->domain = domain;
    socket->type = type;
    socket->protocol = protocol;
    socket->references = 1;
    socket->process = caller;
    socket->owner = ksim_thread_owner();
    socket->next = *socket_list();
    *socket_list() = socket;
    socket_lock_make(socket);
    *out = socket;
    return 0;
}

int
ksim_socket_ioctl(struct process *caller, socket_t socket, unsigned long command, void *data)
{
    lck_mtx_t *lock;
    int error;

    if (((command >> 8) & 0xff) != 'i')
        return ENOTTY;
    lock = socket_lock(socket);
    if (lock != NULL)
        lck_mtx_lock(lock);
    error = ksim_ifioctl(caller, socket->domain, command, data);
    if (lock != NULL)
        lck_mtx_unlock(lock);
    return error == EJUSTRETURN ? 0 : error;
}

void
ksim_socket_release(socket_t socket)
{
    struct __socket **each;

    if (socket->references == 0)
        ksim_panic("sock_release: negative refcnt for so=%p", (void *)socket);
    if (--socket->references != 0)
        return;
    for (each = socket_list(); *each != NULL; each = &(*each)->next) {
        if (*each == socket) {
            *each = socket->next;
            break;
        }
    }
    if (socket->lock != NULL)
        lck_mtx_free(socket->lock, ksim_interfaces()->lock_group);
    machine_free(socket);
}

void
ksim_sockets_audit(struct ksim *kernel)
{
    const struct __socket *socket;

    for (socket = kernel->interfaces->sockets; socket != NULL; socket = socket->next) {
        if (socket->owner != NULL)
            machine_finding(MACHINE_LEAK, "%s left a socket of domain %d, type %d open",
                            socket->owner, socket->domain, socket->type);
    }
}

/* --- KPI -----------------------------------------------------------------------------------------*/

errno_t
sock_socket(int domain, int type, int protocol, sock_upcall upcall, void *cookie, socket_t *out)
{
    ksim_kpi_enter("sock_socket", KPI_MAY_BLOCK);
    (void)upcall;
    (void)cookie;
    if (out == NULL)
        return EINVAL;
    if (machine_fault("sock_socket"))
        return ENOBUFS;
    /* The credentials are those of whoever runs now, not the kernel's. */
    return ksim_socket_create(ksim_process_current(), domain, type, protocol, out);
}

errno_t
sock_ioctl(socket_t socket, unsigned long command, void *data)
{
    ksim_kpi_enter("sock_ioctl", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    ksim_interface_touch(socket, "sock_ioctl of no socket");
    return ksim_socket_ioctl(NULL, socket, command, data);
}

void
sock_close(socket_t socket)
{
    ksim_kpi_enter("sock_close", KPI_MAY_BLOCK);
    if (socket == NULL)
        return;
    ksim_socket_release(socket);
}
