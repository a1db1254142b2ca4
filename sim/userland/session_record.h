/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

/*
 * Keeps what was typed and printed, and writes it as a session that passes when it is run: a printed line
 * that would be taken for a prompt or commentary is expected with `[...]` in place of its first character.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <machine.h>
#include <text.h>

struct session_record {
    int darwin_major; /* it is for this release only; 0 = for all */
    uint64_t seed;
    struct text before; /* complete: lines with what they printed */
    struct text line;   /* typed last, with its prompt, "" when it was forgotten */
    struct text output; /* of that line */
    bool forgotten;
};

/* All-zero but for the two; free with session_record_free. */
void session_record_start(struct session_record *record, int darwin_major, uint64_t seed);
void session_record_free(struct session_record *record);

void session_record_line(struct session_record *record, const char *typist, const char *text);
void session_record_print(struct session_record *record, const char *text, size_t length);
/* The line typed last was interrupted after that time: it ends with `^C SECONDS`. */
void session_record_interrupt(struct session_record *record, uint64_t after_ns);
/* Forgets the line typed last and what it printed and will print. */
void session_record_forget(struct session_record *record);

/* Writes the file whole or not at all. NULL, or why not: the host's words. */
const char *session_record_save(const struct session_record *record, const char *path,
                                enum machine_outcome outcome);

#endif
