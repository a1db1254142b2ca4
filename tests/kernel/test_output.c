/* SPDX-License-Identifier: BSD-2-Clause */
/* From the stack to the driver: kpi-ifnet.md section 14. */

#include "naive_driver.h"
#include "scene.h"

#include <ether.h>
#include <interface.h>
#include <mbuf.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>

static const unsigned char peer[6] = {2, 0, 0, 0, 0, 1};
static const struct sockaddr to = {.sa_len = 16, .sa_family = AF_INET};

static struct naive_driver driver;

static void
begin(void)
{
    naive_create(&driver, 0);
    naive_protocol_attach(&driver, PF_INET);
}

static void
end(void)
{
    ifnet_detach_protocol(driver.interface, PF_INET);
    naive_destroy(&driver);
}

/* `count` packets of `bytes` without a frame header. */
static mbuf_t
packets(unsigned count, size_t bytes)
{
    mbuf_t list = NULL, packet;

    while (count-- != 0) {
        packet = naive_frame(&driver, peer, 0x0800, bytes);
        mbuf_pkthdr_setrcvif(packet, NULL);
        mbuf_setnextpkt(packet, list);
        list = packet;
    }
    return list;
}

static errno_t
send(unsigned count)
{
    return ifnet_output(driver.interface, PF_INET, packets(count, 46), NULL, &to);
}

/* --- the way through -----------------------------------------------------------------------------*/

static void
a_packet_is_framed_and_handed_over(void)
{
    begin();
    expect_equal(send(1), 0);
    expect_equal(driver.framers, 1);
    expect_equal(driver.outputs, 1);
    expect_equal(driver.last_frame_bytes, 60);
    expect(memcmp(driver.last_frame, peer, 6) == 0);
    expect(memcmp(driver.last_frame + 6, naive_address, 6) == 0);
    expect(memcmp(driver.last_frame + 12, "\x08\x00\x45", 3) == 0);
    end();
}

static void
the_output_callback_gets_one_packet_at_a_time(void)
{
    begin();
    expect_equal(send(4), 0);
    expect_equal(driver.framers, 4);
    expect_equal(driver.outputs, 4);
    end();
}

static void
raw_output_skips_protocol_and_framer(void)
{
    begin();
    driver.pre_output_error = ENETDOWN;
    expect_equal(ifnet_output_raw(driver.interface, 0, packets(2, 46)), 0);
    expect_equal(driver.framers, 0);
    expect_equal(driver.outputs, 2);
    expect_equal(driver.last_frame_bytes, 46);
    end();
}

static void
bad_arguments_free_the_list(void)
{
    begin();
    expect_equal(ifnet_output(NULL, PF_INET, packets(2, 46), NULL, &to), EINVAL);
    expect_equal(ifnet_output(driver.interface, 0, packets(2, 46), NULL, &to), EINVAL);
    expect_equal(ifnet_output(driver.interface, PF_INET, NULL, NULL, &to), EINVAL);
    expect_equal(ifnet_output_raw(NULL, 0, packets(1, 46)), EINVAL);
    expect_equal(ifnet_output_raw(driver.interface, 0, NULL), EINVAL);
    expect_equal(driver.outputs, 0);
    end();
}

static void
without_protocol_or_attach_it_is_enxio(void)
{
    naive_create(&driver, 0);
    expect_equal(send(2), ENXIO);
    expect_equal(ifnet_detach(driver.interface), 0);
    expect_equal(ifnet_output_raw(driver.interface, 0, packets(2, 46)), ENXIO);
    scene_pause();
    expect_equal(driver.outputs, 0);
    ifnet_release(driver.interface);
}

static void
the_interface_need_not_be_up(void)
{
    begin();
    ifnet_set_flags(driver.interface, 0, IFF_UP | IFF_RUNNING);
    expect_equal(send(1), 0);
    expect_equal(driver.outputs, 1);
    end();
}

/* --- who frees, and what is returned -------------------------------------------------------------*/

static void
pre_output_is_asked_once_for_a_list(void)
{
    begin();
    driver.pre_output_error = ENETUNREACH;
    expect_equal(send(3), ENETUNREACH);
    expect_equal(driver.framers + driver.outputs, 0);
    end();
}

