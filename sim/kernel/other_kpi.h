/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_OTHER_KPI_H
#define KSIM_OTHER_KPI_H

/*
 * What network kexts of others import and ours do not, so that include/ has no declaration of it: IOLib's memory and
 * delays, tsleep, the parts of a wait, locks that are only tried, strings. Facts: kpi-rest.md 4.4 to 4.9.
 */

#include <kern/locks.h>
#include <kern/thread.h>
#include <mach/mach_types.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

/* --- IOLib (com.apple.kpi.iokit). Sizes of IOFree must be those of IOMalloc; fault point "IOMalloc". */
void *IOMalloc(size_t bytes) KPI_SYMBOL(IOMalloc);
void *IOMallocAligned(size_t bytes, size_t alignment) KPI_SYMBOL(IOMallocAligned);
void IOFree(void *address, size_t bytes) KPI_SYMBOL(IOFree);
void IOFreeAligned(void *address, size_t bytes) KPI_SYMBOL(IOFreeAligned);
void IOSleep(unsigned milliseconds) KPI_SYMBOL(IOSleep);
void IODelay(unsigned microseconds) KPI_SYMBOL(IODelay);
void IOLog(const char *format, ...) KPI_SYMBOL(IOLog) __attribute__((format(printf, 1, 2)));
void IOLogv(const char *format, va_list arguments) KPI_SYMBOL(IOLogv);

/* --- waiting: tsleep in ticks of 1/100 s, 0 = for ever; delay in microseconds */
int tsleep(void *channel, int priority, const char *message, int ticks) KPI_SYMBOL(tsleep);
void delay(int microseconds) KPI_SYMBOL(delay);
wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible) KPI_SYMBOL(assert_wait);
wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline)
    KPI_SYMBOL(assert_wait_deadline);
wait_result_t thread_block(void (*continuation)(void *, wait_result_t)) KPI_SYMBOL(thread_block);
kern_return_t thread_wakeup_prim(event_t event, boolean_t one, wait_result_t result)
    KPI_SYMBOL(thread_wakeup_prim);
kern_return_t thread_policy_set(thread_t thread, unsigned flavor, int *information, unsigned count)
    KPI_SYMBOL(thread_policy_set);

/* --- locks */
boolean_t lck_mtx_try_lock(lck_mtx_t *mutex) KPI_SYMBOL(lck_mtx_try_lock);
boolean_t lck_spin_try_lock(lck_spin_t *spin) KPI_SYMBOL(lck_spin_try_lock);
/* type 1: owned by this thread, 2: not. Else a panic. */
void lck_mtx_assert(lck_mtx_t *mutex, unsigned type) KPI_SYMBOL(lck_mtx_assert);

/* --- atomics: the old value */
int8_t OSAddAtomic8(int32_t amount, volatile int8_t *address) KPI_SYMBOL(OSAddAtomic8);
int16_t OSAddAtomic16(int32_t amount, volatile int16_t *address) KPI_SYMBOL(OSAddAtomic16);

/* --- text: the message buffer; strings as in C */
void log(int level, const char *format, ...) KPI_SYMBOL(log) __attribute__((format(printf, 2, 3)));
void kprintf(const char *format, ...) KPI_SYMBOL(kprintf) __attribute__((format(printf, 1, 2)));
char *strncpy(char *to, const char *from, size_t bytes) KPI_SYMBOL(strncpy);
char *strncat(char *to, const char *from, size_t bytes) KPI_SYMBOL(strncat);
char *strchr(const char *string, int character) KPI_SYMBOL(strchr);
int strcasecmp(const char *left, const char *right) KPI_SYMBOL(strcasecmp);
int strncasecmp(const char *left, const char *right, size_t limit) KPI_SYMBOL(strncasecmp);
/* %d %i %u %x %o %p %c %s %[ %n %%, with *, a width, and hh h l ll q z t. No floating point. */
int sscanf(const char *text, const char *format, ...) KPI_SYMBOL(sscanf) __attribute__((format(scanf, 2, 3)));
int vsscanf(const char *text, const char *format, va_list arguments) KPI_SYMBOL(vsscanf);
/* AF_INET, AF_INET6; NULL: another family, or `bytes` are too few. */
const char *inet_ntop(int family, const void *address, char *text, unsigned bytes) KPI_SYMBOL(inet_ntop);

#endif
