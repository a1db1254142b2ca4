/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface records are never freed but used again: kpi-ifnet.md sections 2.1 and 3.1, and 22. */

#include "naive_driver.h"
#include "scene.h"

#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sockio.h>

static struct naive_driver driver, other;

static void
uniqueid_missing(struct ifnet_init_params *init)
{
    init->uniqueid = NULL;
    init->uniqueid_len = 0;
}

/* With unit 0 it has the same name as the usual interface. */
static void
uniqueid_x(struct ifnet_init_params *init)
{
    init->uniqueid = "x";
    init->uniqueid_len = 1;
}

static void family_ppp(struct ifnet_init_params *init) { init->family = IFNET_FAMILY_PPP; }

static void
detached_missing(struct ifnet_init_params *init)
{
    init->detach = NULL;
}

static void
the_same_uniqueid_is_busy_while_in_use(void)
{
    naive_create(&driver, 0);
    expect_equal(naive_allocate(&other, 0, NULL), EBUSY);
    expect_equal(naive_create(&other, 1), 0);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
another_family_is_another_interface(void)
{
    memset(&other, 0, sizeof(other));
    naive_create(&driver, 0);
    expect_equal(naive_allocate(&other, 0, family_ppp), 0);
    expect(other.interface != driver.interface);
    expect_equal(naive_attach(&other), 0);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
the_same_name_is_busy(void)
{
    naive_create(&driver, 0);
    expect_equal(naive_allocate(&other, 0, uniqueid_x), EBUSY);
    naive_destroy(&driver);
}

static void
the_same_name_is_free_under_another_uniqueid(void)
{
    memset(&other, 0, sizeof(other));
    naive_create(&driver, 0);
    expect_equal(naive_allocate(&other, 0, uniqueid_x), 0);
    expect(other.interface != driver.interface);
    naive_attach(&other);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
no_uniqueid_recycles_a_stranger_and_is_never_busy(void)
{
    ifnet_t first;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, uniqueid_missing);
    naive_attach(&driver);
    first = driver.interface;
    memset(&other, 0, sizeof(other));
    expect_equal(naive_allocate(&other, 1, uniqueid_missing), 0);
    expect(other.interface != first);
    naive_attach(&other);
    naive_destroy(&driver);
    scene_pause();
    memset(&driver, 0, sizeof(driver));
    expect_equal(naive_allocate(&driver, 7, uniqueid_missing), 0);
    expect(driver.interface == first);
    naive_attach(&driver);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
no_uniqueid_is_the_name(void)
{
    ifnet_t first;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, uniqueid_missing);
    naive_attach(&driver);
    first = driver.interface;
    expect_equal(naive_allocate(&other, 0, uniqueid_missing), EBUSY);
    naive_destroy(&driver);
    scene_pause();
    memset(&other, 0, sizeof(other));
    expect_equal(naive_allocate(&other, 1, uniqueid_missing), 0);
    expect(other.interface != first);
    naive_attach(&other);
    naive_destroy(&other);
}

static void
a_release_before_attach_gives_the_record_back(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, NULL);
    ifnet_release(driver.interface);
    expect_equal(driver.detached, 0);
    expect_equal(naive_create(&driver, 0), 0);
    naive_destroy(&driver);
}

/* The kernel's own leak: the audit does not blame the driver for it. */
static void
a_release_before_attach_leaves_the_record_busy_for_ever(void)
{
    naive_allocate(&driver, 0, NULL);
    ifnet_release(driver.interface);
    expect_equal(naive_allocate(&driver, 0, NULL), EBUSY);
}

/* --- what survives -------------------------------------------------------------------------------*/

static void
the_record_its_index_and_its_settings_survive(void)
{
    unsigned char bytes[6];
    ifnet_t first;
    uint32_t index;

    naive_create(&driver, 0);
    first = driver.interface;
    index = ifnet_index(first);
    ifnet_set_mtu(first, 1400);
    ifnet_set_hdrlen(first, 18);
    ifnet_set_baudrate(first, 1000);
    ifnet_set_offload(first, IFNET_CSUM_IP);
    ifnet_set_flags(first, IFF_UP | IFF_OACTIVE, IFF_UP | IFF_OACTIVE);
    expect(strcmp(ifnet_name(first), "nv") == 0);
    naive_destroy(&driver);
    scene_pause();
    memset(&driver, 0, sizeof(driver));
    expect_equal(naive_allocate(&driver, 0, NULL), 0);
    expect(driver.interface == first);
    expect_equal(ifnet_index(first), index);
    expect_equal(ifnet_mtu(first), 1400);
    expect_equal(ifnet_hdrlen(first), 18);
    expect_equal(ifnet_addrlen(first), 6);
    expect_equal(ifnet_baudrate(first), 1000);
    expect(ifnet_flags(first) & IFF_OACTIVE);
    ifnet_set_mtu(first, 1400);
    expect_equal(ifnet_attach(first, NULL), 0);
    expect_equal(ifnet_mtu(first), 1400);
    expect_equal(ifnet_lladdr_copy_bytes(first, bytes, 6), EMSGSIZE); /* no address given: none */
    naive_destroy(&driver);
}

static void
survives(bool up, bool counters, bool promiscuous, bool offload)
{
    struct ifnet_stats_param statistics;

    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    ifnet_set_promiscuous(driver.interface, 1);
    ifnet_set_offload(driver.interface, IFNET_CSUM_IP);
    ifnet_stat_increment_in(driver.interface, 5, 50, 0);
    naive_destroy(&driver);
    scene_pause();
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, NULL);
    expect_equal((ifnet_flags(driver.interface) & IFF_UP) != 0, up);
    expect_equal((ifnet_flags(driver.interface) & IFF_PROMISC) != 0, promiscuous);
    expect_equal(ifnet_offload(driver.interface), offload ? IFNET_CSUM_IP : 0);
    expect_equal(ifnet_attach(driver.interface, NULL), 0);
    ifnet_stat(driver.interface, &statistics);
    expect_equal(statistics.packets_in, counters ? 5 : 0);
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    naive_destroy(&driver);
}

