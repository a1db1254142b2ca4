/* SPDX-License-Identifier: BSD-2-Clause */
#include <link_media.h>

#include <uio.h>

#include <net/if_media.h>
#include <sys/errno.h>

errno_t
ksim_link_media_answer(unsigned long command, void *argument, int medium, int active, bool link)
{
    struct link_media *head = argument;
    uint64_t list;

    if (argument == NULL || head->count < 0) {
        return EINVAL;
    }
    list = command == LINK_MEDIA_COMMAND_64 ? ((struct link_media_64 *)argument)->list
                                            : ((struct link_media_32 *)argument)->list;
    if (head->count == 0) {
        list = 0;
    }
    head->current = medium;
    head->mask = 0;
    head->status = IFM_AVALID | (link ? IFM_ACTIVE : 0);
    head->active = active;
    head->count = 1;
    return list == 0 ? 0 : ksim_copy_out(&medium, list, sizeof(medium));
}

bool
ksim_link_media_active(ifnet_t interface)
{
    struct link_media_64 request;

    machine_fill(&request, 0, sizeof(request));
    return ksim_interface_ioctl(interface, 0, LINK_MEDIA_COMMAND_64, &request) == 0 &&
           (request.head.status & (IFM_AVALID | IFM_ACTIVE)) == (IFM_AVALID | IFM_ACTIVE) &&
           request.head.count > 0;
}
