/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host_clock.h"
#include "number_text.h"
#include "replay_report.h"
#include "subcommand.h"

enum { BAR_WIDTH = 40, OPTION_MTU = 1000, OPTION_SEED, OPTION_JSON, OPTION_DEVICE, OPTION_IN,
       OPTION_OUT, OPTION_HELP };

static const struct option long_options[] = {
    {"device", required_argument, NULL, OPTION_DEVICE}, {"dev", required_argument, NULL, OPTION_DEVICE},
    {"in", required_argument, NULL, OPTION_IN},         {"out", required_argument, NULL, OPTION_OUT},
    {"seed", required_argument, NULL, OPTION_SEED},     {"mtu", required_argument, NULL, OPTION_MTU},
    {"json", no_argument, NULL, OPTION_JSON},           {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static void
print_help(void)
{
    puts("usage: tuntapsim replay --dev DEVICE --in FILE.pcap [--out FILE.pcap] [--seed N]\n"
         "                        [--mtu N] [--json]\n"
         "\n"
         "Boots the emulated kernel, loads the kext, opens /dev/DEVICE (tun0 to tun15, tap0 to tap15) and\n"
         "writes each packet of the capture into it at its time; reads what the kernel answers.\n"
         "\n"
         "  --in FILE    Ethernet for a tap; raw IP, NULL, LOOP, or Ethernet to be stripped for a tun\n"
         "  --out FILE   what tcpdump on that Mac would have seen (nanoseconds of virtual time)\n"
         "  --seed N     feeds the choice tape; the same seed gives the same bytes (default 1)\n"
         "  --mtu N      of the interface (default: the device's own, 1500)\n"
         "  --json       the report as JSON\n"
         "\n"
         "Exit status: 0 done, 1 the emulated machine failed or packets are unaccounted for, 2 bad input.");
}

static void
show_progress(void *context, size_t done, size_t total)
{
    static const char bar[BAR_WIDTH + 1] = "########################################";
    int width = (int)(done * BAR_WIDTH / total);

    (void)context;
    fprintf(stderr, "\r[%-*.*s] %zu/%zu packets%s", BAR_WIDTH, width, bar, done, total,
            done == total ? "\n" : "");
}

static bool
parse_number(const char *text, const char *what, uint64_t maximum, uint64_t *out)
{
    if (number_text_parse(text, 0, maximum, out))
        return true;
    fprintf(stderr, "tuntapsim: replay: %s: not a number from 0 to %" PRIu64 ": %s\n", what, maximum,
            text);
    return false;
}

enum parse_result { PARSE_RUN, PARSE_HELP, PARSE_BAD };

static enum parse_result
parse_arguments(int argc, char **argv, struct replay_options *options, bool *json)
{
    uint64_t mtu = 0;
    int option;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case OPTION_DEVICE:
            options->device = optarg;
            break;
        case OPTION_IN:
            options->in_path = optarg;
            break;
        case OPTION_OUT:
            options->out_path = optarg;
            break;
        case OPTION_SEED:
            if (!parse_number(optarg, "--seed", UINT64_MAX, &options->seed))
                return PARSE_BAD;
            break;
        case OPTION_MTU:
            if (!parse_number(optarg, "--mtu", 65535, &mtu))
                return PARSE_BAD;
            options->mtu = (int)mtu;
            break;
        case OPTION_JSON:
            *json = true;
            break;
        case OPTION_HELP:
            return PARSE_HELP;
        default:
            return PARSE_BAD; /* getopt has said why */
        }
    }
    if (optind == argc && options->device != NULL && options->in_path != NULL)
        return PARSE_RUN;
    fputs("tuntapsim: replay: --dev and --in are needed, and nothing else; see --help\n", stderr);
    return PARSE_BAD;
}

int
subcommand_replay(int argc, char **argv)
{
    struct replay_options options = {.seed = 1};
    struct replay_result result;
    char error[REPLAY_ERROR_BYTES];
    bool json = false, good;
    uint64_t begin_ns;

    switch (parse_arguments(argc, argv, &options, &json)) {
    case PARSE_HELP:
        print_help();
        return EXIT_STATUS_OK;
    case PARSE_BAD:
        return EXIT_STATUS_BAD_INPUT;
    case PARSE_RUN:
        break;
    }
    if (isatty(STDERR_FILENO))
        options.progress = show_progress;
    begin_ns = host_clock_ns();
    if (replay_run(&options, &result, error) == REPLAY_BAD_INPUT) {
        fprintf(stderr, "tuntapsim: replay: %s\n", error);
        return EXIT_STATUS_BAD_INPUT;
    }
    if (json)
        replay_report_json(stdout, &options, &result, host_clock_ns() - begin_ns);
    else
        replay_report_text(stdout, &options, &result, host_clock_ns() - begin_ns);
    good = result.outcome == 0 && replay_result_balances(&result);
    replay_result_free(&result);
    return good ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}
