/* SPDX-License-Identifier: BSD-2-Clause */
#include "select.h"

#include "profile.h"
#include "socket.h"
#include "wait.h"

#include <sys/errno.h>
#include <sys/event.h>
#include <sys/fcntl.h>

#define SELINFO_TAG 0x216f666e696c6573ULL /* all over the driver's memory while the record lives */

struct selinfo_record {
    struct selinfo_record *next;
    struct selinfo *address;
    bool recorded;
    struct select_link *waiters; /* oldest first */
};

/* --- records ----------------------------------------------------------------------------------- */

static struct selinfo_record *
record_find(const struct selinfo *address)
{
    struct selinfo_record *record = ksim_current()->files->selinfo_records;

    while (record != NULL && record->address != address) {
        record = record->next;
    }
    return record;
}

/*
 * As many bytes as the release's struct selinfo has, whatever the driver reserved. It may sit at any
 * address: a driver packed it (kpi-rest.md 9.6). Returns whether all words were zero.
 */
static bool
selinfo_mark(struct selinfo *address, uint64_t mark)
{
    const uint32_t words = ksim_current()->profile->selinfo_bytes / sizeof(mark);
    bool was_zero = true;
    uint64_t word;

    for (uint32_t i = 0; i < words; i++) {
        char *at = (char *)address + i * sizeof(mark);

        machine_copy(&word, at, sizeof(word));
        was_zero = was_zero && word == 0;
        machine_copy(at, &mark, sizeof(mark));
    }
    return was_zero;
}

static struct selinfo_record *
record_make(struct selinfo *address)
{
    struct selinfo_record *record = record_find(address);

    if (record != NULL) {
        return record;
    }
    if (!selinfo_mark(address, SELINFO_TAG)) {
        machine_finding(MACHINE_CONTRACT, "selrecord: the selinfo at %p was not zeroed before its "
                        "first use", (void *)address);
    }
    record = machine_allocate(sizeof(*record), "selinfo record");
    machine_fill(record, 0, sizeof(*record));
    record->address = address;
    record->next = ksim_current()->files->selinfo_records;
    ksim_current()->files->selinfo_records = record;
    return record;
}

static void
record_unlink_waiter(struct select_link *link)
{
    struct select_link **cursor = &link->record->waiters;

    while (*cursor != link) {
        cursor = &(*cursor)->next_waiter;
    }
    *cursor = link->next_waiter;
    link->record = NULL;
}

static void
record_unlink_all(struct selinfo_record *record)
{
    while (record->waiters != NULL) {
        record_unlink_waiter(record->waiters);
    }
}

static void
record_free(struct selinfo_record *record)
{
    struct selinfo_record **link = &ksim_current()->files->selinfo_records;

    record_unlink_all(record);
    while (*link != record) {
        link = &(*link)->next;
    }
    *link = record->next;
    machine_free(record);
}

static void
record_wake(struct selinfo_record *record)
{
    if (!record->recorded) {
        return;
    }
    record->recorded = false;
    for (struct select_link *link = record->waiters; link != NULL; link = link->next_waiter) {
        link->set->fired = true;
        (void)ksim_wakeup(link->set);
    }
}

void
ksim_select_memory_freed(const void *address, uint64_t bytes, const char *what)
{
    const char *first = address;
    struct selinfo_record *next;

    for (struct selinfo_record *record = ksim_current()->files->selinfo_records; record != NULL;
         record = next) {
        const char *selinfo = (const char *)record->address;

        next = record->next;
        if (selinfo < first || selinfo >= first + bytes) {
            continue;
        }
        if (record->waiters != NULL) {
            machine_fail(MACHINE_CONTRACT,
                         "%s frees a selinfo that thread %s is still linked to: selthreadclear "
                         "must come first",
                         what, record->waiters->set->thread->name);
        }
        record_free(record);
    }
}

/* --- sets -------------------------------------------------------------------------------------- */

static void
set_begin(struct select_set *set)
{
    machine_fill(set, 0, sizeof(*set));
    set->thread = ksim_thread_current();
    set->thread->select = set;
}

static void
set_clear(struct select_set *set)
{
    while (set->links != NULL) {
        struct select_link *link = set->links;

        set->links = link->next;
        if (link->record != NULL) {
            record_unlink_waiter(link);
        }
        machine_free(link);
    }
    set->fired = false;
    set->recorded = false;
}

static void
set_end(struct select_set *set)
{
    set_clear(set);
    set->thread->select = NULL;
}

/* Sleeps until something fired. 0, EWOULDBLOCK or EINTR. */
static int
set_wait(struct select_set *set, uint64_t deadline_ns)
{
    int result;
    int error;

    if (set->fired) {
        return 0;
    }
    error = ksim_process_signal_pending();
    if (error == 0) {
        result = ksim_wait(set, THREAD_ABORTSAFE, deadline_ns, "select");
        error = result == THREAD_TIMED_OUT ? EWOULDBLOCK : ksim_process_signal_pending();
        if (error == 0 && result == THREAD_INTERRUPTED && !set->fired) {
            error = EINTR;
        }
    }
    return error == ERESTART ? EINTR : error;
}

