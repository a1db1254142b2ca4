/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_KIND_H
#define TUNTAP_KIND_H

/*
 * What differs between tun and tap. Each kext links exactly one definition of tuntap_kind: tun.c
 * or tap.c. Constant data; the common code never asks which kext it is in.
 */

#include <frame.h>
#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>

struct tuntap_unit;

/* An ioctl of the device. data is the kernel's copy of the argument (facts kpi-rest 2.6). Called
 * with unit->lock held and the unit open: it may look and set, not call out. */
struct tuntap_device_ioctl {
    u_long command;
    int (*handle)(struct tuntap_unit *unit, caddr_t data);
};

/* An ioctl of the interface. argument may be NULL or not an ifreq at all: facts kpi-ifnet 17.
 * Called without locks, with the kernel's IO reference held. */
struct tuntap_interface_ioctl {
    u_long command;
    errno_t (*handle)(struct tuntap_unit *unit, ifnet_t interface, void *argument);
};

/* What a write turned out to be. */
struct tuntap_write_verdict {
    enum tt_error error;
    u_int32_t family; /* enum tt_family; 0 for tap */
};

struct tuntap_kind {
    const char *name;      /* of devices and interfaces: "tun", "tap" */
    const char *bundle_id; /* makes the interface's unique id */
    u_int32_t interface_type;
    u_int16_t interface_flags; /* set before attach; these bits only */
    u_int8_t header_bytes;     /* link header the stack has to leave room for */
    u_int8_t address_bytes;    /* link-layer address: 0 or 6 */
    u_int32_t offload;         /* ifnet_set_offload, 0 for none */
    u_int32_t write_pad_bytes; /* before a written packet, so that its IP header is aligned */
    bool carrier_event;        /* post KEV_DL_LINK_ON after attach */
    bool private_input_thread; /* on releases that do not wait for its end (session.c) */
    u_int32_t bpf_link_type;
    u_int32_t bpf_header_bytes;
    bool bpf_family_word; /* bpf wants a family word before each packet */

    /* Whole start and stop of what only this kind needs; start sets tuntap_driver.family. 0 or an
     * errno with everything undone. Called without locks. */
    errno_t (*start)(void);
    void (*stop)(void);

    /* Length before the bytes, then the bytes (core/frame.h); start holds at most
     * TUNTAP_WRITE_START_BYTES. Any context. */
    enum tt_error (*write_length_check)(u_int64_t length_bytes, bool head_mode,
        u_int32_t mtu_bytes);
    struct tuntap_write_verdict (*write_parse)(struct tt_bytes start, u_int64_t length_bytes,
        bool head_mode, u_int32_t mtu_bytes);

    /* Turns a written packet, which bpf has seen, into what ifnet_input wants: header pointer set,
     * data at the payload. Cannot fail. */
    void (*input_prepare)(mbuf_t packet);

    /* The family of a packet from the stack in *family; false: it cannot be carried. Any context.
     * */
    bool (*output_classify)(mbuf_t packet, u_int32_t *family);

    /* For a packet that output_classify does not know, before it is asked again: cuts off what is not part of
     * the packet, because a program wrote it through bpf. NULL: nothing ever is. Any context. */
    void (*output_prepare)(mbuf_t packet);

    ifnet_demux_func demux;
    ifnet_framer_func framer; /* NULL: none */
    ifnet_check_multi check_multi;

    /* Beyond the common ones; each ends with command 0. */
    const struct tuntap_device_ioctl *device_ioctls;
    const struct tuntap_interface_ioctl *interface_ioctls;
};

/* What write_parse may look at: a family word and an Ethernet header with its tag. */
#define TUNTAP_WRITE_START_BYTES 24u

extern const struct tuntap_kind tuntap_kind;

#endif
