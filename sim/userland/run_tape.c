/* SPDX-License-Identifier: BSD-2-Clause */
#include "run_tape.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTCOME_COUNT = MACHINE_LIMIT + 1, PATH_BYTES = 4096, LINE_BYTES = 1024, FILE_BYTES_MAX = 16 << 20 };

static const char first_line[] = "tuntap run 1";

void
run_tape_free(struct run_tape *tape)
{
    schedule_free(&tape->schedule);
    memset(tape, 0, sizeof(*tape));
}

void
run_tape_copy(struct run_tape *to, const struct run_tape *from)
{
    struct schedule schedule = to->schedule;

    *to = *from;
    to->schedule = schedule;
    schedule_copy(&to->schedule, &from->schedule);
}

const char *
run_tape_outcome(const struct run_tape *tape)
{
    return tape->crashed ? "crash" : machine_outcome_name(tape->outcome);
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void
add_comment(struct text *text, const char *comment)
{
    while (*comment != '\0') {
        size_t length = strcspn(comment, "\n");

        text_add(text, length == 0 ? "#\n" : "# %.*s\n", (int)length, comment);
        comment += length + (comment[length] == '\n');
    }
}

void
run_tape_text(const struct run_tape *tape, const char *comment, struct text *text)
{
    char line[SCHEDULE_LINE_BYTES];

    text_add(text, "%s\nworkload %s\nkernel darwin%d\ndriver %s\nfaults %s\noutcome %s\ncause %s\n",
             first_line, tape->workload, tape->darwin_major, tape->driver, tape->faults ? "yes" : "no",
             run_tape_outcome(tape), tape->cause);
    for (size_t i = 0; i < tape->skip_count; i++)
        text_add(text, "without %u.%u\n", tape->skips[i].thread, tape->skips[i].step);
    for (size_t i = 0; i < tape->schedule.length; i++) {
        schedule_entry_text(&tape->schedule.entries[i], line);
        text_add(text, "%s\n", line);
    }
    if (comment != NULL)
        add_comment(text, comment);
    text_add(text, "end\n");
}

bool
run_tape_save(const struct run_tape *tape, const char *comment, const char *path,
              char error[RUN_TAPE_ERROR_BYTES])
{
    char temporary[PATH_BYTES];
    struct text text = {0};
    FILE *file;
    bool good = false;

    run_tape_text(tape, comment, &text);
    errno = ENAMETOOLONG;
    if (snprintf(temporary, sizeof(temporary), "%s.new", path) < (int)sizeof(temporary) &&
        (file = fopen(temporary, "wb")) != NULL) {
        good = fwrite(text.bytes, 1, text.length, file) == text.length;
        good = fclose(file) == 0 && good;
        good = good && rename(temporary, path) == 0;
        if (!good)
            unlink(temporary);
    }
    if (!good)
        snprintf(error, RUN_TAPE_ERROR_BYTES, "%.400s: %s", path, strerror(errno));
    text_free(&text);
    return good;
}

/* --- reading ---------------------------------------------------------------------------------------- */

static bool
outcome_parse(struct run_tape *tape, const char *word)
{
    tape->crashed = strcmp(word, "crash") == 0;
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (strcmp(word, machine_outcome_name((enum machine_outcome)outcome)) == 0) {
            tape->outcome = (enum machine_outcome)outcome;
            return true;
        }
    }
    return tape->crashed;
}

static bool
word_keep(char *to, size_t bytes, const char *word)
{
    if (word[0] == '\0' || strlen(word) >= bytes)
        return false;
    strcpy(to, word);
    return true;
}

static bool
skip_parse(struct run_tape *tape, const char *word)
{
    struct workload_skip *skip = &tape->skips[tape->skip_count];
    int at = 0;

    if (tape->skip_count == WORKLOAD_SKIPS_MAX ||
        sscanf(word, "%u.%u%n", &skip->thread, &skip->step, &at) != 2 || word[at] != '\0' ||
        skip->thread >= WORKLOAD_THREADS_MAX)
        return false;
    tape->skip_count++;
    return true;
}

