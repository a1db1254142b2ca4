/* SPDX-License-Identifier: BSD-2-Clause */
#include "system.h"

#include "file.h"
#include "process.h"
#include "select.h"
#include "socket.h"
#include "system_call.h"
#include "thread.h"
#include "uio.h"
#include "wait.h"

#include <limits.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/ioccom.h>

enum { VECTORS_SMALL = 8 };

void
ksim_call_begin(const struct process *process, const char *name)
{
    const struct thread *thread = ksim_thread_current();

    if (thread->process != process || machine_fiber_current() == NULL) {
        machine_fail(MACHINE_CONTRACT, "%s of process %s called by thread %s, which is not its own",
                     name, process->name, thread->name);
    }
}

/* --- open, close and their kin ----------------------------------------------------------------- */

int
ksim_system_open(struct process *process, const char *path, int flags)
{
    int fd = -1;
    int error;

    ksim_call_begin(process, "open");
    do {
        machine_yield("open");
        error = ksim_file_open(process, path, flags, &fd);
        ksim_return_to_user("open");
    } while (error == ERESTART);
    return error != 0 ? -error : fd;
}

int
ksim_system_close(struct process *process, int fd)
{
    int error;

    ksim_call_begin(process, "close");
    error = ksim_file_close(process, fd);
    ksim_return_to_user("close");
    return error == ERESTART ? -EINTR : -error;
}

int
ksim_system_dup(struct process *process, int fd)
{
    int got = -1;
    int error;

    ksim_call_begin(process, "dup");
    error = ksim_file_duplicate(process, fd, 0, &got);
    ksim_return_to_user("dup");
    return error != 0 ? -error : got;
}

int
ksim_system_dup2(struct process *process, int fd, int to)
{
    int error;

    ksim_call_begin(process, "dup2");
    error = ksim_file_duplicate_to(process, fd, to);
    ksim_return_to_user("dup2");
    return error != 0 ? -error : to;
}

int
ksim_system_revoke(struct process *process, const char *path)
{
    int error;

    ksim_call_begin(process, "revoke");
    error = ksim_file_revoke(process, path);
    ksim_return_to_user("revoke");
    return -error;
}

int
ksim_system_socket(struct process *process, int domain, int type, int protocol)
{
    struct open_file *file;
    socket_t socket;
    int fd = -1;
    int error;

    ksim_call_begin(process, "socket");
    error = ksim_socket_create(process, domain, type, protocol, &socket);
    if (error == 0) {
        file = ksim_open_file_create(FILE_SOCKET, FREAD | FWRITE);
        file->socket = socket;
        error = ksim_descriptor_allocate(process, file, 0, &fd);
        if (error != 0) {
            (void)ksim_open_file_release(process, file);
        }
    }
    ksim_return_to_user("socket");
    return error != 0 ? -error : fd;
}

/* --- read and write ---------------------------------------------------------------------------- */

struct transfer {
    struct process *process;
    int fd;
    const struct ksim_iovec *vectors;
    int count;
    int direction;
    uint64_t limit_bytes; /* INT_MAX for read and write, LONG_MAX for readv and writev */
};

static int
transfer_once(const struct transfer *transfer, int64_t *done)
{
    const struct ksim_iovec *vectors = transfer->vectors;
    int count = transfer->count;
    struct uio_vector small_vectors[VECTORS_SMALL];
    struct user_range small_ranges[VECTORS_SMALL];
    struct uio_vector *pieces = small_vectors;
    struct user_range *ranges = small_ranges;
    struct uio uio;
    int error;

    if (count > VECTORS_SMALL) {
        pieces = machine_allocate((size_t)count * sizeof(*pieces), "iovec");
        ranges = machine_allocate((size_t)count * sizeof(*ranges), "iovec");
    }
    for (int i = 0; i < count; i++) {
        pieces[i].base = (uint64_t)(uintptr_t)vectors[i].base;
        pieces[i].bytes = vectors[i].bytes;
        ksim_user_range_push(&ranges[i], vectors[i].base, vectors[i].bytes);
    }
    ksim_uio_initialize(&uio, pieces, count, 0, UIO_USERSPACE, transfer->direction);
    error = ksim_file_transfer(transfer->process, transfer->fd, &uio, transfer->limit_bytes, done);
    for (int i = count; i-- > 0;) {
        ksim_user_range_pop(&ranges[i]);
    }
    if (count > VECTORS_SMALL) {
        machine_free(ranges);
        machine_free(pieces);
    }
    return error;
}

static int64_t
transfer_run(const struct transfer *transfer)
{
    const char *name = transfer->direction == UIO_READ ? "read" : "write";
    int64_t done = 0;
    int error;

    ksim_call_begin(transfer->process, name);
    do {
        error = transfer_once(transfer, &done);
        ksim_return_to_user(name);
    } while (error == ERESTART);
    return error != 0 ? -error : done;
}

static int64_t
transfer_one(struct process *process, int fd, void *buffer, size_t bytes, int direction)
{
    struct ksim_iovec vector = {buffer, bytes};
    struct transfer transfer = {process, fd, &vector, 1, direction, INT_MAX};

    return transfer_run(&transfer);
}

/* The vectors are looked at before the descriptor is. */
static int64_t
transfer_vectors(struct process *process, int fd, const struct ksim_iovec *vectors, int count,
                 int direction)
{
    struct transfer transfer = {process, fd, vectors, count, direction, LONG_MAX};
    uint64_t sum_bytes = 0;

    if (count < 1 || count > UIO_MAXIOV) {
        return -EINVAL;
    }
    for (int i = 0; i < count; i++) {
        if (vectors[i].bytes > LONG_MAX - sum_bytes) {
            return -EINVAL;
        }
        sum_bytes += vectors[i].bytes;
    }
    return transfer_run(&transfer);
}

