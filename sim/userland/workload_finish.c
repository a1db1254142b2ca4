/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include <inet_host.h>
#include <system.h>

#include "bench_packet.h"
#include "ifconfig.h"
#include "workload_program.h"
#include "workload_run.h"

/* Longer than anything the kernel or a workload waits for, a program's sleeps one after the other included. */
#define PATIENCE_NS UINT64_C(100000000000)
#define MOMENT_NS   UINT64_C(1000000)

/* --- threads ---------------------------------------------------------------------------------------- */

static void
thread_count_down(struct workload_run *run)
{
    run->running--;
    ksim_system_wake(&run->ended);
}

static void
thread_body(void *argument)
{
    struct workload_started *started = argument;

    started->body(started->argument);
    started->done = true;
    thread_count_down(started->run);
}

/* By a signal, or by its own exit. */
static void
thread_ended(void *argument)
{
    struct workload_started *started = argument;

    if (!started->done)
        thread_count_down(started->run);
}

void
workload_thread_start(struct workload_run *run, struct process *process, const char *name, void (*body)(void *),
                      void *argument)
{
    struct workload_started *started = &run->started[run->started_count];

    if (run->started_count == WORKLOAD_STARTED_MAX)
        abort(); /* there is one for each that can be */
    run->started_count++;
    *started = (struct workload_started){run, body, argument, false};
    run->running++;
    ksim_thread_watch(ksim_thread_run(process, name, thread_body, started), thread_ended, started);
}

bool
workload_threads_wait(struct workload_run *run)
{
    const uint64_t until = ksim_system_time_ns() + PATIENCE_NS;

    while (run->running > 0) {
        unsigned seen = run->ended;

        if (ksim_system_time_ns() >= until ||
            ksim_system_sleep_unless(run->root, &run->ended, seen, PATIENCE_NS) == -KSIM_ETIMEDOUT)
            return run->running == 0;
    }
    return true;
}

static bool
is_alive(const struct workload_process *process)
{
    int signal;

    return !ksim_process_exited(process->process, &signal);
}

/* --- those who sleep -------------------------------------------------------------------------------- */

struct look {
    struct workload_actor *actor;
    int bytes;
    bool done;
    unsigned changed;
};

static void
look_thread(void *argument)
{
    struct look *look = argument;

    look->bytes = workload_readable(look->actor);
    look->done = true;
    ksim_system_wake(&look->changed);
}

/* Is there something to read for whoever sleeps? */
static bool
something_is_readable(struct workload_run *run, struct workload_actor *actor)
{
    for (unsigned i = 0; i < WORKLOAD_PROCESSES; i++) {
        struct look look = {.actor = actor};

        if (run->processes[i].fd < 0 || !is_alive(&run->processes[i]))
            continue;
        actor->process = i;
        ksim_thread_run(run->processes[i].process, "look", look_thread, &look);
        /* An ioctl never sleeps for good: without an end to this wait nobody would be reported either. */
        while (!look.done && ksim_system_sleep_unless(run->root, &look.changed, 0, PATIENCE_NS) == 0)
            continue;
        if (!look.done || look.bytes > 0)
            return true;
    }
    return false;
}

/* Whose descriptor was closed as it made its call may sleep on another file that has got the number: a signal ends that. */
static void
strays_interrupt(struct workload_run *run, const struct workload_actor *actors)
{
    for (unsigned i = 0; i < WORKLOAD_THREADS_MAX; i++) {
        const struct workload_process *process = &run->processes[actors[i].process];

        if (actors[i].fd >= 0 && actors[i].fd != process->fd)
            (void)ksim_system_kill(process->process, KSIM_SIGUSR1);
    }
}

/* Each turn at least one thread goes on to its next step. */
static bool
sleepers_release(struct workload_run *run, struct workload_actor *actors)
{
    run->released = true;
    for (unsigned turn = 0; turn <= WORKLOAD_PROGRAM_STEPS_MAX; turn++) {
        if (something_is_readable(run, &actors[WORKLOAD_THREADS_MAX]))
            return false;
        (void)ifconfig_down(run->root, workload_unit(run));
        strays_interrupt(run, actors);
        if (workload_threads_wait(run))
            return true;
    }
    return false;
}

