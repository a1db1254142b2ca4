/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <inet_host.h>
#include <system.h>

#include "bench_packet.h"
#include "native_kexts.h"
#include "session_run.h"
#include "workload_program.h"
#include "workload_run.h"

enum { DARWIN_DEFAULT = 19, STEPS_MAX = 2000000, POISON_SEED = 42 };

/* --- names ------------------------------------------------------------------------------------------ */

static bool
is_session(const char *name)
{
    size_t length = strlen(name);

    return length > 8 && strcmp(name + length - 8, ".session") == 0;
}

static const struct workload_shape *
shape_find(const char *name)
{
    for (unsigned i = 0; i < workload_shape_count; i++) {
        if (strcmp(workload_shapes[i].name, name) == 0)
            return &workload_shapes[i];
    }
    return NULL;
}

static bool
program_find(struct workload *workload, const char *name, char error[WORKLOAD_ERROR_BYTES])
{
    struct {
        struct workload_program program;
        struct workload_shape shape;
    } *whole = malloc(sizeof(*whole));

    if (whole == NULL)
        abort();
    if (!workload_program_parse(&whole->program, name, error)) {
        free(whole);
        return false;
    }
    workload_program_shape(&whole->program, &whole->shape);
    workload->program = &whole->program; /* the first of it: free frees both */
    workload->shape = &whole->shape;
    workload->device = whole->program.device;
    return true;
}

bool
workload_find(struct workload *workload, const char *name, char error[WORKLOAD_ERROR_BYTES])
{
    memset(workload, 0, sizeof(*workload));
    if (strlen(name) >= sizeof(workload->name)) {
        snprintf(error, WORKLOAD_ERROR_BYTES, "the name of a workload is too long");
        return false;
    }
    strcpy(workload->name, name);
    if (is_session(name)) {
        workload->session = malloc(sizeof(*workload->session));
        if (workload->session != NULL && session_load(workload->session, name, error))
            return true;
        free(workload->session);
        return false;
    }
    if (workload_program_is_named(name))
        return program_find(workload, name, error);
    workload->device = strncmp(name, "tap-", 4) == 0 ? PACKET_DEVICE_TAP : PACKET_DEVICE_TUN;
    if (strncmp(name, "tun-", 4) == 0 || workload->device == PACKET_DEVICE_TAP)
        workload->shape = shape_find(name + 4);
    if (workload->shape == NULL ||
        (workload->shape->tun_only && workload->device == PACKET_DEVICE_TAP)) {
        snprintf(error, WORKLOAD_ERROR_BYTES, "%s: no such workload; see --list", name);
        return false;
    }
    return true;
}

void
workload_end(struct workload *workload)
{
    if (workload->session != NULL) {
        session_free(workload->session);
        free(workload->session);
    }
    free(workload->program);
    memset(workload, 0, sizeof(*workload));
}

void
workload_file_name(const struct workload *workload, char name[WORKLOAD_NAME_BYTES])
{
    const char *slash = strrchr(workload->name, '/');

    strcpy(name, slash != NULL ? slash + 1 : workload->name);
    if (workload->program != NULL)
        name[strcspn(name, " ")] = '\0';
}

bool
workload_is_for(const struct workload *workload, int darwin_major)
{
    if (workload->session != NULL)
        return session_is_for(workload->session, darwin_major);
    return (darwin_major == 0 ? DARWIN_DEFAULT : darwin_major) >= workload->shape->first_darwin;
}

bool
workload_list(unsigned index, const char **name, const char **summary, bool *core)
{
    if (index >= workload_shape_count)
        return false;
    *name = workload_shapes[index].name;
    *summary = workload_shapes[index].summary;
    *core = workload_shapes[index].core;
    return true;
}

unsigned
workload_thread_count(const struct workload *workload)
{
    unsigned count = 0;

    while (workload->shape != NULL && count < WORKLOAD_THREADS_MAX &&
           workload->shape->threads[count].name != NULL)
        count++;
    return count;
}

unsigned
workload_step_count(const struct workload *workload, unsigned thread)
{
    const struct workload_step *steps = workload->shape->threads[thread].steps;
    unsigned count = 0;

    while (steps[count].act != WORKLOAD_END)
        count++;
    return count;
}

const char *
workload_thread_name(const struct workload *workload, unsigned thread)
{
    return workload->shape->threads[thread].name;
}

const char *
workload_step_name(const struct workload *workload, unsigned thread, unsigned step)
{
    return workload_act_name(workload->shape->threads[thread].steps[step].act);
}

