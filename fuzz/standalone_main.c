/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fuzz target without an engine: fuzz_NAME [FILE | FOLDER | -]...
 *
 * Each file, each file below a folder (in the order of their names) and, for "-" or no word at all, what
 * stands on standard input is one input, run once and in order. Each lies in memory of exactly its
 * length, so that tools see what is read behind it. An input that crashes ends the process by its
 * signal; which it was is then the last line on stderr of `TUNTAP_FUZZ_VERBOSE=1 fuzz_NAME ...`.
 *
 * Exit status 0: all were run (standard output says how many), 2: something could not be read, or a folder
 * holds nothing; one line on stderr says what.
 */
#define _DEFAULT_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *count, char ***words);

/* Most targets have none. */
__attribute__((weak)) int
LLVMFuzzerInitialize(int *count, char ***words)
{
    (void)count;
    (void)words;
    return 0;
}

static const char *program;
static unsigned long input_count;

static bool
complain(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", program, path, what);
    return false;
}

static void
input_run(const char *path, const uint8_t *bytes, size_t length)
{
    uint8_t *exact = malloc(length == 0 ? 1 : length);

    if (exact == NULL)
        abort();
    if (length > 0)
        memcpy(exact, bytes, length);
    if (getenv("TUNTAP_FUZZ_VERBOSE") != NULL)
        fprintf(stderr, "%s: %zu bytes\n", path, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    input_count++;
}

static bool
stream_run(const char *path, FILE *stream)
{
    size_t capacity = 0, length = 0, got;
    uint8_t *bytes = NULL;
    bool good;

    do {
        if (length == capacity) {
            capacity = capacity == 0 ? 4096 : capacity * 2;
            bytes = realloc(bytes, capacity);
            if (bytes == NULL)
                abort();
        }
        got = fread(bytes + length, 1, capacity - length, stream);
        length += got;
    } while (got > 0);
    good = ferror(stream) == 0 || complain(path, strerror(errno));
    if (good)
        input_run(path, bytes, length);
    free(bytes);
    return good;
}

static bool path_run(const char *path);

static int
entry_is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int
entry_compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
folder_run(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, entry_is_visible, entry_compare);
    bool good = true;

    if (count < 0)
        return complain(folder, strerror(errno));
    if (count == 0)
        good = complain(folder, "no input in it");
    for (int i = 0; i < count; i++) {
        size_t bytes = strlen(folder) + strlen(entries[i]->d_name) + 2;
        char *path = malloc(bytes);

        if (path == NULL)
            abort();
        snprintf(path, bytes, "%s/%s", folder, entries[i]->d_name);
        good = path_run(path) && good;
        free(path);
        free(entries[i]);
    }
    free(entries);
    return good;
}

static bool
path_run(const char *path)
{
    struct stat status;
    FILE *stream;
    bool good;

    if (strcmp(path, "-") == 0)
        return stream_run("standard input", stdin);
    if (stat(path, &status) != 0)
        return complain(path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return folder_run(path);
    stream = fopen(path, "rb");
    if (stream == NULL)
        return complain(path, strerror(errno));
    good = stream_run(path, stream);
    fclose(stream);
    return good;
}

int
main(int count, char **words)
{
    bool good = true;

    program = strrchr(words[0], '/') == NULL ? words[0] : strrchr(words[0], '/') + 1;
    if (LLVMFuzzerInitialize(&count, &words) != 0)
        return 2;
    if (count > 1 && words[1][0] == '-' && words[1][1] != '\0') {
        fprintf(stderr, "usage: %s [FILE | FOLDER | -]...\n", program);
        return 2;
    }
    for (int i = 1; i < count; i++)
        good = path_run(words[i]) && good;
    if (count <= 1)
        good = path_run("-");
    printf("%s: %lu inputs\n", program, input_count);
    return good ? 0 : 2;
}
