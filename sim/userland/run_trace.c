/* SPDX-License-Identifier: BSD-2-Clause */
#include "run_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACK_PROCESSOR = 0 };

/* --- collecting ------------------------------------------------------------------------------------- */

static void *
grown(void *memory, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity)
        return memory;
    *capacity = *capacity == 0 ? 256 : *capacity * 2;
    memory = realloc(memory, *capacity * bytes);
    if (memory == NULL)
        abort();
    return memory;
}

static void
fiber_know(struct run_trace *trace, const struct fiber *fiber)
{
    const uint32_t id = machine_fiber_id(fiber);
    struct trace_fiber *known;

    for (size_t i = 0; i < trace->fiber_count; i++) {
        if (trace->fibers[i].id == id)
            return;
    }
    trace->fibers = grown(trace->fibers, trace->fiber_count, &trace->fiber_capacity,
                          sizeof(*trace->fibers));
    known = &trace->fibers[trace->fiber_count++];
    known->id = id;
    snprintf(known->name, sizeof(known->name), "%s", machine_fiber_name(fiber));
}

const char *
run_trace_fiber_name(const struct run_trace *trace, uint32_t id)
{
    for (size_t i = 0; i < trace->fiber_count; i++) {
        if (trace->fibers[i].id == id)
            return trace->fibers[i].name;
    }
    return "host";
}

static struct trace_event *
event_add(struct run_trace *trace, const struct fiber *fiber, enum trace_kind kind)
{
    struct trace_event *event;

    if (fiber != NULL)
        fiber_know(trace, fiber);
    trace->events = grown(trace->events, trace->count, &trace->capacity, sizeof(*trace->events));
    event = &trace->events[trace->count++];
    *event = (struct trace_event){.kind = kind,
                                  .ns = machine_now_ns(),
                                  .fiber = fiber == NULL ? 0 : machine_fiber_id(fiber),
                                  .prepared = trace->prepared};
    return event;
}

static void
trace_watch(void *context, const struct fiber *fiber, enum machine_happening happening,
            const char *what, uint64_t thing)
{
    static const enum trace_kind kinds[] = {[MACHINE_AT_POINT] = TRACE_POINT,
                                            [MACHINE_BLOCKS] = TRACE_BLOCK,
                                            [MACHINE_RUNS] = TRACE_RUN,
                                            [MACHINE_ENDS] = TRACE_END,
                                            [MACHINE_HANDLES] = TRACE_HANDLE};
    struct trace_event *event = event_add(context, fiber, kinds[happening]);

    event->thing = thing;
    snprintf(event->text, sizeof(event->text), "%s", what);
}

static void
trace_note(void *context, unsigned thread, const char *step, const char *result)
{
    struct run_trace *trace = context;
    struct trace_event *event;

    if (thread < WORKLOAD_THREADS_MAX && !trace->prepared) {
        trace->prepared = true;
    }
    event = event_add(trace, machine_fiber_current(), result == NULL ? TRACE_CALL : TRACE_RETURN);
    if (result == NULL)
        snprintf(event->text, sizeof(event->text), "%s", step);
    else
        snprintf(event->text, sizeof(event->text), "%s: %s", step, result);
}

static void
trace_choice(void *context, const struct schedule_entry *entry)
{
    const bool forced = entry->kind == CHOICE_SCHEDULE;
    struct trace_event *event =
        event_add(context, machine_fiber_current(), forced ? TRACE_FORCED : TRACE_FAULT);

    if (forced)
        snprintf(event->text, sizeof(event->text), "%s", entry->target_name);
    else
        snprintf(event->text, sizeof(event->text), "%s %u of %u at %s", tape_kind_name(entry->kind),
                 entry->value, entry->count, entry->label);
}

void
run_trace_make(struct run_trace *trace, const struct workload *workload,
               const struct run_tape *tape, struct explore_outcome *outcome)
{
    const struct explore_witness witness = {trace_watch, trace_note, trace_choice, trace};

    explore_play(workload, tape, &witness, outcome);
}

void
run_trace_record(struct run_trace *trace, const struct explore_job *job, struct tape_feeder *feeder,
                 struct explore_outcome *outcome)
{
    const struct explore_witness witness = {trace_watch, trace_note, trace_choice, trace};

    explore_record_watched(job, feeder, &witness, outcome);
}

