/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_KMOD_H
#define KPI_MACH_KMOD_H

/*
 * What the loader finds in a kernel extension: a kmod_info record named _kmod_info, packed to 4
 * bytes. start and stop return KERN_SUCCESS, or a failure: then the load fails, the unload is
 * refused.
 */

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <sys/cdefs.h>

#define KMOD_MAX_NAME 64
#define KMOD_RETURN_SUCCESS KERN_SUCCESS
#define KMOD_RETURN_FAILURE KERN_FAILURE
#define KMOD_INFO_NAME kmod_info
#define KMOD_INFO_VERSION 1

struct kmod_info;

typedef kern_return_t kmod_start_func_t(struct kmod_info *information, void *data);
typedef kern_return_t kmod_stop_func_t(struct kmod_info *information, void *data);

#pragma pack(push, 4)

struct kmod_reference {
    struct kmod_reference *next;
    struct kmod_info *info;
};

struct kmod_info {
    struct kmod_info *next;
    int info_version;
    uint32_t id;
    char name[64];
    char version[64];
    int reference_count;
    struct kmod_reference *reference_list;
    vm_address_t address;
    vm_size_t size;
    vm_size_t hdr_size;
    kmod_start_func_t *start;
    kmod_stop_func_t *stop;
};

#pragma pack(pop)

typedef struct kmod_info kmod_info_t;
typedef struct kmod_reference kmod_reference_t;

/* `identifier` is bare tokens (org.example.name); `release` a string. */
#define KMOD_EXPLICIT_DECL(identifier, release, start_function, stop_function) \
    kmod_info_t KMOD_INFO_NAME = {0, KMOD_INFO_VERSION, -1U, #identifier, release, -1, 0, 0, 0, 0, \
        start_function, stop_function};

#endif
