/* SPDX-License-Identifier: BSD-2-Clause */
/* One interface from allocate to release: kpi-ifnet.md sections 2, 3, 6, 8 and 11. */

#include "naive_driver.h"
#include "scene.h"

#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>
#include <sys/time.h>

static struct naive_driver driver, other;

/* --- allocate ------------------------------------------------------------------------------------*/

static void family_zero(struct ifnet_init_params *init) { init->family = 0; }
static void name_missing(struct ifnet_init_params *init) { init->name = NULL; }
static void name_of_15(struct ifnet_init_params *init) { init->name = "abcdefghijklmno"; }
static void name_of_16(struct ifnet_init_params *init) { init->name = "abcdefghijklmnop"; }
static void type_zero(struct ifnet_init_params *init) { init->type = 0; }
static void type_256(struct ifnet_init_params *init) { init->type = 256; }
static void output_missing(struct ifnet_init_params *init) { init->output = NULL; }
static void unit_32768(struct ifnet_init_params *init) { init->unit = 32768; }
static void ioctl_missing(struct ifnet_init_params *init) { init->ioctl = NULL; }
static void add_proto_missing(struct ifnet_init_params *init) { init->add_proto = NULL; }
static void del_proto_missing(struct ifnet_init_params *init) { init->del_proto = NULL; }

static void
optional_missing(struct ifnet_init_params *init)
{
    init->demux = NULL;
    init->check_multi = NULL;
    init->framer = NULL;
    init->set_bpf_tap = NULL;
    init->detach = NULL;
    init->event = NULL;
    init->broadcast_addr = NULL;
    init->broadcast_len = 0;
}

static void
allocate_checks_its_parameters(void)
{
    expect_equal(naive_allocate(&driver, 0, family_zero), EINVAL);
    expect_equal(naive_allocate(&driver, 0, name_missing), EINVAL);
    expect_equal(naive_allocate(&driver, 0, name_of_16), EINVAL);
    expect_equal(naive_allocate(&driver, 0, type_zero), EINVAL);
    expect_equal(naive_allocate(&driver, 0, type_256), EINVAL);
    expect_equal(naive_allocate(&driver, 0, output_missing), EINVAL);
    expect_equal(naive_allocate(&driver, 0, name_of_15), 0);
    ifnet_release(driver.interface);
}

static void
a_unit_beyond_a_short_is_cut_until_darwin19(void)
{
    expect_equal(naive_allocate(&driver, 0, unit_32768), 0);
    expect_equal(ifnet_unit(driver.interface), (uint32_t)-32768);
    ifnet_release(driver.interface);
}

static void
a_unit_beyond_a_short_is_refused_since_darwin20(void)
{
    expect_equal(naive_allocate(&driver, 0, unit_32768), EINVAL);
}

static void
allocate_may_lack_memory(void)
{
    scene_fault("ifnet_allocate", 1);
    expect_equal(naive_create(&driver, 0), ENOMEM);
}

static void
allocate_without_parameters_faults(void)
{
    ifnet_allocate(NULL, &driver.interface);
}

static void
an_allocated_interface_is_unseen_and_uncalled(void)
{
    ifnet_t *list, found;
    u_int32_t count;

    memset(&driver, 0, sizeof(driver));
    expect_equal(naive_allocate(&driver, 0, NULL), 0);
    expect_equal(ifnet_find_by_name("nv0", &found), ENXIO);
    expect_equal(ifnet_list_get(IFNET_FAMILY_ETHERNET, &list, &count), ENXIO);
    expect_equal(ifnet_ioctl(driver.interface, 0, 1, NULL), EOPNOTSUPP);
    expect_equal(ifnet_detach(driver.interface), EINVAL);
    expect_equal(driver.ioctls + driver.events + driver.detached, 0);
    ifnet_release(driver.interface);
}

/* --- attach --------------------------------------------------------------------------------------*/

