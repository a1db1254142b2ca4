/* SPDX-License-Identifier: BSD-2-Clause */
/* From ifnet_input to the protocol: kpi-ifnet.md sections 8 and 15. */

#include "naive_driver.h"
#include "scene.h"

#include <interface.h>

#include <kern/locks.h>
#include <kern/thread.h>
#include <net/if.h>
#include <net/if_types.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>

static const unsigned char stranger[6] = {2, 7, 7, 7, 7, 7};
static const unsigned char everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const unsigned char group[6] = {1, 0, 0x5e, 0, 0, 1};

static struct naive_driver driver, other;

static void
type_other(struct ifnet_init_params *init)
{
    init->type = IFT_OTHER;
}

static void
begin(void)
{
    naive_create(&driver, 0);
    naive_protocol_attach(&driver, PF_INET);
}

static void
end(struct naive_driver *naive)
{
    while (ifnet_detach_protocol(naive->interface, PF_INET) == 0)
        ;
    ifnet_detach_protocol(naive->interface, PF_INET6);
    naive_destroy(naive);
}

static errno_t
arrive(const unsigned char *destination, unsigned type)
{
    return ifnet_input(driver.interface, naive_frame(&driver, destination, type, 46), NULL);
}

static mbuf_t
frames(unsigned count, unsigned type)
{
    mbuf_t list = NULL, packet;

    while (count-- != 0) {
        packet = naive_frame(&driver, naive_address, type, 46);
        mbuf_setnextpkt(packet, list);
        list = packet;
    }
    return list;
}

/* --- hand-over -----------------------------------------------------------------------------------*/

static void
input_only_queues(void)
{
    begin();
    expect_equal(arrive(naive_address, 0x0800), 0);
    expect_equal(driver.demuxes, 0);
    scene_pause();
    expect_equal(driver.demuxes, 1);
    expect_equal(driver.inputs, 1);
    expect(driver.demux_thread != current_thread());
    end(&driver);
}

static void
a_list_keeps_its_order_and_count(void)
{
    begin();
    expect_equal(ifnet_input(driver.interface, frames(5, 0x0800), NULL), 0);
    expect_equal(ifnet_input(driver.interface, frames(2, 0x0806), NULL), 0);
    scene_pause();
    expect_equal(driver.demuxes, 7);
    expect_equal(driver.inputs, 7);
    end(&driver);
}

static void
every_refusal_frees(void)
{
    memset(&driver, 0, sizeof(driver));
    expect_equal(ifnet_input(NULL, NULL, NULL), EINVAL);
    naive_allocate(&driver, 0, NULL);
    expect_equal(ifnet_input(driver.interface, NULL, NULL), EINVAL);
    expect_equal(ifnet_input(NULL, frames(2, 0x0800), NULL), EINVAL);
    expect_equal(arrive(naive_address, 0x0800), EINVAL);
    naive_attach(&driver);
    scene_fault("ifnet_input", 1);
    expect_equal(ifnet_input(driver.interface, frames(3, 0x0800), NULL), EINVAL);
    expect_equal(ifnet_detach(driver.interface), 0);
    expect_equal(arrive(naive_address, 0x0800), EINVAL);
    scene_pause();
    expect_equal(arrive(naive_address, 0x0800), EINVAL);
    expect_equal(driver.demuxes, 0);
    ifnet_release(driver.interface);
}

static void
until_darwin11_detached_interfaces_accept(void)
{
    naive_create(&driver, 0);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(arrive(naive_address, 0x0800), 0);
    scene_pause();
    ifnet_release(driver.interface);
}

static void
on_darwin10_the_thread_frees_what_came_after_detach(void)
{
    naive_create(&driver, 0);
    ifnet_detach(driver.interface);
    expect_equal(arrive(naive_address, 0x0800), 0);
    scene_pause();
    expect_equal(driver.demuxes, 0); /* the state is gone, so the packet is freed before */
    ifnet_release(driver.interface);
}

static void
what_is_queued_at_detach_is_freed(void)
{
    begin();
    arrive(naive_address, 0x0800);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(driver.demuxes, 0);
    ifnet_release(driver.interface);
}

static void
freeing_after_a_refusal_is_a_double_free(void)
{
    mbuf_t packet;

    naive_allocate(&driver, 0, NULL);
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    ifnet_input(driver.interface, packet, NULL);
    mbuf_freem(packet);
}

