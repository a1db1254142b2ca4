/* SPDX-License-Identifier: BSD-2-Clause */
/* The releases: kpi-rest.md sections 0, 1.1, 2 to 4 and 7.1; kpi-ifnet.md sections 3, 15.1 and 22. */
#include "world.h"

#include <profile.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct row {
    int darwin_major;
    const char *tag, *version, *darwin;
    unsigned mlen_bytes, mhlen_bytes;
};

/* kpi-rest.md 0 and 1.1, x86_64. */
static const struct row rows[] = {
    {10, "xnu-1504.15.3", "10.6.8", "10.8.0", 216, 160},
    {11, "xnu-1699.32.7", "10.7.5", "11.4.2", 216, 136},
    {12, "xnu-2050.48.11", "10.8.5", "12.5.0", 216, 112},
    {13, "xnu-2422.115.4", "10.9.5", "13.4.0", 224, 112},
    {14, "xnu-2782.40.9", "10.10.5", "14.5.0", 224, 96},
    {15, "xnu-3248.60.10", "10.11.6", "15.6.0", 224, 88},
    {16, "xnu-3789.70.16", "10.12.6", "16.7.0", 224, 88},
    {17, "xnu-4570.71.2", "10.13.6", "17.7.0", 224, 88},
    {18, "xnu-4903.270.47", "10.14.6", "18.7.0", 224, 80},
    {19, "xnu-6153.141.1", "10.15.7", "19.6.0", 224, 80},
    {20, "xnu-7195.141.2", "11.", "20.6.0", 224, 80},
    {21, "xnu-8020.140.41", "12.", "21.6.0", 224, 80},
    {22, "xnu-8796.141.3", "13.", "22.6.0", 224, 80},
    {23, "xnu-10063.141.1", "14.", "23.6.0", 224, 80},
    {24, "xnu-11417.101.15", "15.4", "24.4.0", 224, 88},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* A quirk that shows from one release to another. */
struct window {
    const char *name;
    size_t offset;
    int first, last;
};

#define WINDOW(field, first, last) {#field, offsetof(struct ksim_profile, field), first, last}

static const struct window windows[] = {
    /* kpi-rest.md */
    WINDOW(mbuf_newer_flags, 11, 24),           /* 1.6 */
    WINDOW(mbuf_flags_unchecked, 10, 12),
    WINDOW(mbuf_flags_ext_in_argument, 13, 13),
    WINDOW(mbuf_flags_mask_only_checked, 14, 24),
    WINDOW(mbuf_shared_stays_shared, 13, 24),   /* 1.4, 1.8 */
    WINDOW(mbuf_prepend_oversize_panics, 15, 24),
    WINDOW(mbuf_prepend_plain_in_mlen, 15, 24),
    WINDOW(mbuf_split_boundary_fresh, 15, 24),
    WINDOW(mbuf_copy_keeps_empty_first, 15, 24),
    WINDOW(mbuf_negative_length_hidden, 15, 24),
    WINDOW(open_serialised, 11, 24),            /* 2.3 */
    WINDOW(ioctl_copies_in_first, 19, 24),      /* 2.6 */
    WINDOW(selrecord_fills_link, 15, 20),       /* 2.7 */
    WINDOW(selthreadclear_deinitialises, 15, 24),
    WINDOW(syscall_dispatch_flag, 19, 24),      /* 2.5 */
    WINDOW(copy_limit, 19, 24),                 /* 3 */
    WINDOW(lock_allocation_fails, 10, 20),      /* 4.1, 4.2 */
    WINDOW(panic_location_short, 21, 24),       /* 7.1 */
    WINDOW(panic_process_short, 20, 24),
    WINDOW(panic_task_shown, 21, 24),
    WINDOW(panic_unloaded_listed, 10, 10),
    WINDOW(panic_kext_started, 20, 24),
    WINDOW(kext_version_four_digits, 18, 24),   /* 6.4 */
    /* kpi-ifnet.md 22 */
    WINDOW(detach_sync_callback, 10, 10),
    WINDOW(detach_callback_before_clear, 11, 15),
    WINDOW(detach_no_address_purge, 10, 10),
    WINDOW(detach_demux_survives, 10, 10),
    WINDOW(detach_if_down_first, 21, 24),
    WINDOW(detach_bpf_in_detacher, 23, 24),
    WINDOW(attach_input_waiting_race, 12, 16),
    WINDOW(attach_waits_for_threads, 19, 24),
    WINDOW(allocate_leak_never_attached, 10, 16),
    WINDOW(allocate_same_name_ebusy, 17, 23),
    WINDOW(allocate_null_uniqueid_matches, 10, 15),
    WINDOW(allocate_unit_limit, 20, 24),
    WINDOW(allocate_eflags_persist, 10, 16),
    WINDOW(recycle_promiscuous_persist, 10, 21),
    WINDOW(recycle_counters_kept, 10, 10),
    WINDOW(protocol_auto_up, 17, 24),
    WINDOW(sifflags_error_returned, 10, 10),
    WINDOW(promiscuous_down_enetdown, 10, 10),
    WINDOW(input_null_stats_counted, 16, 24),
    WINDOW(input_thread_for_ethernet, 10, 24),
    WINDOW(input_thread_for_all, 19, 24),
    WINDOW(input_rcvif_selects, 10, 23),
    WINDOW(input_burst_limit, 23, 24),
    WINDOW(input_vlan_skip_all, 10, 18),
    WINDOW(output_framer_rcvif, 10, 24),
    WINDOW(output_zero_mtu_asserts, 18, 24),
    WINDOW(proto_input_null_faults, 10, 17),
    WINDOW(inet6_needs_multicast, 13, 24),
    WINDOW(inet_socket_locked, 10, 12),
    WINDOW(bpf_if_leaks, 10, 13),
    WINDOW(bpf_direction_from_stale, 10, 12),
    WINDOW(bridge_media_required, 13, 24),
    WINDOW(bridge_early_input, 24, 24),
};

static void
names_and_mbufs_expect(const struct row *row)
{
    const struct ksim_profile *profile = ksim_profile_find(row->darwin_major);

    ck_assert_ptr_nonnull(profile);
    ck_assert_int_eq(profile->darwin_major, row->darwin_major);
    ck_assert_str_eq(profile->xnu_tag, row->tag);
    ck_assert_int_eq(strncmp(profile->os_version, row->version, strlen(row->version)), 0);
    ck_assert_ptr_nonnull(strstr(profile->kernel_version, row->darwin));
    ck_assert_ptr_nonnull(strstr(profile->kernel_version, "Darwin Kernel Version "));
    /* A build begins with the Darwin number: 19H2 of Darwin 19. */
    ck_assert_int_eq(atoi(profile->os_build), row->darwin_major);
    ck_assert_uint_eq(profile->mlen_bytes, row->mlen_bytes);
    ck_assert_uint_eq(profile->mhlen_bytes, row->mhlen_bytes);
    ck_assert_uint_eq(profile->minclsize_bytes, row->mlen_bytes + row->mhlen_bytes);
}

START_TEST(each_quirk_shows_in_its_window)
{
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
        for (int release = KSIM_DARWIN_FIRST; release <= KSIM_DARWIN_LAST; release++) {
            const char *record = (const char *)ksim_profile_find(release);
            bool shown;

            memcpy(&shown, record + windows[i].offset, sizeof(shown));
            ck_assert_msg(shown == (release >= windows[i].first && release <= windows[i].last),
                          "%s in release %d", windows[i].name, release);
        }
    }
}
END_TEST

