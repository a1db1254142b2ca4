/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACHINE_H
#define MACHINE_H

/*
 * The computer on which the emulated kernel runs: fibers, a virtual clock, the choice tape, memory
 * with a ledger, and the result of a run. It knows nothing of XNU. It is the only door between the
 * emulated kernel and the host, so this header includes nothing but the compiler's own headers and
 * can be read both by kernel code (compiled against sim/kernel/include with -nostdinc) and by host
 * code.
 *
 * One machine runs at a time on a host thread; any number of machines may exist. Every function
 * without a machine argument acts on machine_current(). Nothing here reads the host's clock, random
 * numbers or threads: the same configuration gives the same bytes.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct fiber;

/* --- result ----------------------------------------------------------------------------------- */

/* How a run ended. Everything but MACHINE_OK is a failure with a report. */
enum machine_outcome {
    MACHINE_OK = 0,
    MACHINE_PANIC,      /* the emulated kernel panicked */
    MACHINE_HANG,       /* a fiber that is not a daemon is blocked and nothing can wake it */
    MACHINE_LEAK,       /* memory, mbufs, references, locks or threads were left behind */
    MACHINE_RACE,       /* a data race was seen */
    MACHINE_LOCK_ORDER, /* locks were taken in two orders */
    MACHINE_CONTRACT,   /* guest code broke a rule of the interface it called */
    MACHINE_LIMIT       /* the step limit of the configuration was reached */
};

const char *machine_outcome_name(enum machine_outcome outcome);

/* --- choice tape ------------------------------------------------------------------------------ */

/*
 * What a choice decides. Choice 0 of every kind is the benign one: keep running, no fault, no
 * delay.
 */
enum choice_kind {
    CHOICE_SCHEDULE, /* which fiber runs next; 0 = the one that runs now, if it can */
    CHOICE_FAULT,    /* 0 = succeed, 1 = fail */
    CHOICE_DELAY,    /* how late asynchronous work starts */
    CHOICE_PARTIAL,  /* how much of a copy is done before it faults */
    CHOICE_WORKLOAD  /* what a workload does next */
};

/*
 * Label of the CHOICE_SCHEDULE made when the running fiber blocked or ended (or none ran yet):
 * choice 0 is then the fiber that waited longest. Elsewhere the label is the argument of
 * machine_yield.
 */
#define MACHINE_DISPATCH_LABEL "dispatch"

/*
 * A source of choices. `next` returns a number below `count` (count >= 2; anything else stops the
 * process). It is called on the stack of the running fiber, so it uses little of it, and must not
 * call back into the machine. `label` names the place and lives for ever. Feeders: machine/tape.h.
 */
struct tape_feeder {
    uint32_t (*next)(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count,
                     const char *label);
};

/* One choice; count 0 or 1 answers 0 without touching the tape. */
uint32_t machine_choose(enum choice_kind kind, uint32_t count, const char *label);

/* True when the tape says that the operation named by `label` fails here. */
bool machine_fault(const char *label);

/* --- life of a machine ------------------------------------------------------------------------ */

struct machine_config {
    struct tape_feeder *feeder; /* borrowed; NULL = every choice is 0 (run to block) */
    uint64_t max_steps;         /* 0 = 100 million */
    size_t fiber_stack_bytes;   /* 0 = 64 KiB, 256 KiB under a sanitizer */
    uint64_t step_ns;           /* virtual cost of a preemption point; 0 = 100 */
    uint64_t poison_seed;       /* pattern in memory nobody wrote */
    bool echo_console;          /* copy console lines to the host's stderr */
};

/* A machine, or NULL when the host has no memory. Destroy frees everything that belongs to it. */
struct machine *machine_create(const struct machine_config *config);
void machine_destroy(struct machine *machine);

/* The machine that is entered on this host thread, or NULL. */
struct machine *machine_current(void);

/*
 * Enter and leave bracket host code that calls kernel functions outside machine_run (boot, tests).
 * They nest. The hooks run when the machine becomes, and stops being, the current one
 * (entering B while A is current: A's leave, then B's enter; and the reverse). machine_run and
 * machine_try enter by themselves. Leaving a machine that is not the current one stops the process.
 */
void machine_enter(struct machine *machine);
void machine_leave(struct machine *machine);
void machine_set_switch_hooks(struct machine *machine, void (*enter)(void *), void (*leave)(void *),
                              void *argument);

/* One pointer for the kernel that runs on the machine. */
void machine_set_kernel(struct machine *machine, void *kernel);
void *machine_kernel(void);

