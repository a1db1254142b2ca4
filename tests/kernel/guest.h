/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GUEST_H
#define GUEST_H

/*
 * What the suites run on a machine and is compiled like a kernel extension. A guest writes what it sees into
 * the world's log (world.h); the test compares. Those whose names begin with misuse_ break a rule.
 */

#include <stdbool.h>

struct process;

#define GUEST_BUNDLE "org.example.guest"

typedef void guest_body(void *argument);

/* Adds to the log: "what=value ", or the text. */
void say(const char *what, long long value);
void say_text(const char *text);
struct process *guest_root(void);
/* A new user thread of a process, or of root with NULL. */
void guest_thread(struct process *process, const char *name, guest_body *body, void *argument);
/* The running thread sleeps in virtual time. */
void guest_sleep(unsigned long long duration_ns);
/* Makes the running thread act for GUEST_BUNDLE, or for the kernel again. */
void guest_acts(bool as_kext);

/* wait_guest.c */
guest_body wait_all, wait_one, wait_timeout, wait_for_ever, wait_window_open, wait_window_closed,
    wait_drop, wait_nowhere, wait_caught, wait_restarted, wait_deaf, wait_killed, wait_deaf_to_kill,
    wait_signal_beats, wait_signal_taken, wait_deadline, wait_relative, wait_pending_signal;
guest_body wait_hard_abort, wait_interruptible, wait_actions;
guest_body misuse_wait_action, misuse_wait_event, misuse_wait_unlocked, misuse_wait_freed;

/* lock_guest.c */
guest_body lock_mutex, lock_readers, lock_writer_first, lock_upgrade, lock_upgrade_lost, lock_downgrade,
    lock_types, lock_try, lock_spin, lock_spin_sleep, lock_embedded, lock_group_order, lock_attributes,
    lock_foreign_unlock, lock_allocations, lock_same_order, lock_inverted, lock_deadlock,
    lock_reader_starves;
guest_body misuse_lock_mutex_twice, misuse_lock_rw_twice, misuse_lock_rw_widen, misuse_lock_spin_twice,
    misuse_lock_spin_block, misuse_lock_spin_copy, misuse_lock_unlock, misuse_lock_unlock_foreign,
    misuse_lock_unlock_shared, misuse_lock_unlock_exclusive, misuse_lock_unlock_nobody,
    misuse_lock_unlock_spin, misuse_lock_free_held, misuse_lock_free_waited, misuse_lock_destroyed,
    misuse_lock_destroyed_rw, misuse_lock_destroyed_twice, misuse_lock_null, misuse_lock_garbage,
    misuse_lock_group_null, misuse_lock_group_freed, misuse_lock_group_twice, misuse_lock_type,
    misuse_lock_unlock_type, misuse_lock_upgrade_free, misuse_lock_downgrade_free,
    misuse_lock_ended, misuse_lock_many, misuse_lock_copy;

/* memory_guest.c */
guest_body memory_contents, memory_tags, memory_pageable, memory_fails, memory_zeroed, memory_empty;
guest_body misuse_memory_size, misuse_memory_tag, misuse_memory_twice, misuse_memory_family,
    misuse_memory_tag_twice, misuse_memory_tag_freed, misuse_memory_tag_null, misuse_memory_type,
    misuse_memory_wait_fails, misuse_memory_overrun, misuse_memory_foreign, misuse_memory_under_spin;

/* thread_guest.c */
guest_body thread_starts, thread_fails, thread_current, thread_terminates, thread_outlives,
    thread_call_runs, thread_call_delayed, thread_call_cancelled, thread_call_again,
    thread_call_overlaps, thread_call_frees, thread_timeout, thread_untimeout, thread_call_moved;
guest_body misuse_thread_over, misuse_thread_gone, misuse_thread_call_freed, misuse_thread_left,
    misuse_thread_kept, misuse_thread_call_kept, misuse_thread_timeout_kept, misuse_thread_user_kept;

/* clock_guest.c, strings_guest.c */
guest_body clock_advances, clock_deadlines, clock_calendar, clock_arithmetic;
guest_body strings_memory, strings_copies, strings_compare, strings_format, strings_numbers,
    strings_random, strings_console, atomics;

/* uio_guest.c */
guest_body uio_walks, uio_kernel_space, uio_fields, uio_copies, uio_null, uio_lists, uio_faults,
    uio_partial, uio_strings;
guest_body misuse_uio_large_in, misuse_uio_large_out, misuse_uio_lock;

/* device_guest.c */
guest_body device_slots, device_search, device_remove, device_fixed, device_fillers, device_nodes,
    device_node_names, device_faults;
guest_body misuse_device_node_null, misuse_device_node_twice, misuse_device_function_null;

/* process_guest.c */
guest_body process_identity, process_references, process_signals, process_credentials;
guest_body misuse_process_over, misuse_process_kept;

/* other_kpi_guest.c */
guest_body other_scan, other_addresses, other_strings, other_memory, other_waits, other_locks, other_atomics;
guest_body other_wrong_size, other_wrong_family, other_not_owned;

/* panic_guest.c */
guest_body panic_plain, panic_of_kernel, panic_of_assert, panic_fault, panic_as_kext;

/* audit_guest.c */
guest_body leave_memory, leave_tag, leave_lock, leave_group, leave_major, leave_node;

#endif
