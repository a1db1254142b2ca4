/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Session transcripts (session_file.h) and what is typed in them, on the emulated Mac of the first release they are for.
 *
 * Oracle: what is refused is refused with one line that says where; what is read has all its lines, as they were. A session
 * of common commands ends well or at the limit of steps, not in a panic, a leak or a broken contract; run twice it prints
 * the same; and what it printed, expected, passes.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <session_run.h>

#include "oracle.h"

enum { COMMANDS_MAX = 24, BYTES_MAX = 2048, STEPS_MAX = 60000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* --- what is read ----------------------------------------------------------------------------------- */

static void
lines_check(const struct session *session, const char *text)
{
    const char *at = text;

    for (size_t i = 0; i < session->count; i++) {
        const struct session_part *part = &session->parts[i];
        size_t length = strlen(part->text);

        ORACLE(strncmp(at, part->text, length) == 0 && (at[length] == '\n' || at[length] == '\0'),
               "line %u became: %s", part->line_number, part->text);
        ORACLE(part->line_number == i + 1, "line %zu says that it is %u", i + 1, part->line_number);
        at += length + (at[length] == '\n');
    }
    ORACLE(*at == '\0', "what follows is lost: %s", at);
    ORACLE(session->first_darwin <= session->last_darwin, "releases %d to %d", session->first_darwin,
           session->last_darwin);
}

static unsigned
command_count(const struct session *session)
{
    unsigned count = 0;

    for (size_t i = 0; i < session->count; i++)
        count += session->parts[i].kind == SESSION_COMMAND;
    return count;
}

static unsigned
commentary_count(const struct session *session)
{
    unsigned count = 0;

    for (size_t i = 0; i < session->count; i++)
        count += session->parts[i].text[0] == '#';
    return count;
}

/* --- what is typed ---------------------------------------------------------------------------------- */

/* With these it is the point that the machine does not end well: other people's kexts, operations that fail, hands
 * of the debugger. */
static bool
may_end_badly(const char *text)
{
    static const char *const words[] = {"naive", "vendor", "fault", "step"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

static void
limits_set(struct session *session)
{
    session->max_steps = STEPS_MAX;
    session->no_file = true;
}

/* A printed line that looks typed, or like commentary, would be read as that. */
static bool
reads_as_printed(const struct session *session, const struct session *printed)
{
    return command_count(session) == command_count(printed) &&
           commentary_count(session) == commentary_count(printed) && session->outcome == printed->outcome &&
           session->seed == printed->seed && session->first_darwin == printed->first_darwin;
}

static void
expected_check(const struct session *session, const char *transcript)
{
    char error[SESSION_ERROR_BYTES];
    struct session printed;
    struct session_result result;

    if (!session_parse(&printed, session->path, transcript, error))
        return;
    if (reads_as_printed(session, &printed)) {
        limits_set(&printed);
        session_run(&printed, printed.first_darwin, &result);
        ORACLE(strcmp(text_bytes(&result.transcript), text_bytes(&result.expected)) == 0,
               "what was printed is not printed again: %s", text_bytes(&result.transcript));
        session_result_free(&result);
    }
    session_free(&printed);
}

static void
session_check(struct session *session, const char *text)
{
    struct session_result result, again;

    limits_set(session);
    session_run(session, session->first_darwin, &result);
    ORACLE(result.outcome == MACHINE_OK || result.outcome == MACHINE_LIMIT || may_end_badly(text), "%s",
           text_bytes(&result.report));
    session_run(session, session->first_darwin, &again);
    ORACLE(result.outcome == again.outcome, "it ended with %s, then with %s", machine_outcome_name(result.outcome),
           machine_outcome_name(again.outcome));
    ORACLE(strcmp(text_bytes(&result.transcript), text_bytes(&again.transcript)) == 0, "run again it prints %s",
           text_bytes(&again.transcript));
    if (result.outcome == MACHINE_OK)
        expected_check(session, text_bytes(&result.transcript));
    session_result_free(&result);
    session_result_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char error[SESSION_ERROR_BYTES] = "";
    struct session session;
    char *text;

    if (length > BYTES_MAX || memchr(bytes, '\0', length) != NULL)
        return 0;
    text = calloc(1, length + 1);
    if (text == NULL)
        abort();
    if (length > 0)
        memcpy(text, bytes, length);
    if (!session_parse(&session, "fuzz.session", text, error)) {
        ORACLE(strncmp(error, "fuzz.session:", 13) == 0 && strchr(error, '\n') == NULL, "refused with: %s", error);
    } else {
        lines_check(&session, text);
        if (command_count(&session) <= COMMANDS_MAX)
            session_check(&session, text);
        session_free(&session);
    }
    free(text);
    return 0;
}
