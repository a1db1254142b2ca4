/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SYSTEM_H
#define KSIM_SYSTEM_H

/*
 * The emulated kernel as host code sees it: boot, kexts, processes and their system calls. It is the
 * only header of sim/kernel (with inet_host.h) for userland, the command and tests that are compiled
 * against libc.
 *
 * System calls return a result >= 0 or -errno with Darwin's numbers (KSIM_E*). They must run on a
 * thread of the process that calls: ksim_thread_run makes one, machine_run runs it. User addresses
 * are host addresses. The buffers passed to a call are the process's memory for the length of that
 * call; memory that a call reaches only through a pointer inside such a buffer must be mapped first
 * (ksim_user_map), else the copy is EFAULT.
 *
 * The machine must be entered for everything that is not run on a thread, except ksim_create.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct ksim;
struct process;
struct thread;
struct kmod_info;

/* --- Darwin's numbers ------------------------------------------------------------------------ */

enum {
    KSIM_EPERM = 1, KSIM_ENOENT = 2, KSIM_ESRCH = 3, KSIM_EINTR = 4, KSIM_EIO = 5, KSIM_ENXIO = 6,
    KSIM_E2BIG = 7, KSIM_ENOEXEC = 8, KSIM_EBADF = 9, KSIM_ECHILD = 10, KSIM_EDEADLK = 11,
    KSIM_ENOMEM = 12, KSIM_EACCES = 13, KSIM_EFAULT = 14, KSIM_ENOTBLK = 15, KSIM_EBUSY = 16,
    KSIM_EEXIST = 17, KSIM_EXDEV = 18, KSIM_ENODEV = 19, KSIM_ENOTDIR = 20, KSIM_EISDIR = 21,
    KSIM_EINVAL = 22, KSIM_ENFILE = 23, KSIM_EMFILE = 24, KSIM_ENOTTY = 25, KSIM_ETXTBSY = 26,
    KSIM_EFBIG = 27, KSIM_ENOSPC = 28, KSIM_ESPIPE = 29, KSIM_EROFS = 30, KSIM_EMLINK = 31,
    KSIM_EPIPE = 32, KSIM_EDOM = 33, KSIM_ERANGE = 34, KSIM_EAGAIN = 35, KSIM_EWOULDBLOCK = 35,
    KSIM_EINPROGRESS = 36, KSIM_EALREADY = 37, KSIM_ENOTSOCK = 38, KSIM_EDESTADDRREQ = 39,
    KSIM_EMSGSIZE = 40, KSIM_EPROTOTYPE = 41, KSIM_ENOPROTOOPT = 42, KSIM_EPROTONOSUPPORT = 43,
    KSIM_ESOCKTNOSUPPORT = 44, KSIM_ENOTSUP = 45, KSIM_EPFNOSUPPORT = 46, KSIM_EAFNOSUPPORT = 47,
    KSIM_EADDRINUSE = 48, KSIM_EADDRNOTAVAIL = 49, KSIM_ENETDOWN = 50, KSIM_ENETUNREACH = 51,
    KSIM_ENETRESET = 52, KSIM_ECONNABORTED = 53, KSIM_ECONNRESET = 54, KSIM_ENOBUFS = 55,
    KSIM_EISCONN = 56, KSIM_ENOTCONN = 57, KSIM_ESHUTDOWN = 58, KSIM_ETIMEDOUT = 60,
    KSIM_ECONNREFUSED = 61, KSIM_ENAMETOOLONG = 63, KSIM_EHOSTDOWN = 64, KSIM_EHOSTUNREACH = 65,
    KSIM_ENOSYS = 78, KSIM_EOVERFLOW = 84, KSIM_EOPNOTSUPP = 102
};

enum { KSIM_O_RDONLY = 0, KSIM_O_WRONLY = 1, KSIM_O_RDWR = 2, KSIM_O_NONBLOCK = 4,
       KSIM_O_APPEND = 8, KSIM_O_ASYNC = 0x40 };
enum { KSIM_F_GETFD = 1, KSIM_F_SETFD = 2, KSIM_F_GETFL = 3, KSIM_F_SETFL = 4,
       KSIM_F_SETOWN = 6 };