/* --- statistics ----------------------------------------------------------------------------------*/

static struct ifnet_stats_param
statistics_of(struct naive_driver *naive)
{
    struct ifnet_stats_param statistics;

    ifnet_stat(naive->interface, &statistics);
    return statistics;
}

static void
without_statistics_nothing_is_counted(void)
{
    begin();
    arrive(naive_address, 0x0800);
    scene_pause();
    expect_equal(statistics_of(&driver).packets_in, 0);
    end(&driver);
}

static void
without_statistics_the_kernel_counts(void)
{
    begin();
    ifnet_input(driver.interface, frames(3, 0x0800), NULL);
    expect_equal(statistics_of(&driver).packets_in, 0);
    scene_pause();
    expect_equal(statistics_of(&driver).packets_in, 3);
    expect_equal(statistics_of(&driver).bytes_in, 3 * 46); /* the header was cut off by the driver */
    end(&driver);
}

static void
with_statistics_exactly_they_are_counted(void)
{
    const struct ifnet_stat_increment_param counts = {10, 20, 30, 40, 50, 60, 70, 80};
    struct ifnet_stats_param now;

    begin();
    ifnet_input(driver.interface, frames(3, 0x0800), &counts);
    expect_equal(statistics_of(&driver).packets_in, 0);
    scene_pause();
    now = statistics_of(&driver);
    expect(now.packets_in == 10 && now.bytes_in == 20 && now.errors_in == 30);
    expect(now.packets_out == 40 && now.bytes_out == 50 && now.errors_out == 60);
    expect(now.collisions == 70 && now.dropped == 80);
    end(&driver);
}

static void
on_the_main_thread_they_count_at_once(void)
{
    const struct ifnet_stat_increment_param counts = {.packets_in = 10};

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, type_other);
    naive_attach(&driver);
    ifnet_input(driver.interface, frames(1, 0x0800), &counts);
    expect_equal(statistics_of(&driver).packets_in, 10);
    scene_pause();
    expect_equal(statistics_of(&driver).packets_in, 10);
    end(&driver);
}

static void
group_packets_are_counted_and_unknown_ones_are_not(void)
{
    begin();
    arrive(everybody, 0x0800);
    arrive(group, 0x0800);
    arrive(naive_address, 0x0800);
    arrive(naive_address, 0x1234);
    scene_pause();
    expect_equal(statistics_of(&driver).multicasts_in, 2);
    expect_equal(statistics_of(&driver).no_protocol, 0);
    expect_equal(driver.demuxes, 4);
    expect_equal(driver.inputs, 3);
    end(&driver);
}

static void
a_burst_loses_its_oldest_to_four_fifths_of_the_limit(void)
{
    /* Of another type, so that the protocol tells the old from the new. */
    begin();
    expect_equal(ifnet_input(driver.interface, frames(1700, 0x1234), NULL), 0);
    expect_equal(ifnet_input(driver.interface, frames(6492, 0x0800), NULL), 0);
    scene_pause();
    expect_equal(driver.demuxes, 8192);
    expect_equal(statistics_of(&driver).dropped, 0);
    driver.demuxes = driver.inputs = 0;
    expect_equal(ifnet_input(driver.interface, frames(1640, 0x1234), NULL), 0);
    expect_equal(ifnet_input(driver.interface, frames(6552, 0x0800), NULL), 0);
    expect_equal(ifnet_input(driver.interface, frames(1, 0x0800), NULL), 0);
    scene_pause();
    expect_equal(driver.demuxes, 6553);
    expect_equal(driver.inputs, 6553);
    expect_equal(statistics_of(&driver).dropped, 1640);
    expect_equal(statistics_of(&driver).packets_in, 2 * 8192);
    end(&driver);
}

static unsigned bridged;

/* Keeps the first of a list for itself, as a bridge does with what is for another member. */
static mbuf_t
bridge_one(ifnet_t interface, mbuf_t packets)
{
    mbuf_t rest = mbuf_nextpkt(packets);

    expect(interface == driver.interface);
    expect_equal(driver.demuxes, 0);
    mbuf_setnextpkt(packets, NULL);
    mbuf_freem(packets);
    bridged++;
    return rest;
}

