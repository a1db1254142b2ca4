/* SPDX-License-Identifier: BSD-2-Clause */
/* A kext that calls what the emulated kernel does not have: test_panic.py. */
#include <mach/kmod.h>
#include <mach/mach_types.h>

extern "C" {
void *IOCreateThread(void (*function)(void *), void *argument);
__attribute__((noinline)) kern_return_t
wild_call(kmod_info_t *information)
{
    return IOCreateThread(nullptr, information) == nullptr ? KERN_FAILURE : KERN_SUCCESS;
}
}

static kern_return_t
wild_start(kmod_info_t *information, void *)
{
    return wild_call(information) + 0;
}

static kern_return_t
wild_stop(kmod_info_t *, void *)
{
    return KERN_SUCCESS;
}

extern "C" {
extern kmod_info_t KMOD_INFO_NAME;
__attribute__((visibility("default"))) KMOD_EXPLICIT_DECL(org.example.wild, "1.0", wild_start, wild_stop)
}
