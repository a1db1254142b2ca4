/* SPDX-License-Identifier: BSD-2-Clause */
#include "file.h"

#include "process.h"
#include "profile.h"
#include "socket.h"
#include "uio.h"

#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/ioccom.h>
#include <sys/ttycom.h>

#define TIOCREVOKE _IOW('t', 30, int)
#define DKIOCSETBLOCKSIZE _IOW('d', 24, uint32_t)

enum { IOCTL_FLAGS_SETTABLE = FAPPEND | FASYNC | FNONBLOCK };

/* fo_ioctl: `data` is a kernel pointer. */
static int
file_ioctl_kernel(struct process *process, struct open_file *file, unsigned long command,
                  void *data)
{
    int error;

    if (file->kind == FILE_SOCKET) {
        if (command == FIONBIO || command == FIOASYNC) {
            return 0;
        }
        return ksim_socket_ioctl(process, file->socket, command, data);
    }
    if (command == TIOCREVOKE) {
        return ENOTTY;
    }
    if (command == DKIOCSETBLOCKSIZE) {
        return EPERM;
    }
    ksim_vnode_enter(file->vnode);
    if (file->vnode->dead) {
        error = EBADF;
    } else if (command == FIODTYPE) {
        error = ENXIO;
        if ((uint32_t)major(file->vnode->device) < ksim_current()->devices->slot_count) {
            *(int *)data = ksim_current()->devices->slots[major(file->vnode->device)].entry.d_type;
            error = 0;
        }
    } else {
        error = ksim_device_ioctl(file->vnode->device, command, data, file->flags,
                                  ksim_process_proc(process));
    }
    ksim_vnode_exit(file->vnode);
    return error;
}

static void
file_flag_set(struct open_file *file, int flag, bool on)
{
    file->flags = on ? file->flags | flag : file->flags & ~flag;
}

/* A driver is told a process group, also when a process was named: that of the process. */
static int
file_owner_set(struct process *process, struct open_file *file, int owner)
{
    const struct process *named;

    if (file->kind == FILE_SOCKET) {
        file->signal_owner = owner;
        return 0;
    }
    if (owner <= 0) {
        owner = -owner;
    } else {
        named = ksim_process_find(owner);
        if (named == NULL) {
            return ESRCH;
        }
        owner = named->group;
    }
    return file_ioctl_kernel(process, file, TIOCSPGRP, &owner);
}

/* And it answers with a group, which is negative to programs. */
static int
file_owner_get(struct process *process, struct open_file *file, int *owner)
{
    int error;

    if (file->kind == FILE_SOCKET) {
        *owner = file->signal_owner;
        return 0;
    }
    error = file_ioctl_kernel(process, file, TIOCGPGRP, owner);
    *owner = -*owner;
    return error;
}

static int
file_ioctl_generic(struct process *process, struct open_file *file, unsigned long command,
                   void *data)
{
    int value;

    switch (command) {
    case FIOCLEX:
    case FIONCLEX:
        return 0;
    case FIONBIO:
    case FIOASYNC:
        /* The file's flag changes first and stays changed whatever the driver says. */
        value = *(int *)data;
        file_flag_set(file, command == FIONBIO ? FNONBLOCK : FASYNC, value != 0);
        return file_ioctl_kernel(process, file, command, &value);
    case FIOSETOWN:
        return file_owner_set(process, file, *(int *)data);
    case FIOGETOWN:
        return file_owner_get(process, file, data);
    default:
        return file_ioctl_kernel(process, file, command, data);
    }
}

static int
ioctl_hold(struct process *process, int fd, struct descriptor **descriptor)
{
    int error = ksim_descriptor_hold(process, fd, descriptor);

    if (error == 0 && ((*descriptor)->file->flags & (FREAD | FWRITE)) == 0) {
        ksim_descriptor_release(process, *descriptor);
        error = EBADF;
    }
    return error;
}

static int
ioctl_copy_in(unsigned long command, uint64_t data, void *buffer, uint64_t bytes)
{
    if ((command & IOC_IN) != 0 && bytes > 0) {
        return ksim_copy_in(data, buffer, bytes);
    }
    if ((command & IOC_IN) != 0 || (command & IOC_VOID) != 0 || bytes == 0) {
        machine_copy(buffer, &data, sizeof(data));
        return 0;
    }
    machine_fill(buffer, 0, bytes);
    return 0;
}

int
ksim_file_ioctl(struct process *process, int fd, unsigned long command, uint64_t data)
{
    uint64_t bytes = IOCPARM_LEN(command);
    bool copies_first = ksim_current()->profile->ioctl_copies_in_first;
    struct descriptor *descriptor;
    void *buffer;
    int error = 0;

    machine_yield("ioctl");
    if (bytes > 128 && machine_fault("ioctl buffer")) {
        return ENOMEM;
    }
    buffer = machine_allocate(bytes < sizeof(data) ? sizeof(data) : bytes, "ioctl buffer");
    if (copies_first) {
        error = ioctl_copy_in(command, data, buffer, bytes);
    }
    if (error == 0) {
        error = ioctl_hold(process, fd, &descriptor);
    }
    if (error != 0) {
        goto free_buffer;
    }
    if (!copies_first) {
        error = ioctl_copy_in(command, data, buffer, bytes);
    }
    if (error == 0) {
        error = file_ioctl_generic(process, descriptor->file, command, buffer);
    }
    if (error == 0 && (command & IOC_OUT) != 0 && bytes > 0) {
        error = ksim_copy_out(buffer, data, bytes);
    }
    ksim_descriptor_release(process, descriptor);
free_buffer:
    machine_free(buffer);
    return error;
}

int
ksim_file_set_owner(struct process *process, int fd, int owner)
{
    struct descriptor *descriptor;
    int error = ksim_descriptor_hold(process, fd, &descriptor);

    if (error == 0) {
        error = file_owner_set(process, descriptor->file, owner);
        ksim_descriptor_release(process, descriptor);
    }
    return error;
}

/* F_SETFL tells the driver both modes each time, non-blocking as 4 and asynchronous as 0x40. */
int
ksim_file_set_flags(struct process *process, int fd, int flags)
{
    struct descriptor *descriptor;
    struct open_file *file;
    int value;
    int error;

    machine_yield("fcntl");
    error = ksim_descriptor_hold(process, fd, &descriptor);
    if (error != 0) {
        return error;
    }
    file = descriptor->file;
    file->flags = (file->flags & ~IOCTL_FLAGS_SETTABLE) | (flags & IOCTL_FLAGS_SETTABLE);
    value = file->flags & FNONBLOCK;
    error = file_ioctl_kernel(process, file, FIONBIO, &value);
    if (error != 0) {
        goto release;
    }
    value = file->flags & FASYNC;
    error = file_ioctl_kernel(process, file, FIOASYNC, &value);
    if (error != 0) {
        file->flags &= ~FNONBLOCK;
        value = 0;
        (void)file_ioctl_kernel(process, file, FIONBIO, &value);
    }
release:
    ksim_descriptor_release(process, descriptor);
    return error;
}

int
ksim_file_get_flags(struct process *process, int fd, int *flags)
{
    struct descriptor *descriptor;
    int error = ksim_descriptor_hold(process, fd, &descriptor);

    if (error == 0) {
        *flags = descriptor->file->flags - 1;
        ksim_descriptor_release(process, descriptor);
    }
    return error;
}
