/* SPDX-License-Identifier: BSD-2-Clause */
#include "unified_diff.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { PATH_BYTES = 4096 };

/* A file of its own with this text; its name in `path`. */
static bool
write_side(char path[PATH_BYTES], const char *text)
{
    const char *folder = getenv("TMPDIR");
    size_t length = strlen(text), done = 0;
    ssize_t written;
    int fd;

    snprintf(path, PATH_BYTES, "%s/tuntapsim-XXXXXX", folder != NULL ? folder : "/tmp");
    fd = mkstemp(path);
    if (fd < 0)
        return false;
    while (done < length && (written = write(fd, text + done, length - done)) > 0)
        done += (size_t)written;
    if (close(fd) == 0 && done == length)
        return true;
    unlink(path);
    return false;
}

static bool
run_diff(const char *label_before, const char *label_after, const char *before, const char *after)
{
    const char *const arguments[] = {"diff", "-u", "-L", label_before, "-L", label_after,
                                     before, after, NULL};
    pid_t child;
    int status;
    int error = posix_spawnp(&child, "diff", NULL, NULL, (char *const *)(uintptr_t)arguments, environ);

    if (error != 0) {
        errno = error;
        return false;
    }
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

bool
unified_diff_print(const char *path, const char *before, const char *after)
{
    char before_path[PATH_BYTES], after_path[PATH_BYTES], label[PATH_BYTES + 16];
    bool done = false;

    fflush(stdout);
    snprintf(label, sizeof(label), "%s (as it ran)", path);
    if (write_side(before_path, before)) {
        if (write_side(after_path, after)) {
            done = run_diff(path, label, before_path, after_path);
            unlink(after_path);
        }
        unlink(before_path);
    }
    if (!done)
        fprintf(stderr, "tuntapsim: diff of %s: %s\n", path, strerror(errno));
    return done;
}
