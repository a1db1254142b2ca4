/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES = 3, MTU_LEAST = 72, MTU_MOST = 65535, SENDS_MOST = 4, WAIT_MOST_MS = 3000 };

static const char *const before_words[WORKLOAD_BEFORES] = {"bare", "loaded", "opened", "running"};
/* A longer program fits its name if no step is longer than this. */
_Static_assert(WORKLOAD_PROGRAM_STEPS_MAX * 32 + 128 <= WORKLOAD_NAME_BYTES, "a program's text is a workload's name");

/* --- making one ----------------------------------------------------------------------------------- */

void
workload_program_start(struct workload_program *program, enum packet_device device, enum workload_before before,
                       bool forked)
{
    memset(program, 0, sizeof(*program));
    program->device = device;
    program->before = before;
    program->forked = forked;
}

bool
workload_program_thread(struct workload_program *program, unsigned process)
{
    if (program->thread_count == WORKLOAD_THREADS_MAX || process >= PROCESSES)
        return false;
    program->threads[program->thread_count++].process = process;
    return true;
}

bool
workload_argument_range(enum workload_act act, int *first, int *last)
{
    *first = 0;
    switch (act) {
    case WORKLOAD_MTU:
        *first = MTU_LEAST;
        *last = MTU_MOST;
        return true;
    case WORKLOAD_SEND:
        *first = 1;
        *last = SENDS_MOST;
        return true;
    case WORKLOAD_NONBLOCK:
    case WORKLOAD_ASYNC:
    case WORKLOAD_HEAD:
        *last = 1;
        return true;
    case WORKLOAD_SIGNAL:
    case WORKLOAD_KILL:
        *last = PROCESSES - 1;
        return true;
    case WORKLOAD_WAIT:
    case WORKLOAD_FORK:
        *last = WAIT_MOST_MS;
        return true;
    default:
        *last = 0;
        return false;
    }
}

bool
workload_program_step(struct workload_program *program, unsigned thread, enum workload_act act, int argument)
{
    struct workload_step *step;
    int first, last;

    (void)workload_argument_range(act, &first, &last);
    if (program->step_count == WORKLOAD_PROGRAM_STEPS_MAX || thread >= program->thread_count || act == WORKLOAD_END ||
        argument < first || argument > last || (act == WORKLOAD_HEAD && program->device == PACKET_DEVICE_TAP))
        return false;
    step = &program->threads[thread].steps[program->threads[thread].count++];
    *step = (struct workload_step){act, argument, 0};
    program->step_count++;
    return true;
}

/* --- as text -------------------------------------------------------------------------------------- */

static void
step_text(const struct workload_step *step, struct text *text)
{
    int first, last;

    text_add(text, "%s", workload_act_name(step->act));
    if (workload_argument_range(step->act, &first, &last))
        text_add(text, " %d", step->argument);
}

void
workload_program_text(const struct workload_program *program, struct text *text)
{
    text_add(text, "%s-program %s%s:", program->device == PACKET_DEVICE_TAP ? "tap" : "tun",
             before_words[program->before], program->forked ? " forked" : "");
    for (unsigned thread = 0; thread < program->thread_count; thread++) {
        text_add(text, "%s %u", thread == 0 ? "" : ";", program->threads[thread].process);
        for (unsigned step = 0; step < program->threads[thread].count; step++) {
            text_add(text, "%s ", step == 0 ? "" : ",");
            step_text(&program->threads[thread].steps[step], text);
        }
    }
}

bool
workload_program_is_named(const char *text)
{
    return strncmp(text, "tun-program ", 12) == 0 || strncmp(text, "tap-program ", 12) == 0;
}

/* What is left of a text that is being read. */
struct reader {
    const char *next;
};

static void
skip_spaces(struct reader *reader)
{
    reader->next += strspn(reader->next, " ");
}

/* Takes the word if the text goes on with it and it ends there. */
static bool
take(struct reader *reader, const char *word)
{
    size_t length = strlen(word);

    skip_spaces(reader);
    if (strncmp(reader->next, word, length) != 0 ||
        (strchr(" ,;:", word[length - 1]) == NULL && strchr(" ,;:", reader->next[length]) == NULL))
        return false;
    reader->next += length;
    return true;
}

static bool
take_number(struct reader *reader, int *number)
{
    char *end;
    long value;

    skip_spaces(reader);
    if (*reader->next < '0' || *reader->next > '9')
        return false;
    value = strtol(reader->next, &end, 10);
    if (end - reader->next > 6)
        return false;
    *number = (int)value;
    reader->next = end;
    return true;
}

