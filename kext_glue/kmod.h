/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_KMOD_H
#define TUNTAP_KMOD_H

/*
 * Load and unload, the same for both kexts.
 *
 * A failed start is not followed by a stop and nothing is undone by the kernel: start undoes all
 * itself. Source: facts kpi-rest 6.2.
 */

#include <mach/mach_types.h>

/* KERN_SUCCESS, or KERN_FAILURE with nothing left behind; which step failed is printed. */
kern_return_t tuntap_kmod_start(void);

/* KERN_FAILURE while a unit is open or still going away, or a thread is inside: nothing has
 * changed then. */
kern_return_t tuntap_kmod_stop(void);

/* For kmod_info, which wants the identifier as bare tokens and does not expand it. */
#define TUNTAP_KMOD_DECLARE(identifier, release, start, stop) \
    KMOD_EXPLICIT_DECL(identifier, release, start, stop)

#endif