START_TEST(what_has_more_than_two_values_changes_where_it_should)
{
    for (int release = KSIM_DARWIN_FIRST; release <= KSIM_DARWIN_LAST; release++) {
        const struct ksim_profile *profile = ksim_profile_find(release);

        ck_assert_uint_eq(profile->cdevsw_slots, release <= 18 ? 43 : 64);
        ck_assert_uint_eq(profile->selinfo_bytes, release <= 14 ? 48 : 64);
        ck_assert_int_eq(profile->kqueue,
                         release <= 14 ? KSIM_KQUEUE_EINVAL : KSIM_KQUEUE_LOWAT_ONE);
        ck_assert_int_eq(profile->generation, release == 10   ? KSIM_GENERATION_A
                                              : release <= 16 ? KSIM_GENERATION_B
                                                              : KSIM_GENERATION_C);
        ck_assert_int_eq(profile->input_detached, release <= 11   ? KSIM_INPUT_DETACHED_ACCEPTS
                                                  : release <= 15 ? KSIM_INPUT_DETACHED_EINVAL
                                                                  : KSIM_INPUT_DETACHED_ENXIO);
    }
}
END_TEST

START_TEST(there_are_no_other_releases)
{
    static const struct ksim_options older = {.darwin_major = 9}, newer = {.darwin_major = 25};

    ck_assert_ptr_eq(ksim_profile_find(0), ksim_profile_find(KSIM_DARWIN_DEFAULT));
    ck_assert_ptr_null(ksim_profile_find(KSIM_DARWIN_FIRST - 1));
    ck_assert_ptr_null(ksim_profile_find(KSIM_DARWIN_LAST + 1));
    ck_assert_ptr_null(ksim_create(world.machine, &older));
    ck_assert_ptr_null(ksim_create(world.machine, &newer));
}
END_TEST

static void
life_body(void *argument)
{
    int fd;

    (void)argument;
    toy_load();
    fd = ksim_system_open(world.root, "/dev/toy0", KSIM_O_RDWR);
    say("flags", toy.last_open_flags);
    ksim_system_write(world.root, fd, "x", 1);
    ksim_system_read(world.root, fd, (char[4]){""}, 4);
    say("dispatch", (toy.last_read_flags & 0x100000) != 0);
    say("fault", ksim_system_ioctl(world.root, 99, TOY_SET_NUMBER, NULL));
    ksim_system_close(world.root, fd);
    say("unload", ksim_kext_unload(world.kernel, TOY_BUNDLE));
}

/* The same driver in every release; a bad descriptor with a bad pointer differs. */
START_TEST(each_release_is_what_it_is_and_runs_a_driver)
{
    const struct row *row = &rows[_i];

    names_and_mbufs_expect(row);
    world_end();
    world_begin(row->darwin_major);
    ck_assert_int_eq(ksim_darwin_major(world.kernel), row->darwin_major);
    ck_assert_ptr_nonnull(strstr(ksim_kernel_version(world.kernel), row->darwin));
    ck_assert_int_eq(strncmp(ksim_os_version(world.kernel), row->version, strlen(row->version)),
                     0);
    world_check(life_body);
    ck_assert_str_eq(said(), row->darwin_major < 19 ? "flags=3 dispatch=0 fault=-9 unload=0 "
                                                    : "flags=3 dispatch=1 fault=-14 unload=0 ");
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        each_quirk_shows_in_its_window,
        what_has_more_than_two_values_changes_where_it_should,
        there_are_no_other_releases,
        NULL,
    };

    return suite_main_looped("profile", tests, each_release_is_what_it_is_and_runs_a_driver, ROWS);
}
