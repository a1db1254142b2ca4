/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SWITCH_H
#define SWITCH_H

/*
 * Changing stacks. A context is a place where a host thread can go on: where its stack pointer is,
 * and what the sanitizers call it. Written for x86_64 (System V) and arm64, ELF and Mach-O.
 */

#include <stdbool.h>
#include <stddef.h>

struct context {
    void *stack_pointer;   /* while it does not run */
    const void *stack_low; /* known to AddressSanitizer only for the host's own stack */
    size_t stack_bytes;
    void *shadow_frames;   /* AddressSanitizer's, while it does not run */
    void *sanitizer_fiber; /* ThreadSanitizer's */
};

/*
 * Makes a context that will call entry(argument) on the stack [low, low + bytes). entry must not
 * return.
 */
void context_prepare(struct context *context, void *low, size_t bytes, void (*entry)(void *),
                     void *argument);

/*
 * Goes on in `to`; returns when somebody switches to `from`. With `for_ever` nobody may. A context
 * made by context_prepare must call context_arrive as the first thing it does.
 */
void context_switch(struct context *from, struct context *to, bool for_ever);
void context_arrive(struct context *self);

/* The frame pointer and the place of a context that does not run. */
void context_place(const struct context *context, const void **frame, const void **place);

#endif
