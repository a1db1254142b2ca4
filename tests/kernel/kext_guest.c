/* SPDX-License-Identifier: BSD-2-Clause */

/* Records of kexts that link against the toy kext, or cannot be started or stopped: kpi-rest.md 6.1, 6.2. */

#include "guest.h"

#include <kern/thread.h>
#include <mach/kmod.h>
#include <sys/conf.h>
#include <sys/proc.h>
#include <system.h>

static int channel;

static kern_return_t
quiet(struct kmod_info *information, void *data)
{
    say("tag", information->id);
    say("data", data != NULL);
    say("references", information->reference_count);
    return KERN_SUCCESS;
}

static void
lingerer(void *argument, wait_result_t result)
{
    (void)argument;
    (void)result;
    (void)msleep(&channel, NULL, PZERO, "lingerer", NULL);
}

static kern_return_t
leaves_thread(struct kmod_info *information, void *data)
{
    thread_t thread;

    (void)information;
    (void)data;
    (void)kernel_thread_start(lingerer, NULL, &thread);
    thread_deallocate(thread);
    return KERN_SUCCESS;
}

static kern_return_t
sleeps(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    say_text("starts");
    guest_sleep(5000000);
    say_text("started");
    return KERN_SUCCESS;
}

static kern_return_t
fails_untidily(struct kmod_info *information, void *data)
{
    static struct cdevsw entry;

    (void)information;
    (void)data;
    (void)cdevsw_add(-24, &entry);
    return KERN_FAILURE;
}

static kern_return_t
stops(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    return KERN_SUCCESS;
}

#define RECORD(name, start, stop)                                                                  \
    kmod_info_t name = {0, KMOD_INFO_VERSION, -1U, "name", "9.9", -1, 0, 0, 0, 0, start, stop}

extern kmod_info_t guest_kmod_user, guest_kmod_no_start, guest_kmod_no_stop, guest_kmod_lingers,
    guest_kmod_slow, guest_kmod_messy;
RECORD(guest_kmod_user, quiet, stops);
RECORD(guest_kmod_no_start, NULL, stops);
RECORD(guest_kmod_no_stop, quiet, NULL);
RECORD(guest_kmod_lingers, leaves_thread, stops);
RECORD(guest_kmod_slow, sleeps, stops);
RECORD(guest_kmod_messy, fails_untidily, stops);
