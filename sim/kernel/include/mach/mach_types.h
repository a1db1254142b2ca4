/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_MACH_TYPES_H
#define KPI_MACH_MACH_TYPES_H

/* Handles of Mach's objects. */

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/vm_types.h>
#include <stdint.h>

typedef struct thread *thread_t;
typedef struct thread *thread_act_t;

#define THREAD_NULL ((thread_t)0)

#endif
