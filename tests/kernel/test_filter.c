/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface filters: kpi-ifnet.md section 19, and 13 for requests. */

#include "naive_driver.h"
#include "scene.h"

#include <interface_internal.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/kpi_interfacefilter.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kern_event.h>
#include <sys/socket.h>

#define COMMAND 0x20006901UL /* _IO('i', 1): nobody knows it */

static struct naive_driver driver;

/* One filter that counts; its cookie. */
struct counting {
    interface_filter_t handle;
    unsigned inputs, outputs, events, ioctls, detached;
    protocol_family_t last_family;
    uint32_t last_event;
    errno_t input_error, output_error, ioctl_error;
    bool clears_promiscuous, detaches_itself;
    unsigned order; /* of the last packet */
};

static struct counting first, second;
static unsigned order;

static errno_t
filter_input(void *cookie, ifnet_t interface, protocol_family_t family, mbuf_t *packet,
             char **header)
{
    struct counting *counting = cookie;

    (void)interface;
    (void)header;
    counting->inputs++;
    counting->last_family = family;
    counting->order = ++order;
    if (counting->clears_promiscuous)
        mbuf_setflags_mask(*packet, 0, MBUF_PROMISC);
    if (counting->detaches_itself)
        iflt_detach(counting->handle);
    if (counting->input_error == EJUSTRETURN)
        mbuf_freem(*packet);
    return counting->input_error;
}

static errno_t
filter_output(void *cookie, ifnet_t interface, protocol_family_t family, mbuf_t *packet)
{
    struct counting *counting = cookie;

    (void)interface;
    counting->outputs++;
    counting->last_family = family;
    counting->order = ++order;
    if (counting->output_error == EJUSTRETURN)
        mbuf_freem(*packet);
    return counting->output_error;
}

static void
filter_event(void *cookie, ifnet_t interface, protocol_family_t family,
             const struct kev_msg *message)
{
    struct counting *counting = cookie;

    (void)interface;
    (void)family;
    counting->events++;
    counting->last_event = message->event_code;
}

static errno_t
filter_ioctl(void *cookie, ifnet_t interface, protocol_family_t family, unsigned long command,
             void *argument)
{
    struct counting *counting = cookie;

    (void)interface;
    (void)family;
    (void)command;
    (void)argument;
    counting->ioctls++;
    return counting->ioctl_error;
}

static void
filter_detached(void *cookie, ifnet_t interface)
{
    (void)interface;
    ((struct counting *)cookie)->detached++;
}

static errno_t
attach(struct counting *counting, ifnet_t interface, protocol_family_t family)
{
    struct iff_filter filter = {.iff_cookie = counting,
                                .iff_name = NAIVE_BUNDLE,
                                .iff_protocol = family,
                                .iff_input = filter_input,
                                .iff_output = filter_output,
                                .iff_event = filter_event,
                                .iff_ioctl = filter_ioctl,
                                .iff_detached = filter_detached};

    memset(counting, 0, sizeof(*counting));
    counting->ioctl_error = EOPNOTSUPP;
    return iflt_attach(interface, &filter, &counting->handle);
}

static void
begin(void)
{
    order = 0;
    naive_create(&driver, 0);
    naive_protocol_attach(&driver, PF_INET);
    driver.ioctls = 0;
    expect_equal(attach(&first, driver.interface, 0), 0);
    expect_equal(attach(&second, driver.interface, 0), 0);
}

static void
end(void)
{
    ifnet_detach_protocol(driver.interface, PF_INET);
    naive_destroy(&driver);
}

static void
arrive(const unsigned char *destination, unsigned type)
{
    ifnet_input(driver.interface, naive_frame(&driver, destination, type, 46), NULL);
    scene_pause();
}

static errno_t
leave(void)
{
    return ifnet_output_raw(driver.interface, PF_INET,
                            naive_frame(&driver, naive_address, 0x0800, 46));
}

static void
attach_says_no_in_the_right_words(void)
{
    memset(&driver, 0, sizeof(driver));
    expect_equal(attach(&first, NULL, 0), ENOENT);
    naive_allocate(&driver, 0, NULL);
    expect_equal(attach(&first, driver.interface, 0), ENXIO);
    naive_attach(&driver);
    scene_fault("iflt_attach", 1);
    expect_equal(attach(&first, driver.interface, 0), ENOMEM);
    naive_destroy(&driver);
    expect_equal(attach(&first, driver.interface, 0), ENXIO);
    iflt_detach(NULL);
    iflt_detach(first.handle);
}

