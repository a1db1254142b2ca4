/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TERMINAL_INTERNAL_H
#define TERMINAL_INTERNAL_H

/* What the terminal*.c files share. */

#include "terminal.h"

#include <tape.h>
#include <text.h>

#include "command.h"
#include "echo_desk.h"
#include "fault_feeder.h"
#include "session_record.h"
#include "words.h"

enum { JOB_KEEP_MAX = 64 };

struct typist {
    struct typist *next; /* in the order of their first line */
    char name[TERMINAL_NAME_BYTES];
    struct process *process;
    bool has_descriptors; /* 0 to 2 are open */
    int status;           /* $? */
};

struct job {
    struct job *next;
    struct typist *typist;
    const struct command *command;
    struct command_call call; /* call.process: the typist's, or that of the program */
    struct words words;
    struct text line; /* what a background job has printed of a line not yet ended */
    void *kept[JOB_KEEP_MAX];
    unsigned kept_count;
    void (*at_end)(void *argument);
    void *at_end_argument;
    int status;
    bool background, returned, ended;
    bool left;            /* in the background, because nothing could wake it */
    bool catches;         /* its process catches SIGINT until it has ended */
    bool timed;
    uint32_t points;      /* of `step N` before it, 0 = none */
    uint64_t interrupt_ns; /* when ^C is typed, 0 = never */
    uint64_t typed_ns;
    uint64_t began_ns, ended_ns;
};

struct terminal {
    struct terminal_host host;
    struct machine *machine;
    struct ksim *kernel;
    struct fiber *fiber;
    struct typist *typists;
    struct job *jobs; /* running, or ended and not yet cleared */
    struct fault_feeder faults;
    struct echo_desk echo;
    char *captures; /* folder, or NULL */
    struct job *foreground; /* for which the terminal waits, or NULL */
    bool stuck, interrupt;  /* why it was woken meanwhile */
    bool any_file, no_file;
    struct tape tape;
    struct tape_recorder recorder;
    struct session_record record;
};

void terminal_print(struct terminal *terminal, const char *text, size_t length);

/* --- terminal_typist.c -------------------------------------------------------------------------- */

/* Who types under that name, made when needed; a process that has ended gets a successor. */
struct typist *typist_get(struct terminal *terminal, const char *name);
void typists_free(struct terminal *terminal);

/* --- terminal_wait.c ---------------------------------------------------------------------------- */

/* Hears of every moment at which nothing can run. */
void terminal_watch_idle(struct terminal *terminal);
/* Waits for the end of a foreground job, or until it is left in the background. */
void terminal_await(struct terminal *terminal, struct job *job);
/* `^C` as a line. */
void terminal_interrupt_left(struct terminal *terminal);

/* --- terminal_job.c ----------------------------------------------------------------------------- */

/*
 * Starts what the line says and waits for its end, unless it is one for the background. False when the
 * machine stands where it stood, or shall: then there is nothing to wait for.
 */
bool terminal_type(struct terminal *terminal, const struct terminal_line *line);
/* Sends SIGINT to a job's process. */
void job_interrupt(struct job *job);
/* Reports and frees the jobs that have ended. */
void jobs_clear(struct terminal *terminal);
/* Ends every process that a job or a typist has, and forgets the jobs. */
void jobs_end(struct terminal *terminal);
void jobs_free(struct terminal *terminal);

#endif
