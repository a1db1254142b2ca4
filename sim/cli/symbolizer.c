/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE  1
#define _DARWIN_C_SOURCE 1

#include "symbolizer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENT_BYTES = 4200, FIXED_ARGUMENTS = 4, NOT_FOUND = 127 };

static const char *const programs[] = {"llvm-symbolizer", "llvm-symbolizer-22", "llvm-symbolizer-19",
                                       "llvm-symbolizer-14"};

/* The child's part; returns only by its exit. */
static void
become(char **arguments, int output)
{
    const char *chosen = getenv("LLVM_SYMBOLIZER");
    int nowhere = open("/dev/null", O_RDWR);

    dup2(nowhere, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    if (chosen != NULL) {
        execvp(chosen, arguments);
        _exit(NOT_FOUND);
    }
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        execvp(programs[i], arguments);
    _exit(NOT_FOUND);
}

/* Groups of lines with an empty one behind each. */
static void
read_groups(FILE *from, size_t count, char (*texts)[SYMBOLIZER_TEXT_BYTES])
{
    char line[SYMBOLIZER_TEXT_BYTES];
    size_t at = 0;

    while (at < count && fgets(line, sizeof(line), from) != NULL) {
        size_t length = strlen(texts[at]);

        if (strcmp(line, "\n") == 0)
            at++;
        else if (strncmp(line, "??", 2) != 0)
            snprintf(texts[at] + length, SYMBOLIZER_TEXT_BYTES - length, "%s", line);
    }
    while (fgets(line, sizeof(line), from) != NULL)
        continue; /* so that the program can end */
}

static int
run(char **arguments, size_t count, char (*texts)[SYMBOLIZER_TEXT_BYTES])
{
    int ends[2], status = 0;
    pid_t child;
    FILE *from;

    if (pipe(ends) != 0)
        return errno;
    child = fork();
    if (child == 0)
        become(arguments, ends[1]);
    close(ends[1]);
    from = child > 0 ? fdopen(ends[0], "r") : NULL;
    if (from == NULL) {
        close(ends[0]);
        return child < 0 ? EAGAIN : ENOMEM;
    }
    read_groups(from, count, texts);
    fclose(from);
    if (waitpid(child, &status, 0) != child)
        return ECHILD;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return ENOENT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

int
symbolizer_run(const char *executable, const char *lines, const uint64_t *offsets, size_t count,
               char (*texts)[SYMBOLIZER_TEXT_BYTES])
{
    char object[ARGUMENT_BYTES], hint[ARGUMENT_BYTES], pretty[] = "--pretty-print", name[] = "llvm-symbolizer";
    char **arguments = calloc(count + FIXED_ARGUMENTS + 1, sizeof(*arguments));
    char(*numbers)[24] = calloc(count, sizeof(*numbers));
    int at = 0, error = ENOMEM;

    if (arguments == NULL || numbers == NULL)
        goto out;
    snprintf(object, sizeof(object), "--obj=%s", executable);
    snprintf(hint, sizeof(hint), "--dsym-hint=%s", lines != NULL ? lines : "");
    arguments[at++] = name;
    arguments[at++] = object;
    arguments[at++] = pretty;
    if (lines != NULL)
        arguments[at++] = hint;
    for (size_t i = 0; i < count; i++) {
        snprintf(numbers[i], sizeof(numbers[i]), "0x%llx", (unsigned long long)offsets[i]);
        arguments[at++] = numbers[i];
        texts[i][0] = '\0';
    }
    error = run(arguments, count, texts);

out:
    free(numbers);
    free(arguments);
    return error;
}