static mbuf_t kept;
static unsigned keeps;

static errno_t
pre_output_keeps_two(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                     const struct sockaddr *destination, void *route, char *frame_type,
                     char *link_destination)
{
    (void)interface;
    (void)family;
    (void)destination;
    (void)route;
    memcpy(frame_type, "\x08\x00", 2);
    memcpy(link_destination, peer, sizeof(peer));
    if (keeps++ >= 2)
        return 0;
    mbuf_setnextpkt(*packet, kept);
    kept = *packet;
    return EJUSTRETURN;
}

static void
pre_output_may_keep_a_packet_and_is_asked_for_the_next(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    kept = NULL;
    keeps = 0;
    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.pre_output = pre_output_keeps_two;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    expect_equal(send(4), 0);
    expect_equal(keeps, 3);
    expect_equal(driver.outputs, 2);
    keeps = 0;
    expect_equal(send(2), 0);
    expect_equal(driver.outputs, 2);
    mbuf_freem_list(kept);
    end();
}

static void
no_pre_output_means_success(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.pre_output = NULL;
    driver.framer_error = EJUSTRETURN; /* its buffers are uninitialised */
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    expect_equal(send(1), 0);
    expect_equal(driver.framers, 1);
    end();
}

static void
an_error_of_the_framer_frees_and_goes_on(void)
{
    begin();
    driver.framer_error = ENOBUFS;
    expect_equal(send(3), ENOBUFS);
    expect_equal(driver.framers, 3);
    expect_equal(driver.outputs, 0);
    end();
}

static void
a_framer_that_consumed_says_ejustreturn(void)
{
    begin();
    driver.framer_error = EJUSTRETURN;
    expect_equal(send(3), 0);
    expect_equal(driver.framers, 3);
    expect_equal(driver.outputs, 0);
    end();
}

static void
errors_of_output_come_back(void)
{
    begin();
    driver.output_error = ENOBUFS;
    expect_equal(send(2), ENOBUFS);
    expect_equal(driver.outputs, 2);
    driver.output_error = EJUSTRETURN;
    expect_equal(send(1), 0);
    end();
}

/* The next packet will be answered with the other error. */
static void
alternate(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "output") == 0)
        naive->output_error = naive->output_error == 0 ? ENOBUFS : 0;
}

static void
the_last_packet_decides(void)
{
    begin();
    driver.inside = alternate;
    driver.output_error = ENOBUFS;
    expect_equal(send(2), 0);
    driver.output_error = 0;
    expect_equal(send(2), ENOBUFS);
    expect_equal(driver.outputs, 4);
    end();
}

/* --- details -------------------------------------------------------------------------------------*/

static void
the_framer_sees_a_receive_interface_on_broadcasts(void)
{
    mbuf_t packet;

    begin();
    send(1);
    expect(driver.last_rcvif == NULL);
    packet = packets(1, 46);
    mbuf_setflags_mask(packet, MBUF_BCAST, MBUF_BCAST);
    ifnet_output(driver.interface, PF_INET, packet, NULL, &to);
    expect(driver.last_rcvif == driver.interface);
    end();
}

static void
a_forwarded_packet_keeps_its_receive_interface(void)
{
    mbuf_t packet;

    begin();
    packet = packets(1, 46);
    mbuf_pkthdr_setrcvif(packet, ksim_interface_loopback());
    ifnet_output(driver.interface, PF_INET, packet, NULL, &to);
    expect(driver.last_rcvif == ksim_interface_loopback());
    end();
}

/* No public function asks for segmentation: the stack writes the flag. */
static void
segment(mbuf_t packet, uint32_t request)
{
    packet->packet.csum_flags |= request;
    packet->packet.segment_bytes = 1448;
}

