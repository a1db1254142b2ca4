/* SPDX-License-Identifier: BSD-2-Clause */
/* open, close, read, write, ioctl, dup, revoke: the system calls on descriptors, typed by hand. */
#include <ctype.h>
#include <string.h>

#include <system.h>

#include "capture_file.h"
#include "command_list.h"
#include "interface_request.h"
#include "packet_name.h"
#include "packet_text.h"
#include "terminal.h"

#define GET_HEADER_MODE 0x40047461UL /* TUNGIFHEAD */

enum { DESCRIPTOR_MAX = 4096, TRANSFER_MAX = 1 << 20, VECTORS_MAX = 16, DEVICE_PATH_BYTES = 64 };

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

static int
run_revoke(struct command_call *call)
{
    int result;

    if (call->argc != 2)
        return command_usage(call);
    result = ksim_system_revoke(call->process, call->argv[1]);
    return result < 0 ? command_error(call, call->argv[1], result) : COMMAND_OK;
}

const struct command command_revoke = {"revoke", "PATH",
                                       "revoke(2): takes a device from all who have it open",
                                       run_revoke};

/* --- read -------------------------------------------------------------------------------------- */

/*
 * How what is read from a descriptor begins, by the device it is of: frames from a tap, packets from a tun,
 * with a header when the session has it on. False: nobody knows.
 */
static bool
link_of_descriptor(struct command_call *call, int fd, int *link)
{
    char path[DEVICE_PATH_BYTES];
    int32_t header = 0;

    if (ksim_system_descriptor_path(call->process, fd, path, sizeof(path)) != 0)
        return false;
    if (strncmp(path, "/dev/tap", 8) == 0) {
        *link = CAPTURE_LINK_ETHERNET;
        return true;
    }
    if (strncmp(path, "/dev/tun", 8) != 0)
        return false;
    (void)ksim_system_ioctl(call->process, fd, GET_HEADER_MODE, &header);
    *link = header != 0 ? CAPTURE_LINK_LOOP : CAPTURE_LINK_RAW;
    return true;
}

struct read_options {
    bool hex, quiet;
};

static void
print_read(struct command_call *call, int fd, const uint8_t *bytes, int64_t length,
           const struct read_options *options)
{
    static const struct packet_text_options numeric = {0};
    struct text text = {0};
    int link;

    text_add(&text, "%lld bytes", (long long)length);
    if (!options->quiet && length > 0 && link_of_descriptor(call, fd, &link)) {
        text_add(&text, ": ");
        packet_text_add(&text, link, bytes, (size_t)length, (size_t)length, &numeric);
    }
    text_add(&text, "\n");
    if (options->hex)
        packet_text_add_hex(&text, bytes, (size_t)length);
    command_print(call, "%s", text_bytes(&text));
    text_free(&text);
}

static int
take_read_options(struct command_call *call, struct read_options *options)
{
    int first = 1;

    for (; first < call->argc && call->argv[first][0] == '-'; first++) {
        if (strcmp(call->argv[first], "-x") == 0)
            options->hex = true;
        else if (strcmp(call->argv[first], "-q") == 0)
            options->quiet = true;
        else
            break;
    }
    return first;
}

static int
run_read(struct command_call *call)
{
    struct read_options options = {0};
    int first = take_read_options(call, &options), fd;
    int64_t bytes, result;
    uint8_t *buffer;

    if (call->argc != first + 2 || !take_descriptor(call, first, &fd) ||
        !command_number(call->argv[first + 1], 0, TRANSFER_MAX, &bytes))
        return command_usage(call);
    buffer = command_keep(call, (uint64_t)bytes + 1);
    result = ksim_system_read(call->process, fd, buffer, (size_t)bytes);
    if (result < 0)
        return command_error(call, NULL, result);
    print_read(call, fd, buffer, result, &options);
    return COMMAND_OK;
}

const struct command command_read = {"read", "[-x | -q] FD BYTES",
                                     "read(2): says what came; -x shows it, -q says the length only",
                                     run_read};

static int
run_readv(struct command_call *call)
{
    struct read_options options = {0};
    int first = take_read_options(call, &options), fd, count = call->argc - first - 1;
    struct ksim_iovec vectors[VECTORS_MAX];
    int64_t bytes, total = 0, result;
    uint8_t *buffer;

    if (count < 1 || count > VECTORS_MAX || !take_descriptor(call, first, &fd))
        return command_usage(call);
    for (int i = 0; i < count; i++) {
        if (!command_number(call->argv[first + 1 + i], 0, TRANSFER_MAX, &bytes))
            return command_usage(call);
        vectors[i].bytes = (size_t)bytes;
        total += bytes;
    }
    buffer = command_keep(call, (uint64_t)total + 1);
    total = 0;
    for (int i = 0; i < count; i++) {
        vectors[i].base = buffer + total;
        total += (int64_t)vectors[i].bytes;
    }
    result = ksim_system_readv(call->process, fd, vectors, count);
    if (result < 0)
        return command_error(call, NULL, result);
    print_read(call, fd, buffer, result, &options);
    return COMMAND_OK;
}

const struct command command_readv = {"readv", "[-x | -q] FD BYTES ...",
                                      "readv(2) into buffers of these sizes", run_readv};

/* --- write ------------------------------------------------------------------------------------- */

