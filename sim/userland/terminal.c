/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>
#include <tape.h>
#include <text.h>

#include "command.h"
#include "native_kexts.h"
#include "words.h"

enum {
    JOB_KEEP_MAX = 8,
    UNLOAD_TRIES = 1000,
    UNLOAD_WAIT_NS = 10 * 1000 * 1000 /* between tries, while the kernel finishes a detach */
};

struct typist {
    struct typist *next; /* in the order of their first line */
    char name[TERMINAL_NAME_BYTES];
    struct process *process;
    int status; /* $? */
};

struct job {
    struct job *next;
    struct typist *typist;
    const struct command *command;
    struct command_call call;
    struct words words;
    struct text line; /* what a background job has printed of a line not yet ended */
    void *kept[JOB_KEEP_MAX];
    unsigned kept_count;
    int status;
    bool background, returned, ended;
};

struct terminal {
    struct terminal_host host;
    struct machine *machine;
    struct ksim *kernel;
    struct fiber *fiber;
    struct typist *typists;
    struct job *jobs; /* running, or ended and not yet cleared */
};

/* --- text -------------------------------------------------------------------------------------- */

static void
terminal_print(struct terminal *terminal, const char *text, size_t length)
{
    terminal->host.print(terminal->host.context, text, length);
}

/* A background job's text goes out in whole lines, each with its typist's name before it. */
static void
job_print(struct job *job, const char *text, size_t length)
{
    struct terminal *terminal = job->call.terminal;

    if (!job->background) {
        terminal_print(terminal, text, length);
        return;
    }
    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        size_t part = end != NULL ? (size_t)(end - text) + 1 : length;

        if (job->line.length == 0)
            text_add(&job->line, "%s: ", job->typist->name);
        text_add(&job->line, "%.*s", (int)part, text);
        if (end != NULL) {
            terminal_print(terminal, text_bytes(&job->line), job->line.length);
            text_free(&job->line);
        }
        text += part;
        length -= part;
    }
}

void
command_print(struct command_call *call, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;

    va_start(arguments, format);
    text_add_list(&text, format, arguments);
    va_end(arguments);
    job_print(call->job, text_bytes(&text), text.length);
    text_free(&text);
}

int
command_error(struct command_call *call, const char *what, int64_t result)
{
    if (what == NULL)
        command_print(call, "%s: %s\n", call->argv[0], ksim_error_text((int)-result));
    else
        command_print(call, "%s: %s: %s\n", call->argv[0], what, ksim_error_text((int)-result));
    return COMMAND_FAILED;
}

int
command_usage(struct command_call *call)
{
    command_print(call, "usage: %s %s\n", call->argv[0], call->job->command->usage);
    return COMMAND_USAGE;
}

void *
command_keep(struct command_call *call, uint64_t bytes)
{
    struct job *job = call->job;
    void *memory = calloc(1, (size_t)bytes);

    if (memory == NULL || job->kept_count == JOB_KEEP_MAX) {
        fputs("tuntapsim: out of memory for a command\n", stderr);
        abort();
    }
    job->kept[job->kept_count++] = memory;
    return memory;
}

/* --- who types --------------------------------------------------------------------------------- */

static struct typist *
typist_find(struct terminal *terminal, const char *name)
{
    struct typist *typist = terminal->typists;

    while (typist != NULL && strcmp(typist->name, name) != 0)
        typist = typist->next;
    return typist;
}

static struct typist *
typist_add(struct terminal *terminal, const char *name, struct process *process)
{
    struct typist **link = &terminal->typists;
    struct typist *typist = calloc(1, sizeof(*typist));

    if (typist == NULL)
        abort();
    snprintf(typist->name, sizeof(typist->name), "%s", name);
    typist->process = process;
    while (*link != NULL)
        link = &(*link)->next;
    *link = typist;
    return typist;
}

static struct typist *
typist_get(struct terminal *terminal, const char *name)
{
    struct typist *typist = typist_find(terminal, name);

    if (typist == NULL)
        return typist_add(terminal, name, ksim_process_create(terminal->kernel, name, 0));
    /* A process that was killed: the next line under its name is typed in a new one. */
    if (ksim_process_exited(typist->process, NULL))
        typist->process = ksim_process_create(terminal->kernel, name, 0);
    return typist;
}