/* Three frames to a member of a bridge, and three to one that is none any more. */
static void
bridge_arrive(unsigned taken)
{
    begin();
    bridged = 0;
    ksim_interface_bridge_set(driver.interface, bridge_one);
    expect_equal(ifnet_input(driver.interface, frames(3, 0x0800), NULL), 0);
    scene_pause();
    expect_equal(bridged, taken);
    expect_equal(driver.demuxes, 3 - taken);
    ksim_interface_bridge_set(driver.interface, NULL);
    expect_equal(ifnet_input(driver.interface, frames(3, 0x0800), NULL), 0);
    scene_pause();
    expect_equal(driver.inputs, 6 - taken);
    end(&driver);
}

static void
a_bridge_takes_frames_before_demux(void)
{
    bridge_arrive(1);
}

static void
a_bridge_was_a_filter_only(void)
{
    bridge_arrive(0);
}

static void
there_was_no_burst_limit(void)
{
    begin();
    ifnet_input(driver.interface, frames(8192, 0x0800), NULL);
    ifnet_input(driver.interface, frames(5, 0x0800), NULL);
    scene_pause();
    expect_equal(driver.inputs, 8197);
    expect_equal(statistics_of(&driver).dropped, 0);
    end(&driver);
}

/* --- threads -------------------------------------------------------------------------------------*/

static bool
threads_differ(void)
{
    bool differ;

    naive_create(&driver, 0);
    memset(&other, 0, sizeof(other));
    naive_allocate(&other, 1, type_other);
    naive_attach(&other);
    arrive(naive_address, 0x0800);
    ifnet_input(other.interface, naive_frame(&other, naive_address, 0x0800, 46), NULL);
    proto_inject(PF_INET, naive_frame(&driver, naive_address, 0x0800, 46));
    scene_pause();
    expect(driver.demux_thread != other.demux_thread);
    differ = ksim_interface_peek("nv1")->input != NULL;
    end(&driver);
    end(&other);
    return differ;
}

static void ethernet_has_a_thread_and_others_share_the_main_one(void) { expect(!threads_differ()); }
static void since_darwin19_every_interface_has_a_thread(void) { expect(threads_differ()); }

/* --- demux ---------------------------------------------------------------------------------------*/

static void
a_packet_that_demux_takes_is_the_drivers(void)
{
    begin();
    driver.demux_error = EJUSTRETURN;
    arrive(naive_address, 0x0800);
    scene_pause();
    expect_equal(driver.demuxes, 1);
    expect_equal(driver.inputs, 0);
    end(&driver);
}

static void
a_packet_that_demux_refuses_is_freed(void)
{
    begin();
    driver.demux_error = ENOENT;
    arrive(naive_address, 0x0800);
    scene_pause();
    expect_equal(driver.inputs, 0);
    expect_equal(ksim_current()->interfaces->packets_without_protocol, 1);
    end(&driver);
}

static void
a_packet_for_somebody_else_stops_before_the_protocol(void)
{
    begin();
    arrive(stranger, 0x0800);
    scene_pause();
    expect_equal(driver.demuxes, 1);
    expect_equal(driver.inputs, 0);
    arrive(everybody, 0x0800);
    scene_pause();
    expect(driver.last_input_flags & MBUF_BCAST);
    arrive(group, 0x0800);
    scene_pause();
    expect(driver.last_input_flags & MBUF_MCAST);
    end(&driver);
}

static void
a_packet_without_protocol_is_freed(void)
{
    naive_create(&driver, 0);
    arrive(naive_address, 0x0800);
    arrive(naive_address, 0x8100);
    scene_pause();
    expect_equal(driver.demuxes, 2);
    naive_destroy(&driver);
}

static void
length_fields_select_by_sap_and_snap(void)
{
    static unsigned char sap[3] = {0x45, 0x45, 0x45};
    struct ifnet_demux_desc descriptor = {5, sap, 3};
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc unused[2];

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, unused, PF_INET);
    parameters.demux_array = &descriptor;
    parameters.demux_count = 1;
    expect_equal(ifnet_attach_protocol(driver.interface, 200, &parameters), 0);
    arrive(naive_address, 46);
    ifnet_input(driver.interface, naive_frame(&driver, naive_address, 46, 7), NULL);
    scene_pause();
    expect_equal(driver.demuxes, 2);
    expect_equal(driver.inputs, 1);
    ifnet_detach_protocol(driver.interface, 200);
    naive_destroy(&driver);
}