static int
hex_digit(char digit)
{
    if (isdigit((unsigned char)digit))
        return digit - '0';
    digit = (char)tolower((unsigned char)digit);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Hex digits in pairs from one word; false: something else is among them. */
static bool
take_hex(const char *word, uint8_t *out, size_t *length)
{
    for (const char *at = word; *at != '\0'; at += 2) {
        int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);

        if (low < 0)
            return false;
        out[(*length)++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static int
write_done(struct command_call *call, int64_t result)
{
    if (result < 0)
        return command_error(call, NULL, result);
    command_print(call, "%lld bytes\n", (long long)result);
    return COMMAND_OK;
}

static int
write_named(struct command_call *call, int fd, const char *name)
{
    char error[PACKET_NAME_ERROR_BYTES];
    struct packet_named packet;
    uint8_t *bytes;
    size_t length;

    if (!packet_name_load(&packet, terminal_captures(call->terminal), name, error)) {
        command_print(call, "write: %s\n", error);
        return COMMAND_FAILED;
    }
    length = packet.length;
    bytes = command_keep(call, length + 1);
    memcpy(bytes, packet.bytes, length);
    packet_named_free(&packet);
    return write_done(call, ksim_system_write(call->process, fd, bytes, length));
}

static int
run_write(struct command_call *call)
{
    size_t room = 1, length = 0;
    uint8_t *bytes;
    int fd;

    if (call->argc < 2 || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    if (call->argc == 4 && strcmp(call->argv[2], "-p") == 0)
        return write_named(call, fd, call->argv[3]);
    if (call->argc == 4 && strcmp(call->argv[2], "-t") == 0)
        return write_done(call, ksim_system_write(call->process, fd, call->argv[3],
                                                  strlen(call->argv[3])));
    for (int i = 2; i < call->argc; i++)
        room += strlen(call->argv[i]);
    bytes = command_keep(call, room);
    for (int i = 2; i < call->argc; i++) {
        if (!take_hex(call->argv[i], bytes, &length))
            return command_usage(call);
    }
    return write_done(call, ksim_system_write(call->process, fd, bytes, length));
}

const struct command command_write = {
    "write", "FD HEX ... | FD -t TEXT | FD -p PACKET",
    "write(2): bytes as hex digits, text, or a packet of a capture by its name (or FILE:N)",
    run_write};

static int
run_writev(struct command_call *call)
{
    struct ksim_iovec vectors[VECTORS_MAX];
    int fd, count = call->argc - 2;

    if (count < 1 || count > VECTORS_MAX || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    for (int i = 0; i < count; i++) {
        const char *word = call->argv[2 + i];

        vectors[i].bytes = 0;
        vectors[i].base = command_keep(call, strlen(word) + 1);
        if (!take_hex(word, vectors[i].base, &vectors[i].bytes))
            return command_usage(call);
    }
    return write_done(call, ksim_system_writev(call->process, fd, vectors, count));
}

const struct command command_writev = {"writev", "FD HEX ...",
                                       "writev(2): one buffer for each word of hex digits",
                                       run_writev};

/* --- ioctl ------------------------------------------------------------------------------------- */

static const struct ioctl_name {
    const char *name;
    unsigned long command;
    bool gives; /* an int */
    bool names; /* takes an interface's name, not a number */
} ioctls[] = {
    {"FIONBIO", 0x8004667eUL, false, false},    {"FIOASYNC", 0x8004667dUL, false, false},
    {"FIONREAD", 0x4004667fUL, true, false},    {"TUNSIFHEAD", 0x80047460UL, false, false},
    {"TUNGIFHEAD", 0x40047461UL, true, false},  {"BIOCSETIF", 0x8020426cUL, false, true},
};

/* NULL: nobody knows the word, which may be a number. */
static const struct ioctl_name *
find_ioctl(const char *word)
{
    for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
        if (strcmp(ioctls[i].name, word) == 0)
            return &ioctls[i];
    return NULL;
}

/* The fourth word into what goes to the kernel. */
static bool
take_ioctl_value(struct command_call *call, const struct ioctl_name *known, int32_t *value)
{
    int64_t number = 0;

    if (known != NULL && known->names) {
        if (call->argc == 4)
            strncpy((char *)value, call->argv[3], INTERFACE_NAME_BYTES - 1);
        return call->argc == 4;
    }
    if (call->argc == 4 && !command_number(call->argv[3], INT32_MIN, INT32_MAX, &number))
        return false;
    value[0] = (int32_t)number;
    return true;
}

static int
run_ioctl(struct command_call *call)
{
    const struct ioctl_name *known;
    int64_t number;
    int32_t *value = command_keep(call, 8192); /* IOCPARM_MAX for numbers that are not known here */
    int fd, result;

    if (call->argc < 3 || call->argc > 4 || !take_descriptor(call, 1, &fd))
        return command_usage(call);
    known = find_ioctl(call->argv[2]);
    if (!take_ioctl_value(call, known, value))
        return command_usage(call);
    if (known != NULL)
        number = (int64_t)known->command;
    else if (!command_number(call->argv[2], 0, UINT32_MAX, &number))
        return command_usage(call);
    result = ksim_system_ioctl(call->process, fd, (unsigned long)number, value);
    if (result < 0)
        return command_error(call, call->argv[2], result);
    if (known != NULL && known->gives)
        command_print(call, "%d\n", value[0]);
    return COMMAND_OK;
}

const struct command command_ioctl = {"ioctl", "FD NAME [VALUE]",
                                      "ioctl(2): FIONBIO, FIOASYNC, FIONREAD, TUNSIFHEAD, "
                                      "TUNGIFHEAD, BIOCSETIF or a number",
                                      run_ioctl};
