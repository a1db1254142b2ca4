/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel events and who hears them: kpi-ifnet.md sections 9, 16.1 and 4.1. */

#include "naive_driver.h"
#include "scene.h"

#include <event.h>
#include <interface.h>
#include <profile.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/kpi_interfacefilter.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kern_event.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>

static struct naive_driver driver;
static char heard[8]; /* f: filter, p: protocol, d: driver, in order */
static uint32_t heard_bytes;

static void
hear(char who, const struct kev_msg *message)
{
    size_t length = strlen(heard);

    if (length < sizeof(heard) - 1)
        heard[length] = who;
    heard_bytes = message->dv[0].data_length;
}

static void
filter_event(void *cookie, ifnet_t interface, protocol_family_t family,
             const struct kev_msg *message)
{
    (void)cookie;
    (void)interface;
    (void)family;
    hear('f', message);
}

static void
protocol_event(ifnet_t interface, protocol_family_t family, const struct kev_msg *message)
{
    (void)interface;
    (void)family;
    hear('p', message);
}

static void
driver_event(ifnet_t interface, const struct kev_msg *message)
{
    (void)interface;
    hear('d', message);
}

static void
event_heard(struct ifnet_init_params *init)
{
    init->event = driver_event;
}

static void
begin(void)
{
    const struct iff_filter filter = {.iff_name = "ear", .iff_event = filter_event};
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];
    interface_filter_t handle;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 7, event_heard);
    naive_attach(&driver);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.event = protocol_event;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    iflt_attach(driver.interface, &filter, &handle);
    memset(heard, 0, sizeof(heard));
}

static void
end(void)
{
    ifnet_detach_protocol(driver.interface, PF_INET);
    naive_destroy(&driver);
}

/* An event as a driver makes it: the data overlays the last member of the header. */
static errno_t
link_on(uint32_t data_bytes)
{
    static char space[512];
    struct kern_event_msg *event = (struct kern_event_msg *)(void *)space;

    memset(space, 0, sizeof(space));
    event->total_size = 24 + data_bytes;
    event->vendor_code = KEV_VENDOR_APPLE;
    event->kev_class = KEV_NETWORK_CLASS;
    event->kev_subclass = KEV_DL_SUBCLASS;
    event->event_code = KEV_DL_LINK_ON;
    return ifnet_event(driver.interface, event);
}

static const struct kernel_event *
last_event(void)
{
    return ksim_event_at(ksim_event_count() - 1);
}

/* --- delivery ------------------------------------------------------------------------------------*/

static void
an_event_goes_to_filter_protocol_driver_and_programs(void)
{
    uint32_t before;

    begin();
    before = ksim_event_count();
    expect_equal(link_on(24), 0);
    expect(strcmp(heard, "fpd") == 0);
    expect_equal(heard_bytes, 24);
    expect_equal(ksim_event_count(), before + 1);
    expect_equal(last_event()->id, before + 1);
    expect_equal(last_event()->code, KEV_DL_LINK_ON);
    expect_equal(last_event()->bytes, 24);
    expect(strcmp(ksim_event_name(last_event()), "KEV_DL_LINK_ON") == 0);
    end();
}

static void
the_kernels_events_name_the_interface(void)
{
    const struct net_event_data *data;

    begin();
    ifnet_set_offload(driver.interface, 0);
    data = (const struct net_event_data *)(const void *)last_event()->data;
    expect_equal(data->if_family, IFNET_FAMILY_ETHERNET);
    expect_equal(data->if_unit, 7);
    expect(strcmp(data->if_name, "nv") == 0);
    end();
}

static void
a_protocol_event_counts_those_that_remain(void)
{
    const struct kev_dl_proto_data *data;
    const struct kernel_event *event;
    uint32_t cursor = 0, remaining[4] = {9, 9, 9, 9}, families[4], count = 0;

    begin();
    naive_protocol_attach(&driver, PF_INET6);
    ifnet_detach_protocol(driver.interface, PF_INET6);
    end();
    while ((event = ksim_event_next(&cursor, KEV_VENDOR_APPLE, KEV_NETWORK_CLASS,
                                    KEV_DL_SUBCLASS)) != NULL && count < 4) {
        if (event->code != KEV_DL_PROTO_ATTACHED && event->code != KEV_DL_PROTO_DETACHED)
            continue;
        data = (const struct kev_dl_proto_data *)(const void *)event->data;
        if (strcmp(data->link_data.if_name, "nv") != 0)
            continue;
        expect_equal(event->bytes, 32);
        families[count] = data->proto_family;
        remaining[count++] = data->proto_remaining_count;
    }
    expect_equal(count, 4);
    expect(remaining[0] == 1 && remaining[1] == 2 && remaining[2] == 1 && remaining[3] == 0);
    expect(families[0] == PF_INET && families[2] == PF_INET6);
}

static void
a_detaching_interface_is_heard_by_filters_and_programs(void)
{
    begin();
    ifnet_detach(driver.interface);
    expect(strcmp(heard, "f") == 0);
    expect_equal(last_event()->code, KEV_DL_IF_DETACHING);
    scene_pause();
    expect_equal(last_event()->code, KEV_DL_IF_DETACHED);
    ifnet_release(driver.interface);
}

