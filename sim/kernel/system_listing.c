/* SPDX-License-Identifier: BSD-2-Clause */
/* What ps, ls and select-like waits of programs need, beside what system.c has. */
#include "system.h"

#include "clock.h"
#include "devfs.h"
#include "file.h"
#include "process.h"
#include "system_call.h"
#include "thread.h"
#include "wait.h"

#include <sys/errno.h>

bool
ksim_system_process(struct ksim *kernel, unsigned position, struct ksim_process_status *status)
{
    const struct process *process = ksim_process_kernel();

    (void)kernel;
    while (process != NULL && (process->exited || position-- > 0)) {
        process = process->next;
    }
    if (process == NULL) {
        return false;
    }
    status->pid = process->pid;
    status->parent_pid = process->parent == NULL ? 0 : process->parent->pid;
    status->uid = process->uid;
    status->name = process->name;
    return true;
}

struct process *
ksim_process_of_pid(struct ksim *kernel, int pid)
{
    (void)kernel;
    return ksim_process_find(pid);
}

const char *
ksim_system_device_name(struct ksim *kernel, unsigned position)
{
    const struct devfs_node *node = kernel->devices->nodes;

    while (node != NULL && position-- > 0) {
        node = node->next;
    }
    return node == NULL ? NULL : node->name;
}

int
ksim_system_descriptor_path(struct process *process, int fd, char *path, size_t bytes)
{
    struct descriptor *descriptor;
    const struct devfs_node *node = NULL;
    int error;

    ksim_call_begin(process, "fcntl");
    error = ksim_descriptor_hold(process, fd, &descriptor);
    if (error == 0) {
        if (descriptor->file->kind == FILE_DEVICE) {
            node = descriptor->file->vnode->node;
        }
        if (node != NULL) {
            machine_format(path, bytes, "/dev/%s", node->name);
        } else {
            error = EBADF;
        }
        ksim_descriptor_release(process, descriptor);
    }
    ksim_return_to_user("fcntl");
    return -error;
}

uint64_t
ksim_system_calendar_ns(void)
{
    return KSIM_BOOT_CALENDAR_SECONDS * UINT64_C(1000000000) + machine_now_ns();
}

int
ksim_system_sleep_unless(struct process *process, const unsigned *word, unsigned value,
                         uint64_t duration_ns)
{
    int error;
    int result;

    ksim_call_begin(process, "wait");
    error = ksim_process_signal_pending();
    if (error == 0 && *word == value) {
        result = ksim_wait(word, THREAD_ABORTSAFE, machine_now_ns() + duration_ns, "wait");
        error = result == THREAD_INTERRUPTED ? EINTR : result == THREAD_TIMED_OUT ? ETIMEDOUT : 0;
    }
    ksim_return_to_user("wait");
    return error == ERESTART ? -EINTR : -error;
}

void
ksim_system_wake(unsigned *word)
{
    (*word)++;
    (void)ksim_wakeup(word);
}
