/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SYSTEM_H
#define KSIM_SYSTEM_H

/*
 * The emulated kernel as host code sees it: boot, kexts, processes and their system calls. It is the
 * only header of sim/kernel (with *_host.h) for userland, the command and tests that are compiled
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
struct fiber;
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
    bool ethernet;    /* the Mac has en0, on a LAN of its own (lan_host.h) */
    /* The boot argument net_async=0: from 12 on ifnet_input runs the stack on its caller; no other release minds. */
    bool net_async_off;
    /* How late an input thread begins is the tape's choice; else it begins at once. */
    bool input_late;
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

struct ksim_kext_binary;

/*
 * A kext: compiled natively, or out of a file (kext_host.h). `data_begin` and `data_bytes` cover its writable variables, kmod_info
 * among them; each machine has its own copy, and the variables are pristine whenever no machine is
 * entered and at each load. `data_bytes` 0: the kext has no state, or only one machine exists.
 */
struct ksim_kext_image {
    const char *bundle_id;
    const char *version;
    struct kmod_info *kmod;
    void *data_begin;
    size_t data_bytes;
    /*
     * OSBundleLibraries: bundle ids that it links against, kexts and components of the kernel
     * (com.apple.kpi.*, kpi_export.h), ended by NULL; NULL = none.
     */
    const char *const *libraries;
    const char *const *imports; /* symbols it takes from the kernel, ended by NULL; NULL = unknown */
    const char *const *library_versions; /* that it wants, in the order of libraries; NULL = any */
    const char *compatible_version;      /* OSBundleCompatibleVersion; NULL = any, unless `binary` */
    const struct ksim_kext_binary *binary; /* NULL: compiled natively */
    /*
     * A kext that cannot be loaded, whatever the release: the result of each attempt, and what the kernel's
     * linker says then (NULL: nothing). All but the bundle id may be missing.
     */
    int defect;
    const char *defect_text;
};

