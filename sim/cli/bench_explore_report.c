/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_explore_report.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bench_explore.h>
#include <explore.h>
#include <native_kexts.h>

#include "host_clock.h"
#include "number_text.h"
#include "subcommand.h"

#define NS_PER_SECOND 1e9
#define SECONDS_MAX   1e6

enum { OPTION_FOR = 1000, OPTION_JOBS, OPTION_ONLY, OPTION_HELP };

static const struct option long_options[] = {
    {"for", required_argument, NULL, OPTION_FOR},
    {"jobs", required_argument, NULL, OPTION_JOBS},
    {"only", required_argument, NULL, OPTION_ONLY},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct request {
    uint64_t for_ns; /* 0 = not given */
    unsigned jobs;
    const char *only;
};

/* One thing that is measured. */
struct measurement {
    const char *name;
    const char *words;
    const char *driver; /* that this program must have */
    const char *workload;
    unsigned switches;
    bool (*measure)(const struct measurement *measurement, const struct request *request,
                    char error[BENCH_ERROR_BYTES]);
};

static bool
measure_runs(const struct measurement *measurement, const struct request *request, char error[BENCH_ERROR_BYTES])
{
    const struct bench_budget budget = {host_clock_ns, request->for_ns != 0 ? request->for_ns : UINT64_C(500000000), 0};
    struct bench_result result;
    bool good;

    (void)native_kexts_choose(measurement->driver);
    good = bench_explorations(measurement->workload, &budget, &result, error);
    (void)native_kexts_choose(NATIVE_KEXT_SHIPPED);
    if (good)
        printf("%-18s %10.0f runs/s    %s\n", measurement->name,
               (double)result.count * NS_PER_SECOND / (double)result.ns, measurement->words);
    return good;
}

static bool
measure_shrink(const struct measurement *measurement, const struct request *request, char error[BENCH_ERROR_BYTES])
{
    struct bench_shrunk shrunk;

    (void)request;
    if (!bench_shrink(host_clock_ns, &shrunk, error))
        return false;
    printf("%-18s %10.2f s         %s: from %zu choices to %zu in %" PRIu64 " runs\n", measurement->name,
           (double)shrunk.result.ns / NS_PER_SECOND, measurement->words, shrunk.before, shrunk.after, shrunk.result.count);
    return true;
}

static bool
measure_core(const struct measurement *measurement, const struct request *request, char error[BENCH_ERROR_BYTES])
{
    struct bench_coverage coverage;

    if (!bench_core(measurement->switches, request->jobs, request->for_ns, host_clock_ns, &coverage, error))
        return false;
    printf("%-18s %10.1f s         %s: %" PRIu64 " runs by %u %s%s\n", measurement->name,
           (double)coverage.result.ns / NS_PER_SECOND, measurement->words, coverage.result.count, request->jobs,
           request->jobs == 1 ? "process" : "processes", coverage.complete ? "" : "; stopped before the end");
    return true;
}

static const struct measurement measurements[] = {
    {"tun-explore", "life with three threads, a choice at each call", NATIVE_KEXT_SHIPPED, "tun-life", 0, measure_runs},
    {"tap-explore", "life with three threads, a choice at each call", NATIVE_KEXT_SHIPPED, "tap-life", 0, measure_runs},
    {"tun-access", "the same, a choice at each load and store too", "tun-every-access", "tun-life", 0, measure_runs},
    {"tap-access", "the same, a choice at each load and store too", "tap-every-access", "tap-life", 0, measure_runs},
    {"shrink", BENCH_SHRINK_DRIVER, BENCH_SHRINK_DRIVER, NULL, 0, measure_shrink},
    {"core-one-switch", "every fault x every schedule of one forced switch", NATIVE_KEXT_SHIPPED, NULL, 1, measure_core},
    {"core-two-switches", "every fault x every schedule of two", NATIVE_KEXT_SHIPPED, NULL, 2, measure_core},
};

enum { MEASUREMENT_COUNT = sizeof(measurements) / sizeof(measurements[0]) };

static void
print_help(void)
{
    puts("usage: tuntapsim bench explore [--for SECONDS] [--jobs J] [--only NAME]\n"
         "\n"
         "Measures exploring in this host's time: whole runs of one life of a device by three threads; shrinking a tape\n"
         "of 500 choices, 250 of them not benign; every single fault, once and for good, crossed with every schedule within a bound of six\n"
         "core life cycles of tun and tap, which takes minutes. What needs broken drivers or a choice at each load and\n"
         "store is measured by tuntapsim-museum only.\n"
         "\n"
         "  --for SECONDS  for each measurement; default 0.5, and for the core cycles until all is done\n"
         "  --jobs J       processes for the core cycles; default 1\n"
         "  --only NAME    tun-explore, tap-explore, tun-access, tap-access, shrink, core-one-switch or core-two-switches\n"
         "\n"
         "Exit status: 0 done, 1 a run failed, 2 bad use.");
}

static bool
complain(const char *option, const char *text)
{
    fprintf(stderr, "tuntapsim: bench explore: %s: not understood: %s\n", option, text);
    return false;
}

/* Does this program have the driver? The one that is chosen stays the one that ships. */
static bool
is_here(const struct measurement *measurement)
{
    const bool here = native_kexts_choose(measurement->driver);

    (void)native_kexts_choose(NATIVE_KEXT_SHIPPED);
    return here;
}

static bool
is_wanted(const struct measurement *measurement, const struct request *request)
{
    return request->only == NULL ? is_here(measurement) : strcmp(request->only, measurement->name) == 0;
}

static bool
only_parse(const char *text, struct request *request)
{
    request->only = text;
    for (int i = 0; i < MEASUREMENT_COUNT; i++) {
        if (!is_wanted(&measurements[i], request))
            continue;
        if (is_here(&measurements[i]))
            return true;
        fprintf(stderr, "tuntapsim: bench explore: %s: only tuntapsim-museum has the driver %s\n", text,
                measurements[i].driver);
        return false;
    }
    return complain("--only", text);
}

static bool
option_parse(int option, struct request *request)
{
    uint64_t jobs;

    switch (option) {
    case OPTION_FOR:
        return number_text_parse_seconds(optarg, SECONDS_MAX, &request->for_ns) || complain("--for", optarg);
    case OPTION_JOBS:
        if (!number_text_parse(optarg, 1, EXPLORE_JOBS_MAX, &jobs))
            return complain("--jobs", optarg);
        request->jobs = (unsigned)jobs;
        return true;
    case OPTION_ONLY:
        return only_parse(optarg, request);
    default:
        return false; /* getopt has said why */
    }
}

int
bench_explore_main(int argc, char **argv)
{
    struct request request = {.jobs = 1};
    char error[BENCH_ERROR_BYTES] = "";
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            return EXIT_STATUS_OK;
        }
        if (!option_parse(option, &request))
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind != argc) {
        fprintf(stderr, "tuntapsim: bench explore: %s: no operand is wanted; see --help\n", argv[optind]);
        return EXIT_STATUS_BAD_INPUT;
    }
    for (int i = 0; i < MEASUREMENT_COUNT; i++) {
        if (!is_wanted(&measurements[i], &request))
            continue;
        if (!measurements[i].measure(&measurements[i], &request, error)) {
            fprintf(stderr, "tuntapsim: bench explore: %s: %s\n", measurements[i].name, error);
            return EXIT_STATUS_FAILED;
        }
        fflush(stdout);
    }
    return EXIT_STATUS_OK;
}