struct process *
terminal_process(struct terminal *terminal, const char *name)
{
    struct typist *typist = typist_find(terminal, name);

    return typist != NULL ? typist->process : NULL;
}

bool
terminal_adopt(struct terminal *terminal, const char *name, struct process *process)
{
    if (typist_find(terminal, name) != NULL)
        return false;
    typist_add(terminal, name, process);
    return true;
}

void
terminal_each_process(struct terminal *terminal,
                      void (*visit)(void *context, const char *name, struct process *process),
                      void *context)
{
    for (struct typist *typist = terminal->typists; typist != NULL; typist = typist->next)
        visit(context, typist->name, typist->process);
}

struct machine *
terminal_machine(struct terminal *terminal)
{
    return terminal->machine;
}

/* --- jobs -------------------------------------------------------------------------------------- */

static void
job_thread(void *argument)
{
    struct job *job = argument;

    job->status = job->command->run(&job->call);
    job->returned = true;
}

static void
job_ended(void *argument)
{
    struct job *job = argument;

    job->ended = true;
    machine_wake(job->call.terminal->fiber);
}

static void
job_free(struct job *job)
{
    while (job->kept_count > 0)
        free(job->kept[--job->kept_count]);
    text_free(&job->line);
    words_free(&job->words);
    free(job);
}

/* What sh says of a command that did not return by itself. */
static void
job_report_signal(struct job *job)
{
    static const struct {
        int signal;
        const char *text;
    } texts[] = {{KSIM_SIGHUP, "Hangup: 1"},    {KSIM_SIGKILL, "Killed: 9"},
                 {KSIM_SIGALRM, "Alarm clock: 14"}, {KSIM_SIGTERM, "Terminated: 15"},
                 {KSIM_SIGUSR1, "User defined signal 1: 30"},
                 {KSIM_SIGUSR2, "User defined signal 2: 31"}};
    int signal = 0;

    if (job->returned || !ksim_process_exited(job->typist->process, &signal))
        return;
    job->status = 128 + signal;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].signal == signal)
            command_print(&job->call, "%s\n", texts[i].text);
    }
}

static void
jobs_clear(struct terminal *terminal)
{
    struct job **link = &terminal->jobs;

    while (*link != NULL) {
        struct job *job = *link;

        if (!job->ended) {
            link = &job->next;
            continue;
        }
        *link = job->next;
        job_report_signal(job);
        if (!job->background)
            job->typist->status = job->status;
        job_free(job);
    }
}

static void
jobs_drop(struct terminal *terminal)
{
    for (struct job *job = terminal->jobs; job != NULL; job = job->next)
        job->ended = job->returned = true;
    jobs_clear(terminal);
}

static void
job_start(struct terminal *terminal, struct typist *typist, struct job *job)
{
    struct job **link = &terminal->jobs;
    struct thread *thread;

    job->typist = typist;
    job->background = job->words.background;
    job->call = (struct command_call){.terminal = terminal, .kernel = terminal->kernel,
                                      .process = typist->process, .argc = job->words.count,
                                      .argv = job->words.list, .job = job};
    while (*link != NULL)
        link = &(*link)->next;
    *link = job;
    thread = ksim_thread_run(typist->process, job->words.list[0], job_thread, job);
    ksim_thread_watch(thread, job_ended, job);
}

static void
type_line(struct terminal *terminal, const struct terminal_line *line)
{
    struct typist *typist = typist_get(terminal, line->typist);
    struct job *job = calloc(1, sizeof(*job));
    const char *wrong = words_split(&job->words, line->text, typist->status);

    job->call.terminal = terminal;
    job->call.job = job;
    job->typist = typist;
    if (wrong == NULL && job->words.count > 0) {
        job->command = command_find(job->words.list[0]);
        if (job->command != NULL) {
            job_start(terminal, typist, job);
            while (!job->background && !job->ended)
                (void)machine_block("terminal", NULL, 0);
            return;
        }
        command_print(&job->call, "-sh: %s: command not found\n", job->words.list[0]);
        typist->status = 127;
    } else if (wrong != NULL) {
        command_print(&job->call, "-sh: %s\n", wrong);
        typist->status = 2;
    }
    job_free(job);
}

/* --- the session ------------------------------------------------------------------------------- */

