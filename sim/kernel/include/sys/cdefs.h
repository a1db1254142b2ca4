/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_CDEFS_H
#define KPI_SYS_CDEFS_H

/*
 * Compiler spellings shared by every header here.
 *
 * KPI_SYMBOL(name) ends the declaration of every kernel function. Built for a Mac's kernel (Mach-O,
 * not KSIM_NATIVE) it is empty and the linker binds Apple's name. In the emulator it gives the
 * function the assembler name kpi_<name>, so that the kernel's memcpy or printf and the host's stay
 * apart in one process. A native build on a Mac defines KSIM_NATIVE.
 */

#if defined(__cplusplus)
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define KPI_STRINGIFY_(text) #text
#define KPI_STRINGIFY(text) KPI_STRINGIFY_(text)

#if defined(__MACH__) && !defined(KSIM_NATIVE)
#define KPI_SYMBOL(name)
#else
#define KPI_SYMBOL(name) __asm__(KPI_STRINGIFY(__USER_LABEL_PREFIX__) "kpi_" #name)
#endif

#define __dead2 __attribute__((__noreturn__))
#define __unused __attribute__((__unused__))
#define __used __attribute__((__used__))
#define __pure2 __attribute__((__const__))
#define __deprecated __attribute__((__deprecated__))
#define __packed __attribute__((__packed__))
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#define __printflike(format, first) __attribute__((__format__(__printf__, format, first)))
#define __scanflike(format, first) __attribute__((__format__(__scanf__, format, first)))

#ifndef __DECONST
#define __DECONST(type, pointer) ((type)(uintptr_t)(const void *)(pointer))
#endif

#endif
