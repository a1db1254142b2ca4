/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMMAND_H
#define COMMAND_H

/*
 * A command that a person types on the emulated Mac. Each is a function that runs on a thread of the
 * process that typed it, makes system calls, prints what the real one prints and returns its exit
 * status. Names, wording and exit codes are those of macOS.
 *
 * A command may block as long as its system calls do, and may not return at all when its process is
 * killed meanwhile: what it holds then must hang from the terminal (command_keep), not from its stack.
 */

#include <stdbool.h>
#include <stdint.h>

struct ksim;
struct process;
struct terminal;
struct job;

struct command_call {
    struct terminal *terminal;
    struct ksim *kernel;
    struct process *process; /* that makes the system calls */
    struct process *typist;  /* who typed it: the same, unless the command is a program */
    int argc;
    char **argv;
    struct job *job; /* the terminal's own record of this call */
};

struct command {
    const char *name;
    const char *usage;   /* after the name: "[-v] FILE" */
    const char *summary; /* for help: one line */
    int (*run)(struct command_call *call);
};

enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 64 };

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);
/* True for what is a program on a Mac and not a system call or a part of the shell: it runs in a process of
 * its own. */
bool command_is_program(const struct command *command);
/* True for what looks at the machine as it stands: it runs on the terminal, makes no system call, takes no
 * step, and no other thread runs meanwhile (but for `step`, whose purpose that is). */
bool command_looks(const struct command *command);
/* The index-th command in order of name, NULL past the last. */
const struct command *command_at(unsigned index);

/* Prints, with machine_format's rules (machine.h). */
void command_print(struct command_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "NAME: WHAT: Input/output error" for -5, as perror does; returns COMMAND_FAILED. */
int command_error(struct command_call *call, const char *what, int64_t result);

/* "usage: NAME USAGE"; returns COMMAND_USAGE. */
int command_usage(struct command_call *call);

/* The exit status of a command that ends its own process and does not return. */
void command_set_status(struct command_call *call, int status);

/* Zeroed memory that is freed when the call is over, however it ends. Never NULL. */
void *command_keep(struct command_call *call, uint64_t bytes);

/* Calls at_end(argument) when the call is over, however it ends, before kept memory is freed. Once. */
void command_at_end(struct command_call *call, void (*at_end)(void *argument), void *argument);

/* A whole decimal, octal or hexadecimal number within bounds; false for anything else. */
bool command_number(const char *text, int64_t least, int64_t most, int64_t *value);
/* Seconds with up to nine decimals ("0.25") as nanoseconds; false for anything else. */
bool command_seconds(const char *text, uint64_t *duration_ns);

#endif
