/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_DRIVER_MAIN_H
#define TEST_DRIVER_MAIN_H

/* Defines main() for one suite: TEST_MAIN(suite_function). Honours Check's CK_ variables. */
#include <stdlib.h>

#include "../quick_check.h"

#define TEST_MAIN(suite)                                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        SRunner *runner = srunner_create(suite());                                                 \
        int failed;                                                                                \
                                                                                                   \
        srunner_run_all(runner, CK_ENV);                                                           \
        failed = srunner_ntests_failed(runner);                                                    \
        srunner_free(runner);                                                                      \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                          \
    }

#endif
