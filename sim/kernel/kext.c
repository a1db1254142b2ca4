/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext.h"

#include "device.h"
#include "kext_version.h"
#include "kpi_export.h"
#include "panic.h"
#include "process.h"
#include "profile.h"
#include "select.h"
#include "thread.h"
#include "wait.h"

#include <string.h>

typedef uint64_t data_block __attribute__((vector_size(16), aligned(1), may_alias));

/*
 * A copy that touches the redzones between a kext's variables as well: no library function, whose
 * checked version would object (volatile, so that the compiler does not make it one), and no
 * instrumentation here.
 */
__attribute__((no_sanitize("address", "thread", "undefined"), noinline)) static void
data_copy(void *to, const void *from, size_t bytes)
{
    unsigned char *target = to;
    const unsigned char *source = from;
    size_t at = 0;

    for (; at + 4 * sizeof(data_block) <= bytes; at += 4 * sizeof(data_block)) {
        volatile data_block *to_blocks = (volatile data_block *)(target + at);
        const volatile data_block *from_blocks = (const volatile data_block *)(source + at);

        to_blocks[0] = from_blocks[0];
        to_blocks[1] = from_blocks[1];
        to_blocks[2] = from_blocks[2];
        to_blocks[3] = from_blocks[3];
    }
    for (; at < bytes; at++) {
        *(volatile unsigned char *)(target + at) = *(const volatile unsigned char *)(source + at);
    }
}

/* --- many machines, one copy of the variables -------------------------------------------------- */

static void
kexts_enter(void *argument)
{
    const struct kext_system *system = ((const struct ksim *)argument)->kexts;

    for (struct ksim_kext *kext = system->kexts; kext != NULL; kext = kext->next) {
        if (kext->data == KEXT_DATA_SAVED) {
            data_copy(kext->image->data_begin, kext->saved, kext->image->data_bytes);
            kext->data = KEXT_DATA_IN_PLACE;
        }
    }
}

/* Nobody looks at what an unloaded kext left behind. */
static void
kexts_leave(void *argument)
{
    const struct kext_system *system = ((const struct ksim *)argument)->kexts;

    for (struct ksim_kext *kext = system->kexts; kext != NULL; kext = kext->next) {
        if (kext->data != KEXT_DATA_IN_PLACE) {
            continue;
        }
        kext->data = KEXT_DATA_PRISTINE;
        if (kext->loaded || kext->changing) {
            data_copy(kext->saved, kext->image->data_begin, kext->image->data_bytes);
            kext->data = KEXT_DATA_SAVED;
        }
        data_copy(kext->image->data_begin, kext->pristine, kext->image->data_bytes);
    }
}

/* The variables as the compiler made them: what every load begins with. */
static void
kext_data_reset(struct ksim_kext *kext)
{
    const size_t bytes = kext->image->data_bytes;

    if (kext->pristine == NULL) {
        kext->saved = machine_allocate(bytes + 1, "kext data");
        kext->pristine = machine_allocate(bytes + 1, "kext data");
        data_copy(kext->pristine, kext->image->data_begin, bytes);
    } else if (kext->data == KEXT_DATA_IN_PLACE) {
        data_copy(kext->image->data_begin, kext->pristine, bytes);
    }
    kext->data = KEXT_DATA_IN_PLACE;
}

void
ksim_kexts_boot(struct ksim *kernel)
{
    struct kext_system *system = machine_allocate(sizeof(*system), "kext system");

    machine_fill(system, 0, sizeof(*system));
    kernel->kexts = system;
    machine_set_switch_hooks(kernel->machine, kexts_enter, kexts_leave, kernel);
}

void
ksim_kext_register(struct ksim *kernel, const struct ksim_kext_image *image)
{
    struct ksim_kext **link = &kernel->kexts->kexts;
    struct ksim_kext *kext = machine_allocate(sizeof(*kext), "kext");

    machine_fill(kext, 0, sizeof(*kext));
    kext->image = image;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = kext;
}

struct ksim_kext *
ksim_kext_find(const char *bundle_id)
{
    struct ksim_kext *kext = ksim_current()->kexts->kexts;

    while (kext != NULL && strcmp(kext->image->bundle_id, bundle_id) != 0) {
        kext = kext->next;
    }
    return kext;
}

uint64_t
ksim_kext_address(const struct ksim_kext *kext)
{
    return 0xffffff7f80000000ULL + kext->load_tag * 0x10000ULL;
}