/*
 * Runs fibers until none is runnable and no deadline is pending (a daemon's deadline counts: one
 * that sleeps periodically for ever makes a run endless), or until a failure. MACHINE_HANG is not
 * final: a caller that meant the block may create another fiber and run again. Any other failure is
 * final: further calls return it at once and no fiber runs any more.
 */
enum machine_outcome machine_run(struct machine *machine);
enum machine_outcome machine_outcome(const struct machine *machine);

/*
 * The text that belongs to the outcome ("" for MACHINE_OK). Valid until the machine is destroyed.
 */
const char *machine_report(const struct machine *machine);

uint64_t machine_steps(const struct machine *machine);

/* --- fibers ----------------------------------------------------------------------------------- */

/*
 * A fiber with its own stack, runnable at once. `name` is copied. A daemon may be blocked when the
 * run ends (kernel service threads). The record lives until the fiber has finished and
 * machine_fiber_release was called (in either order), or the machine is destroyed. Ids count from 1
 * in the order of creation; names longer than 39 bytes are cut. Runnable fibers wait in one queue,
 * first in, first out.
 */
struct fiber *machine_fiber_create(struct machine *machine, const char *name, bool daemon,
                                   void (*entry)(void *), void *argument);
void machine_fiber_release(struct fiber *fiber);
bool machine_fiber_finished(const struct fiber *fiber);
const char *machine_fiber_name(const struct fiber *fiber);
uint32_t machine_fiber_id(const struct fiber *fiber);

/* The running fiber, or NULL outside machine_run. */
struct fiber *machine_fiber_current(void);

/* Is it on the running fiber's own stack? False outside a fiber. */
bool machine_on_stack(const void *address);

/* A pointer for the kernel's own record of the thread; that of the running fiber (NULL outside one) at hand. */
extern _Thread_local void *machine_local;
void machine_fiber_set_local(struct fiber *fiber, void *local);
void *machine_fiber_local(const struct fiber *fiber);

/*
 * A preemption point: costs one step (step_ns of virtual time), and is a CHOICE_SCHEDULE among this
 * fiber (0) and the runnable ones (1 .. n, longest waiting first). No-op outside a fiber.
 *
 * An emulated kernel comes by here at each call, so what is mostly all of it stands here: while
 * nothing is due (no deadline, no limit) and no feeder wants to be asked, a step is two additions.
 */
struct machine_pulse {
    uint64_t now_ns;
    uint64_t steps;
    uint64_t quiet_steps; /* fewer steps than this: the next step has nothing to decide */
    uint64_t step_ns;
};
extern _Thread_local struct machine_pulse *machine_pulse; /* of the running fiber; never NULL */
void machine_yield_decide(const char *where);

/* The pulse is the machine's own record: ThreadSanitizer must not see it in a fiber's code. */
__attribute__((no_sanitize("thread"))) static inline void
machine_yield(const char *where)
{
    struct machine_pulse *pulse = machine_pulse;

    if (pulse->steps < pulse->quiet_steps) {
        pulse->steps++;
        pulse->now_ns += pulse->step_ns;
    } else {
        machine_yield_decide(where);
    }
}

/*
 * Blocks the running fiber until machine_wake; `why` and `what` go into a hang report. With
 * deadline_ns != 0 (absolute virtual time) it returns false when the deadline came first.
 * A wake that came before the block is not remembered. Like
 * machine_yield it costs one step. Outside a fiber this is a contract failure.
 */
bool machine_block(const char *why, const void *what, uint64_t deadline_ns);
void machine_wake(struct fiber *fiber);

/*
 * Blocks the running fiber until no other one can run: what can be done at this moment is done, and
 * the clock would jump next. For whoever types commands and wants to see all that a command caused.
 * One fiber of a machine at a time. Costs one step. Outside a fiber this is a contract failure.
 */
void machine_wait_idle(const char *why);
bool machine_fiber_blocked(const struct fiber *fiber);

/*
 * `idle` is called whenever no fiber can run and nobody waits for that: before the clock jumps to the
 * next deadline, or, `for_ever`, when there is none and the run would end. It may wake fibers, which
 * then run at this moment. It runs on the stack of some fiber and must not block. NULL: nobody is told.
 */
void machine_set_idle_hook(struct machine *machine, void (*idle)(void *argument, bool for_ever),
                           void *argument);

/*
 * Lets `points` preemption points pass and stops at the last one: the running fiber waits meanwhile, as
 * in machine_wait_idle, and the fiber at that point stands there until it blocks again; then the run
 * goes on as if nobody had looked (no choice is made for standing still). `seen` is told each point on the
 * fiber that reached it, after its step and before its choice. Returns how many passed: fewer when no
 * fiber could run any more. Only on a machine with a feeder.
 */
