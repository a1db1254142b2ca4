/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CAPTURE_LOAD_H
#define CAPTURE_LOAD_H

/*
 * A capture as a whole in memory. Reading all of it before anything is done with it is what makes a
 * cut-off file a clear error and not half a run.
 */

#include "capture_file.h"

struct capture {
    int link;
    size_t count;
    struct capture_packet *packets; /* their bytes point into storage */
    size_t stored_bytes;
    uint8_t *storage;
};

/* Reads the file; false and one line in `error` when any part of it is bad. Free with capture_free. */
bool capture_load(struct capture *capture, const char *path, char error[CAPTURE_ERROR_BYTES]);
void capture_free(struct capture *capture);

#endif
