/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPLETION_H
#define COMPLETION_H

/* How a line that is being typed may go on. */

#include <stddef.h>

struct terminal;

/* Where the last word of the line begins. */
size_t completion_word(const char *line, size_t length);

/*
 * Calls `visit` with each word that begins as the last word of line[0 .. length) does: commands where one stands;
 * else, in this order, nodes of /dev, interfaces, and the words of the command's usage. On the terminal.
 */
void completion_each(struct terminal *terminal, const char *line, size_t length,
                     void (*visit)(void *context, const char *word), void *context);

#endif
