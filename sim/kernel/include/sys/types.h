/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_TYPES_H
#define KPI_SYS_TYPES_H

/* The kernel's basic types. Device numbers hold the major in bits 24-31, the minor below. */

#include <machine/endian.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef uint8_t u_int8_t;
typedef uint16_t u_int16_t;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;
typedef int64_t quad_t;
typedef uint64_t u_quad_t;
typedef int64_t register_t;

typedef long ssize_t;
typedef int64_t off_t;
typedef long time_t;
typedef unsigned long clock_t;
typedef int32_t suseconds_t;
typedef uint32_t useconds_t;
typedef int32_t dev_t;
typedef uint16_t mode_t;
typedef uint16_t nlink_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef uint32_t id_t;
typedef int32_t pid_t;
typedef int32_t daddr_t;
typedef int64_t blkcnt_t;
typedef int32_t blksize_t;
typedef uint64_t ino64_t;
typedef uint32_t ino_t;
typedef int errno_t;
typedef char *caddr_t;
typedef uint32_t fixpt_t;
typedef int32_t segsz_t;
typedef uint32_t in_addr_t;
typedef uint16_t in_port_t;

/* Addresses and sizes in a user process, whatever its word size. */
typedef uint64_t user_addr_t;
typedef uint64_t user_size_t;
typedef int64_t user_ssize_t;
typedef int64_t user_long_t;
typedef uint64_t user_ulong_t;
typedef int64_t user_time_t;
typedef int64_t user_off_t;
typedef uint32_t user32_addr_t;
typedef uint32_t user32_size_t;

#define USER_ADDR_NULL ((user_addr_t)0)
#define CAST_USER_ADDR_T(pointer) ((user_addr_t)((uintptr_t)(pointer)))
#define CAST_DOWN(type, address) ((type)(uintptr_t)(address))

#define major(device) ((int32_t)(((uint32_t)(device) >> 24) & 0xff))
#define minor(device) ((int32_t)((device) & 0xffffff))
#define makedev(major_number, minor_number) ((dev_t)(((major_number) << 24) | (minor_number)))

#define FD_SETSIZE 1024
#define NBBY 8

typedef struct fd_set {
    int32_t fds_bits[FD_SETSIZE / 32];
} fd_set;

#endif
