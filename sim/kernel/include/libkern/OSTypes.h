/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_OSTYPES_H
#define KPI_LIBKERN_OSTYPES_H

/* libkern's names of integers. */

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t UInt8;
typedef uint16_t UInt16;
typedef uint32_t UInt32;
typedef uint64_t UInt64;
typedef int8_t SInt8;
typedef int16_t SInt16;
typedef int32_t SInt32;
typedef int64_t SInt64;
typedef unsigned int UInt;
typedef signed int SInt;
typedef bool Boolean;
typedef int32_t OSStatus;

#endif
