/* SPDX-License-Identifier: BSD-2-Clause */
#include "process.h"

#include "file.h"
#include "lock.h"
#include "thread.h"
#include "wait.h"

#include <sys/errno.h>
#include <sys/kauth.h>
#include <sys/signal.h>

struct process_system {
    struct process *processes; /* oldest first */
    int last_pid;
};

void
ksim_processes_boot(struct ksim *kernel)
{
    struct process_system *system = machine_allocate(sizeof(*system), "process system");

    machine_fill(system, 0, sizeof(*system));
    system->last_pid = -1;
    kernel->processes = system;
    (void)ksim_process_create_record(kernel, "kernel_task", 0, NULL);
    kernel->threads->boot.process = system->processes;
}

struct process *
ksim_process_create_record(struct ksim *kernel, const char *name, uint32_t uid,
                           struct process *parent)
{
    struct proc *proc = machine_allocate(sizeof(*proc), "process");
    struct process *process = &proc->process;
    struct process **link = &kernel->processes->processes;

    machine_fill(proc, 0, sizeof(*proc));
    process->pid = ++kernel->processes->last_pid;
    process->group = process->pid;
    machine_format(process->name, sizeof(process->name), "%s", name);
    process->uid = uid;
    process->gid = uid == 0 ? 0 : 20;
    process->parent = parent;
    process->references = 1;
    process->files = machine_allocate(sizeof(*process->files), "descriptors");
    machine_fill(process->files, 0, sizeof(*process->files));
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = process;
    return process;
}

struct process *
ksim_process_of(proc_t proc)
{
    return proc == NULL ? NULL : &proc->process;
}

proc_t
ksim_process_proc(struct process *process)
{
    return (proc_t)process;
}

struct process *
ksim_process_current(void)
{
    struct process *process = ksim_thread_current()->process;

    return process == NULL ? ksim_process_kernel() : process;
}

struct process *
ksim_process_kernel(void)
{
    return ksim_current()->processes->processes;
}

struct process *
ksim_process_find(int pid)
{
    struct process *process = ksim_process_kernel();

    while (process != NULL && (process->pid != pid || process->exited)) {
        process = process->next;
    }
    return process;
}

/* --- signals ----------------------------------------------------------------------------------- */

static bool
signal_ignored(const struct process *process, int signal)
{
    enum signal_action action = process->signal_actions[signal];

    if (action != SIGNAL_DEFAULT) {
        return action == SIGNAL_IGNORE;
    }
    return signal == SIGURG || signal == SIGCONT || signal == SIGCHLD || signal == SIGIO ||
           signal == SIGWINCH || signal == SIGINFO;
}

static void
thread_abort_visit(struct thread *thread, void *context)
{
    (void)context;
    ksim_thread_abort(thread);
}

static void
thread_abort_safely_visit(struct thread *thread, void *context)
{
    (void)context;
    ksim_thread_abort_safely(thread);
}

static void
process_end_body(void *argument)
{
    (void)argument;
}

static void
process_end(struct process *process, int signal)
{
    if (process->ending || process->exited) {
        return;
    }
    process->ending = true;
    process->exit_signal = signal;
    if (process->user_threads == 0) {
        /* Nobody would reach the end of a system call: the task's last thread is made up. */
        (void)ksim_thread_create_user(process, "exit", process_end_body, NULL);
    }
}

int
ksim_process_signal(struct process *process, int signal)
{
    if (signal < 1 || signal >= PROCESS_SIGNALS) {
        return EINVAL;
    }
    if (process->exited) {
        return ESRCH;
    }
    if (signal == SIGKILL) {
        process_end(process, signal);
        ksim_threads_each(process, thread_abort_visit, NULL);
        return 0;
    }
    if (signal_ignored(process, signal)) {
        return 0;
    }
    process->signals_pending |= 1U << (signal - 1);
    if ((process->signals_blocked & (1U << (signal - 1))) == 0) {
        if (process->user_threads == 0 && process->signal_actions[signal] == SIGNAL_DEFAULT) {
            process_end(process, signal);
        }
        ksim_threads_each(process, thread_abort_safely_visit, NULL);
    }
    return 0;
}

