/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_OS_BASE_H
#define KPI_OS_BASE_H

/* Spellings that Apple's os headers use. */

#include <sys/cdefs.h>

#define OS_INLINE static inline
#define os_likely(condition) __builtin_expect(!!(condition), 1)
#define os_unlikely(condition) __builtin_expect(!!(condition), 0)

#endif
