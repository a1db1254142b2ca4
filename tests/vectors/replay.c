/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Replays recorded mbuf behaviour through the emulated KPI and compares every defined token.
 *     replay DARWIN_MAJOR FILE...
 * Exit 0: all match. A step that panicked on XNU must stop the machine here; then a new one is booted.
 */

#include <inttypes.h>
#include <machine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system.h>
#include <zlib.h>

#include "replay_guest.h"
#include "vector_file.h"

enum { STATE_BYTES = 8192, COMPLAINTS_MAX = 25 };

struct fault_switch {
    struct tape_feeder feeder; /* first: the machine knows only this */
    bool failing;
};

struct replay {
    int darwin_major;
    const char *path;
    struct fault_switch faults;
    struct machine *machine;
    struct replay_guest guest;
    struct replay_result result;
    struct vector_line line;
    bool known_operation;
    char sequence[128];
    bool dead; /* the machine stopped; the rest of the sequence is skipped */
    bool stop_expected;
    uint64_t live_before[5];
    char expected[REPLAY_HANDLES][STATE_BYTES];
    char actual[STATE_BYTES];
    struct replay_packet packet;
    unsigned long sequences, steps, stops, complaints;
};

static uint32_t
fault_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    const struct fault_switch *faults = (const struct fault_switch *)(const void *)feeder;

    (void)count;
    return kind == CHOICE_FAULT && faults->failing && strncmp(label, "mbuf_", 5) == 0;
}

static void
complain(struct replay *r, const char *what, const char *expected, const char *actual)
{
    if (r->complaints++ < COMPLAINTS_MAX)
        (void)printf("%s:%lu: %s: %s: %s: expected '%s', got '%s'\n", r->path, r->line.number, r->sequence,
                     r->line.name, what, expected, actual);
}

/* --- machine ------------------------------------------------------------------------------------ */

static void
machine_boot(struct replay *r)
{
    const struct machine_config config = {.feeder = &r->faults.feeder, .max_steps = UINT64_MAX};
    const struct ksim_options options = {.darwin_major = r->darwin_major};

    r->faults.feeder.next = fault_next;
    r->faults.failing = false;
    r->machine = machine_create(&config);
    if (r->machine == NULL || ksim_create(r->machine, &options) == NULL) {
        (void)fprintf(stderr, "replay: cannot boot Darwin %d\n", r->darwin_major);
        exit(2);
    }
}

static void
machine_renew(struct replay *r)
{
    machine_destroy(r->machine);
    machine_boot(r);
}

/* --- what a step shows -------------------------------------------------------------------------- */

static void
text_add(char *text, size_t *used, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text + *used, STATE_BYTES - *used, format, arguments);
    va_end(arguments);
    if (length > 0)
        *used += (size_t)length;
    if (*used >= STATE_BYTES)
        *used = STATE_BYTES - 1;
}

static const char *
crc_text(const struct replay_packet *packet, char buffer[9], bool wanted)
{
    uLong crc = crc32(0, NULL, 0);

    for (size_t i = 0; i < packet->count; i++) {
        const struct replay_mbuf *m = &packet->mbufs[i];

        if (m->offset < 0 || m->len < 0 || m->offset + m->len > m->max)
            return "bad";
    }
    if (!wanted) /* some bytes are undefined: do not look at them, valgrind would complain */
        return "?";
    for (size_t i = 0; i < packet->count; i++)
        crc = crc32(crc, packet->mbufs[i].data, (uInt)packet->mbufs[i].len);
    (void)snprintf(buffer, 9, "%08lx", crc);
    return buffer;
}

static bool
crc_is_expected(const char *expected)
{
    for (int bar = 0; bar < 3; bar++) {
        expected = strchr(expected, '|');
        if (expected == NULL)
            return false;
        expected++;
    }
    return *expected != '?';
}

