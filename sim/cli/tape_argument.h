/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TAPE_ARGUMENT_H
#define TAPE_ARGUMENT_H

/* A tape that was named on the command line: its file, its workload, its driver. */

#include <run_tape.h>
#include <stdbool.h>
#include <workload.h>

struct tape_argument {
    struct run_tape tape;
    struct workload workload;
};

/*
 * Reads the file, finds the workload and chooses the driver for all machines from now on. False with one line on
 * stderr that names the subcommand. Free with tape_argument_free.
 */
bool tape_argument_load(struct tape_argument *argument, const char *subcommand, const char *path);
void tape_argument_free(struct tape_argument *argument);

/* Chooses the driver; false with one line on stderr. */
bool driver_argument_choose(const char *subcommand, const char *name);

#endif
