/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_BOOLEAN_H
#define KPI_MACH_BOOLEAN_H

/* Mach's truth value, an int. */

typedef int boolean_t;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#endif
