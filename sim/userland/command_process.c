/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: fork, kill, signal, exit, setuid; and the faults that a person orders. */
#include <string.h>

#include <system.h>

#include "command_list.h"
#include "fault_feeder.h"
#include "signal_words.h"
#include "terminal.h"

static int
run_fork(struct command_call *call)
{
    struct process *child;
    struct process *other;

    if (call->argc != 2 || strlen(call->argv[1]) >= TERMINAL_NAME_BYTES)
        return command_usage(call);
    other = terminal_process(call->terminal, call->argv[1]);
    if (other != NULL && !ksim_process_exited(other, NULL)) {
        command_print(call, "fork: %s: somebody of that name is here\n", call->argv[1]);
        return COMMAND_FAILED;
    }
    child = ksim_system_fork(call->process);
    (void)terminal_adopt(call->terminal, call->argv[1], child);
    command_print(call, "%d\n", ksim_process_pid(child));
    return COMMAND_OK;
}

const struct command command_fork = {"fork", "NAME",
                                     "fork(2): a child that shares the descriptors and types as NAME; "
                                     "prints its process number",
                                     run_fork};

/* --- kill and signal --------------------------------------------------------------------------- */

static int
run_kill(struct command_call *call)
{
    int first = 1, signal = KSIM_SIGTERM;
    struct process *target;
    int64_t pid;

    if (call->argc > 1 && call->argv[1][0] == '-') {
        signal = signal_of_word(call->argv[1] + 1);
        if (signal == 0) {
            command_print(call, "-sh: kill: %s: invalid signal specification\n",
                          call->argv[1] + 1);
            return COMMAND_FAILED;
        }
        first = 2;
    }
    if (call->argc != first + 1)
        return command_usage(call);
    if (command_number(call->argv[first], 1, INT32_MAX, &pid))
        target = ksim_process_of_pid(call->kernel, (int)pid);
    else
        target = terminal_process(call->terminal, call->argv[first]);
    if (target == NULL || ksim_process_exited(target, NULL)) {
        command_print(call, "-sh: kill: (%s) - No such process\n", call->argv[first]);
        return COMMAND_FAILED;
    }
    if (ksim_process_uid(call->process) != 0 &&
        ksim_process_uid(call->process) != ksim_process_uid(target)) {
        command_print(call, "-sh: kill: (%s) - Operation not permitted\n", call->argv[first]);
        return COMMAND_FAILED;
    }
    (void)ksim_system_kill(target, signal);
    return COMMAND_OK;
}

const struct command command_kill = {"kill", "[-SIGNAL] NAME | PID",
                                     "send a signal to who types as NAME, to a program, to a number",
                                     run_kill};

static int
run_signal(struct command_call *call)
{
    static const char *const actions[] = {"default", "ignore", "catch", "restart"};
    int signal = call->argc > 1 ? signal_of_word(call->argv[1]) : 0;

    if (signal == 0 || call->argc > 3)
        return command_usage(call);
    if (call->argc == 2) {
        command_print(call, "%u\n", ksim_process_signals_caught(call->process, signal));
        return COMMAND_OK;
    }
    if (signal == KSIM_SIGKILL)
        return command_error(call, NULL, -KSIM_EINVAL);
    if (strcmp(call->argv[2], "block") == 0 || strcmp(call->argv[2], "unblock") == 0) {
        ksim_signal_block(call->process, signal, call->argv[2][0] == 'b');
        return COMMAND_OK;
    }
    for (int action = 0; action < 4; action++) {
        if (strcmp(call->argv[2], actions[action]) == 0) {
            ksim_signal_set(call->process, signal, (enum ksim_signal_action)action);
            return COMMAND_OK;
        }
    }
    return command_usage(call);
}

const struct command command_signal = {
    "signal", "SIGNAL [catch | restart | ignore | default | block | unblock]",
    "sigaction(2) and sigprocmask(2); alone: how often it was caught", run_signal};

/* --- identity ---------------------------------------------------------------------------------- */

static int
run_setuid(struct command_call *call)
{
    int64_t uid;

    if (call->argc != 2 || !command_number(call->argv[1], 0, UINT32_MAX, &uid))
        return command_usage(call);
    if (ksim_process_uid(call->process) != 0 && ksim_process_uid(call->process) != (unsigned)uid)
        return command_error(call, NULL, -KSIM_EPERM);
    ksim_process_set_uid(call->process, (unsigned)uid);
    return COMMAND_OK;
}

const struct command command_setuid = {"setuid", "UID", "setuid(2): 0 is root, 501 a person",
                                       run_setuid};

static int
run_exit(struct command_call *call)
{
    int64_t status = 0;

    if (call->argc > 2 || (call->argc == 2 && !command_number(call->argv[1], 0, 255, &status)))
        return command_usage(call);
    command_set_status(call, (int)status);
    ksim_system_exit(call->process);
}

const struct command command_exit = {"exit", "[STATUS]",
                                     "_exit(2): closes the descriptors; who types next under the "
                                     "name is a new process",
                                     run_exit};

/* --- faults ------------------------------------------------------------------------------------ */

static int
run_fault(struct command_call *call)
{
    struct fault_feeder *faults = terminal_faults(call->terminal);
    int64_t nth = 1;

    if (call->argc == 1) {
        for (unsigned i = 0; i < faults->label_count; i++)
            command_print(call, "%s\n", faults->labels[i].label);
        return COMMAND_OK;
    }
    if (call->argc > 3 || (call->argc == 3 && !command_number(call->argv[2], 0, INT64_MAX, &nth)) ||
        !fault_feeder_arm(faults, call->argv[1], (uint64_t)nth))
        return command_usage(call);
    return COMMAND_OK;
}

const struct command command_fault = {"fault", "[KIND [N]]",
                                      "make the N-th next operation of a kind fail; alone: the kinds "
                                      "seen so far",
                                      run_fault};
