/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <session_run.h>

#include "kernel_option.h"
#include "subcommand.h"
#include "tape_argument.h"
#include "unified_diff.h"

enum { OPTION_KERNEL = 1000, OPTION_DRIVER, OPTION_UPDATE, OPTION_HELP, PATH_BYTES = 4096 };

static const struct option long_options[] = {
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"driver", required_argument, NULL, OPTION_DRIVER},
    {"update", no_argument, NULL, OPTION_UPDATE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct run_options {
    int darwin_major;
    bool update;
};

struct tally {
    int passed, failed, skipped, updated;
};

static void
print_help(void)
{
    puts("usage: tuntapsim run [--kernel darwinN] [--driver NAME] [--update] FILE.session ...\n"
         "\n"
         "Types each session on an emulated Mac of its own and compares what it prints with what the\n"
         "file expects. A difference is shown as a unified diff.\n"
         "\n"
         "  --kernel darwinN  the release to boot, darwin10 to darwin24; default darwin19\n"
         "  --driver NAME     another driver than the one that ships, if this program has one\n"
         "  --update          rewrite the files so that they expect what was printed\n"
         "\n"
         "Exit status: 0 all as expected, 1 a difference, 2 a bad file or bad use.");
}

/* The file appears complete or not at all. */
static bool
rewrite(const char *path, const char *text)
{
    char temporary[PATH_BYTES];
    FILE *file;
    bool good;

    if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary)) {
        errno = ENAMETOOLONG;
        goto failed;
    }
    file = fopen(temporary, "wb");
    if (file == NULL)
        goto failed;
    good = fputs(text, file) >= 0;
    good = fclose(file) == 0 && good;
    if (good && rename(temporary, path) == 0)
        return true;
    unlink(temporary);

failed:
    fprintf(stderr, "tuntapsim: run: %s: %s\n", path, strerror(errno));
    return false;
}

static void
judge(const struct session *session, const struct session_result *result,
      const struct run_options *options, struct tally *tally)
{
    const char *expected = text_bytes(&result->expected);
    const char *transcript = text_bytes(&result->transcript);

    if (result->passed) {
        tally->passed++;
        return;
    }
    if (result->outcome != session->outcome)
        printf("%s: the machine ended with %s, not with %s\n", session->path,
               machine_outcome_name(result->outcome), machine_outcome_name(session->outcome));
    else if (options->update && rewrite(session->path, transcript)) {
        printf("%s: updated\n", session->path);
        tally->updated++;
        return;
    }
    unified_diff_print(session->path, expected, transcript);
    tally->failed++;
}

static bool
option_take(struct run_options *options, int option)
{
    switch (option) {
    case OPTION_KERNEL:
        return kernel_option_parse("run", optarg, &options->darwin_major);
    case OPTION_DRIVER:
        return driver_argument_choose("run", optarg);
    case OPTION_UPDATE:
        options->update = true;
        return true;
    default:
        return false;
    }
}

int
subcommand_run(int argc, char **argv)
{
    struct run_options options = {0};
    struct tally tally = {0};
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            return EXIT_STATUS_OK;
        }
        if (!option_take(&options, option))
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind == argc) {
        fputs("tuntapsim: run: no session file; see --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    for (int i = optind; i < argc; i++) {
        struct session session;
        struct session_result result;
        char error[SESSION_ERROR_BYTES];

        if (!session_load(&session, argv[i], error)) {
            fprintf(stderr, "tuntapsim: run: %s\n", error);
            return EXIT_STATUS_BAD_INPUT;
        }
        if (session_is_for(&session, options.darwin_major)) {
            session_run(&session, options.darwin_major, &result);
            judge(&session, &result, &options, &tally);
            session_result_free(&result);
        } else {
            tally.skipped++;
        }
        session_free(&session);
    }
    printf("%d passed, %d failed, %d skipped", tally.passed, tally.failed, tally.skipped);
    printf(tally.updated > 0 ? ", %d updated\n" : "\n", tally.updated);
    return tally.failed == 0 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}