static bool
kernel_parse(struct run_tape *tape, const char *word)
{
    int at = 0;

    return sscanf(word, "darwin%d%n", &tape->darwin_major, &at) == 1 && word[at] == '\0' &&
           tape->darwin_major >= 10 && tape->darwin_major <= 24;
}

/* What a line says, by its first word. NULL, or what is wrong. */
static const char *
line_parse(struct run_tape *tape, char *line)
{
    struct schedule_entry entry;
    char *word = strchr(line, ' ');

    if (schedule_entry_parse(&entry, line)) {
        schedule_add(&tape->schedule, &entry);
        return NULL;
    }
    if (word == NULL)
        return "not understood";
    *word++ = '\0';
    if (strcmp(line, "workload") == 0)
        return word_keep(tape->workload, sizeof(tape->workload), word) ? NULL : "no workload";
    if (strcmp(line, "kernel") == 0)
        return kernel_parse(tape, word) ? NULL : "no such release";
    if (strcmp(line, "driver") == 0)
        return word_keep(tape->driver, sizeof(tape->driver), word) ? NULL : "no driver";
    if (strcmp(line, "faults") == 0) {
        tape->faults = strcmp(word, "yes") == 0;
        return tape->faults || strcmp(word, "no") == 0 ? NULL : "neither yes nor no";
    }
    if (strcmp(line, "outcome") == 0)
        return outcome_parse(tape, word) ? NULL : "no such outcome";
    if (strcmp(line, "cause") == 0)
        return word_keep(tape->cause, sizeof(tape->cause), word) ? NULL : "no cause";
    if (strcmp(line, "without") == 0)
        return skip_parse(tape, word) ? NULL : "no step of a thread";
    return "not understood";
}

static const char *
lines_parse(struct run_tape *tape, char *text, unsigned *number)
{
    bool ended = false;

    for (*number = 1; *text != '\0'; ++*number) {
        char *line = text;
        const char *wrong = NULL;

        text += strcspn(text, "\n");
        if (*text == '\n')
            *text++ = '\0';
        if (*number == 1)
            wrong = strcmp(line, first_line) == 0 ? NULL : "not the tape of a run";
        else if (ended)
            wrong = "something follows the last line";
        else if (strcmp(line, "end") == 0)
            ended = true;
        else if (line[0] != '#')
            wrong = line_parse(tape, line);
        if (wrong != NULL)
            return wrong;
    }
    if (!ended)
        return "the tape ends before its \"end\" line";
    return tape->workload[0] == '\0' || tape->darwin_major == 0 || tape->driver[0] == '\0'
               ? "workload, kernel or driver is missing"
               : NULL;
}

bool
run_tape_parse(struct run_tape *tape, const char *text, char error[RUN_TAPE_ERROR_BYTES])
{
    char *copy = strdup(text);
    const char *wrong;
    unsigned number;

    memset(tape, 0, sizeof(*tape));
    if (copy == NULL)
        abort();
    wrong = lines_parse(tape, copy, &number);
    free(copy);
    if (wrong == NULL)
        return true;
    snprintf(error, RUN_TAPE_ERROR_BYTES, "line %u: %s", number, wrong);
    run_tape_free(tape);
    return false;
}

bool
run_tape_load(struct run_tape *tape, const char *path, char error[RUN_TAPE_ERROR_BYTES])
{
    char words[RUN_TAPE_ERROR_BYTES];
    struct text text = {0};
    char block[4096];
    FILE *file = fopen(path, "rb");
    size_t got;
    bool good;

    memset(tape, 0, sizeof(*tape));
    if (file == NULL) {
        snprintf(error, RUN_TAPE_ERROR_BYTES, "%.400s: %s", path, strerror(errno));
        return false;
    }
    while ((got = fread(block, 1, sizeof(block), file)) > 0 && text.length < FILE_BYTES_MAX)
        text_add(&text, "%.*s", (int)got, block);
    good = ferror(file) == 0;
    if (!good)
        snprintf(error, RUN_TAPE_ERROR_BYTES, "%.400s: %s", path, strerror(errno));
    fclose(file);
    if (good && !run_tape_parse(tape, text_bytes(&text), words)) {
        snprintf(error, RUN_TAPE_ERROR_BYTES, "%.300s: %.200s", path, words);
        good = false;
    }
    text_free(&text);
    return good;
}
