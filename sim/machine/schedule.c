/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include <string.h>

#include "candidate.h"
#include "host_memory.h"

/* --- the list ----------------------------------------------------------------------------------- */

void
schedule_free(struct schedule *schedule)
{
    host_free(schedule->entries);
    memset(schedule, 0, sizeof(*schedule));
}

void
schedule_add(struct schedule *schedule, const struct schedule_entry *entry)
{
    if (schedule->length == schedule->capacity) {
        schedule->capacity = schedule->capacity == 0 ? 16 : schedule->capacity * 2;
        schedule->entries =
            host_reallocate(schedule->entries, schedule->capacity * sizeof(*schedule->entries));
    }
    schedule->entries[schedule->length++] = *entry;
}

void
schedule_copy(struct schedule *to, const struct schedule *from)
{
    to->length = 0;
    for (size_t i = 0; i < from->length; i++)
        schedule_add(to, &from->entries[i]);
}

static bool
entry_equal(const struct schedule_entry *left, const struct schedule_entry *right)
{
    return left->kind == right->kind && left->value == right->value &&
           left->asker == right->asker && left->nth == right->nth &&
           left->target == right->target && strcmp(left->label, right->label) == 0;
}

bool
schedule_equal(const struct schedule *left, const struct schedule *right)
{
    if (left->length != right->length)
        return false;
    for (size_t i = 0; i < left->length; i++) {
        if (!entry_equal(&left->entries[i], &right->entries[i]))
            return false;
    }
    return true;
}

/* --- counting ----------------------------------------------------------------------------------- */

static size_t
count_hash(enum choice_kind kind, uint32_t asker, const char *label)
{
    uint32_t hash = UINT32_C(2166136261) ^ (uint32_t)kind ^ asker * UINT32_C(0x9e3779b1);

    for (; *label != '\0'; label++)
        hash = (hash ^ (uint8_t)*label) * UINT32_C(16777619);
    return hash;
}

/* The slot of that place, or the empty one where it belongs. */
static struct schedule_count *
count_find(const struct schedule_counts *counts, enum choice_kind kind, uint32_t asker,
           const char *label)
{
    size_t at = count_hash(kind, asker, label);

    for (;; at++) {
        struct schedule_count *slot = &counts->slots[at & (counts->capacity - 1)];

        if (slot->label == NULL ||
            (slot->kind == kind && slot->asker == asker && strcmp(slot->label, label) == 0))
            return slot;
    }
}

static void
counts_grow(struct schedule_counts *counts)
{
    struct schedule_counts larger = {.capacity = counts->capacity == 0 ? 64 : counts->capacity * 2,
                                     .used = counts->used};

    larger.slots = host_allocate(larger.capacity * sizeof(*larger.slots));
    for (size_t i = 0; i < counts->capacity; i++) {
        const struct schedule_count *slot = &counts->slots[i];

        if (slot->label != NULL)
            *count_find(&larger, slot->kind, slot->asker, slot->label) = *slot;
    }
    host_free(counts->slots);
    *counts = larger;
}

/* Now once more: how often in all. */
static uint32_t
count_up(struct schedule_counts *counts, enum choice_kind kind, uint32_t asker, const char *label)
{
    struct schedule_count *slot;

    if (counts->used * 2 >= counts->capacity)
        counts_grow(counts);
    slot = count_find(counts, kind, asker, label);
    if (slot->label == NULL) {
        *slot = (struct schedule_count){kind, asker, label, 0};
        counts->used++;
    }
    return ++slot->times;
}

static uint32_t
asker_id(void)
{
    const struct fiber *asker = candidate_asker();

    return asker == NULL ? 0 : machine_fiber_id(asker);
}

/* --- recording ---------------------------------------------------------------------------------- */

static void
text_keep(char *to, size_t bytes, const char *from)
{
    size_t length = strlen(from);

    if (length >= bytes)
        length = bytes - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

static uint32_t
recorder_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct schedule_recorder *recorder = (struct schedule_recorder *)feeder;
    struct tape_feeder *source = recorder->source;
    struct schedule_entry entry = {.kind = kind, .count = count, .asker = asker_id()};
    const struct fiber *target;

    entry.nth = count_up(&recorder->counts, kind, entry.asker, label);
    entry.value = source == NULL ? 0 : source->next(source, kind, count, label);
    if (entry.value == 0)
        return 0;
    text_keep(entry.label, sizeof(entry.label), label);
    if (entry.asker != 0)
        text_keep(entry.asker_name, sizeof(entry.asker_name), machine_fiber_name(candidate_asker()));
    target = kind == CHOICE_SCHEDULE ? candidate_of(label, entry.value) : NULL;
    if (target != NULL) {
        entry.target = machine_fiber_id(target);
        text_keep(entry.target_name, sizeof(entry.target_name), machine_fiber_name(target));
    }
    recorder->entry(recorder->context, &entry);
    return entry.value;
}

void
schedule_recorder_start(struct schedule_recorder *recorder, struct tape_feeder *source,
                        void (*entry)(void *context, const struct schedule_entry *entry),
                        void *context)
{
    *recorder = (struct schedule_recorder){
        .feeder.next = recorder_next, .source = source, .entry = entry, .context = context};
}

void
schedule_recorder_end(struct schedule_recorder *recorder)
{
    host_free(recorder->counts.slots);
    recorder->counts = (struct schedule_counts){0};
}

/* --- playing ------------------------------------------------------------------------------------ */

static uint32_t
entry_answer(const struct schedule_entry *entry, uint32_t count, const char *label)
{
    if (entry->kind == CHOICE_SCHEDULE)
        return candidate_find(label, entry->target);
    return entry->value < count ? entry->value : UINT32_MAX;
}

static uint32_t
player_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct schedule_player *player = (struct schedule_player *)feeder;
    const struct schedule *schedule = player->schedule;
    uint32_t asker = asker_id();
    uint32_t nth = count_up(&player->counts, kind, asker, label);

    for (size_t i = 0; i < schedule->length; i++) {
        const struct schedule_entry *entry = &schedule->entries[i];
        uint32_t value;

        if (entry->nth != nth || entry->asker != asker || entry->kind != kind ||
            strncmp(entry->label, label, SCHEDULE_LABEL_BYTES - 1) != 0)
            continue;
        value = entry_answer(entry, count, label);
        if (value == UINT32_MAX)
            return 0;
        player->met++;
        return value;
    }
    return 0;
}

void
schedule_player_start(struct schedule_player *player, const struct schedule *schedule)
{
    *player = (struct schedule_player){.feeder.next = player_next, .schedule = schedule};
}

void
schedule_player_end(struct schedule_player *player)
{
    host_free(player->counts.slots);
    player->counts = (struct schedule_counts){0};
}