static void
filters_run_in_order_of_attach_both_ways(void)
{
    begin();
    arrive(naive_address, 0x0800);
    expect(first.order == 1 && second.order == 2);
    expect_equal(first.last_family, PF_INET);
    expect_equal(driver.inputs, 1);
    expect_equal(leave(), 0);
    expect(first.order == 3 && second.order == 4);
    expect_equal(driver.outputs, 1);
    end();
    expect(first.detached == 1 && second.detached == 1);
}

static void
a_filter_may_consume_or_refuse(void)
{
    begin();
    first.input_error = first.output_error = EJUSTRETURN;
    arrive(naive_address, 0x0800);
    expect_equal(leave(), 0);
    first.input_error = first.output_error = EPERM;
    arrive(naive_address, 0x0800);
    expect_equal(leave(), EPERM);
    expect_equal(first.inputs + first.outputs, 4);
    expect_equal(second.inputs + second.outputs, 0);
    expect_equal(driver.inputs + driver.outputs, 0);
    end();
}

static void
a_filter_sees_only_its_family_and_all_see_the_unknown(void)
{
    begin();
    iflt_detach(second.handle);
    expect_equal(attach(&second, driver.interface, PF_INET), 0);
    arrive(naive_address, 0x0800);
    arrive(naive_address, 0x1234);
    expect_equal(first.inputs, 2);
    expect_equal(first.last_family, 0);
    expect_equal(second.inputs, 1);
    end();
}

static void
packets_for_others_pass_the_filters_first(void)
{
    static const unsigned char stranger[6] = {2, 7, 7, 7, 7, 7};

    begin();
    arrive(stranger, 0x0800);
    expect_equal(first.inputs, 1);
    expect_equal(driver.inputs, 0);
    first.clears_promiscuous = true;
    arrive(stranger, 0x0800);
    expect_equal(driver.inputs, 1);
    end();
}

static void
packets_tagged_for_hardware_pass_the_filters_by(void)
{
    mbuf_t packet;

    begin();
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    mbuf_set_vlan_tag(packet, 5);
    ifnet_input(driver.interface, packet, NULL);
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    mbuf_set_vlan_tag(packet, 5);
    ifnet_output_raw(driver.interface, PF_INET, packet);
    scene_pause();
    expect_equal(first.inputs + first.outputs, 0);
    expect(driver.inputs == 1 && driver.outputs == 1);
    end();
}

/* One packet in and one out, both tagged for the hardware, past a filter of the kernel's own. */
static void
tagged_past_internal(void)
{
    struct iff_filter filter = {.iff_cookie = &second,
                                .iff_name = NAIVE_BUNDLE,
                                .iff_input = filter_input,
                                .iff_output = filter_output};
    mbuf_t packet;

    begin();
    iflt_detach(second.handle);
    expect_equal(ksim_interface_filter_attach(driver.interface, &filter, true, &second.handle), 0);
    for (int i = 0; i < 2; i++) {
        packet = naive_frame(&driver, naive_address, 0x0800, 46);
        mbuf_set_vlan_tag(packet, 5);
        if (i == 0)
            ifnet_input(driver.interface, packet, NULL);
        else
            ifnet_output_raw(driver.interface, PF_INET, packet);
    }
    scene_pause();
    expect_equal(first.inputs + first.outputs, 0);
}

static void
the_kernels_own_filters_see_tagged_packets_since_darwin19(void)
{
    tagged_past_internal();
    expect(second.inputs == 1 && second.outputs == 1);
    end();
}

static void
tagged_packets_passed_by_the_kernels_own_filters_too(void)
{
    tagged_past_internal();
    expect_equal(second.inputs + second.outputs, 0);
    end();
}

static void
filters_hear_events_also_of_a_detaching_interface(void)
{
    begin();
    expect_equal(first.events, 0);
    ifnet_set_offload(driver.interface, 0);
    expect_equal(first.events, 1);
    expect_equal(first.last_event, KEV_DL_IFCAP_CHANGED);
    ifnet_detach_protocol(driver.interface, PF_INET);
    driver.events = 0;
    ifnet_detach(driver.interface);
    expect_equal(first.last_event, KEV_DL_IF_DETACHING);
    expect_equal(driver.events, 0);
    scene_pause();
    expect_equal(first.detached, 1);
    ifnet_release(driver.interface);
}

