/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "subcommand.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"attach", subcommand_attach, "join a device of the emulated Mac and an interface of this host"},
    {"bench", subcommand_bench, "measure packets, boots and life cycles in this host's time"},
    {"explore", subcommand_explore, "run a workload under many schedules and faults"},
    {"kernels", subcommand_kernels, "print the releases that can be emulated and their quirks"},
    {"replay", subcommand_replay, "feed a capture through a device and see what the kernel answers"},
    {"replay-tape", subcommand_replay_tape, "run a saved tape again, exactly"},
    {"run", subcommand_run, "replay session transcripts and show where the Mac answers otherwise"},
    {"shell", subcommand_shell, "type at an emulated Mac"},
    {"shrink", subcommand_shrink, "make a failing tape as short as it can be"},
    {"trace", subcommand_trace, "show a tape as a sequence, or as a trace for Perfetto"},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void
print_usage(FILE *out)
{
    fputs("usage: tuntapsim COMMAND [ARGUMENT ...]\n\n", out);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
    fputs("\ntuntapsim COMMAND --help tells more.\n", out);
}

int
subcommand_main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("tuntapsim: no command; see tuntapsim --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("tuntapsim " TUNTAP_VERSION);
        return EXIT_STATUS_OK;
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "tuntapsim: %s: no such command; see tuntapsim --help\n", argv[1]);
    return EXIT_STATUS_BAD_INPUT;
}