enum { KSIM_POLLIN = 1, KSIM_POLLOUT = 4, KSIM_POLLNVAL = 0x20 };
enum { KSIM_EVFILT_READ = -1, KSIM_EVFILT_WRITE = -2, KSIM_NOTE_LOWAT = 1 };
enum { KSIM_SIGHUP = 1, KSIM_SIGINT = 2, KSIM_SIGKILL = 9, KSIM_SIGPIPE = 13, KSIM_SIGALRM = 14,
       KSIM_SIGTERM = 15, KSIM_SIGURG = 16, KSIM_SIGCHLD = 20, KSIM_SIGIO = 23, KSIM_SIGUSR1 = 30,
       KSIM_SIGUSR2 = 31 };
enum { KSIM_AF_INET = 2, KSIM_AF_INET6 = 30, KSIM_SOCK_STREAM = 1, KSIM_SOCK_DGRAM = 2,
       KSIM_SOCK_RAW = 3 };

/* "Input/output error" for 5: the words of Apple's strerror. Any other number: "Unknown error". */
const char *ksim_error_text(int error);

/* --- boot ------------------------------------------------------------------------------------ */

struct ksim_options {
    int darwin_major; /* 10..24; 0 = 19 */
};

/* Boots a kernel on the machine; `options` NULL = all defaults. NULL: no such release. */
struct ksim *ksim_create(struct machine *machine, const struct ksim_options *options);

/*
 * Reports what was left behind (memory, locks, devices, threads ...) with machine_finding. For the
 * end of a run: all processes closed, all kexts unloaded. Returns at once after a failure.
 */
void ksim_audit(struct ksim *kernel);

/* "10.15.7", "Darwin Kernel Version 19.6.0" and the number 19. */
const char *ksim_os_version(const struct ksim *kernel);
const char *ksim_kernel_version(const struct ksim *kernel);
int ksim_darwin_major(const struct ksim *kernel);

/* --- kexts ----------------------------------------------------------------------------------- */

/*
 * A kext compiled natively. `data_begin` and `data_bytes` cover its writable variables, kmod_info
 * among them; each machine has its own copy, and the variables are pristine whenever no machine is
 * entered and at each load. `data_bytes` 0: the kext has no state, or only one machine exists.
 */
struct ksim_kext_image {
    const char *bundle_id;
    const char *version;
    struct kmod_info *kmod;
    void *data_begin;
    size_t data_bytes;
    const char *const *libraries; /* bundle ids that it links against, ended by NULL; NULL = none */
};

enum {
    KSIM_KEXT_OK = 0,
    KSIM_KEXT_INVALID_ARGUMENT = (int)0xdc008005,
    KSIM_KEXT_NOT_FOUND = (int)0xdc008006,
    KSIM_KEXT_BAD_DATA = (int)0xdc008007,
    KSIM_KEXT_NOT_PRIVILEGED = (int)0xdc008004,
    KSIM_KEXT_DEPENDENCIES = (int)0xdc00800e,
    KSIM_KEXT_START_STOP = (int)0xdc008017,
    KSIM_KEXT_IN_USE = (int)0xdc008018
};

/* Makes an image known to kextload. The image is borrowed for the life of the machine. */
void ksim_kext_register(struct ksim *kernel, const struct ksim_kext_image *image);

/*
 * kextload and kextunload by bundle id, on the calling thread. Loading a loaded kext is a success; its
 * libraries are loaded first, and in use until all that link against them are unloaded.
 * A start that fails leaves the kext unloaded; what it left registered is a finding.
 */
int ksim_kext_load(struct ksim *kernel, const char *bundle_id);
int ksim_kext_unload(struct ksim *kernel, const char *bundle_id);
bool ksim_kext_is_loaded(struct ksim *kernel, const char *bundle_id);
/* The text that kext_tools print for a result, without the path: "(libkern/kext) ...". */
const char *ksim_kext_result_text(int result);

/* --- processes and threads ------------------------------------------------------------------- */

/* A process with no descriptors open. Lives until the machine is destroyed, also after its exit. */
struct process *ksim_process_create(struct ksim *kernel, const char *name, unsigned uid);
int ksim_process_pid(const struct process *process);
const char *ksim_process_name(const struct process *process);
unsigned ksim_process_uid(const struct process *process);
void ksim_process_set_uid(struct process *process, unsigned uid);
/* True once it has ended; *signal is what ended it, 0 = exit. */
bool ksim_process_exited(const struct process *process, int *signal);
unsigned ksim_process_signals_caught(const struct process *process, int signal);

