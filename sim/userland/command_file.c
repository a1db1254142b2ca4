/* SPDX-License-Identifier: BSD-2-Clause */
/* open, close, read, write, ioctl, dup: the system calls on descriptors, typed by hand. */
#include <ctype.h>
#include <string.h>

#include <system.h>

#include "command_list.h"

enum { DESCRIPTOR_MAX = 4096, TRANSFER_MAX = 1 << 20 };

static bool
take_descriptor(struct command_call *call, int index, int *fd)
{
    int64_t value;

    if (index >= call->argc || !command_number(call->argv[index], -1, DESCRIPTOR_MAX, &value))
        return false;
    *fd = (int)value;
    return true;
}

/* --- open, close, dup -------------------------------------------------------------------------- */

static int
run_open(struct command_call *call)
{
    static const struct {
        const char *word;
        int flags;
    } modes[] = {{"r", KSIM_O_RDONLY}, {"w", KSIM_O_WRONLY}, {"rw", KSIM_O_RDWR},
                 {"nonblock", KSIM_O_NONBLOCK}};
    int flags = 0, fd;

    if (call->argc < 2)
        return command_usage(call);
    for (int i = 2; i < call->argc; i++) {
        size_t mode = 0;

        while (mode < sizeof(modes) / sizeof(modes[0]) &&
               strcmp(call->argv[i], modes[mode].word) != 0)
            mode++;
        if (mode == sizeof(modes) / sizeof(modes[0]))
            return command_usage(call);
        flags |= modes[mode].flags;
    }
    fd = ksim_system_open(call->process, call->argv[1], flags);
    if (fd < 0)
        return command_error(call, NULL, fd);
    command_print(call, "%d\n", fd);
    return COMMAND_OK;
}

const struct command command_open = {"open", "PATH [r | w | rw] [nonblock]",
                                     "open(2): prints the descriptor", run_open};

static int
run_close(struct command_call *call)
{
    int fd, result;

    if (call->argc != 2 || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    result = ksim_system_close(call->process, fd);
    return result < 0 ? command_error(call, NULL, result) : COMMAND_OK;
}

const struct command command_close = {"close", "FD", "close(2)", run_close};

static int
run_dup(struct command_call *call)
{
    int fd, to, result;

    if (call->argc < 2 || call->argc > 3 || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    if (call->argc == 2)
        result = ksim_system_dup(call->process, fd);
    else if (take_descriptor(call, 2, &to))
        result = ksim_system_dup2(call->process, fd, to);
    else
        return command_usage(call);
    if (result < 0)
        return command_error(call, NULL, result);
    command_print(call, "%d\n", result);
    return COMMAND_OK;
}

const struct command command_dup = {"dup", "FD [TO]", "dup(2), dup2(2): prints the descriptor",
                                    run_dup};

/* --- read and write ---------------------------------------------------------------------------- */

static void
print_hex(struct command_call *call, const uint8_t *bytes, size_t length)
{
    for (size_t line = 0; line < length; line += 16) {
        command_print(call, "\t0x%04zx: ", line);
        for (size_t i = line; i < line + 16 && i < length; i++)
            command_print(call, "%s%02x", (i - line) % 2 == 0 ? " " : "", bytes[i]);
        command_print(call, "\n");
    }
}

static int
run_read(struct command_call *call)
{
    bool hex = call->argc == 4 && strcmp(call->argv[1], "-x") == 0;
    int first = hex ? 2 : 1, fd;
    int64_t bytes, result;
    uint8_t *buffer;

    if (call->argc != first + 2 || !take_descriptor(call, first, &fd) ||
        !command_number(call->argv[first + 1], 0, TRANSFER_MAX, &bytes))
        return command_usage(call);
    buffer = command_keep(call, (uint64_t)bytes + 1);
    result = ksim_system_read(call->process, fd, buffer, (size_t)bytes);
    if (result < 0)
        return command_error(call, NULL, result);
    command_print(call, "%lld bytes\n", (long long)result);
    if (hex)
        print_hex(call, buffer, (size_t)result);
    return COMMAND_OK;
}

const struct command command_read = {"read", "[-x] FD BYTES", "read(2): -x shows what came",
                                     run_read};

static int
hex_digit(char digit)
{
    if (isdigit((unsigned char)digit))
        return digit - '0';
    digit = (char)tolower((unsigned char)digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Hex digits in pairs from the words of the command; false: something else is among them. */
static bool
take_hex(struct command_call *call, int first, uint8_t *out, size_t *length)
{
    *length = 0;
    for (int i = first; i < call->argc; i++) {
        for (const char *at = call->argv[i]; *at != '\0'; at += 2) {
            int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);

            if (low < 0)
                return false;
            out[(*length)++] = (uint8_t)(high << 4 | low);
        }
    }
    return true;
}

static int
run_write(struct command_call *call)
{
    size_t room = 1, length = 0;
    uint8_t *bytes;
    int64_t result;
    int fd;

    if (call->argc < 2 || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    for (int i = 2; i < call->argc; i++)
        room += strlen(call->argv[i]);
    bytes = command_keep(call, room);
    if (!take_hex(call, 2, bytes, &length))
        return command_usage(call);
    result = ksim_system_write(call->process, fd, bytes, length);
    if (result < 0)
        return command_error(call, NULL, result);
    command_print(call, "%lld bytes\n", (long long)result);
    return COMMAND_OK;
}

const struct command command_write = {"write", "FD HEX...", "write(2) of bytes given as hex digits",
                                      run_write};

/* --- ioctl ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned long command;
    bool takes, gives; /* an int */
} ioctls[] = {
    {"FIONBIO", 0x8004667eUL, true, false},   {"FIOASYNC", 0x8004667dUL, true, false},
    {"FIONREAD", 0x4004667fUL, false, true},  {"TUNSIFHEAD", 0x80047460UL, true, false},
    {"TUNGIFHEAD", 0x40047461UL, false, true},
};

static int
run_ioctl(struct command_call *call)
{
    int64_t argument = 0, number;
    size_t entry = 0;
    int32_t *value = command_keep(call, 8192); /* IOCPARM_MAX for numbers that are not known here */
    int fd, result;

    if (call->argc < 3 || call->argc > 4 || !take_descriptor(call, 1, &fd) ||
        (call->argc == 4 && !command_number(call->argv[3], INT32_MIN, INT32_MAX, &argument)))
        return command_usage(call);
    while (entry < sizeof(ioctls) / sizeof(ioctls[0]) &&
           strcmp(ioctls[entry].name, call->argv[2]) != 0)
        entry++;
    if (entry < sizeof(ioctls) / sizeof(ioctls[0]))
        number = (int64_t)ioctls[entry].command;
    else if (!command_number(call->argv[2], 0, UINT32_MAX, &number))
        return command_usage(call);
    value[0] = (int32_t)argument;
    result = ksim_system_ioctl(call->process, fd, (unsigned long)number, value);
    if (result < 0)
        return command_error(call, call->argv[2], result);
    if (entry < sizeof(ioctls) / sizeof(ioctls[0]) && ioctls[entry].gives)
        command_print(call, "%d\n", value[0]);
    return COMMAND_OK;
}

const struct command command_ioctl = {"ioctl", "FD NAME [VALUE]",
                                      "ioctl(2): FIONBIO, FIOASYNC, FIONREAD, TUNSIFHEAD, "
                                      "TUNGIFHEAD or a number",
                                      run_ioctl};
