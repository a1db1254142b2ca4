/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocols and plumbers: kpi-ifnet.md section 16. */

#include "naive_driver.h"
#include "scene.h"

#include <inet.h>
#include <interface.h>
#include <protocol.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/kpi_protocol.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>
#include <sys/sockio.h>

#define PF_BRIDGE 0x62726467U /* of if_bridge, which adds no descriptors */

static struct naive_driver driver, other;
static struct ifnet_attach_proto_param parameters;
static struct ifnet_demux_desc descriptors[2];
static unsigned told;

static void
begin(void)
{
    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    told = 0;
}

/* --- attach and detach ---------------------------------------------------------------------------*/

static void
attach_protocol_says_no_in_the_right_words(void)
{
    begin();
    expect_equal(ifnet_attach_protocol(NULL, PF_INET, &parameters), EINVAL);
    expect_equal(ifnet_attach_protocol(driver.interface, 0, &parameters), EINVAL);
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, NULL), EINVAL);
    scene_fault("ifnet_attach_protocol", 1);
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), ENOMEM);
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), 0);
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), EEXIST);
    expect_equal(driver.add_protos, 1);
    expect_equal(ifnet_attach_protocol(driver.interface, 200, &parameters), EEXIST); /* types taken */
    parameters.demux_array[0].type = 77;
    expect_equal(ifnet_attach_protocol(driver.interface, 201, &parameters), EINVAL);
    expect_equal(ifnet_detach_protocol(NULL, PF_INET), EINVAL);
    expect_equal(ifnet_detach_protocol(driver.interface, 0), EINVAL);
    expect_equal(ifnet_detach_protocol(driver.interface, 200), ENXIO);
    expect_equal(ifnet_detach_protocol(driver.interface, PF_INET), 0);
    expect_equal(ifnet_detach_protocol(driver.interface, PF_INET), ENXIO);
    ifnet_detach(driver.interface);
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), ENXIO);
    scene_pause();
    expect_equal(ifnet_attach_protocol(driver.interface, PF_INET, &parameters), ENXIO);
    ifnet_release(driver.interface);
}

static void
no_descriptors_are_passed_on_as_they_are(void)
{
    begin();
    parameters.demux_array = NULL;
    parameters.demux_count = 0;
    expect_equal(ifnet_attach_protocol(driver.interface, PF_BRIDGE, &parameters), 0);
    expect_equal(driver.last_family, PF_BRIDGE);
    expect_equal(ifnet_detach_protocol(driver.interface, PF_BRIDGE), 0);
    naive_destroy(&driver);
}

static void
attach_and_detach_leave_up_alone(void)
{
    begin();
    driver.events = 0;
    expect_equal(naive_protocol_attach(&driver, PF_INET), 0);
    expect_equal(driver.add_protos, 1);
    expect_equal(ifnet_flags(driver.interface) & IFF_UP, 0);
    expect_equal(driver.ioctls, 0);
    expect_equal(driver.events, 1);
    expect_equal(driver.last_event, KEV_DL_PROTO_ATTACHED);
    expect_equal(ifnet_detach_protocol(driver.interface, PF_INET), 0);
    expect_equal(driver.del_protos, 1);
    expect_equal(driver.protocol_detached, 1);
    expect_equal(driver.last_event, KEV_DL_PROTO_DETACHED);
    expect_equal(driver.ioctls, 0);
    naive_destroy(&driver);
}

static void
the_first_protocol_brings_up_and_the_last_takes_down(void)
{
    begin();
    expect_equal(naive_protocol_attach(&driver, PF_INET), 0);
    expect(ifnet_flags(driver.interface) & IFF_UP);
    expect_equal(driver.ioctls, 1);
    expect_equal(driver.ioctls_null, 1);
    expect_equal(driver.last_command, SIOCSIFFLAGS);
    expect_equal(driver.last_event, KEV_DL_SIFFLAGS);
    naive_protocol_attach(&driver, PF_INET6);
    ifnet_detach_protocol(driver.interface, PF_INET);
    expect(ifnet_flags(driver.interface) & IFF_UP);
    expect_equal(driver.ioctls, 2);
    ifnet_detach_protocol(driver.interface, PF_INET6);
    expect_equal(ifnet_flags(driver.interface) & IFF_UP, 0);
    expect_equal(driver.ioctls_null, 3);
    naive_destroy(&driver);
}

