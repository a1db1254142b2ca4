/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCHEDULE_H
#define SCHEDULE_H

/*
 * What of a run was not benign: the choices that were not 0, each named so that it keeps its meaning when others
 * are left out: "the 3rd time fiber 12 asks at lck_mtx_unlock, fiber 14 runs". A tape (tape.h) lists every
 * choice and says the n-th of all; of a schedule entries may be taken away, and what remains is still about the
 * same threads at the same calls. This is what is saved, shrunk and read by people.
 */

#include "tape.h"

enum { SCHEDULE_LABEL_BYTES = 64, SCHEDULE_NAME_BYTES = 40 };

struct schedule_entry {
    enum choice_kind kind;
    uint32_t count; /* possibilities there were */
    uint32_t value; /* which one; of CHOICE_SCHEDULE the target decides */
    uint32_t asker; /* id of the fiber that asked, 0 = host code */
    uint32_t nth;   /* from 1: its how-many-th choice of this kind at this label */
    uint32_t target; /* CHOICE_SCHEDULE: id of the fiber that runs, else 0 */
    char label[SCHEDULE_LABEL_BYTES];
    char asker_name[SCHEDULE_NAME_BYTES], target_name[SCHEDULE_NAME_BYTES]; /* for people */
};

/* Start with an all-zero value; schedule_free makes it all-zero again. */
struct schedule {
    struct schedule_entry *entries;
    size_t length, capacity;
};

void schedule_free(struct schedule *schedule);
void schedule_add(struct schedule *schedule, const struct schedule_entry *entry);
void schedule_copy(struct schedule *to, const struct schedule *from);
bool schedule_equal(const struct schedule *left, const struct schedule *right);

/* --- feeders ------------------------------------------------------------------------------------ */

/* How often a fiber asked at a label. */
struct schedule_count {
    enum choice_kind kind;
    uint32_t asker;
    const char *label;
    uint32_t times;
};

struct schedule_counts {
    struct schedule_count *slots;
    size_t used, capacity; /* capacity is a power of two */
};

/*
 * Asks `source` (borrowed; NULL answers 0) and tells `entry` of each choice that was not 0, before it takes
 * effect: what the run does then may be its last. schedule_recorder_end frees what it holds.
 */
struct schedule_recorder {
    struct tape_feeder feeder;
    struct tape_feeder *source;
    void (*entry)(void *context, const struct schedule_entry *entry);
    void *context;
    struct schedule_counts counts;
};

void schedule_recorder_start(struct schedule_recorder *recorder, struct tape_feeder *source,
                             void (*entry)(void *context, const struct schedule_entry *entry),
                             void *context);
void schedule_recorder_end(struct schedule_recorder *recorder);

/*
 * Plays a schedule (borrowed): 0 but for what it names. `met` counts the entries whose place came and whose
 * answer was possible; fewer than there are means that the run is not the one that was written down.
 */
struct schedule_player {
    struct tape_feeder feeder;
    const struct schedule *schedule;
    struct schedule_counts counts;
    size_t met;
};

void schedule_player_start(struct schedule_player *player, const struct schedule *schedule);
void schedule_player_end(struct schedule_player *player);

/* --- text --------------------------------------------------------------------------------------- */

enum { SCHEDULE_LINE_BYTES = 256 };

/*
 *     schedule 2 of 4 at "lck_mtx_unlock" 3 by 12 (vpn reader) to 14 (root down)
 *     fault 1 of 2 at "mbuf_gethdr" 1 by 12 (vpn reader)
 *
 * One line without line feed. False: not such a line.
 */
void schedule_entry_text(const struct schedule_entry *entry, char line[SCHEDULE_LINE_BYTES]);
bool schedule_entry_parse(struct schedule_entry *entry, const char *line);

#endif
