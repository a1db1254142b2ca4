/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_RUN_H
#define SESSION_RUN_H

/*
 * Replays a session on an emulated Mac. The same session gives the same transcript, byte for byte.
 */

#include <text.h>

#include "session_file.h"

struct session_result {
    /* The file as it would be if what was printed had been expected; a line that its expectation
     * matched stands as it was expected. Equal to the file's text when all matched. */
    struct text transcript;
    /* The file as it is, for comparison. */
    struct text expected;
    struct text report; /* the machine's, "" when it ended well */
    enum machine_outcome outcome;
    bool passed; /* transcript and outcome are the expected ones */
};

/*
 * Packets are looked for (`write -p`) in the nearest folder named captures, with a file NAMES in it, beside or
 * above the session's file.
 */

enum { SESSION_FOLDER_BYTES = 4096 };
/* That folder for the file at `path`; false: there is none. */
bool session_captures_find(const char *path, char folder[SESSION_FOLDER_BYTES]);

/* darwin_major 0 = default. Free with session_result_free. */
void session_run(const struct session *session, int darwin_major, struct session_result *result);
/* The same with the choices of a feeder (borrowed) instead of the session's seed, and somebody who watches
 * (machine.h; NULL = nobody). Then only the outcome says anything: another schedule, another transcript. */
void session_run_fed(const struct session *session, int darwin_major, struct tape_feeder *feeder,
                     machine_witness *watch, void *watch_context, struct session_result *result);
void session_result_free(struct session_result *result);

/* Is the session meant for this release (0 = default)? */
bool session_is_for(const struct session *session, int darwin_major);

#endif