enum {
    KSIM_KEXT_OK = 0,
    KSIM_KEXT_NO_MEMORY = (int)0xdc008002,
    KSIM_KEXT_INVALID_ARGUMENT = (int)0xdc008005,
    KSIM_KEXT_NOT_FOUND = (int)0xdc008006,
    KSIM_KEXT_BAD_DATA = (int)0xdc008007,
    KSIM_KEXT_NOT_PRIVILEGED = (int)0xdc008004,
    KSIM_KEXT_VALIDATION = (int)0xdc00800c,
    KSIM_KEXT_AUTHENTICATION = (int)0xdc00800d,
    KSIM_KEXT_DEPENDENCIES = (int)0xdc00800e,
    KSIM_KEXT_NO_ARCHITECTURE = (int)0xdc00800f,
    KSIM_KEXT_LINK = (int)0xdc008016,
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

/* A loaded kext, as kextstat shows it: index 0 is the one loaded first. False past the last. */
struct ksim_kext_status {
    unsigned load_tag, references;
    uint64_t address, bytes;
    const char *bundle_id, *version;
    const unsigned char *uuid; /* 16 bytes; NULL: it has none */
};
bool ksim_kext_status(struct ksim *kernel, unsigned index, struct ksim_kext_status *status);

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

/*
 * Tells when the thread ends, by its return, exit or a signal: `ended` is called on it, once, last of all,
 * and must not block or make system calls. Before the thread first runs.
 */
void ksim_thread_watch(struct thread *thread, void (*ended)(void *), void *argument);

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
/* fcntl(F_GETPATH): "/dev/tap0" of a device's descriptor. -EBADF for others and for one that has no name. */
int ksim_system_descriptor_path(struct process *process, int fd, char *path, size_t bytes);
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

/*
 * For a program whose event comes from host code: sleeps while *word is `value`. 0 when it was woken or
 * *word is another, -ETIMEDOUT, or -EINTR for a signal. ksim_system_wake counts *word up and wakes
 * all who sleep on it; any context.
 */
int ksim_system_sleep_unless(struct process *process, const unsigned *word, unsigned value,
                             uint64_t duration_ns);
void ksim_system_wake(unsigned *word);

/* Virtual calendar time: nanoseconds since 1970-01-01 UTC. */
uint64_t ksim_system_calendar_ns(void);

/* --- lists that programs read ---------------------------------------------------------------- */

/* A process that has not ended, oldest first (the first is the kernel's own). False past the last. */
struct ksim_process_status {
    int pid, parent_pid;
    unsigned uid;
    const char *name;
};
bool ksim_system_process(struct ksim *kernel, unsigned position,
                         struct ksim_process_status *status);
/* The living process of that number, or NULL. */
struct process *ksim_process_of_pid(struct ksim *kernel, int pid);

/* An attached interface, in order of attach. Must run on a thread. */
struct ksim_interface_status {
    char name[24];
    unsigned index, flags, mtu, type;
    bool has_link_address;
    uint8_t link_address[6];
    uint64_t packets_in, errors_in, bytes_in;
    uint64_t packets_out, errors_out, bytes_out;
    uint64_t collisions, dropped;
};
bool ksim_system_interface(unsigned position, struct ksim_interface_status *status);

/* An IPv4 or IPv6 address of an interface, in its order. Addresses are in network order. */
struct ksim_address_status {
    uint8_t family; /* 4 or 6 */
    uint8_t address[16], netmask[16];
    bool has_destination; /* or broadcast address */
    uint8_t destination[16];
    unsigned scope; /* of a link-local IPv6 address: the interface's index */
    unsigned flags; /* IN6_IFF_* */
    bool duplicated;
};
bool ksim_system_interface_address(const char *name, unsigned position,
                                   struct ksim_address_status *status);

/* An entry of the ARP and ND cache, newest first. */
enum ksim_neighbour_state { KSIM_NEIGHBOUR_INCOMPLETE, KSIM_NEIGHBOUR_KNOWN, KSIM_NEIGHBOUR_DEAD };
struct ksim_neighbour_status {
    uint8_t family;
    uint8_t address[16], link_address[6];
    char interface[24];
    enum ksim_neighbour_state state;
    uint64_t until_ns; /* when the state ends */
};
bool ksim_system_neighbour(unsigned position, struct ksim_neighbour_status *status);
/* Forgets a neighbour on every interface. -EPERM, -ESRCH. */
int ksim_system_neighbour_delete(struct process *process, uint8_t family, const uint8_t *address);

/* A static route (inet_host.h), in order of addition. */
struct ksim_route_status {
    uint8_t family;
    uint8_t network[16];
    unsigned prefix_bits;
    bool has_gateway;
    uint8_t gateway[16];
    char interface[24];
};
bool ksim_system_route(unsigned position, struct ksim_route_status *status);

/* How a packet to an address would leave; `scope` 0 or the index of the interface it has to. 0, -EHOSTUNREACH,
 * or -ENXIO for a scope that is no interface. */
struct ksim_route_way {
    char interface[24];
    unsigned mtu;
    uint8_t source[16];
    bool local; /* one of our own addresses */
    bool has_gateway;
    uint8_t gateway[16];
};
int ksim_system_route_way(uint8_t family, const uint8_t *address, unsigned scope,
                          struct ksim_route_way *way);

/* What netstat -m counts. */
enum { KSIM_MBUF_TYPES = 32, KSIM_MBUF_CLUSTER_SIZES = 3 };
struct ksim_mbuf_status {
    uint64_t mbufs_used, mbufs, of_type[KSIM_MBUF_TYPES];
    uint64_t clusters_used[KSIM_MBUF_CLUSTER_SIZES], clusters[KSIM_MBUF_CLUSTER_SIZES]; /* 2, 4, 16 KiB */
    uint64_t failures;
};
void ksim_system_mbufs(struct ksim *kernel, struct ksim_mbuf_status *status);

/* The name of a node of /dev, oldest first; NULL past the last. */
const char *ksim_system_device_name(struct ksim *kernel, unsigned position);

/* A node of /dev as `ls -l` shows it. False when there is none. */
struct ksim_device_status {
    unsigned major, minor, mode, uid, gid;
    uint64_t made_ns; /* calendar time */
};
bool ksim_system_device_status(struct ksim *kernel, const char *path,
                               struct ksim_device_status *status);

/* --- what nobody inside can see: for whoever looks at the machine as it stands ------------------- */

/*
 * None of these takes a step, a lock or a choice, so that looking changes nothing. They may be called
 * outside every thread.
 */

/* A thread that has not ended, oldest first. Texts live until the machine runs again. */
struct ksim_thread_look {
    unsigned number; /* of its fiber */
    int pid;
    const char *process, *name, *state; /* "running", "runnable", "blocked" */
    const char *kext;                   /* on whose behalf it runs now, or NULL */
    const char *why;                    /* of a blocked one, else NULL */
    char what[96];                      /* what it waits for, "" when that has no name */
    uint64_t since_ns, deadline_ns;     /* blocked since; 0 = no deadline */
};
bool ksim_look_thread(struct ksim *kernel, unsigned position, struct ksim_thread_look *look);
/* "PROCESS THREAD" of the thread that runs on a fiber; the fiber's name when it is none. */
void ksim_look_fiber(const struct fiber *fiber, char *text, size_t bytes);

/* A lock, oldest first: its kind, group and number; who has it and who waits for it. */
struct ksim_lock_look {
    char name[160];
    unsigned held, waiting, later; /* threads, threads, locks that were taken while it was held */
};
bool ksim_look_lock(struct ksim *kernel, unsigned position, struct ksim_lock_look *look);
enum ksim_lock_relation { KSIM_LOCK_HOLDER, KSIM_LOCK_WAITER, KSIM_LOCK_LATER };
/* The index-th holder (thread), waiter (thread) or later lock of the lock at `position`. */
bool ksim_look_lock_relation(struct ksim *kernel, unsigned position, enum ksim_lock_relation relation,
                             unsigned index, char *text, size_t bytes);

/*
 * The live mbuf whose serial number is the next above *serial, which becomes its own (begin with 0):
 * "mbuf 17 (42 bytes): mbuf_get at step 90 by ..., ...". False: there is none.
 */
bool ksim_look_mbuf(struct ksim *kernel, uint64_t *serial, char *text, size_t bytes);

/* An attached interface's name and how many packets wait for its input thread, in order of attach. */
bool ksim_look_interface(struct ksim *kernel, unsigned position, const char **name,
                         unsigned *input_packets);

/* What a process does with a signal. */
enum ksim_signal_action ksim_look_signal_action(const struct process *process, int signal);

#endif
