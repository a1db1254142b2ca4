/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "host_memory.h"
#include "sanitizer.h"

enum { RACE_EXIT_STATUS = 66 };

static char log_bytes[16384];
static size_t log_length;

void
log_add(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_length += (size_t)machine_format_list(log_bytes + log_length,
                                              sizeof(log_bytes) - log_length, format, arguments);
    va_end(arguments);
    if (log_length >= sizeof(log_bytes))
        host_stop("the log of the test is full");
}

const char *
log_text(void)
{
    return log_bytes;
}

void
test_lock_take(struct test_lock *lock)
{
    while (lock->taken)
        machine_yield("wait for the lock");
    lock->taken = true;
    machine_order_acquire(lock);
}

void
test_lock_drop(struct test_lock *lock)
{
    machine_order_release(lock);
    lock->taken = false;
}

static const TTest *race_test;

void
suite_expect_race(const TTest *test)
{
    race_test = test;
}

static void
log_empty(void)
{
    log_length = 0;
    log_bytes[0] = '\0';
}

int
suite_run_with_aborts(const char *name, const TTest *const *tests, const TTest *const *aborts)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    TCase *abort_cases = tcase_create("aborts");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(cases, log_empty, NULL);
    tcase_set_timeout(cases, 60);
    for (; *tests != NULL; tests++)
        tcase_add_test(cases, *tests);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, abort_cases);
    for (; srunner_fork_status(runner) == CK_FORK && *aborts != NULL; aborts++)
        tcase_add_test_raise_signal(abort_cases, *aborts, SIGABRT);
    if (srunner_fork_status(runner) == CK_FORK && race_test != NULL &&
        sanitizer_threads.acquire != NULL)
        tcase_add_exit_test(abort_cases, race_test, RACE_EXIT_STATUS);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    host_memory_trim();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
suite_run(const char *name, const TTest *const *tests)
{
    static const TTest *const none[] = {NULL};

    return suite_run_with_aborts(name, tests, none);
}
