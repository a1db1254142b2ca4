/* SPDX-License-Identifier: BSD-2-Clause */
#include <mach/kmod.h>
#include <mach/mach_types.h>

#include "kmod.h"
#include "tun.h"

static kern_return_t
tun_start(kmod_info_t *information, void *data)
{
    (void)information;
    (void)data;
    return tuntap_kmod_start();
}

static kern_return_t
tun_stop(kmod_info_t *information, void *data)
{
    (void)information;
    (void)data;
    return tuntap_kmod_stop();
}

/* The loader looks for this symbol; no header declares it. */
extern kmod_info_t KMOD_INFO_NAME;
TUNTAP_KMOD_DECLARE(TUNTAP_BUNDLE_ID, TUNTAP_VERSION_STRING, tun_start, tun_stop)
