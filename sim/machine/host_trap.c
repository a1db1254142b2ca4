/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in a signal's context is in no standard. */
#define _GNU_SOURCE 1 /* REG_RIP */
#define _DARWIN_C_SOURCE 1
#include "host_trap.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ucontext.h>

#include "host_memory.h"
#include "machine_state.h"
#include "sanitizer.h"

enum { SIGNAL_STACK_BYTES = 64 * 1024, RED_ZONE_BYTES = 128, FRAME_ALIGNMENT = 16 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

static struct sigaction previous[SIGNAL_COUNT];
static bool caught;

/* From the signal's handler to trap_enter, which follows at once. */
static struct {
    enum machine_trap trap;
    const void *address;
} pending;

/* --- the context of a signal -------------------------------------------------------------------- */

static uintptr_t
context_stack(const ucontext_t *context)
{
#if defined(__APPLE__) && defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext->__ss.__rsp;
#elif defined(__APPLE__)
    return (uintptr_t)__darwin_arm_thread_state64_get_sp(context->uc_mcontext->__ss);
#elif defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#else
    return (uintptr_t)context->uc_mcontext.sp;
#endif
}

/* The return from the signal's handler goes to `function`, on that stack. */
static void
context_divert(ucontext_t *context, void (*function)(void), uintptr_t stack)
{
#if defined(__APPLE__) && defined(__x86_64__)
    context->uc_mcontext->__ss.__rip = (uintptr_t)function;
    context->uc_mcontext->__ss.__rsp = stack - sizeof(void *); /* as if a return address were there */
#elif defined(__APPLE__)
    __darwin_arm_thread_state64_set_pc_fptr(context->uc_mcontext->__ss, function);
    __darwin_arm_thread_state64_set_sp(context->uc_mcontext->__ss, stack);
#elif defined(__x86_64__)
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)function;
    context->uc_mcontext.gregs[REG_RSP] = (greg_t)(stack - sizeof(void *));
#else
    context->uc_mcontext.pc = (uintptr_t)function;
    context->uc_mcontext.sp = stack;
#endif
}

/* --- from the signal to the hook ---------------------------------------------------------------- */

static void
trap_enter(void)
{
    struct machine *machine = machine_current();

    machine->hook_trap(machine->hook_trap_argument, pending.trap, pending.address);
    host_stop("a trap hook returned");
}

static enum machine_trap
trap_of(int number, const siginfo_t *information)
{
    switch (number) {
    case SIGFPE:
        return MACHINE_TRAP_DIVIDE;
    case SIGILL:
        return MACHINE_TRAP_INSTRUCTION;
    case SIGSEGV:
        /* Without an address: one that no memory can have. */
        return information->si_code == SEGV_MAPERR || information->si_code == SEGV_ACCERR
                   ? MACHINE_TRAP_PAGE
                   : MACHINE_TRAP_PROTECTION;
    default:
        return MACHINE_TRAP_PAGE;
    }
}

/* Where the hook's frames go: below those of the fiber, or over them if they fill the stack. */
static uintptr_t
stack_for_hook(const struct host_stack *stack, uintptr_t pointer)
{
    uintptr_t low = (uintptr_t)stack->low;
    uintptr_t high = low + stack->bytes;

    if (pointer < low + stack->bytes / 4 || pointer > high) {
        sanitizer_undefine(stack->low, stack->bytes);
        pointer = high;
    }
    return (pointer - RED_ZONE_BYTES) & ~(uintptr_t)(FRAME_ALIGNMENT - 1);
}

static void
give_back(int number)
{
    for (unsigned index = 0; index < SIGNAL_COUNT; index++) {
        if (signals[index] == number)
            sigaction(number, &previous[index], NULL); /* the instruction comes again */
    }
}

static void
on_signal(int number, siginfo_t *information, void *context)
{
    struct machine *machine = machine_current();
    struct fiber *running = machine == NULL ? NULL : machine->running;

    if (running == NULL || machine->hook_trap == NULL || machine->trapped ||
        !machine->hook_trap_wanted(machine->hook_trap_argument)) {
        give_back(number);
        return;
    }
    machine->trapped = true; /* one is the end of a machine: a second is ours */
    pending.trap = trap_of(number, information);
    pending.address = information->si_addr;
    context_divert(context, trap_enter, stack_for_hook(&running->stack, context_stack(context)));
}

void
host_traps_catch(void)
{
    static unsigned char stack_bytes[SIGNAL_STACK_BYTES];
    const stack_t stack = {.ss_sp = stack_bytes, .ss_size = sizeof(stack_bytes)};
    struct sigaction action;

    if (caught)
        return;
    caught = true;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaltstack(&stack, NULL);
    for (unsigned index = 0; index < SIGNAL_COUNT; index++)
        sigaction(signals[index], &action, &previous[index]);
}
