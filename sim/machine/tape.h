/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_H
#define TAPE_H

/*
 * What can stand behind `struct tape_feeder` (machine.h), and the tape itself: a list of choices
 * that were made, which can be kept as text and played again.
 *
 * Each feeder is a value in the caller's memory; nothing is allocated except by struct tape. Pass
 * &x.feeder as machine_config.feeder. A feeder may outlive a machine and serve the next one (it
 * goes on where it stopped), but must not serve two machines at the same time on two host threads.
 */

#include "machine.h"

enum { TAPE_KIND_COUNT = CHOICE_WORKLOAD + 1 };

/* The word that names a kind in tapes and reports: "schedule", "fault", "delay", ... */
const char *tape_kind_name(enum choice_kind kind);

/* --- seed: pseudo-random ---------------------------------------------------------------------- */

/* A rate: every value of the choice, 0 too, is equally likely. */
#define TAPE_UNIFORM UINT32_MAX

/*
 * With probability rate_ppm[kind] / 1,000,000 the answer is one of 1 .. count-1, all equally
 * likely; otherwise 0. The generator is xoshiro256** started by splitmix64, so a seed gives the
 * same answers on every host. Rates after tape_seed_start: schedule 100,000; fault 0; delay
 * 250,000; partial and workload TAPE_UNIFORM. Change them before the first choice.
 */
struct tape_seed {
    struct tape_feeder feeder;
    uint64_t state[4];
    uint32_t rate_ppm[TAPE_KIND_COUNT];
};

void tape_seed_start(struct tape_seed *tape, uint64_t seed);

/* The next 64 random bits of the same generator, for callers who need more than a choice. */
uint64_t tape_seed_bits(struct tape_seed *tape);

/* --- round robin ------------------------------------------------------------------------------ */

/* Every `quantum`-th preemption point goes to the fiber that waited longest; all else is 0. */
struct tape_round_robin {
    struct tape_feeder feeder;
    uint32_t quantum;
    uint32_t elapsed;
};

/* `quantum` 0 is taken as 1. */
void tape_round_robin_start(struct tape_round_robin *tape, uint32_t quantum);

/* --- bytes: input of a fuzzer ----------------------------------------------------------------- */

/*
 * A choice takes as many bytes as count - 1 needs (1, 2 or 4; little endian) and answers their
 * remainder by count. When the bytes are used up every answer is 0.
 */
struct tape_bytes {
    struct tape_feeder feeder;
    const uint8_t *bytes; /* borrowed */
    size_t length;
    size_t position;
};

void tape_bytes_start(struct tape_bytes *tape, const void *bytes, size_t length);

/* --- recorded tape ---------------------------------------------------------------------------- */

struct tape_choice {
    enum choice_kind kind;
    uint32_t count;
    uint32_t value;
    const char *label; /* lives for ever, or as long as the tape that was loaded */
};

/*
 * A growable list of choices. Start with an all-zero value ({0}); tape_free makes it all-zero
 * again.
 */
struct tape {
    struct tape_choice *choices;
    size_t length;
    size_t capacity;
    char *words; /* labels of a tape that was loaded */
};

void tape_free(struct tape *tape);

/* Adds a choice at the end. `label` is borrowed. */
void tape_append(struct tape *tape, enum choice_kind kind, uint32_t count, uint32_t value,
                 const char *label);

/* Asks `source` (borrowed; NULL answers 0) and appends each choice to `tape` (borrowed). */
struct tape_recorder {
    struct tape_feeder feeder;
    struct tape_feeder *source;
    struct tape *tape;
};

void tape_recorder_start(struct tape_recorder *recorder, struct tape_feeder *source,
                         struct tape *tape);

/*
 * Plays a tape (borrowed). The n-th choice answers the n-th value; after the end every answer is 0.
 * Where kind, count or label differ from the tape the run is not the one that was recorded: the
 * place of the first difference is kept in `diverged_at`, and playing goes on with the recorded
 * value, or 0 where it is not below count (a tape that was edited still plays).
 */
struct tape_replay {
    struct tape_feeder feeder;
    const struct tape *tape;
    size_t position;
    size_t diverged_at; /* SIZE_MAX = never */
};

void tape_replay_start(struct tape_replay *replay, const struct tape *tape);

/* --- text ------------------------------------------------------------------------------------- */

/*
 * The text form: a line "tuntap tape 1", one line "<kind> <count> <value> <label>" a choice, and a
 * last line "end <number of choices>", so that a tape that was cut off is noticed. A label may have
 * spaces; line feeds in it become spaces.
 */

/*
 * The text of a tape, ended by NUL, in memory the caller passes to tape_text_free. `length` may be
 * NULL.
 */
char *tape_text(const struct tape *tape, size_t *length);
void tape_text_free(char *text);

/*
 * Reads a tape from text. On success `tape` (which must be all-zero before) holds it and is the
 * caller's to tape_free. On an error it returns false, leaves `tape` all-zero and puts one line
 * without line feed into `error` ("line 3: ...").
 */
bool tape_parse(struct tape *tape, const char *text, size_t length, char *error,
                size_t error_bytes);

/* The same with files. tape_save writes nothing it cannot finish: a partial file is removed. */
bool tape_save(const struct tape *tape, const char *path, char *error, size_t error_bytes);
bool tape_load(struct tape *tape, const char *path, char *error, size_t error_bytes);

#endif