typedef void machine_seen(void *context, struct fiber *fiber, const char *where);
uint32_t machine_step_points(uint32_t points, machine_seen *seen, void *context);
/* A fiber stands at a preemption point for whoever called machine_step_points. */
bool machine_stands(const struct machine *machine);

/*
 * For whoever keeps something of a fiber that others must not see (store buffers): `leaves` is called on a fiber that came
 * by a preemption point and is about to give the processor away, after its step; `returns` when it has it again. Neither
 * when it blocks or ends. They must not call back into the machine. NULL: nobody.
 */
void machine_set_point_hooks(struct machine *machine, void (*leaves)(void), void (*returns)(void));

/*
 * Tells `watch` of everything that happens to fibers, for whoever draws a picture of a run. It must not call back
 * into the machine, and changes nothing. Before machine_run, on a machine with a feeder. NULL: nobody watches.
 * `thing` is the number of what the fiber handles, and 0 with all but MACHINE_HANDLES.
 */
enum machine_happening {
    MACHINE_AT_POINT, /* comes by a preemption point; what = its name */
    MACHINE_BLOCKS,   /* what = why */
    MACHINE_RUNS,     /* got the processor; what = "" */
    MACHINE_ENDS,     /* what = "" */
    MACHINE_HANDLES   /* machine_tell_handled; what = what is done with it */
};
typedef void machine_witness(void *context, const struct fiber *fiber, enum machine_happening happening,
                           const char *what, uint64_t thing);
void machine_set_watch(struct machine *machine, machine_witness *watch, void *context);

/* For an emulated kernel: something with that number (of a kind that is told of: mbufs) is allocated, handed on, freed. */
void machine_tell_handled(uint64_t thing, const char *what_literal);

/* What a fiber is doing. `why` and `what` are those of its block, NULL when it is not blocked. */
struct machine_fiber_status {
    uint32_t id;
    const char *name;
    const char *state; /* "running", "runnable", "blocked", "finished" */
    const char *why;
    const void *what;
    uint64_t since_ns;    /* when it blocked */
    uint64_t deadline_ns; /* 0 = none */
};
void machine_fiber_look(const struct fiber *fiber, struct machine_fiber_status *status);

/* Ends the running fiber. Outside a fiber this is a contract failure. */
_Noreturn void machine_fiber_exit(void);

/*
 * What the processor does not do: an access where no memory is or may be, an access by an address that no
 * memory can have, an undefined instruction, a division by zero.
 */
enum machine_trap {
    MACHINE_TRAP_PAGE,
    MACHINE_TRAP_PROTECTION,
    MACHINE_TRAP_INSTRUCTION,
    MACHINE_TRAP_DIVIDE
};

/*
 * When a fiber of this machine traps and `wanted` says that it is a guest's doing, `trapped` is called on the
 * fiber's stack; `address` is what was accessed (a host's address, see machine_describe), NULL with
 * MACHINE_TRAP_PROTECTION. It must end in machine_fail. Both run where any instruction may have stopped:
 * `wanted` only looks. Every other trap is the host program's own, as if there were no hook.
 */
void machine_set_trap_hooks(struct machine *machine, bool (*wanted)(void *argument),
                            void (*trapped)(void *argument, enum machine_trap trap,
                                            const void *address),
                            void *argument);

/*
 * Whether ThreadSanitizer records what the running fiber does (it does until told otherwise). The kernel
 * and its programs take turns by rules that no lock shows; they are not compiled with it, but it sees
 * what they call of libc. A driver is watched. Elsewhere, and in host code, this does nothing.
 */
void machine_race_watch(bool watched);

/*
 * What orders two fibers, for ThreadSanitizer, which takes fibers for threads that nothing orders:
 * all before machine_order_release(x) happens before all after a later machine_order_acquire(x). An
 * emulated lock calls acquire after it was taken and release before it is dropped. The machine
 * itself orders creation before the first step of a fiber, a wake before the return of the block,
 * and the host outside machine_run before and after everything. Elsewhere these do nothing.
 */
void machine_order_acquire(const void *object);
void machine_order_release(const void *object);

/* --- clock ------------------------------------------------------------------------------------ */

/*
 * Virtual nanoseconds since boot; never goes back. Jumps to the next deadline when all are blocked.
 */
uint64_t machine_now_ns(void);

/* --- memory ----------------------------------------------------------------------------------- */

