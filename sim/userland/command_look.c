/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that look at the machine as it stands: step, threads, mbufs, locks, tape, save. */
#include <string.h>

#include <system.h>
#include <tape.h>

#include "command_list.h"
#include "terminal.h"

enum { LINE_BYTES = 512, TAPE_SHOWN = 10 };

#define NS_PER_SECOND UINT64_C(1000000000)

static int
run_step(struct command_call *call)
{
    int64_t points = 1;

    if (call->argc > 2 ||
        (call->argc == 2 && !command_number(call->argv[1], 1, TERMINAL_STEP_MAX, &points)))
        return command_usage(call);
    terminal_step(call->terminal, (uint32_t)points);
    return COMMAND_OK;
}

const struct command command_step = {
    "step", "[N [COMMAND ...]]",
    "let N preemption points pass, of a command that begins now or of what runs, and say whose",
    run_step};

/* --- threads ----------------------------------------------------------------------------------- */

static void
print_time(struct command_call *call, const char *before, uint64_t time_ns)
{
    command_print(call, "%s%llu.%09llu", before, (unsigned long long)(time_ns / NS_PER_SECOND),
                  (unsigned long long)(time_ns % NS_PER_SECOND));
}

static int
run_threads(struct command_call *call)
{
    struct ksim_thread_look look;

    if (call->argc != 1)
        return command_usage(call);
    for (unsigned i = 0; ksim_look_thread(call->kernel, i, &look); i++) {
        command_print(call, "%3u %s[%d] %s: %s", look.number, look.process, look.pid, look.name,
                      look.state);
        if (look.kext != NULL)
            command_print(call, " in %s", look.kext);
        if (look.why != NULL) {
            command_print(call, " in \"%s\"%s%s", look.why, look.what[0] != '\0' ? " on " : "",
                          look.what);
            print_time(call, " since ", look.since_ns);
        }
        if (look.deadline_ns != 0)
            print_time(call, " until ", look.deadline_ns);
        command_print(call, "\n");
    }
    return COMMAND_OK;
}

const struct command command_threads = {
    "threads", "", "all threads: their process, their state, what they wait for and since when",
    run_threads};

/* --- mbufs ------------------------------------------------------------------------------------- */

static int
run_mbufs(struct command_call *call)
{
    char text[LINE_BYTES];
    uint64_t serial = 0;

    if (call->argc != 1)
        return command_usage(call);
    while (ksim_look_mbuf(call->kernel, &serial, text, sizeof(text)))
        command_print(call, "%s\n", text);
    return COMMAND_OK;
}

const struct command command_mbufs = {
    "mbufs", "", "the mbufs in use: who made each, and what was done with it", run_mbufs};

/* --- locks ------------------------------------------------------------------------------------- */

static void
print_relation(struct command_call *call, unsigned position, enum ksim_lock_relation relation,
               const char *words)
{
    char text[LINE_BYTES];

    for (unsigned i = 0;
         ksim_look_lock_relation(call->kernel, position, relation, i, text, sizeof(text)); i++)
        command_print(call, "    %s %s\n", words, text);
}

static int
run_locks(struct command_call *call)
{
    bool order = call->argc == 2 && strcmp(call->argv[1], "-o") == 0;
    struct ksim_lock_look look;

    if (call->argc != 1 && !order)
        return command_usage(call);
    for (unsigned i = 0; ksim_look_lock(call->kernel, i, &look); i++) {
        if (order ? look.later == 0 : look.held == 0 && look.waiting == 0)
            continue;
        command_print(call, "%s\n", look.name);
        if (order) {
            print_relation(call, i, KSIM_LOCK_LATER, "before");
            continue;
        }
        print_relation(call, i, KSIM_LOCK_HOLDER, "held by");
        print_relation(call, i, KSIM_LOCK_WAITER, "waited for by");
    }
    return COMMAND_OK;
}

const struct command command_locks = {
    "locks", "[-o]",
    "the locks that are held, by whom, and who waits; -o: which was ever taken before which",
    run_locks};

/* --- tape -------------------------------------------------------------------------------------- */

static int
tape_write(struct command_call *call, const char *path)
{
    char error[LINE_BYTES];

    if (!terminal_may_write(call->terminal, path)) {
        command_print(call, "tape: %s: Permission denied\n", path);
        return COMMAND_FAILED;
    }
    if (!tape_save(terminal_tape(call->terminal), path, error, sizeof(error))) {
        command_print(call, "tape: %s\n", error);
        return COMMAND_FAILED;
    }
    return COMMAND_OK;
}

static int
run_tape(struct command_call *call)
{
    const struct tape *tape = terminal_tape(call->terminal);
    int64_t shown = TAPE_SHOWN;
    size_t first;

    if (call->argc == 3 && strcmp(call->argv[1], "--save") == 0)
        return tape_write(call, call->argv[2]);
    if (call->argc > 2 ||
        (call->argc == 2 && !command_number(call->argv[1], 0, INT64_MAX, &shown)))
        return command_usage(call);
    first = (uint64_t)shown < tape->length ? tape->length - (size_t)shown : 0;
    for (size_t i = first; i < tape->length; i++)
        command_print(call, "%s %u of %u %s\n", tape_kind_name(tape->choices[i].kind),
                      tape->choices[i].value, tape->choices[i].count, tape->choices[i].label);
    command_print(call, "%llu choices\n", (unsigned long long)tape->length);
    return COMMAND_OK;
}

const struct command command_tape = {
    "tape", "[N | --save FILE]",
    "the last N (10) choices of schedule, fault and delay and how many there were; or all in a file",
    run_tape};

/* --- save -------------------------------------------------------------------------------------- */

static int
run_save(struct command_call *call)
{
    const char *wrong;

    if (call->argc != 2)
        return command_usage(call);
    wrong = terminal_save(call->terminal, call->argv[1]);
    if (wrong == NULL)
        return COMMAND_OK;
    command_print(call, "save: %s: %s\n", call->argv[1], wrong);
    return COMMAND_FAILED;
}

const struct command command_save = {
    "save", "FILE", "write what was typed and printed until now as a session", run_save};