static int
descriptor_select(struct process *process, const struct descriptor *descriptor, int which,
                  struct select_set *set)
{
    struct device_vnode *vnode;
    int ready;

    if (descriptor->file->kind != FILE_DEVICE) {
        return which == FWRITE;
    }
    vnode = descriptor->file->vnode;
    ksim_vnode_enter(vnode);
    ready = vnode->dead ? 1
                        : ksim_device_select(vnode->device, which,
                                             set == NULL ? NULL : &set->link_slot,
                                             ksim_process_proc(process));
    ksim_vnode_exit(vnode);
    return ready;
}

/* A closed descriptor ends the waits of those who select on it; they look again and get EBADF. */
static void
interrupt_visit(struct thread *thread, void *context)
{
    (void)context;
    if (thread->select != NULL) {
        thread->select->fired = true;
        (void)ksim_wakeup(thread->select);
    }
}

void
ksim_select_interrupt(struct descriptor *descriptor)
{
    if (descriptor->selecting > 0) {
        ksim_threads_each(ksim_process_current(), interrupt_visit, NULL);
    }
}

/* --- select ------------------------------------------------------------------------------------ */

static bool
bit_test(const uint64_t bits[4], int fd)
{
    return (bits[fd / 64] >> (fd % 64) & 1) != 0;
}

static int
select_scan_one(struct process *process, struct select_request *request, int fd,
                struct select_set *set, int *ready)
{
    static const int whiches[] = {FREAD, FWRITE, 0};
    struct descriptor *descriptor;
    int error = 0;

    for (int i = 0; i < 3; i++) {
        if (!bit_test(request->in[i], fd)) {
            continue;
        }
        error = ksim_descriptor_hold(process, fd, &descriptor);
        if (error != 0) {
            return error;
        }
        /* Whatever is not 0 is ready, an errno that a driver returns by mistake as well. */
        if (descriptor_select(process, descriptor, whiches[i], set) != 0) {
            request->out[i][fd / 64] |= 1ULL << (fd % 64);
            (*ready)++;
        }
        ksim_descriptor_release(process, descriptor);
    }
    return 0;
}

