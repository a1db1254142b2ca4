/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"

#include "thread.h"

#include <kern/debug.h>

/* What is not mapped in any process of XNU: below it an address says which member of a NULL record was meant. */
#define PAGE_ZERO_BYTES 4096

static bool
trap_is_of_kext(void *argument)
{
    (void)argument;
    return machine_local != NULL && ksim_thread_owner() != NULL;
}

static const char *
trap_name(enum machine_trap trap)
{
    switch (trap) {
    case MACHINE_TRAP_DIVIDE:
        return "type 0=divide error";
    case MACHINE_TRAP_INSTRUCTION:
        return "type 6=invalid opcode";
    case MACHINE_TRAP_PROTECTION:
        return "type 13=general protection";
    default:
        return "type 14=page fault";
    }
}

/* As a number where it is the same in every run, else by the name of what is there. */
static void
address_format(char *text, size_t bytes, const void *address)
{
    if ((uintptr_t)address < PAGE_ZERO_BYTES) {
        machine_format(text, bytes, "0x%016llx", (unsigned long long)(uintptr_t)address);
    } else {
        machine_describe(text, bytes, address);
    }
}

/* The registers would hold addresses of the host. */
static void
trap_panic(void *argument, enum machine_trap trap, const void *address)
{
    const char *owner = ksim_thread_owner();
    char place[96];

    (void)argument;
    if (trap != MACHINE_TRAP_PAGE) {
        panic("Kernel trap at 0x%016llx, %s, registers:\nin %s", KSIM_PANIC_CALLER, trap_name(trap), owner);
    }
    address_format(place, sizeof(place), address);
    panic("Kernel trap at 0x%016llx, %s, registers:\nFault CR2: %s, in %s", KSIM_PANIC_CALLER,
          trap_name(trap), place, owner);
}

void
ksim_traps_boot(struct ksim *kernel)
{
    machine_set_trap_hooks(kernel->machine, trap_is_of_kext, trap_panic, kernel);
}