/*
 * Memory that belongs to the machine. `kind` (a literal) names it in leak reports. Contents are the
 * poison pattern. Never fails by itself: the caller asks machine_fault first where the emulated
 * operation may fail. Free of NULL is a no-op; of anything not live, a MACHINE_CONTRACT failure.
 */
void *machine_allocate(size_t bytes, const char *kind);
void machine_free(void *memory);
size_t machine_allocation_bytes(const void *memory);
size_t machine_live_count(const char *kind); /* kind NULL = all */

/*
 * Calls `visit` for each live allocation of a kind, oldest first. `owner` names who made it and at
 * which step.
 */
void machine_each_live(const char *kind,
                       void (*visit)(void *context, void *memory, size_t bytes, const char *owner),
                       void *context);

/*
 * Looks for memory that was written outside its bounds or after its release, in everything that is
 * live and everything that waits to be used again, and reports the first such place with
 * machine_finding. (The same is found without this call when the memory is freed or used again.)
 */
void machine_memory_audit(void);

/*
 * A name for an address that is the same in every run: kind, serial number and offset of the
 * allocation it is in ("mbuf 12+16"), or "NULL", or "memory outside the machine". Never the address
 * itself.
 */
void machine_describe(char *buffer, size_t bytes, const void *address);

/* Tell ASan and valgrind that a range must not, or may again, be touched / is undefined. */
void machine_poison(const void *address, size_t bytes);
void machine_unpoison(const void *address, size_t bytes);
void machine_undefine(void *address, size_t bytes);

void machine_copy(void *destination, const void *source, size_t bytes); /* may overlap */
void machine_fill(void *destination, int byte, size_t bytes);
int machine_compare(const void *left, const void *right, size_t bytes);

/*
 * Pages of the host for machine code that is loaded from a file (image_memory.c). They belong to no machine and are
 * not in its ledger. Map gives zeroed pages that can be read and written, NULL when the host has none; protect takes
 * MACHINE_IMAGE_* bits, whole pages of 4 KiB, false when the host refuses; unmap gives all of it back.
 */
enum { MACHINE_IMAGE_READ = 1, MACHINE_IMAGE_WRITE = 2, MACHINE_IMAGE_EXECUTE = 4, MACHINE_IMAGE_PAGE = 4096 };
void *machine_image_map(size_t bytes);
bool machine_image_protect(void *address, size_t bytes, unsigned allowed);
void machine_image_unmap(void *image, size_t bytes);

/* --- words ------------------------------------------------------------------------------------ */

/*
 * Formats like vsnprintf: returns the length the whole text would have. Written here and not the
 * host's, so that the words are the same everywhere: %p gives machine_describe's name in angle
 * brackets and not the address; there are no floating-point conversions and no %n (a conversion
 * that is not known is copied as it stands and takes no argument).
 */
int machine_format_list(char *buffer, size_t bytes, const char *format, va_list arguments);
int machine_format(char *buffer, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One line of the console (dmesg); a line feed is added when missing. */
void machine_console(const char *format, ...) __attribute__((format(printf, 1, 2)));
void machine_console_list(const char *format, va_list arguments);
/* All console text so far. */
const char *machine_console_text(const struct machine *machine);

/*
 * A failure found now; machine_fail stops the machine and does not return. Called from a fiber, the
 * fiber is abandoned where it stands and machine_run returns the outcome. Called outside one, the
 * outcome is stored and the innermost machine_try of this machine returns false; when there is
 * none, or no machine is entered, the report goes to the host's stderr and the process aborts, so
 * that the host's call stack can be seen.
 */
_Noreturn void machine_fail(enum machine_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void machine_fail_list(enum machine_outcome outcome, const char *format,
                                 va_list arguments);

/*
 * Calls body(argument) as host code with the machine entered, and returns true; or false when the
 * body failed, with machine_outcome and machine_report telling why. Frames of a failed body are
 * dropped without running anything in them. A machine that has failed before gives false at once.
 * Inside a fiber of the machine it is just a call: there a failure ends the run.
 */
bool machine_try(struct machine *machine, void (*body)(void *), void *argument);

/*
 * What an emulated kernel knows of a fiber that a report tells ("holds mutex 3 of tun"), by its local pointer; "" nothing.
 */
void machine_set_report_hook(struct machine *machine, void (*say)(const void *local, char *text, size_t bytes));

/*
 * Records the first finding and lets the run go on; machine_run then returns it at its end (a later
 * machine_fail goes first in the report). Outside machine_run it counts at once: machine_outcome
 * tells it.
 */
void machine_finding(enum machine_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