/* Runs `body` on a new thread of the process when the machine runs. `name` is copied. */
struct thread *ksim_thread_run(struct process *process, const char *name, void (*body)(void *),
                               void *argument);

enum ksim_signal_action { KSIM_SIGNAL_DEFAULT, KSIM_SIGNAL_IGNORE, KSIM_SIGNAL_CATCH,
                          KSIM_SIGNAL_CATCH_RESTART };
void ksim_signal_set(struct process *process, int signal, enum ksim_signal_action action);
void ksim_signal_block(struct process *process, int signal, bool blocked);

/* kill(2) without its permission check; any context. 0 or -errno. */
int ksim_system_kill(struct process *process, int signal);
/* _exit(2) of the calling thread's process: closes its descriptors; does not return. */
_Noreturn void ksim_system_exit(struct process *process);

/* --- user memory ----------------------------------------------------------------------------- */

/* Makes a range readable and writable for copies; mappings last until unmapped. */
void ksim_user_map(struct process *process, void *address, size_t bytes);
void ksim_user_unmap(struct process *process, void *address);
/*
 * Copies that reach byte `offset` of [address, address + bytes) fault, for every system call of the
 * process until ksim_user_unmap(address).
 */
void ksim_user_fault_at(struct process *process, void *address, size_t bytes, size_t offset);

/* --- files ----------------------------------------------------------------------------------- */

/* EACCES, ENOENT, ENXIO, EMFILE, ENFILE or what the driver says. */
int ksim_system_open(struct process *process, const char *path, int flags);
int ksim_system_close(struct process *process, int fd);
int64_t ksim_system_read(struct process *process, int fd, void *buffer, size_t bytes);
int64_t ksim_system_write(struct process *process, int fd, const void *buffer, size_t bytes);

struct ksim_iovec {
    void *base;
    size_t bytes;
};
int64_t ksim_system_readv(struct process *process, int fd, const struct ksim_iovec *vectors,
                          int count);
int64_t ksim_system_writev(struct process *process, int fd, const struct ksim_iovec *vectors,
                           int count);

/* `data` points at IOCPARM_LEN(command) bytes, or is passed on for commands without data. */
int ksim_system_ioctl(struct process *process, int fd, unsigned long command, void *data);
int ksim_system_fcntl(struct process *process, int fd, int command, int64_t argument);
int ksim_system_dup(struct process *process, int fd);
int ksim_system_dup2(struct process *process, int fd, int to);
/* A child with the same descriptors, name, user and process group. NULL when the process has ended. */
struct process *ksim_system_fork(struct process *process);
int ksim_system_revoke(struct process *process, const char *path);

/*
 * select for up to 256 descriptors: bit fd of each set (32 bytes, may be NULL) in and out. timeout_ns
 * < 0 = for ever, 0 = poll. Returns how many bits are set.
 */
struct ksim_fd_set {
    uint64_t bits[4];
};
int ksim_system_select(struct process *process, int count, struct ksim_fd_set *read,
                       struct ksim_fd_set *write, struct ksim_fd_set *except, int64_t timeout_ns);

struct ksim_pollfd {
    int fd;
    short events;
    short revents;
};
int ksim_system_poll(struct process *process, struct ksim_pollfd *fds, unsigned count,
                     int64_t timeout_ns);

/*
 * kevent with one change and one event: registers (fd, filter, fflags, data) and waits for it.
 * 1 = the event came, 0 = timeout, -errno when the registration was refused (EINVAL, ENODEV).
 */
int ksim_system_kevent(struct process *process, int fd, int filter, unsigned fflags, int64_t data,
                       int64_t timeout_ns);

/* socket(2); the ioctls of interfaces work on it. */
int ksim_system_socket(struct process *process, int domain, int type, int protocol);

/* Sleeps in virtual time; 0 or -EINTR. */
int ksim_system_sleep(struct process *process, uint64_t duration_ns);
/* Virtual nanoseconds since boot, as a program would read them. */
uint64_t ksim_system_time_ns(void);

/* A node of /dev as `ls -l` shows it. False when there is none. */
struct ksim_device_status {
    unsigned major, minor, mode, uid, gid;
};
bool ksim_system_device_status(struct ksim *kernel, const char *path,
                               struct ksim_device_status *status);

#endif