/* The lowest signal that may be delivered now, 0 = none. */
static int
signal_next(const struct process *process)
{
    uint32_t ready = process->signals_pending & ~process->signals_blocked;

    for (int signal = 1; ready != 0 && signal < PROCESS_SIGNALS; signal++) {
        if ((ready & (1U << (signal - 1))) != 0 && !signal_ignored(process, signal)) {
            return signal;
        }
    }
    return 0;
}

int
ksim_process_signal_pending(void)
{
    const struct process *process = ksim_process_current();
    int signal;

    if (process->exiting) {
        return 0;
    }
    if (process->ending) {
        return EINTR;
    }
    signal = signal_next(process);
    if (signal == 0) {
        return 0;
    }
    return process->signal_actions[signal] == SIGNAL_CATCH_RESTART ? ERESTART : EINTR;
}

static void
signals_deliver(struct process *process)
{
    int signal;

    while ((signal = signal_next(process)) != 0) {
        process->signals_pending &= ~(1U << (signal - 1));
        if (process->signal_actions[signal] == SIGNAL_DEFAULT) {
            process_end(process, signal);
            ksim_threads_each(process, thread_abort_visit, NULL);
            return;
        }
        process->signals_caught[signal]++;
    }
}

void
ksim_return_to_user(const char *call)
{
    struct thread *thread = ksim_thread_current();
    struct process *process = thread->process;

    for (uint32_t i = 0; i < thread->held_count; i++) {
        machine_finding(MACHINE_LEAK, "%s of thread %s returned to user mode with %s held", call,
                        thread->name, ksim_lock_describe(thread->held[i].lock));
    }
    if (!thread->counts_user || process->exiting) {
        return;
    }
    machine_yield(call);
    thread->abort_safely = false;
    signals_deliver(process);
    if (process->ending) {
        thread->user_ranges = NULL;
        ksim_thread_exit();
    }
    thread->abort_hard = false;
}

void
ksim_process_exit_now(struct process *process, int signal)
{
    if (process->exiting || process->exited) {
        return;
    }
    process->ending = true;
    process->exiting = true;
    process->exit_signal = signal;
    ksim_files_close_all(process);
    process->exited = true;
    (void)ksim_wakeup(process);
}

void
ksim_processes_audit(struct ksim *kernel)
{
    for (const struct process *process = kernel->processes->processes; process != NULL;
         process = process->next) {
        if (process->references != 1) {
            machine_finding(MACHINE_LEAK, "process %s (%d) has %u references too many",
                            process->name, process->pid, process->references - 1);
        }
    }
}

/* --- KPI --------------------------------------------------------------------------------------- */

proc_t
proc_self(void)
{
    ksim_kpi_enter("proc_self", KPI_ANY_CONTEXT);
    ksim_process_current()->references++;
    return ksim_process_proc(ksim_process_current());
}

proc_t
proc_find(pid_t pid)
{
    struct process *process;

    ksim_kpi_enter("proc_find", KPI_MAY_BLOCK);
    process = ksim_process_find(pid);
    if (process == NULL) {
        return NULL;
    }
    process->references++;
    return ksim_process_proc(process);
}

int
proc_rele(proc_t proc)
{
    ksim_kpi_enter("proc_rele", KPI_ANY_CONTEXT);
    if (proc->process.references <= 1) {
        machine_fail(MACHINE_CONTRACT, "proc_rele: process %s released more often than found",
                     proc->process.name);
    }
    proc->process.references--;
    return 0;
}

proc_t
current_proc(void)
{
    ksim_kpi_enter("current_proc", KPI_ANY_CONTEXT);
    return ksim_process_proc(ksim_process_current());
}