static void
state_text(struct replay *r, int handle)
{
    struct replay_packet *packet = &r->packet;
    int64_t total = 0;
    char crc[9];
    size_t used = 0;

    text_add(r->actual, &used, "h%d=", handle);
    packet->length_unknown = strstr(r->expected[handle], "=?|") != NULL;
    if (!replay_guest_look(&r->guest, handle, &r->packet)) {
        text_add(r->actual, &used, "-");
        return;
    }
    for (size_t i = 0; i < packet->count; i++)
        total += packet->mbufs[i].len;
    if (packet->has_header && packet->length_unknown)
        text_add(r->actual, &used, "?");
    else if (packet->has_header)
        text_add(r->actual, &used, "%" PRId64, packet->length);
    else
        text_add(r->actual, &used, "n");
    text_add(r->actual, &used, "|%zu|%" PRId64 "|%s|", packet->count, total,
             crc_text(packet, crc, crc_is_expected(r->expected[handle])));
    for (size_t i = 0; i < packet->count; i++) {
        const struct replay_mbuf *m = &packet->mbufs[i];

        text_add(r->actual, &used, "%s%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",",
                 i == 0 ? "" : ";", m->offset, m->len, m->max, m->lead, m->trail);
        if (m->external)
            text_add(r->actual, &used, "c%" PRId64 "%s", m->max, m->shared ? "s" : "");
        else
            text_add(r->actual, &used, "i");
        text_add(r->actual, &used, ",%x,%u", m->flags, m->type);
    }
    if (packet->next_packet == REPLAY_HANDLES)
        text_add(r->actual, &used, "|np=?");
    else if (packet->next_packet >= 0)
        text_add(r->actual, &used, "|np=h%d", packet->next_packet);
}

static void
states_compare(struct replay *r)
{
    char *cursor = r->line.state, *state;

    while (strcmp(r->line.state, "=") != 0 && (state = strsep(&cursor, " ")) != NULL) {
        int handle = atoi(state + 1);

        (void)snprintf(r->expected[handle], STATE_BYTES, "%s", state);
    }
    for (int handle = 0; handle < REPLAY_HANDLES; handle++) {
        if (r->expected[handle][0] == '\0')
            continue;
        state_text(r, handle);
        if (!vector_text_matches(r->expected[handle], r->actual)) {
            complain(r, "state", r->expected[handle], r->actual);
            r->expected[handle][0] = '\0'; /* say it once */
        }
    }
}

static void
result_compare(struct replay *r)
{
    const struct replay_result *result = &r->result;
    char number[24], out[128] = "";
    const char *text = number;
    size_t used = 0;

    (void)snprintf(number, sizeof(number), "%" PRId64, result->value);
    if (result->kind == REPLAY_ERRNO)
        text = replay_guest_error_name((int)result->value);
    else if (result->kind == REPLAY_VOID)
        text = "-";
    if (!vector_text_matches(r->line.result, text))
        complain(r, "result", r->line.result, text);
    if (r->line.kind != 'O')
        return;
    for (size_t i = 0; i < result->out_count; i++)
        used += (size_t)snprintf(out + used, sizeof(out) - used,
                                 result->outs[i].hexadecimal ? "%s%s=%" PRIx64 : "%s%s=%" PRIu64,
                                 i == 0 ? "" : " ", result->outs[i].name, result->outs[i].value);
    if (result->bytes != NULL && strcmp(r->line.out, "crc=?") == 0)
        (void)snprintf(out, sizeof(out), "crc=?");
    else if (result->bytes != NULL)
        (void)snprintf(out, sizeof(out), "crc=%08lx",
                       crc32(crc32(0, NULL, 0), result->bytes, (uInt)result->byte_count));
    if (!vector_text_matches(r->line.out, out[0] == '\0' ? "-" : out))
        complain(r, "out", r->line.out, out[0] == '\0' ? "-" : out);
}

static void
live_compare(struct replay *r)
{
    uint64_t now[5];
    char text[128];

    replay_guest_live(now);
    for (int i = 0; i < 5; i++)
        now[i] -= r->live_before[i];
    (void)snprintf(text, sizeof(text), "%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64, now[0],
                   now[1], now[2], now[3], now[4]);
    if (!vector_text_matches(r->line.live, text))
        complain(r, "live", r->line.live, text);
}

/* --- lines -------------------------------------------------------------------------------------- */

