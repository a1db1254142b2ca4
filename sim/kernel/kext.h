/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KEXT_H
#define KSIM_KEXT_H

/*
 * Loading and unloading (kpi-rest.md 6.1, 6.2). One lock serialises both. While start and stop run,
 * and while the kernel calls into a kext, the running thread's owner is the bundle id; a subsystem
 * that remembers the owner of what it makes registers a check for leftovers.
 */

#include <ksim.h>
#include <mach/kmod.h>
#include <system.h>

/* The variables of a kext stand where the host's linker put them, once for all machines. */
enum ksim_kext_data {
    KEXT_DATA_PRISTINE, /* as the compiler made them, as far as this machine goes */
    KEXT_DATA_IN_PLACE, /* this machine's */
    KEXT_DATA_SAVED     /* this machine's, while another one is current */
};

struct ksim_kext {
    struct ksim_kext *next; /* in order of registration */
    const struct ksim_kext_image *image;
    void *pristine; /* data as the compiler made it; NULL: never loaded in this machine */
    void *saved;    /* KEXT_DATA_SAVED: they are here */
    enum ksim_kext_data data;
    bool loaded;
    bool changing; /* start runs */
    uint32_t load_tag;
    uint64_t changed_ns; /* last load or unload */
};

struct kext_system {
    struct ksim_kext *kexts;
    uint32_t next_tag;
    bool locked;
    struct ksim_kext *last_loaded, *last_unloaded;
};

void ksim_kexts_boot(struct ksim *kernel);
void ksim_kexts_audit(struct ksim *kernel);

struct ksim_kext *ksim_kext_find(const char *bundle_id);

/*
 * Brackets a call from the kernel into a kext: sets the thread's owner. Panics with a page fault
 * when the kext is not loaded any more. `owner` NULL = kernel code. Returns the owner to restore.
 */
const char *ksim_kext_call_begin(const char *owner, const char *what);
void ksim_kext_call_end(const char *previous);

/* Where the text of a load lies: the same in every run, other than a native kext's own addresses. */
enum { KEXT_TEXT_BYTES = 0x7000 };
uint64_t ksim_kext_address(const struct ksim_kext *kext);

/* The loaded kexts, newest first, one a line, for panic reports. Returns the length. */
int ksim_kext_list(char *text, size_t bytes);

#endif
