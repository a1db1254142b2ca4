/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <string.h>

#include "host_memory.h"
#include "machine.h"

static void
text_reserve(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;

    if (need <= text->capacity)
        return;
    text->capacity = text->capacity < 128 ? 256 : text->capacity * 2;
    if (text->capacity < need)
        text->capacity = need;
    text->bytes = host_reallocate(text->bytes, text->capacity);
}

const char *
text_bytes(const struct text *text)
{
    return text->bytes == NULL ? "" : text->bytes;
}

void
text_add_list(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    int length;

    /* Most additions fit at once; the others are formatted a second time. */
    va_copy(again, arguments);
    text_reserve(text, 80);
    length = machine_format_list(text->bytes + text->length, text->capacity - text->length, format,
                                 arguments);
    if (text->length + (size_t)length >= text->capacity) {
        text_reserve(text, (size_t)length);
        machine_format_list(text->bytes + text->length, text->capacity - text->length, format,
                            again);
    }
    text->length += (size_t)length;
    va_end(again);
}

void
text_add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
}

void
text_end_line(struct text *text)
{
    if (text->length > 0 && text->bytes[text->length - 1] != '\n')
        text_add(text, "\n");
}

void
text_free(struct text *text)
{
    host_free(text->bytes);
    memset(text, 0, sizeof(*text));
}
