/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for descriptors: select, poll, kevent. */
#include <string.h>

#include <system.h>

#include "command_list.h"

enum { SETS = 3, DESCRIPTORS_MAX = 256, POLL_MAX = 16 };

/* -t SECONDS at the beginning; for ever without. False: it is no number. */
static bool
take_timeout(struct command_call *call, int *first, int64_t *timeout_ns)
{
    uint64_t duration_ns;

    *timeout_ns = -1;
    if (*first >= call->argc || strcmp(call->argv[*first], "-t") != 0)
        return true;
    if (*first + 1 >= call->argc || !command_seconds(call->argv[*first + 1], &duration_ns))
        return false;
    *timeout_ns = (int64_t)duration_ns;
    *first += 2;
    return true;
}

/* --- select ------------------------------------------------------------------------------------ */

static const char set_letters[SETS + 1] = "rwe";

/* "r 3 4 w 3": the sets and the highest descriptor plus one; 0 = not understood. */
static int
take_sets(struct command_call *call, int first, struct ksim_fd_set sets[SETS])
{
    int count = 0, set = -1;
    int64_t fd;

    for (int i = first; i < call->argc; i++) {
        const char *letter = call->argv[i][0] != '\0' && call->argv[i][1] == '\0'
                                 ? strchr(set_letters, call->argv[i][0])
                                 : NULL;

        if (letter != NULL) {
            set = (int)(letter - set_letters);
            continue;
        }
        if (set < 0 || !command_number(call->argv[i], 0, DESCRIPTORS_MAX - 1, &fd))
            return 0;
        sets[set].bits[fd / 64] |= UINT64_C(1) << (fd % 64);
        count = fd >= count ? (int)fd + 1 : count;
    }
    return count;
}

static int
run_select(struct command_call *call)
{
    static const char *const words[SETS] = {"readable", "writable", "exceptional"};
    struct ksim_fd_set sets[SETS] = {{{0}}};
    int64_t timeout_ns;
    int first = 1, count, result;

    if (!take_timeout(call, &first, &timeout_ns))
        return command_usage(call);
    count = take_sets(call, first, sets);
    if (count == 0)
        return command_usage(call);
    result = ksim_system_select(call->process, count, &sets[0], &sets[1], &sets[2], timeout_ns);
    if (result < 0)
        return command_error(call, NULL, result);
    for (int fd = 0; result > 0 && fd < count; fd++) {
        for (int set = 0; set < SETS; set++) {
            if ((sets[set].bits[fd / 64] >> (fd % 64) & 1) != 0)
                command_print(call, "%d %s\n", fd, words[set]);
        }
    }
    if (result == 0)
        command_print(call, "timeout\n");
    return COMMAND_OK;
}

const struct command command_select = {"select", "[-t SECONDS] r | w | e FD ... [r | w | e FD ...]",
                                       "select(2): prints which descriptors are ready", run_select};

/* --- poll -------------------------------------------------------------------------------------- */

static void
print_events(struct command_call *call, const struct ksim_pollfd *entry)
{
    static const struct {
        short bit;
        const char *name;
    } events[] = {{KSIM_POLLIN, "POLLIN"}, {KSIM_POLLOUT, "POLLOUT"}, {KSIM_POLLNVAL, "POLLNVAL"}};

    command_print(call, "%d", entry->fd);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if ((entry->revents & events[i].bit) != 0)
            command_print(call, " %s", events[i].name);
    }
    command_print(call, "\n");
}

/* "r", "w" or "rw"; 0 for anything else. */
static short
take_events(const char *word)
{
    if (strcmp(word, "r") == 0)
        return KSIM_POLLIN;
    if (strcmp(word, "w") == 0)
        return KSIM_POLLOUT;
    return strcmp(word, "rw") == 0 ? KSIM_POLLIN | KSIM_POLLOUT : 0;
}

static int
run_poll(struct command_call *call)
{
    struct ksim_pollfd entries[POLL_MAX] = {{0}};
    int64_t timeout_ns, fd;
    unsigned count = 0;
    int first = 1, result;

    if (!take_timeout(call, &first, &timeout_ns) || first == call->argc)
        return command_usage(call);
    for (; first < call->argc; first += 2, count++) {
        if (count == POLL_MAX || first + 1 == call->argc ||
            !command_number(call->argv[first], -1, DESCRIPTORS_MAX, &fd) ||
            (entries[count].events = take_events(call->argv[first + 1])) == 0)
            return command_usage(call);
        entries[count].fd = (int)fd;
    }
    result = ksim_system_poll(call->process, entries, count, timeout_ns);
    if (result < 0)
        return command_error(call, NULL, result);
    for (unsigned i = 0; i < count; i++) {
        if (entries[i].revents != 0)
            print_events(call, &entries[i]);
    }
    if (result == 0)
        command_print(call, "timeout\n");
    return COMMAND_OK;
}

const struct command command_poll = {"poll", "[-t SECONDS] FD r | w | rw [FD r | w | rw ...]",
                                     "poll(2): prints what is ready", run_poll};

/* --- kevent ------------------------------------------------------------------------------------ */

static int
run_kevent(struct command_call *call)
{
    int64_t timeout_ns, fd, low_water = 0;
    unsigned fflags = 0;
    int first = 1, filter, result;

    if (!take_timeout(call, &first, &timeout_ns))
        return command_usage(call);
    if (first + 1 < call->argc && strcmp(call->argv[first], "-l") == 0) {
        if (!command_number(call->argv[first + 1], 0, INT32_MAX, &low_water))
            return command_usage(call);
        fflags = KSIM_NOTE_LOWAT;
        first += 2;
    }
    if (call->argc != first + 2 ||
        !command_number(call->argv[first], -1, DESCRIPTORS_MAX, &fd) ||
        (strcmp(call->argv[first + 1], "r") != 0 && strcmp(call->argv[first + 1], "w") != 0))
        return command_usage(call);
    filter = call->argv[first + 1][0] == 'r' ? KSIM_EVFILT_READ : KSIM_EVFILT_WRITE;
    result = ksim_system_kevent(call->process, (int)fd, filter, fflags, low_water, timeout_ns);
    if (result < 0)
        return command_error(call, NULL, result);
    if (result == 0)
        command_print(call, "timeout\n");
    else
        command_print(call, "%d %s\n", (int)fd,
                      filter == KSIM_EVFILT_READ ? "readable" : "writable");
    return COMMAND_OK;
}

const struct command command_kevent = {"kevent", "[-t SECONDS] [-l LOW-WATER] FD r | w",
                                       "kevent(2) with one filter; -l asks with NOTE_LOWAT",
                                       run_kevent};
