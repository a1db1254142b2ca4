/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <kext_bundle.h>
#include <panic_report.h>

#include "subcommand.h"
#include "symbolizer.h"

enum { OPTION_KEXT = 1000, OPTION_HELP, KEXTS_MAX = 8, PATH_BYTES = 4096 };
#define REPORT_BYTES_MAX (16L * 1024 * 1024)

static const struct option long_options[] = {
    {"kext", required_argument, NULL, OPTION_KEXT},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

struct symbols {
    unsigned kext_count;
    struct kext_bundle *kexts[KEXTS_MAX];
    char texts[PANIC_FRAMES][SYMBOLIZER_TEXT_BYTES]; /* of each frame */
};

static void
print_help(void)
{
    puts("usage: tuntapsim panic FILE [--kext FOLDER.kext ...]\n"
         "\n"
         "Says what a panic report of macOS, real or emulated, says of kexts: which frames are in which kext, and\n"
         "of the kexts that are given, in which function and, with FOLDER.kext.dSYM beside it, in which line.\n"
         "Reports as files (.panic) and as JSON (.ips); Intel's code is named. Names come from llvm-symbolizer.\n"
         "\n"
         "  --kext FOLDER.kext  the very build that panicked: its UUID is compared\n"
         "\n"
         "Exit status: 0 done, 2 not a panic report, another build, or bad use.");
}

static char *
read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    char *contents = NULL;

    if (file == NULL)
        return NULL;
    contents = malloc(REPORT_BYTES_MAX);
    errno = 0;
    if (contents != NULL)
        *bytes = fread(contents, 1, REPORT_BYTES_MAX, file);
    if (contents != NULL && ferror(file)) {
        free(contents);
        contents = NULL;
    }
    fclose(file);
    return contents;
}

/* --- symbols ----------------------------------------------------------------------------------- */

static struct kext_bundle *
bundle_of(const struct symbols *symbols, const struct panic_kext *kext)
{
    for (unsigned i = 0; i < symbols->kext_count; i++)
        if (strcmp(kext_bundle_image(symbols->kexts[i])->bundle_id, kext->bundle_id) == 0)
            return symbols->kexts[i];
    return NULL;
}

/* Another build would give wrong names without a sign of it. */
static bool
builds_match(const struct symbols *symbols, const struct panic_report *report)
{
    for (unsigned i = 0; i < report->kext_count; i++) {
        struct kext_bundle *bundle = bundle_of(symbols, &report->kexts[i]);
        unsigned char uuid[16];

        if (bundle == NULL || !report->kexts[i].has_uuid)
            continue;
        if (!kext_bundle_uuid(bundle, uuid) || memcmp(uuid, report->kexts[i].uuid, sizeof(uuid)) != 0) {
            fprintf(stderr, "tuntapsim: panic: --kext: %s: not the build of %s that panicked (another UUID)\n",
                    kext_bundle_executable(bundle), report->kexts[i].bundle_id);
            return false;
        }
    }
    return true;
}

