/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TERMINAL_H
#define TERMINAL_H

/*
 * An emulated Mac with somebody typing at it: lines in, text out. Each name before a prompt is a
 * process of its own, made when it first types: `vpn$ ` the process vpn, `root# ` the process root.
 * All begin as root, because that is who may open the devices (root:wheel 0660); `setuid` changes it.
 *
 * What a program of its own does on a Mac (ifconfig, ping, tcpdump, ...) runs in a process of its own,
 * which has only descriptors 0 to 2; what is a system call runs in the typist's.
 *
 * A foreground command is typed, runs until it has ended, and everything it caused at that moment is
 * done before the next line is taken; time passes only as far as the command waits. A background
 * command (`&`) is left as soon as nothing can go on without time passing. What a background command
 * prints has its process's name before it. A foreground command that nothing can wake any more is left
 * in the background too, and the terminal says so.
 *
 * `^C` as a line sends SIGINT to the process of the command that was left like that last; as the last
 * words of one, `^C SECONDS`, to the command that is typed, after that time. A command that is a system call
 * of its typist's is interrupted and no more, as in a shell, which catches SIGINT.
 *
 * `step N COMMAND` begins a command in the background and stops all threads at the N-th preemption point;
 * they go on with the next line whose command is not one that looks (command_looks).
 *
 * When the lines end, all processes are killed, the kexts are unloaded, and the machine is audited: what
 * is left is printed like the output of a last command. So is the report of a machine that stops earlier.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <machine.h>

struct terminal;
struct echo_desk;
struct fault_feeder;
struct ksim;
struct process;
struct tape;
struct tape_feeder;
struct text;

enum { TERMINAL_NAME_BYTES = 32, TERMINAL_STEP_MAX = 10000 };

/* One typed line. */
struct terminal_line {
    char typist[TERMINAL_NAME_BYTES];
    const char *text;
};

/* Where lines come from and text goes to. All are called on the terminal's own fiber. */
struct terminal_host {
    /* The next line, valid until the next call; false: the end. */
    bool (*next)(void *context, struct terminal_line *line);
    /* Text of the line typed last (and of those in the background). Whole lines but for a prompt. */
    void (*print)(void *context, const char *text, size_t length);
    void *context;
    /* The other two may be NULL. Before the first line. */
    void (*begun)(void *context, struct terminal *terminal);
    /* Does somebody want the foreground command interrupted? Asked whenever time would pass; yes once. */
    bool (*interrupted)(void *context);
};

struct terminal_options {
    int darwin_major;         /* 0 = default */
    uint64_t seed;            /* 0: run to block, no delays; else schedules and delays of this seed */
    struct tape_feeder *feeder; /* borrowed; answers instead of the seed; NULL = the seed */
    machine_witness *watch;       /* NULL = nobody (machine.h) */
    void *watch_context;
    struct text *report;      /* gets the machine's report when it does not end well; NULL = nobody */
    size_t fiber_stack_bytes; /* 0 = default; `next` runs on such a stack */
    const char *captures;     /* folder of NAMES and captures for `write -p`; NULL = none */
    bool any_file;            /* `save` and `tape` may write outside the folder in which they run */
    bool no_file;             /* nothing is written at all, for lines that nobody has read */
    bool names_kernel;        /* what is saved is for this release only */
    uint64_t max_steps;       /* 0 = default */
    const char *save_path;    /* the whole session is saved there at its end; NULL = nowhere */
};

/* Boots the Mac, types all lines, ends the session. The result of the machine's run and audit. */
enum machine_outcome terminal_run(const struct terminal_options *options,
                                  const struct terminal_host *host);

/* --- for commands ------------------------------------------------------------------------------ */

/* The process that types under that name, else that of the program of that name that was started last;
 * NULL: there is none. */
struct process *terminal_process(struct terminal *terminal, const char *name);
/* Makes `process` (a child) the one that types under `name`. False: somebody who lives has the name. */
bool terminal_adopt(struct terminal *terminal, const char *name, struct process *process);
/* Each process that types here, in the order of their first line. */
void terminal_each_process(struct terminal *terminal,
                           void (*visit)(void *context, const char *name, struct process *process),
                           void *context);
struct machine *terminal_machine(struct terminal *terminal);
struct fault_feeder *terminal_faults(struct terminal *terminal);
struct echo_desk *terminal_echo_desk(struct terminal *terminal);
const char *terminal_captures(const struct terminal *terminal);
struct ksim *terminal_kernel(struct terminal *terminal);
/* The choices so far. */
const struct tape *terminal_tape(const struct terminal *terminal);
/* Lets preemption points pass and prints each; says so when fewer than these could pass. */
void terminal_step(struct terminal *terminal, uint32_t points);
/* Writes what was typed and printed before the running command, which is not part of it. NULL, or why
 * not, in a word or two. */
const char *terminal_save(struct terminal *terminal, const char *path);
bool terminal_may_write(const struct terminal *terminal, const char *path);

#endif
