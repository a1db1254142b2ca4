/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_FILE_H
#define SESSION_FILE_H

/*
 * A session transcript: what a person types on a Mac and what the Mac answers, as one text that can be
 * read, run and checked.
 *
 *     # Text for the reader. `#:` begins a directive.
 *     #: kernels darwin15..darwin24
 *     root# kextload tap.kext
 *     vpn$ open /dev/tap0 rw
 *     3
 *
 * A line that begins with a name and `$ `, or with `root# `, is typed; a line whose first character is
 * `#` is commentary; all other lines are what the command above is expected to print. Empty lines at the
 * end of an output are layout. `[...]` in an expected line stands for any run of characters; alone on its
 * line it stands for any lines, also none, up to one that matches the expected line below it.
 *
 * Directives: `kernels A..B` (the session is for those releases only; one alone means A..A), `seed N`
 * (schedules and delays of that seed), `end OUTCOME` (how the machine ends, default ok).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <machine.h>

#include "terminal.h"

/* One line of the file, or a run of expected lines. */
enum session_part_kind { SESSION_LAYOUT, SESSION_COMMAND, SESSION_OUTPUT };

struct session_part {
    enum session_part_kind kind;
    char *text;                         /* without its line feed */
    char typist[TERMINAL_NAME_BYTES];   /* of a command */
    const char *command;                /* of a command: what follows the prompt, in text */
    unsigned line_number;               /* in the file, from 1 */
};

struct session {
    char *path;
    struct session_part *parts;
    size_t count;
    int first_darwin, last_darwin; /* which kernels it is for */
    uint64_t seed;
    enum machine_outcome outcome;
    /* Not from the file, for whoever runs what nobody has read: */
    uint64_t max_steps; /* 0 = default */
    bool no_file;       /* it writes none */
};

enum { SESSION_ERROR_BYTES = 512 };

/* Reads a file; false and one line in `error`, and then nothing is held. Free with session_free. */
bool session_load(struct session *session, const char *path, char error[SESSION_ERROR_BYTES]);
/* The same from text that is in memory; `path` is for messages. */
bool session_parse(struct session *session, const char *path, const char *text,
                   char error[SESSION_ERROR_BYTES]);
void session_free(struct session *session);

/* Does the expected line, with its [...], match the printed one? */
bool session_line_matches(const char *expected, const char *printed);
/* Is the expected line [...] and nothing else? */
bool session_line_is_any_lines(const char *expected);

/* If the line begins with a prompt: who types, and what. */
bool session_prompt(const char *line, char typist[TERMINAL_NAME_BYTES], const char **command);

#endif