/* Of the frames in one kext; false: there is no symbolizer. */
static bool
name_frames(struct symbols *symbols, const struct panic_report *report, struct kext_bundle *bundle)
{
    static char texts[PANIC_FRAMES][SYMBOLIZER_TEXT_BYTES];
    uint64_t offsets[PANIC_FRAMES];
    unsigned frames[PANIC_FRAMES];
    char lines[PATH_BYTES];
    struct stat status;
    size_t count = 0;

    for (unsigned i = 0; i < report->frame_count; i++) {
        const struct panic_frame *frame = &report->frames[i];
        const struct panic_kext *kext = panic_report_kext(report, frame->address);

        if (kext == NULL || bundle_of(symbols, kext) != bundle)
            continue;
        offsets[count] = frame->address - kext->begin;
        offsets[count] -= !frame->exact && offsets[count] > 0;
        frames[count++] = i;
    }
    if (count == 0)
        return true;
    snprintf(lines, sizeof(lines), "%s.dSYM", kext_bundle_path(bundle));
    if (symbolizer_run(kext_bundle_executable(bundle), stat(lines, &status) == 0 ? lines : NULL, offsets, count,
                       texts) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        memcpy(symbols->texts[frames[i]], texts[i], sizeof(texts[i]));
    return true;
}

/* --- output ------------------------------------------------------------------------------------ */

static void
print_symbol(const char *text)
{
    while (*text != '\0') {
        int length = (int)strcspn(text, "\n");

        printf("        %.*s\n", length, text);
        text += length + (text[length] == '\n');
    }
}

static void
print_report(const struct symbols *symbols, const struct panic_report *report)
{
    printf("panic: %s\n", report->message);
    for (unsigned i = 0; i < report->kext_count; i++)
        printf("kext:  %s %s at 0x%" PRIx64 " to 0x%" PRIx64 "\n", report->kexts[i].bundle_id,
               report->kexts[i].version, report->kexts[i].begin, report->kexts[i].end);
    for (unsigned i = 0; i < report->frame_count; i++) {
        const struct panic_frame *frame = &report->frames[i];
        const struct panic_kext *kext = panic_report_kext(report, frame->address);

        printf("%5u  0x%016" PRIx64, i, frame->address);
        if (kext != NULL)
            printf("  %s + 0x%" PRIx64, kext->bundle_id, frame->address - kext->begin);
        printf("%s\n", frame->exact ? "  (the fault)" : "");
        print_symbol(symbols->texts[i]);
    }
}

static int
symbolicate(struct symbols *symbols, const char *path)
{
    struct panic_report report;
    char error[PANIC_ERROR_BYTES];
    size_t bytes = 0;
    char *contents = read_file(path, &bytes);
    bool parsed, matched;

    if (contents == NULL) {
        fprintf(stderr, "tuntapsim: panic: %s: %s\n", path, strerror(errno));
        return EXIT_STATUS_BAD_INPUT;
    }
    parsed = panic_report_parse(&report, contents, bytes, error);
    free(contents);
    if (!parsed) {
        fprintf(stderr, "tuntapsim: panic: %s: %s\n", path, error);
        return EXIT_STATUS_BAD_INPUT;
    }
    matched = builds_match(symbols, &report);
    for (unsigned i = 0; matched && i < symbols->kext_count; i++)
        if (!name_frames(symbols, &report, symbols->kexts[i]))
            fputs("tuntapsim: panic: no llvm-symbolizer here: offsets without names\n", stderr);
    if (matched)
        print_report(symbols, &report);
    panic_report_free(&report);
    return matched ? EXIT_STATUS_OK : EXIT_STATUS_BAD_INPUT;
}

static bool
add_kext(struct symbols *symbols, const char *path)
{
    char error[KEXT_BUNDLE_ERROR_BYTES] = "too many kexts";
    struct kext_bundle *bundle = symbols->kext_count < KEXTS_MAX ? kext_bundle_open(path, error) : NULL;

    if (bundle == NULL) {
        fprintf(stderr, "tuntapsim: panic: --kext: %s\n", error);
        return false;
    }
    symbols->kexts[symbols->kext_count++] = bundle;
    return true;
}

int
subcommand_panic(int argc, char **argv)
{
    static struct symbols symbols;
    int option, status = EXIT_STATUS_BAD_INPUT;

    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            status = EXIT_STATUS_OK;
            goto close;
        }
        if (option != OPTION_KEXT || !add_kext(&symbols, optarg))
            goto close;
    }
    if (optind + 1 != argc)
        fputs("tuntapsim: panic: one file is wanted; see --help\n", stderr);
    else
        status = symbolicate(&symbols, argv[optind]);

close:
    while (symbols.kext_count > 0)
        kext_bundle_close(symbols.kexts[--symbols.kext_count]);
    return status;
}
