/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_PROCESS_H
#define KSIM_PROCESS_H

/*
 * Processes: identity, descriptors, signals (kpi-rest.md 2.4, 4.5, 4.6). A proc_t points at the
 * struct process inside a struct proc; ksim_process_of converts. A process ends with
 * ksim_process_exit or a fatal signal, never because its last thread ended: programs run one thread
 * per command.
 */

#include <ksim.h>
#include <kern/thread.h>
#include <sys/proc.h>

struct file_descriptors;
struct user_range;

enum { PROCESS_NAME_BYTES = 33, PROCESS_SIGNALS = 32 };

enum signal_action {
    SIGNAL_DEFAULT,       /* ends the process, except for those ignored by default */
    SIGNAL_IGNORE,
    SIGNAL_CATCH,         /* handler without SA_RESTART: EINTR */
    SIGNAL_CATCH_RESTART  /* handler with SA_RESTART: ERESTART */
};

struct process {
    struct process *next; /* oldest first; the first one is kernel_task */
    int pid;
    int group; /* process group id; a process begins as the leader of its own, a child in its parent's */
    char name[PROCESS_NAME_BYTES];
    uint32_t uid, gid;
    struct process *parent;
    struct file_descriptors *files;
    uint32_t references;
    uint32_t user_threads; /* alive */
    bool ending;           /* exit or a fatal signal has begun: its threads end at the next return */
    bool exiting;          /* waits in its close calls cannot be interrupted */
    bool exited;
    int exit_signal;       /* what ended it, 0 = exit */
    uint32_t signals_pending; /* bit n-1 */
    uint32_t signals_blocked;
    enum signal_action signal_actions[PROCESS_SIGNALS];
    uint32_t signals_caught[PROCESS_SIGNALS]; /* how often a handler ran */
    struct user_range *user_ranges;           /* mapped for good (uio.h) */
};

struct proc {
    struct process process;
};

void ksim_processes_boot(struct ksim *kernel);
void ksim_processes_audit(struct ksim *kernel);

struct process *ksim_process_of(proc_t proc);
proc_t ksim_process_proc(struct process *process);

struct process *ksim_process_create_record(struct ksim *kernel, const char *name, uint32_t uid,
                                           struct process *parent);
/* The process of the running thread. */
struct process *ksim_process_current(void);
struct process *ksim_process_kernel(void);
struct process *ksim_process_find(int pid);

/* psignal. 0, EINVAL for no such signal, ESRCH for an ended process. Any context. */
int ksim_process_signal(struct process *process, int signal);
/* CURSIG for the running thread: 0, EINTR or ERESTART for the first pending signal not blocked. */
int ksim_process_signal_pending(void);

/* exit1: closes all descriptors on the running thread, which must hold nothing. Once. */
void ksim_process_exit_now(struct process *process, int signal);

/*
 * End of a system call: held locks are reported, caught signals are delivered, and the thread of a
 * process that has been ended does not return.
 */
void ksim_return_to_user(const char *call);

#endif
