/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf.h"

#include <frame.h>
#include <net/bpf.h>

#include "kind.h"

void
tuntap_bpf_attach(ifnet_t interface)
{
    bpfattach(interface, tuntap_kind.bpf_link_type, tuntap_kind.bpf_header_bytes);
}

void
tuntap_bpf_tap_in(ifnet_t interface, mbuf_t packet, u_int32_t family)
{
    u_int8_t word[TT_FAMILY_WORD_BYTES];

    if (tuntap_kind.bpf_family_word) {
        tt_null_word_encode((enum tt_family)family, word);
        bpf_tap_in(interface, tuntap_kind.bpf_link_type, packet, word, sizeof(word));
    } else {
        bpf_tap_in(interface, tuntap_kind.bpf_link_type, packet, NULL, 0);
    }
}

void
tuntap_bpf_tap_out(ifnet_t interface, mbuf_t packet, u_int32_t family)
{
    u_int8_t word[TT_FAMILY_WORD_BYTES];

    if (tuntap_kind.bpf_family_word) {
        tt_null_word_encode((enum tt_family)family, word);
        bpf_tap_out(interface, tuntap_kind.bpf_link_type, packet, word, sizeof(word));
    } else {
        bpf_tap_out(interface, tuntap_kind.bpf_link_type, packet, NULL, 0);
    }
}
