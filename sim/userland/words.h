/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORDS_H
#define WORDS_H

/*
 * A typed line as words, by the rules of sh(1) that people use without thinking: blanks separate,
 * '...' and "..." and a backslash keep what they hold together, `$?` is the last exit status, a `&`
 * at the end leaves the command in the background. Nothing else is expanded.
 */

#include <stdbool.h>
#include <stddef.h>

enum { WORDS_MAX = 64 };

struct words {
    int count;
    char *list[WORDS_MAX + 1]; /* ends with NULL, like argv */
    bool background;
    char *storage;
};

/*
 * Splits `line`; `status` stands for $?. NULL, or what is wrong with the line (a literal, one line),
 * and then nothing is held. Free with words_free.
 */
const char *words_split(struct words *words, const char *line, int status);
void words_free(struct words *words);

#endif
