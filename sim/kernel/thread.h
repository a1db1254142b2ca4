/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_THREAD_H
#define KSIM_THREAD_H

/*
 * Threads (kpi-rest.md 4.6). A struct thread belongs to one fiber; the record stays valid while it
 * is referenced, also after the thread has ended. Code that runs outside every fiber (boot, tests)
 * acts as the boot thread, which may take free locks and must not block.
 *
 * A thread that guest code runs on has an owner: the bundle id of the kext on whose behalf it runs
 * now. What is made meanwhile (locks, memory, devices, sockets, interfaces) is the kext's, and is
 * reported when the kext goes and leaves it behind.
 */

#include <ksim.h>
#include <kern/thread.h>
#include <mach/kern_return.h>

struct process;
struct ksim_lock;
struct select_set;

enum { THREAD_HELD_MAX = 32, THREAD_NAME_BYTES = 64 };

/* One range of a process's memory for the length of a system call (uio.h). */
struct user_range {
    struct user_range *next;
    uint64_t address;
    uint64_t bytes;
    uint64_t fault_offset; /* the first byte that faults; == bytes: none */
};

struct thread_hold {
    struct ksim_lock *lock;
    bool exclusive;
};

/* What a thread waits for (wait.h). */
struct thread_wait {
    const void *event;
    struct thread *next; /* in the event's queue, oldest first */
    int interruptible;   /* THREAD_UNINT ... */
    int result;          /* wait_result_t of the last wait */
    bool asserted;       /* in a queue */
    uint64_t deadline_ns; /* absolute, 0 = none */
};

struct thread {
    struct thread *next; /* all threads of the machine, oldest first */
    struct fiber *fiber; /* NULL: the boot thread, or ended */
    char name[THREAD_NAME_BYTES];
    struct process *process; /* never NULL */
    const char *owner;       /* bundle id of the running kext, or NULL */
    const char *creator;     /* bundle id of the kext that made the thread, or NULL */
    uint32_t references;     /* one is its own while it lives */
    const char *referrer;    /* bundle id of the kext that took a reference last, or NULL */
    uint32_t referrer_references; /* how many of the references are a kext's */
    bool daemon;
    bool active;      /* false once termination has begun */
    bool abort_hard;  /* SIGKILL and the like: stays until the thread reaches user mode */
    bool abort_safely; /* an ordinary signal */
    bool counts_user;  /* a user thread of its process */
    struct thread_wait wait;
    struct ksim_lock *blocked_on; /* the lock it waits for */
    struct thread_hold held[THREAD_HELD_MAX];
    uint32_t held_count;
    uint32_t spin_count;
    struct select_set *select;
    struct user_range *user_ranges;
    thread_continue_t body;
    void (*user_body)(void *);
    void *argument;
    void (*ended)(void *); /* told when it ends; must not block */
    void *ended_argument;
};

enum { THREAD_WAIT_QUEUES = 64 };

struct thread_system {
    struct thread *threads; /* oldest first; the first one is the boot thread */
    struct thread boot;
    struct thread *wait_queues[THREAD_WAIT_QUEUES]; /* wait.c; by hash of the event */
};

void ksim_threads_boot(struct ksim *kernel);
/* Reports threads made by a kext that still live, references a kext kept, and threads stuck on a lock. */
void ksim_threads_audit(struct ksim *kernel);

/* The running thread; outside a fiber the boot thread. Never NULL after boot. */
struct thread *ksim_thread_boot(void);

static inline struct thread *
ksim_thread_current(void)
{
    struct thread *thread = machine_local;

    return thread == NULL ? ksim_thread_boot() : thread;
}

/*
 * A kernel thread, runnable at once. A daemon may be asleep when a run ends. The caller owns one
 * reference (thread_deallocate). Never fails.
 */
struct thread *ksim_thread_create(const char *name, bool daemon, thread_continue_t body,
                                  void *argument);
/* The same for a thread of a process; the caller owns no reference. */
struct thread *ksim_thread_create_user(struct process *process, const char *name,
                                       void (*body)(void *), void *argument);

/*
 * Makes the running thread act for a kext; returns the previous owner, to be put back with the same call.
 * ThreadSanitizer watches it as long as it acts for one.
 */
static inline const char *
ksim_thread_set_owner(const char *bundle_id)
{
    struct thread *thread = ksim_thread_current();
    const char *previous = thread->owner;

    thread->owner = bundle_id;
    if ((bundle_id == NULL) != (previous == NULL))
        machine_watch(bundle_id != NULL);
    return previous;
}

static inline const char *
ksim_thread_owner(void)
{
    return ksim_thread_current()->owner;
}

/* Ends the running thread: held locks are a MACHINE_LEAK finding. */
_Noreturn void ksim_thread_exit(void);

/* Each live thread of a process, or of all with NULL. */
void ksim_threads_each(struct process *process, void (*visit)(struct thread *, void *),
                       void *context);

/* Fails with MACHINE_CONTRACT when a spin lock is held: for what sleeps inside `name`. */
_Noreturn void ksim_thread_blocks_with_spin_lock(const struct thread *thread, const char *name);
static inline void
ksim_thread_may_block(const char *name)
{
    const struct thread *thread = ksim_thread_current();

    if (thread->spin_count > 0) {
        ksim_thread_blocks_with_spin_lock(thread, name);
    }
}

#endif