static void
final_detach_removes_protocols_in_a_fixed_order(void)
{
    begin();
    naive_protocol_attach(&driver, PF_INET6);
    naive_protocol_attach(&driver, PF_INET);
    parameters.demux_count = 0;
    ifnet_attach_protocol(driver.interface, PF_BRIDGE, &parameters);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(driver.del_protos, 3);
    expect_equal(driver.last_family, PF_BRIDGE);
    expect_equal(driver.protocol_detached, 3);
    expect_equal(driver.detached, 1);
    ifnet_release(driver.interface);
}

static errno_t
input_that_detaches(ifnet_t interface, protocol_family_t family, mbuf_t packet, char *header)
{
    (void)header;
    mbuf_freem(packet);
    told = ifnet_detach_protocol(interface, family) == 0 ? driver.protocol_detached + 1 : 99;
    return 0;
}

static void
detached_runs_when_the_last_user_is_gone(void)
{
    begin();
    parameters.input = input_that_detaches;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    ifnet_input(driver.interface, naive_frame(&driver, naive_address, 0x0800, 46), NULL);
    scene_pause();
    expect_equal(told, 1); /* detach returned and detached had not run */
    expect_equal(driver.protocol_detached, 1);
    naive_destroy(&driver);
}

/* --- plumbers ------------------------------------------------------------------------------------*/

static errno_t
plumb(ifnet_t interface, protocol_family_t family)
{
    told++;
    return ifnet_attach_protocol(interface, family, &parameters);
}

static void
unplumb(ifnet_t interface, protocol_family_t family)
{
    told += 10;
    ifnet_detach_protocol(interface, family);
}

static void
a_plumber_is_keyed_by_both_families(void)
{
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, NULL, unplumb), EINVAL);
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, unplumb), 0);
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, NULL), EEXIST);
    expect_equal(EEXIST, 17);
    expect_equal(proto_register_plumber(PF_INET6, IFNET_FAMILY_TUN, plumb, NULL), 0);
    expect_equal(proto_register_plumber(PF_INET, 1234, plumb, NULL), 0);
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_ETHERNET, plumb, NULL), EEXIST);
    proto_unregister_plumber(PF_INET, 4321);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    scene_fault("proto_register_plumber", 1);
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, NULL), ENOMEM);
    expect_equal(proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, NULL), 0);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    proto_unregister_plumber(PF_INET6, IFNET_FAMILY_TUN);
    proto_unregister_plumber(PF_INET, 1234);
}

static void
family_tun(struct ifnet_init_params *init)
{
    init->family = IFNET_FAMILY_TUN;
}

static void
begin_tun(proto_unplumb_handler handler)
{
    memset(&driver, 0, sizeof(driver));
    told = 0;
    naive_allocate(&driver, 0, family_tun);
    naive_attach(&driver);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, handler);
}

static void
protoattach_asks_the_plumber_and_protodetach_too(void)
{
    int unused = 0;

    begin_tun(unplumb);
    expect_equal(scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused), 0);
    expect_equal(told, 1);
    expect_equal(scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused), EEXIST);
    expect_equal(scene_ioctl_int("nv0", KSIM_SIOCPROTODETACH, &unused), 0);
    expect_equal(told, 12);
    expect_equal(driver.del_protos, 1);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
    expect_equal(scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused), ENXIO);
    naive_destroy(&driver);
}

static void
final_detach_asks_the_plumber(void)
{
    int unused = 0;

    begin_tun(unplumb);
    scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused);
    naive_destroy(&driver);
    expect_equal(told, 11);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
}

