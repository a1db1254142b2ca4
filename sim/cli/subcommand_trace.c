/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <run_trace.h>

#include "subcommand.h"
#include "tape_argument.h"

enum { OPTION_OUT = 1000, OPTION_ALL, OPTION_HELP, PATH_BYTES = 4096 };

static const struct option long_options[] = {
    {"out", required_argument, NULL, OPTION_OUT},
    {"all", no_argument, NULL, OPTION_ALL},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Complete or not at all. */
static bool
write_file(const char *path, const struct text *text)
{
    char temporary[PATH_BYTES];
    FILE *file = NULL;
    bool good = false;

    errno = ENAMETOOLONG;
    if (snprintf(temporary, sizeof(temporary), "%s.new", path) < (int)sizeof(temporary) &&
        (file = fopen(temporary, "wb")) != NULL) {
        good = fwrite(text->bytes, 1, text->length, file) == text->length;
        good = fclose(file) == 0 && good;
        good = good && rename(temporary, path) == 0;
        if (!good)
            unlink(temporary);
    }
    if (!good)
        fprintf(stderr, "tuntapsim: trace: %s: %s\n", path, strerror(errno));
    return good;
}

static int
tape_trace(const char *path, const char *out, bool everything)
{
    struct explore_outcome outcome;
    struct tape_argument argument;
    struct run_trace trace = {0};
    struct text text = {0};
    int status = EXIT_STATUS_OK;

    if (!tape_argument_load(&argument, "trace", path))
        return EXIT_STATUS_BAD_INPUT;
    run_trace_make(&trace, &argument.workload, &argument.tape, &outcome);
    if (out != NULL) {
        run_trace_json(&trace, &outcome, &text);
        if (write_file(out, &text))
            printf("%s: %zu events of %zu threads: %s\n", out, trace.count, trace.fiber_count,
                   outcome.tape.cause);
        else
            status = EXIT_STATUS_BAD_INPUT;
    } else {
        run_trace_text(&trace, everything, &text);
        fputs(text_bytes(&text), stdout);
        puts(outcome.tape.cause);
    }
    text_free(&text);
    run_trace_free(&trace);
    explore_outcome_free(&outcome);
    tape_argument_free(&argument);
    return status;
}

int
subcommand_trace(int argc, char **argv)
{
    const char *out = NULL;
    bool everything = false;
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            puts("usage: tuntapsim trace [--all] [--out FILE.json] TAPE\n"
                 "\n"
                 "Runs a tape again and prints what each thread did when: calls of the workload (-> and <-),\n"
                 "preemption points, waiting, forced switches and faults (**).\n"
                 "\n"
                 "  --all            with what prepares the workload\n"
                 "  --out FILE.json  a trace for ui.perfetto.dev or chrome://tracing instead\n"
                 "\n"
                 "Exit status: 0 done, 2 bad use or a bad tape.");
            return EXIT_STATUS_OK;
        }
        if (option == OPTION_OUT)
            out = optarg;
        else if (option == OPTION_ALL)
            everything = true;
        else
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind + 1 != argc) {
        fputs("tuntapsim: trace: one tape is wanted; see --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    return tape_trace(argv[optind], out, everything);
}
