/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "run_trace.h"

enum { NAME_COLUMNS = 18, TIME_COLUMNS = 12, LINE_COLUMNS = 110 };

/* Where the text stands: points of one turn share lines. */
struct sequence {
    const struct run_trace *trace;
    struct text *text;
    size_t column; /* 0 = at the beginning of a line */
};

static void
line_end(struct sequence *sequence)
{
    if (sequence->column > 0)
        text_add(sequence->text, "\n");
    sequence->column = 0;
}

static void
line_begin(struct sequence *sequence, const struct trace_event *event)
{
    char head[TIME_COLUMNS + NAME_COLUMNS + 8];

    snprintf(head, sizeof(head), "%9.1f us  %-*.*s", (double)event->ns / 1000, NAME_COLUMNS,
             NAME_COLUMNS - 1, run_trace_fiber_name(sequence->trace, event->fiber));
    text_add(sequence->text, "%s", head);
    sequence->column = strlen(head);
}

static void
word_add(struct sequence *sequence, const struct trace_event *event, const char *word)
{
    const size_t length = strlen(word) + 1;

    if (sequence->column > 0 && sequence->column + length > LINE_COLUMNS) {
        text_add(sequence->text, "\n%*s", TIME_COLUMNS + 2 + NAME_COLUMNS, "");
        sequence->column = TIME_COLUMNS + 2 + NAME_COLUMNS;
    }
    if (sequence->column == 0)
        line_begin(sequence, event);
    text_add(sequence->text, " %s", word);
    sequence->column += length;
}

/* A line of its own for what people look for. */
static void
line_add(struct sequence *sequence, const struct trace_event *event, const char *mark)
{
    line_end(sequence);
    line_begin(sequence, event);
    text_add(sequence->text, " %s%s\n", mark, event->text);
    sequence->column = 0;
}

static void
event_text(struct sequence *sequence, const struct trace_event *event)
{
    char words[128];

    switch (event->kind) {
    case TRACE_POINT:
        word_add(sequence, event, event->text);
        break;
    case TRACE_BLOCK:
        snprintf(words, sizeof(words), "waits: %s", event->text);
        word_add(sequence, event, words);
        line_end(sequence);
        break;
    case TRACE_RUN:
        line_end(sequence);
        break;
    case TRACE_END:
        word_add(sequence, event, "ends");
        line_end(sequence);
        break;
    case TRACE_CALL:
        line_add(sequence, event, "-> ");
        break;
    case TRACE_RETURN:
        line_add(sequence, event, "<- ");
        break;
    case TRACE_FORCED:
        line_add(sequence, event, "** switch to ");
        break;
    case TRACE_FAULT:
        line_add(sequence, event, "** ");
        break;
    case TRACE_HANDLE:
        break;
    }
}


void
run_trace_text(const struct run_trace *trace, bool everything, struct text *text)
{
    struct sequence sequence = {.trace = trace, .text = text};

    for (size_t i = 0; i < trace->count; i++) {
        if (everything || trace->events[i].prepared)
            event_text(&sequence, &trace->events[i]);
    }
    line_end(&sequence);
}
