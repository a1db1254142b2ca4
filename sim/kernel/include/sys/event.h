/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_EVENT_H
#define KPI_SYS_EVENT_H

/* kevent: filters and flags. */

#include <stdint.h>

#define EVFILT_AIO    (-3)
#define EVFILT_PROC   (-5)
#define EVFILT_READ   (-1)
#define EVFILT_SIGNAL (-6)
#define EVFILT_TIMER  (-7)
#define EVFILT_VNODE  (-4)
#define EVFILT_WRITE  (-2)

#define EV_ADD     0x1
#define EV_DELETE  0x2
#define EV_ENABLE  0x4
#define EV_DISABLE 0x8
#define EV_ONESHOT 0x10
#define EV_CLEAR   0x20
#define EV_ERROR   0x4000
#define EV_EOF     0x8000

#define NOTE_LOWAT 0x1

#pragma pack(push, 4)

struct kevent {
    uintptr_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    intptr_t data;
    void *udata;
};

#pragma pack(pop)

#endif
