/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_PROC_H
#define KPI_SYS_PROC_H

/* Processes, and sleeping on addresses. */

#include <kern/locks.h>
#include <kern/thread.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/param.h>
#include <sys/signal.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/vm.h>

__BEGIN_DECLS

/* A reference to the running process, or to that with the number; both dropped with proc_rele. */
proc_t proc_self(void) KPI_SYMBOL(proc_self);
proc_t proc_find(pid_t pid) KPI_SYMBOL(proc_find);
int proc_rele(proc_t process) KPI_SYMBOL(proc_rele);

pid_t proc_pid(proc_t process) KPI_SYMBOL(proc_pid);
pid_t proc_ppid(proc_t process) KPI_SYMBOL(proc_ppid);
/* The id of its process group. */
pid_t proc_pgrpid(proc_t process) KPI_SYMBOL(proc_pgrpid);
pid_t proc_selfpid(void) KPI_SYMBOL(proc_selfpid);
pid_t proc_selfppid(void) KPI_SYMBOL(proc_selfppid);
/* The command's name, cut to fit `size` bytes with its NUL. */
void proc_name(int pid, char *buffer, int size) KPI_SYMBOL(proc_name);
void proc_selfname(char *buffer, int size) KPI_SYMBOL(proc_selfname);
/* 0 or EPERM. */
int proc_suser(proc_t process) KPI_SYMBOL(proc_suser);
int proc_is64bit(proc_t process) KPI_SYMBOL(proc_is64bit);
int proc_exiting(proc_t process) KPI_SYMBOL(proc_exiting);
/* Send a signal; no error when the process is gone. */
void proc_signal(int pid, int signal) KPI_SYMBOL(proc_signal);
int proc_issignal(int pid, sigset_t mask) KPI_SYMBOL(proc_issignal);

/*
 * Sleep on `channel`, dropping `mutex` while asleep; taken again on return unless PDROP is in
 * `priority`. PCATCH lets a signal end it: EINTR or ERESTART. A `timeout` that runs out:
 * EWOULDBLOCK. 0 when woken. `timeout` NULL or zero: for ever.
 */
int msleep(void *channel, lck_mtx_t *mutex, int priority, const char *message,
    struct timespec *timeout) KPI_SYMBOL(msleep);
/* Wake all sleepers, or one. Any context in which a mutex may be taken. */
void wakeup(void *channel) KPI_SYMBOL(wakeup);
void wakeup_one(caddr_t channel) KPI_SYMBOL(wakeup_one);

__END_DECLS

#endif