static void darwin10_keeps_up_counters_and_promiscuous(void) { survives(true, true, true, true); }
static void counters_restart_and_promiscuous_stays(void) { survives(false, false, true, true); }
static void promiscuous_goes_since_darwin22(void) { survives(false, false, false, true); }
static void offload_goes_since_darwin24(void) { survives(false, false, false, false); }

static errno_t
rejoin(ifnet_t interface)
{
    static const struct sockaddr_dl group = {.sdl_len = sizeof(group), .sdl_family = AF_LINK,
                                             .sdl_alen = 6, .sdl_data = {1, 0, 0x5e, 0, 0, 9}};

    return ifnet_add_multicast(interface, (const struct sockaddr *)&group, NULL);
}

static void
memberships_are_announced_again_with_the_next_packet(void)
{
    ifmultiaddr_t *list;

    naive_create(&driver, 0);
    expect_equal(rejoin(driver.interface), 0);
    naive_destroy(&driver);
    scene_pause();
    naive_create(&driver, 0);
    ifnet_get_multicast_list(driver.interface, &list);
    expect(list[0] != NULL && list[1] == NULL);
    expect_equal(driver.ioctls, 0);
    ifnet_output_raw(driver.interface, 0, naive_frame(&driver, naive_address, 0x0800, 20));
    expect_equal(driver.ioctls, 1);
    expect_equal(driver.last_command, SIOCADDMULTI);
    expect_equal(driver.ioctls_null, 1);
    ifnet_output_raw(driver.interface, 0, naive_frame(&driver, naive_address, 0x0800, 20));
    expect_equal(driver.ioctls, 1);
    ifnet_remove_multicast(list[0]);
    ifnet_free_multicast_list(list);
    naive_destroy(&driver);
}

static void
darwin10_forgets_memberships(void)
{
    ifmultiaddr_t *list;

    naive_create(&driver, 0);
    expect_equal(rejoin(driver.interface), 0);
    naive_destroy(&driver);
    naive_create(&driver, 0);
    ifnet_get_multicast_list(driver.interface, &list);
    expect(list[0] == NULL);
    ifnet_free_multicast_list(list);
    ifnet_output_raw(driver.interface, 0, naive_frame(&driver, naive_address, 0x0800, 20));
    expect_equal(driver.ioctls, 0);
    naive_destroy(&driver);
}

/* --- races ---------------------------------------------------------------------------------------*/

static errno_t early_allocate;

/* Wakes inside the callback of the old life and starts the next one at once. */
static void
impatient(void *argument)
{
    (void)argument;
    while (driver.detached == 0)
        msleep(&driver.detached, NULL, PZERO, "impatient", NULL);
    scene_answer(NULL, 0);
    ifnet_release(driver.interface);
    driver.detached = 0;
    early_allocate = naive_allocate(&driver, 0, NULL);
    if (early_allocate == 0)
        naive_attach(&driver);
}

