/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host_memory.h"
#include "text.h"

static const char first_line[] = "tuntap tape 1";

/* --- writing ---------------------------------------------------------------------------------- */

char *
tape_text(const struct tape *tape, size_t *length)
{
    struct text text = {0};

    text_add(&text, "%s\n", first_line);
    for (size_t index = 0; index < tape->length; index++) {
        const struct tape_choice *choice = &tape->choices[index];
        size_t label_at;

        text_add(&text, "%s %u %u ", tape_kind_name(choice->kind), choice->count, choice->value);
        label_at = text.length;
        text_add(&text, "%s", choice->label);
        for (char *byte = text.bytes + label_at; *byte != '\0'; byte++) {
            if (*byte == '\n')
                *byte = ' ';
        }
        text_add(&text, "\n");
    }
    text_add(&text, "end %zu\n", tape->length);
    if (length != NULL)
        *length = text.length;
    return text.bytes;
}

void
tape_text_free(char *text)
{
    host_free(text);
}

bool
tape_save(const struct tape *tape, const char *path, char *error, size_t error_bytes)
{
    size_t length;
    char *text = tape_text(tape, &length);
    FILE *file = fopen(path, "wb");
    bool written;

    if (file == NULL) {
        machine_format(error, error_bytes, "%s: %s", path, strerror(errno));
        goto free_text;
    }
    written = fwrite(text, 1, length, file) == length;
    if (fclose(file) != 0 || !written) {
        machine_format(error, error_bytes, "%s: %s", path, strerror(errno));
        remove(path);
        goto free_text;
    }
    tape_text_free(text);
    return true;

free_text:
    tape_text_free(text);
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Where the parser is. Lines are cut in place: a line feed becomes NUL. */
struct reader {
    char *next;
    char *end;
    size_t line;
    const char *complaint;
};

static char *
reader_line(struct reader *reader)
{
    char *line = reader->next;
    char *feed;

    reader->line++;
    if (line == reader->end) {
        reader->complaint = "the tape ends before its \"end\" line";
        return NULL;
    }
    feed = memchr(line, '\n', (size_t)(reader->end - line));
    if (feed == NULL) {
        reader->complaint = "the line has no line feed";
        return NULL;
    }
    if (memchr(line, '\0', (size_t)(feed - line)) != NULL) {
        reader->complaint = "the line has a NUL byte";
        return NULL;
    }
    *feed = '\0';
    reader->next = feed + 1;
    return line;
}

/* Takes "<decimal number>" and the space (or the end) behind it from *cursor. */
static bool
number_take(char **cursor, uint64_t limit, uint64_t *number)
{
    char *digit = *cursor;
    uint64_t value = 0;

    if (*digit < '0' || *digit > '9')
        return false;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        value = value * 10 + (uint64_t)(*digit - '0');
        if (value > limit)
            return false;
    }
    if (*digit == ' ')
        digit++;
    else if (*digit != '\0')
        return false;
    *cursor = digit;
    *number = value;
    return true;
}

static bool
kind_take(char **cursor, enum choice_kind *kind)
{
    for (int candidate = 0; candidate < TAPE_KIND_COUNT; candidate++) {
        const char *name = tape_kind_name((enum choice_kind)candidate);
        size_t length = strlen(name);

        if (strncmp(*cursor, name, length) == 0 && (*cursor)[length] == ' ') {
            *kind = (enum choice_kind)candidate;
            *cursor += length + 1;
            return true;
        }
    }
    return false;
}

static bool
choice_take(struct tape *tape, char *line, const char **complaint)
{
    enum choice_kind kind;
    uint64_t count, value;

    if (!kind_take(&line, &kind))
        *complaint = "no kind of choice (schedule, fault, delay, partial, workload) at its start";
    else if (!number_take(&line, UINT32_MAX, &count) || count < 2)
        *complaint = "the number of possibilities is not a number from 2 to 4294967295";
    else if (!number_take(&line, UINT32_MAX, &value) || value >= count)
        *complaint = "the value is not a number below the number of possibilities";
    else {
        tape_append(tape, kind, (uint32_t)count, (uint32_t)value, line);
        return true;
    }
    return false;
}

static bool
tape_read(struct tape *tape, struct reader *reader)
{
    char *line = reader_line(reader);
    uint64_t number;

    if (line == NULL)
        return false;
    if (strcmp(line, first_line) != 0) {
        reader->complaint = "not a tape: it does not begin with \"tuntap tape 1\"";
        return false;
    }
    while ((line = reader_line(reader)) != NULL) {
        if (strncmp(line, "end ", 4) != 0) {
            if (!choice_take(tape, line, &reader->complaint))
                return false;
            continue;
        }
        line += 4;
        if (!number_take(&line, SIZE_MAX, &number) || *line != '\0' || number != tape->length) {
            reader->complaint = "the number behind \"end\" is not the number of choices";
            return false;
        }
        if (reader->next != reader->end) {
            reader->line++;
            reader->complaint = "something follows the \"end\" line";
            return false;
        }
        return true;
    }
    return false;
}

bool
tape_parse(struct tape *tape, const char *text, size_t length, char *error, size_t error_bytes)
{
    struct reader reader = {0};

    tape->words = host_allocate(length + 1);
    memcpy(tape->words, text, length);
    reader.next = tape->words;
    reader.end = tape->words + length;
    if (tape_read(tape, &reader))
        return true;
    machine_format(error, error_bytes, "line %zu: %s", reader.line, reader.complaint);
    tape_free(tape);
    return false;
}

bool
tape_load(struct tape *tape, const char *path, char *error, size_t error_bytes)
{
    FILE *file = fopen(path, "rb");
    char words[256];
    char *bytes = NULL;
    size_t capacity = 0, length = 0, got;
    bool good;

    if (file == NULL) {
        machine_format(error, error_bytes, "%s: %s", path, strerror(errno));
        return false;
    }
    do {
        if (length == capacity) {
            capacity = capacity == 0 ? 4096 : capacity * 2;
            bytes = host_reallocate(bytes, capacity);
        }
        got = fread(bytes + length, 1, capacity - length, file);
        length += got;
    } while (got > 0);
    good = ferror(file) == 0;
    if (!good)
        machine_format(error, error_bytes, "%s: %s", path, strerror(errno));
    fclose(file);
    if (good && !tape_parse(tape, bytes, length, words, sizeof(words))) {
        machine_format(error, error_bytes, "%s: %s", path, words);
        good = false;
    }
    host_free(bytes);
    return good;
}
