/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_FILE_H
#define KSIM_FILE_H

/*
 * Descriptors, open files and vnodes of devices (kpi-rest.md 2.3 to 2.6).
 *
 *   descriptor   per process; closing one waits until no thread is inside it (fileproc_drain)
 *   open file    shared by dup and fork; the last reference closes the vnode
 *   vnode        one per live /dev name; revoke makes it dead and opens later get a new one
 *   device lock  one per dev_t, held across d_open and the last d_close from darwin11 on
 *
 * All functions return 0 or a Darwin errno and must run on a thread of `process`.
 */

#include <devfs.h>
#include <process.h>
#include <sys/kpi_socket.h>

enum { FILE_DESCRIPTORS_MAX = 256 };
enum file_kind { FILE_DEVICE, FILE_SOCKET };

struct device_vnode {
    struct device_vnode *next;
    struct devfs_node *node; /* NULL when it lost its name */
    dev_t device;
    uint32_t opens;          /* v_usecount */
    uint32_t io_count;       /* threads inside an operation */
    uint32_t references;     /* open files and waiting threads */
    bool draining;           /* revoke waits for io_count */
    bool dead;               /* deadfs */
};

struct device_lock {
    struct device_lock *next;
    dev_t device;
    uint32_t open_count;
    struct ksim_lock *lock;
};

struct open_file {
    uint32_t references;
    enum file_kind kind;
    int flags; /* FREAD, FWRITE, FNONBLOCK, FASYNC ... */
    struct device_vnode *vnode;
    socket_t socket;
    off_t offset;
    int signal_owner; /* of a socket, which the generic layer keeps */
};

struct descriptor {
    struct open_file *file;
    uint32_t users;     /* threads inside a call on it */
    uint32_t selecting; /* of these, in select or kevent */
    bool opening;       /* reserved by an open that has not ended: EBADF to others */
    bool closing;
    bool close_on_exec;
};

struct file_descriptors {
    struct descriptor *slots[FILE_DESCRIPTORS_MAX];
};

struct file_system {
    struct device_vnode *vnodes;
    uint32_t open_files;
    struct _lck_grp_ *lock_group; /* of the device locks */
    struct selinfo_record *selinfo_records; /* select.c; newest first */
};

void ksim_files_boot(struct ksim *kernel);
/* Reports open files and vnodes in use. */
void ksim_files_audit(struct ksim *kernel);

/* fp_lookup and fp_drop: EBADF when there is none or it is being closed. */
int ksim_descriptor_hold(struct process *process, int fd, struct descriptor **out);
void ksim_descriptor_release(struct process *process, struct descriptor *descriptor);
/* The lowest free number from `lowest` on, not usable until _use gives it a file. EMFILE, EINVAL. */
int ksim_descriptor_reserve(struct process *process, int lowest, int *fd);
void ksim_descriptor_use(struct process *process, int fd, struct open_file *file);
void ksim_descriptor_cancel(struct process *process, int fd);
/* A new descriptor for the file, taking over the caller's reference. EMFILE, EINVAL. */
int ksim_descriptor_allocate(struct process *process, struct open_file *file, int lowest, int *fd);

struct open_file *ksim_open_file_create(enum file_kind kind, int flags);
/* closef: the last reference closes device or socket. */
int ksim_open_file_release(struct process *process, struct open_file *file);

int ksim_file_open(struct process *process, const char *path, int flags, int *fd);
int ksim_file_close(struct process *process, int fd);
void ksim_files_close_all(struct process *process);
int ksim_file_duplicate(struct process *process, int fd, int lowest, int *out);
int ksim_file_duplicate_to(struct process *process, int fd, int to);
void ksim_files_inherit(struct process *child, struct process *parent);
int ksim_file_revoke(struct process *process, const char *path);

/*
 * One read or write call of at most limit_bytes (EINVAL): *done is the count for user space, also with errors
 * dropped (2.5).
 */
int ksim_file_transfer(struct process *process, int fd, uio_t uio, uint64_t limit_bytes,
                       int64_t *done);
int ksim_file_ioctl(struct process *process, int fd, unsigned long command, uint64_t data);
/* F_SETOWN and FIOSETOWN: who gets the signals of a file, a process or, negative, a process group. */
int ksim_file_set_owner(struct process *process, int fd, int owner);
int ksim_file_set_flags(struct process *process, int fd, int flags);
int ksim_file_get_flags(struct process *process, int fd, int *flags);

/* The vnode layer, with the count of threads inside kept. */
int ksim_vnode_open(const char *path, struct process *process, int flags,
                    struct device_vnode **out);
int ksim_vnode_close(struct device_vnode *vnode, int flags, struct process *process);
void ksim_vnode_enter(struct device_vnode *vnode);
void ksim_vnode_exit(struct device_vnode *vnode);
int ksim_vnode_revoke(const char *path, struct process *process);

#endif
