/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VECTOR_FILE_H
#define VECTOR_FILE_H

/* Reads recorded mbuf behaviour (README.md describes the lines); plain or gzip files. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTOR_ARGUMENTS = 5, VECTOR_LINE_BYTES = 16384 };

/* One line. The strings point into the record and live until the next vector_file_next. */
struct vector_line {
    char kind;        /* 'C' 'S' 'B' 'O' 'E' */
    const char *name; /* constant, sequence or operation */
    int64_t arguments[VECTOR_ARGUMENTS];
    size_t argument_count;
    const char *result; /* ret of B and O; value of C */
    const char *out;
    const char *live; /* of O and E */
    char *state;
    unsigned long number; /* of the line in the file, from 1 */
    char text[VECTOR_LINE_BYTES];
};

struct vector_file;

/* NULL and a message on stderr when the file cannot be read. */
struct vector_file *vector_file_open(const char *path);
void vector_file_close(struct vector_file *file);

/* False at the end of the file. A line that is not understood ends the process with a message. */
bool vector_file_next(struct vector_file *file, struct vector_line *line);

/*
 * Compares token by token; tokens stand between space | ; , = and /. A `?` in `expected` matches
 * any token.
 */
bool vector_text_matches(const char *expected, const char *actual);

#endif
