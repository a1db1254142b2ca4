/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>
#include <text.h>

#include "native_kexts.h"
#include "terminal_internal.h"

enum {
    STACK_BYTES = 256 * 1024, /* commands run libpcap's compiler */
    UNLOAD_TRIES = 1000,
    UNLOAD_WAIT_NS = 10 * 1000 * 1000 /* between tries, while the kernel finishes a detach */
};

void
terminal_print(struct terminal *terminal, const char *text, size_t length)
{
    session_record_print(&terminal->record, text, length);
    terminal->host.print(terminal->host.context, text, length);
}

/* --- what commands ask for --------------------------------------------------------------------- */

struct machine *
terminal_machine(struct terminal *terminal)
{
    return terminal->machine;
}

struct fault_feeder *
terminal_faults(struct terminal *terminal)
{
    return &terminal->faults;
}

struct echo_desk *
terminal_echo_desk(struct terminal *terminal)
{
    return &terminal->echo;
}

const char *
terminal_captures(const struct terminal *terminal)
{
    return terminal->captures;
}

struct ksim *
terminal_kernel(struct terminal *terminal)
{
    return terminal->kernel;
}

const struct tape *
terminal_tape(const struct terminal *terminal)
{
    return &terminal->tape;
}

bool
terminal_may_write(const struct terminal *terminal, const char *path)
{
    if (terminal->no_file)
        return false;
    return terminal->any_file || (path[0] != '/' && strstr(path, "..") == NULL);
}

const char *
terminal_save(struct terminal *terminal, const char *path)
{
    session_record_forget(&terminal->record);
    if (!terminal_may_write(terminal, path))
        return "Permission denied";
    return session_record_save(&terminal->record, path, MACHINE_OK);
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

    jobs_end(terminal);
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

    if (terminal->host.begun != NULL)
        terminal->host.begun(terminal->host.context, terminal);
    terminal_watch_idle(terminal);
    while (terminal->host.next(terminal->host.context, &line)) {
        session_record_line(&terminal->record, line.typist, line.text);
        if (terminal_type(terminal, &line))
            machine_wait_idle("terminal");
        jobs_clear(terminal);
    }
    session_end(terminal);
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

/* Every choice goes through the recorder, then the faults that were ordered, then the seed if there is one. */
static void
feeders_start(struct terminal *terminal, const struct terminal_options *options,
              struct tape_seed *seed)
{
    if (options->seed != 0)
        tape_seed_start(seed, options->seed);
    fault_feeder_start(&terminal->faults, options->feeder != NULL ? options->feeder
                                          : options->seed != 0    ? &seed->feeder
                                                                  : NULL);
    tape_recorder_start(&terminal->recorder, &terminal->faults.feeder, &terminal->tape);
}

static void
mac_boot(struct terminal *terminal, const struct terminal_options *options)
{
    const struct machine_config config = {
        .feeder = &terminal->recorder.feeder,
        .max_steps = options->max_steps,
        .fiber_stack_bytes =
            options->fiber_stack_bytes != 0 ? options->fiber_stack_bytes : STACK_BYTES,
        .poison_seed = options->seed};
    const struct ksim_options kernel_options = {.darwin_major = options->darwin_major,
                                                .ethernet = true};

    terminal->machine = machine_create(&config);
    terminal->kernel =
        terminal->machine != NULL ? ksim_create(terminal->machine, &kernel_options) : NULL;
    if (terminal->kernel == NULL) {
        fputs("tuntapsim: cannot boot an emulated Mac\n", stderr);
        abort();
    }
    machine_set_watch(terminal->machine, options->watch, options->watch_context);
    machine_enter(terminal->machine);
    native_kexts_register(terminal->kernel);
    machine_leave(terminal->machine);
}

static void
save_all(struct terminal *terminal, const char *path, enum machine_outcome outcome)
{
    const char *wrong = session_record_save(&terminal->record, path, outcome);

    if (wrong != NULL)
        fprintf(stderr, "tuntapsim: %s: %s\n", path, wrong);
}

enum machine_outcome
terminal_run(const struct terminal_options *options, const struct terminal_host *host)
{
    struct tape_seed seed;
    struct terminal terminal = {.host = *host, .any_file = options->any_file, .no_file = options->no_file};
    enum machine_outcome outcome;

    feeders_start(&terminal, options, &seed);
    session_record_start(&terminal.record, options->names_kernel ? options->darwin_major : 0,
                         options->seed);
    terminal.captures = options->captures != NULL ? strdup(options->captures) : NULL;
    mac_boot(&terminal, options);
    terminal.fiber =
        machine_fiber_create(terminal.machine, "terminal", false, session_fiber, &terminal);
    if (machine_run(terminal.machine) == MACHINE_OK) {
        machine_enter(terminal.machine);
        ksim_audit(terminal.kernel);
        machine_leave(terminal.machine);
    }
    outcome = machine_outcome(terminal.machine);
    if (outcome != MACHINE_OK) {
        print_report(&terminal);
        if (options->report != NULL)
            text_add(options->report, "%s", machine_report(terminal.machine));
    }
    if (options->save_path != NULL)
        save_all(&terminal, options->save_path, outcome);
    /* A job that a panic cut short takes back what it gave to the kernel, so the kernel must still be there. */
    jobs_free(&terminal);
    machine_destroy(terminal.machine);
    typists_free(&terminal);
    session_record_free(&terminal.record);
    tape_free(&terminal.tape);
    free(terminal.captures);
    return outcome;
}
