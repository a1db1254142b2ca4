/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_THREAD_POLICY_H
#define KPI_MACH_THREAD_POLICY_H

/* Scheduling hints. */

#include <mach/mach_types.h>

typedef natural_t thread_policy_flavor_t;

#define THREAD_EXTENDED_POLICY        1
#define THREAD_STANDARD_POLICY        1
#define THREAD_TIME_CONSTRAINT_POLICY 2
#define THREAD_PRECEDENCE_POLICY      3

#endif
