/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE 1
#include "input_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void
refused(const char *what)
{
    perror(what);
    exit(2);
}

void
input_folder_start(struct input_folder *folder)
{
    snprintf(folder->path, sizeof(folder->path), "%s/tuntap-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder->path) == NULL)
        refused(folder->path);
}

void
input_folder_name(const struct input_folder *folder, const char *name, char path[INPUT_PATH_BYTES])
{
    snprintf(path, INPUT_PATH_BYTES, "%s/%s", folder->path, name);
}

void
input_folder_put(const struct input_folder *folder, const char *name, const uint8_t *bytes, size_t length,
                 char path[INPUT_PATH_BYTES])
{
    FILE *file;

    input_folder_name(folder, name, path);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        refused(path);
}

unsigned
input_folder_end(const struct input_folder *folder)
{
    DIR *directory = opendir(folder->path);
    char path[INPUT_PATH_BYTES + 256];
    const struct dirent *entry;
    unsigned count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder->path, entry->d_name);
        count++;
        if (unlink(path) != 0)
            refused(path);
    }
    if (directory == NULL || closedir(directory) != 0 || rmdir(folder->path) != 0)
        refused(folder->path);
    return count;
}
