/* SPDX-License-Identifier: BSD-2-Clause */
/* What was typed and runs: jobs, their text and their end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>

#include "terminal_internal.h"

/* --- text -------------------------------------------------------------------------------------- */

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

void
command_set_status(struct command_call *call, int status)
{
    call->job->status = status;
}

/* --- what a job holds -------------------------------------------------------------------------- */

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

void
command_at_end(struct command_call *call, void (*at_end)(void *argument), void *argument)
{
    call->job->at_end = at_end;
    call->job->at_end_argument = argument;
}

static void
job_free(struct job *job)
{
    if (job->at_end != NULL)
        job->at_end(job->at_end_argument);
    while (job->kept_count > 0)
        free(job->kept[--job->kept_count]);
    text_free(&job->line);
    words_free(&job->words);
    free(job);
}

/* --- life -------------------------------------------------------------------------------------- */

/* A process at a terminal has its input, output and errors open. */
static void
descriptors_open(struct process *process)
{
    for (int fd = 0; fd <= 2; fd++)
        (void)ksim_system_open(process, "/dev/null", KSIM_O_RDWR);
}

static void
job_thread(void *argument)
{
    struct job *job = argument;
    bool program = command_is_program(job->command);

    if (program) {
        descriptors_open(job->call.process);
    } else if (!job->typist->has_descriptors) {
        job->typist->has_descriptors = true;
        descriptors_open(job->call.process);
    }
    job->began_ns = ksim_system_time_ns();
    job->status = job->command->run(&job->call);
    job->returned = true;
    job->ended_ns = ksim_system_time_ns();
    if (program)
        ksim_system_exit(job->call.process);
}

static void
job_ended(void *argument)
{
    struct job *job = argument;

    if (!job->returned)
        job->ended_ns = ksim_system_time_ns();
    job->ended = true;
    if (job->call.terminal->foreground == job)
        machine_wake(job->call.terminal->fiber);
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

    if (job->returned || !ksim_process_exited(job->call.process, &signal) || signal == 0)
        return;
    job->status = 128 + signal;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].signal == signal)
            command_print(&job->call, "%s\n", texts[i].text);
    }
}

static void
job_report_time(struct job *job)
{
    uint64_t milliseconds = (job->ended_ns - job->began_ns) / 1000000;

    if (job->timed)
        command_print(&job->call, "real\t%llum%llu.%03llus\n",
                      (unsigned long long)(milliseconds / 60000),
                      (unsigned long long)(milliseconds / 1000 % 60),
                      (unsigned long long)(milliseconds % 1000));
}

/* A shell catches SIGINT; what it runs as a system call of its own is interrupted and no more. */
void
job_interrupt(struct job *job)
{
    struct process *process = job->call.process;

    if (!command_is_program(job->command) &&
        ksim_look_signal_action(process, KSIM_SIGINT) == KSIM_SIGNAL_DEFAULT) {
        job->catches = true;
        ksim_signal_set(process, KSIM_SIGINT, KSIM_SIGNAL_CATCH);
    }
    (void)ksim_system_kill(process, KSIM_SIGINT);
}

static void
job_catch_no_more(struct job *job)
{
    struct process *process = job->call.process;

    if (job->catches && !ksim_process_exited(process, NULL) &&
        ksim_look_signal_action(process, KSIM_SIGINT) == KSIM_SIGNAL_CATCH)
        ksim_signal_set(process, KSIM_SIGINT, KSIM_SIGNAL_DEFAULT);
}

void
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
        job_catch_no_more(job);
        job_report_signal(job);
        job_report_time(job);
        if (!job->background)
            job->typist->status = job->status;
        job_free(job);
    }
}

void
jobs_end(struct terminal *terminal)
{
    for (struct typist *typist = terminal->typists; typist != NULL; typist = typist->next) {
        if (!ksim_process_exited(typist->process, NULL))
            (void)ksim_system_kill(typist->process, KSIM_SIGKILL);
    }
    for (struct job *job = terminal->jobs; job != NULL; job = job->next) {
        if (!ksim_process_exited(job->call.process, NULL))
            (void)ksim_system_kill(job->call.process, KSIM_SIGKILL);
    }
    machine_wait_idle("terminal");
    jobs_free(terminal);
}

