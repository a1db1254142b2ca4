/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPLAY_REPORT_H
#define REPLAY_REPORT_H

/*
 * What a replay came to, for people and for programs. `real_ns` is the host's time for the run; it
 * is the only line that differs from one run of the same seed to the next, and it stands last.
 */

#include <stdio.h>

#include <replay.h>

void replay_report_text(FILE *out, const struct replay_options *options,
                        const struct replay_result *result, uint64_t real_ns);
void replay_report_json(FILE *out, const struct replay_options *options,
                        const struct replay_result *result, uint64_t real_ns);

#endif
