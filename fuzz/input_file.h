/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_INPUT_FILE_H
#define FUZZ_INPUT_FILE_H

/*
 * An input as a file, for code that reads files only: in a folder of its own, which is gone after the input, whatever was
 * written there (input_folder_end says whether something was left behind that should not be).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INPUT_PATH_BYTES = 128 };

struct input_folder {
    char path[INPUT_PATH_BYTES - 32];
};

/* In memory, where the host has that as a folder. Ends the process, with a line, when the host refuses. */
void input_folder_start(struct input_folder *folder);
/* Writes FOLDER/NAME; its path in `path`. */
void input_folder_put(const struct input_folder *folder, const char *name, const uint8_t *bytes, size_t length,
                      char path[INPUT_PATH_BYTES]);
/* FOLDER/NAME. */
void input_folder_name(const struct input_folder *folder, const char *name, char path[INPUT_PATH_BYTES]);
/* Removes it with all files in it; how many there were. */
unsigned input_folder_end(const struct input_folder *folder);

#endif
