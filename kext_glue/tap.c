/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes the driver tap: Ethernet frames. */
#include "tap.h"

#include <net/bpf.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <sys/errno.h>
#include <sys/socket.h>

#include "driver.h"
#include "kind.h"
#include "tap_frame.h"
#include "tap_ioctl.h"
#include "text.h"

/* An IP header behind 14 bytes of Ethernet is aligned if the frame begins 2 bytes after a multiple
 * of 4. */
#define TAP_WRITE_PAD_BYTES 2u

static errno_t
tap_start(void)
{
    tuntap_driver.family = IFNET_FAMILY_ETHERNET;
    /* It stays NULL if there is no lo0: then local copies of broadcasts are not to be had; the rest
     * works. */
    tuntap_driver.loopback = NULL;
    (void)ifnet_find_by_name("lo0", &tuntap_driver.loopback);
    return 0;
}

static void
tap_stop(void)
{
    if (tuntap_driver.loopback != NULL) {
        (void)ifnet_release(tuntap_driver.loopback);
        tuntap_driver.loopback = NULL;
    }
}

static enum tt_error
tap_write_length_check(u_int64_t length_bytes, bool head_mode, u_int32_t mtu_bytes)
{
    (void)head_mode;
    return tt_tap_length_check(length_bytes, mtu_bytes);
}

static struct tuntap_write_verdict
tap_write_parse(struct tt_bytes start, u_int64_t length_bytes, bool head_mode, u_int32_t mtu_bytes)
{
    (void)head_mode;
    return (struct tuntap_write_verdict){tt_tap_parse(start, length_bytes, mtu_bytes), 0};
}

/* The header stays in front of the data, in the same mbuf; demux and protocols look at it there. */
static void
tap_input_prepare(mbuf_t packet)
{
    mbuf_pkthdr_setheader(packet, mbuf_data(packet));
    mbuf_adj(packet, TT_ETHER_HEADER_BYTES);
}

/* Whatever is not even a header (a raw write through bpf) is no frame. */
static bool
tap_classify(mbuf_t packet, u_int32_t *family)
{
    *family = TT_FAMILY_NONE;
    return mbuf_pkthdr_len(packet) >= TT_ETHER_HEADER_BYTES;
}

/* Groups are Ethernet group addresses; what a protocol could not map it may have without. */
static errno_t
tap_check_multi(ifnet_t interface, const struct sockaddr *group)
{
    const struct sockaddr_dl *link = (const struct sockaddr_dl *)(const void *)group;

    (void)interface;
    if (group->sa_family != AF_LINK) {
        return EOPNOTSUPP;
    }
    if (link->sdl_alen != TT_LLADDR_BYTES || (link->sdl_data[link->sdl_nlen] & 1) == 0) {
        return EADDRNOTAVAIL;
    }
    return 0;
}

static const struct tuntap_device_ioctl tap_device_ioctls[] = {
    {0, NULL},
};

const struct tuntap_kind tuntap_kind = {
    .name = "tap",
    .bundle_id = TUNTAP_TEXT(TUNTAP_BUNDLE_ID),
    .interface_type = IFT_ETHER,
    .interface_flags = IFF_BROADCAST | IFF_RUNNING | IFF_SIMPLEX | IFF_MULTICAST,
    .header_bytes = TT_ETHER_HEADER_BYTES,
    .address_bytes = TT_LLADDR_BYTES,
    .offload = IFNET_VLAN_MTU,
    .write_pad_bytes = TAP_WRITE_PAD_BYTES,
    .carrier_event = true,
    .private_input_thread = true,
    .bpf_link_type = DLT_EN10MB,
    .bpf_header_bytes = TT_ETHER_HEADER_BYTES,
    .bpf_family_word = false,
    .start = tap_start,
    .stop = tap_stop,
    .write_length_check = tap_write_length_check,
    .write_parse = tap_write_parse,
    .input_prepare = tap_input_prepare,
    .output_classify = tap_classify,
    .output_prepare = NULL,
    .demux = tuntap_tap_demux,
    .framer = tuntap_tap_framer,
    .check_multi = tap_check_multi,
    .device_ioctls = tap_device_ioctls,
    .interface_ioctls = tuntap_tap_interface_ioctls,
};