bool
workload_step_wakes(const struct workload *workload, unsigned thread, unsigned step)
{
    if (workload->shape->releases)
        return false;
    switch (workload->shape->threads[thread].steps[step].act) {
    case WORKLOAD_DOWN:
    case WORKLOAD_SEND:
    case WORKLOAD_NONBLOCK:
    case WORKLOAD_SIGNAL:
    case WORKLOAD_DETACH:
    case WORKLOAD_REVOKE:
    case WORKLOAD_WAIT:
        return true;
    default:
        return false;
    }
}

/* --- threads ---------------------------------------------------------------------------------------- */

static bool
is_skipped(const struct workload_options *options, unsigned thread, unsigned step)
{
    for (size_t i = 0; i < options->skip_count; i++) {
        if (options->skips[i].thread == thread && options->skips[i].step == step)
            return true;
    }
    return false;
}

void
workload_actor_do(struct workload_actor *actor, const char *name, const struct workload_step *step)
{
    struct workload_run *run = actor->run;
    const struct workload_options *options = run->options;
    const char *word = workload_act_name(step->act);
    char result[WORKLOAD_RESULT_BYTES];

    if (options->note != NULL)
        options->note(options->context, actor->thread, word, NULL);
    workload_step_do(actor, step, result);
    if (options->note != NULL)
        options->note(options->context, actor->thread, word, result);
    text_add(&run->log, "%s: %s: %s\n", name, word, result);
}

static void
actor_thread(void *argument)
{
    struct workload_actor *actor = argument;
    struct workload_run *run = actor->run;
    const struct workload_thread *thread = &run->workload->shape->threads[actor->thread];

    for (unsigned step = 0; thread->steps[step].act != WORKLOAD_END; step++) {
        if (!is_skipped(run->options, actor->thread, step))
            workload_actor_do(actor, thread->name, &thread->steps[step]);
    }
}

/* --- a run ------------------------------------------------------------------------------------------ */

static void
processes_make(struct workload_run *run)
{
    static const char *const names[WORKLOAD_PROCESSES] = {"vpn", "other", "root"};

    for (int i = 0; i < WORKLOAD_PROCESSES; i++) {
        if (run->processes[i].process == NULL)
            run->processes[i].process = ksim_process_create(run->kernel, names[i], 0);
        ksim_signal_set(run->processes[i].process, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    }
}

static void
prepare(struct workload_run *run, struct workload_actor *actor)
{
    const struct workload_shape *shape = run->workload->shape;
    const struct workload_step *step = shape->before;
    bool up = false;

    for (; step != NULL && step->act != WORKLOAD_END; step++) {
        workload_actor_do(actor, "before", step);
        up = up || step->act == WORKLOAD_UP;
    }
    if (up)
        workload_settle(actor);
    if (shape->forks) {
        run->processes[1].process = ksim_system_fork(run->processes[0].process);
        run->processes[1].fd = run->processes[0].fd;
        ksim_signal_set(run->processes[1].process, KSIM_SIGUSR1, KSIM_SIGNAL_CATCH);
    }
}

struct prepared {
    struct workload_actor actor;
    bool done;
};

/* The descriptors belong to process 0, so it is one of its threads that opens. */
static void
prepare_thread(void *argument)
{
    struct prepared *prepared = argument;

    prepare(prepared->actor.run, &prepared->actor);
}

struct conductor {
    struct workload_run *run;
    struct prepared prepared;
    struct workload_actor actors[WORKLOAD_THREADS_MAX + 1]; /* the last is nobody's, for workload_release */
};

static void
conductor_thread(void *argument)
{
    struct conductor *conductor = argument;
    struct workload_run *run = conductor->run;
    const struct workload_shape *shape = run->workload->shape;
    bool good;

    workload_thread_start(run, run->processes[0].process, "before", prepare_thread, &conductor->prepared);
    if (!workload_threads_wait(run))
        return;
    run->gate.open = true;
    for (unsigned i = 0; i < workload_thread_count(run->workload); i++) {
        struct workload_actor *actor = &conductor->actors[i];

        actor->process = shape->threads[i].process;
        workload_thread_start(run, run->processes[actor->process].process, shape->threads[i].name, actor_thread,
                              actor);
    }
    good = workload_threads_wait(run);
    run->gate.open = false;
    /* A return without more leaves those who sleep for the machine to report. */
    if (good || workload_release(run, conductor->actors))
        workload_finish(run, conductor->actors);
}

static void
conductor_start(struct conductor *conductor, struct workload_run *run)
{
    conductor->run = run;
    conductor->prepared.actor.run = run;
    conductor->prepared.actor.thread = WORKLOAD_THREADS_MAX;
    for (unsigned i = 0; i <= WORKLOAD_THREADS_MAX; i++) {
        conductor->actors[i].fd = -1;
        conductor->actors[i].run = run;
        conductor->actors[i].thread = i;
    }
    for (unsigned i = 0; i < WORKLOAD_PROCESSES; i++) {
        run->processes[i].fd = -1;
        run->processes[i].spare = -1;
        run->processes[i].capture.fd = -1;
    }
    machine_enter(run->machine);
    native_kexts_register(run->kernel);
    processes_make(run);
    run->root = ksim_process_create(run->kernel, "conductor", 0);
    (void)ksim_udp_listen(run->kernel, BENCH_PORT, workload_hear, run);
    ksim_thread_run(run->root, "conductor", conductor_thread, conductor);
    machine_leave(run->machine);
}

/* --- results ---------------------------------------------------------------------------------------- */

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return hash;
}

