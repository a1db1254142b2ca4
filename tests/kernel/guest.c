/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

#include <thread.h>
#include <wait.h>

void
guest_sleep(unsigned long long duration_ns)
{
    (void)ksim_wait(&ksim_thread_current()->wait, THREAD_UNINT, machine_now_ns() + duration_ns,
                    "guest sleep");
}

void
guest_acts(bool as_kext)
{
    (void)ksim_thread_set_owner(as_kext ? GUEST_BUNDLE : NULL);
}
