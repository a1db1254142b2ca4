/* SPDX-License-Identifier: BSD-2-Clause */
#include "packet_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_load.h"
#include "command.h"

enum { PATH_BYTES = 1024, LINE_BYTES = 512, NAME_BYTES = 128 };

static bool
fail(char error[PACKET_NAME_ERROR_BYTES], const char *name, const char *what)
{
    snprintf(error, PACKET_NAME_ERROR_BYTES, "%s: %s", name, what);
    return false;
}

/* What NAMES says of a word; false: it is not there. */
static bool
look_up(const char *folder, const char *word, char meaning[NAME_BYTES])
{
    char path[PATH_BYTES], line[LINE_BYTES], name[NAME_BYTES];
    bool found = false;
    FILE *file;

    snprintf(path, sizeof(path), "%s/NAMES", folder);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), file) != NULL)
        found = line[0] != '#' && sscanf(line, "%127s %127s", name, meaning) == 2 &&
                strcmp(name, word) == 0;
    fclose(file);
    return found;
}

/* The packet `number` of a capture. */
static bool
take_packet(struct packet_named *packet, const char *path, const char *name, int64_t number,
            char error[PACKET_NAME_ERROR_BYTES])
{
    struct capture capture;
    const struct capture_packet *found;

    if (!capture_load(&capture, path, error))
        return false;
    if ((uint64_t)number > capture.count) {
        capture_free(&capture);
        return fail(error, name, "the capture has no packet of that number");
    }
    found = &capture.packets[number - 1];
    packet->link = capture.link;
    packet->length = found->captured_bytes;
    packet->bytes = malloc(found->captured_bytes + 1);
    if (packet->bytes != NULL)
        memcpy(packet->bytes, found->bytes, found->captured_bytes);
    capture_free(&capture);
    return packet->bytes != NULL || fail(error, name, "out of memory");
}

bool
packet_name_load(struct packet_named *packet, const char *folder, const char *name,
                 char error[PACKET_NAME_ERROR_BYTES])
{
    char meaning[NAME_BYTES], path[PATH_BYTES];
    char *colon;
    int64_t number;

    memset(packet, 0, sizeof(*packet));
    if (folder == NULL)
        return fail(error, name, "there is no folder named captures here or above");
    if (strchr(name, ':') != NULL)
        snprintf(meaning, sizeof(meaning), "%s", name);
    else if (!look_up(folder, name, meaning))
        return fail(error, name, "no packet of that name");
    colon = strrchr(meaning, ':');
    if (colon == NULL || !command_number(colon + 1, 1, INT32_MAX, &number))
        return fail(error, name, "not a packet of a capture (FILE:NUMBER)");
    *colon = '\0';
    if (strstr(meaning, "..") != NULL || meaning[0] == '/')
        return fail(error, name, "captures are looked for in one folder only");
    snprintf(path, sizeof(path), "%s/%s", folder, meaning);
    return take_packet(packet, path, name, number, error);
}

void
packet_named_free(struct packet_named *packet)
{
    free(packet->bytes);
    memset(packet, 0, sizeof(*packet));
}