static void
snap_is_five_bytes(void)
{
    static unsigned char snap[5] = {8, 0, 7, 0x80, 0x9b};
    static const unsigned char llc[8] = {0xaa, 0xaa, 3, 8, 0, 7, 0x80, 0x9b};
    struct ifnet_demux_desc descriptor = {6, snap, 5};
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc unused[2];
    mbuf_t packet;

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, unused, PF_INET);
    parameters.demux_array = &descriptor;
    parameters.demux_count = 1;
    expect_equal(ifnet_attach_protocol(driver.interface, 200, &parameters), 0);
    packet = naive_frame(&driver, naive_address, 46, 46);
    memcpy(mbuf_data(packet), llc, sizeof(llc));
    ifnet_input(driver.interface, packet, NULL);
    scene_pause();
    expect_equal(driver.inputs, 1);
    ifnet_detach_protocol(driver.interface, 200);
    naive_destroy(&driver);
}

static void
the_protocols_error_leaves_the_packet_to_the_kernel(void)
{
    begin();
    naive_protocol_attach(&driver, PF_INET6);
    driver.input_error = ENOBUFS;
    arrive(naive_address, 0x0800);
    arrive(naive_address, 0x86dd);
    arrive(naive_address, 0x0800);
    scene_pause();
    expect_equal(driver.inputs, 3);
    end(&driver);
}

static void
wrong_receive_interface(void)
{
    naive_create(&driver, 0);
    naive_create(&other, 1);
    ifnet_input(other.interface, naive_frame(&driver, naive_address, 0x0800, 46), NULL);
    scene_pause();
    expect_equal(driver.demuxes + other.demuxes, 1);
}

static void
the_receive_interface_of_the_packet_selects_the_demux(void)
{
    wrong_receive_interface();
    expect_equal(driver.demuxes, 1);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
since_darwin24_the_interface_that_was_named_does(void)
{
    wrong_receive_interface();
    expect_equal(other.demuxes, 1);
    naive_destroy(&driver);
    naive_destroy(&other);
}

/* --- misuse --------------------------------------------------------------------------------------*/

static void
no_receive_interface_faults(void)
{
    mbuf_t packet;

    begin();
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    mbuf_pkthdr_setrcvif(packet, NULL);
    ifnet_input(driver.interface, packet, NULL);
    scene_pause();
}

static void
no_packet_header_panics(void)
{
    mbuf_t packet = NULL;

    begin();
    mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &packet);
    mbuf_setlen(packet, 20);
    ifnet_input(driver.interface, packet, NULL);
    scene_pause();
}

static void
no_frame_header_faults_in_ether_demux(void)
{
    mbuf_t packet;

    begin();
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    mbuf_pkthdr_setheader(packet, NULL);
    ifnet_input(driver.interface, packet, NULL);
    scene_pause();
}

static void
demux_missing(struct ifnet_init_params *init)
{
    init->demux = NULL;
}

static void
no_demux_faults(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, demux_missing);
    naive_attach(&driver);
    arrive(naive_address, 0x0800);
    scene_pause();
}

static void
no_protocol_input_faults(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.input = NULL;
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), 0);
    arrive(naive_address, 0x0800);
    scene_pause();
}

static void
flags_from_demux(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "demux") == 0)
        ifnet_set_flags(naive->interface, IFF_UP, IFF_UP);
}

static void
changing_flags_from_demux_hangs(void)
{
    begin();
    driver.inside = flags_from_demux;
    arrive(naive_address, 0x0800);
    scene_pause();
}

static void
input_under_a_spin_lock_breaks_the_contract(void)
{
    lck_grp_t *lock_group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_spin_t *spin = lck_spin_alloc_init(lock_group, LCK_ATTR_NULL);
    mbuf_t packet;

    begin();
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    lck_spin_lock(spin);
    ifnet_input(driver.interface, packet, NULL);
}

