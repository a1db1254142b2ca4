/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile.h"

#include <stddef.h>

/*
 * The windows in which a release shows a quirk. They are written once, as a function of the release
 * number d, and expand to constants: the table is read-only data that all machines share.
 */
#define FROM(d, first) ((d) >= (first))
#define UNTIL(d, last) ((d) <= (last))
#define WITHIN(d, first, last) (FROM(d, first) && UNTIL(d, last))

#define MBUF_QUIRKS(d)                                                                             \
    .mbuf_newer_flags = FROM(d, 11), .mbuf_flags_unchecked = UNTIL(d, 12),                          \
    .mbuf_flags_ext_in_argument = WITHIN(d, 13, 13), .mbuf_flags_mask_only_checked = FROM(d, 14),   \
    .mbuf_shared_stays_shared = FROM(d, 13), .mbuf_prepend_oversize_panics = FROM(d, 15),           \
    .mbuf_prepend_plain_in_mlen = FROM(d, 15), .mbuf_split_boundary_fresh = FROM(d, 15),            \
    .mbuf_copy_keeps_empty_first = FROM(d, 15), .mbuf_negative_length_hidden = FROM(d, 15)

#define DEVICE_QUIRKS(d)                                                                           \
    .cdevsw_slots = UNTIL(d, 18) ? 43 : 64, .open_serialised = FROM(d, 11),                         \
    .ioctl_copies_in_first = FROM(d, 19), .selrecord_fills_link = WITHIN(d, 15, 20),                \
    .selthreadclear_deinitialises = FROM(d, 15), .selinfo_bytes = UNTIL(d, 14) ? 48 : 64,           \
    .kqueue = UNTIL(d, 14) ? KSIM_KQUEUE_EINVAL : KSIM_KQUEUE_LOWAT_ONE,                            \
    .syscall_dispatch_flag = FROM(d, 19), .copy_limit = FROM(d, 19),                                \
    .lock_allocation_fails = UNTIL(d, 20),                                                         \
    .panic_location_short = FROM(d, 21), .panic_process_short = FROM(d, 20),                        \
    .panic_task_shown = FROM(d, 21), .panic_unloaded_listed = UNTIL(d, 10),                         \
    .panic_kext_started = FROM(d, 20), .kext_version_four_digits = FROM(d, 18)

#define ATTACH_QUIRKS(d)                                                                           \
    .generation = UNTIL(d, 10)   ? KSIM_GENERATION_A                                                \
                  : UNTIL(d, 16) ? KSIM_GENERATION_B                                                \
                                 : KSIM_GENERATION_C,                                               \
    .detach_sync_callback = UNTIL(d, 10), .detach_callback_before_clear = WITHIN(d, 11, 15),        \
    .detach_no_address_purge = UNTIL(d, 10), .detach_demux_survives = UNTIL(d, 10),                 \
    .detach_if_down_first = FROM(d, 21), .detach_bpf_in_detacher = FROM(d, 23),                     \
    .attach_input_waiting_race = WITHIN(d, 12, 16), .attach_waits_for_threads = FROM(d, 19),        \
    .allocate_leak_never_attached = UNTIL(d, 16), .allocate_same_name_ebusy = WITHIN(d, 17, 23),    \
    .allocate_null_uniqueid_matches = UNTIL(d, 15), .allocate_unit_limit = FROM(d, 20),             \
    .allocate_eflags_persist = UNTIL(d, 16), .recycle_promiscuous_persist = UNTIL(d, 21),           \
    .recycle_counters_kept = UNTIL(d, 10), .recycle_offload_kept = UNTIL(d, 23),             \
    .lladdr_embryonic_enxio = FROM(d, 24)

