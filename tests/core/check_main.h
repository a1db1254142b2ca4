/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_main.h - what every test of core shares: main, and a way to expect an assertion.
 *
 * Include it once per executable. TT_ASSERT of core ends up here. An expected failure comes back to
 * EXPECT_ASSERTION by longjmp, so that it works without fork, under sanitizers and valgrind alike; an
 * unexpected one fails the test with the expression.
 */
#ifndef CHECK_MAIN_H
#define CHECK_MAIN_H

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../quick_check.h"

#include "assert.h"
#include "error.h"

static jmp_buf expected_assertion;
static volatile int assertion_is_expected;

_Noreturn void
tt_assert_failed(const char *expression, const char *file, int line)
{
    if (assertion_is_expected)
        longjmp(expected_assertion, 1);
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

/* The statement must fail an assertion of core. */
#define EXPECT_ASSERTION(statement)                                        \
    do {                                                                   \
        assertion_is_expected = 1;                                         \
        if (setjmp(expected_assertion) == 0) {                             \
            statement;                                                     \
            assertion_is_expected = 0;                                     \
            ck_abort_msg("no assertion failed in: %s", #statement);        \
        }                                                                  \
        assertion_is_expected = 0;                                         \
    } while (0)

/* A small generator of its own, so that a seed means the same everywhere. */
static inline uint32_t
random_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static inline int
check_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
