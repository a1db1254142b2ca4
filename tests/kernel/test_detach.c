/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of an interface, and what a driver can do wrong: kpi-ifnet.md sections 4, 5 and 23. */

#include "naive_driver.h"
#include "scene.h"

#include <kern/locks.h>
#include <kern/thread.h>
#include <net/if.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>

static struct naive_driver driver, other;

static void event_missing(struct ifnet_init_params *init) { init->event = NULL; }

/* --- detach --------------------------------------------------------------------------------------*/

static void
the_detacher_runs_the_detached_callback(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    driver.events = 0;
    expect_equal(ifnet_detach(driver.interface), 0);
    expect_equal(driver.detached, 0);
    expect_equal(ifnet_flags(driver.interface) & IFF_UP, 0);
    expect_equal(ifnet_detach(driver.interface), EINVAL);
    expect_equal(ifnet_ioctl(driver.interface, 0, 1, NULL), EOPNOTSUPP);
    scene_pause();
    expect_equal(driver.detached, 1);
    expect(driver.detached_thread != NULL && driver.detached_thread != current_thread());
    expect_equal(driver.events, 0);
    expect_equal(scene_events(KEV_DL_IF_DETACHING), 1);
    expect_equal(scene_events(KEV_DL_IF_DETACHED), 1);
    expect_equal(ifnet_detach(driver.interface), EINVAL);
    expect_equal(ifnet_release(driver.interface), 0);
}

static void
darwin10_runs_the_detached_callback_in_the_caller(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    driver.events = 0;
    expect_equal(ifnet_detach(driver.interface), 0);
    expect_equal(driver.detached, 1);
    expect(driver.detached_thread == current_thread());
    expect_equal(driver.events, 1); /* KEV_DL_IF_DETACHING */
    expect(ifnet_flags(driver.interface) & IFF_UP);
    ifnet_release(driver.interface);
}

static void
darwin10_waits_for_the_last_protocol(void)
{
    ifnet_t found;

    naive_create(&driver, 0);
    naive_protocol_attach(&driver, PF_INET);
    expect_equal(ifnet_detach(driver.interface), 0);
    expect_equal(ifnet_detach(driver.interface), ENXIO);
    expect_equal(driver.detached, 0);
    expect_equal(ifnet_find_by_name("nv0", &found), 0);
    ifnet_release(found);
    expect_equal(ifnet_detach_protocol(driver.interface, PF_INET), 0);
    expect_equal(driver.detached, 1);
    expect(driver.detached_thread == current_thread());
    ifnet_release(driver.interface);
}

static void
send(void *argument)
{
    struct naive_driver *naive = argument;

    ifnet_output_raw(naive->interface, 0, naive_frame(naive, naive_address, 0x0800, 20));
}

static void
detach_waits_for_threads_in_the_driver(void)
{
    naive_create(&driver, 0);
    driver.block_output = 1;
    scene_thread("sender", send, &driver);
    scene_pause();
    expect_equal(driver.outputs, 1);
    expect_equal(ifnet_detach(driver.interface), 0);
    scene_pause();
    expect_equal(driver.detached, 0);
    naive_unblock(&driver);
    scene_pause();
    expect_equal(driver.detached, 1);
    ifnet_release(driver.interface);
}

static void
one_detacher_serves_all_interfaces_in_order(void)
{
    naive_create(&driver, 0);
    naive_create(&other, 1);
    driver.block_output = 1;
    scene_thread("sender", send, &driver);
    scene_pause();
    ifnet_detach(driver.interface);
    ifnet_detach(other.interface);
    scene_pause();
    expect_equal(other.detached, 0);
    naive_unblock(&driver);
    scene_pause();
    expect(driver.detached == 1 && other.detached == 1);
    ifnet_release(driver.interface);
    ifnet_release(other.interface);
}

static void
the_detacher_may_start_late(void)
{
    scene_answer("detacher", 2);
    naive_create(&driver, 0);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(driver.detached, 0);
    naive_destroy(&driver); /* EINVAL now: just releases */
    while (driver.detached == 0)
        scene_pause();
    expect_equal(driver.detached, 1);
}

/* --- misuse --------------------------------------------------------------------------------------*/

static void
waiting_for_a_detach_that_never_drains_hangs(void)
{
    naive_create(&driver, 0);
    driver.block_output = 1;
    scene_thread("sender", send, &driver);
    scene_pause();
    naive_destroy(&driver);
}

static void
attaching_again_without_allocate_panics(void)
{
    naive_create(&driver, 0);
    ifnet_reference(driver.interface);
    naive_destroy(&driver);
    ifnet_attach(driver.interface, NULL);
}

