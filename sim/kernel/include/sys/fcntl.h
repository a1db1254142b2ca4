/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_FCNTL_H
#define KPI_SYS_FCNTL_H

/* Flags of an open file. F* are those that a driver sees. */

#include <sys/types.h>

#define O_RDONLY    0x0
#define O_WRONLY    0x1
#define O_RDWR      0x2
#define O_ACCMODE   0x3
#define O_NONBLOCK  0x4
#define O_APPEND    0x8
#define O_SHLOCK    0x10
#define O_EXLOCK    0x20
#define O_ASYNC     0x40
#define O_FSYNC     0x80
#define O_NOFOLLOW  0x100
#define O_CREAT     0x200
#define O_TRUNC     0x400
#define O_EXCL      0x800
#define O_EVTONLY   0x8000
#define O_NOCTTY    0x20000
#define O_DIRECTORY 0x100000
#define O_SYMLINK   0x200000
#define O_CLOEXEC   0x1000000

#define FREAD     0x1
#define FWRITE    0x2
#define FNDELAY   0x4
#define FNONBLOCK 0x4
#define O_NDELAY  0x4
#define FAPPEND   0x8
#define FASYNC    0x40
#define FFSYNC    0x80
#define FFDSYNC   0x400000

#define F_DUPFD  0
#define F_GETFD  1
#define F_SETFD  2
#define F_GETFL  3
#define F_SETFL  4
#define F_GETOWN 5
#define F_SETOWN 6

#define FD_CLOEXEC 1

#endif
