/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WORKLOAD_PROGRAM_H
#define WORKLOAD_PROGRAM_H

/*
 * A workload that nobody thought of: which threads make which calls is data, so that a fuzzer can write it and a tape can
 * name it. Its text is the name of the workload, wherever one has a name (explore, run tapes):
 *
 *     tun-program running: 0 read, close; 1 open, read; 2 ifconfig down, send 2
 *
 *     tun, tap       the device
 *     bare, loaded, opened, running
 *                    what is done before, without choices: nothing, kextload, open too, address and up too
 *     forked         (behind that word) process 1 is a child of process 0 and has its descriptors
 *     0, 1, 2        each thread is one of that process; at most WORKLOAD_THREADS_MAX
 *     read, ...      steps, by the words of WORKLOAD_ACTS (workload_shape.h), in order; a number behind one is its
 *                    argument, and belongs to those that have one
 *
 * Any calls in any order are a program. None can be told what it has to answer, only what the manual allows (errors_of
 * in workload_verdict.c), and one may sleep because nobody ever does what it waits for: when nothing else can happen, the
 * interface goes down, again and again, until all have ended. Who sleeps on is a hang, and so is who slept while there was
 * something to read. Where a program never gives the system a reason to lose a packet (workload_program_is_lossless), none
 * may be lost.
 */

#include <text.h>

#include "packet_view.h"
#include "workload.h"
#include "workload_shape.h"

enum { WORKLOAD_PROGRAM_STEPS_MAX = 24 }; /* of all threads */

enum workload_before { WORKLOAD_BARE, WORKLOAD_LOADED, WORKLOAD_OPENED, WORKLOAD_RUNNING, WORKLOAD_BEFORES };

struct workload_program {
    enum packet_device device;
    enum workload_before before;
    bool forked;
    unsigned thread_count, step_count; /* step_count: of all threads */
    struct {
        unsigned process;
        unsigned count;
        struct workload_step steps[WORKLOAD_PROGRAM_STEPS_MAX + 1]; /* ended by WORKLOAD_END */
    } threads[WORKLOAD_THREADS_MAX];
};

/* All-zero but for these is a program without threads. */
void workload_program_start(struct workload_program *program, enum packet_device device,
                            enum workload_before before, bool forked);
/* Adds a thread; false: there are as many as can be, or no such process. */
bool workload_program_thread(struct workload_program *program, unsigned process);
/* Adds a step at the end of a thread that is there. False: the program is full, or the act or its argument is none. */
bool workload_program_step(struct workload_program *program, unsigned thread, enum workload_act act, int argument);

/* The arguments that an act takes: *first to *last; false: it takes none. */
bool workload_argument_range(enum workload_act act, int *first, int *last);

/* Appends the text. It is shorter than WORKLOAD_NAME_BYTES. */
void workload_program_text(const struct workload_program *program, struct text *text);
/* Reads a text; false with one line in `error`. */
bool workload_program_parse(struct workload_program *program, const char *text, char error[WORKLOAD_ERROR_BYTES]);
/* Does the text begin as one of a program does? */
bool workload_program_is_named(const char *text);

/* Makes the shape that runs it. The program must outlive the shape. */
void workload_program_shape(const struct workload_program *program, struct workload_shape *shape);

bool workload_program_is_lossless(const struct workload_program *program);

#endif
