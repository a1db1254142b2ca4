/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEXT_H
#define TEXT_H

/* Text that grows, in host memory. An all-zero value is the empty text. */

#include <stdarg.h>
#include <stddef.h>

struct text {
    char *bytes; /* ends with NUL when not NULL */
    size_t length;
    size_t capacity;
};

/* The bytes, never NULL. Valid until the next change. */
const char *text_bytes(const struct text *text);

/* Formats with machine_format's rules and adds the result at the end. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_list(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Adds a line feed unless the text is empty or ends with one. */
void text_end_line(struct text *text);

/* Frees the memory; the text is empty again. */
void text_free(struct text *text);

#endif
