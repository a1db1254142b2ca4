/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_TRAP_H
#define HOST_TRAP_H

/*
 * Traps of the host's processor (SIGSEGV, SIGBUS, SIGFPE, SIGILL) that a running fiber caused. The one place
 * that knows signals and what is in their contexts.
 */

#include "machine.h"

/*
 * From now on, for the whole process: a trap while a fiber of a machine with a trap hook runs calls the
 * hook on that fiber's stack, as if the instruction had called it; from the stack's beginning when
 * the stack itself is used up. Everything else goes to whoever had the signal before. Once is enough.
 */
void host_traps_catch(void);

#endif