int
ksim_kext_list(char *text, size_t bytes)
{
    const struct kext_system *system = ksim_current()->kexts;
    size_t length = 0;
    int count = 0;

    for (uint32_t tag = system->next_tag; tag > 0; tag--) {
        for (const struct ksim_kext *kext = system->kexts; kext != NULL; kext = kext->next) {
            if (kext->loaded && kext->load_tag == tag && length < bytes) {
                length += (size_t)machine_format(text + length, bytes - length, "%s\t%s\n",
                                                 kext->image->bundle_id, kext->image->version);
                count++;
            }
        }
    }
    return count == 0 ? machine_format(text, bytes, "(none)\n") : (int)length;
}

/* --- calls into a kext ------------------------------------------------------------------------- */

/* An owner nearly always is the image's own string. */
static const struct ksim_kext *
kext_of_owner(const char *owner)
{
    const struct ksim_kext *kext = ksim_current()->kexts->kexts;

    while (kext != NULL && kext->image->bundle_id != owner) {
        kext = kext->next;
    }
    return kext == NULL ? ksim_kext_find(owner) : kext;
}

const char *
ksim_kext_call_begin(const char *owner, const char *what)
{
    if (owner != NULL) {
        const struct ksim_kext *kext = kext_of_owner(owner);

        if (kext != NULL && !kext->loaded && !kext->changing) {
            ksim_panic_fault(ksim_kext_address(kext), what);
        }
    }
    return ksim_thread_set_owner(owner);
}

void
ksim_kext_call_end(const char *previous)
{
    (void)ksim_thread_set_owner(previous);
}

/* --- load and unload --------------------------------------------------------------------------- */

static void
kexts_lock(struct kext_system *system)
{
    machine_yield("kext lock");
    while (system->locked) {
        (void)ksim_wait(&system->locked, THREAD_UNINT, 0, "kext lock");
    }
    system->locked = true;
}

static void
kexts_unlock(struct kext_system *system)
{
    system->locked = false;
    (void)ksim_wakeup(&system->locked);
}

static void
thread_check(struct thread *thread, void *context)
{
    const char *bundle_id = context;

    if (thread->owner == bundle_id && thread != ksim_thread_current()) {
        machine_finding(MACHINE_CONTRACT, "thread %s is still inside %s, which is gone",
                        thread->name, bundle_id);
    }
}

/* The text is unmapped: whatever still points into it is a bug waiting. */
static void
kext_gone(struct ksim_kext *kext)
{
    const char *bundle_id = kext->image->bundle_id;

    kext->loaded = false;
    kext->changed_ns = machine_now_ns();
    ksim_current()->kexts->last_unloaded = kext;
    ksim_devices_forget_owner(bundle_id);
    ksim_threads_each(NULL, thread_check, (void *)(uintptr_t)bundle_id);
    ksim_select_memory_freed(kext->image->data_begin, kext->image->data_bytes, "kext unload");
}

/* kmod_info is packed to 4 bytes: its pointers are read and written as bytes. */
static void
kext_fill_info(struct ksim_kext *kext)
{
    struct kmod_info *info = kext->image->kmod;

    info->id = kext->load_tag;
    info->reference_count = 0;
    (void)strlcpy(info->name, kext->image->bundle_id, sizeof(info->name));
    (void)strlcpy(info->version, kext->image->version, sizeof(info->version));
    info->address = ksim_kext_address(kext);
    info->size = KEXT_TEXT_BYTES;
}

static int
kext_start(struct ksim_kext *kext);

/* The kernel's own components are always there, com.apple.kpi.private for Apple's kexts only. */
static bool
component_refused(const struct ksim_kext *kext, const char *component)
{
    const char apple[] = "com.apple.";

    if (strcmp(component, "com.apple.kpi.private") != 0 ||
        strncmp(kext->image->bundle_id, apple, sizeof(apple) - 1) == 0) {
        return false;
    }
    machine_console("Kext %s - only Apple kexts may link against %s.", kext->image->bundle_id,
                    component);
    return true;
}

/* Loads what is not loaded; the libraries of libraries come along. */
static int
kext_load_libraries(const struct ksim_kext *kext)
{
    const char *const *library = kext->image->libraries;

    for (; library != NULL && *library != NULL; library++) {
        struct ksim_kext *needed = ksim_kext_find(*library);
        int result;

        if (ksim_kpi_is_component(*library)) {
            if (component_refused(kext, *library)) {
                return KSIM_KEXT_DEPENDENCIES;
            }
            continue;
        }
        if (needed == NULL) {
            machine_console("Kext %s - library kext %s not found.", kext->image->bundle_id,
                            *library);
            return KSIM_KEXT_DEPENDENCIES;
        }
        result = kext_start(needed);
        if (result != KSIM_KEXT_OK) {
            return result;
        }
    }
    return KSIM_KEXT_OK;
}

