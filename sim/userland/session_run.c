/* SPDX-License-Identifier: BSD-2-Clause */
#include "session_run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DARWIN_DEFAULT = 19, UP_MAX = 8 };

struct run {
    const struct session *session;
    struct text *transcript;
    size_t next;        /* part to look at next */
    struct text output; /* of the command typed last */
};

bool
session_is_for(const struct session *session, int darwin_major)
{
    int major = darwin_major == 0 ? DARWIN_DEFAULT : darwin_major;

    return session->first_darwin <= major && major <= session->last_darwin;
}

/* The expected line of that index, or NULL: the output of the command ends before it. */
static const char *
expected_line(const struct run *run, size_t index)
{
    const struct session *session = run->session;

    return index < session->count && session->parts[index].kind == SESSION_OUTPUT
               ? session->parts[index].text
               : NULL;
}

/*
 * Takes a [...] that stands alone, if it is next in *expected, for a printed line that is not the one after
 * it; `printed` NULL: for no line at all. False: the line is to be looked at by itself.
 */
static bool
take_any_lines(struct run *run, const char *printed, size_t *expected)
{
    const char *line = expected_line(run, *expected), *after;

    if (line == NULL || !session_line_is_any_lines(line))
        return false;
    after = expected_line(run, *expected + 1);
    if (printed != NULL && (after == NULL || !session_line_matches(after, printed)))
        return true;
    text_add(run->transcript, "%s\n", line);
    ++*expected;
    return false;
}

/* Adds one printed line: as it was expected, if an expected line from *expected on matches it. */
static void
add_line(struct run *run, const char *printed, size_t *expected)
{
    const char *line;

    if (take_any_lines(run, printed, expected))
        return;
    for (size_t i = *expected; (line = expected_line(run, i)) != NULL; i++) {
        if (!session_line_is_any_lines(line) && session_line_matches(line, printed)) {
            text_add(run->transcript, "%s\n", line);
            *expected = i + 1;
            return;
        }
    }
    text_add(run->transcript, "%s\n", printed);
}

/* What the last command printed becomes part of the transcript, without empty lines at its end. */
static void
flush_output(struct run *run)
{
    size_t expected = run->next;
    size_t length = run->output.length;
    char *line = run->output.bytes;

    while (length > 0 && line[length - 1] == '\n')
        line[--length] = '\0';
    while (length > 0) {
        char *end = memchr(line, '\n', length);
        size_t part = end != NULL ? (size_t)(end - line) : length;

        line[part] = '\0';
        add_line(run, line, &expected);
        line += part + (end != NULL);
        length -= part + (end != NULL);
    }
    (void)take_any_lines(run, NULL, &expected);
    text_free(&run->output);
    while (run->next < run->session->count &&
           run->session->parts[run->next].kind == SESSION_OUTPUT)
        run->next++;
}

static bool
has_command(const struct session *session, size_t from)
{
    while (from < session->count && session->parts[from].kind != SESSION_COMMAND)
        from++;
    return from < session->count;
}

/* Copies what stands between commands. */
static const struct session_part *
advance(struct run *run)
{
    const struct session *session = run->session;

    /* What the end of the session brings belongs to the output of the last command. */
    if (!has_command(session, run->next))
        return NULL;
    flush_output(run);
    for (; run->next < session->count; run->next++) {
        const struct session_part *part = &session->parts[run->next];

        if (part->kind == SESSION_OUTPUT)
            continue;
        text_add(run->transcript, "%s\n", part->text);
        if (part->kind == SESSION_COMMAND) {
            run->next++;
            return part;
        }
    }
    return NULL;
}

static bool
run_next(void *context, struct terminal_line *line)
{
    const struct session_part *part = advance(context);

    if (part == NULL)
        return false;
    memcpy(line->typist, part->typist, sizeof(line->typist));
    line->text = part->command;
    return true;
}

static void
run_print(void *context, const char *text, size_t length)
{
    struct run *run = context;

    text_add(&run->output, "%.*s", (int)length, text);
}

bool
session_captures_find(const char *path, char folder[SESSION_FOLDER_BYTES])
{
    const char *slash = strrchr(path, '/');
    int length = slash != NULL ? (int)(slash - path) : 1;

    if (snprintf(folder, SESSION_FOLDER_BYTES, "%.*s", length, slash != NULL ? path : ".") >=
        SESSION_FOLDER_BYTES - UP_MAX * 3 - 16)
        return false;
    for (int up = 0; up < UP_MAX; up++) {
        size_t end = strlen(folder);

        strcpy(folder + end, "/captures/NAMES");
        if (access(folder, R_OK) == 0) {
            folder[end + strlen("/captures")] = '\0';
            return true;
        }
        strcpy(folder + end, "/..");
    }
    return false;
}

void
session_run(const struct session *session, int darwin_major, struct session_result *result)
{
    session_run_fed(session, darwin_major, NULL, NULL, NULL, result);
}

void
session_run_fed(const struct session *session, int darwin_major, struct tape_feeder *feeder,
                machine_witness *watch, void *watch_context, struct session_result *result)
{
    struct run run = {.session = session, .transcript = &result->transcript};
    char captures[SESSION_FOLDER_BYTES];
    const struct terminal_options options = {
        .darwin_major = darwin_major,
        .seed = session->seed,
        .max_steps = session->max_steps,
        .no_file = session->no_file,
        .feeder = feeder,
        .watch = watch,
        .watch_context = watch_context,
        .report = &result->report,
        .captures = session_captures_find(session->path, captures) ? captures : NULL};
    const struct terminal_host host = {.next = run_next, .print = run_print, .context = &run};

    memset(result, 0, sizeof(*result));
    for (size_t i = 0; i < session->count; i++)
        text_add(&result->expected, "%s\n", session->parts[i].text);
    result->outcome = terminal_run(&options, &host);
    flush_output(&run);
    /* What stands after the last command: no output, or the machine stopped before it came there. */
    if (result->outcome == session->outcome) {
        for (; run.next < session->count && session->parts[run.next].kind == SESSION_LAYOUT;
             run.next++)
            text_add(run.transcript, "%s\n", session->parts[run.next].text);
    }
    result->passed = result->outcome == session->outcome &&
                     strcmp(text_bytes(&result->transcript), text_bytes(&result->expected)) == 0;
}

void
session_result_free(struct session_result *result)
{
    text_free(&result->transcript);
    text_free(&result->expected);
    text_free(&result->report);
}
