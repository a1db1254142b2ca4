/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_THREAD_CALL_H
#define KSIM_THREAD_CALL_H

/*
 * Thread calls and bsd_timeout (kpi-rest.md 4.6). Each entry is one kernel thread that sleeps until its
 * deadline, so that a call which is entered again while it runs may run twice at once, as on XNU. A call
 * that is cancelled or entered again leaves the threads of earlier entries without work. What an
 * unloaded kext left pending runs into its unmapped text, which is a panic.
 */

#include <ksim.h>

void ksim_thread_calls_boot(struct ksim *kernel);
/* Reports calls of kexts that were not freed or did not end. */
void ksim_thread_calls_audit(struct ksim *kernel);

#endif