static void
segmentation_that_nobody_does_is_emsgsize(void)
{
    mbuf_t list;

    begin();
    list = packets(3, 46);
    segment(list, MBUF_TSO_IPV4);
    expect_equal(ifnet_output(driver.interface, PF_INET, list, NULL, &to), EMSGSIZE);
    expect_equal(driver.outputs, 0);
    ifnet_set_offload(driver.interface, IFNET_TSO_IPV4);
    list = packets(2, 46);
    segment(list, MBUF_TSO_IPV4);
    expect_equal(ifnet_output(driver.interface, PF_INET, list, NULL, &to), 0);
    expect_equal(driver.outputs, 2);
    list = packets(1, 46);
    segment(list, MBUF_TSO_IPV6);
    expect_equal(ifnet_output(driver.interface, PF_INET, list, NULL, &to), EMSGSIZE);
    end();
}

static uint64_t
looped(void)
{
    struct ifnet_stats_param statistics;

    scene_pause();
    ifnet_stat(ksim_interface_loopback(), &statistics);
    return statistics.packets_out;
}

static void
ether_frameout_loops_broadcasts_on_simplex(void)
{
    uint64_t before;
    mbuf_t packet;

    begin();
    before = looped();
    packet = packets(1, 46);
    mbuf_setflags_mask(packet, MBUF_BCAST | MBUF_LOOP, MBUF_BCAST | MBUF_LOOP);
    expect_equal(ifnet_output(driver.interface, PF_INET, packet, NULL, &to), 0);
    expect_equal(driver.outputs, 1);
    expect_equal(looped(), before + 1);
    ifnet_set_flags(driver.interface, 0, IFF_SIMPLEX);
    packet = packets(1, 46);
    mbuf_setflags_mask(packet, MBUF_BCAST | MBUF_LOOP, MBUF_BCAST | MBUF_LOOP);
    ifnet_output(driver.interface, PF_INET, packet, NULL, &to);
    expect_equal(driver.outputs, 2);
    expect_equal(looped(), before + 1);
    end();
}

static errno_t
pre_output_to_self(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                   const struct sockaddr *destination, void *route, char *frame_type,
                   char *link_destination)
{
    (void)interface;
    (void)family;
    (void)destination;
    (void)route;
    mbuf_setflags_mask(*packet, MBUF_LOOP, MBUF_LOOP);
    memcpy(frame_type, "\x08\x00", 2);
    memcpy(link_destination, naive_address, sizeof(naive_address));
    return 0;
}

static void
ether_frameout_sends_frames_to_itself_to_lo0(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];
    uint64_t before;

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.pre_output = pre_output_to_self;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    before = looped();
    expect_equal(send(1), 0);
    expect_equal(driver.outputs, 0);
    expect_equal(looped(), before + 1);
    end();
}

static void
ether_frameout_without_memory_has_consumed(void)
{
    mbuf_t packet = NULL;

    begin();
    mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &packet);
    mbuf_setlen(packet, 20); /* no room in front */
    mbuf_pkthdr_setlen(packet, 20);
    scene_fault("mbuf_prepend", 1);
    expect_equal(ifnet_output(driver.interface, PF_INET, packet, NULL, &to), 0);
    expect_equal(driver.framers, 1);
    expect_equal(driver.outputs, 0);
    end();
}

static void
framer_missing(struct ifnet_init_params *init)
{
    init->framer = NULL;
}

static void
a_driver_without_framer_gets_the_bare_packet(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, framer_missing);
    naive_attach(&driver);
    naive_protocol_attach(&driver, PF_INET);
    expect_equal(send(1), 0);
    expect_equal(driver.last_frame_bytes, 46);
    end();
}

/* --- misuse --------------------------------------------------------------------------------------*/

static errno_t
output_keeps(ifnet_t interface, mbuf_t packet)
{
    (void)interface;
    (void)packet;
    return ENOBUFS;
}

static void
output_that_keeps(struct ifnet_init_params *init)
{
    init->output = output_keeps;
}

static void
an_error_without_freeing_leaks_the_packet(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, output_that_keeps);
    naive_attach(&driver);
    ifnet_output_raw(driver.interface, 0, packets(1, 46));
    naive_destroy(&driver);
}

static errno_t
framer_frees_and_says_error(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
                            const char *link_destination, const char *frame_type)
{
    (void)interface;
    (void)destination;
    (void)link_destination;
    (void)frame_type;
    mbuf_freem(*packet);
    return ENOMEM;
}

