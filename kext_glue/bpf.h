/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_BPF_H
#define TUNTAP_BPF_H

/*
 * Showing packets to bpf, each once per direction.
 *
 * bpf_tap_in and bpf_tap_out take the direction and the header explicitly: no callback is cached,
 * no lock of ours is involved (facts kpi-ifnet 20, museum B02). They neither keep nor change the
 * packet.
 *
 * Locks: none may be held; bpf takes its own global one.
 */

#include <net/kpi_interface.h>
#include <sys/kpi_mbuf.h>
#include <sys/types.h>

/* Makes the interface visible to bpf with the kind's link type. After ifnet_attach; undone by
 * detach. */
void tuntap_bpf_attach(ifnet_t interface);

/* family is the packet's (enum tt_family); tap ignores it. The packet begins with its link header.
 * */
void tuntap_bpf_tap_in(ifnet_t interface, mbuf_t packet, u_int32_t family);
void tuntap_bpf_tap_out(ifnet_t interface, mbuf_t packet, u_int32_t family);

#endif