static void
attaching_again_without_allocate_makes_a_black_hole(void)
{
    naive_create(&driver, 0);
    ifnet_detach(driver.interface);
    scene_pause();
    scene_pause();
    driver.events = driver.detached = 0;
    expect_equal(ifnet_attach(driver.interface, NULL), 0);
    expect_equal(driver.events, 0);
    expect_equal(ifnet_output_raw(driver.interface, 0,
                                  naive_frame(&driver, naive_address, 0x0800, 20)), 0);
    expect_equal(driver.outputs, 0);
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(driver.detached, 0);
    ifnet_release(driver.interface);
}

static void
releasing_once_too_often_panics(void)
{
    naive_create(&driver, 0);
    naive_destroy(&driver);
    scene_pause();
    ifnet_release(driver.interface);
}

static void
an_interface_left_attached_is_a_leak(void)
{
    naive_create(&driver, 0);
}

static void
an_interface_left_allocated_is_a_leak(void)
{
    naive_allocate(&driver, 0, NULL);
}

static void
a_reference_left_is_a_leak(void)
{
    naive_create(&driver, 0);
    ifnet_reference(driver.interface);
    naive_destroy(&driver);
}

static void
a_reference_left_on_lo0_is_a_leak(void)
{
    ifnet_t loopback;

    ifnet_find_by_name("lo0", &loopback);
}

static void
attaching_with_a_lock_that_event_may_want_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    naive_allocate(&driver, 0, NULL);
    lck_mtx_lock(mutex);
    ifnet_attach(driver.interface, NULL);
}

static void
detaching_on_darwin10_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    naive_create(&driver, 0);
    lck_mtx_lock(mutex);
    ifnet_detach(driver.interface);
}

static void
allocating_under_a_spin_lock_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_spin_t *spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);

    lck_spin_lock(spin);
    naive_allocate(&driver, 0, NULL);
}

static void
attach_without_event_may_hold_a_lock(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, event_missing);
    lck_mtx_lock(mutex);
    expect_equal(ifnet_attach(driver.interface, NULL), 0);
    lck_mtx_unlock(mutex);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    naive_destroy(&driver);
}

const char scene_suite[] = "detach";

const struct scene scenes[] = {
    {SCENE(the_detacher_runs_the_detached_callback), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_runs_the_detached_callback_in_the_caller), .darwin = 10},
    {SCENE(darwin10_waits_for_the_last_protocol), .darwin = 10},
    {SCENE(detach_waits_for_threads_in_the_driver), .darwin = 11, .darwin_last = 24},
    {SCENE(one_detacher_serves_all_interfaces_in_order), .darwin = 11, .darwin_last = 24},
    {SCENE(the_detacher_may_start_late)},
    {SCENE(waiting_for_a_detach_that_never_drains_hangs), .outcome = MACHINE_HANG,
     .words = "naive_output"},
    {SCENE(attaching_again_without_allocate_panics), .darwin = 17, .darwin_last = 24,
     .outcome = MACHINE_PANIC, .words = "flags mismatch (embryonic not set)"},
    {SCENE(attaching_again_without_allocate_makes_a_black_hole), .darwin = 11, .darwin_last = 16},
    {SCENE(releasing_once_too_often_panics), .darwin = 11, .darwin_last = 24,
     .outcome = MACHINE_PANIC, .words = "negative refcnt for ifp="},
    {SCENE(releasing_once_too_often_panics), .darwin = 10, .outcome = MACHINE_PANIC,
     .words = "refcount decremented past zero"},
    {SCENE(an_interface_left_attached_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "interface nv0 of " NAIVE_BUNDLE " is still attached"},
    {SCENE(an_interface_left_allocated_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "interface nv0 of " NAIVE_BUNDLE " is still allocated"},
    {SCENE(a_reference_left_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "1 references were never released"},
    {SCENE(a_reference_left_on_lo0_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "interface lo0: 1 references were never released"},
    {SCENE(attaching_with_a_lock_that_event_may_want_breaks_the_contract),
     .outcome = MACHINE_CONTRACT, .words = "ifnet_attach called with"},
    {SCENE(detaching_on_darwin10_with_a_lock_held_breaks_the_contract), .darwin = 10,
     .outcome = MACHINE_CONTRACT, .words = "ifnet_detach called with"},
    {SCENE(allocating_under_a_spin_lock_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_allocate: thread"},
    {SCENE(attach_without_event_may_hold_a_lock)},
    {0},
};
