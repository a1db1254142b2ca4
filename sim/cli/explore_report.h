/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

/* What `explore` and its kin say to people. */

#include <explore.h>

/* A line that is written over and over on a terminal (stderr); nothing elsewhere. */
void explore_report_progress(void *context, const struct explore_progress *progress);
void explore_report_progress_end(void);

/* What was covered, in one line on stdout. */
void explore_report_coverage(const struct explore_options *options,
                             const struct explore_result *result);

/* A tape as a few lines on stdout, indented. */
void explore_report_tape(const struct run_tape *tape, const struct workload *workload);

#endif
