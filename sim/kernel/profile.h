/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_PROFILE_H
#define KSIM_PROFILE_H

/*
 * What differs between macOS releases, as data. A quirk is a field here, never a comparison of
 * release numbers in the code that behaves differently. Sources: kpi-rest.md sections 0 to 4 and
 * kpi-ifnet.md sections 3, 20 and 22; all values are of the last tag of the series, x86_64.
 */

#include <stdbool.h>
#include <stdint.h>

/* Architecture of the network interface layer (kpi-ifnet.md section 0). */
enum ksim_generation {
    KSIM_GENERATION_A, /* 10.6: use counts, detach may end in the caller */
    KSIM_GENERATION_B, /* 10.7 to 10.12: IO references, detacher thread */
    KSIM_GENERATION_C  /* 10.13 and later: embryonic state, input thread exit awaited */
};

/* How kevent treats a character device that is not a tty (kpi-rest.md 2.7). */
enum ksim_kqueue_rule {
    KSIM_KQUEUE_EINVAL,    /* up to 10.10: refused */
    KSIM_KQUEUE_LOWAT_ONE, /* 10.11 on: accepted only with NOTE_LOWAT and data 1 */
};

/* What ifnet_input answers once the interface is detached (kpi-ifnet.md 15.1). */
enum ksim_input_detached {
    KSIM_INPUT_DETACHED_ACCEPTS, /* up to 10.7 */
    KSIM_INPUT_DETACHED_EINVAL,  /* 10.8 to 10.11 */
    KSIM_INPUT_DETACHED_ENXIO    /* 10.12 on: EINVAL before attach, ENXIO while detaching */
};

struct ksim_profile {
    int darwin_major;       /* 10..24 */
    const char *xnu_tag;    /* "xnu-6153.141.1" */
    const char *os_version; /* "10.15.7" */
    const char *os_build;   /* "19H15" */
    const char *kernel_version; /* "Darwin Kernel Version 19.6.0" */

    /* mbufs (kpi-rest.md 1.1) */
    uint32_t mlen_bytes;
    uint32_t mhlen_bytes;
    uint32_t minclsize_bytes; /* mlen + mhlen */

    /* mbufs (kpi-rest.md 1.4 to 1.8; what 1.8 lacks was measured: tests/vectors) */
    bool mbuf_newer_flags;            /* 10.7 on: LOOP, HASFCS and the IPv6 checksum requests are public */
    bool mbuf_flags_unchecked;        /* up to 10.8: EXT and PKTHDR may be flipped at will */
    bool mbuf_flags_ext_in_argument;  /* 10.9: EINVAL whenever EXT appears in flags or mask */
    bool mbuf_flags_mask_only_checked; /* 10.10 on: bits outside the mask are ignored */
    bool mbuf_shared_stays_shared;    /* 10.9 on: a cluster once shared stays read-only */
    bool mbuf_prepend_oversize_panics; /* 10.11 on; before, the length exceeded the buffer */
    bool mbuf_prepend_plain_in_mlen;  /* 10.11 on: without a header the data goes to the end of MLEN */
    bool mbuf_split_boundary_fresh;   /* 10.11 on: an empty tail shares nothing */
    bool mbuf_copy_keeps_empty_first; /* 10.11 on: mbuf_copym copies an empty header mbuf */
    bool mbuf_negative_length_hidden; /* 10.11 on: mbuf_pkthdr_len answers 0 for a negative length */

    /* devices and descriptors (kpi-rest.md 2) */
    uint32_t cdevsw_slots;          /* 43 or 64 */
    bool open_serialised;           /* 10.7 on: one lock per dev_t across d_open and d_close */
    bool ioctl_copies_in_first;     /* EFAULT before EBADF */
    bool selrecord_fills_link;      /* 10.11 to 11: selrecord writes the wait queue link */
    bool selthreadclear_deinitialises; /* 10.11 on: a cleared selinfo is as fresh as a zeroed one */
    uint32_t selinfo_bytes;         /* what the kernel touches of a struct selinfo */
    enum ksim_kqueue_rule kqueue;
    bool syscall_dispatch_flag;     /* IO_SYSCALL_DISPATCH in ioflag */

    /* copies and waits (kpi-rest.md 3 and 4) */
    bool copy_limit;                /* copyin and copyout of 64 MiB or more: panic */
    bool lock_allocation_fails;     /* up to 11.x: lck_*_alloc_init may return NULL */