static void
attach_says_no_in_the_right_words(void)
{
    struct sockaddr_dl link;

    memset(&link, 0, sizeof(link));
    expect_equal(ifnet_attach(NULL, NULL), EINVAL);
    naive_allocate(&driver, 0, add_proto_missing);
    expect_equal(naive_attach(&driver), ENODEV);
    naive_allocate(&driver, 1, del_proto_missing);
    expect_equal(naive_attach(&driver), ENODEV);
    expect_equal(naive_create(&driver, 2), 0);
    expect_equal(ifnet_attach(driver.interface, NULL), EEXIST);
    naive_destroy(&driver);
    naive_allocate(&driver, 2, NULL);
    link.sdl_alen = 5;
    expect_equal(ifnet_attach(driver.interface, &link), EINVAL);
    link.sdl_alen = 0;
    expect_equal(ifnet_attach(driver.interface, &link), EINVAL);
    ifnet_release(driver.interface);
}

static void
a_failed_attach_calls_nobody_and_keeps_the_reference(void)
{
    scene_fault("ifnet_attach", 1);
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, NULL);
    expect_equal(ifnet_attach(driver.interface, NULL), ENOBUFS);
    expect_equal(driver.detached + driver.events, 0);
    expect_equal(ifnet_release(driver.interface), 0);
    scene_pause();
    expect_equal(driver.detached, 0);
}

static void
attach_after_a_late_failure_asserts(void)
{
    scene_fault("ifnet_attach late", 1);
    naive_allocate(&driver, 0, NULL);
    ifnet_attach(driver.interface, NULL);
    ifnet_attach(driver.interface, NULL);
}

static void
attach_tells_only_event(void)
{
    ifnet_t found;

    expect_equal(naive_create(&driver, 0), 0);
    expect_equal(driver.events, 1);
    expect_equal(driver.last_event, KEV_DL_IF_ATTACHED);
    expect_equal(driver.ioctls + driver.add_protos + driver.bpf_taps, 0);
    expect_equal(scene_events(KEV_DL_IF_ATTACHED), 1);
    expect_equal(ifnet_find_by_name("nv0", &found), 0);
    expect(found == driver.interface);
    ifnet_release(found);
    naive_destroy(&driver);
}

static void
a_driver_without_optional_callbacks_lives_and_goes(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, optional_missing);
    expect_equal(naive_attach(&driver), 0);
    expect_equal(ifnet_detach(driver.interface), 0);
    ifnet_release(driver.interface);
    scene_pause();
    expect_equal(driver.detached, 0);
}

static void
a_driver_without_ioctl_answers_eopnotsupp(void)
{
    int mtu = 1400;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, ioctl_missing);
    naive_attach(&driver);
    expect_equal(scene_ioctl_int("nv0", 0x80206934UL /* SIOCSIFMTU */, &mtu), EOPNOTSUPP);
    naive_destroy(&driver);
}

/* --- what an interface is ------------------------------------------------------------------------*/

