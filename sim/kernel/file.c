/* SPDX-License-Identifier: BSD-2-Clause */
#include "file.h"

#include "lock.h"
#include "profile.h"
#include "select.h"
#include "socket.h"
#include "uio.h"
#include "wait.h"

#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/signal.h>

/* ioflag bits of read and write (kpi-rest.md 2.5). */
enum {
    TRANSFER_UNIT = 0x1,
    TRANSFER_APPEND = 0x2,
    TRANSFER_NDELAY = 0x10,
    TRANSFER_SYSCALL_DISPATCH = 0x100000
};

void
ksim_files_boot(struct ksim *kernel)
{
    struct file_system *system = machine_allocate(sizeof(*system), "file system");

    machine_fill(system, 0, sizeof(*system));
    system->lock_group = ksim_lock_group_create("devsw");
    kernel->files = system;
}

void
ksim_files_audit(struct ksim *kernel)
{
    if (kernel->files->open_files > 0) {
        machine_finding(MACHINE_LEAK, "%u files are still open", kernel->files->open_files);
    }
    for (const struct device_vnode *vnode = kernel->files->vnodes; vnode != NULL;
         vnode = vnode->next) {
        if (vnode->io_count > 0) {
            machine_finding(MACHINE_LEAK, "%u threads are still inside /dev/%s", vnode->io_count,
                            vnode->node == NULL ? "(removed)" : vnode->node->name);
        }
    }
}

/* --- open files and descriptors ---------------------------------------------------------------- */

struct open_file *
ksim_open_file_create(enum file_kind kind, int flags)
{
    struct open_file *file = machine_allocate(sizeof(*file), "open file");

    machine_fill(file, 0, sizeof(*file));
    file->references = 1;
    file->kind = kind;
    file->flags = flags;
    ksim_current()->files->open_files++;
    return file;
}

int
ksim_open_file_release(struct process *process, struct open_file *file)
{
    int error = 0;

    if (--file->references > 0) {
        return 0;
    }
    if (file->kind == FILE_DEVICE) {
        error = ksim_vnode_close(file->vnode, file->flags, process);
    } else {
        ksim_socket_release(file->socket);
    }
    ksim_current()->files->open_files--;
    machine_free(file);
    return error;
}

int
ksim_descriptor_hold(struct process *process, int fd, struct descriptor **out)
{
    struct descriptor *descriptor;

    if (fd < 0 || fd >= FILE_DESCRIPTORS_MAX) {
        return EBADF;
    }
    descriptor = process->files->slots[fd];
    if (descriptor == NULL || descriptor->opening || descriptor->closing) {
        return EBADF;
    }
    descriptor->users++;
    *out = descriptor;
    return 0;
}

void
ksim_descriptor_release(struct process *process, struct descriptor *descriptor)
{
    (void)process;
    if (--descriptor->users == 0 && descriptor->closing) {
        (void)ksim_wakeup(descriptor);
    }
}

static struct descriptor *
descriptor_create(struct process *process, int fd)
{
    struct descriptor *descriptor = machine_allocate(sizeof(*descriptor), "descriptor");

    machine_fill(descriptor, 0, sizeof(*descriptor));
    descriptor->opening = true;
    process->files->slots[fd] = descriptor;
    return descriptor;
}

int
ksim_descriptor_reserve(struct process *process, int lowest, int *fd)
{
    if (lowest < 0 || lowest >= FILE_DESCRIPTORS_MAX) {
        return EINVAL;
    }
    for (int i = lowest; i < FILE_DESCRIPTORS_MAX; i++) {
        if (process->files->slots[i] == NULL) {
            (void)descriptor_create(process, i);
            *fd = i;
            return 0;
        }
    }
    return EMFILE;
}

void
ksim_descriptor_use(struct process *process, int fd, struct open_file *file)
{
    struct descriptor *descriptor = process->files->slots[fd];

    descriptor->file = file;
    descriptor->opening = false;
    (void)ksim_wakeup(&process->files->slots[fd]);
}

static void
descriptor_free(struct process *process, int fd)
{
    machine_free(process->files->slots[fd]);
    process->files->slots[fd] = NULL;
    (void)ksim_wakeup(&process->files->slots[fd]);
}

void
ksim_descriptor_cancel(struct process *process, int fd)
{
    descriptor_free(process, fd);
}

int
ksim_descriptor_allocate(struct process *process, struct open_file *file, int lowest, int *fd)
{
    int error = ksim_descriptor_reserve(process, lowest, fd);

    if (error == 0) {
        ksim_descriptor_use(process, *fd, file);
    }
    return error;
}

/* --- open and close ---------------------------------------------------------------------------- */

int
ksim_file_open(struct process *process, const char *path, int flags, int *fd)
{
    int file_flags = ((flags & O_ACCMODE) + 1) | (flags & ~O_ACCMODE);
    struct open_file *file;
    int error;

    if ((flags & O_ACCMODE) == O_ACCMODE) {
        return EINVAL;
    }
    /* The number comes first: a process without one never reaches the driver. */
    error = ksim_descriptor_reserve(process, 0, fd);
    if (error != 0) {
        return error;
    }
    file = ksim_open_file_create(FILE_DEVICE, file_flags);
    error = ksim_vnode_open(path, process, file_flags, &file->vnode);
    if (error != 0) {
        goto free_file;
    }
    ksim_descriptor_use(process, *fd, file);
    return 0;

free_file:
    ksim_current()->files->open_files--;
    machine_free(file);
    ksim_descriptor_cancel(process, *fd);
    return error;
}