#define DATA_QUIRKS(d)                                                                             \
    .protocol_auto_up = FROM(d, 17), .sifflags_error_returned = UNTIL(d, 10),                       \
    .promiscuous_down_enetdown = UNTIL(d, 10), .ioctl_extended_media = FROM(d, 18),                 \
    .ioctl_raw_addresses_stop = FROM(d, 18),                                                        \
    .input_detached = UNTIL(d, 11)   ? KSIM_INPUT_DETACHED_ACCEPTS                                  \
                      : UNTIL(d, 15) ? KSIM_INPUT_DETACHED_EINVAL                                   \
                                     : KSIM_INPUT_DETACHED_ENXIO,                                   \
    .input_null_stats_counted = FROM(d, 16), .input_thread_for_ethernet = true,                     \
    .input_thread_for_all = FROM(d, 19), .input_rcvif_selects = UNTIL(d, 23),                       \
    .input_burst_limit = FROM(d, 23), .input_vlan_skip_all = UNTIL(d, 18),                          \
    .output_framer_rcvif = true, .output_zero_mtu_asserts = FROM(d, 18),                            \
    .proto_input_null_faults = UNTIL(d, 17), .inet6_needs_multicast = FROM(d, 13),                  \
    .inet_socket_locked = UNTIL(d, 12), .bpf_if_leaks = UNTIL(d, 13),                               \
    .bpf_direction_from_stale = UNTIL(d, 12), .bridge_media_required = FROM(d, 13),                 \
    .bridge_early_input = FROM(d, 24), .bridge = FROM(d, 11),                                       \
    .bridge_input_broadcast = FROM(d, 19)

#define RELEASE(d, tag, os, build, version, mlen, mhlen)                                           \
    {                                                                                              \
        .darwin_major = (d), .xnu_tag = (tag), .os_version = (os), .os_build = (build),            \
        .kernel_version = "Darwin Kernel Version " version,                                        \
        .mlen_bytes = (mlen), .mhlen_bytes = (mhlen), .minclsize_bytes = (mlen) + (mhlen),         \
        MBUF_QUIRKS(d), DEVICE_QUIRKS(d), ATTACH_QUIRKS(d), DATA_QUIRKS(d)                                         \
    }

static const struct ksim_profile profiles[] = {
    RELEASE(10, "xnu-1504.15.3", "10.6.8", "10K549", "10.8.0", 216, 160),
    RELEASE(11, "xnu-1699.32.7", "10.7.5", "11G63", "11.4.2", 216, 136),
    RELEASE(12, "xnu-2050.48.11", "10.8.5", "12F45", "12.5.0", 216, 112),
    RELEASE(13, "xnu-2422.115.4", "10.9.5", "13F34", "13.4.0", 224, 112),
    RELEASE(14, "xnu-2782.40.9", "10.10.5", "14F27", "14.5.0", 224, 96),
    RELEASE(15, "xnu-3248.60.10", "10.11.6", "15G31", "15.6.0", 224, 88),
    RELEASE(16, "xnu-3789.70.16", "10.12.6", "16G29", "16.7.0", 224, 88),
    RELEASE(17, "xnu-4570.71.2", "10.13.6", "17G65", "17.7.0", 224, 88),
    RELEASE(18, "xnu-4903.270.47", "10.14.6", "18G84", "18.7.0", 224, 80),
    RELEASE(19, "xnu-6153.141.1", "10.15.7", "19H2", "19.6.0", 224, 80),
    RELEASE(20, "xnu-7195.141.2", "11.6", "20G165", "20.6.0", 224, 80),
    RELEASE(21, "xnu-8020.140.41", "12.5", "21G72", "21.6.0", 224, 80),
    RELEASE(22, "xnu-8796.141.3", "13.5", "22G74", "22.6.0", 224, 80),
    RELEASE(23, "xnu-10063.141.1", "14.6", "23G80", "23.6.0", 224, 80),
    RELEASE(24, "xnu-11417.101.15", "15.4", "24E248", "24.4.0", 224, 88),
};

const struct ksim_profile *
ksim_profile_find(int darwin_major)
{
    if (darwin_major == 0) {
        darwin_major = KSIM_DARWIN_DEFAULT;
    }
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (profiles[i].darwin_major == darwin_major) {
            return &profiles[i];
        }
    }
    return NULL;
}
