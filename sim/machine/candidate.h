/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CANDIDATE_H
#define CANDIDATE_H

/*
 * For feeders, while they are asked: who asks, and whom an answer would let run. A feeder sees numbers only;
 * whoever gives priorities to threads, or writes down a schedule that people read, has to know who they are.
 *
 * Valid inside tape_feeder.next of the current machine's feeder. Nothing here changes the machine.
 */

#include "machine.h"

/* The fiber on whose behalf the choice is made (also one that just blocked); NULL = host code. */
const struct fiber *candidate_asker(void);

/* At a CHOICE_SCHEDULE: is it one where the asker cannot go on itself? */
bool candidate_is_dispatch(const char *label);

/* At a CHOICE_SCHEDULE: the fiber that `value` lets run; NULL when there is no such value. */
const struct fiber *candidate_of(const char *label, uint32_t value);

/* The value that lets the fiber of that id run; UINT32_MAX when it cannot run now. */
uint32_t candidate_find(const char *label, uint32_t id);

#endif