bool
workload_release(struct workload_run *run, struct workload_actor *actors)
{
    if (run->workload->shape->releases)
        return sleepers_release(run, actors);
    /* A reader may sleep for good because nobody could send or go down: without faults that would be a hang. */
    if (run->gate.faults == 0 || !run->options->faults)
        return false;
    (void)ifconfig_down(run->root, workload_unit(run));
    return workload_threads_wait(run);
}

/* --- conservation ----------------------------------------------------------------------------------- */

static void
drain_thread(void *argument)
{
    workload_drain(argument);
}

static void
packets_count(const struct workload_run *run)
{
    for (unsigned number = 0; number < run->send_count; number++) {
        if (run->sends[number].sent && !run->sends[number].read)
            machine_finding(MACHINE_CONTRACT, "workload: a packet that was sent was never read");
    }
    for (unsigned number = 1; number <= run->write_count && number < WORKLOAD_SENDS_MAX; number++) {
        if (run->taken[number] && !run->heard[number])
            machine_finding(MACHINE_CONTRACT, "workload: a packet that was written was never heard");
    }
}

static bool
packets_may_be_counted(const struct workload_run *run)
{
    return run->workload->shape->lossless && !run->released && run->processes[0].fd >= 0 &&
           !(run->options->faults && run->gate.faults > 0);
}

/* --- the end ---------------------------------------------------------------------------------------- */

static void
close_thread(void *argument)
{
    struct workload_actor *actor = argument;
    struct workload_process *process = &actor->run->processes[actor->process];
    static const struct workload_step close = {WORKLOAD_CLOSE, 0, WORKLOAD_GOOD},
                                      capture_end = {WORKLOAD_CAPTURE_END, 0, 0};

    workload_actor_do(actor, "after", &close);
    if (process->fd >= 0)
        workload_actor_do(actor, "after", &close);
    workload_actor_do(actor, "after", &capture_end);
}

static bool
is_known(const struct workload_run *run, const struct process *process)
{
    for (unsigned i = 0; i < WORKLOAD_PROCESSES; i++) {
        if (run->processes[i].process == process)
            return true;
    }
    return process == run->root;
}

static void
orphan_thread(void *argument)
{
    ksim_system_exit(argument);
}

/* A thread that was killed in fork could not start its child, which has what it had open. */
static void
orphans_end(struct workload_run *run)
{
    struct ksim_process_status status;

    if (!run->workload->shape->releases)
        return;
    /* Time passes when nobody can run: who was killed is gone then. */
    (void)ksim_system_sleep(run->root, MOMENT_NS);
    /* The first is the kernel's own. */
    for (unsigned position = 1; ksim_system_process(run->kernel, position, &status); position++) {
        struct process *process = ksim_process_of_pid(run->kernel, status.pid);

        if (!is_known(run, process))
            workload_thread_start(run, process, "orphan", orphan_thread, process);
    }
}

/* What threads left open is closed by their processes; what dead processes had is closed already. */
static bool
close_all(struct workload_run *run, struct workload_actor *actors)
{
    orphans_end(run);
    for (unsigned i = 0; i < WORKLOAD_PROCESSES; i++) {
        const struct workload_process *process = &run->processes[i];

        if ((process->fd < 0 && process->capture.fd < 0) || !is_alive(process))
            continue;
        actors[i].process = i;
        workload_thread_start(run, process->process, "close", close_thread, &actors[i]);
    }
    return workload_threads_wait(run);
}

void
workload_finish(struct workload_run *run, struct workload_actor *actors)
{
    if (packets_may_be_counted(run)) {
        actors[0].process = 0;
        workload_thread_start(run, run->processes[0].process, "drain", drain_thread, &actors[0]);
        if (!workload_threads_wait(run))
            return;
        packets_count(run);
    }
    if (!close_all(run, actors))
        return;
    ksim_udp_close(run->kernel, BENCH_PORT);
    (void)workload_unload(run, run->root);
    run->finished = true;
    ksim_system_exit(run->root);
}
