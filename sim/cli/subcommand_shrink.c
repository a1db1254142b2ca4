/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include <shrink.h>

#include "explore_report.h"
#include "subcommand.h"
#include "tape_argument.h"

enum { OPTION_OUT = 1000, OPTION_HELP };

static const struct option long_options[] = {
    {"out", required_argument, NULL, OPTION_OUT},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static int
tape_shrink(const char *path, const char *out)
{
    char error[RUN_TAPE_ERROR_BYTES];
    struct tape_argument argument;
    struct shrink_result result;
    int status = EXIT_STATUS_FAILED;

    if (!tape_argument_load(&argument, "shrink", path))
        return EXIT_STATUS_BAD_INPUT;
    shrink(&argument.workload, &argument.tape, &result);
    if (!result.reproduced) {
        printf("%s: does not fail as it says (%s): nothing to shrink\n", path, argument.tape.cause);
    } else if (!run_tape_save(&argument.tape, text_bytes(&result.report), out, error)) {
        fprintf(stderr, "tuntapsim: shrink: %s\n", error);
        status = EXIT_STATUS_BAD_INPUT;
    } else {
        printf("%s: %s\n  from %zu choices to %zu in %" PRIu64 " runs:\n", out, argument.tape.cause,
               result.before, result.after, result.runs);
        explore_report_tape(&argument.tape, &argument.workload);
        status = EXIT_STATUS_OK;
    }
    text_free(&result.report);
    tape_argument_free(&argument);
    return status;
}

int
subcommand_shrink(int argc, char **argv)
{
    const char *out = NULL;
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            puts("usage: tuntapsim shrink [--out FILE] TAPE\n"
                 "\n"
                 "Leaves out of a failing tape what it does not need to fail in the same way: context\n"
                 "switches, then faults, then steps of the workload.\n"
                 "\n"
                 "  --out FILE  where the short tape goes; default TAPE itself\n"
                 "\n"
                 "Exit status: 0 done, 1 the tape does not fail, 2 bad use or a bad tape.");
            return EXIT_STATUS_OK;
        }
        if (option != OPTION_OUT)
            return EXIT_STATUS_BAD_INPUT;
        out = optarg;
    }
    if (optind + 1 != argc) {
        fputs("tuntapsim: shrink: one tape is wanted; see --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    return tape_shrink(argv[optind], out != NULL ? out : argv[optind]);
}
