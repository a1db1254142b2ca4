/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_MACHINE_ENDIAN_H
#define KPI_MACHINE_ENDIAN_H

/* Byte order. Every supported Mac, and every host of the emulator, is little-endian. */

#include <sys/cdefs.h>
#include <stdint.h>

#define LITTLE_ENDIAN 1234
#define BIG_ENDIAN 4321
#define BYTE_ORDER LITTLE_ENDIAN

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the kernel interfaces described here are little-endian"
#endif

#define ntohs(value) ((uint16_t)__builtin_bswap16((uint16_t)(value)))
#define htons(value) ((uint16_t)__builtin_bswap16((uint16_t)(value)))
#define ntohl(value) ((uint32_t)__builtin_bswap32((uint32_t)(value)))
#define htonl(value) ((uint32_t)__builtin_bswap32((uint32_t)(value)))

#endif