void
run_trace_free(struct run_trace *trace)
{
    free(trace->events);
    free(trace->fibers);
    memset(trace, 0, sizeof(*trace));
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static void
add_string(struct text *text, const char *string)
{
    text_add(text, "\"");
    for (; *string != '\0'; string++) {
        if (*string == '"' || *string == '\\')
            text_add(text, "\\%c", *string);
        else if ((unsigned char)*string < 0x20)
            text_add(text, " ");
        else
            text_add(text, "%c", *string);
    }
    text_add(text, "\"");
}

/* Microseconds with the nanoseconds behind the point. */
static void
add_time(struct text *text, const char *key, uint64_t ns)
{
    text_add(text, ", \"%s\": %llu.%03u", key, (unsigned long long)(ns / 1000), (unsigned)(ns % 1000));
}

static void
add_event(struct text *text, const char *phase, uint32_t track, const char *name, uint64_t ns)
{
    text_add(text, ",\n{\"ph\": \"%s\", \"pid\": 1, \"tid\": %u, \"name\": ", phase, track);
    add_string(text, name);
    add_time(text, "ts", ns);
}

static void
add_span(struct text *text, uint32_t track, const char *category, const char *name, uint64_t begin_ns,
         uint64_t end_ns)
{
    add_event(text, "X", track, name, begin_ns);
    add_time(text, "dur", end_ns - begin_ns);
    text_add(text, ", \"cat\": \"%s\"}", category);
}

/* When the thread does something next, or the run ends. */
static uint64_t
next_ns(const struct run_trace *trace, size_t at)
{
    for (size_t i = at + 1; i < trace->count; i++) {
        if (trace->events[i].fiber == trace->events[at].fiber && trace->events[i].kind < TRACE_FORCED)
            return trace->events[i].ns;
    }
    return trace->events[trace->count - 1].ns;
}

/* Until somebody else gets the processor. */
static uint64_t
turn_end_ns(const struct run_trace *trace, size_t at)
{
    for (size_t i = at + 1; i < trace->count; i++) {
        if (trace->events[i].kind == TRACE_RUN)
            return trace->events[i].ns;
    }
    return trace->events[trace->count - 1].ns;
}

/* How often an mbuf was handled before and after. */
struct flow_place {
    size_t before, after;
};

static struct flow_place
flow_place_find(const struct run_trace *trace, size_t at)
{
    struct flow_place place = {0, 0};

    for (size_t i = 0; i < trace->count; i++) {
        if (i == at || trace->events[i].kind != TRACE_HANDLE || trace->events[i].thing != trace->events[at].thing)
            continue;
        if (i < at)
            place.before++;
        else
            place.after++;
    }
    return place;
}

/* An arrow goes from one span to another: each event of a flow belongs to the span around it. */
static void
json_flow(const struct run_trace *trace, size_t at, struct text *text)
{
    const struct trace_event *event = &trace->events[at];
    const struct flow_place place = flow_place_find(trace, at);
    char name[64];

    if (place.before + place.after == 0)
        return;
    snprintf(name, sizeof(name), "mbuf %llu", (unsigned long long)event->thing);
    add_event(text, place.before == 0 ? "s" : place.after == 0 ? "f" : "t", event->fiber, name, event->ns);
    text_add(text, ", \"id\": %llu, \"bp\": \"e\", \"cat\": \"mbuf\", \"args\": {\"what\": ",
             (unsigned long long)event->thing);
    add_string(text, event->text);
    text_add(text, "}}");
}

static void
json_event(const struct run_trace *trace, size_t at, struct text *text)
{
    const struct trace_event *event = &trace->events[at];
    char words[128];

    switch (event->kind) {
    case TRACE_POINT:
        add_span(text, event->fiber, "kpi", event->text, event->ns, next_ns(trace, at));
        break;
    case TRACE_BLOCK:
        snprintf(words, sizeof(words), "waits: %s", event->text);
        add_span(text, event->fiber, "wait", words, event->ns, next_ns(trace, at));
        break;
    case TRACE_RUN:
        add_span(text, TRACK_PROCESSOR, "processor", run_trace_fiber_name(trace, event->fiber), event->ns,
                 turn_end_ns(trace, at));
        break;
    case TRACE_CALL:
    case TRACE_RETURN:
        add_event(text, event->kind == TRACE_CALL ? "B" : "E", event->fiber, event->text, event->ns);
        text_add(text, ", \"cat\": \"call\"}");
        break;
    case TRACE_FORCED:
    case TRACE_FAULT:
        snprintf(words, sizeof(words), "%s%s", event->kind == TRACE_FORCED ? "switch to " : "",
                 event->text);
        add_event(text, "i", event->fiber, words, event->ns);
        text_add(text, ", \"s\": \"t\", \"cat\": \"%s\"}",
                 event->kind == TRACE_FORCED ? "schedule" : "fault");
        break;
    case TRACE_HANDLE:
        json_flow(trace, at, text);
        break;
    case TRACE_END:
        break;
    }
}

static void
json_track(struct text *text, uint32_t track, const char *name)
{
    text_add(text, ",\n{\"ph\": \"M\", \"pid\": 1, \"tid\": %u, \"name\": \"thread_name\", \"args\": {\"name\": ",
             track);
    add_string(text, name);
    text_add(text, "}}");
}

void
run_trace_json(const struct run_trace *trace, const struct explore_outcome *outcome,
               struct text *text)
{
    text_add(text, "{\"displayTimeUnit\": \"ns\", \"otherData\": {\"outcome\": \"%s\", \"cause\": ",
             run_tape_outcome(&outcome->tape));
    add_string(text, outcome->tape.cause);
    text_add(text, "},\n\"traceEvents\": [\n{\"ph\": \"M\", \"pid\": 1, \"tid\": 0, \"name\": "
                   "\"process_name\", \"args\": {\"name\": ");
    add_string(text, outcome->tape.workload);
    text_add(text, "}}");
    json_track(text, TRACK_PROCESSOR, "processor");
    for (size_t i = 0; i < trace->fiber_count; i++)
        json_track(text, trace->fibers[i].id, trace->fibers[i].name);
    for (size_t i = 0; i < trace->count; i++)
        json_event(trace, i, text);
    text_add(text, "\n]}\n");
}