/* Whether a loaded kext links against this one. */
static bool
kext_in_use(const struct ksim_kext *kext)
{
    for (const struct ksim_kext *user = ksim_current()->kexts->kexts; user != NULL;
         user = user->next) {
        const char *const *library = user->image->libraries;

        for (; user->loaded && library != NULL && *library != NULL; library++) {
            if (strcmp(*library, kext->image->bundle_id) == 0) {
                return true;
            }
        }
    }
    return false;
}

static int
kext_call_start(struct ksim_kext *kext)
{
    kmod_start_func_t *start = kext->image->kmod->start;
    const char *previous;
    int result;

    if (start == NULL) {
        machine_console("Kext %s - NULL module start pointer.", kext->image->bundle_id);
        return KSIM_KEXT_BAD_DATA;
    }
    kext->changing = true;
    previous = ksim_kext_call_begin(kext->image->bundle_id, "start");
    result = start(kext->image->kmod, NULL);
    ksim_kext_call_end(previous);
    kext->changing = false;
    if (result != KERN_SUCCESS) {
        machine_console("Kext %s start failed (result 0x%x).", kext->image->bundle_id,
                        (unsigned)result);
        machine_console("Kext %s failed to load (0x%x).", kext->image->bundle_id,
                        (unsigned)KSIM_KEXT_START_STOP);
        return KSIM_KEXT_START_STOP;
    }
    return KSIM_KEXT_OK;
}

/* What the property list must say: a version that the release can read. */
static int
kext_validate(const struct ksim_kext *kext)
{
    const bool four = ksim_current()->profile->kext_version_four_digits;

    if (ksim_kext_version_valid(kext->image->version, four ? 4 : 2)) {
        return KSIM_KEXT_OK;
    }
    machine_console("Kext %s - CFBundleVersion bad value '%s'.", kext->image->bundle_id,
                    kext->image->version);
    return KSIM_KEXT_VALIDATION;
}

static int
kext_link(const struct ksim_kext *kext)
{
    const char *bundle_id = kext->image->bundle_id;

    if (ksim_kpi_link(ksim_current()->profile, kext->image)) {
        return KSIM_KEXT_OK;
    }
    machine_console("Can't load kext %s - link failed.", bundle_id);
    machine_console("Failed to load executable for kext %s.", bundle_id);
    machine_console("Kext %s failed to load (0x%x).", bundle_id, (unsigned)KSIM_KEXT_LINK);
    return KSIM_KEXT_LINK;
}

static int
kext_start(struct ksim_kext *kext)
{
    struct kext_system *system = ksim_current()->kexts;
    int result = kext->loaded ? KSIM_KEXT_OK : kext_validate(kext);

    if (!kext->loaded && result == KSIM_KEXT_OK) {
        result = kext_load_libraries(kext);
    }
    if (!kext->loaded && result == KSIM_KEXT_OK) {
        result = kext_link(kext);
    }
    if (kext->loaded || result != KSIM_KEXT_OK) {
        return result;
    }
    kext_data_reset(kext);
    kext->load_tag = ++system->next_tag;
    kext_fill_info(kext);
    result = kext_call_start(kext);
    if (result != KSIM_KEXT_OK) {
        kext_gone(kext);
        return result;
    }
    kext->loaded = true;
    kext->changed_ns = machine_now_ns();
    system->last_loaded = kext;
    return KSIM_KEXT_OK;
}

int
ksim_kext_load(struct ksim *kernel, const char *bundle_id)
{
    struct kext_system *system = kernel->kexts;
    struct ksim_kext *kext;
    int result;

    if (ksim_process_current()->uid != 0) {
        return KSIM_KEXT_NOT_PRIVILEGED;
    }
    kexts_lock(system);
    kext = ksim_kext_find(bundle_id);
    if (kext == NULL) {
        machine_console("Kext %s not found for load request.", bundle_id);
        result = KSIM_KEXT_NOT_FOUND;
    } else {
        result = kext_start(kext);
    }
    kexts_unlock(system);
    return result;
}

