/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bench.h>

#include "bench_explore_report.h"
#include "host_clock.h"
#include "number_text.h"
#include "subcommand.h"

#define NS_PER_SECOND 1e9
#define SECONDS_MAX   3600.0
#define COUNT_MAX     UINT64_C(1000000000000)

enum { OPTION_FOR = 1000, OPTION_COUNT, OPTION_ONLY, OPTION_JSON, OPTION_HELP, SIZE_COUNT = 4,
       DEVICE_COUNT = 2, LINE_COUNT = DEVICE_COUNT * 2 * SIZE_COUNT + 1 + 2 * DEVICE_COUNT,
       NAME_BYTES = 32 };

static const struct option long_options[] = {
    {"for", required_argument, NULL, OPTION_FOR},   {"count", required_argument, NULL, OPTION_COUNT},
    {"only", required_argument, NULL, OPTION_ONLY}, {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},       {NULL, 0, NULL, 0},
};

static const size_t sizes[SIZE_COUNT] = {64, 576, 1400, 9000};

/* One thing that is measured. */
struct line {
    char name[NAME_BYTES]; /* as after --only */
    enum { LINE_PACKETS, LINE_BOOTS, LINE_CYCLES, LINE_EXPLORATIONS } kind;
    struct bench_path path;
    struct bench_result result;
    size_t memory_bytes; /* of cycles */
};

struct options {
    struct bench_budget budget;
    const char *only;
    bool json;
};

static void
print_help(void)
{
    puts("usage: tuntapsim bench [--for SECONDS] [--count N] [--only NAME] [--json]\n"
         "       tuntapsim bench explore [--for SECONDS] [--jobs J] [--only NAME]\n"
         "\n"
         "Measures in this host's time: packets from write(2) to the IP stack and from the stack to\n"
         "read(2), boots and whole life cycles of emulated Macs, the memory of one, runs of explore; or\n"
         "exploring alone, see bench explore --help.\n"
         "\n"
         "  --for SECONDS  for each measurement; default 0.5\n"
         "  --count N      packets, boots or cycles for each measurement instead of a time\n"
         "  --only NAME    one measurement, as \"tun-write-64\", \"tap-read-9000\", \"boot\", \"tun-cycle\",\n"
         "                 \"tun-explore\"\n"
         "  --json         the results as JSON\n"
         "\n"
         "Exit status: 0 done, 1 the emulated machine failed or lost a packet, 2 bad use.");
}

/* --- what there is to measure --------------------------------------------------------------------- */

static const char *
device_text(const struct line *line)
{
    return line->path.device == PACKET_DEVICE_TAP ? "tap" : "tun";
}

static const char *
direction_text(const struct line *line)
{
    return line->path.direction == BENCH_WRITE ? "write" : "read";
}

static void
line_name(struct line *line)
{
    if (line->kind == LINE_PACKETS)
        snprintf(line->name, sizeof(line->name), "%s-%s-%zu", device_text(line), direction_text(line),
                 line->path.bytes);
    else if (line->kind == LINE_BOOTS)
        snprintf(line->name, sizeof(line->name), "boot");
    else
        snprintf(line->name, sizeof(line->name), "%s-%s", device_text(line),
                 line->kind == LINE_CYCLES ? "cycle" : "explore");
}

static void
lines_make(struct line lines[LINE_COUNT])
{
    struct line *line = lines;

    for (int device = 0; device < DEVICE_COUNT; device++) {
        for (int direction = 0; direction < 2; direction++) {
            for (int size = 0; size < SIZE_COUNT; size++, line++) {
                line->kind = LINE_PACKETS;
                line->path = (struct bench_path){(enum packet_device)device,
                                                 (enum bench_direction)direction, sizes[size]};
            }
        }
    }
    (line++)->kind = LINE_BOOTS;
    for (int device = 0; device < DEVICE_COUNT; device++, line++) {
        line->kind = LINE_CYCLES;
        line->path.device = (enum packet_device)device;
    }
    for (int device = 0; device < DEVICE_COUNT; device++, line++) {
        line->kind = LINE_EXPLORATIONS;
        line->path.device = (enum packet_device)device;
    }
    for (int i = 0; i < LINE_COUNT; i++)
        line_name(&lines[i]);
}

static bool
line_is_wanted(const struct line *line, const struct options *options)
{
    return options->only == NULL || strcmp(options->only, line->name) == 0;
}

static bool
line_measure(struct line *line, const struct bench_budget *budget)
{
    char error[BENCH_ERROR_BYTES] = "";
    bool good = false;

    switch (line->kind) {
    case LINE_PACKETS:
        good = bench_packets(&line->path, budget, &line->result, error);
        break;
    case LINE_BOOTS:
        good = bench_boots(budget, &line->result, error);
        break;
    case LINE_CYCLES:
        good = bench_cycles(line->path.device, budget, &line->result, &line->memory_bytes, error);
        break;
    case LINE_EXPLORATIONS:
        good = bench_explorations(line->path.device == PACKET_DEVICE_TAP ? "tap-life" : "tun-life",
                                  budget, &line->result, error);
        break;
    }
    if (!good)
        fprintf(stderr, "tuntapsim: bench: %s: %s\n", line->name, error);
    return good;
}

