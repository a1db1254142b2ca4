/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <explore_run.h>

#include "subcommand.h"
#include "tape_argument.h"

enum { OPTION_QUIET = 1000, OPTION_HELP };

static const struct option long_options[] = {
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Twice: what is observed must be equal to the byte. */
static int
tape_replay_twice(const char *path, bool quiet)
{
    struct explore_outcome first, second;
    struct tape_argument argument;
    const struct run_tape *tape = &argument.tape;
    int status = EXIT_STATUS_FAILED;

    if (!tape_argument_load(&argument, "replay-tape", path))
        return EXIT_STATUS_BAD_INPUT;
    explore_play_apart(&argument.workload, tape, &first);
    explore_play_apart(&argument.workload, tape, &second);
    if (!quiet)
        fputs(text_bytes(&first.report), stdout);
    if (first.hash != second.hash || first.steps != second.steps)
        printf("%s: two runs differed: the machine is not deterministic\n", path);
    else if (first.unmet > 0)
        printf("%s: %zu choices could not be made: the tape is of another program\n", path, first.unmet);
    else if (first.tape.crashed != tape->crashed || first.tape.outcome != tape->outcome ||
             strcmp(first.tape.cause, tape->cause) != 0)
        printf("%s: ended with %s, not with %s\n", path, first.tape.cause, tape->cause);
    else {
        printf("%s: %s (%" PRIu64 " steps, hash %016" PRIx64 ")\n", path, tape->cause, first.steps,
               first.hash);
        status = EXIT_STATUS_OK;
    }
    explore_outcome_free(&first);
    explore_outcome_free(&second);
    tape_argument_free(&argument);
    return status;
}

int
subcommand_replay_tape(int argc, char **argv)
{
    bool quiet = false;
    int option, status = EXIT_STATUS_OK;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            puts("usage: tuntapsim replay-tape [--quiet] TAPE ...\n"
                 "\n"
                 "Runs each tape again, twice, and prints how it ended.\n"
                 "\n"
                 "  --quiet  one line for each tape, without the report\n"
                 "\n"
                 "Exit status: 0 all ended as the tape says, 1 one did not, 2 bad use or a bad tape.");
            return EXIT_STATUS_OK;
        }
        if (option != OPTION_QUIET)
            return EXIT_STATUS_BAD_INPUT;
        quiet = true;
    }
    if (optind == argc) {
        fputs("tuntapsim: replay-tape: no tape; see --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    for (int i = optind; i < argc; i++) {
        int each = tape_replay_twice(argv[i], quiet);

        if (each > status)
            status = each;
    }
    return status;
}