static int
kext_call_stop(struct ksim_kext *kext)
{
    kmod_stop_func_t *stop = kext->image->kmod->stop;
    const char *bundle_id = kext->image->bundle_id;
    const char *previous;
    int result;

    if (stop == NULL) {
        machine_console("Kext %s - NULL module stop pointer.", bundle_id);
        return KSIM_KEXT_BAD_DATA;
    }
    previous = ksim_kext_call_begin(bundle_id, "stop");
    result = stop(kext->image->kmod, NULL);
    ksim_kext_call_end(previous);
    if (result != KERN_SUCCESS) {
        machine_console("Kext %s did not stop (return code 0x%x).", bundle_id, (unsigned)result);
        machine_console("Kext %s can't unload - module stop returned 0x%x.", bundle_id,
                        (unsigned)KSIM_KEXT_START_STOP);
        return KSIM_KEXT_START_STOP;
    }
    return KSIM_KEXT_OK;
}

int
ksim_kext_unload(struct ksim *kernel, const char *bundle_id)
{
    struct kext_system *system = kernel->kexts;
    struct ksim_kext *kext;
    int result;

    if (ksim_process_current()->uid != 0) {
        return KSIM_KEXT_NOT_PRIVILEGED;
    }
    kexts_lock(system);
    kext = ksim_kext_find(bundle_id);
    if (kext == NULL || !kext->loaded) {
        machine_console("Kext %s not found for unload request.", bundle_id);
        result = KSIM_KEXT_NOT_FOUND;
    } else if (kext_in_use(kext)) {
        machine_console("Can't unload kext %s; other kexts link against it.", bundle_id);
        result = KSIM_KEXT_IN_USE;
    } else {
        result = kext_call_stop(kext);
        if (result == KSIM_KEXT_OK) {
            kext_gone(kext);
        }
    }
    kexts_unlock(system);
    return result;
}

bool
ksim_kext_is_loaded(struct ksim *kernel, const char *bundle_id)
{
    const struct ksim_kext *kext = kernel->kexts->kexts;

    while (kext != NULL && strcmp(kext->image->bundle_id, bundle_id) != 0) {
        kext = kext->next;
    }
    return kext != NULL && kext->loaded;
}

bool
ksim_kext_status(struct ksim *kernel, unsigned index, struct ksim_kext_status *status)
{
    const struct ksim_kext *next = NULL;
    uint32_t after = 0;

    /* Tags only grow, so load order is the order of tags. */
    for (;;) {
        next = NULL;
        for (const struct ksim_kext *kext = kernel->kexts->kexts; kext != NULL; kext = kext->next) {
            if (kext->loaded && kext->load_tag > after &&
                (next == NULL || kext->load_tag < next->load_tag)) {
                next = kext;
            }
        }
        if (next == NULL) {
            return false;
        }
        if (index-- == 0) {
            break;
        }
        after = next->load_tag;
    }
    status->load_tag = next->load_tag;
    status->references = (unsigned)next->image->kmod->reference_count;
    status->address = ksim_kext_address(next);
    status->bytes = KEXT_TEXT_BYTES;
    status->bundle_id = next->image->bundle_id;
    status->version = next->image->version;
    return true;
}

const char *
ksim_kext_result_text(int result)
{
    switch (result) {
    case KSIM_KEXT_OK:
        return "";
    case KSIM_KEXT_INVALID_ARGUMENT:
        return "(libkern/kext) invalid argument";
    case KSIM_KEXT_NOT_FOUND:
        return "(libkern/kext) not found";
    case KSIM_KEXT_BAD_DATA:
        return "(libkern/kext) bad data";
    case KSIM_KEXT_NOT_PRIVILEGED:
        return "(libkern/kext) not privileged";
    case KSIM_KEXT_VALIDATION:
        return "(libkern/kext) validation failure (plist/executable)";
    case KSIM_KEXT_DEPENDENCIES:
        return "(libkern/kext) dependency resolution failed";
    case KSIM_KEXT_LINK:
        return "(libkern/kext) link error";
    case KSIM_KEXT_START_STOP:
        return "(libkern/kext) kext (kmod) start/stop routine failed";
    case KSIM_KEXT_IN_USE:
        return "(libkern/kext) kext is in use or retained (cannot unload)";
    default:
        return "(libkern/kext) internal error";
    }
}

void
ksim_kexts_audit(struct ksim *kernel)
{
    for (const struct ksim_kext *kext = kernel->kexts->kexts; kext != NULL; kext = kext->next) {
        if (kext->loaded) {
            machine_finding(MACHINE_LEAK, "kext %s is still loaded", kext->image->bundle_id);
        }
    }
}
