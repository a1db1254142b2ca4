/* SPDX-License-Identifier: BSD-2-Clause */
#include "tap_ioctl.h"

#include <frame.h>
#include <net/if.h>
#include <net/if_media.h>
#include <sys/errno.h>
#include <sys/ioccom.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/systm.h>

#include "ifnet.h"

#pragma pack(push, 4)

struct media_request_head {
    char name[IFNAMSIZ];
    int current;
    int mask;
    int status;
    int active;
    int count; /* in: room in the list; out: media there are */
};

struct media_request_32 {
    struct media_request_head head;
    u_int32_t list; /* user address */
};

struct media_request_64 {
    struct media_request_head head;
    u_int64_t list; /* user address */
};

#pragma pack(pop)

#define COMMAND_MEDIA_32 _IOWR('i', 56, struct media_request_32) /* 0xc0286938 */
#define COMMAND_MEDIA_64 _IOWR('i', 56, struct media_request_64) /* 0xc02c6938 */

_Static_assert(sizeof(struct media_request_32) == 40, "the kernel's record of a 32-bit caller");
_Static_assert(sizeof(struct media_request_64) == 44, "the kernel's record of a 64-bit caller");

#define TAP_MEDIUM (IFM_ETHER | IFM_AUTO)

/* From ifconfig (AF_LINK) or a bond (AF_UNSPEC); sa_len is the length of the address. */
static errno_t
ioctl_lladdr(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    const struct ifreq *request = argument;
    const struct sockaddr *address;
    const u_int8_t *lladdr;
    errno_t error;

    (void)unit;
    if (request == NULL) {
        return EINVAL;
    }
    address = &request->ifr_addr;
    lladdr = (const u_int8_t *)address->sa_data;
    if ((address->sa_family != AF_LINK && address->sa_family != AF_UNSPEC) ||
        address->sa_len != TT_LLADDR_BYTES || !tt_lladdr_acceptable(lladdr)) {
        return EINVAL;
    }
    /* Posts KEV_DL_LINK_ADDRESS_CHANGED, on which IPv4 announces itself through our output. */
    error = ifnet_set_lladdr(interface, lladdr, TT_LLADDR_BYTES);
    if (error == 0) {
        tuntap_interface_post_link_on(interface);
    }
    return error;
}

/* One medium, always active. Bridges ask with no list at all and want a count. */
static errno_t
media_answer(struct media_request_head *head, user_addr_t list)
{
    static const int medium = TAP_MEDIUM;
    bool list_wanted = head->count > 0 && list != 0;

    if (head->count < 0) {
        return EINVAL;
    }
    head->current = TAP_MEDIUM;
    head->mask = 0;
    head->status = IFM_AVALID | IFM_ACTIVE;
    head->active = TAP_MEDIUM;
    head->count = 1;
    return list_wanted ? copyout(&medium, list, sizeof(medium)) : 0;
}

static errno_t
ioctl_media_32(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    struct media_request_32 *request = argument;

    (void)unit;
    (void)interface;
    return request != NULL ? media_answer(&request->head, request->list) : EINVAL;
}

static errno_t
ioctl_media_64(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    struct media_request_64 *request = argument;

    (void)unit;
    (void)interface;
    return request != NULL ? media_answer(&request->head, request->list) : EINVAL;
}

const struct tuntap_interface_ioctl tuntap_tap_interface_ioctls[] = {
    {SIOCSIFLLADDR, ioctl_lladdr},
    {COMMAND_MEDIA_32, ioctl_media_32},
    {COMMAND_MEDIA_64, ioctl_media_64},
    {0, NULL},
};
