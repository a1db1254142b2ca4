/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACH_VM_TYPES_H
#define KPI_MACH_VM_TYPES_H

/* Sizes and addresses in the kernel's map. */

#include <stdint.h>

typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_size_t;
typedef vm_offset_t vm_address_t;
typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;
typedef uint64_t addr64_t;
typedef uint32_t ppnum_t;
typedef uint32_t natural_t;
typedef int integer_t;

#endif