static void
stale_framer(struct ifnet_init_params *init)
{
    init->framer = framer_frees_and_says_error;
}

static void
a_framer_that_leaves_a_stale_pointer_is_a_double_free(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, stale_framer);
    naive_attach(&driver);
    naive_protocol_attach(&driver, PF_INET);
    send(1);
}

static errno_t
framer_takes_and_says_zero(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
                           const char *link_destination, const char *frame_type)
{
    (void)interface;
    (void)destination;
    (void)link_destination;
    (void)frame_type;
    mbuf_freem(*packet);
    *packet = NULL;
    return 0;
}

static void
taking_framer(struct ifnet_init_params *init)
{
    init->framer = framer_takes_and_says_zero;
}

static void
a_framer_that_took_the_packet_and_says_zero_faults(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, taking_framer);
    naive_attach(&driver);
    naive_protocol_attach(&driver, PF_INET);
    send(1);
}

static errno_t
pre_output_takes(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                 const struct sockaddr *destination, void *route, char *frame_type,
                 char *link_destination)
{
    (void)interface;
    (void)family;
    (void)destination;
    (void)route;
    (void)frame_type;
    (void)link_destination;
    mbuf_freem(*packet);
    *packet = NULL;
    return 0;
}

static void
pre_output_that_took_the_packet_and_says_zero_faults(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.pre_output = pre_output_takes;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    send(1);
}

static void
output_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    begin();
    lck_mtx_lock(mutex);
    send(1);
}

static void
using_a_packet_after_output_is_found(void)
{
    mbuf_t packet;

    begin();
    packet = packets(1, 46);
    ifnet_output_raw(driver.interface, 0, packet);
    mbuf_freem(packet);
}

const char scene_suite[] = "output";

const struct scene scenes[] = {
    {SCENE(a_packet_is_framed_and_handed_over), EVERY_RELEASE},
    {SCENE(the_output_callback_gets_one_packet_at_a_time), EVERY_RELEASE},
    {SCENE(raw_output_skips_protocol_and_framer)},
    {SCENE(bad_arguments_free_the_list)},
    {SCENE(without_protocol_or_attach_it_is_enxio)},
    {SCENE(the_interface_need_not_be_up)},
    {SCENE(pre_output_is_asked_once_for_a_list)},
    {SCENE(pre_output_may_keep_a_packet_and_is_asked_for_the_next)},
    {SCENE(no_pre_output_means_success)},
    {SCENE(an_error_of_the_framer_frees_and_goes_on)},
    {SCENE(a_framer_that_consumed_says_ejustreturn)},
    {SCENE(errors_of_output_come_back)},
    {SCENE(the_last_packet_decides)},
    {SCENE(the_framer_sees_a_receive_interface_on_broadcasts), EVERY_RELEASE},
    {SCENE(a_forwarded_packet_keeps_its_receive_interface)},
    {SCENE(segmentation_that_nobody_does_is_emsgsize)},
    {SCENE(ether_frameout_loops_broadcasts_on_simplex)},
    {SCENE(ether_frameout_sends_frames_to_itself_to_lo0)},
    {SCENE(ether_frameout_without_memory_has_consumed)},
    {SCENE(a_driver_without_framer_gets_the_bare_packet)},
    {SCENE(an_error_without_freeing_leaks_the_packet), .outcome = MACHINE_LEAK, .words = "mbuf"},
    {SCENE(a_framer_that_leaves_a_stale_pointer_is_a_double_free), .outcome = MACHINE_PANIC,
     .words = "freeing an already freed mbuf"},
    {SCENE(a_framer_that_took_the_packet_and_says_zero_faults), .outcome = MACHINE_PANIC,
     .words = "the framer took"},
    {SCENE(pre_output_that_took_the_packet_and_says_zero_faults), .outcome = MACHINE_PANIC,
     .words = "pre_output took"},
    {SCENE(output_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_output called with"},
    {SCENE(using_a_packet_after_output_is_found), .outcome = MACHINE_PANIC,
     .words = "freeing an already freed mbuf"},
    {0},
};
