/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RUN_TRACE_H
#define RUN_TRACE_H

/*
 * A run as a picture: what each thread did when. As JSON for ui.perfetto.dev and chrome://tracing (Trace Event Format:
 * a track for each thread, spans for the workload's system calls, for KPI calls and for waiting, instants for forced
 * switches and faults, a track that shows who has the processor, and for each mbuf a flow of arrows from where it is
 * allocated over where stack and driver hand it over to where it is freed), or as lines for a terminal, without mbufs.
 *
 * A KPI call is drawn from its preemption point to what its thread does next: the kernel tells of entries only.
 * Times are virtual.
 */

#include <stddef.h>
#include <text.h>

#include "explore_run.h"

enum trace_kind {
    TRACE_POINT,       /* a preemption point; text = its name */
    TRACE_BLOCK,       /* text = why */
    TRACE_RUN,         /* got the processor */
    TRACE_END,         /* of the thread */
    TRACE_CALL,        /* the workload's step begins; text = its name */
    TRACE_RETURN,      /* and ends; text = "NAME: RESULT" */
    TRACE_FORCED,      /* another thread than the benign one is chosen next; text = which */
    TRACE_FAULT,       /* an operation fails, is late, ...; text = which */
    TRACE_HANDLE       /* an mbuf is allocated, handed over, freed; text = how */
};

struct trace_event {
    enum trace_kind kind;
    uint64_t ns;
    uint32_t fiber;
    uint64_t thing; /* of TRACE_HANDLE: the mbuf's number in its run, from 1 */
    bool prepared; /* the threads of the workload run; before that it is preparation */
    char text[96];
};

struct trace_fiber {
    uint32_t id;
    char name[SCHEDULE_NAME_BYTES];
};

struct run_trace {
    struct trace_event *events;
    size_t count, capacity;
    struct trace_fiber *fibers;
    size_t fiber_count, fiber_capacity;
    bool prepared;
};

/* Plays the tape in this process and keeps what happened. Start with all-zero values. */
void run_trace_make(struct run_trace *trace, const struct workload *workload,
                    const struct run_tape *tape, struct explore_outcome *outcome);
/* The same of a run that a feeder feeds. */
void run_trace_record(struct run_trace *trace, const struct explore_job *job, struct tape_feeder *feeder,
                      struct explore_outcome *outcome);
void run_trace_free(struct run_trace *trace);

void run_trace_json(const struct run_trace *trace, const struct explore_outcome *outcome,
                    struct text *text);

/* `everything`: with the preparation, else from where the threads start. */
void run_trace_text(const struct run_trace *trace, bool everything, struct text *text);

const char *run_trace_fiber_name(const struct run_trace *trace, uint32_t id);

#endif
