/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUBCOMMAND_H
#define SUBCOMMAND_H

/*
 * The sub-commands of tuntapsim. Each takes its own argument vector (argv[0] is its name) and returns
 * the exit status: 0 done, 1 the emulated machine failed, 2 bad use or bad input.
 */

enum { EXIT_STATUS_OK = 0, EXIT_STATUS_FAILED = 1, EXIT_STATUS_BAD_INPUT = 2 };

int subcommand_attach(int argc, char **argv);
int subcommand_bench(int argc, char **argv);
int subcommand_explore(int argc, char **argv);
int subcommand_kernels(int argc, char **argv);
int subcommand_panic(int argc, char **argv);
int subcommand_replay(int argc, char **argv);
int subcommand_replay_tape(int argc, char **argv);
int subcommand_run(int argc, char **argv);
int subcommand_shell(int argc, char **argv);
int subcommand_shrink(int argc, char **argv);
int subcommand_trace(int argc, char **argv);

/* The whole command: main of tuntapsim, and of a tuntapsim with other drivers. */
int subcommand_main(int argc, char **argv);

#endif