pid_t
proc_pid(proc_t proc)
{
    ksim_kpi_enter("proc_pid", KPI_ANY_CONTEXT);
    return proc == NULL ? -1 : proc->process.pid;
}

pid_t
proc_ppid(proc_t proc)
{
    ksim_kpi_enter("proc_ppid", KPI_ANY_CONTEXT);
    if (proc == NULL) {
        return -1;
    }
    return proc->process.parent == NULL ? 0 : proc->process.parent->pid;
}

pid_t
proc_pgrpid(proc_t proc)
{
    ksim_kpi_enter("proc_pgrpid", KPI_ANY_CONTEXT);
    return proc == NULL ? -1 : proc->process.group;
}

pid_t
proc_selfpid(void)
{
    ksim_kpi_enter("proc_selfpid", KPI_ANY_CONTEXT);
    return ksim_process_current()->pid;
}

pid_t
proc_selfppid(void)
{
    ksim_kpi_enter("proc_selfppid", KPI_ANY_CONTEXT);
    return ksim_process_current()->parent == NULL ? 0 : ksim_process_current()->parent->pid;
}

void
proc_name(int pid, char *buffer, int size)
{
    const struct process *process;

    ksim_kpi_enter("proc_name", KPI_MAY_BLOCK);
    process = ksim_process_find(pid);
    if (process != NULL && size > 0) {
        machine_format(buffer, (size_t)size, "%s", process->name);
    }
}

void
proc_selfname(char *buffer, int size)
{
    ksim_kpi_enter("proc_selfname", KPI_ANY_CONTEXT);
    if (size > 0) {
        machine_format(buffer, (size_t)size, "%s", ksim_process_current()->name);
    }
}

int
proc_suser(proc_t proc)
{
    ksim_kpi_enter("proc_suser", KPI_ANY_CONTEXT);
    return proc->process.uid == 0 ? 0 : EPERM;
}

int
proc_is64bit(proc_t proc)
{
    ksim_kpi_enter("proc_is64bit", KPI_ANY_CONTEXT);
    return proc != NULL;
}

int
proc_exiting(proc_t proc)
{
    ksim_kpi_enter("proc_exiting", KPI_ANY_CONTEXT);
    return proc->process.exiting;
}

void
proc_signal(int pid, int signal)
{
    struct process *process;

    ksim_kpi_enter("proc_signal", KPI_MAY_BLOCK);
    process = ksim_process_find(pid);
    if (process != NULL) {
        (void)ksim_process_signal(process, signal);
    }
}

int
proc_issignal(int pid, sigset_t mask)
{
    const struct process *process;

    ksim_kpi_enter("proc_issignal", KPI_MAY_BLOCK);
    process = ksim_process_find(pid);
    if (process == NULL) {
        return 0;
    }
    return (process->signals_pending & ~process->signals_blocked & mask) != 0;
}

/* A credential is the process it belongs to: nothing but the numbers can be asked. */
kauth_cred_t
kauth_cred_get(void)
{
    ksim_kpi_enter("kauth_cred_get", KPI_ANY_CONTEXT);
    return (kauth_cred_t)(void *)ksim_process_current();
}

uid_t
kauth_cred_getuid(kauth_cred_t credential)
{
    ksim_kpi_enter("kauth_cred_getuid", KPI_ANY_CONTEXT);
    return ((const struct process *)(const void *)credential)->uid;
}

gid_t
kauth_cred_getgid(kauth_cred_t credential)
{
    ksim_kpi_enter("kauth_cred_getgid", KPI_ANY_CONTEXT);
    return ((const struct process *)(const void *)credential)->gid;
}

uid_t
kauth_getuid(void)
{
    ksim_kpi_enter("kauth_getuid", KPI_ANY_CONTEXT);
    return ksim_process_current()->uid;
}

gid_t
kauth_getgid(void)
{
    ksim_kpi_enter("kauth_getgid", KPI_ANY_CONTEXT);
    return ksim_process_current()->gid;
}
