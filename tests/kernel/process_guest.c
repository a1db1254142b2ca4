/* SPDX-License-Identifier: BSD-2-Clause */

/* What a driver may ask about processes: kpi-rest.md 4.6. */

#include "guest.h"

#include <process.h>
#include <string.h>
#include <sys/kauth.h>
#include <sys/proc.h>
#include <system.h>

void
process_identity(void *argument)
{
    proc_t self = proc_self();
    char name[16];

    (void)argument;
    say("same", proc_pid(self) == proc_selfpid());
    say("current", current_proc() == self);
    say("null", proc_pid(NULL));
    say("parent", proc_ppid(self));
    say("parent", proc_selfppid());
    say("parent", proc_ppid(NULL));
    say("group", proc_pgrpid(self) == proc_pid(self));
    say("group", proc_pgrpid(NULL));
    proc_selfname(name, sizeof(name));
    say_text(name);
    proc_name(proc_selfpid(), name, 3);
    say_text(name);
    proc_selfname(name, 0);
    proc_name(4711, name, sizeof(name));
    say_text(name);
    say("64 bit", proc_is64bit(self));
    say("exiting", proc_exiting(self));
    (void)proc_rele(self);
}

void
process_references(void *argument)
{
    struct process *other = ksim_process_create(ksim_current(), "other", 501);
    proc_t found = proc_find(ksim_process_pid(other));

    (void)argument;
    say("found", ksim_process_of(found) == other);
    say("none", proc_find(4711) != NULL);
    say("super", proc_suser(found));
    (void)proc_rele(found);
}

/* A driver signals by number; a number of nobody is no error. */
void
process_signals(void *argument)
{
    struct process *other = ksim_process_create(ksim_current(), "other", 501);
    int pid = ksim_process_pid(other);

    (void)argument;
    ksim_signal_set(other, KSIM_SIGUSR2, KSIM_SIGNAL_CATCH);
    ksim_signal_block(other, KSIM_SIGUSR1, true);
    proc_signal(pid, KSIM_SIGUSR1);
    say("blocked", proc_issignal(pid, ~0U));
    proc_signal(pid, KSIM_SIGUSR2);
    say("pending", proc_issignal(pid, 1U << (KSIM_SIGUSR2 - 1)));
    say("others", proc_issignal(pid, 1U << (KSIM_SIGUSR1 - 1)));
    proc_signal(4711, KSIM_SIGUSR1);
    say("nobody", proc_issignal(4711, ~0U));
}

void
process_credentials(void *argument)
{
    (void)argument;
    say("uid", kauth_getuid());
    say("gid", kauth_getgid());
    say("uid", kauth_cred_getuid(kauth_cred_get()));
    say("gid", kauth_cred_getgid(kauth_cred_get()));
    say("super", proc_suser(current_proc()));
}

void
misuse_process_over(void *argument)
{
    proc_t self = proc_self();

    (void)argument;
    (void)proc_rele(self);
    (void)proc_rele(self);
}

void
misuse_process_kept(void *argument)
{
    (void)argument;
    (void)proc_self();
}
