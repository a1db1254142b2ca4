/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <explore_run.h>

#include "subcommand.h"
#include "tape_argument.h"

enum { OPTION_QUIET = 1000, OPTION_DRIVER, OPTION_HELP };

static const struct option long_options[] = {
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"driver", required_argument, NULL, OPTION_DRIVER},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct replay_options {
    bool quiet;
    const char *driver; /* NULL = the tape's */
};

/* With another driver nothing is expected but a good end, and its calls may be others. */
static bool
judge(const char *path, const struct replay_options *options, const struct run_tape *tape,
      const struct explore_outcome *outcome)
{
    const bool good = !outcome->tape.crashed && outcome->tape.outcome == MACHINE_OK;

    if (options->driver != NULL && !good)
        printf("%s: %s\n", path, outcome->tape.cause);
    if (options->driver != NULL)
        return good;
    if (outcome->unmet > 0)
        printf("%s: %zu choices could not be made: the tape is of another program\n", path,
               outcome->unmet);
    else if (outcome->tape.crashed != tape->crashed || outcome->tape.outcome != tape->outcome ||
             strcmp(outcome->tape.cause, tape->cause) != 0)
        printf("%s: ended with %s, not with %s\n", path, outcome->tape.cause, tape->cause);
    else
        return true;
    return false;
}

/* Twice: what is observed must be equal to the byte. */
static int
tape_replay_twice(const char *path, const struct replay_options *options)
{
    struct explore_outcome first, second;
    struct tape_argument argument;
    int status = EXIT_STATUS_FAILED;

    if (!tape_argument_load(&argument, "replay-tape", path))
        return EXIT_STATUS_BAD_INPUT;
    if (options->driver != NULL && !driver_argument_choose("replay-tape", options->driver)) {
        tape_argument_free(&argument);
        return EXIT_STATUS_BAD_INPUT;
    }
    explore_play_apart(&argument.workload, &argument.tape, &first);
    explore_play_apart(&argument.workload, &argument.tape, &second);
    if (!options->quiet)
        fputs(text_bytes(&first.report), stdout);
    if (first.hash != second.hash || first.steps != second.steps) {
        printf("%s: two runs differed: the machine is not deterministic\n", path);
    } else if (judge(path, options, &argument.tape, &first)) {
        printf("%s: %s (%" PRIu64 " steps, hash %016" PRIx64 ")\n", path, first.tape.cause,
               first.steps, first.hash);
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
    struct replay_options options = {0};
    int option, status = EXIT_STATUS_OK;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            puts("usage: tuntapsim replay-tape [--quiet] [--driver NAME] TAPE ...\n"
                 "\n"
                 "Runs each tape again, twice, and prints how it ended.\n"
                 "\n"
                 "  --quiet        one line for each tape, without the report\n"
                 "  --driver NAME  with another driver, which has to survive\n"
                 "\n"
                 "Exit status: 0 all ended as the tape says, 1 one did not, 2 bad use or a bad tape.");
            return EXIT_STATUS_OK;
        }
        if (option == OPTION_QUIET)
            options.quiet = true;
        else if (option == OPTION_DRIVER)
            options.driver = optarg;
        else
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind == argc) {
        fputs("tuntapsim: replay-tape: no tape; see --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    for (int i = optind; i < argc; i++) {
        int each = tape_replay_twice(argv[i], &options);

        if (each > status)
            status = each;
    }
    return status;
}