static void
without_a_detach_handler_the_kernel_detaches(void)
{
    int unused = 0;

    begin_tun(NULL);
    scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused);
    naive_destroy(&driver);
    expect_equal(told, 1);
    expect_equal(driver.protocol_detached, 1);
    proto_unregister_plumber(PF_INET, IFNET_FAMILY_TUN);
}

/* --- proto_input, proto_inject -------------------------------------------------------------------*/

static void
proto_input_of_an_unknown_family_leaves_the_packet(void)
{
    mbuf_t packet;

    begin();
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    expect_equal(proto_input(200, packet), -1);
    expect_equal(proto_inject(200, packet), ENOENT);
    mbuf_freem(packet);
    expect_equal(proto_input(PF_INET, naive_frame(&driver, naive_address, 0x0800, 46)), 0);
    expect_equal(proto_input(PF_INET6, naive_frame(&driver, naive_address, 0x86dd, 46)), 0);
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    mbuf_setnextpkt(packet, naive_frame(&driver, naive_address, 0x0800, 46));
    expect_equal(proto_inject(PF_INET, packet), 0);
    expect_equal(proto_inject(PF_INET, naive_frame(&driver, naive_address, 0x0800, 46)), 0);
    expect_equal(proto_inject(PF_INET6, naive_frame(&driver, naive_address, 0x86dd, 46)), 0);
    scene_pause();
    naive_destroy(&driver);
}

static void
proto_input_of_an_unknown_family_faults(void)
{
    begin();
    proto_input(200, naive_frame(&driver, naive_address, 0x0800, 46));
}

static void
proto_inject_of_nothing_faults(void)
{
    proto_inject(PF_INET, NULL);
}

/* --- locks and misuse ----------------------------------------------------------------------------*/

static void
flags_from_add_proto(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "add_proto") == 0)
        ifnet_set_flags(naive->interface, 0, IFF_UP);
}

static void
flags_from_del_proto(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "del_proto") == 0)
        ifnet_set_flags(naive->interface, 0, IFF_UP);
}

static void
changing_flags_from_add_proto_hangs(void)
{
    begin();
    driver.inside = flags_from_add_proto;
    naive_protocol_attach(&driver, PF_INET);
}

static void
changing_flags_from_del_proto_hangs(void)
{
    begin();
    naive_protocol_attach(&driver, PF_INET);
    driver.inside = flags_from_del_proto;
    ifnet_detach_protocol(driver.interface, PF_INET);
}

static void
reading_from_add_proto(struct naive_driver *naive, const char *callback)
{
    unsigned char bytes[6];

    if (strcmp(callback, "add_proto") == 0)
        told = ifnet_lladdr_copy_bytes(naive->interface, bytes, 6) == 0 && bytes[0] == 2;
}

static void
reading_the_link_address_from_add_proto_is_allowed(void)
{
    begin();
    driver.inside = reading_from_add_proto;
    expect_equal(naive_protocol_attach(&driver, PF_INET), 0);
    expect_equal(told, 1);
    naive_destroy(&driver);
}

static void
attach_from_event(struct naive_driver *naive, const char *callback)
{
    (void)naive;
    if (strcmp(callback, "event") == 0 && told++ == 0)
        naive_create(&other, 1);
}

static void
attaching_an_interface_from_the_protocols_event_hangs(void)
{
    begin();
    driver.inside = attach_from_event;
    naive_protocol_attach(&driver, PF_INET);
}

static errno_t
plumb_registers(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    return proto_register_plumber(family + 1, IFNET_FAMILY_TUN, plumb, NULL);
}

static void
registering_from_a_plumber_hangs(void)
{
    int unused = 0;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, family_tun);
    naive_attach(&driver);
    proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb_registers, NULL);
    scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused);
}

static void
unplumb_nothing(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    (void)family;
}

static void
a_plumber_that_does_not_detach_makes_detach_endless(void)
{
    int unused = 0;

    begin_tun(unplumb_nothing);
    scene_ioctl_int("nv0", KSIM_SIOCPROTOATTACH, &unused);
    naive_destroy(&driver);
}

static void
a_plumber_left_is_a_leak(void)
{
    proto_register_plumber(PF_INET, IFNET_FAMILY_TUN, plumb, NULL);
}