static void
input_under_a_mutex_is_allowed(void)
{
    lck_grp_t *lock_group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(lock_group, LCK_ATTR_NULL);

    begin();
    lck_mtx_lock(mutex);
    expect_equal(arrive(naive_address, 0x0800), 0);
    lck_mtx_unlock(mutex);
    end(&driver);
    lck_mtx_free(mutex, lock_group);
    lck_grp_free(lock_group);
}

static void
keep_packet(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "demux") == 0)
        naive->demux_error = EJUSTRETURN - 1;
}

static void
an_odd_error_of_demux_is_a_refusal(void)
{
    begin();
    driver.inside = keep_packet;
    arrive(naive_address, 0x0800);
    scene_pause();
    expect_equal(driver.inputs, 0);
    end(&driver);
}

const char scene_suite[] = "input";

const struct scene scenes[] = {
    {SCENE(input_only_queues), EVERY_RELEASE},
    {SCENE(a_list_keeps_its_order_and_count), EVERY_RELEASE},
    {SCENE(every_refusal_frees), .darwin = 12, .darwin_last = 24},
    {SCENE(until_darwin11_detached_interfaces_accept), .darwin = 10, .darwin_last = 11},
    {SCENE(on_darwin10_the_thread_frees_what_came_after_detach), .darwin = 10},
    {SCENE(what_is_queued_at_detach_is_freed), .darwin = 11, .darwin_last = 24},
    {SCENE(freeing_after_a_refusal_is_a_double_free), .darwin = 12, .darwin_last = 24,
     .outcome = MACHINE_PANIC, .words = "freeing an already freed mbuf"},
    {SCENE(without_statistics_nothing_is_counted), .darwin = 10, .darwin_last = 15},
    {SCENE(without_statistics_the_kernel_counts), .darwin = 16, .darwin_last = 24},
    {SCENE(with_statistics_exactly_they_are_counted), EVERY_RELEASE},
    {SCENE(on_the_main_thread_they_count_at_once), .darwin = 10, .darwin_last = 18},
    {SCENE(group_packets_are_counted_and_unknown_ones_are_not)},
    {SCENE(a_burst_loses_its_oldest_to_four_fifths_of_the_limit), .darwin = 23, .darwin_last = 24},
    {SCENE(there_was_no_burst_limit), .darwin = 22},
    {SCENE(a_bridge_takes_frames_before_demux), .darwin = 24},
    {SCENE(a_bridge_was_a_filter_only), .darwin = 10, .darwin_last = 23},
    {SCENE(ethernet_has_a_thread_and_others_share_the_main_one), .darwin = 10, .darwin_last = 18},
    {SCENE(since_darwin19_every_interface_has_a_thread), .darwin = 19, .darwin_last = 24},
    {SCENE(a_packet_that_demux_takes_is_the_drivers)},
    {SCENE(a_packet_that_demux_refuses_is_freed)},
    {SCENE(an_odd_error_of_demux_is_a_refusal)},
    {SCENE(a_packet_for_somebody_else_stops_before_the_protocol)},
    {SCENE(a_packet_without_protocol_is_freed)},
    {SCENE(length_fields_select_by_sap_and_snap)},
    {SCENE(snap_is_five_bytes)},
    {SCENE(the_protocols_error_leaves_the_packet_to_the_kernel)},
    {SCENE(the_receive_interface_of_the_packet_selects_the_demux), .darwin = 10, .darwin_last = 23},
    {SCENE(since_darwin24_the_interface_that_was_named_does), .darwin = 24},
    {SCENE(no_receive_interface_faults), .darwin = 10, .darwin_last = 23,
     .outcome = MACHINE_PANIC, .words = "without receive interface"},
    {SCENE(no_packet_header_panics), .outcome = MACHINE_PANIC,
     .words = "Failed mbuf validity check"},
    {SCENE(no_frame_header_faults_in_ether_demux), .outcome = MACHINE_PANIC,
     .words = "without frame header"},
    {SCENE(no_demux_faults), .outcome = MACHINE_PANIC, .words = "demux function"},
    {SCENE(no_protocol_input_faults), .outcome = MACHINE_PANIC, .words = "input function"},
    {SCENE(changing_flags_from_demux_hangs), .outcome = MACHINE_HANG, .words = "dlil"},
    {SCENE(input_under_a_spin_lock_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_input: thread"},
    {SCENE(input_under_a_mutex_is_allowed)},
    {0},
};