void
jobs_free(struct terminal *terminal)
{
    while (terminal->jobs != NULL) {
        struct job *job = terminal->jobs;

        terminal->jobs = job->next;
        job_free(job);
    }
}

static void
job_start(struct terminal *terminal, struct job *job, int first)
{
    struct job **link = &terminal->jobs;
    struct process *process = job->typist->process;
    struct thread *thread;

    if (command_is_program(job->command))
        process = ksim_process_create(terminal->kernel, job->command->name,
                                      ksim_process_uid(process));
    job->background = job->words.background || job->points > 0;
    job->call.process = process;
    job->call.kernel = terminal->kernel;
    job->call.argc = job->words.count - first;
    job->call.argv = job->words.list + first;
    while (*link != NULL)
        link = &(*link)->next;
    *link = job;
    thread = ksim_thread_run(process, job->command->name, job_thread, job);
    ksim_thread_watch(thread, job_ended, job);
}

/* --- a line ------------------------------------------------------------------------------------ */

/* `^C SECONDS` at the end of a line. */
static void
take_interrupt(struct job *job)
{
    struct words *words = &job->words;
    uint64_t after_ns;

    if (words->count > 2 && strcmp(words->list[words->count - 2], "^C") == 0 &&
        command_seconds(words->list[words->count - 1], &after_ns)) {
        words->count -= 2;
        words->list[words->count] = NULL;
        job->interrupt_ns = job->typed_ns + after_ns;
    }
}

/* `time` and `step N` before a command are the terminal's. How many words they are. */
static int
take_prefixes(struct job *job)
{
    struct words *words = &job->words;
    int64_t points;
    int first = 0;

    take_interrupt(job);
    if (words->count > 2 && strcmp(words->list[0], "step") == 0 &&
        command_number(words->list[1], 1, TERMINAL_STEP_MAX, &points)) {
        job->points = (uint32_t)points;
        first = 2;
    }
    job->timed = words->count > first + 1 && strcmp(words->list[first], "time") == 0;
    return job->timed ? first + 1 : first;
}

/* A command that looks at the machine runs outside it. */
static void
job_look(struct job *job, int first)
{
    job->call.process = job->typist->process;
    job->call.kernel = job->call.terminal->kernel;
    job->call.argc = job->words.count - first;
    job->call.argv = job->words.list + first;
    job->typist->status = job->command->run(&job->call);
    job_free(job);
}

static bool
job_begin(struct terminal *terminal, struct job *job, int first)
{
    if (command_looks(job->command)) {
        job_look(job, first);
        return false;
    }
    job_start(terminal, job, first);
    if (job->points > 0) {
        terminal_step(terminal, job->points);
        return false;
    }
    terminal_await(terminal, job);
    return true;
}

bool
terminal_type(struct terminal *terminal, const struct terminal_line *line)
{
    struct typist *typist = typist_get(terminal, line->typist);
    struct job *job = calloc(1, sizeof(*job));
    const char *wrong = words_split(&job->words, line->text, typist->status);

    job->call.terminal = terminal;
    job->call.job = job;
    job->call.typist = typist->process;
    job->typist = typist;
    job->typed_ns = machine_now_ns();
    if (wrong == NULL && job->words.count == 1 && strcmp(job->words.list[0], "^C") == 0) {
        terminal_interrupt_left(terminal);
    } else if (wrong == NULL && job->words.count > 0) {
        int first = take_prefixes(job);

        job->command = command_find(job->words.list[first]);
        if (job->command != NULL)
            return job_begin(terminal, job, first);
        command_print(&job->call, "-sh: %s: command not found\n", job->words.list[first]);
        typist->status = 127;
    } else if (wrong != NULL) {
        command_print(&job->call, "-sh: %s\n", wrong);
        typist->status = 2;
    }
    job_free(job);
    return true;
}
