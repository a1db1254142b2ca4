/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "schedule.h"

void
schedule_entry_text(const struct schedule_entry *entry, char line[SCHEDULE_LINE_BYTES])
{
    int length = machine_format(line, SCHEDULE_LINE_BYTES, "%s %u of %u at \"%s\" %u by %u",
                                tape_kind_name(entry->kind), entry->value, entry->count,
                                entry->label, entry->nth, entry->asker);

    if (entry->asker != 0)
        length += machine_format(line + length, SCHEDULE_LINE_BYTES - (size_t)length, " (%s)",
                                 entry->asker_name);
    if (entry->kind == CHOICE_SCHEDULE)
        machine_format(line + length, SCHEDULE_LINE_BYTES - (size_t)length, " to %u (%s)",
                       entry->target, entry->target_name);
}

static bool
kind_parse(const char *word, enum choice_kind *kind)
{
    for (int candidate = 0; candidate < TAPE_KIND_COUNT; candidate++) {
        if (strcmp(word, tape_kind_name((enum choice_kind)candidate)) == 0) {
            *kind = (enum choice_kind)candidate;
            return true;
        }
    }
    return false;
}

bool
schedule_entry_parse(struct schedule_entry *entry, const char *line)
{
    char kind[16];
    const char *rest;
    int at = 0;

    memset(entry, 0, sizeof(*entry));
    if (sscanf(line, "%15s %u of %u at \"%63[^\"]\" %u by %u%n", kind, &entry->value,
               &entry->count, entry->label, &entry->nth, &entry->asker, &at) != 6 ||
        !kind_parse(kind, &entry->kind) || entry->value == 0 || entry->value >= entry->count ||
        entry->nth == 0)
        return false;
    rest = line + at;
    at = 0;
    if (entry->asker != 0) {
        if (sscanf(rest, " (%39[^)])%n", entry->asker_name, &at) != 1 || at == 0)
            return false;
        rest += at;
        at = 0;
    }
    if (entry->kind == CHOICE_SCHEDULE) {
        if (sscanf(rest, " to %u (%39[^)])%n", &entry->target, entry->target_name, &at) != 2 ||
            at == 0 || entry->target == 0)
            return false;
        rest += at;
    }
    return *rest == '\0';
}
