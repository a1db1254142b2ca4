/* SPDX-License-Identifier: BSD-2-Clause */
#include "system.h"

#include "clock.h"
#include "devfs.h"
#include "file.h"
#include "process.h"
#include "select.h"
#include "system_call.h"
#include "thread.h"
#include "uio.h"
#include "wait.h"

#include <sys/errno.h>
#include <sys/signal.h>

/* --- processes --------------------------------------------------------------------------------- */

struct process *
ksim_process_create(struct ksim *kernel, const char *name, unsigned uid)
{
    return ksim_process_create_record(kernel, name, uid, NULL);
}

int
ksim_process_pid(const struct process *process)
{
    return process->pid;
}

const char *
ksim_process_name(const struct process *process)
{
    return process->name;
}

unsigned
ksim_process_uid(const struct process *process)
{
    return process->uid;
}

void
ksim_process_set_uid(struct process *process, unsigned uid)
{
    process->uid = uid;
    process->gid = uid == 0 ? 0 : 20;
}

bool
ksim_process_exited(const struct process *process, int *signal)
{
    if (signal != NULL) {
        *signal = process->exit_signal;
    }
    return process->exited;
}

unsigned
ksim_process_signals_caught(const struct process *process, int signal)
{
    return signal > 0 && signal < PROCESS_SIGNALS ? process->signals_caught[signal] : 0;
}

struct thread *
ksim_thread_run(struct process *process, const char *name, void (*body)(void *), void *argument)
{
    return ksim_thread_create_user(process, name, body, argument);
}

void
ksim_thread_watch(struct thread *thread, void (*ended)(void *), void *argument)
{
    thread->ended = ended;
    thread->ended_argument = argument;
}

void
ksim_signal_set(struct process *process, int signal, enum ksim_signal_action action)
{
    static const enum signal_action actions[] = {SIGNAL_DEFAULT, SIGNAL_IGNORE, SIGNAL_CATCH,
                                                 SIGNAL_CATCH_RESTART};

    if (signal > 0 && signal < PROCESS_SIGNALS && signal != SIGKILL && signal != SIGSTOP) {
        process->signal_actions[signal] = actions[action];
    }
}

void
ksim_signal_block(struct process *process, int signal, bool blocked)
{
    uint32_t bit = signal > 0 && signal < PROCESS_SIGNALS ? 1U << (signal - 1) : 0;

    if (blocked) {
        process->signals_blocked |= bit;
    } else {
        process->signals_blocked &= ~bit;
    }
}

int
ksim_system_kill(struct process *process, int signal)
{
    return -ksim_process_signal(process, signal);
}

static void
others_abort(struct thread *thread, void *context)
{
    (void)context;
    if (thread != ksim_thread_current()) {
        ksim_thread_abort(thread);
    }
}

void
ksim_system_exit(struct process *process)
{
    ksim_call_begin(process, "exit");
    process->ending = true;
    ksim_threads_each(process, others_abort, NULL);
    ksim_return_to_user("exit");
    ksim_thread_exit();
}

struct process *
ksim_system_fork(struct process *process)
{
    struct process *child;

    ksim_call_begin(process, "fork");
    child = ksim_process_create_record(ksim_current(), process->name, process->uid, process);
    child->gid = process->gid;
    child->group = process->group;
    machine_copy(child->signal_actions, process->signal_actions, sizeof(child->signal_actions));
    child->signals_blocked = process->signals_blocked;
    ksim_files_inherit(child, process);
    ksim_return_to_user("fork");
    return child;
}

/* --- user memory ------------------------------------------------------------------------------- */

static void
range_add(struct process *process, void *address, size_t bytes, size_t fault_offset)
{
    struct user_range *range = machine_allocate(sizeof(*range), "user range");

    range->address = (uint64_t)(uintptr_t)address;
    range->bytes = bytes;
    range->fault_offset = fault_offset;
    range->next = process->user_ranges;
    process->user_ranges = range;
}

void
ksim_user_map(struct process *process, void *address, size_t bytes)
{
    range_add(process, address, bytes, bytes);
}

void
ksim_user_fault_at(struct process *process, void *address, size_t bytes, size_t offset)
{
    range_add(process, address, bytes, offset < bytes ? offset : bytes);
}

void
ksim_user_unmap(struct process *process, void *address)
{
    struct user_range **link = &process->user_ranges;

    while (*link != NULL) {
        struct user_range *range = *link;

        if (range->address == (uint64_t)(uintptr_t)address) {
            *link = range->next;
            machine_free(range);
        } else {
            link = &range->next;
        }
    }
}

/* --- time and devices -------------------------------------------------------------------------- */

int
ksim_system_sleep(struct process *process, uint64_t duration_ns)
{
    int error;
    int result;

    ksim_call_begin(process, "sleep");
    error = ksim_process_signal_pending();
    if (error == 0) {
        result = ksim_wait(&ksim_thread_current()->wait, THREAD_ABORTSAFE,
                           machine_now_ns() + duration_ns, "sleep");
        error = result == THREAD_INTERRUPTED ? EINTR : 0;
    }
    ksim_return_to_user("sleep");
    return error == 0 ? 0 : -EINTR;
}

uint64_t
ksim_system_time_ns(void)
{
    return machine_now_ns();
}

bool
ksim_system_device_status(struct ksim *kernel, const char *path, struct ksim_device_status *status)
{
    const struct devfs_node *node = ksim_devfs_find(path);

    (void)kernel;
    if (node == NULL) {
        return false;
    }
    status->major = (unsigned)major(node->device);
    status->minor = (unsigned)minor(node->device);
    status->mode = node->mode;
    status->uid = node->uid;
    status->gid = node->gid;
    status->made_ns = KSIM_BOOT_CALENDAR_SECONDS * UINT64_C(1000000000) + node->made_ns;
    return true;
}