static void
no_interface_has_no_properties(void)
{
    struct ifnet_stats_param statistics;
    struct timeval time;
    unsigned char bytes[6];
    size_t length;

    expect(ifnet_softc(NULL) == NULL && ifnet_name(NULL) == NULL);
    expect_equal(ifnet_family(NULL), 0);
    expect_equal(ifnet_type(NULL), 0);
    expect_equal(ifnet_index(NULL), 0xffffffffU);
    expect_equal(ifnet_unit(NULL), 0xffffffffU);
    expect_equal(ifnet_flags(NULL), 0);
    expect_equal(ifnet_mtu(NULL) + ifnet_hdrlen(NULL) + ifnet_addrlen(NULL), 0);
    expect_equal(ifnet_metric(NULL) + ifnet_baudrate(NULL) + ifnet_offload(NULL), 0);
    expect_equal(ifnet_set_flags(NULL, 0, 0), EINVAL);
    expect_equal(ifnet_set_mtu(NULL, 0), EINVAL);
    expect_equal(ifnet_set_offload(NULL, 0), EINVAL);
    expect_equal(ifnet_set_lladdr(NULL, bytes, 6), EINVAL);
    expect_equal(ifnet_lladdr_copy_bytes(NULL, bytes, 6), EINVAL);
    expect_equal(ifnet_llbroadcast_copy_bytes(NULL, bytes, 6, &length), EINVAL);
    expect_equal(ifnet_reference(NULL), EINVAL);
    expect_equal(ifnet_release(NULL), EINVAL);
    expect_equal(ifnet_detach(NULL), EINVAL);
    expect_equal(ifnet_stat_increment(NULL, NULL), EINVAL);
    expect_equal(ifnet_stat_increment_in(NULL, 1, 1, 1), EINVAL);
    expect_equal(ifnet_stat_increment_out(NULL, 1, 1, 1), EINVAL);
    expect_equal(ifnet_set_stat(NULL, &statistics), EINVAL);
    expect_equal(ifnet_stat(NULL, &statistics), EINVAL);
    expect_equal(ifnet_touch_lastchange(NULL), EINVAL);
    expect_equal(ifnet_lastchange(NULL, &time), EINVAL);
}

static void
setters_store_blindly(void)
{
    ifnet_t interface;

    naive_create(&driver, 3);
    interface = driver.interface;
    expect(strcmp(ifnet_name(interface), "nv") == 0);
    expect(ifnet_softc(interface) == &driver);
    expect_equal(ifnet_unit(interface), 3);
    expect_equal(ifnet_family(interface), IFNET_FAMILY_ETHERNET);
    expect_equal(ifnet_type(interface), IFT_ETHER);
    expect_equal(ifnet_addrlen(interface), 6);
    expect_equal(ifnet_set_mtu(interface, 0), 0);
    expect_equal(ifnet_mtu(interface), 0);
    expect_equal(ifnet_set_hdrlen(interface, 22), 0);
    expect_equal(ifnet_hdrlen(interface), 22);
    expect_equal(ifnet_set_metric(interface, 7), 0);
    expect_equal(ifnet_metric(interface), 7);
    expect_equal(ifnet_set_baudrate(interface, 10000000), 0);
    expect_equal(ifnet_baudrate(interface), 10000000);
    expect_equal(driver.ioctls, 0);
    naive_destroy(&driver);
    expect(ifnet_softc(interface) == &driver);
}

static void
offload_is_masked_and_posts(void)
{
    unsigned before;
    u_int32_t mtu;

    naive_create(&driver, 0);
    before = scene_events(KEV_DL_IFCAP_CHANGED);
    expect_equal(ifnet_set_offload(driver.interface, 0x80000000U | IFNET_CSUM_IP | IFNET_TSO_IPV4), 0);
    expect_equal(ifnet_offload(driver.interface), IFNET_CSUM_IP | IFNET_TSO_IPV4);
    expect_equal(scene_events(KEV_DL_IFCAP_CHANGED), before + 1);
    expect_equal(ifnet_set_tso_mtu(driver.interface, AF_INET, 1400), EINVAL);
    expect_equal(ifnet_set_tso_mtu(driver.interface, AF_INET, 16000), 0);
    expect_equal(ifnet_set_tso_mtu(driver.interface, AF_INET6, 16000), EINVAL);
    expect_equal(ifnet_get_tso_mtu(driver.interface, AF_INET, &mtu), 0);
    expect_equal(mtu, 16000);
    expect_equal(ifnet_get_tso_mtu(driver.interface, AF_INET6, &mtu), EINVAL);
    expect_equal(ifnet_set_capabilities_supported(driver.interface, 3, ~0U), 0);
    expect_equal(ifnet_set_capabilities_enabled(driver.interface, 4, ~0U), EINVAL);
    expect_equal(ifnet_set_capabilities_enabled(driver.interface, 1, ~0U), 0);
    expect_equal(ifnet_capabilities_supported(driver.interface), 3);
    expect_equal(ifnet_capabilities_enabled(driver.interface), 1);
    naive_destroy(&driver);
}

