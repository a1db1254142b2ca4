/* SPDX-License-Identifier: BSD-2-Clause */
#include "switch.h"

#include <stdint.h>
#include <string.h>

#include "sanitizer.h"

#define WORD_OF(name) #name
#define WORD(name)    WORD_OF(name)
#define SYMBOL(name)  WORD(__USER_LABEL_PREFIX__) #name

#if defined(__ELF__)
#define FUNCTION(name)                                                                             \
    ".text\n.p2align 4\n.globl " SYMBOL(name) "\n.hidden " SYMBOL(name) "\n.type " SYMBOL(         \
        name) ", %function\n" SYMBOL(name) ":\n"
#define FUNCTION_END(name) ".size " SYMBOL(name) ", . - " SYMBOL(name) "\n"
#else
#define FUNCTION(name)                                                                             \
    ".text\n.p2align 4\n.globl " SYMBOL(name) "\n.private_extern " SYMBOL(name) "\n" SYMBOL(       \
        name) ":\n"
#define FUNCTION_END(name) ""
#endif

/*
 * Saves what a called function must keep, stores the stack pointer, and undoes it on the other
 * stack.
 */
void machine_switch_stacks(void **save, void *load);
/*
 * Where a new stack begins: calls the function with the argument that context_prepare left in
 * registers.
 */
void machine_switch_begin(void);

/* clang-format off */
#if defined(__x86_64__)

__asm__(FUNCTION(machine_switch_stacks)
        "    .cfi_startproc\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        "    .cfi_endproc\n" FUNCTION_END(machine_switch_stacks));

/* The undefined return address ends every backtrace here. */
__asm__(FUNCTION(machine_switch_begin)
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    movq %r12, %rdi\n"
        "    callq *%r13\n"
        "    ud2\n"
        "    .cfi_endproc\n" FUNCTION_END(machine_switch_begin));

/* The order in which machine_switch_stacks finds them, lowest address first. */
struct saved_registers {
    uint32_t mxcsr;
    uint32_t x87_control;
    uint64_t r15, r14, r13, r12, rbx, rbp;
    uint64_t return_address;
};

#define FRAME_POINTER rbp

static void
registers_prepare(struct saved_registers *saved, void (*entry)(void *), void *argument)
{
    saved->mxcsr = 0x1f80; /* the state at process start: all exceptions masked, round to nearest */
    saved->x87_control = 0x037f;
    saved->r12 = (uint64_t)(uintptr_t)argument;
    saved->r13 = (uint64_t)(uintptr_t)entry;
    saved->return_address = (uint64_t)(uintptr_t)machine_switch_begin;
}

#elif defined(__aarch64__)

__asm__(FUNCTION(machine_switch_stacks)
        "    .cfi_startproc\n"
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp, #0]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp, #0]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        "    .cfi_endproc\n" FUNCTION_END(machine_switch_stacks));

__asm__(FUNCTION(machine_switch_begin)
        "    .cfi_startproc\n"
        "    .cfi_undefined x30\n"
        "    mov x0, x19\n"
        "    blr x20\n"
        "    brk #1\n"
        "    .cfi_endproc\n" FUNCTION_END(machine_switch_begin));

struct saved_registers {
    uint64_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
    uint64_t frame_pointer;
    uint64_t return_address;
    uint64_t d8_to_d15[8];
};
#define FRAME_POINTER frame_pointer

static void
registers_prepare(struct saved_registers *saved, void (*entry)(void *), void *argument)
{
    saved->x19 = (uint64_t)(uintptr_t)argument;
    saved->x20 = (uint64_t)(uintptr_t)entry;
    saved->return_address = (uint64_t)(uintptr_t)machine_switch_begin;
}

#else
#error "switch.c has no context switch for this processor"
#endif
/* clang-format on */

/*
 * Who ran before, for AddressSanitizer, which learns the host's stack bounds only after leaving it.
 */
static _Thread_local struct context *context_left;

void
context_prepare(struct context *context, void *low, size_t bytes, void (*entry)(void *),
                void *argument)
{
    uintptr_t top = ((uintptr_t)low + bytes) & ~(uintptr_t)15;
    struct saved_registers *saved;

    /* Both processors want a stack pointer that is a multiple of 16 where a call is made. */
    saved = (struct saved_registers *)((top - 64) - sizeof(*saved));
    memset(saved, 0, (size_t)(top - (uintptr_t)saved));
    registers_prepare(saved, entry, argument);
    memset(context, 0, sizeof(*context));
    context->stack_pointer = saved;
    context->stack_low = low;
    context->stack_bytes = bytes;
}

void
context_place(const struct context *context, const void **frame, const void **place)
{
    const struct saved_registers *saved = context->stack_pointer;

    *frame = (const void *)(uintptr_t)saved->FRAME_POINTER;
    *place = (const void *)(uintptr_t)saved->return_address;
}

void
context_arrive(struct context *self)
{
    struct context *left = context_left;
    const void *low = left->stack_low;
    size_t bytes = left->stack_bytes;

    sanitizer_stack_arrive(self->shadow_frames, &low, &bytes);
    left->stack_low = low;
    left->stack_bytes = bytes;
}

void
context_switch(struct context *from, struct context *to, bool for_ever)
{
    context_left = from;
    sanitizer_stack_leave(for_ever ? NULL : &from->shadow_frames, to->stack_low, to->stack_bytes);
    if (sanitizer_threads.switch_to_fiber != NULL)
        sanitizer_threads.switch_to_fiber(to->sanitizer_fiber, SANITIZER_NO_ORDER);
    machine_switch_stacks(&from->stack_pointer, to->stack_pointer);
    context_arrive(from);
}