struct unloader {
    struct terminal *terminal;
    bool done;
};

static void
unload_all(void *argument)
{
    struct unloader *unloader = argument;
    struct ksim *kernel = unloader->terminal->kernel;
    struct process *process = terminal_process(unloader->terminal, "root");
    struct ksim_kext_status status;

    for (int tries = 0; tries < UNLOAD_TRIES; tries++) {
        unsigned count = 0;

        while (ksim_kext_status(kernel, count, &status))
            count++;
        if (count == 0)
            break;
        (void)ksim_kext_status(kernel, count - 1, &status);
        if (ksim_kext_unload(kernel, status.bundle_id) != KSIM_KEXT_OK)
            ksim_system_sleep(process, UNLOAD_WAIT_NS);
    }
    unloader->done = true;
}

/* The window is closed: everybody gets SIGHUP; then root switches the machine off. */
static void
session_end(struct terminal *terminal)
{
    struct unloader unloader = {.terminal = terminal};
    struct process *root;

    for (struct typist *typist = terminal->typists; typist != NULL; typist = typist->next) {
        if (!ksim_process_exited(typist->process, NULL))
            (void)ksim_system_kill(typist->process, KSIM_SIGKILL);
    }
    machine_wait_idle("terminal");
    jobs_drop(terminal);
    root = ksim_process_create(terminal->kernel, "shutdown", 0);
    typist_get(terminal, "root")->process = root;
    ksim_thread_run(root, "kextunload", unload_all, &unloader);
    while (!unloader.done)
        (void)machine_block("terminal", NULL, machine_now_ns() + UNLOAD_WAIT_NS);
    (void)ksim_system_kill(root, KSIM_SIGKILL);
    machine_wait_idle("terminal");
}

static void
session_fiber(void *argument)
{
    struct terminal *terminal = argument;
    struct terminal_line line;

    while (terminal->host.next(terminal->host.context, &line)) {
        type_line(terminal, &line);
        machine_wait_idle("terminal");
        jobs_clear(terminal);
    }
    session_end(terminal);
}

static void
terminal_free(struct terminal *terminal)
{
    while (terminal->jobs != NULL) {
        struct job *job = terminal->jobs;

        terminal->jobs = job->next;
        job_free(job);
    }
    while (terminal->typists != NULL) {
        struct typist *typist = terminal->typists;

        terminal->typists = typist->next;
        free(typist);
    }
}

/* What a Mac that stops says last. */
static void
print_report(struct terminal *terminal)
{
    const char *report = machine_report(terminal->machine);

    terminal_print(terminal, report, strlen(report));
    if (report[0] != '\0' && report[strlen(report) - 1] != '\n')
        terminal_print(terminal, "\n", 1);
}

enum machine_outcome
terminal_run(const struct terminal_options *options, const struct terminal_host *host)
{
    struct tape_seed tape;
    struct machine_config config = {.fiber_stack_bytes = options->fiber_stack_bytes,
                                    .poison_seed = options->seed};
    struct ksim_options kernel_options = {.darwin_major = options->darwin_major, .ethernet = true};
    struct terminal terminal = {.host = *host};
    enum machine_outcome outcome;

    if (options->seed != 0) {
        tape_seed_start(&tape, options->seed);
        config.feeder = &tape.feeder;
    }
    terminal.machine = machine_create(&config);
    terminal.kernel =
        terminal.machine != NULL ? ksim_create(terminal.machine, &kernel_options) : NULL;
    if (terminal.kernel == NULL) {
        fputs("tuntapsim: cannot boot an emulated Mac\n", stderr);
        abort();
    }
    machine_enter(terminal.machine);
    native_kexts_register(terminal.kernel);
    machine_leave(terminal.machine);
    terminal.fiber =
        machine_fiber_create(terminal.machine, "terminal", false, session_fiber, &terminal);
    if (machine_run(terminal.machine) == MACHINE_OK) {
        machine_enter(terminal.machine);
        ksim_audit(terminal.kernel);
        machine_leave(terminal.machine);
    }
    outcome = machine_outcome(terminal.machine);
    if (outcome != MACHINE_OK)
        print_report(&terminal);
    machine_destroy(terminal.machine);
    terminal_free(&terminal);
    return outcome;
}
