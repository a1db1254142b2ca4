/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SYSTEM_CALL_H
#define KSIM_SYSTEM_CALL_H

/* Shared by the files of the system-call face. */

#include <ksim.h>

struct process;

/* Start of a system call: MACHINE_CONTRACT unless a thread of the process makes it. */
void ksim_call_begin(const struct process *process, const char *name);

#endif
