/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_H
#define FAULTS_H

/*
 * A source of choices that makes one operation of the kernel fail on command, and counts how often one
 * preemption point was passed while another thread could have run. All other choices are benign. Set the
 * members at any time, also while the machine runs.
 */

#include "world.h"

struct faults {
    struct tape_feeder feeder;
    const char *fail;  /* how the labels of the operation begin; NULL: none fails */
    unsigned pass;     /* so many of them succeed first */
    unsigned fail_max; /* then so many fail */
    unsigned failed;   /* have failed so far */
    const char *watch; /* label of the preemption point; NULL: none is counted */
    unsigned seen;
};

/* world_run with such a source; it is the body's argument. */
void faults_run(world_body body);

/* The pass-th operation from now on fails (0: the next one), and `fail_max` in all. */
void faults_arm(struct faults *faults, const char *fail, unsigned pass, unsigned fail_max);

#endif
