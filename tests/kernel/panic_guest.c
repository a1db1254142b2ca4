/* SPDX-License-Identifier: BSD-2-Clause */

/* Ways to panic: kpi-rest.md 7.1. */

#include "guest.h"

#include <kern/assert.h>
#include <kern/debug.h>
#include <panic.h>

void
panic_plain(void *argument)
{
    (void)argument;
    panic("the guest gave up after %d tries", 3);
}

void
panic_of_kernel(void *argument)
{
    ksim_verify(argument != NULL);
}

void
panic_of_assert(void *argument)
{
    (void)argument;
    Assert("/some/where/guest.c", 12, "x > 0");
}

void
panic_fault(void *argument)
{
    (void)argument;
    ksim_panic_fault(0x68, "guest");
}

void
panic_as_kext(void *argument)
{
    (void)argument;
    guest_acts(true);
    panic("inside");
}
