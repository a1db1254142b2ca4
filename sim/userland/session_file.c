/* SPDX-License-Identifier: BSD-2-Clause */
#include "session_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WILDCARD "[...]"

enum { DARWIN_FIRST = 10, DARWIN_LAST = 24 };

/* --- lines ------------------------------------------------------------------------------------- */

bool
session_prompt(const char *line, char typist[TERMINAL_NAME_BYTES], const char **command)
{
    size_t length = 0;

    if (strncmp(line, "root# ", 6) == 0) {
        strcpy(typist, "root");
        *command = line + 6;
        return true;
    }
    if (!islower((unsigned char)line[0]))
        return false;
    while (islower((unsigned char)line[length]) || isdigit((unsigned char)line[length]) ||
           line[length] == '-' || line[length] == '_')
        length++;
    if (length >= TERMINAL_NAME_BYTES || line[length] != '$' || line[length + 1] != ' ')
        return false;
    memcpy(typist, line, length);
    typist[length] = '\0';
    *command = line + length + 2;
    return true;
}

bool
session_line_matches(const char *expected, const char *printed)
{
    const char *wildcard = strstr(expected, WILDCARD);
    size_t fixed = wildcard != NULL ? (size_t)(wildcard - expected) : strlen(expected);

    if (strncmp(expected, printed, fixed) != 0)
        return false;
    if (wildcard == NULL)
        return printed[fixed] == '\0';
    expected = wildcard + strlen(WILDCARD);
    for (printed += fixed;; printed++) {
        if (session_line_matches(expected, printed))
            return true;
        if (*printed == '\0')
            return false;
    }
}

bool
session_line_is_any_lines(const char *expected)
{
    return strcmp(expected, WILDCARD) == 0;
}

/* --- directives -------------------------------------------------------------------------------- */

static bool
parse_darwin(const char *text, char **end, int *major)
{
    if (strncmp(text, "darwin", 6) != 0 || !isdigit((unsigned char)text[6]))
        return false;
    *major = (int)strtol(text + 6, end, 10);
    return *major >= DARWIN_FIRST && *major <= DARWIN_LAST;
}

static bool
parse_kernels(struct session *session, const char *text)
{
    char *end;

    if (!parse_darwin(text, &end, &session->first_darwin))
        return false;
    session->last_darwin = session->first_darwin;
    if (strncmp(end, "..", 2) == 0 && !parse_darwin(end + 2, &end, &session->last_darwin))
        return false;
    return *end == '\0' && session->first_darwin <= session->last_darwin;
}

static bool
parse_seed(struct session *session, const char *text)
{
    char *end;

    errno = 0;
    session->seed = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && *end == '\0' && errno == 0;
}

static bool
parse_outcome(struct session *session, const char *text)
{
    for (int outcome = MACHINE_OK; outcome <= MACHINE_LIMIT; outcome++) {
        if (strcmp(text, machine_outcome_name((enum machine_outcome)outcome)) == 0) {
            session->outcome = (enum machine_outcome)outcome;
            return true;
        }
    }
    return false;
}

static bool
parse_directive(struct session *session, const char *text)
{
    static const struct {
        const char *name;
        bool (*parse)(struct session *session, const char *text);
    } directives[] = {{"kernels ", parse_kernels}, {"seed ", parse_seed}, {"end ", parse_outcome}};

    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        size_t length = strlen(directives[i].name);

        if (strncmp(text, directives[i].name, length) == 0)
            return directives[i].parse(session, text + length);
    }
    return false;
}

/* --- files ------------------------------------------------------------------------------------- */

static bool
out_of_memory(char error[SESSION_ERROR_BYTES])
{
    snprintf(error, SESSION_ERROR_BYTES, "out of memory");
    return false;
}

static bool
add_part(struct session *session, const char *line, size_t length, unsigned line_number)
{
    struct session_part *parts =
        realloc(session->parts, (session->count + 1) * sizeof(*session->parts));
    struct session_part *part;

    if (parts == NULL)
        return false;
    session->parts = parts;
    part = &parts[session->count];
    memset(part, 0, sizeof(*part));
    part->line_number = line_number;
    part->text = malloc(length + 1);
    if (part->text == NULL)
        return false;
    memcpy(part->text, line, length);
    part->text[length] = '\0';
    session->count++;
    return true;
}

