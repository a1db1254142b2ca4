/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACHINE_STATE_H
#define MACHINE_STATE_H

/* What a machine is made of. For the files of sim/machine only. */

#include <setjmp.h>

#include "host_memory.h"
#include "machine.h"
#include "memory.h"
#include "switch.h"
#include "text.h"

/* The machine's own records are shared by fibers; see sanitizer.h. */
#if defined(__SANITIZE_THREAD__)
#error "compile sim/machine, except sanitizer.c, with -fno-sanitize=thread"
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#error "compile sim/machine, except sanitizer.c, with -fno-sanitize=thread"
#endif
#endif

enum { RECENT_CHOICES = 16 };

enum fiber_state {
    FIBER_RUNNABLE,
    FIBER_RUNNING,
    FIBER_BLOCKED,
    FIBER_FINISHED,
    FIBER_ABANDONED /* failed in mid call; its stack is gone */
};

struct fiber {
    struct machine *machine;
    struct fiber *next, *previous;             /* all fibers, oldest first */
    struct fiber *queue_next, *queue_previous; /* runnable, or blocked with a deadline */
    struct context context;
    struct host_stack stack;
    enum fiber_state state;
    uint32_t id;
    bool daemon;
    bool released;
    bool timed_out;
    bool unwatched;  /* by ThreadSanitizer; machine_race_watch */
    bool discarding; /* resumed for the last time, only to give its shadow frames back */
    const char *blocked_why;
    const void *blocked_what;
    uint64_t blocked_step;
    uint64_t blocked_ns;
    uint64_t deadline_ns; /* 0 = none */
    void (*entry)(void *);
    void *argument;
    void *local;
    char name[MACHINE_NAME_BYTES];
};

struct fiber_queue {
    struct fiber *first, *last;
    uint32_t count;
};

struct recent_choice {
    enum choice_kind kind;
    uint32_t count;
    uint32_t value;
    const char *label;
};

/* An active machine_try. */
struct try_scope {
    struct try_scope *outer;
    jmp_buf place;
};

struct machine {
    struct machine_config config;
    void *kernel;
    void (*hook_enter)(void *);
    void (*hook_leave)(void *);
    void *hook_argument;

    /* fibers */
    struct fiber *fibers_first, *fibers_last;
    struct fiber_queue runnable;
    struct fiber_queue sleepers; /* by deadline, then id */
    struct fiber *running;       /* NULL in host code */
    struct fiber *idler;         /* in machine_wait_idle */
    struct fiber *standing;      /* at a preemption point, while the one in machine_step_points looks */
    struct fiber *departed; /* has run for the last time; its stack is still to be given back */
    struct context host;
    uint32_t fiber_count; /* ever created */
    uint32_t unfinished;  /* not finished and no daemon */
    uint32_t points_left; /* of machine_step_points */
    machine_seen *seen;
    void *seen_context;
    machine_witness *watch;
    void *watch_context;
    void (*hook_leaves)(void);
    void (*hook_returns)(void);
    void (*hook_report)(const void *local, char *text, size_t bytes);
    bool (*hook_trap_wanted)(void *argument);
    void (*hook_trap)(void *argument, enum machine_trap trap, const void *address);
    void *hook_trap_argument;
    bool trapped;
    void (*hook_idle)(void *argument, bool for_ever);
    void *hook_idle_argument;
    bool in_run;

    /* clock */
    struct machine_pulse pulse; /* now, and how many steps were made */
    uint64_t wake_ns; /* deadline of the first sleeper, else UINT64_MAX */

    /* result */
    enum machine_outcome outcome;
    bool final;
    enum machine_outcome finding;
    struct text finding_text;
    struct text report;
    struct try_scope *trying;

    struct recent_choice recent[RECENT_CHOICES];
    uint64_t choice_count; /* asked from the feeder */

    struct text console;
    struct memory memory;

    /* Addresses that stand for "the host ran" and "the fibers ran" (ThreadSanitizer). */
    char host_ran, fibers_ran;
};

/* machine.c: undoes machine_enter calls that abandoned frames made, back to an earlier depth. */
struct entered_depth {
    unsigned machines;
    unsigned times;
};
struct entered_depth machine_entered_depth(void);
void machine_entered_restore(struct entered_depth depth);

/* machine.c: whose pulse and local it is, when another fiber runs or another machine is current. */
void machine_pulse_choose(void);

/* outcome.c: the report of a hang, and the choice of what a run that ended by itself was. */
void outcome_of_run(struct machine *machine);

#endif
