/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_QUIRK_LIST_H
#define KSIM_QUIRK_LIST_H

/*
 * X(field of struct ksim_profile, what is so while it is true, where the fact sheets say it). The order is
 * that of profile.h.
 */
#define QUIRKS(X)                                                                                  \
    X(mbuf_newer_flags,                                                                            \
      "`mbuf_flags` knows LOOP and HASFCS, requests know IPv6 checksums",                          \
      "kpi-rest 1.6")                                                                              \
    X(mbuf_flags_unchecked,                                                                        \
      "`mbuf_setflags_mask` flips EXT and PKTHDR without a check",                                 \
      "kpi-rest 1.6")                                                                              \
    X(mbuf_flags_ext_in_argument,                                                                  \
      "`mbuf_setflags_mask` refuses EXT even outside the mask",                                    \
      "kpi-rest 1.6")                                                                              \
    X(mbuf_flags_mask_only_checked,                                                                \
      "`mbuf_setflags_mask` looks at the mask only",                                               \
      "kpi-rest 1.6")                                                                              \
    X(mbuf_shared_stays_shared,                                                                    \
      "a cluster that once had two owners stays read-only",                                        \
      "kpi-rest 1.4")                                                                              \
    X(mbuf_prepend_oversize_panics,                                                                \
      "`mbuf_prepend` of more than an mbuf holds panics; before, the length ran past the buffer",  \
      "kpi-rest 1.8")                                                                              \
    X(mbuf_prepend_plain_in_mlen,                                                                  \
      "`mbuf_prepend` without packet header fills from the end of MLEN",                           \
      "kpi-rest 1.8")                                                                              \
    X(mbuf_split_boundary_fresh,                                                                   \
      "`mbuf_split` at the end shares no cluster",                                                 \
      "kpi-rest 1.8")                                                                              \
    X(mbuf_copy_keeps_empty_first,                                                                 \
      "`mbuf_copym` copies an empty first mbuf",                                                   \
      "kpi-rest 1.8")                                                                              \
    X(mbuf_negative_length_hidden,                                                                 \
      "`mbuf_pkthdr_len` answers 0 for a negative length",                                         \
      "kpi-rest 1.5")                                                                              \
    X(open_serialised,                                                                             \
      "one lock for each device number is held across open and close",                             \
      "kpi-rest 2.3, museum B13")                                                                  \
    X(ioctl_copies_in_first,                                                                       \
      "`ioctl` says EFAULT before EBADF",                                                          \
      "kpi-rest 2.6")                                                                              \
    X(selrecord_fills_link,                                                                        \
      "`selrecord` writes into the link that select passes",                                       \
      "kpi-rest 2.7, museum A12")                                                                  \
    X(selthreadclear_deinitialises,                                                                \
      "`selthreadclear` makes a selinfo as fresh as a zeroed one",                                 \
      "kpi-rest 2.7")                                                                              \
    X(syscall_dispatch_flag,                                                                       \
      "`read` and `write` pass IO_SYSCALL_DISPATCH to the driver",                                 \
      "kpi-rest 2.5")                                                                              \
    X(copy_limit,                                                                                  \
      "`copyin` and `copyout` of 64 MiB or more panic",                                            \
      "kpi-rest 3")                                                                                \
    X(lock_allocation_fails,                                                                       \
      "`lck_*_alloc_init` may return NULL",                                                        \
      "kpi-rest 4.1")                                                                              \
    X(panic_location_short,                                                                        \
      "a panic says `@file.c:LINE`",                                                               \
      "kpi-rest 7.1")                                                                              \
    X(panic_process_short,                                                                         \
      "a panic says `Process name`",                                                               \
      "kpi-rest 7.1")                                                                              \
    X(panic_task_shown,                                                                            \
      "a panic shows the task",                                                                    \
      "kpi-rest 7.1")                                                                              \
    X(panic_unloaded_listed,                                                                       \
      "a panic lists all unloaded kexts",                                                          \
      "kpi-rest 7.1")                                                                              \
    X(panic_kext_started,                                                                          \
      "a panic says `last started kext`",                                                          \
      "kpi-rest 7.1")                                                                              \
    X(kext_version_four_digits,                                                                    \
      "minor and revision of CFBundleVersion may have four digits; else two",                      \
      "kpi-rest 6.4")                                                                              \
    X(detach_sync_callback,                                                                        \
      "the detached callback may run inside `ifnet_detach`",                                       \
      "kpi-ifnet 4.3, museum A05")                                                                 \
    X(detach_callback_before_clear,                                                                \
      "attaching again from the woken closer panics the detacher (R2)",                            \
      "kpi-ifnet 3.1, museum A05")                                                                 \
    X(detach_no_address_purge,                                                                     \
      "addresses outlive their interface",                                                         \
      "kpi-ifnet 17.2, museum A07")                                                                \
    X(detach_demux_survives,                                                                       \
      "a queued packet calls the old demux",                                                       \
      "kpi-ifnet 4.3")                                                                             \
    X(detach_if_down_first,                                                                        \
      "the interface goes down while it is still attached",                                        \
      "kpi-ifnet 4.1")                                                                             \
    X(detach_bpf_in_detacher,                                                                      \
      "bpf readers hear of the detach later",                                                      \
      "kpi-ifnet 4.2")                                                                             \
    X(attach_input_waiting_race,                                                                   \
      "attaching again before the input thread ended panics (R1)",                                 \
      "kpi-ifnet 3.1, museum A05")                                                                 \
    X(attach_waits_for_threads,                                                                    \
      "`ifnet_attach` returns when the input thread has run",                                      \
      "kpi-ifnet 3")                                                                               \
    X(lladdr_embryonic_enxio,                                                                      \
      "`ifnet_set_lladdr` before attach is ENXIO; else it reads out of bounds",                    \
      "kpi-ifnet 7, museum D04")                                                                   \
    X(allocate_leak_never_attached,                                                                \
      "an interface released before attach stays busy for ever",                                   \
      "kpi-ifnet 2.1, museum D07")                                                                 \
    X(allocate_same_name_ebusy,                                                                    \
      "a name in use is EBUSY under another unique id too",                                        \
      "kpi-ifnet 2, museum D07")                                                                   \
    X(allocate_null_uniqueid_matches,                                                              \
      "no unique id recycles a stranger's interface",                                              \
      "kpi-ifnet 2.1")                                                                             \
    X(allocate_unit_limit,                                                                         \
      "a unit over 32767 is EINVAL; else it is cut",                                               \
      "kpi-ifnet 2")                                                                               \
    X(allocate_eflags_persist,                                                                     \
      "extended flags survive recycling",                                                          \
      "kpi-ifnet 2.1")                                                                             \
    X(recycle_promiscuous_persist,                                                                 \
      "the count of promiscuous users survives recycling",                                         \
      "kpi-ifnet 2.1")                                                                             \
    X(recycle_counters_kept,                                                                       \
      "statistics survive recycling",                                                              \
      "kpi-ifnet 2.1")                                                                             \
    X(recycle_offload_kept,                                                                        \
      "offload and capabilities survive detach",                                                   \
      "kpi-ifnet 2.1")                                                                             \
    X(protocol_auto_up,                                                                            \
      "attaching a protocol marks the interface up and sends SIOCSIFFLAGS with NULL",              \
      "kpi-ifnet 16.1, museum A04")                                                                \
    X(sifflags_error_returned,                                                                     \
      "an error of the driver's SIOCSIFFLAGS reaches ifconfig",                                    \
      "kpi-ifnet 17")                                                                              \
    X(promiscuous_down_enetdown,                                                                   \
      "an interface that is down cannot be listened to",                                           \
      "kpi-ifnet 12, 20")                                                                          \
    X(ioctl_extended_media,                                                                        \
      "SIOCGIFXMEDIA reaches the driver as SIOCGIFMEDIA",                                          \
      "kpi-ifnet 17")                                                                              \
    X(ioctl_raw_addresses_stop,                                                                    \
      "address requests never reach the driver as they are",                                       \
      "kpi-ifnet 17")                                                                              \
    X(input_null_stats_counted,                                                                    \
      "`ifnet_input` without statistics counts by itself",                                         \
      "kpi-ifnet 15.1")                                                                            \
    X(input_thread_for_ethernet,                                                                   \
      "an Ethernet interface has an input thread of its own",                                      \
      "kpi-ifnet 3")                                                                               \
    X(input_thread_for_all,                                                                        \
      "every interface has an input thread of its own",                                            \
      "kpi-ifnet 3")                                                                               \
    X(input_rcvif_selects,                                                                         \
      "the packet's receive interface selects the demux; NULL faults",                             \
      "kpi-ifnet 15.1")                                                                            \
    X(input_burst_limit,                                                                           \
      "`ifnet_input` drops what exceeds the queue and still answers 0",                            \
      "kpi-ifnet 15.1")                                                                            \
    X(input_vlan_skip_all,                                                                         \
      "packets tagged for hardware pass the kernel's own filters by, too",                         \
      "kpi-ifnet 15.2")                                                                            \
    X(output_framer_rcvif,                                                                         \
      "the framer sees a receive interface on broadcasts",                                         \
      "kpi-ifnet 14.2")                                                                            \
    X(output_zero_mtu_asserts,                                                                     \
      "IPv4 output through an interface with MTU 0 panics",                                        \
      "kpi-ifnet 6, 23.1")                                                                         \
    X(proto_input_null_faults,                                                                     \
      "`proto_input` of a family without handler faults",                                          \
      "kpi-ifnet 16.4")                                                                            \
    X(inet6_needs_multicast,                                                                       \
      "IPv6 needs an interface with IFF_MULTICAST",                                                \
      "kpi-ifnet 16.3")                                                                            \
    X(inet_socket_locked,                                                                          \
      "the user's socket is locked while the driver answers; raw sockets share one lock",          \
      "kpi-ifnet 17.1, museum A08")                                                                \
    X(bpf_if_leaks,                                                                                \
      "each `bpfattach` leaks its record",                                                         \
      "kpi-ifnet 20")                                                                              \
    X(bpf_direction_from_stale,                                                                    \
      "the direction of an mbuf without packet header is stale memory",                            \
      "kpi-ifnet 20, museum E09")                                                                  \
    X(bridge,                                                                                      \
      "`ifconfig bridge0 create` works",                                                           \
      "kpi-ifnet 19")                                                                              \
    X(bridge_input_broadcast,                                                                      \
      "the bridge copies broadcasts to its own input",                                             \
      "kpi-ifnet 19")                                                                              \
    X(bridge_media_required,                                                                       \
      "a bridge floods only to members whose media are active",                                    \
      "kpi-ifnet 19")                                                                              \
    X(bridge_early_input,                                                                          \
      "a bridge takes frames before demux",                                                        \
      "kpi-ifnet 15.2, 19")

#endif