static void
operation_body(void *argument)
{
    struct replay *r = argument;

    if (strcmp(r->line.name, "END") == 0) {
        replay_guest_end(&r->guest);
        return;
    }
    r->known_operation = replay_guest_call(&r->guest, r->line.name, r->line.arguments, &r->result);
    if (!r->known_operation || r->stop_expected)
        return;
    result_compare(r);
    if (r->line.kind == 'O') {
        live_compare(r);
        states_compare(r);
    }
}

static void
operation_replay(struct replay *r)
{
    bool finished;

    if (r->dead)
        return;
    if (strcmp(r->line.name, "fail") == 0)
        r->faults.failing = r->line.arguments[0] != 0;
    r->stop_expected = strcmp(r->line.result, "PANIC") == 0 || strcmp(r->line.result, "FAULT") == 0;
    r->known_operation = true;
    finished = machine_try(r->machine, operation_body, r);
    r->steps++;
    r->dead = !finished || r->stop_expected;
    if (!r->known_operation)
        complain(r, "operation", "a known one", "unknown");
    if (finished && r->stop_expected)
        complain(r, "end", r->line.result, "the call returned");
    if (!finished && !r->stop_expected)
        complain(r, "end", r->line.result, machine_report(r->machine));
    r->stops += !finished;
}

static void
end_body(void *argument)
{
    struct replay *r = argument;

    replay_guest_end(&r->guest);
    live_compare(r);
}

static void
sequence_end(struct replay *r)
{
    r->line.name = "end of sequence";
    if (!r->dead && !machine_try(r->machine, end_body, r)) {
        complain(r, "end", r->line.live, machine_report(r->machine));
        r->dead = true;
    }
    r->sequences++;
}

static void
begin_body(void *argument)
{
    struct replay *r = argument;

    replay_guest_live(r->live_before);
}

static void
sequence_begin(struct replay *r)
{
    if (r->dead)
        machine_renew(r);
    r->dead = false;
    r->faults.failing = false;
    memset(&r->guest, 0, sizeof(r->guest));
    for (int handle = 0; handle < REPLAY_HANDLES; handle++)
        r->expected[handle][0] = '\0';
    (void)snprintf(r->sequence, sizeof(r->sequence), "%s", r->line.name);
    (void)machine_try(r->machine, begin_body, r);
}

static void
constant_body(void *argument)
{
    static const char *const names[3] = {"MLEN", "MHLEN", "MINCLSIZE"};
    struct replay *r = argument;
    uint32_t sizes[3];
    char text[16];

    replay_guest_sizes(sizes);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof(text), "%u", sizes[i]);
        if (strcmp(r->line.name, names[i]) == 0 && strcmp(r->line.result, text) != 0)
            complain(r, "constant", r->line.result, text);
    }
}

static bool
file_replay(struct replay *r, const char *path)
{
    struct vector_file *file = vector_file_open(path);

    if (file == NULL)
        return false;
    r->path = path;
    while (vector_file_next(file, &r->line)) {
        switch (r->line.kind) {
        case 'C':
            (void)machine_try(r->machine, constant_body, r);
            break;
        case 'S':
            sequence_begin(r);
            break;
        case 'E':
            sequence_end(r);
            break;
        default:
            operation_replay(r);
            break;
        }
    }
    vector_file_close(file);
    return true;
}

int
main(int argc, char **argv)
{
    struct replay *r = calloc(1, sizeof(*r));
    int status = 0;

    if (r == NULL || argc < 3) {
        (void)fprintf(stderr, "usage: replay DARWIN_MAJOR FILE...\n");
        free(r);
        return 2;
    }
    r->darwin_major = atoi(argv[1]);
    (void)snprintf(r->sequence, sizeof(r->sequence), "constants");
    machine_boot(r);
    for (int i = 2; i < argc; i++)
        if (!file_replay(r, argv[i]))
            status = 2;
    machine_destroy(r->machine);
    (void)printf("Darwin %d: %lu sequences, %lu steps, %lu stops of the machine, %lu differences\n",
                 r->darwin_major, r->sequences, r->steps, r->stops, r->complaints);
    if (r->complaints != 0 || r->sequences == 0)
        status = 1;
    free(r);
    return status;
}