int64_t
ksim_system_read(struct process *process, int fd, void *buffer, size_t bytes)
{
    return transfer_one(process, fd, buffer, bytes, UIO_READ);
}

int64_t
ksim_system_write(struct process *process, int fd, const void *buffer, size_t bytes)
{
    return transfer_one(process, fd, (void *)(uintptr_t)buffer, bytes, UIO_WRITE);
}

int64_t
ksim_system_readv(struct process *process, int fd, const struct ksim_iovec *vectors, int count)
{
    return transfer_vectors(process, fd, vectors, count, UIO_READ);
}

int64_t
ksim_system_writev(struct process *process, int fd, const struct ksim_iovec *vectors, int count)
{
    return transfer_vectors(process, fd, vectors, count, UIO_WRITE);
}

/* --- ioctl and fcntl --------------------------------------------------------------------------- */

int
ksim_system_ioctl(struct process *process, int fd, unsigned long command, void *data)
{
    struct user_range range;
    int error;

    ksim_call_begin(process, "ioctl");
    do {
        ksim_user_range_push(&range, data, data == NULL ? 0 : IOCPARM_LEN(command));
        error = ksim_file_ioctl(process, fd, command, (uint64_t)(uintptr_t)data);
        ksim_user_range_pop(&range);
        ksim_return_to_user("ioctl");
    } while (error == ERESTART);
    return -error;
}

int
ksim_system_fcntl(struct process *process, int fd, int command, int64_t argument)
{
    struct descriptor *descriptor;
    int value = 0;
    int error;

    ksim_call_begin(process, "fcntl");
    switch (command) {
    case F_DUPFD:
        error = ksim_file_duplicate(process, fd, (int)argument, &value);
        break;
    case F_GETFL:
        error = ksim_file_get_flags(process, fd, &value);
        break;
    case F_SETFL:
        error = ksim_file_set_flags(process, fd, (int)argument);
        break;
    case F_SETOWN:
        error = ksim_file_set_owner(process, fd, (int)argument);
        break;
    case F_GETFD:
    case F_SETFD:
        error = ksim_descriptor_hold(process, fd, &descriptor);
        if (error == 0) {
            if (command == F_SETFD) {
                descriptor->close_on_exec = (argument & FD_CLOEXEC) != 0;
            } else {
                value = descriptor->close_on_exec ? FD_CLOEXEC : 0;
            }
            ksim_descriptor_release(process, descriptor);
        }
        break;
    default:
        error = EINVAL;
        break;
    }
    ksim_return_to_user("fcntl");
    return error != 0 ? -error : value;
}

/* --- select, poll, kevent ---------------------------------------------------------------------- */

int
ksim_system_select(struct process *process, int count, struct ksim_fd_set *read,
                   struct ksim_fd_set *write, struct ksim_fd_set *except, int64_t timeout_ns)
{
    struct ksim_fd_set *sets[3] = {read, write, except};
    struct select_request request;
    int ready = 0;
    int error;

    ksim_call_begin(process, "select");
    machine_fill(&request, 0, sizeof(request));
    request.count = count;
    request.timeout_ns = timeout_ns;
    for (int i = 0; i < 3; i++) {
        if (sets[i] != NULL) {
            machine_copy(request.in[i], sets[i]->bits, sizeof(request.in[i]));
        }
    }
    error = ksim_select(process, &request, &ready);
    ksim_return_to_user("select");
    if (error != 0) {
        return -error;
    }
    for (int i = 0; i < 3; i++) {
        if (sets[i] != NULL) {
            machine_copy(sets[i]->bits, request.out[i], sizeof(request.out[i]));
        }
    }
    return ready;
}

static short
poll_one(struct process *process, const struct ksim_pollfd *entry)
{
    struct descriptor *descriptor;
    short events = KSIM_POLLNVAL;

    if (ksim_descriptor_hold(process, entry->fd, &descriptor) != 0) {
        return KSIM_POLLNVAL;
    }
    /* poll is built on kqueue, which refuses devices without NOTE_LOWAT (kpi-rest.md 2.7). */
    if (descriptor->file->kind == FILE_SOCKET) {
        events = entry->events & KSIM_POLLOUT;
    }
    ksim_descriptor_release(process, descriptor);
    return events;
}

int
ksim_system_poll(struct process *process, struct ksim_pollfd *fds, unsigned count,
                 int64_t timeout_ns)
{
    int ready = 0;
    int result = THREAD_TIMED_OUT;

    ksim_call_begin(process, "poll");
    machine_yield("poll");
    for (unsigned i = 0; i < count; i++) {
        fds[i].revents = fds[i].fd < 0 ? 0 : poll_one(process, &fds[i]);
        ready += fds[i].revents != 0;
    }
    if (ready == 0 && timeout_ns != 0 && ksim_process_signal_pending() == 0) {
        result = ksim_wait(&ksim_thread_current()->wait, THREAD_ABORTSAFE,
                           timeout_ns < 0 ? 0 : machine_now_ns() + (uint64_t)timeout_ns, "poll");
    }
    ksim_return_to_user("poll");
    return result == THREAD_INTERRUPTED ? -EINTR : ready;
}

int
ksim_system_kevent(struct process *process, int fd, int filter, unsigned fflags, int64_t data,
                   int64_t timeout_ns)
{
    int fired = 0;
    int error;

    ksim_call_begin(process, "kevent");
    error = ksim_kevent(process, fd, filter, fflags, data, timeout_ns, &fired);
    ksim_return_to_user("kevent");
    return error != 0 ? -error : fired;
}
