/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_OSBYTEORDER_H
#define KPI_LIBKERN_OSBYTEORDER_H

/* Byte swapping by its libkern names. */

#include <machine/endian.h>

#define OSSwapInt16(value) ((uint16_t)__builtin_bswap16((uint16_t)(value)))
#define OSSwapInt32(value) ((uint32_t)__builtin_bswap32((uint32_t)(value)))
#define OSSwapInt64(value) ((uint64_t)__builtin_bswap64((uint64_t)(value)))
#define OSSwapHostToBigInt16(value) OSSwapInt16(value)
#define OSSwapHostToBigInt32(value) OSSwapInt32(value)
#define OSSwapBigToHostInt16(value) OSSwapInt16(value)
#define OSSwapBigToHostInt32(value) OSSwapInt32(value)
#define OSSwapHostToLittleInt16(value) ((uint16_t)(value))
#define OSSwapHostToLittleInt32(value) ((uint32_t)(value))
#define OSSwapLittleToHostInt16(value) ((uint16_t)(value))
#define OSSwapLittleToHostInt32(value) ((uint32_t)(value))

#endif
