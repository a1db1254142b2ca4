/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_SECOND 1e9

enum { TAPE_LINES_MAX = 20 };

static double
rate(uint64_t runs, uint64_t ns)
{
    return ns == 0 ? 0 : (double)runs * NS_PER_SECOND / (double)ns;
}

void
explore_report_progress(void *context, const struct explore_progress *progress)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%s: %" PRIu64 " runs, %.0f/s, %.0f s, %" PRIu64 " failed (%u kinds)",
            (const char *)context, progress->runs, rate(progress->runs, progress->ns),
            (double)progress->ns / NS_PER_SECOND, progress->failures, progress->causes);
}

void
explore_report_progress_end(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static const char *
schedules_text(const struct explore_settings *settings, char text[64])
{
    static const char *const units[] = {
        [EXPLORE_SWITCHES] = "forced switch", [EXPLORE_DELAYS] = "delay",
        [EXPLORE_PREEMPTIONS] = "preemption"};

    switch (settings->strategy) {
    case EXPLORE_RANDOM:
        return "random schedules";
    case EXPLORE_PCT:
        snprintf(text, 64, "schedules by priorities (depth %u)", settings->bound);
        return text;
    case EXPLORE_ROUND_ROBIN:
        return "round robin schedules";
    default:
        snprintf(text, 64, "schedules with at most %u %s%s%s", settings->bound, units[settings->strategy],
                 settings->bound == 1                           ? ""
                 : settings->strategy == EXPLORE_SWITCHES       ? "es"
                                                                : "s",
                 settings->faults == EXPLORE_FAULTS_RANDOM ? " and every set of faults" : "");
        return text;
    }
}

void
explore_report_coverage(const struct explore_options *options, const struct explore_result *result)
{
    const struct explore_settings *settings = &options->settings;
    const bool each = settings->faults == EXPLORE_FAULTS_EACH;
    const char *all = explore_is_systematic(settings->strategy) && result->complete &&
                              !result->overflowed && !result->diverged
                          ? "all "
                          : "";
    char schedules[64];
    const char *words = schedules_text(settings, schedules);

    printf("%s: ", options->job.workload->name);
    if (each && result->complete)
        printf("all %u fault points, once and for good, and none, x ", result->fault_points);
    else if (each)
        printf("the first %u fault points, once and for good, x ", result->fault_points);
    if (each)
        printf("%sup to %" PRIu64 " %s: %" PRIu64 " runs", all, result->schedules_most, words,
               result->runs);
    else
        printf("%s%" PRIu64 " %s", all, result->runs, words);
    printf(": %" PRIu64 " failed (%.0f runs/s)%s%s\n", result->failed_runs,
           rate(result->runs, result->ns), result->complete ? "" : "; stopped before the end",
           result->overflowed ? "; runs were too long to be covered" : "");
}

void
explore_report_tape(const struct run_tape *tape, const struct workload *workload)
{
    char line[SCHEDULE_LINE_BYTES];

    for (size_t i = 0; i < tape->skip_count; i++)
        printf("    without %s: %s\n", workload_thread_name(workload, tape->skips[i].thread),
               workload_step_name(workload, tape->skips[i].thread, tape->skips[i].step));
    for (size_t i = 0; i < tape->schedule.length && i < TAPE_LINES_MAX; i++) {
        schedule_entry_text(&tape->schedule.entries[i], line);
        printf("    %s\n", line);
    }
    if (tape->schedule.length > TAPE_LINES_MAX)
        printf("    ... and %zu more\n", tape->schedule.length - TAPE_LINES_MAX);
}