static int
select_scan(struct process *process, struct select_request *request, struct select_set *set,
            int *ready)
{
    *ready = 0;
    machine_fill(request->out, 0, sizeof(request->out));
    for (int fd = 0; fd < request->count; fd++) {
        int error = select_scan_one(process, request, fd, set, ready);

        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static bool
request_has(const struct select_request *request, int fd)
{
    return bit_test(request->in[0], fd) || bit_test(request->in[1], fd) || bit_test(request->in[2], fd);
}

/* Lets go of the descriptors below `count`. */
static void
select_drop(struct process *process, const struct select_request *request, int count)
{
    for (int fd = 0; fd < count; fd++) {
        if (request_has(request, fd)) {
            process->files->slots[fd]->selecting--;
            ksim_descriptor_release(process, process->files->slots[fd]);
        }
    }
}

/*
 * XNU's selcount: holds them to the end of the select, so that whoever closes one wakes it, waits until it has looked again
 * and left with EBADF, and the number belongs to nothing else meanwhile.
 */
static int
select_hold(struct process *process, const struct select_request *request)
{
    for (int fd = 0; fd < request->count; fd++) {
        struct descriptor *descriptor;
        int error = request_has(request, fd) ? ksim_descriptor_hold(process, fd, &descriptor) : 0;

        if (error != 0) {
            select_drop(process, request, fd);
            return error;
        }
        if (request_has(request, fd)) {
            descriptor->selecting++;
        }
    }
    return 0;
}

static uint64_t
timeout_deadline(int64_t timeout_ns)
{
    return timeout_ns < 0 ? 0 : machine_now_ns() + (uint64_t)timeout_ns;
}

int
ksim_select(struct process *process, struct select_request *request, int *ready)
{
    uint64_t deadline_ns = timeout_deadline(request->timeout_ns);
    struct select_set set;
    bool second_pass = false;
    int error;

    machine_yield("select");
    if (request->count < 0) {
        return EINVAL;
    }
    if (request->count > SELECT_DESCRIPTORS) {
        request->count = SELECT_DESCRIPTORS;
    }
    error = select_hold(process, request);
    if (error != 0) {
        return error;
    }
    set_begin(&set);
    for (;;) {
        set_clear(&set);
        error = select_scan(process, request, second_pass ? NULL : &set, ready);
        if (error != 0 || *ready > 0 || request->timeout_ns == 0) {
            break;
        }
        if (second_pass) {
            second_pass = false; /* woken for nothing: register again */
            continue;
        }
        error = set_wait(&set, deadline_ns);
        if (error != 0) {
            error = error == EWOULDBLOCK ? 0 : error;
            break;
        }
        second_pass = true;
    }
    set_end(&set);
    select_drop(process, request, request->count);
    return error;
}

/* --- kevent ------------------------------------------------------------------------------------ */

static int
kevent_check(int filter, uint32_t note, int64_t data)
{
    if (filter != EVFILT_READ && filter != EVFILT_WRITE) {
        return EINVAL;
    }
    if (ksim_current()->profile->kqueue == KSIM_KQUEUE_EINVAL ||
        (note & NOTE_LOWAT) == 0 || data != 1) {
        return EINVAL;
    }
    return 0;
}

static int
kevent_wait(struct process *process, struct descriptor *descriptor, int which, int64_t timeout_ns,
            int *fired)
{
    uint64_t deadline_ns = timeout_deadline(timeout_ns);
    struct select_set set;
    int error = 0;

    set_begin(&set);
    /* From before the first look: a close between a look and the wait must be noticed. */
    descriptor->selecting++;
    for (;;) {
        set_clear(&set);
        if (descriptor->closing) {
            error = EBADF;
            break;
        }
        if (descriptor_select(process, descriptor, which, &set) != 0) {
            *fired = 1;
            break;
        }
        if (!set.recorded) {
            error = ENODEV;
            break;
        }
        if (timeout_ns == 0) {
            break;
        }
        error = set_wait(&set, deadline_ns);
        if (error != 0) {
            error = error == EWOULDBLOCK ? 0 : error;
            break;
        }
    }
    descriptor->selecting--;
    set_end(&set);
    return error;
}

int
ksim_kevent(struct process *process, int fd, int filter, uint32_t note, int64_t data,
            int64_t timeout_ns, int *fired)
{
    struct descriptor *descriptor;
    int error;

    machine_yield("kevent");
    *fired = 0;
    error = ksim_descriptor_hold(process, fd, &descriptor);
    if (error != 0) {
        return error;
    }
    error = descriptor->file->kind == FILE_DEVICE ? kevent_check(filter, note, data) : EINVAL;
    if (error == 0) {
        error = kevent_wait(process, descriptor, filter == EVFILT_READ ? FREAD : FWRITE, timeout_ns,
                            fired);
    }
    ksim_descriptor_release(process, descriptor);
    return error;
}

/* --- KPI --------------------------------------------------------------------------------------- */

/* The lock of XNU's wait queues orders those who come here, each after the one before. */
static void
selinfos_order(void)
{
    machine_order_acquire(ksim_current()->files);
    machine_order_release(ksim_current()->files);
}

void
selrecord(proc_t process, struct selinfo *selinfo, void *wait_link)
{
    struct select_set *set = ksim_thread_current()->select;
    struct selinfo_record *record;
    struct select_link *link;
    struct select_link **last;

    (void)process;
    ksim_kpi_enter("selrecord", KPI_ANY_CONTEXT);
    if (wait_link == NULL) {
        return;
    }
    if (set == NULL) {
        machine_fail(MACHINE_CONTRACT, "selrecord outside of select, by thread %s",
                     ksim_thread_current()->name);
    }
    record = record_make(selinfo);
    record->recorded = true;
    set->recorded = true;
    for (link = set->links; link != NULL; link = link->next) {
        if (link->record == record) {
            return;
        }
    }
    link = machine_allocate(sizeof(*link), "select link");
    selinfos_order();
    link->record = record;
    link->set = set;
    link->next_waiter = NULL;
    link->next = set->links;
    set->links = link;
    for (last = &record->waiters; *last != NULL;) {
        last = &(*last)->next_waiter;
    }
    *last = link;
    if (ksim_current()->profile->selrecord_fills_link) {
        uint64_t word = (uint64_t)(uintptr_t)selinfo;

        machine_copy(wait_link, &word, sizeof(word));
    }
}

void
selwakeup(struct selinfo *selinfo)
{
    struct selinfo_record *record;

    ksim_kpi_enter("selwakeup", KPI_ANY_CONTEXT);
    selinfos_order();
    record = record_find(selinfo);
    if (record != NULL) {
        record_wake(record);
    }
}

void
selthreadclear(struct selinfo *selinfo)
{
    struct selinfo_record *record;

    ksim_kpi_enter("selthreadclear", KPI_ANY_CONTEXT);
    selinfos_order();
    record = record_find(selinfo);
    if (record == NULL) {
        return;
    }
    record_wake(record);
    if (ksim_current()->profile->selthreadclear_deinitialises) {
        record_free(record);
        (void)selinfo_mark(selinfo, 0);
    } else {
        record_unlink_all(record);
    }
}
