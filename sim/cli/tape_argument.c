/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_argument.h"

#include <native_kexts.h>
#include <stdio.h>
#include <string.h>

bool
driver_argument_choose(const char *subcommand, const char *name)
{
    if (native_kexts_choose(name))
        return true;
    fprintf(stderr, "tuntapsim: %s: %s: no such driver here; see explore --list\n", subcommand, name);
    return false;
}

/* A step that is left out has to be there. */
static bool
skips_exist(const struct tape_argument *argument)
{
    const struct run_tape *tape = &argument->tape;

    for (size_t i = 0; i < tape->skip_count; i++) {
        if (tape->skips[i].thread >= workload_thread_count(&argument->workload) ||
            tape->skips[i].step >= workload_step_count(&argument->workload, tape->skips[i].thread))
            return false;
    }
    return true;
}

bool
tape_argument_load(struct tape_argument *argument, const char *subcommand, const char *path)
{
    char error[RUN_TAPE_ERROR_BYTES];

    memset(argument, 0, sizeof(*argument));
    if (!run_tape_load(&argument->tape, path, error)) {
        fprintf(stderr, "tuntapsim: %s: %s\n", subcommand, error);
        return false;
    }
    if (!workload_find(&argument->workload, argument->tape.workload, error)) {
        fprintf(stderr, "tuntapsim: %s: %s: %s\n", subcommand, path, error);
        goto free_tape;
    }
    if (!skips_exist(argument)) {
        fprintf(stderr, "tuntapsim: %s: %s: leaves out a step that the workload does not have\n",
                subcommand, path);
        goto free_workload;
    }
    if (!driver_argument_choose(subcommand, argument->tape.driver))
        goto free_workload;
    return true;

free_workload:
    workload_end(&argument->workload);
free_tape:
    run_tape_free(&argument->tape);
    return false;
}

void
tape_argument_free(struct tape_argument *argument)
{
    workload_end(&argument->workload);
    run_tape_free(&argument->tape);
}
