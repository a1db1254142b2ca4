/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_STDARG_H
#define KPI_STDARG_H

/* Variable arguments; the compiler does the work. */

typedef __builtin_va_list va_list;

#define va_start(list, last) __builtin_va_start(list, last)
#define va_end(list) __builtin_va_end(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)

#endif
