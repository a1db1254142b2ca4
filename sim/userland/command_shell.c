/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to the shell and to time rather than to a device: sleep, time, echo, help, dmesg, ps. */
#include <string.h>

#include <machine.h>
#include <system.h>

#include "command_list.h"
#include "terminal.h"

static int
run_sleep(struct command_call *call)
{
    uint64_t duration_ns;

    if (call->argc != 2 || !command_seconds(call->argv[1], &duration_ns))
        return command_usage(call);
    ksim_system_sleep(call->process, duration_ns);
    return COMMAND_OK;
}

const struct command command_sleep = {"sleep", "SECONDS", "let time pass, to the nanosecond",
                                      run_sleep};

/* The terminal takes `time COMMAND` apart; here it stands alone. */
static int
run_time(struct command_call *call)
{
    command_print(call, "real\t0m0.000s\n");
    return COMMAND_OK;
}

const struct command command_time = {"time", "COMMAND [ARGUMENT ...]",
                                     "run a command and say how long it took, in virtual time",
                                     run_time};

static int
run_echo(struct command_call *call)
{
    for (int i = 1; i < call->argc; i++)
        command_print(call, "%s%s", i == 1 ? "" : " ", call->argv[i]);
    command_print(call, "\n");
    return COMMAND_OK;
}

const struct command command_echo = {"echo", "[WORD ...]",
                                     "print words; $? is the exit status of the last command",
                                     run_echo};

static int
run_help(struct command_call *call)
{
    const struct command *command;

    if (call->argc > 2)
        return command_usage(call);
    if (call->argc == 2) {
        command = command_find(call->argv[1]);
        if (command == NULL) {
            command_print(call, "-sh: help: no help topics match `%s'.\n", call->argv[1]);
            return COMMAND_FAILED;
        }
        command_print(call, "%s %s\n    %s\n", command->name, command->usage, command->summary);
        return COMMAND_OK;
    }
    for (unsigned i = 0; (command = command_at(i)) != NULL; i++)
        command_print(call, "%-16s %s\n", command->name, command->summary);
    return COMMAND_OK;
}

const struct command command_help = {"help", "[COMMAND]", "what can be typed", run_help};

static int
run_dmesg(struct command_call *call)
{
    if (call->argc != 1)
        return command_usage(call);
    if (ksim_process_uid(call->process) != 0) {
        command_print(call, "Unable to obtain kernel buffer: Operation not permitted\n"
                            "usage: sudo dmesg\n");
        return COMMAND_FAILED;
    }
    command_print(call, "%s", machine_console_text(terminal_machine(call->terminal)));
    return COMMAND_OK;
}

const struct command command_dmesg = {"dmesg", "", "what the kernel has logged", run_dmesg};

static int
run_ps(struct command_call *call)
{
    struct ksim_process_status status;

    if (call->argc != 1)
        return command_usage(call);
    command_print(call, "  PID TTY           TIME CMD\n");
    /* The first is the kernel's own. */
    for (unsigned i = 1; ksim_system_process(call->kernel, i, &status); i++)
        command_print(call, "%5d ttys000    0:00.00 %s\n", status.pid, status.name);
    return COMMAND_OK;
}

const struct command command_ps = {"ps", "", "the processes of this terminal", run_ps};
