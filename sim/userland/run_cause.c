/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "run_tape.h"

struct words {
    char *text;
    size_t length;
};

static void
add(struct words *words, const char *bytes, size_t length)
{
    if (length > CAUSE_BYTES - 1 - words->length)
        length = CAUSE_BYTES - 1 - words->length;
    memcpy(words->text + words->length, bytes, length);
    words->length += length;
    words->text[words->length] = '\0';
}

static bool
is_number_start(const char *text, const char *begin)
{
    return isdigit((unsigned char)*text) && (text == begin || !isalnum((unsigned char)text[-1]));
}

/* A number says which one it was this time; "tun0" and "mbuf_freem" are names. */
static void
add_without_numbers(struct words *words, const char *line, size_t length)
{
    const char *end = line + length;

    for (const char *text = line; text < end;) {
        if (!is_number_start(text, line)) {
            add(words, text++, 1);
            continue;
        }
        while (text < end && isalnum((unsigned char)*text))
            text++;
        add(words, "#", 1);
    }
}

/* `  fiber 12 "vpn reader": blocked in "tun" on ...` of one that is no daemon. */
static void
add_waiters(struct words *words, const char *report)
{
    const char *separator = "";

    for (const char *line = report; line != NULL; line = strchr(line, '\n')) {
        const char *name, *name_end, *why;

        line += *line == '\n';
        if (strncmp(line, "  fiber ", 8) != 0)
            continue;
        name = strchr(line, '"');
        name_end = name == NULL ? NULL : strchr(name + 1, '"');
        if (name_end == NULL || strncmp(name_end, "\": blocked in ", 14) != 0)
            continue;
        why = name_end + 14;
        add(words, separator, strlen(separator));
        add(words, name + 1, (size_t)(name_end - name - 1));
        add(words, " in ", 4);
        add(words, why, strcspn(why + 1, "\"") + 2);
        separator = ", ";
    }
}

/* Apple's report of a panic has what was said in quotes. */
static const char *
panic_line(const char *report)
{
    const char *quoted = strstr(report, "): \"");

    return quoted == NULL ? report : quoted + 3;
}

void
run_cause(enum machine_outcome outcome, const char *report, char cause[CAUSE_BYTES])
{
    struct words words = {cause, 0};
    const char *line = outcome == MACHINE_PANIC ? panic_line(report) : report;

    cause[0] = '\0';
    if (outcome == MACHINE_OK) {
        add(&words, "ok", 2);
        return;
    }
    if (outcome == MACHINE_PANIC)
        add(&words, "panic: ", 7);
    if (outcome == MACHINE_HANG) {
        add(&words, "hang: ", 6);
        add_waiters(&words, report);
    } else {
        add_without_numbers(&words, line, strcspn(line, "\n"));
    }
    for (char *byte = cause; *byte != '\0'; byte++) {
        if (!isprint((unsigned char)*byte))
            *byte = '?';
    }
}
