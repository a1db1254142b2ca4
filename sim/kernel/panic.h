/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_PANIC_H
#define KSIM_PANIC_H

/*
 * The emulated kernel's panic: MACHINE_PANIC with a report in Apple's format (kpi-rest.md 7.1) that
 * names the process, the release and the loaded kexts.
 */

#include <ksim.h>

/* Where a panic says that it comes from: the kernel's text is the host's, whose addresses differ. */
#define KSIM_PANIC_CALLER 0xffffff8000200000ULL

/* panic() from kernel code: the text carries file and line the way the release writes it. */
#define ksim_panic(...) ksim_panic_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void ksim_panic_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A page fault at `address` while the kernel did `what`. */
_Noreturn void ksim_panic_fault(uint64_t address, const char *what);

/* Makes a panic of every trap of a thread that runs for a kext (kpi-rest.md 7.1). */
void ksim_traps_boot(struct ksim *kernel);

/* VERIFY of kernel code. */
#define ksim_verify(expression)                                                                    \
    ((expression) ? (void)0 : ksim_panic("assertion failed: %s, file: %s, line: %d", #expression, \
                                         __FILE__, __LINE__))

#endif