/* "read until an error" begins with "read": the longest that fits. */
static enum workload_act
take_act(struct reader *reader)
{
    const char *begin = reader->next, *best_end = begin;
    enum workload_act best = WORKLOAD_END;

    for (int act = WORKLOAD_END + 1; act < WORKLOAD_ACT_COUNT; act++) {
        reader->next = begin;
        if (take(reader, workload_act_name((enum workload_act)act)) && reader->next > best_end) {
            best = (enum workload_act)act;
            best_end = reader->next;
        }
    }
    reader->next = best_end;
    return best;
}

static const char *
steps_parse(struct workload_program *program, struct reader *reader)
{
    const unsigned thread = program->thread_count - 1;

    skip_spaces(reader);
    if (*reader->next == '\0' || *reader->next == ';')
        return NULL;
    do {
        enum workload_act act = take_act(reader);
        int first, last, argument = 0;

        if (act == WORKLOAD_END)
            return "no such step";
        if (workload_argument_range(act, &first, &last) && !take_number(reader, &argument))
            return "a step without its number";
        if (!workload_program_step(program, thread, act, argument))
            return program->step_count == WORKLOAD_PROGRAM_STEPS_MAX ? "too many steps" : "a step that cannot be";
    } while (take(reader, ","));
    return NULL;
}

static const char *
threads_parse(struct workload_program *program, struct reader *reader)
{
    const char *wrong;
    int process;

    skip_spaces(reader);
    if (*reader->next == '\0')
        return NULL;
    do {
        if (!take_number(reader, &process) || !workload_program_thread(program, (unsigned)process))
            return "no such process, or too many threads";
        wrong = steps_parse(program, reader);
    } while (wrong == NULL && take(reader, ";"));
    skip_spaces(reader);
    return wrong == NULL && *reader->next != '\0' ? "not understood" : wrong;
}

static const char *
program_parse(struct workload_program *program, struct reader *reader)
{
    enum packet_device device = strncmp(reader->next, "tap", 3) == 0 ? PACKET_DEVICE_TAP : PACKET_DEVICE_TUN;
    int before = 0;
    bool forked;

    if (!workload_program_is_named(reader->next))
        return "no program";
    reader->next += strlen("tun-program ");
    while (before < WORKLOAD_BEFORES && !take(reader, before_words[before]))
        before++;
    if (before == WORKLOAD_BEFORES)
        return "neither bare, loaded, opened nor running";
    forked = take(reader, "forked");
    if (!take(reader, ":"))
        return "no colon before the threads";
    workload_program_start(program, device, (enum workload_before)before, forked);
    return threads_parse(program, reader);
}

bool
workload_program_parse(struct workload_program *program, const char *text, char error[WORKLOAD_ERROR_BYTES])
{
    struct reader reader = {text};
    const char *wrong = program_parse(program, &reader);

    if (wrong == NULL)
        return true;
    snprintf(error, WORKLOAD_ERROR_BYTES, "a program, from its character %d on: %s", (int)(reader.next - text) + 1, wrong);
    return false;
}

/* --- as what runs --------------------------------------------------------------------------------- */

static bool
has_act(const struct workload_program *program, enum workload_act act)
{
    for (unsigned thread = 0; thread < program->thread_count; thread++) {
        for (unsigned step = 0; step < program->threads[thread].count; step++) {
            if (program->threads[thread].steps[step].act == act)
                return true;
        }
    }
    return false;
}

void
workload_program_shape(const struct workload_program *program, struct workload_shape *shape)
{
    static const char *const names[WORKLOAD_THREADS_MAX] = {"first", "second", "third", "fourth"};

    *shape = (struct workload_shape){.name = "program",
                                     .summary = "what its text says",
                                     .before = workload_before_steps[program->before],
                                     .forks = program->forked,
                                     .releases = true,
                                     .lossless = workload_program_is_lossless(program),
                                     /* workload_shapes.c, "detached" */
                                     .first_darwin = has_act(program, WORKLOAD_DETACH) ? 11 : 0};
    for (unsigned thread = 0; thread < program->thread_count; thread++)
        shape->threads[thread] = (struct workload_thread){names[thread], program->threads[thread].process,
                                                          program->threads[thread].steps};
}

bool
workload_program_is_lossless(const struct workload_program *program)
{
    /* The interface goes, or its addresses do; a bad buffer costs its packet. */
    static const enum workload_act losers[] = {WORKLOAD_LOAD,    WORKLOAD_UNLOAD, WORKLOAD_CLOSE,  WORKLOAD_READ_FAULT,
                                               WORKLOAD_ADDRESS, WORKLOAD_DOWN,   WORKLOAD_LLADDR, WORKLOAD_DETACH,
                                               WORKLOAD_KILL};

    for (size_t i = 0; i < sizeof(losers) / sizeof(losers[0]); i++) {
        if (has_act(program, losers[i]))
            return false;
    }
    return program->before == WORKLOAD_RUNNING;
}
