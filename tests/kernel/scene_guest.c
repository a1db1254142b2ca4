/* SPDX-License-Identifier: BSD-2-Clause */

#include "scene.h"

#include <event.h>
#include "naive_driver.h"
#include <process.h>
#include <system.h>
#include <thread.h>

#include <net/if.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>

static char notes[4096];
static unsigned expectations;

void
scene_note(bool holds, const char *what, int line)
{
    size_t length = strlen(notes);

    expectations++;
    if (!holds)
        machine_format(notes + length, sizeof(notes) - length, "line %d: %s\n", line, what);
}

void
scene_compare(long long actual, long long expected, const char *what, int line)
{
    size_t length = strlen(notes);

    expectations++;
    if (actual != expected)
        machine_format(notes + length, sizeof(notes) - length, "line %d: %s is %lld and not %lld\n",
                       line, what, actual, expected);
}

const char *
scene_notes(void)
{
    return notes;
}

unsigned
scene_expectations(void)
{
    return expectations;
}

void
scene_run(void *argument)
{
    const struct scene *scene = argument;

    notes[0] = '\0';
    expectations = 0;
    ksim_thread_set_owner(NAIVE_BUNDLE);
    scene->body();
    ksim_thread_set_owner(NULL);
}

struct scene_job {
    void (*body)(void *);
    void *argument;
};

static void
job_run(void *argument)
{
    struct scene_job job = *(struct scene_job *)argument;

    machine_free(argument);
    ksim_thread_set_owner(NAIVE_BUNDLE);
    job.body(job.argument);
    ksim_thread_set_owner(NULL);
}

void
scene_thread(const char *name, void (*body)(void *), void *argument)
{
    const char *owner = ksim_thread_set_owner(NULL);
    struct scene_job *job = machine_allocate(sizeof(*job), "scene thread");

    job->body = body;
    job->argument = argument;
    ksim_thread_create_user(ksim_process_current(), name, job_run, job);
    ksim_thread_set_owner(owner);
}

void
scene_pause(void)
{
    struct timespec pause = {0, 1000000};

    msleep(&pause, NULL, PZERO, "scene_pause", &pause);
}

void
scene_user(unsigned uid)
{
    ksim_process_set_uid(ksim_process_current(), uid);
}

int
scene_ioctl(int domain, unsigned long command, void *data)
{
    const char *owner = ksim_thread_set_owner(NULL);
    struct process *process = ksim_process_current();
    int fd = ksim_system_socket(process, domain, SOCK_DGRAM, 0);
    int result = ksim_system_ioctl(process, fd, command, data);

    ksim_system_close(process, fd);
    ksim_thread_set_owner(owner);
    return -result;
}

int
scene_ioctl_int(const char *interface, unsigned long command, int *value)
{
    struct ifreq request;
    int error;

    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, interface, strlen(interface));
    memcpy(&request.ifr_ifru, value, sizeof(*value));
    error = scene_ioctl(AF_INET, command, &request);
    memcpy(value, &request.ifr_ifru, sizeof(*value));
    return error;
}

unsigned
scene_events(uint32_t code)
{
    const struct kernel_event *event;
    uint32_t cursor = 0;
    unsigned count = 0;

    while ((event = ksim_event_next(&cursor, KEV_VENDOR_APPLE, KEV_NETWORK_CLASS,
                                    KEV_DL_SUBCLASS)) != NULL) {
        const struct net_event_data *data = (const void *)event->data;

        if (event->code == code && strcmp(data->if_name, "nv") == 0)
            count++;
    }
    return count;
}
