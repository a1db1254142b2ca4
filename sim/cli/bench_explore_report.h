/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_EXPLORE_REPORT_H
#define BENCH_EXPLORE_REPORT_H

/* `tuntapsim bench explore ...`; argv[0] is "explore". Returns what the sub-command returns. */
int bench_explore_main(int argc, char **argv);

#endif
