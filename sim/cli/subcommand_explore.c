/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <explore.h>
#include <native_kexts.h>
#include <shrink.h>

#include "explore_report.h"
#include "host_clock.h"
#include "kernel_option.h"
#include "number_text.h"
#include "subcommand.h"
#include "tape_argument.h"

#define SECONDS_MAX   1e6

enum { OPTION_STRATEGY = 1000, OPTION_RUNS, OPTION_FOR, OPTION_FAULTS, OPTION_JOBS, OPTION_KERNEL,
       OPTION_SEED, OPTION_DRIVER, OPTION_OUT, OPTION_FIRST, OPTION_LOG, OPTION_LIST, OPTION_HELP,
       RUNS_DEFAULT = 1000, RUNS_EACH_DEFAULT = 10, RUNS_ROUND_ROBIN_DEFAULT = 64,
       WORKLOADS_MAX = 256, PATH_BYTES = 4096, BOUND_MAX = 16, PASS_NAME_BYTES = 64 };

static const struct option long_options[] = {
    {"strategy", required_argument, NULL, OPTION_STRATEGY},
    {"runs", required_argument, NULL, OPTION_RUNS},
    {"for", required_argument, NULL, OPTION_FOR},
    {"faults", required_argument, NULL, OPTION_FAULTS},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"driver", required_argument, NULL, OPTION_DRIVER},
    {"out", required_argument, NULL, OPTION_OUT},
    {"stop-at-first", no_argument, NULL, OPTION_FIRST},
    {"log", required_argument, NULL, OPTION_LOG},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct request {
    struct explore_options options;
    bool runs_given;
    const char *folder;
    const char *kernels; /* "darwin19" as typed, or NULL */
    const char *log;     /* NULL = none */
};

static void
print_help(void)
{
    puts("usage: tuntapsim explore [OPTION ...] WORKLOAD ...\n"
         "\n"
         "Runs each workload again and again, under another schedule and other faults each time. Failures\n"
         "are grouped by cause; the first tape of each is shrunk and saved.\n"
         "\n"
         "  WORKLOAD              tun-NAME, tap-NAME, NAME (both), core (all core ones), or FILE.session\n"
         "  --list                what NAME can be, and which drivers there are\n"
         "  --strategy random     schedules of a seed (default)\n"
         "             pct:D      priorities with D - 1 changes\n"
         "             rr         round robin with growing quanta\n"
         "             dfs:N      every schedule with at most N forced switches, and no more\n"
         "             delay:N    every schedule with at most N delays\n"
         "             preempt:N  every schedule with at most N preemptions\n"
         "  --runs N              schedules for each workload; with --faults each: for each fault\n"
         "  --for SECONDS         stop after that time\n"
         "  --faults none|each|K  no fault; every single one in turn, once and for good; up to K in a run\n"
         "  --jobs J              processes; default 1\n"
         "  --kernel darwinN      the release to boot, default darwin19\n"
         "  --seed N              of random and pct; default 1\n"
         "  --driver NAME         another driver than the one that ships, if this program has one\n"
         "  --out FOLDER          where tapes are saved; default the current one\n"
         "  --stop-at-first       stop at the first failure\n"
         "  --log FILE            what each run showed, to the last step, for comparison; with one job\n"
         "\n"
         "Exit status: 0 no failure, 1 failures, 2 bad use.");
}

static void
print_list(void)
{
    const struct native_kext_variant *variant;
    const char *name, *summary;
    bool core;

    for (unsigned i = 0; workload_list(i, &name, &summary, &core); i++)
        printf("%-15s %s%s\n", name, summary, core ? " (core)" : "");
    printf("drivers: %s", NATIVE_KEXT_SHIPPED);
    for (unsigned i = 0; (variant = native_kexts_variant(i)) != NULL; i++)
        printf("%s %s", i == 0 ? "," : ",", variant->name);
    putchar('\n');
}

/* --- arguments -------------------------------------------------------------------------------------- */

static bool
complain(const char *option, const char *text)
{
    fprintf(stderr, "tuntapsim: explore: %s: not understood: %s\n", option, text);
    return false;
}

static bool
strategy_parse(struct explore_settings *settings, const char *text)
{
    static const struct {
        const char *name;
        enum explore_strategy strategy;
        bool bounded;
        uint32_t least;
    } words[] = {{"random", EXPLORE_RANDOM, false, 0},   {"rr", EXPLORE_ROUND_ROBIN, false, 0},
                 {"pct", EXPLORE_PCT, true, 1},          {"dfs", EXPLORE_SWITCHES, true, 0},
                 {"delay", EXPLORE_DELAYS, true, 0},     {"preempt", EXPLORE_PREEMPTIONS, true, 0}};
    const size_t length = strcspn(text, ":");
    uint64_t bound = 0;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].name) != length || strncmp(words[i].name, text, length) != 0)
            continue;
        if (words[i].bounded ? text[length] != ':' || !number_text_parse(text + length + 1, words[i].least,
                                                                         BOUND_MAX, &bound)
                             : text[length] != '\0')
            break;
        settings->strategy = words[i].strategy;
        settings->bound = (uint32_t)bound;
        return true;
    }
    return complain("--strategy", text);
}