static void
on_darwin10_everybody_hears_detaching(void)
{
    begin();
    ifnet_detach(driver.interface);
    expect(strcmp(heard, "fpd") == 0);
    ifnet_detach_protocol(driver.interface, PF_INET);
    ifnet_release(driver.interface);
}

static void
up_and_down_are_no_events(void)
{
    uint32_t before;

    begin();
    before = ksim_event_count();
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(ksim_event_count(), before);
    end();
}

/* --- limits --------------------------------------------------------------------------------------*/

static void
an_event_must_fit_one_small_mbuf(void)
{
    uint32_t room = ksim_current()->profile->mlen_bytes - 24;

    begin();
    expect_equal(ifnet_event(NULL, NULL), EINVAL);
    expect_equal(ifnet_event(driver.interface, NULL), EINVAL);
    expect_equal(link_on(room), 0);
    memset(heard, 0, sizeof(heard));
    expect_equal(link_on(room + 1), EMSGSIZE);
    expect(strcmp(heard, "fpd") == 0); /* they heard it all the same */
    expect_equal(link_on((uint32_t)-1), EMSGSIZE);
    expect_equal(heard_bytes, 0xffffffffU); /* total_size below the header's: not validated */
    scene_fault("kev_msg_post", 1);
    expect_equal(link_on(24), ENOMEM);
    end();
}

static void
third_parties_post_under_their_own_code(void)
{
    char text[] = "hello", more[] = "more";
    struct kev_msg message;
    u_int32_t vendor = 0;

    memset(&message, 0, sizeof(message));
    expect_equal(kev_msg_post(NULL), EINVAL);
    message.vendor_code = KEV_VENDOR_APPLE;
    expect_equal(kev_msg_post(&message), EINVAL);
    message.vendor_code = 1000;
    expect_equal(kev_msg_post(&message), EINVAL); /* nobody asked for a code yet */
    expect_equal(kev_vendor_code_find(NULL, &vendor), EINVAL);
    expect_equal(kev_vendor_code_find("org.example", NULL), EINVAL);
    expect_equal(kev_vendor_code_find("org.example", &vendor), 0);
    expect_equal(vendor, 1000);
    message.vendor_code = vendor;
    message.kev_class = 3;
    message.dv[0].data_length = 6;
    message.dv[0].data_ptr = text;
    message.dv[1].data_length = 5;
    message.dv[1].data_ptr = more;
    message.dv[3].data_length = 1; /* behind an empty one: not looked at */
    expect_equal(kev_msg_post(&message), 0);
    expect_equal(last_event()->bytes, 11);
    expect(memcmp(last_event()->data, "hello\0more", 11) == 0);
    expect(strcmp(ksim_event_name(last_event()), "event") == 0);
    message.vendor_code = vendor + 1;
    expect_equal(kev_msg_post(&message), EINVAL);
}

static const struct kernel_event *seen;

static void
listener(void *argument)
{
    uint32_t cursor = ksim_event_count();

    (void)argument;
    while ((seen = ksim_event_next(&cursor, 0, 0, 0)) == NULL)
        msleep(ksim_event_channel(), NULL, PZERO, "listener", NULL);
}

static void
a_listener_sleeps_until_the_next_event(void)
{
    begin();
    seen = NULL;
    scene_thread("listener", listener, NULL);
    scene_pause();
    expect(seen == NULL);
    link_on(24);
    scene_pause();
    expect(seen != NULL && seen->code == KEV_DL_LINK_ON);
    expect(ksim_event_at(ksim_event_count()) == NULL);
    end();
}

static void
the_log_keeps_everything(void)
{
    unsigned i;
    uint32_t before;

    begin();
    before = ksim_event_count();
    for (i = 0; i < 200; i++)
        link_on(i);
    expect_equal(ksim_event_count(), before + 200);
    expect_equal(ksim_event_at(before + 150)->bytes, 150);
    end();
}

/* --- misuse --------------------------------------------------------------------------------------*/

static void
posting_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    begin();
    lck_mtx_lock(mutex);
    link_on(24);
}

static void
a_changed_link_address_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    begin();
    lck_mtx_lock(mutex);
    ifnet_set_lladdr(driver.interface, naive_address, 6);
}

const char scene_suite[] = "event";

const struct scene scenes[] = {
    {SCENE(an_event_goes_to_filter_protocol_driver_and_programs), EVERY_RELEASE},
    {SCENE(the_kernels_events_name_the_interface)},
    {SCENE(a_protocol_event_counts_those_that_remain)},
    {SCENE(a_detaching_interface_is_heard_by_filters_and_programs), .darwin = 11,
     .darwin_last = 24},
    {SCENE(on_darwin10_everybody_hears_detaching), .darwin = 10},
    {SCENE(up_and_down_are_no_events)},
    {SCENE(an_event_must_fit_one_small_mbuf), EVERY_RELEASE},
    {SCENE(third_parties_post_under_their_own_code)},
    {SCENE(a_listener_sleeps_until_the_next_event)},
    {SCENE(the_log_keeps_everything)},
    {SCENE(posting_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_event called with"},
    {SCENE(a_changed_link_address_with_a_lock_held_breaks_the_contract),
     .outcome = MACHINE_CONTRACT, .words = "ifnet_set_lladdr called with"},
    {0},
};
