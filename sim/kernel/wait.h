/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_WAIT_H
#define KSIM_WAIT_H

/*
 * Sleep and wake-up (kpi-rest.md 4.4, 4.5): one namespace of events, which are addresses. A wake-up
 * without a sleeper is lost. A signal ends THREAD_ABORTSAFE waits, a kill those and
 * THREAD_INTERRUPTIBLE ones, nothing THREAD_UNINT ones. Kernel files may use the KPI functions
 * (assert_wait, thread_block, msleep, wakeup) or those below, which are the same without the entry
 * check and preemption point of a KPI.
 */

#include <thread.h>

/* assert_wait_deadline; deadline_ns absolute, 0 = none. THREAD_WAITING or THREAD_INTERRUPTED. */
int ksim_wait_assert(const void *event, int interruptible, uint64_t deadline_ns);
/* thread_block. `why` is a literal for the hang report. */
int ksim_wait_block(const char *why);
/* Assert and block: for kernel code that holds no lock. */
int ksim_wait(const void *event, int interruptible, uint64_t deadline_ns, const char *why);

/* Wakes all, or the one that the tape chooses (the oldest is choice 0). Returns how many. */
uint32_t ksim_wakeup(const void *event);
bool ksim_wakeup_one(const void *event);

/* Ends the wait of one thread whatever it waits for; false when it did not wait. */
bool ksim_wait_clear(struct thread *thread, int result);

/* thread_abort_safely and thread_abort. */
void ksim_thread_abort_safely(struct thread *thread);
void ksim_thread_abort(struct thread *thread);

#endif
