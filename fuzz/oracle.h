/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

/*
 * How a fuzz target says that the code under test is wrong, though nothing crashed.
 *
 * ORACLE(condition, format, ...) prints one line on stderr when the condition does not hold,
 *
 *     oracle: fuzz_queue.c:88: count == model.count: 3 packets where the model has 4
 *
 * and aborts, which every engine records as a finding of this input. The format is printf's and says
 * what was found in place of what; it has no line feed. The condition is always evaluated.
 */

#define ORACLE(condition, ...) \
    ((condition) ? (void)0 : oracle_failed(__FILE__, __LINE__, #condition, __VA_ARGS__))

_Noreturn __attribute__((cold, format(printf, 4, 5))) void oracle_failed(const char *file, int line,
                                                                        const char *condition,
                                                                        const char *format, ...);

#endif