static void
set_flags_changes_what_the_mask_names_and_calls_nobody(void)
{
    uint16_t before;
    unsigned events;

    naive_create(&driver, 0);
    events = driver.events;
    before = ifnet_flags(driver.interface);
    expect_equal(before & IFF_UP, 0);
    ifnet_set_flags(driver.interface, 0xffff, IFF_UP | IFF_OACTIVE);
    expect_equal(ifnet_flags(driver.interface), before | IFF_UP | IFF_OACTIVE);
    ifnet_set_flags(driver.interface, 0, IFF_UP | IFF_OACTIVE);
    expect_equal(ifnet_flags(driver.interface), before);
    expect_equal(driver.ioctls, 0);
    expect_equal(driver.events, events);
    naive_destroy(&driver);
}

static void
link_mib_data_is_the_drivers_own(void)
{
    char mib[4] = "abc", copy[8] = "";
    u_int32_t bytes = 2;

    naive_create(&driver, 0);
    expect_equal(ifnet_get_link_mib_data(driver.interface, copy, &bytes), ENOTSUP);
    expect_equal(ifnet_set_link_mib_data(driver.interface, mib, sizeof(mib)), 0);
    expect_equal(ifnet_get_link_mib_data_length(driver.interface), sizeof(mib));
    expect_equal(ifnet_get_link_mib_data(driver.interface, copy, &bytes), EMSGSIZE);
    bytes = sizeof(copy);
    expect_equal(ifnet_get_link_mib_data(driver.interface, copy, &bytes), 0);
    expect_equal(bytes, sizeof(mib));
    expect(strcmp(copy, "abc") == 0);
    naive_destroy(&driver);
}

static void
statistics_add_up_and_can_be_overwritten(void)
{
    const struct ifnet_stat_increment_param more = {1, 2, 3, 4, 5, 6, 7, 8};
    struct ifnet_stats_param now;

    naive_create(&driver, 0);
    ifnet_stat_increment(driver.interface, &more);
    ifnet_stat_increment_in(driver.interface, 10, 20, 30);
    ifnet_stat_increment_out(driver.interface, 40, 50, 60);
    ifnet_stat(driver.interface, &now);
    expect(now.packets_in == 11 && now.bytes_in == 22 && now.errors_in == 33);
    expect(now.packets_out == 44 && now.bytes_out == 55 && now.errors_out == 66);
    expect(now.collisions == 7 && now.dropped == 8);
    now.packets_in = 1;
    ifnet_set_stat(driver.interface, &now);
    ifnet_stat_increment_in(driver.interface, 1, 0, 0);
    ifnet_stat(driver.interface, &now);
    expect_equal(now.packets_in, 2);
    naive_destroy(&driver);
}

static void
last_change_is_when_something_changed(void)
{
    struct timeval before, after;

    naive_create(&driver, 0);
    ifnet_touch_lastchange(driver.interface);
    ifnet_lastchange(driver.interface, &before);
    scene_pause();
    ifnet_stat_increment_in(driver.interface, 1, 1, 0);
    ifnet_lastchange(driver.interface, &after);
    expect(after.tv_sec > before.tv_sec || after.tv_usec >= before.tv_usec + 1000);
    naive_destroy(&driver);
}

static void
counting_nothing_faults(void)
{
    naive_create(&driver, 0);
    ifnet_stat_increment(driver.interface, NULL);
}

/* --- finding -------------------------------------------------------------------------------------*/

