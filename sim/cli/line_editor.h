/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINE_EDITOR_H
#define LINE_EDITOR_H

/*
 * Lines from standard input: edited with libedit (history, completion) when it is a terminal, else as they
 * come. ^C while a line is edited gives the line "^C"; while none is read it is a signal like any other.
 */

#include <stdbool.h>
#include <stddef.h>

struct line_editor;

struct line_editor_options {
    const char *(*prompt)(void *context);
    /* Calls visit(visit_context, word) for each way in which the last word of line[0 .. length) may end. */
    void (*complete)(void *context, const char *line, size_t length,
                     void (*visit)(void *visit_context, const char *word), void *visit_context);
    void *context;
    const char *history_path; /* read at the start, written at the end; NULL: kept in memory only */
};

/* Never NULL: without memory the program ends. */
struct line_editor *line_editor_create(const struct line_editor_options *options);
void line_editor_free(struct line_editor *editor);
/* Is standard input a terminal? */
bool line_editor_edits(const struct line_editor *editor);
/* The next line without its line feed, valid until the next call; NULL: the end (^D). */
const char *line_editor_read(struct line_editor *editor);

#endif