static int
file_close_file(struct process *process, int fd)
{
    struct descriptor *descriptor;
    struct open_file *file;
    int error = ksim_descriptor_hold(process, fd, &descriptor);

    if (error != 0) {
        return error;
    }
    descriptor->users--;
    descriptor->closing = true;
    /* fileproc_drain: selects are woken, a thread inside read is not (museum B07). */
    ksim_select_interrupt(descriptor);
    while (descriptor->users > 0) {
        (void)ksim_wait(descriptor, THREAD_UNINT, 0, "fpdrain");
    }
    file = descriptor->file;
    descriptor_free(process, fd);
    return ksim_open_file_release(process, file);
}

int
ksim_file_close(struct process *process, int fd)
{
    machine_yield("close");
    return file_close_file(process, fd);
}

void
ksim_files_close_all(struct process *process)
{
    for (int fd = 0; fd < FILE_DESCRIPTORS_MAX; fd++) {
        if (process->files->slots[fd] != NULL) {
            (void)file_close_file(process, fd);
        }
    }
}

int
ksim_file_duplicate(struct process *process, int fd, int lowest, int *out)
{
    struct descriptor *descriptor;
    int error = ksim_descriptor_hold(process, fd, &descriptor);

    if (error != 0) {
        return error;
    }
    error = ksim_descriptor_allocate(process, descriptor->file, lowest, out);
    if (error == 0) {
        descriptor->file->references++;
    }
    ksim_descriptor_release(process, descriptor);
    return error;
}

/* Until nobody has the number: another thread may be opening or closing there. */
static void
descriptor_vacate(struct process *process, int fd)
{
    while (process->files->slots[fd] != NULL) {
        if (file_close_file(process, fd) == EBADF && process->files->slots[fd] != NULL) {
            (void)ksim_wait(&process->files->slots[fd], THREAD_UNINT, 0, "dup2");
        }
    }
}

int
ksim_file_duplicate_to(struct process *process, int fd, int to)
{
    struct descriptor *descriptor;
    int error = ksim_descriptor_hold(process, fd, &descriptor);

    if (error != 0) {
        return error;
    }
    if (to < 0 || to >= FILE_DESCRIPTORS_MAX) {
        error = EBADF;
    } else if (to != fd) {
        descriptor_vacate(process, to);
        descriptor->file->references++;
        (void)descriptor_create(process, to);
        ksim_descriptor_use(process, to, descriptor->file);
    }
    ksim_descriptor_release(process, descriptor);
    return error;
}

void
ksim_files_inherit(struct process *child, struct process *parent)
{
    for (int fd = 0; fd < FILE_DESCRIPTORS_MAX; fd++) {
        const struct descriptor *descriptor = parent->files->slots[fd];
        int got;

        if (descriptor != NULL && !descriptor->opening && !descriptor->closing) {
            descriptor->file->references++;
            (void)ksim_descriptor_allocate(child, descriptor->file, fd, &got);
        }
    }
}

int
ksim_file_revoke(struct process *process, const char *path)
{
    machine_yield("revoke");
    return ksim_vnode_revoke(path, process);
}

/* --- read and write ---------------------------------------------------------------------------- */

static int
transfer_flags(const struct open_file *file, bool write)
{
    int flags = write ? TRANSFER_UNIT : 0;

    if ((file->flags & FNONBLOCK) != 0) {
        flags |= TRANSFER_NDELAY;
    }
    if (write && (file->flags & O_APPEND) != 0) {
        flags |= TRANSFER_APPEND;
    }
    if (ksim_current()->profile->syscall_dispatch_flag) {
        flags |= TRANSFER_SYSCALL_DISPATCH;
    }
    return flags;
}

static int
transfer_device(struct open_file *file, uio_t uio)
{
    bool write = uio->direction == UIO_WRITE;
    int error;

    ksim_vnode_enter(file->vnode);
    if (file->vnode->dead) {
        error = write ? EIO : 0;
    } else if (write) {
        error = ksim_device_write(file->vnode->device, uio, transfer_flags(file, true));
    } else if (uio->residual_bytes == 0) {
        error = 0; /* spec_read does not bother the driver */
    } else {
        error = ksim_device_read(file->vnode->device, uio, transfer_flags(file, false));
    }
    ksim_vnode_exit(file->vnode);
    return error;
}

int
ksim_file_transfer(struct process *process, int fd, uio_t uio, uint64_t limit_bytes, int64_t *done)
{
    bool write = uio->direction == UIO_WRITE;
    uint64_t before_bytes = uio->residual_bytes;
    struct descriptor *descriptor;
    struct open_file *file;
    int error;

    machine_yield(write ? "write" : "read");
    error = ksim_descriptor_hold(process, fd, &descriptor);
    if (error != 0) {
        return error;
    }
    file = descriptor->file;
    if ((file->flags & (write ? FWRITE : FREAD)) == 0) {
        error = EBADF;
        goto release;
    }
    if (before_bytes > limit_bytes) {
        error = EINVAL;
        goto release;
    }
    uio->offset = file->offset;
    error = file->kind == FILE_DEVICE ? transfer_device(file, uio) : ENOTSUP;
    *done = (int64_t)(before_bytes - uio->residual_bytes);
    file->offset += *done;
    if (error != 0 && *done != 0 &&
        (error == ERESTART || error == EINTR || error == EWOULDBLOCK)) {
        error = 0;
    }
    if (error == EPIPE && write) {
        (void)ksim_process_signal(process, SIGPIPE);
    }
release:
    ksim_descriptor_release(process, descriptor);
    return error;
}
