/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes the driver tun: IP packets, point to point. */
#include "tun.h"

#include <net/bpf.h>
#include <net/if.h>
#include <net/if_types.h>
#include <netinet/in.h>
#include <sys/errno.h>
#include <sys/socket.h>

#include "driver.h"
#include "input.h"
#include "kind.h"
#include "mbuf.h"
#include "plumb.h"
#include "text.h"
#include "tuntap_ioctls.h"

/* First byte of a group's address: 224.0.0.0/4, ff00::/8. */
#define TUN_GROUP4_FIRST 0xe0u
#define TUN_GROUP4_LAST 0xefu
#define TUN_GROUP6_FIRST 0xffu

static bool
tun_classify(mbuf_t packet, u_int32_t *family)
{
    u_int8_t first;

    *family = tt_family_of_packet(tuntap_packet_start(packet, &first, sizeof(first)));
    return *family != TT_FAMILY_NONE;
}

static struct tuntap_write_verdict
tun_write_parse(struct tt_bytes start, u_int64_t length_bytes, bool head_mode, u_int32_t mtu_bytes)
{
    struct tt_tun_verdict verdict = tt_tun_parse(start, length_bytes, head_mode, mtu_bytes);

    return (struct tuntap_write_verdict){verdict.error, verdict.family};
}

/* The family word never was part of the mbuf. */
static void
tun_input_prepare(mbuf_t packet)
{
    mbuf_pkthdr_setheader(packet, NULL);
}

/* A raw write through bpf comes with the family word that its capture shows. */
static void
tun_output_prepare(mbuf_t packet)
{
    u_int8_t first[TT_TUN_PARSE_BYTES];
    struct tt_bytes start = {first, tuntap_packet_peek(packet, first, sizeof(first))};

    mbuf_adj(packet, (int)tt_null_word_length_bytes(start));
}

/* ifnet lock held, shared. An error drops the packet; it is not ours to free. */
static errno_t
tun_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *protocol)
{
    u_int32_t family;

    (void)header;
    tuntap_input_seen(ifnet_softc(interface));
    if (!tun_classify(packet, &family)) {
        return ENOENT;
    }
    *protocol = family == TT_FAMILY_INET ? PF_INET : PF_INET6;
    return 0;
}

/* Any IP group may be joined; there is no link address to map it to. */
static errno_t
tun_check_multi(ifnet_t interface, const struct sockaddr *group)
{
    const struct sockaddr_in *ip4 = (const struct sockaddr_in *)(const void *)group;
    const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)(const void *)group;
    u_int8_t first;

    (void)interface;
    switch (group->sa_family) {
    case AF_INET:
        first = *(const u_int8_t *)&ip4->sin_addr;
        return first >= TUN_GROUP4_FIRST && first <= TUN_GROUP4_LAST ? 0 : EADDRNOTAVAIL;
    case AF_INET6:
        first = *(const u_int8_t *)&ip6->sin6_addr;
        return first == TUN_GROUP6_FIRST ? 0 : EADDRNOTAVAIL;
    default:
        return EOPNOTSUPP;
    }
}

static int
tun_ioctl_set_head(struct tuntap_unit *unit, caddr_t data)
{
    unit->life.head_mode = *(const int *)(const void *)data != 0;
    return 0;
}

static int
tun_ioctl_get_head(struct tuntap_unit *unit, caddr_t data)
{
    *(int *)(void *)data = unit->life.head_mode ? 1 : 0;
    return 0;
}

static const struct tuntap_device_ioctl tun_device_ioctls[] = {
    {TUNSIFHEAD, tun_ioctl_set_head},
    {TUNGIFHEAD, tun_ioctl_get_head},
    {0, NULL},
};

static const struct tuntap_interface_ioctl tun_interface_ioctls[] = {
    {0, NULL},
};

const struct tuntap_kind tuntap_kind = {
    .name = "tun",
    .bundle_id = TUNTAP_TEXT(TUNTAP_BUNDLE_ID),
    .interface_type = IFT_OTHER,
    .interface_flags = IFF_POINTOPOINT | IFF_RUNNING | IFF_SIMPLEX | IFF_MULTICAST,
    .header_bytes = 0,
    .address_bytes = 0,
    .write_pad_bytes = 0,
    .carrier_event = false,
    .bpf_link_type = DLT_NULL,
    .bpf_header_bytes = TT_FAMILY_WORD_BYTES,
    .bpf_family_word = true,
    .start = tuntap_plumb_start,
    .stop = tuntap_plumb_stop,
    .write_length_check = tt_tun_length_check,
    .write_parse = tun_write_parse,
    .input_prepare = tun_input_prepare,
    .output_classify = tun_classify,
    .output_prepare = tun_output_prepare,
    .demux = tun_demux,
    .framer = NULL,
    .check_multi = tun_check_multi,
    .device_ioctls = tun_device_ioctls,
    .interface_ioctls = tun_interface_ioctls,
};