static bool
faults_parse(struct explore_settings *settings, const char *text)
{
    uint64_t count;

    if (strcmp(text, "none") == 0) {
        settings->faults = EXPLORE_FAULTS_NONE;
    } else if (strcmp(text, "each") == 0) {
        settings->faults = EXPLORE_FAULTS_EACH;
    } else if (number_text_parse(text, 1, 200, &count)) {
        settings->faults = EXPLORE_FAULTS_RANDOM;
        settings->fault_count = (uint32_t)count;
    } else {
        return complain("--faults", text);
    }
    return true;
}

static bool
jobs_parse(const char *text, unsigned *jobs)
{
    uint64_t number;

    if (!number_text_parse(text, 1, EXPLORE_JOBS_MAX, &number))
        return complain("--jobs", text);
    *jobs = (unsigned)number;
    return true;
}

static bool
folder_check(const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    fprintf(stderr, "tuntapsim: explore: --out: %s: not a folder\n", path);
    return false;
}

static bool
option_parse(int option, struct request *request)
{
    struct explore_settings *settings = &request->options.settings;

    switch (option) {
    case OPTION_STRATEGY:
        return strategy_parse(settings, optarg);
    case OPTION_RUNS:
        request->runs_given = true;
        return number_text_parse(optarg, 1, UINT64_MAX - 1, &settings->runs) ||
               complain("--runs", optarg);
    case OPTION_FOR:
        return number_text_parse_seconds(optarg, SECONDS_MAX, &request->options.for_ns) ||
               complain("--for", optarg);
    case OPTION_FAULTS:
        return faults_parse(settings, optarg);
    case OPTION_JOBS:
        return jobs_parse(optarg, &request->options.jobs);
    case OPTION_KERNEL:
        return kernel_option_parse("explore", optarg, &request->options.job.darwin_major);
    case OPTION_SEED:
        return number_text_parse(optarg, 0, UINT64_MAX, &settings->seed) || complain("--seed", optarg);
    case OPTION_DRIVER:
        request->options.job.driver = optarg;
        return driver_argument_choose("explore", optarg);
    case OPTION_OUT:
        request->folder = optarg;
        return folder_check(optarg);
    case OPTION_FIRST:
        request->options.stop_at_first = true;
        return true;
    case OPTION_LOG:
        request->log = optarg;
        return true;
    default:
        return false; /* getopt has said why */
    }
}

static void
runs_default(struct request *request)
{
    struct explore_settings *settings = &request->options.settings;

    if (request->runs_given)
        return;
    if (settings->strategy == EXPLORE_ROUND_ROBIN)
        settings->runs = RUNS_ROUND_ROBIN_DEFAULT;
    else if (settings->faults == EXPLORE_FAULTS_EACH)
        settings->runs = RUNS_EACH_DEFAULT;
    else
        settings->runs = request->options.for_ns != 0 ? 0 : RUNS_DEFAULT;
}

/* --- workloads -------------------------------------------------------------------------------------- */

static bool
failure_save(const struct request *request, struct explore_failure *failure, unsigned number,
             const struct workload *workload)
{
    char path[PATH_BYTES], name[WORKLOAD_NAME_BYTES], error[RUN_TAPE_ERROR_BYTES], outcome[PASS_NAME_BYTES];
    struct shrink_result shrunk;
    bool good;

    snprintf(outcome, sizeof(outcome), "%s", run_tape_outcome(&failure->tape));
    for (char *byte = outcome; *byte != '\0'; byte++)
        *byte = *byte == ' ' ? '-' : *byte;
    workload_file_name(workload, name);
    snprintf(path, sizeof(path), "%s/%s.%s-%u.tape", request->folder, name, outcome, number);
    shrink(workload, &failure->tape, &shrunk);
    text_add(&shrunk.report, "to see it again: replay-tape %s\n", path);
    printf("  %" PRIu64 " x %s\n", failure->count, failure->tape.cause);
    good = run_tape_save(&failure->tape, text_bytes(&shrunk.report), path, error);
    if (!good)
        fprintf(stderr, "tuntapsim: explore: %s\n", error);
    else if (shrunk.reproduced)
        printf("    %s (from %zu choices to %zu in %" PRIu64 " runs):\n", path, shrunk.before,
               shrunk.after, shrunk.runs);
    else
        printf("    %s (did not fail again: not shrunk):\n", path);
    explore_report_tape(&failure->tape, workload);
    text_free(&shrunk.report);
    return good;
}

