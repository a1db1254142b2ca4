/* SPDX-License-Identifier: BSD-2-Clause */
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct vector_file {
    gzFile stream;
    char *path;
    unsigned long line_number;
};

struct vector_file *
vector_file_open(const char *path)
{
    struct vector_file *file = calloc(1, sizeof(*file));

    if (file == NULL)
        goto fail;
    file->path = strdup(path);
    if (file->path == NULL)
        goto free_file;
    file->stream = gzopen(path, "rb");
    if (file->stream == NULL)
        goto free_path;
    return file;

free_path:
    free(file->path);
free_file:
    free(file);
fail:
    (void)fprintf(stderr, "%s: cannot be read\n", path);
    return NULL;
}

void
vector_file_close(struct vector_file *file)
{
    (void)gzclose(file->stream);
    free(file->path);
    free(file);
}

static _Noreturn void
reject(const struct vector_file *file, const char *why)
{
    (void)fprintf(stderr, "%s:%lu: %s\n", file->path, file->line_number, why);
    exit(2);
}

static void
arguments_parse(const struct vector_file *file, struct vector_line *line, const char *text)
{
    line->argument_count = 0;
    if (strcmp(text, "-") == 0)
        return;
    while (*text != '\0') {
        char *end;

        if (line->argument_count == VECTOR_ARGUMENTS)
            reject(file, "too many arguments");
        line->arguments[line->argument_count++] = strtoll(text, &end, 10);
        if (end == text)
            reject(file, "argument is not a number");
        text = end;
        while (*text == ' ')
            text++;
    }
}

static char *
field_next(const struct vector_file *file, char **cursor)
{
    char *field = strsep(cursor, "\t");

    if (field == NULL)
        reject(file, "field is missing");
    return field;
}

static void
line_parse(const struct vector_file *file, struct vector_line *line)
{
    char *cursor = line->text;
    const char *kind = field_next(file, &cursor);

    line->kind = kind[0];
    line->number = file->line_number;
    line->out = line->live = line->result = "-";
    line->state = NULL;
    switch (line->kind) {
    case 'C':
        line->name = field_next(file, &cursor);
        line->result = field_next(file, &cursor);
        break;
    case 'S':
        (void)field_next(file, &cursor);
        line->name = field_next(file, &cursor);
        break;
    case 'B':
    case 'O':
        line->name = field_next(file, &cursor);
        arguments_parse(file, line, field_next(file, &cursor));
        line->result = field_next(file, &cursor);
        if (line->kind == 'B')
            break;
        line->out = field_next(file, &cursor);
        line->live = field_next(file, &cursor);
        line->state = field_next(file, &cursor);
        break;
    case 'E':
        line->live = field_next(file, &cursor);
        break;
    default:
        reject(file, "unknown kind of line");
    }
}

bool
vector_file_next(struct vector_file *file, struct vector_line *line)
{
    do {
        size_t length;

        if (gzgets(file->stream, line->text, sizeof(line->text)) == NULL)
            return false;
        file->line_number++;
        length = strlen(line->text);
        if (length == 0 || line->text[length - 1] != '\n')
            reject(file, "line is too long");
        line->text[length - 1] = '\0';
    } while (line->text[0] == '#' || line->text[0] == 'V' || line->text[0] == '\0');
    line_parse(file, line);
    return true;
}

bool
vector_text_matches(const char *expected, const char *actual)
{
    static const char delimiters[] = " |;,=/";

    for (;;) {
        size_t expected_length = strcspn(expected, delimiters);
        size_t actual_length = strcspn(actual, delimiters);
        bool any = expected_length == 1 && expected[0] == '?';

        if (!any && (expected_length != actual_length || memcmp(expected, actual, expected_length) != 0))
            return false;
        expected += expected_length;
        actual += actual_length;
        if (*expected != *actual)
            return false;
        if (*expected == '\0')
            return true;
        expected++;
        actual++;
    }
}
