/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NATIVE_KEXTS_H
#define NATIVE_KEXTS_H

/*
 * The emulated Mac's /Library/Extensions: tun.kext and tap.kext, compiled for this host from the
 * sources that ship (cmake/NativeKext.cmake seals each into one object).
 */

#include <stdbool.h>
#include <stddef.h>

struct ksim;
struct ksim_kext_image;

/*
 * The bounds of the writable data of a sealed kext, for the declarations of two char arrays. The two
 * object formats name the bounds of a section differently.
 */
#if defined(__MACH__)
#define NATIVE_KEXT_DATA_BEGIN(name) __asm("section$start$__DATA$kext_" name)
#define NATIVE_KEXT_DATA_END(name)   __asm("section$end$__DATA$kext_" name)
#else
#define NATIVE_KEXT_DATA_BEGIN(name) __asm("__start_kext_" name)
#define NATIVE_KEXT_DATA_END(name)   __asm("__stop_kext_" name)
#endif

/*
 * Puts a kext out of a file into the folder, as NAME.kext, in the place of what has that name or that bundle id.
 * Before machines are made; both arguments are borrowed for the life of the process. False: the folder is full.
 */
bool native_kexts_add(const char *name, const struct ksim_kext_image *image);
/* Empties the folder of what was added. No machine may know it any more. */
void native_kexts_reset(void);

/*
 * The image of NAME.kext: "tun" or "tap" or what was added; NULL for any other name. It lives until the folder is
 * changed.
 */
const struct ksim_kext_image *native_kext_image(const char *name);

/*
 * Other drivers that can stand in for tun or tap, for programs that have some: broken ones, on which explore is
 * proved (tests/museum). A variant takes the place of the image of its kext ("tun", "tap") and must have its bundle
 * id. `kext` NULL ends the table.
 */
struct native_kext_variant {
    const char *name;
    const char *kext;
    struct ksim_kext_image *image;
    const char *data_end; /* of the image's variables: the linker knows how many there are */
    const char *summary;
    void (*boot)(void); /* told of each machine that gets it, before it runs; NULL = nobody */
};
#define NATIVE_KEXT_SHIPPED "shipped"

/* Before the first boot; the table is borrowed. */
void native_kexts_offer(const struct native_kext_variant *table);
/* The index-th of the table; NULL past the last. */
const struct native_kext_variant *native_kexts_variant(unsigned index);
/* From now on machines are booted with that one, or with what ships. False: there is none of that name. */
bool native_kexts_choose(const char *name);

/* Makes all known to kextload, and the kexts of vendor_tun.h, naive_tun.h and naive_tap.h. */
void native_kexts_register(struct ksim *kernel);

#endif