    /* text of panics (kpi-rest.md 7.1) */
    bool panic_location_short;      /* 12 on: ` @file.c:LINE`, else quoted with a path */
    bool panic_process_short;       /* 11 on: "Process name", else "BSD process name" */
    bool panic_task_shown;          /* 12 on: a line for the task, the thread's address in others */
    bool panic_unloaded_listed;     /* 10.6: a list of unloaded kexts, else the last one loaded */
    bool panic_kext_started;        /* 11 on: "last started kext", else "last loaded kext" */
    bool kext_version_four_digits;  /* 10.14 on */

    /* interfaces (kpi-ifnet.md 22; the names are those of its table) */
    enum ksim_generation generation;
    bool detach_sync_callback;           /* detach.sync_callback */
    bool detach_callback_before_clear;   /* detach.callback_before_state_clear (R2) */
    bool detach_no_address_purge;        /* detach.no_addr_purge */
    bool detach_demux_survives;          /* detach.demux_survives */
    bool detach_if_down_first;           /* detach.if_down_first */
    bool detach_bpf_in_detacher;         /* detach.bpfdetach_in_detacher */
    bool attach_input_waiting_race;      /* attach.input_waiting_race (R1) */
    bool attach_waits_for_threads;       /* attach.waits_for_threads */
    bool lladdr_embryonic_enxio;         /* 15.4: ifnet_set_lladdr before the first attach; else a fault */
    bool allocate_leak_never_attached;   /* alloc.leak_never_attached */
    bool allocate_same_name_ebusy;       /* alloc.same_name_ebusy */
    bool allocate_null_uniqueid_matches; /* alloc.null_uniqueid */
    bool allocate_unit_limit;            /* alloc.unit_limit */
    bool allocate_eflags_persist;        /* alloc.eflags_persist */
    bool recycle_promiscuous_persist;    /* recycle.promisc_persist */
    bool recycle_counters_kept;          /* recycle.counters */
    bool recycle_offload_kept;           /* until 15.3: detach leaves offload and capabilities as they are */
    bool protocol_auto_up;               /* proto.auto_up */
    bool sifflags_error_returned;        /* ioctl.sifflags_error */
    bool promiscuous_down_enetdown;      /* promisc.down_enetdown */
    bool ioctl_extended_media;           /* 10.14.6 on: SIOCGIFXMEDIA reaches the driver as SIOCGIFMEDIA */
    bool ioctl_raw_addresses_stop;       /* 10.14.6 on: SIOCAIFADDR, SIOCDIFADDR never forwarded as they are */
    enum ksim_input_detached input_detached; /* input.detached_policy */
    bool input_null_stats_counted;       /* input.null_stats_counted */
    bool input_thread_for_ethernet;      /* input.thread_model: own thread for IFNET_FAMILY_ETHERNET */
    bool input_thread_for_all;           /* 10.15 on: own thread for every interface */
    bool input_rcvif_selects;            /* input.rcvif_selects */
    bool input_burst_limit;              /* input.burst_limit */
    bool input_vlan_skip_all;            /* input.vlan_skip: all filters, else non-internal */
    bool output_framer_rcvif;            /* output.framer_rcvif */
    bool output_zero_mtu_asserts;        /* output.zero_mtu_assert */
    bool proto_input_null_faults;        /* proto_input.null_entry */
    bool inet6_needs_multicast;          /* in6.needs_multicast */
    bool inet_socket_locked;             /* in.socket_locked */
    bool bpf_if_leaks;                   /* bpf.if_leak */
    bool bpf_direction_from_stale;       /* bpf.dir_by_stale_memory */
    bool bridge;                         /* bridges can be made (section 19) */
    bool bridge_input_broadcast;         /* xnu-6153: BIFF_INPUT_BROADCAST; no pf on members by default */
    bool bridge_media_required;          /* bridge.media_required */
    bool bridge_early_input;             /* bridge.early_input */
};

enum { KSIM_DARWIN_DEFAULT = 19, KSIM_DARWIN_FIRST = 10, KSIM_DARWIN_LAST = 24 };

/* The profile of a release; 0 = the default. NULL when there is no such release. Lives for ever. */
const struct ksim_profile *ksim_profile_find(int darwin_major);

#endif