/* Empty lines before the part `end` are layout, not output. */
static void
settle_layout(struct session *session, size_t end)
{
    while (end > 0 && session->parts[end - 1].kind == SESSION_OUTPUT &&
           session->parts[end - 1].text[0] == '\0')
        session->parts[--end].kind = SESSION_LAYOUT;
}

/* Tells what the part added last is; false: it cannot stand here. */
static bool
classify_part(struct session *session, bool *typed, char error[SESSION_ERROR_BYTES])
{
    struct session_part *part = &session->parts[session->count - 1];

    if (part->text[0] == '#') {
        part->kind = SESSION_LAYOUT;
        if (strncmp(part->text, "#: ", 3) == 0 && !parse_directive(session, part->text + 3)) {
            snprintf(error, SESSION_ERROR_BYTES, "%s:%u: not a directive: %s", session->path,
                     part->line_number, part->text);
            return false;
        }
    } else if (session_prompt(part->text, part->typist, &part->command)) {
        part->kind = SESSION_COMMAND;
        *typed = true;
    } else if (*typed) {
        part->kind = SESSION_OUTPUT;
    } else {
        part->kind = SESSION_LAYOUT;
        if (part->text[0] != '\0') {
            snprintf(error, SESSION_ERROR_BYTES, "%s:%u: output before the first command",
                     session->path, part->line_number);
            return false;
        }
    }
    return true;
}

static bool
parse_lines(struct session *session, const char *text, char error[SESSION_ERROR_BYTES])
{
    bool typed = false;

    for (unsigned number = 1; *text != '\0'; number++) {
        const char *end = strchr(text, '\n');
        size_t length = end != NULL ? (size_t)(end - text) : strlen(text);

        if (!add_part(session, text, length, number))
            return out_of_memory(error);
        if (!classify_part(session, &typed, error))
            return false;
        if (session->parts[session->count - 1].kind != SESSION_OUTPUT)
            settle_layout(session, session->count - 1);
        text += length + (end != NULL);
    }
    settle_layout(session, session->count);
    return true;
}

bool
session_parse(struct session *session, const char *path, const char *text,
              char error[SESSION_ERROR_BYTES])
{
    memset(session, 0, sizeof(*session));
    session->first_darwin = DARWIN_FIRST;
    session->last_darwin = DARWIN_LAST;
    session->path = strdup(path);
    if (session->path == NULL)
        return out_of_memory(error);
    if (parse_lines(session, text, error))
        return true;
    session_free(session);
    return false;
}

/* The whole file with a NUL behind it, or NULL. */
static char *
read_whole(const char *path, char error[SESSION_ERROR_BYTES])
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t length = 0, got;

    if (file == NULL) {
        snprintf(error, SESSION_ERROR_BYTES, "%s: %s", path, strerror(errno));
        return NULL;
    }
    do {
        char *grown = realloc(text, length + 4096 + 1);

        if (grown == NULL) {
            out_of_memory(error);
            goto free_text;
        }
        text = grown;
        got = fread(text + length, 1, 4096, file);
        length += got;
    } while (got > 0);
    text[length] = '\0';
    if (ferror(file))
        snprintf(error, SESSION_ERROR_BYTES, "%s: %s", path, strerror(errno));
    else if (memchr(text, '\0', length) != NULL)
        snprintf(error, SESSION_ERROR_BYTES, "%s: not a text file", path);
    else {
        fclose(file);
        return text;
    }

free_text:
    free(text);
    fclose(file);
    return NULL;
}

bool
session_load(struct session *session, const char *path, char error[SESSION_ERROR_BYTES])
{
    char *text = read_whole(path, error);
    bool good = text != NULL && session_parse(session, path, text, error);

    free(text);
    return good;
}

void
session_free(struct session *session)
{
    for (size_t i = 0; i < session->count; i++)
        free(session->parts[i].text);
    free(session->parts);
    free(session->path);
    memset(session, 0, sizeof(*session));
}
