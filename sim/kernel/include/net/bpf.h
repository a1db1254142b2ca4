/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_BPF_H
#define KPI_NET_BPF_H

/*
 * Taps: what tcpdump listens at. The tapped packet stays the caller's; `header` is put before the
 * packet's bytes, as the link type asks.
 */

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>
#include <net/kpi_interface.h>

typedef int32_t bpf_int32;
typedef u_int32_t bpf_u_int32;

#define DLT_NULL        0
#define DLT_EN10MB      1
#define DLT_SLIP        8
#define DLT_PPP         9
#define DLT_ATM_RFC1483 11
#define DLT_RAW         12
#define DLT_IEEE802_11  105
#define DLT_LOOP        108

/* A program's write to a bpf descriptor; the packet becomes the driver's. */
typedef errno_t (*bpf_send_func)(ifnet_t interface, u_int32_t link_type, mbuf_t packet);
/* A change of who listens. */
typedef errno_t (*bpf_tap_func)(ifnet_t interface, u_int32_t link_type, bpf_tap_mode direction);

struct bpf_program {
    uint32_t bf_len;
    struct bpf_insn *bf_insns;
};

struct bpf_insn {
    uint16_t code;
    uint8_t jt;
    uint8_t jf;
    uint32_t k;
};

struct bpf_hdr {
    struct timeval32 bh_tstamp;
    uint32_t bh_caplen;
    uint32_t bh_datalen;
    uint16_t bh_hdrlen;
};

__BEGIN_DECLS

/* Call before ifnet_attach or after it; header_length is that of the link header, in bytes. */
void bpfattach(ifnet_t interface, u_int link_type, u_int header_length) KPI_SYMBOL(bpfattach);
errno_t bpf_attach(ifnet_t interface, u_int32_t link_type, u_int32_t header_length,
    bpf_send_func send, bpf_tap_func tap) KPI_SYMBOL(bpf_attach);
void bpf_tap_in(ifnet_t interface, u_int32_t link_type, mbuf_t packet, void *header,
    size_t header_length) KPI_SYMBOL(bpf_tap_in);
void bpf_tap_out(ifnet_t interface, u_int32_t link_type, mbuf_t packet, void *header,
    size_t header_length) KPI_SYMBOL(bpf_tap_out);

__END_DECLS

#endif
