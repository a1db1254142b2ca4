/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What compilers ask of the kernel (com.apple.kpi.libkern): the operators of C++ (libkern/c++/OSRuntime.cpp), the stack
 * protector, and the mark of a weak import that nobody has. Names are the mangled ones; no header declares them.
 */
#include "kpi_binding.h"
#include "memory.h"
#include "panic.h"

#include <stddef.h>
#include <sys/cdefs.h>

void *_Znwm(size_t bytes) KPI_SYMBOL(_Znwm);
void *_Znam(size_t bytes) KPI_SYMBOL(_Znam);
void _ZdlPv(void *address) KPI_SYMBOL(_ZdlPv);
void _ZdaPv(void *address) KPI_SYMBOL(_ZdaPv);
void _ZdlPvm(void *address, size_t bytes) KPI_SYMBOL(_ZdlPvm);
void _ZdaPvm(void *address, size_t bytes) KPI_SYMBOL(_ZdaPvm);
_Noreturn void __cxa_pure_virtual(void) KPI_SYMBOL(__cxa_pure_virtual);
_Noreturn void __stack_chk_fail(void) KPI_SYMBOL(__stack_chk_fail);
extern uintptr_t stack_check_guard KPI_SYMBOL(__stack_chk_guard);
extern uintptr_t unresolved KPI_SYMBOL(gOSKextUnresolved);

/* Kernel memory is zeroed by new, and nothing is allocated for nothing. */
static void *
new_memory(size_t bytes)
{
    void *address;

    ksim_kpi_enter("operator new", KPI_MAY_BLOCK);
    if (bytes == 0 || machine_fault("operator new")) {
        return NULL;
    }
    address = ksim_memory_take(bytes, FAMILY_OPERATOR_NEW);
    machine_fill(address, 0, bytes);
    return address;
}

static void
delete_memory(void *address, size_t bytes)
{
    ksim_kpi_enter("operator delete", KPI_MAY_BLOCK);
    if (address != NULL) {
        ksim_memory_give(address, bytes, FAMILY_OPERATOR_NEW, "operator delete");
    }
}

void *
_Znwm(size_t bytes)
{
    return new_memory(bytes);
}

void *
_Znam(size_t bytes)
{
    return new_memory(bytes);
}

void
_ZdlPv(void *address)
{
    delete_memory(address, 0);
}

void
_ZdaPv(void *address)
{
    delete_memory(address, 0);
}

void
_ZdlPvm(void *address, size_t bytes)
{
    delete_memory(address, bytes);
}

void
_ZdaPvm(void *address, size_t bytes)
{
    delete_memory(address, bytes);
}

_Noreturn void
__cxa_pure_virtual(void)
{
    ksim_panic("%s", "__cxa_pure_virtual");
}

/* The kernel draws the guard at boot; here it is the same in every run. */
KPI_DATA(__stack_chk_guard)
uintptr_t stack_check_guard = (uintptr_t)0x00d1a2b3c4e5f607ULL;

_Noreturn void
__stack_chk_fail(void)
{
    ksim_panic("Kernel stack memory corruption detected");
}

KPI_DATA(gOSKextUnresolved)
uintptr_t unresolved = 0;