static void
indices_count_up_and_stay(void)
{
    ifnet_t *list = NULL;
    u_int32_t count = 0, first;

    naive_create(&driver, 0);
    naive_create(&other, 1);
    first = ifnet_index(driver.interface);
    expect_equal(ifnet_index(other.interface), first + 1);
    expect_equal(ifnet_list_get(IFNET_FAMILY_ETHERNET, &list, &count), 0);
    expect(count == 2 && list[0] == driver.interface && list[1] == other.interface);
    ifnet_list_free(list);
    expect_equal(ifnet_list_get(IFNET_FAMILY_ANY, &list, &count), 0);
    expect_equal(count, 3);
    ifnet_list_free(list);
    ifnet_list_free(NULL);
    expect_equal(ifnet_list_get(IFNET_FAMILY_VLAN, &list, &count), ENXIO);
    expect_equal(ifnet_list_get(IFNET_FAMILY_ANY, NULL, &count), EINVAL);
    expect_equal(ifnet_find_by_name(NULL, list), EINVAL);
    naive_destroy(&driver);
    naive_create(&driver, 0);
    expect_equal(ifnet_index(driver.interface), first);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
one_counter_numbers_all_strings(void)
{
    mbuf_tag_id_t tag = 0;
    ifnet_family_t family = 0, again = 0;
    u_int32_t next = 0;

    expect_equal(mbuf_tag_id_find("org.example.tag", &tag), 0);
    expect_equal(ifnet_interface_family_find("org.example.naive", &family), 0);
    expect_equal(family, tag + 1);
    expect_equal(ifnet_interface_family_find("org.example.naive", &again), 0);
    expect_equal(again, family);
    expect_equal(ifnet_interface_family_find("org.example.tag", &again), 0);
    expect_equal(again, tag);
    expect_equal(ifnet_interface_family_find("org.example.more", &next), 0);
    expect_equal(next, family + 1);
    expect(tag >= 1000);
    expect_equal(ifnet_interface_family_find(NULL, &family), EINVAL);
    expect_equal(ifnet_interface_family_find("x", NULL), EINVAL);
    scene_fault("ifnet_interface_family_find", 1);
    expect_equal(ifnet_interface_family_find("y", &family), ENOMEM);
}

const char scene_suite[] = "interface";

const struct scene scenes[] = {
    {SCENE(allocate_checks_its_parameters), .darwin = 17, .darwin_last = 24},
    {SCENE(a_unit_beyond_a_short_is_cut_until_darwin19), .darwin = 17, .darwin_last = 19},
    {SCENE(a_unit_beyond_a_short_is_refused_since_darwin20), .darwin = 20, .darwin_last = 24},
    {SCENE(allocate_may_lack_memory)},
    {SCENE(allocate_without_parameters_faults), .outcome = MACHINE_PANIC, .words = "page fault"},
    {SCENE(an_allocated_interface_is_unseen_and_uncalled)},
    {SCENE(attach_says_no_in_the_right_words)},
    {SCENE(a_failed_attach_calls_nobody_and_keeps_the_reference), .darwin = 17, .darwin_last = 24},
    {SCENE(attach_after_a_late_failure_asserts), .outcome = MACHINE_PANIC,
     .words = "assertion failed"},
    {SCENE(attach_tells_only_event), EVERY_RELEASE},
    {SCENE(a_driver_without_optional_callbacks_lives_and_goes), EVERY_RELEASE},
    {SCENE(a_driver_without_ioctl_answers_eopnotsupp), EVERY_RELEASE},
    {SCENE(no_interface_has_no_properties)},
    {SCENE(setters_store_blindly)},
    {SCENE(offload_is_masked_and_posts)},
    {SCENE(set_flags_changes_what_the_mask_names_and_calls_nobody), EVERY_RELEASE},
    {SCENE(link_mib_data_is_the_drivers_own)},
    {SCENE(statistics_add_up_and_can_be_overwritten)},
    {SCENE(last_change_is_when_something_changed)},
    {SCENE(counting_nothing_faults), .outcome = MACHINE_PANIC, .words = "page fault"},
    {SCENE(indices_count_up_and_stay)},
    {SCENE(one_counter_numbers_all_strings)},
    {0},
};
