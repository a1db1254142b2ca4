/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RUN_TAPE_H
#define RUN_TAPE_H

/*
 * A run as a file: which workload on which kernel with which driver, how it ended, and every choice that was not
 * benign. What `explore` saves, `shrink` shortens, `replay-tape` and `trace` run again.
 *
 *     tuntap run 1
 *     workload tun-reader-down
 *     kernel darwin19
 *     driver shipped
 *     faults yes                  (operations may fail)
 *     outcome hang
 *     cause hang: reader blocked in "tun"
 *     without 2.0                 (thread 2, its first step, is left out)
 *     schedule 1 of 3 at "lck_mtx_unlock" 4 by 12 (vpn reader) to 14 (root ifconfig)
 *     # commentary
 *     end
 */

#include <machine.h>
#include <schedule.h>
#include <text.h>

#include "workload.h"

enum { CAUSE_BYTES = 320, DRIVER_NAME_BYTES = 64, RUN_TAPE_ERROR_BYTES = 512 };

struct run_tape {
    char workload[WORKLOAD_NAME_BYTES];
    int darwin_major;
    char driver[DRIVER_NAME_BYTES];
    bool faults;
    bool crashed; /* the host's process died: outcome means nothing */
    enum machine_outcome outcome;
    char cause[CAUSE_BYTES];
    struct workload_skip skips[WORKLOAD_SKIPS_MAX];
    size_t skip_count;
    struct schedule schedule;
};

/* All-zero is an empty tape; free makes it so again. */
void run_tape_free(struct run_tape *tape);
void run_tape_copy(struct run_tape *to, const struct run_tape *from);

/* "hang", "crash", ... */
const char *run_tape_outcome(const struct run_tape *tape);

/* Appends the text; `comment` (may be NULL) becomes commentary before the last line. */
void run_tape_text(const struct run_tape *tape, const char *comment, struct text *text);

/* False with one line in `error` ("line 3: ..."); then the tape is empty. */
bool run_tape_parse(struct run_tape *tape, const char *text, char error[RUN_TAPE_ERROR_BYTES]);

/* The same with files; a file appears complete or not at all. */
bool run_tape_save(const struct run_tape *tape, const char *comment, const char *path,
                   char error[RUN_TAPE_ERROR_BYTES]);
bool run_tape_load(struct run_tape *tape, const char *path, char error[RUN_TAPE_ERROR_BYTES]);

/*
 * What a failure is about, in one line that is equal for failures of one kind: the first line of the report with
 * its numbers taken out; of a hang, who waits where.
 */
void run_cause(enum machine_outcome outcome, const char *report, char cause[CAUSE_BYTES]);

#endif
