/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_SELECT_H
#define KSIM_SELECT_H

/*
 * select, poll, kevent and what a driver does for them (kpi-rest.md 2.7). A struct selinfo belongs to the
 * driver; the kernel keeps its state in a record found by address. Memory with a selinfo in it that
 * some thread still waits on must not be freed: MACHINE_CONTRACT.
 */

#include <file.h>
#include <sys/select.h>

struct selinfo_record;

/* The record of threads in select: what selrecord links to. */
struct select_link {
    struct select_link *next;       /* in the set */
    struct selinfo_record *record;
    struct select_link *next_waiter; /* in the record */
    struct select_set *set;
};

struct select_set {
    struct thread *thread;
    struct select_link *links;
    bool fired;       /* some selwakeup came */
    bool recorded;    /* selrecord was called since it was cleared */
    uint64_t link_slot; /* what *wql points at */
};

/* [address, address + bytes) goes away: forgets what was recorded there. */
void ksim_select_memory_freed(const void *address, uint64_t bytes, const char *what);

/* Wakes threads that select on a descriptor which is being closed. */
void ksim_select_interrupt(struct descriptor *descriptor);

enum { SELECT_DESCRIPTORS = 256 };

struct select_request {
    int count;
    uint64_t in[3][4];  /* read, write, except */
    uint64_t out[3][4];
    int64_t timeout_ns; /* < 0 = for ever */
};

/* 0 with *ready set, EBADF, EINTR, EINVAL. */
int ksim_select(struct process *process, struct select_request *request, int *ready);
/* kevent for one descriptor: 0 with *fired 1 or 0 (timeout); EINVAL, ENODEV, EBADF, EINTR. */
int ksim_kevent(struct process *process, int fd, int filter, uint32_t note, int64_t data,
                int64_t timeout_ns, int *fired);

#endif
