/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kext_option.h"
#include "subcommand.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
    bool shows_refusals; /* a kext that cannot be loaded is something to look at */
} commands[] = {
    {"attach", subcommand_attach, "join a device of the emulated Mac and an interface of this host",
     false},
    {"bench", subcommand_bench, "measure packets, boots and life cycles in this host's time", false},
    {"explore", subcommand_explore, "run a workload under many schedules and faults", false},
    {"kernels", subcommand_kernels, "print the releases that can be emulated and their quirks", false},
    {"panic", subcommand_panic, "name the functions and lines of a panic report", false},
    {"replay", subcommand_replay, "feed a capture through a device and see what the kernel answers", false},
    {"replay-tape", subcommand_replay_tape, "run a saved tape again, exactly", false},
    {"run", subcommand_run, "replay session transcripts and show where the Mac answers otherwise", true},
    {"shell", subcommand_shell, "type at an emulated Mac", true},
    {"shrink", subcommand_shrink, "make a failing tape as short as it can be", false},
    {"trace", subcommand_trace, "show a tape as a sequence, or as a trace for Perfetto", false},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void
print_usage(FILE *out)
{
    fputs("usage: tuntapsim [--kext FOLDER.kext ...] COMMAND [ARGUMENT ...]\n\n", out);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
    fputs("\n  --kext FOLDER.kext  a kext for Intel Macs that the emulated ones have in /Library/Extensions, in\n"
          "                      the place of what has its name or bundle id there\n", out);
    fputs("\ntuntapsim COMMAND --help tells more.\n", out);
}

static const struct command *
command_find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* The options before the command: `kexts` of them, each with its value. */
static bool
add_kexts(const struct command *command, char **options, int kexts)
{
    for (int i = 0; i < kexts; i++)
        if (!kext_option_add(command->name, options[2 * i + 1], !command->shows_refusals))
            return false;
    return true;
}

int
subcommand_main(int argc, char **argv)
{
    const struct command *command;
    int kexts = 0, at = 1;

    while (at + 1 < argc && strcmp(argv[at], "--kext") == 0) {
        kexts++;
        at += 2;
    }
    if (at >= argc) {
        fputs("tuntapsim: no command; see tuntapsim --help\n", stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    if (strcmp(argv[at], "--help") == 0) {
        print_usage(stdout);
        return EXIT_STATUS_OK;
    }
    if (strcmp(argv[at], "--version") == 0) {
        puts("tuntapsim " TUNTAP_VERSION);
        return EXIT_STATUS_OK;
    }
    command = command_find(argv[at]);
    if (command == NULL) {
        fprintf(stderr, "tuntapsim: %s: no such command; see tuntapsim --help\n", argv[at]);
        return EXIT_STATUS_BAD_INPUT;
    }
    if (!add_kexts(command, argv + 1, kexts))
        return EXIT_STATUS_BAD_INPUT;
    return command->run(argc - at, argv + at);
}
