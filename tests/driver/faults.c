/* SPDX-License-Identifier: BSD-2-Clause */
#include "faults.h"

#include <string.h>

static uint32_t
faults_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct faults *faults = (struct faults *)feeder;

    (void)count;
    if (kind == CHOICE_SCHEDULE && faults->watch != NULL && strcmp(label, faults->watch) == 0)
        faults->seen++;
    if (kind == CHOICE_FAULT && faults->fail != NULL &&
        strncmp(label, faults->fail, strlen(faults->fail)) == 0) {
        if (faults->pass > 0) {
            faults->pass--;
        } else if (faults->fail_max > 0) {
            faults->fail_max--;
            faults->failed++;
            return 1;
        }
    }
    return 0;
}

void
faults_run(world_body body)
{
    struct faults faults = {.feeder = {.next = faults_next}};

    world_run_with(&(struct world_options){.feeder = &faults.feeder, .argument = &faults}, body);
}

void
faults_arm(struct faults *faults, const char *fail, unsigned pass, unsigned fail_max)
{
    faults->fail = fail;
    faults->pass = pass;
    faults->fail_max = fail_max;
    faults->failed = 0;
}
