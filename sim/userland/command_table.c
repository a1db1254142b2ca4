/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "command_list.h"

/* In order of name. */
static const struct command *const commands[] = {
#define COMMAND_ENTRY(name) &command_##name,
    COMMANDS(COMMAND_ENTRY)
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

const struct command *
command_find(const char *name)
{
    for (unsigned i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static bool
is_among(const struct command *command, const struct command *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == command)
            return true;
    }
    return false;
}

bool
command_is_program(const struct command *command)
{
    static const struct command *const programs[] = {PROGRAMS(COMMAND_ENTRY)};

    return is_among(command, programs, sizeof(programs) / sizeof(programs[0]));
}

bool
command_looks(const struct command *command)
{
    static const struct command *const lookers[] = {LOOKERS(COMMAND_ENTRY)};

    return is_among(command, lookers, sizeof(lookers) / sizeof(lookers[0]));
}

const struct command *
command_at(unsigned index)
{
    return index < COMMAND_COUNT ? commands[index] : NULL;
}

bool
command_number(const char *text, int64_t least, int64_t most, int64_t *value)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0 || number < least || number > most)
        return false;
    *value = number;
    return true;
}

bool
command_seconds(const char *text, uint64_t *duration_ns)
{
    uint64_t unit_ns = UINT64_C(1000000000);
    uint64_t total_ns = 0;
    int digits = 0;

    for (; isdigit((unsigned char)*text) && digits < 9; text++, digits++)
        total_ns = total_ns * 10 + (uint64_t)(*text - '0') * unit_ns;
    if (*text == '.') {
        for (text++; isdigit((unsigned char)*text) && unit_ns > 1; text++, digits++) {
            unit_ns /= 10;
            total_ns += (uint64_t)(*text - '0') * unit_ns;
        }
    }
    *duration_ns = total_ns;
    return digits > 0 && *text == '\0';
}
