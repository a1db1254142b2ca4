/* SPDX-License-Identifier: BSD-2-Clause */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_DIGITS = 12 };

/* One pass over the line; what it writes is never longer than what it reads, but for `$?`. */
struct splitter {
    const char *in;
    char *out;
    int status;
};

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static const char *
take_quoted(struct splitter *splitter, char quote)
{
    while (*splitter->in != quote) {
        if (*splitter->in == '\0')
            return quote == '"' ? "unmatched \"" : "unmatched '";
        if (quote == '"' && *splitter->in == '\\' && splitter->in[1] != '\0')
            splitter->in++;
        *splitter->out++ = *splitter->in++;
    }
    splitter->in++;
    return NULL;
}

static const char *
take_word(struct splitter *splitter)
{
    const char *wrong = NULL;

    while (wrong == NULL && *splitter->in != '\0' && !is_blank(*splitter->in)) {
        char byte = *splitter->in++;

        if (byte == '\'' || byte == '"')
            wrong = take_quoted(splitter, byte);
        else if (byte == '\\' && *splitter->in != '\0')
            *splitter->out++ = *splitter->in++;
        else if (byte == '$' && *splitter->in == '?') {
            splitter->in++;
            splitter->out += sprintf(splitter->out, "%d", splitter->status);
        } else
            *splitter->out++ = byte;
    }
    *splitter->out++ = '\0';
    return wrong;
}

static size_t
count_dollars(const char *line)
{
    size_t dollars = 0;

    for (; *line != '\0'; line++)
        dollars += *line == '$';
    return dollars;
}

/* Where an unquoted `&` ends the line, or NULL. */
static const char *
background_mark(const char *line)
{
    const char *end = line + strlen(line);

    while (end > line && is_blank(end[-1]))
        end--;
    return end > line && end[-1] == '&' && (end - 1 == line || is_blank(end[-2])) ? end - 1 : NULL;
}

const char *
words_split(struct words *words, const char *line, int status)
{
    const char *mark = background_mark(line);
    size_t length = mark != NULL ? (size_t)(mark - line) : strlen(line);
    struct splitter splitter = {.status = status};
    const char *wrong = NULL;
    char *copy = malloc(length + 1);

    memset(words, 0, sizeof(*words));
    words->background = mark != NULL;
    words->storage = malloc(length + 2 + count_dollars(line) * STATUS_DIGITS);
    if (copy == NULL || words->storage == NULL)
        wrong = "out of memory";
    else {
        memcpy(copy, line, length);
        copy[length] = '\0';
        splitter.in = copy;
        splitter.out = words->storage;
    }
    while (wrong == NULL) {
        while (is_blank(*splitter.in))
            splitter.in++;
        if (*splitter.in == '\0')
            break;
        if (words->count == WORDS_MAX) {
            wrong = "too many words";
            break;
        }
        words->list[words->count++] = splitter.out;
        wrong = take_word(&splitter);
    }
    free(copy);
    if (wrong != NULL)
        words_free(words);
    return wrong;
}

void
words_free(struct words *words)
{
    free(words->storage);
    memset(words, 0, sizeof(*words));
}