/* --- report ---------------------------------------------------------------------------------------- */

static double
ns_each(const struct line *line)
{
    return line->result.count == 0 ? 0 : (double)line->result.ns / (double)line->result.count;
}

static double
per_second(const struct line *line)
{
    return line->result.ns == 0 ? 0 : NS_PER_SECOND / ns_each(line);
}

static void
print_line(const struct line *line)
{
    if (line->kind == LINE_PACKETS)
        printf("%s  %-14s  %5zu bytes %10.0f ns %12.0f packets/s\n", device_text(line),
               line->path.direction == BENCH_WRITE ? "write -> stack" : "stack -> read",
               line->path.bytes, ns_each(line), per_second(line));
    else if (line->kind == LINE_BOOTS)
        printf("     %-26s %10.0f ns %12.0f boots/s\n", "boot", ns_each(line), per_second(line));
    else if (line->kind == LINE_EXPLORATIONS)
        printf("%s  %-26s %10.0f ns %12.0f executions/s\n", device_text(line),
               "life with three threads", ns_each(line), per_second(line));
    else
        printf("%s  %-26s %10.0f ns %12.0f cycles/s   %zu KiB of memory\n", device_text(line),
               "full life cycle", ns_each(line), per_second(line), line->memory_bytes / 1024);
}

static void
print_json_line(const struct line *line)
{
    printf("    {\"name\": \"%s\", \"count\": %" PRIu64 ", \"ns\": %" PRIu64
           ", \"ns_each\": %.1f, \"per_second\": %.1f",
           line->name, line->result.count, line->result.ns, ns_each(line), per_second(line));
    if (line->kind == LINE_PACKETS)
        printf(", \"device\": \"%s\", \"direction\": \"%s\", \"bytes\": %zu", device_text(line),
               direction_text(line), line->path.bytes);
    if (line->kind == LINE_EXPLORATIONS)
        printf(", \"device\": \"%s\"", device_text(line));
    if (line->kind == LINE_CYCLES)
        printf(", \"device\": \"%s\", \"memory_bytes\": %zu", device_text(line), line->memory_bytes);
    putchar('}');
}

static void
print_json(const struct line lines[LINE_COUNT], const struct options *options)
{
    const char *separator = "";

    printf("{\n  \"version\": \"%s\",\n  \"measurements\": [\n", TUNTAP_VERSION);
    for (int i = 0; i < LINE_COUNT; i++) {
        if (line_is_wanted(&lines[i], options)) {
            fputs(separator, stdout);
            print_json_line(&lines[i]);
            separator = ",\n";
        }
    }
    puts("\n  ]\n}");
}

/* --- arguments ------------------------------------------------------------------------------------- */

static bool
complain(const char *option, const char *text)
{
    fprintf(stderr, "tuntapsim: bench: %s: not understood: %s\n", option, text);
    return false;
}

static bool
parse_only(const char *text, const struct line lines[LINE_COUNT], struct options *options)
{
    options->only = text;
    for (int i = 0; i < LINE_COUNT; i++) {
        if (line_is_wanted(&lines[i], options))
            return true;
    }
    return complain("--only", text);
}

static bool
parse_option(int option, const struct line lines[LINE_COUNT], struct options *options)
{
    switch (option) {
    case OPTION_FOR:
        return number_text_parse_seconds(optarg, SECONDS_MAX, &options->budget.for_ns) ||
               complain("--for", optarg);
    case OPTION_COUNT:
        return number_text_parse(optarg, 1, COUNT_MAX, &options->budget.count) ||
               complain("--count", optarg);
    case OPTION_ONLY:
        return parse_only(optarg, lines, options);
    case OPTION_JSON:
        options->json = true;
        return true;
    default:
        return false; /* getopt has said why */
    }
}

int
subcommand_bench(int argc, char **argv)
{
    struct options options = {.budget = {host_clock_ns, UINT64_C(500000000), 0}};
    struct line lines[LINE_COUNT] = {0};
    int option;

    if (argc > 1 && strcmp(argv[1], "explore") == 0)
        return bench_explore_main(argc - 1, argv + 1);
    lines_make(lines);
    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            return EXIT_STATUS_OK;
        }
        if (!parse_option(option, lines, &options))
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind != argc) {
        fprintf(stderr, "tuntapsim: bench: %s: no operand is wanted; see --help\n", argv[optind]);
        return EXIT_STATUS_BAD_INPUT;
    }
    for (int i = 0; i < LINE_COUNT; i++) {
        if (!line_is_wanted(&lines[i], &options))
            continue;
        if (!line_measure(&lines[i], &options.budget))
            return EXIT_STATUS_FAILED;
        if (!options.json) {
            print_line(&lines[i]);
            fflush(stdout);
        }
    }
    if (options.json)
        print_json(lines, &options);
    return EXIT_STATUS_OK;
}