static void
result_fill(struct workload_result *result, const struct workload_options *options,
            const struct machine *machine, const char *log)
{
    const char *report = machine_report(machine);

    result->outcome = machine_outcome(machine);
    result->steps = machine_steps(machine);
    if (result->outcome != MACHINE_OK)
        text_add(&result->report, "%s", report);
    if (options->watch != NULL)
        text_add(&result->console, "%s", machine_console_text(machine));
    result->hash = hash_text(UINT64_C(14695981039346656037), log);
    result->hash = hash_text(result->hash, machine_console_text(machine));
    result->hash = hash_text(result->hash, report) ^ result->steps;
}

void
workload_result_free(struct workload_result *result)
{
    text_free(&result->report);
    text_free(&result->console);
}

/* Records are large and threads' stacks small. */
struct whole {
    struct workload_run run;
    struct conductor conductor;
};

static void
shape_run(const struct workload *workload, const struct workload_options *options,
          struct workload_result *result)
{
    struct whole *whole = calloc(1, sizeof(*whole));
    struct workload_run *run = &whole->run;
    const struct ksim_options kernel_options = {.darwin_major = options->darwin_major,
                                                .net_async_off = workload->shape->net_async_off,
                                                .input_late = true};
    struct machine_config config = {
        .max_steps = options->max_steps != 0 ? options->max_steps : STEPS_MAX,
        .poison_seed = POISON_SEED};

    if (whole == NULL)
        abort();
    run->workload = workload;
    run->options = options;
    tape_gate_start(&run->gate, options->feeder);
    config.feeder = &run->gate.feeder;
    run->machine = machine_create(&config);
    run->kernel = run->machine != NULL ? ksim_create(run->machine, &kernel_options) : NULL;
    if (run->kernel == NULL)
        abort();
    machine_set_watch(run->machine, options->watch, options->context);
    conductor_start(&whole->conductor, run);
    if (machine_run(run->machine) == MACHINE_OK) {
        machine_enter(run->machine);
        ksim_audit(run->kernel);
        machine_leave(run->machine);
    }
    result_fill(result, options, run->machine, text_bytes(&run->log));
    result->schedule_choices = run->gate.schedules;
    result->fault_choices = run->gate.faults;
    machine_destroy(run->machine);
    text_free(&run->log);
    for (int i = 0; i < WORKLOAD_PROCESSES; i++)
        free(run->processes[i].capture_buffer);
    free(whole);
}

static void
session_explore(const struct workload *workload, const struct workload_options *options,
                struct workload_result *result)
{
    struct session_result session_result;
    struct tape_gate gate;

    tape_gate_start(&gate, options->feeder);
    gate.open = true;
    session_run_fed(workload->session, options->darwin_major, &gate.feeder, options->watch,
                    options->context, &session_result);
    result->outcome =
        session_result.outcome == workload->session->outcome ? MACHINE_OK : session_result.outcome;
    if (result->outcome != MACHINE_OK)
        text_add(&result->report, "%s", text_bytes(&session_result.report));
    result->hash = hash_text(UINT64_C(14695981039346656037), text_bytes(&session_result.transcript));
    if (options->watch != NULL)
        text_add(&result->console, "%s", text_bytes(&session_result.transcript));
    result->schedule_choices = gate.schedules;
    result->fault_choices = gate.faults;
    session_result_free(&session_result);
}

void
workload_run(const struct workload *workload, const struct workload_options *options,
             struct workload_result *result)
{
    memset(result, 0, sizeof(*result));
    if (workload->shape != NULL)
        shape_run(workload, options, result);
    else
        session_explore(workload, options, result);
}
