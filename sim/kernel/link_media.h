/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_LINK_MEDIA_H
#define KSIM_LINK_MEDIA_H

/*
 * The record of SIOCGIFMEDIA, which no public kernel header has (kpi-ifnet.md 21.4), from both sides:
 * the kernel's own drivers answer it, the bridge asks it. A process of either width has its own.
 */

#include <interface.h>
#include <sys/ioccom.h>

#pragma pack(push, 4)

struct link_media {
    char name[IFNAMSIZ];
    int current;
    int mask;
    int status;
    int active;
    int count; /* in: room in the list; out: media there are */
};

struct link_media_32 {
    struct link_media head;
    uint32_t list; /* user address */
};

struct link_media_64 {
    struct link_media head;
    uint64_t list;
};

#pragma pack(pop)

#define LINK_MEDIA_COMMAND_32 _IOWR('i', 56, struct link_media_32) /* 0xc0286938 */
#define LINK_MEDIA_COMMAND_64 _IOWR('i', 56, struct link_media_64) /* 0xc02c6938 */

/*
 * Answers for a driver with one medium. `active` is what the link has negotiated. EINVAL without
 * argument, EFAULT when the caller's list cannot be written.
 */
errno_t ksim_link_media_answer(unsigned long command, void *argument, int medium, int active,
                               bool link);

/*
 * What the bridge thinks of a member: its driver answers, says that its status is valid and active,
 * and names at least one medium. Asks the driver: no lock of the bridge's caller may be a driver's.
 */
bool ksim_link_media_active(ifnet_t interface);

#endif
