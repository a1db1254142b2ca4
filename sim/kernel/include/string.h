/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_STRING_H
#define KPI_STRING_H

/* Memory and strings, as libkern exports them. Lengths in bytes. */

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS

void *memcpy(void *to, const void *from, size_t bytes) KPI_SYMBOL(memcpy);
void *memmove(void *to, const void *from, size_t bytes) KPI_SYMBOL(memmove);
void *memset(void *to, int byte, size_t bytes) KPI_SYMBOL(memset);
int memcmp(const void *left, const void *right, size_t bytes) KPI_SYMBOL(memcmp);
void bcopy(const void *from, void *to, size_t bytes) KPI_SYMBOL(bcopy);
void bzero(void *to, size_t bytes) KPI_SYMBOL(bzero);
int bcmp(const void *left, const void *right, size_t bytes) KPI_SYMBOL(bcmp);

size_t strlen(const char *string) KPI_SYMBOL(strlen);
size_t strnlen(const char *string, size_t limit) KPI_SYMBOL(strnlen);
int strcmp(const char *left, const char *right) KPI_SYMBOL(strcmp);
int strncmp(const char *left, const char *right, size_t limit) KPI_SYMBOL(strncmp);

/* Both end the result with a NUL when `size` > 0 and return the length they tried to make. */
size_t strlcpy(char *to, const char *from, size_t size) KPI_SYMBOL(strlcpy);
size_t strlcat(char *to, const char *from, size_t size) KPI_SYMBOL(strlcat);

__END_DECLS

#endif