static void
the_first_filter_that_answers_a_request_decides(void)
{
    begin();
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), 0);
    expect_equal(driver.ioctls, 1);
    driver.ioctl_error = EIO;
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), EIO);
    first.ioctl_error = 0; /* handled: the driver is asked all the same, its word does not count */
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), 0);
    expect_equal(driver.ioctls, 3);
    first.ioctl_error = EPERM; /* stops */
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), EPERM);
    expect_equal(second.ioctls, 3);
    expect_equal(driver.ioctls, 3);
    first.ioctl_error = EJUSTRETURN; /* stops with success */
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), 0);
    expect_equal(driver.ioctls, 3);
    first.ioctl_error = ENOTSUP;
    driver.ioctl_error = ENOTSUP;
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND, NULL), EOPNOTSUPP);
    end();
}

static errno_t
send_later(void)
{
    return leave();
}

static void
sender(void *argument)
{
    (void)argument;
    send_later();
}

static errno_t
output_that_waits(void *cookie, ifnet_t interface, protocol_family_t family, mbuf_t *packet)
{
    (void)cookie;
    (void)interface;
    (void)family;
    (void)packet;
    scene_pause();
    first.outputs++;
    return 0;
}

static void
detach_waits_for_threads_inside_the_filters(void)
{
    const struct iff_filter slow = {.iff_name = "slow", .iff_output = output_that_waits};
    interface_filter_t handle;

    begin();
    iflt_attach(driver.interface, &slow, &handle);
    first.outputs = 0;
    scene_thread("sender", sender, NULL);
    while (first.outputs == 0 && second.outputs == 0)
        scene_pause();
    iflt_detach(handle);
    expect_equal(first.outputs, 2); /* its own call, and the slow one has ended */
    end();
}

/* --- misuse --------------------------------------------------------------------------------------*/

static void
a_filter_that_detaches_itself_hangs(void)
{
    begin();
    first.detaches_itself = true;
    arrive(naive_address, 0x0800);
    while (driver.detached == 0)
        naive_destroy(&driver);
}

static void
a_filter_left_on_lo0_is_a_leak(void)
{
    attach(&first, ksim_interface_loopback(), 0);
}

static lck_mtx_t *
lock_made(void)
{
    return lck_mtx_alloc_init(lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL), LCK_ATTR_NULL);
}

static void
detaching_a_filter_with_a_lock_held_breaks_the_contract(void)
{
    begin();
    lck_mtx_lock(lock_made());
    iflt_detach(first.handle);
}

static void
attaching_a_filter_on_darwin10_with_a_lock_held_breaks_the_contract(void)
{
    begin();
    lck_mtx_lock(lock_made());
    attach(&first, driver.interface, 0);
}

static void
attaching_no_filter_faults(void)
{
    naive_create(&driver, 0);
    iflt_attach(driver.interface, NULL, &first.handle);
}

const char scene_suite[] = "filter";

const struct scene scenes[] = {
    {SCENE(attach_says_no_in_the_right_words)},
    {SCENE(filters_run_in_order_of_attach_both_ways), EVERY_RELEASE},
    {SCENE(a_filter_may_consume_or_refuse)},
    {SCENE(a_filter_sees_only_its_family_and_all_see_the_unknown)},
    {SCENE(packets_for_others_pass_the_filters_first)},
    {SCENE(packets_tagged_for_hardware_pass_the_filters_by), EVERY_RELEASE},
    {SCENE(the_kernels_own_filters_see_tagged_packets_since_darwin19), .darwin = 19, .darwin_last = 24},
    {SCENE(tagged_packets_passed_by_the_kernels_own_filters_too), .darwin = 10, .darwin_last = 18},
    {SCENE(filters_hear_events_also_of_a_detaching_interface)},
    {SCENE(the_first_filter_that_answers_a_request_decides)},
    {SCENE(detach_waits_for_threads_inside_the_filters)},
    {SCENE(a_filter_that_detaches_itself_hangs), .outcome = MACHINE_HANG,
     .words = "if_flt_monitor"},
    {SCENE(a_filter_left_on_lo0_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "interface lo0: a filter of " NAIVE_BUNDLE " is still attached"},
    {SCENE(detaching_a_filter_with_a_lock_held_breaks_the_contract),
     .outcome = MACHINE_CONTRACT, .words = "iflt_detach called with"},
    {SCENE(attaching_a_filter_on_darwin10_with_a_lock_held_breaks_the_contract), .darwin = 10,
     .outcome = MACHINE_CONTRACT, .words = "iflt_attach called with"},
    {SCENE(attaching_no_filter_faults), .outcome = MACHINE_PANIC, .words = "iflt_attach"},
    {0},
};
