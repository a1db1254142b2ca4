/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUITE_H
#define SUITE_H

/*
 * What every test program of sim/machine shares. Nothing is asserted inside a fiber: Check leaves a
 * failed test by longjmp, which must not cross stacks. Fibers write into the log; the host
 * compares.
 */

#include "../quick_check.h"

#include "machine.h"

/* Text that fibers write and tests compare. Emptied before each test. */
void log_add(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *log_text(void);

/*
 * An emulated lock of the smallest kind: spins with machine_yield, and tells ThreadSanitizer
 * through machine_order_* what it orders. Not instrumented, like the emulated kernel's own locks.
 */
struct test_lock {
    bool taken;
};

void test_lock_take(struct test_lock *lock);
void test_lock_drop(struct test_lock *lock);

/* Runs the tests (the list ends with NULL) as one suite; the value main returns. */
int suite_run(const char *name, const TTest *const *tests);

/* The same, and after them tests that must end by abort(); these need Check to fork. */
int suite_run_with_aborts(const char *name, const TTest *const *tests, const TTest *const *aborts);

/*
 * A test that must end with ThreadSanitizer's exit status; only run in a build with it. Call before
 * suite_run.
 */
void suite_expect_race(const TTest *test);

#endif