/* 0 no failure, 1 failures. */
static int
workload_explore(const struct request *request, const struct workload *workload)
{
    struct explore_options options = request->options;
    struct explore_result *result = malloc(sizeof(*result));
    int status = EXIT_STATUS_FAILED;

    if (result == NULL)
        abort();
    options.job.workload = workload;
    options.job.faults = options.settings.faults != EXPLORE_FAULTS_NONE;
    options.clock_ns = host_clock_ns;
    options.progress = explore_report_progress;
    options.context = (void *)(uintptr_t)workload->name;
    if (!explore(&options, result))
        goto free_result;
    explore_report_progress_end();
    explore_report_coverage(&options, result);
    for (unsigned i = 0; i < result->failure_count; i++)
        (void)failure_save(request, &result->failures[i], i + 1, workload);
    if (result->diverged)
        puts("  the machine was not deterministic: the same choices led elsewhere");
    if (result->failed_runs == 0 && !result->diverged)
        status = EXIT_STATUS_OK;
    fflush(stdout);

free_result:
    explore_result_free(result);
    free(result);
    return status;
}

struct names {
    char *names[WORKLOADS_MAX];
    unsigned count;
};

static void
name_add(struct names *names, const char *device, const char *name)
{
    char text[WORKLOAD_NAME_BYTES];

    snprintf(text, sizeof(text), "%s%s", device, name);
    if (names->count < WORKLOADS_MAX)
        names->names[names->count++] = strdup(text);
}

/* "life" is tun-life and tap-life, "core" all that are core; anything else stands for itself. */
static void
name_expand(struct names *names, const char *word)
{
    static const char *const devices[] = {"tun-", "tap-"};
    char error[WORKLOAD_ERROR_BYTES];
    const char *name, *summary;
    struct workload workload;
    bool core, found = false;

    for (unsigned i = 0; workload_list(i, &name, &summary, &core); i++) {
        if (strcmp(word, name) != 0 && !(core && strcmp(word, "core") == 0))
            continue;
        found = true;
        for (int device = 0; device < 2; device++) {
            char text[WORKLOAD_NAME_BYTES];

            snprintf(text, sizeof(text), "%s%s", devices[device], name);
            if (workload_find(&workload, text, error)) {
                workload_end(&workload);
                name_add(names, "", text);
            }
        }
    }
    if (!found)
        name_add(names, "", word);
}

static bool
log_open(struct request *request)
{
    if (request->log == NULL)
        return true;
    if (request->options.jobs > 1) {
        fputs("tuntapsim: explore: --log: with one job only\n", stderr);
        return false;
    }
    request->options.log = fopen(request->log, "wb");
    if (request->options.log == NULL)
        fprintf(stderr, "tuntapsim: explore: --log: %s: %s\n", request->log, strerror(errno));
    return request->options.log != NULL;
}

/* False: not everything could be written. */
static bool
log_close(struct request *request)
{
    bool good = true;

    if (request->options.log != NULL) {
        good = ferror(request->options.log) == 0;
        good = fclose(request->options.log) == 0 && good;
    }
    if (!good)
        fprintf(stderr, "tuntapsim: explore: --log: %s: %s\n", request->log, strerror(errno));
    return good;
}

static int
names_explore(struct request *request, const struct names *names)
{
    struct workload *workloads = calloc(names->count, sizeof(*workloads));
    char error[WORKLOAD_ERROR_BYTES];
    int status = EXIT_STATUS_OK;
    unsigned found = 0;

    if (workloads == NULL)
        abort();
    /* Nothing is run before all are known to be there. */
    for (; found < names->count; found++) {
        if (!workload_find(&workloads[found], names->names[found], error)) {
            fprintf(stderr, "tuntapsim: explore: %s\n", error);
            status = EXIT_STATUS_BAD_INPUT;
            break;
        }
    }
    if (status == EXIT_STATUS_OK && !log_open(request))
        status = EXIT_STATUS_BAD_INPUT;
    for (unsigned i = 0; i < names->count && status != EXIT_STATUS_BAD_INPUT; i++) {
        if (!workload_is_for(&workloads[i], request->options.job.darwin_major)) {
            printf("%s: not for this release\n", workloads[i].name);
            continue;
        }
        if (workload_explore(request, &workloads[i]) != EXIT_STATUS_OK)
            status = EXIT_STATUS_FAILED;
    }
    if (!log_close(request))
        status = EXIT_STATUS_BAD_INPUT;
    while (found > 0)
        workload_end(&workloads[--found]);
    free(workloads);
    return status;
}

int
subcommand_explore(int argc, char **argv)
{
    struct request request = {.folder = ".",
                              .options = {.jobs = 1,
                                          .job.driver = NATIVE_KEXT_SHIPPED,
                                          .settings = {.seed = 1}}};
    struct names names = {.count = 0};
    int option, status;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP || option == OPTION_LIST) {
            (option == OPTION_HELP ? print_help : print_list)();
            return EXIT_STATUS_OK;
        }
        if (!option_parse(option, &request))
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind == argc) {
        fputs("tuntapsim: explore: no workload; see --list\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    runs_default(&request);
    for (int i = optind; i < argc; i++)
        name_expand(&names, argv[i]);
    status = names_explore(&request, &names);
    while (names.count > 0)
        free(names.names[--names.count]);
    return status;
}
