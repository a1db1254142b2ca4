/* SPDX-License-Identifier: BSD-2-Clause */
#include "session_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "session_file.h"

enum { PATH_BYTES = 4096 };

#define NS_PER_SECOND UINT64_C(1000000000)

void
session_record_start(struct session_record *record, int darwin_major, uint64_t seed)
{
    memset(record, 0, sizeof(*record));
    record->darwin_major = darwin_major;
    record->seed = seed;
    record->forgotten = true; /* nothing was typed yet */
}

void
session_record_free(struct session_record *record)
{
    text_free(&record->before);
    text_free(&record->line);
    text_free(&record->output);
}

/* One printed line as it is expected. */
static void
add_expected(struct text *text, const char *printed)
{
    char typist[TERMINAL_NAME_BYTES];
    const char *command;

    if (printed[0] == '#' || session_prompt(printed, typist, &command))
        text_add(text, "[...]%s\n", printed + 1);
    else
        text_add(text, "%s\n", printed);
}

/* The line typed last and its output, without empty lines at the end. */
static void
add_last(struct text *text, const struct session_record *record)
{
    const char *line = text_bytes(&record->output);
    size_t left = record->output.length;

    if (record->forgotten)
        return;
    text_add(text, "%s\n", text_bytes(&record->line));
    while (left > 0 && line[left - 1] == '\n')
        left--;
    while (left > 0) {
        struct text printed = {0};
        const char *end = memchr(line, '\n', left);
        size_t length = end != NULL ? (size_t)(end - line) : left;

        text_add(&printed, "%.*s", (int)length, line);
        add_expected(text, text_bytes(&printed));
        text_free(&printed);
        line += length + (end != NULL);
        left -= length + (end != NULL);
    }
}

void
session_record_line(struct session_record *record, const char *typist, const char *text)
{
    add_last(&record->before, record);
    text_free(&record->line);
    text_free(&record->output);
    text_add(&record->line, "%s%s %s", typist, strcmp(typist, "root") == 0 ? "#" : "$", text);
    record->forgotten = false;
}

void
session_record_print(struct session_record *record, const char *text, size_t length)
{
    if (!record->forgotten)
        text_add(&record->output, "%.*s", (int)length, text);
}

void
session_record_interrupt(struct session_record *record, uint64_t after_ns)
{
    text_add(&record->line, " ^C %llu.%09llu", (unsigned long long)(after_ns / NS_PER_SECOND),
             (unsigned long long)(after_ns % NS_PER_SECOND));
}

void
session_record_forget(struct session_record *record)
{
    record->forgotten = true;
}

static void
add_directives(struct text *text, const struct session_record *record, enum machine_outcome outcome)
{
    if (record->darwin_major != 0)
        text_add(text, "#: kernels darwin%d\n", record->darwin_major);
    if (record->seed != 0)
        text_add(text, "#: seed %llu\n", (unsigned long long)record->seed);
    if (outcome != MACHINE_OK)
        text_add(text, "#: end %s\n", machine_outcome_name(outcome));
}

/* The file appears complete or not at all. */
static const char *
write_whole(const char *path, const struct text *text)
{
    char temporary[PATH_BYTES];
    const char *wrong = NULL;
    FILE *file;

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
        return strerror(ENAMETOOLONG);
    file = fopen(temporary, "wb");
    if (file == NULL)
        return strerror(errno);
    if (fwrite(text_bytes(text), 1, text->length, file) != text->length)
        wrong = strerror(errno);
    if (fclose(file) != 0 && wrong == NULL)
        wrong = strerror(errno);
    if (wrong == NULL && rename(temporary, path) == 0)
        return NULL;
    if (wrong == NULL)
        wrong = strerror(errno);
    unlink(temporary);
    return wrong;
}

const char *
session_record_save(const struct session_record *record, const char *path,
                    enum machine_outcome outcome)
{
    struct text text = {0};
    const char *wrong;

    add_directives(&text, record, outcome);
    text_add(&text, "%s", text_bytes(&record->before));
    add_last(&text, record);
    wrong = write_whole(path, &text);
    text_free(&text);
    return wrong;
}
