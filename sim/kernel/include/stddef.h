/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_STDDEF_H
#define KPI_STDDEF_H

/* The freestanding basics. */

typedef unsigned long size_t;
typedef long ptrdiff_t;
#ifndef __cplusplus
typedef int wchar_t;
#endif

#ifndef NULL
#define NULL ((void *)0)
#endif
#define offsetof(type, member) __builtin_offsetof(type, member)

#endif