static void
allocating_from_the_woken_closer_may_be_busy(void)
{
    naive_create(&driver, 0);
    scene_thread("impatient", impatient, NULL);
    scene_pause();
    scene_answer("after the detached callback", 8);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(early_allocate, EBUSY);
}

static void
allocating_after_the_detacher_slept_works(void)
{
    naive_create(&driver, 0);
    scene_thread("impatient", impatient, NULL);
    scene_pause();
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(early_allocate, 0);
    naive_destroy(&driver);
}

/* R1: the closer is chosen before the input thread that was told to end. */
static void
hurry(ifnet_t interface)
{
    (void)interface;
    driver.detached++;
    wakeup(&driver.detached);
    scene_answer("dispatch", 8);
}

static void
detached_in_a_hurry(struct ifnet_init_params *init)
{
    init->detach = hurry;
}

static void
attach_before_the_input_thread_ended(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, detached_in_a_hurry);
    naive_attach(&driver);
    scene_thread("impatient", impatient, NULL);
    scene_pause();
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(early_allocate, 0);
    naive_destroy(&driver);
}

/* R2: attached again between the callback and the change of state. The record is still in use, so it is
 * the driver that skips allocate. */
static void
attach_at_once(ifnet_t interface)
{
    ifnet_attach(interface, NULL);
}

static void
detached_attaches(struct ifnet_init_params *init)
{
    init->detach = attach_at_once;
    init->type = IFT_OTHER; /* no input thread, so R1 does not come first */
}

static void
attach_from_the_detached_callback(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, detached_attaches);
    naive_attach(&driver);
    ifnet_detach(driver.interface);
    scene_pause();
}

static void
a_driver_without_detached_is_recycled_too(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, detached_missing);
    naive_attach(&driver);
    ifnet_detach(driver.interface);
    ifnet_release(driver.interface);
    scene_pause();
    expect_equal(naive_create(&driver, 0), 0);
    naive_destroy(&driver);
}

const char scene_suite[] = "recycle";

const struct scene scenes[] = {
    {SCENE(the_same_uniqueid_is_busy_while_in_use), EVERY_RELEASE},
    {SCENE(another_family_is_another_interface), EVERY_RELEASE},
    {SCENE(the_same_name_is_busy), .darwin = 17, .darwin_last = 23},
    {SCENE(the_same_name_is_free_under_another_uniqueid), .darwin = 10, .darwin_last = 16},
    {SCENE(the_same_name_is_free_under_another_uniqueid), .darwin = 24},
    {SCENE(no_uniqueid_recycles_a_stranger_and_is_never_busy), .darwin = 10, .darwin_last = 15},
    {SCENE(no_uniqueid_is_the_name), .darwin = 16, .darwin_last = 24},
    {SCENE(a_release_before_attach_gives_the_record_back), .darwin = 17, .darwin_last = 24},
    {SCENE(a_release_before_attach_leaves_the_record_busy_for_ever), .darwin = 10,
     .darwin_last = 16},
    {SCENE(the_record_its_index_and_its_settings_survive), EVERY_RELEASE},
    {SCENE(darwin10_keeps_up_counters_and_promiscuous), .darwin = 10},
    {SCENE(counters_restart_and_promiscuous_stays), .darwin = 11, .darwin_last = 21},
    {SCENE(promiscuous_goes_since_darwin22), .darwin = 22, .darwin_last = 23},
    {SCENE(offload_goes_since_darwin24), .darwin = 24},
    {SCENE(memberships_are_announced_again_with_the_next_packet), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_forgets_memberships), .darwin = 10},
    {SCENE(allocating_from_the_woken_closer_may_be_busy), .darwin = 11, .darwin_last = 24},
    {SCENE(allocating_after_the_detacher_slept_works), .darwin = 11, .darwin_last = 11},
    {SCENE(allocating_after_the_detacher_slept_works), .darwin = 17, .darwin_last = 24},
    {SCENE(attach_before_the_input_thread_ended), .darwin = 12, .darwin_last = 16,
     .outcome = MACHINE_PANIC, .words = "dl_inp->input_waiting == 0"},
    {SCENE(attach_before_the_input_thread_ended), .darwin = 11},
    {SCENE(attach_before_the_input_thread_ended), .darwin = 17, .darwin_last = 24},
    {SCENE(attach_from_the_detached_callback), .darwin = 11, .darwin_last = 15,
     .outcome = MACHINE_PANIC, .words = "flags mismatch (detaching not set)"},
    {SCENE(a_driver_without_detached_is_recycled_too), EVERY_RELEASE},
    {0},
};
