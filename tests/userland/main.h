/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef USERLAND_TEST_MAIN_H
#define USERLAND_TEST_MAIN_H

/* What every test here shares: one suite, run as Check's environment says. */

#include <check.h>
#include <stdlib.h>

static inline int
run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
