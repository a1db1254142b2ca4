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
        if (name_end == NULL || strncmp(name_end, "\": blocked in ", 14) != 0 ||
            strncmp(name, "\"conductor\"", 11) == 0)
            continue;
        why = name_end + 14;
        add(words, separator, strlen(separator));
        add(words, name + 1, (size_t)(name_end - name - 1));
        add(words, " in ", 4);
        add(words, why, strcspn(why + 1, "\"") + 2);
        separator = ", ";
    }
}

/* What was said, without who said it where: `panic(cpu 0 caller 0x...): "WORDS"@/file:12`, with quotes or not. */
static void
add_panic(struct words *words, const char *report)
{
    const char *said = strstr(report, "): ");
    size_t length;

    said = said == NULL ? report : said + 3;
    said += *said == '"';
    length = strcspn(said, "\n");
    for (size_t i = 0; i + 1 < length; i++) {
        if (said[i] == '"' && said[i + 1] == '@')
            length = i;
    }
    add(words, "panic: ", 7);
    add_without_numbers(words, said, length);
}

/* "hang: 2 fibers are blocked ...": then it is who and where that tells one from another. */
static bool
is_plain_hang(enum machine_outcome outcome, const char *report)
{
    return outcome == MACHINE_HANG && strncmp(report, "hang: ", 6) == 0 &&
           isdigit((unsigned char)report[6]);
}

void
run_cause(enum machine_outcome outcome, const char *report, char cause[CAUSE_BYTES])
{
    struct words words = {cause, 0};

    cause[0] = '\0';
    if (outcome == MACHINE_OK) {
        add(&words, "ok", 2);
    } else if (outcome == MACHINE_PANIC) {
        add_panic(&words, report);
    } else if (is_plain_hang(outcome, report)) {
        add(&words, "hang: ", 6);
        add_waiters(&words, report);
    } else {
        add_without_numbers(&words, report, strcspn(report, "\n"));
    }
    for (char *byte = cause; *byte != '\0'; byte++) {
        if (!isprint((unsigned char)*byte))
            *byte = '?';
    }
}
