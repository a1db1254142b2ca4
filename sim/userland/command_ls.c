/* SPDX-License-Identifier: BSD-2-Clause */
/* ls, of /dev: there is no other file system here. */
#include <stdlib.h>
#include <string.h>

#include <machine.h>
#include <system.h>

#include "clock_text.h"
#include "command_list.h"

enum { NODES_MAX = 512, HEX_DEVICES_FROM = 21 /* darwin */ };

static void
mode_text(char text[12], const struct ksim_device_status *status)
{
    static const char letters[] = "rwxrwxrwx";

    text[0] = (status->mode & 0170000) == 0060000 ? 'b' : 'c';
    for (int bit = 0; bit < 9; bit++)
        text[1 + bit] = (status->mode >> (8 - bit) & 1) != 0 ? letters[bit] : '-';
    text[10] = '\0';
}

static const char *
owner_text(char text[16], unsigned id, const char *of_root)
{
    if (id == 0)
        return of_root;
    machine_format(text, 16, "%u", id);
    return text;
}

/* The length of the text. */
static int
device_text(char text[24], struct command_call *call, const struct ksim_device_status *status)
{
    if (ksim_darwin_major(call->kernel) >= HEX_DEVICES_FROM)
        return machine_format(text, 24, "%#x", status->major << 24 | status->minor);
    return machine_format(text, 24, "%3u, %3u", status->major, status->minor);
}

/* How wide the column of devices has to be for these. */
static int
device_width(struct command_call *call, const char *const *names, unsigned count)
{
    struct ksim_device_status status;
    char text[24];
    int width = 0, one;

    for (unsigned i = 0; i < count; i++) {
        one = ksim_system_device_status(call->kernel, names[i], &status)
                  ? device_text(text, call, &status)
                  : 0;
        width = one > width ? one : width;
    }
    return width;
}

static void
print_node(struct command_call *call, const char *name, const struct ksim_device_status *status,
           int width)
{
    char mode[12], user[16], group[16], date[CLOCK_TEXT_BYTES], device[24];

    mode_text(mode, status);
    (void)device_text(device, call, status);
    command_print(call, "%s  1 %s  %s  %*s %s %s\n", mode, owner_text(user, status->uid, "root"),
                  owner_text(group, status->gid, "wheel"), width, device,
                  clock_text_listing(date, status->made_ns), name);
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void
list_folder(struct command_call *call, bool all_columns)
{
    const char **names = command_keep(call, NODES_MAX * sizeof(*names));
    struct ksim_device_status status;
    unsigned count = 0;

    while (count < NODES_MAX &&
           (names[count] = ksim_system_device_name(call->kernel, count)) != NULL)
        count++;
    qsort(names, count, sizeof(*names), compare_names);
    if (all_columns)
        command_print(call, "total 0\n");
    for (unsigned i = 0; i < count; i++) {
        if (!all_columns)
            command_print(call, "%s\n", names[i]);
        else if (ksim_system_device_status(call->kernel, names[i], &status))
            print_node(call, names[i], &status, device_width(call, names, count));
    }
}

static int
list_one(struct command_call *call, const char *path, bool all_columns, int width)
{
    struct ksim_device_status status;

    if (strcmp(path, "/dev") == 0 || strcmp(path, "/dev/") == 0) {
        list_folder(call, all_columns);
        return COMMAND_OK;
    }
    if (strncmp(path, "/dev/", 5) != 0 ||
        !ksim_system_device_status(call->kernel, path, &status))
        return command_error(call, path, -KSIM_ENOENT);
    if (all_columns)
        print_node(call, path, &status, width);
    else
        command_print(call, "%s\n", path);
    return COMMAND_OK;
}

static int
run_ls(struct command_call *call)
{
    bool all_columns = call->argc > 1 && strcmp(call->argv[1], "-l") == 0;
    int first = all_columns ? 2 : 1, status = COMMAND_OK, width;

    if (call->argc == first)
        return command_usage(call);
    width = device_width(call, (const char *const *)call->argv + first,
                         (unsigned)(call->argc - first));
    for (int i = first; i < call->argc; i++) {
        if (list_one(call, call->argv[i], all_columns, width) != COMMAND_OK)
            status = COMMAND_FAILED;
    }
    return status;
}

const struct command command_ls = {"ls", "[-l] /dev | /dev/NAME ...", "list devices", run_ls};