static void
a_protocol_left_on_lo0_is_a_leak(void)
{
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.detached = NULL;
    ifnet_attach_protocol(ksim_interface_loopback(), 200, &parameters);
}

static lck_mtx_t *
lock_made(void)
{
    return lck_mtx_alloc_init(lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL), LCK_ATTR_NULL);
}

static void
attaching_a_protocol_with_a_lock_held_breaks_the_contract(void)
{
    begin();
    lck_mtx_lock(lock_made());
    naive_protocol_attach(&driver, PF_INET);
}

static void
detaching_a_protocol_with_a_lock_held_breaks_the_contract(void)
{
    begin();
    naive_protocol_attach(&driver, PF_INET);
    lck_mtx_lock(lock_made());
    ifnet_detach_protocol(driver.interface, PF_INET);
}

static void
proto_input_with_a_lock_held_breaks_the_contract(void)
{
    begin();
    lck_mtx_lock(lock_made());
    proto_input(PF_INET, naive_frame(&driver, naive_address, 0x0800, 46));
}

const char scene_suite[] = "protocol";

const struct scene scenes[] = {
    {SCENE(attach_protocol_says_no_in_the_right_words), .darwin = 11, .darwin_last = 24},
    {SCENE(no_descriptors_are_passed_on_as_they_are), EVERY_RELEASE},
    {SCENE(attach_and_detach_leave_up_alone), .darwin = 10, .darwin_last = 16},
    {SCENE(the_first_protocol_brings_up_and_the_last_takes_down), .darwin = 17, .darwin_last = 24},
    {SCENE(final_detach_removes_protocols_in_a_fixed_order), .darwin = 11, .darwin_last = 24},
    {SCENE(detached_runs_when_the_last_user_is_gone), EVERY_RELEASE},
    {SCENE(a_plumber_is_keyed_by_both_families)},
    {SCENE(protoattach_asks_the_plumber_and_protodetach_too)},
    {SCENE(final_detach_asks_the_plumber)},
    {SCENE(without_a_detach_handler_the_kernel_detaches)},
    {SCENE(proto_input_of_an_unknown_family_leaves_the_packet), .darwin = 18, .darwin_last = 24},
    {SCENE(proto_input_of_an_unknown_family_faults), .darwin = 10, .darwin_last = 17,
     .outcome = MACHINE_PANIC, .words = "family without handler"},
    {SCENE(proto_inject_of_nothing_faults), .outcome = MACHINE_PANIC, .words = "proto_inject"},
    {SCENE(changing_flags_from_add_proto_hangs), .outcome = MACHINE_HANG, .words = "dlil"},
    {SCENE(changing_flags_from_del_proto_hangs), .outcome = MACHINE_HANG, .words = "dlil"},
    {SCENE(reading_the_link_address_from_add_proto_is_allowed)},
    {SCENE(attaching_an_interface_from_the_protocols_event_hangs), .darwin = 11,
     .darwin_last = 24, .outcome = MACHINE_HANG, .words = "dlil"},
    {SCENE(registering_from_a_plumber_hangs), .outcome = MACHINE_HANG, .words = "proto_family"},
    {SCENE(a_plumber_that_does_not_detach_makes_detach_endless), .outcome = MACHINE_HANG,
     .words = "does not detach"},
    {SCENE(a_plumber_left_is_a_leak), .outcome = MACHINE_LEAK, .words = NAIVE_BUNDLE " left its plumber"},
    {SCENE(a_protocol_left_on_lo0_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "interface lo0: protocol 200 of " NAIVE_BUNDLE " is still attached"},
    {SCENE(attaching_a_protocol_with_a_lock_held_breaks_the_contract),
     .outcome = MACHINE_CONTRACT, .words = "ifnet_attach_protocol called with"},
    {SCENE(detaching_a_protocol_with_a_lock_held_breaks_the_contract),
     .outcome = MACHINE_CONTRACT, .words = "ifnet_detach_protocol called with"},
    {SCENE(proto_input_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "proto_input called with"},
    {0},
};
