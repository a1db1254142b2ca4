/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_LIBKERN_H
#define KPI_LIBKERN_LIBKERN_H

/* The kernel's C library. */

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <libkern/copyio.h>

__BEGIN_DECLS

int ffs(unsigned int value) KPI_SYMBOL(ffs);
u_int32_t random(void) KPI_SYMBOL(random);
uint32_t crc32(uint32_t crc, const void *buffer, size_t bytes) KPI_SYMBOL(crc32);
long strtol(const char *string, char **end, int base) KPI_SYMBOL(strtol);
u_long strtoul(const char *string, char **end, int base) KPI_SYMBOL(strtoul);

int printf(const char *format, ...) KPI_SYMBOL(printf) __printflike(1, 2);
int vprintf(const char *format, va_list arguments) KPI_SYMBOL(vprintf) __printflike(1, 0);
int snprintf(char *buffer, size_t size, const char *format, ...) KPI_SYMBOL(snprintf)
    __printflike(3, 4);
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
    KPI_SYMBOL(vsnprintf) __printflike(3, 0);
int sscanf(const char *string, const char *format, ...) KPI_SYMBOL(sscanf) __scanflike(2, 3);

/* 0, EFAULT or ENAMETOOLONG. */
int copyinstr(const user_addr_t from, void *to, size_t size, size_t *copied) KPI_SYMBOL(copyinstr);

static inline int
imax(int left, int right)
{
    return left > right ? left : right;
}

static inline int
imin(int left, int right)
{
    return left < right ? left : right;
}

__END_DECLS

#endif
